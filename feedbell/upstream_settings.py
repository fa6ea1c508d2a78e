"""What people write in feedbell.toml of upstream feeds, of how they are polled, and of WebSub hubs."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from feedbell.notify_settings import Duration
from feedbell.sections import Section

_Text = Annotated[str, Field(min_length=1, max_length=500)]


def _web_address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is no address of the web; write it like https://example.org/feed.xml")
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ValueError("no user name or password may stand in an address")
    return url


def _place(url: str) -> str:
    if "?" in url or "#" in url:
        raise ValueError(f"{url!r} has a query or a fragment; write it like https://feeds.example.org/")
    return url


WebAddress = Annotated[str, Field(min_length=10, max_length=2000), AfterValidator(_web_address)]


PlaceAddress = Annotated[WebAddress, AfterValidator(_place)]


class CategoryRules(Section):
    """What becomes of the categories of an upstream feed."""

    rename: dict[_Text, _Text] = Field(default_factory=dict)
    drop: tuple[_Text, ...] = ()
    add: tuple[_Text, ...] = ()
    become: Literal["categories", "tags"] = "categories"


class PollingSettings(Section):
    """How upstream feeds are asked for."""

    min_wait: Duration = Field(default="5m", validate_default=True)
    max_wait: Duration = Field(default="1d", validate_default=True)
    hub_wait: Duration = Field(default="6h", validate_default=True)
    deadline_seconds: float = Field(default=30, gt=0, le=600)
    max_bytes: int = Field(default=10_000_000, ge=10_000)
    max_items: int = Field(default=1000, ge=1)
    at_once: int = Field(default=32, ge=1, le=500)
    contact: str | None = Field(default=None, min_length=1, max_length=200, pattern=r"^[!-~]+$")

    @model_validator(mode="after")
    def _has_room(self) -> "PollingSettings":
        if self.min_wait > self.max_wait:
            raise ValueError("min_wait is longer than max_wait; between the two lies how often a feed is polled")
        return self


def _long_enough(lease: timedelta) -> timedelta:
    if lease < timedelta(minutes=1):
        raise ValueError("a subscription lasts a minute at least; write a time such as 10d")
    return lease


class HubSettings(Section):
    """The hub of our own, and public hubs that are told of changed feeds."""

    enabled: bool = False
    ping: tuple[WebAddress, ...] = ()
    lease: Annotated[Duration, AfterValidator(_long_enough)] = Field(default="10d", validate_default=True)
    max_per_host: int = Field(default=200, ge=1)
    max_per_topic: int = Field(default=10_000, ge=1)

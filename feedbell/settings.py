"""What people write in feedbell.toml, read and checked."""

import re
import tomllib
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from core.errors import ConfigurationError
from feedbell.notify_settings import DeliverySettings, EndpointSettings
from feedbell.sections import Chosen, Section
from feedbell.subscriptions import SubscriptionSettings, check_subscriptions
from feedbell.upstream_settings import CategoryRules, HubSettings, PlaceAddress, PollingSettings, WebAddress
from feeds.slugs import distinct_slug, slug_key
from feeds.text_pattern import why_refused

CONFIG_NAME = "feedbell.toml"
TaxonomyName = Literal["category", "tag", "author", "source"]
_UNIT = Annotated[float, Field(gt=0, le=1)]


class SiteSettings(Section):
    """What the site's own configuration does not say, or says otherwise."""

    title: str | None = None
    description: str | None = None
    url: str | None = None
    feeds_url: str | None = None
    language: str | None = None
    timezone: str | None = None
    author: str | None = None


_Keys = Annotated[str, Field(min_length=1)] | Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field()]


class FieldSettings(Section):
    """Which keys of the front matter say what, where the generator leaves that open."""

    title: _Keys | None = None
    date: _Keys | None = None
    updated: _Keys | None = None
    categories: _Keys | None = None
    tags: _Keys | None = None
    author: _Keys | None = None
    summary: _Keys | None = None
    image: _Keys | None = None
    url: _Keys | None = None


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _check_selectors(selectors: tuple[str, ...]) -> tuple[str, ...]:
    if selectors:
        # Slow to load, and few sites have rules.
        from feeds.selectors import why_selector_refused

        for selector in selectors:
            if reason := why_selector_refused(selector):
                raise ValueError(f"{selector!r}: {reason}; write a CSS selector such as `p.footer` or `#related`")
    return selectors


def _check_patterns(patterns: tuple[str, ...], *, needs_name: bool = False) -> tuple[str, ...]:
    for pattern in patterns:
        if reason := why_refused(pattern, needs_name=needs_name):
            raise ValueError(f"{pattern!r}: {reason}")
    return patterns


_Text = Annotated[str, Field(min_length=1, max_length=500)]
_Texts = Annotated[tuple[_Text, ...], BeforeValidator(_as_list), Field(max_length=50)]
_Selectors = Annotated[_Texts, AfterValidator(_check_selectors)]
_Patterns = Annotated[_Texts, AfterValidator(_check_patterns)]


class RuleSettings(Section):
    """What is dropped from the texts of a source and what is taken from them."""

    drop: _Selectors = ()
    drop_text: _Patterns = ()
    via: _Selectors = ()
    via_text: _Patterns = ()
    author: _Selectors = ()
    author_text: Annotated[_Texts, AfterValidator(partial(_check_patterns, needs_name=True))] = ()
    keep_trackers: bool = False


class SourceSettings(Section):
    """A folder of posts, or an upstream feed."""

    name: str = Field(default="site", min_length=1, max_length=200)
    type: Literal["auto", "jekyll", "hugo", "eleventy", "zola", "pelican", "plain", "feed"] = "auto"
    path: Path = Path(".")
    url: WebAddress | None = None
    publish: bool = True
    poll_seconds: int | None = Field(default=None, ge=1)
    max_new: int = Field(default=100, ge=0)
    categories: CategoryRules = CategoryRules()
    content: str | None = None
    url_pattern: str | None = None
    fields: FieldSettings = FieldSettings()
    rules: RuleSettings = RuleSettings()
    drafts: bool = False
    naive_dates: Literal["utc", "site"] = "utc"
    settle_ms: int = Field(default=300, ge=0, le=60_000)
    rescan_seconds: int = Field(default=60, ge=1)
    hold_share: _UNIT = 0.5
    max_bytes: int = Field(default=5_000_000, ge=1)
    follow_links: bool = False

    @property
    def is_feed(self) -> bool:
        """Whether it is an upstream feed."""
        return self.type == "feed"

    @model_validator(mode="before")
    @classmethod
    def _takes_its_name_from_the_address(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("type") == "feed" and "name" not in value:
            with suppress(ValueError):
                return {**value, "name": urlsplit(str(value.get("url"))).hostname or "site"}
        return value

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "SourceSettings":
        if self.is_feed != (self.url is not None):
            raise ValueError('an upstream feed has type = "feed" and its url; a folder has neither')
        foreign = sorted(self.model_fields_set & (_OF_FOLDERS if self.is_feed else _OF_FEEDS))
        if foreign:
            raise ValueError(f"{foreign[0]} is for {'folders' if self.is_feed else 'upstream feeds'}; remove the line")
        return self


_OF_FEEDS = frozenset({"url", "publish", "poll_seconds", "max_new", "categories"})
_OF_FOLDERS = frozenset(
    {"path", "content", "url_pattern", "fields", "drafts", "naive_dates", "settle_ms", "rescan_seconds"}
    | {"hold_share", "max_bytes", "follow_links"}
)


class TermSettings(Section):
    """Which terms of a taxonomy get feeds, and how they are called."""

    only: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    min_posts: int | None = Field(default=None, ge=1)
    labels: dict[str, str] = Field(default_factory=dict)
    excerpt_only: bool | tuple[str, ...] | None = None
    descriptions: dict[str, str] = Field(default_factory=dict)


class ConditionSettings(Section):
    """What posts are compared with, in a selection."""

    categories: Chosen | None = None
    tags: Chosen | None = None
    authors: Chosen | None = None
    words: Chosen | None = None
    language: Chosen | None = None
    source: Chosen | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> "ConditionSettings":
        if not self.model_fields_set:
            raise ValueError("is empty; name categories, tags, authors, words, language or source")
        return self


class SelectionSettings(Section):
    """A feed of the posts that its owner describes."""

    name: str = Field(min_length=1, max_length=100)
    title: str | None = Field(default=None, min_length=1)
    description: str | None = None
    any: ConditionSettings | None = None
    all: ConditionSettings | None = None
    none: ConditionSettings | None = None
    excerpt_only: bool | None = None

    @field_validator("name")
    @classmethod
    def _stands_in_a_url(cls, name: str) -> str:
        slug = distinct_slug(name, lambda _: False)
        if slug != name:
            raise ValueError(f"{name!r} cannot stand in an address as it is; write letters, digits and `-`, no space")
        return name

    @model_validator(mode="after")
    def _chooses(self) -> "SelectionSettings":
        if self.any is None and self.all is None and self.none is None:
            raise ValueError("chooses nothing; give any, all or none")
        return self


class ArchiveSettings(Section):
    """Where posts stand that live feeds do not show any more."""

    enabled: bool = True
    page: int = Field(default=100, ge=1, le=1000)
    taxonomies: tuple[TaxonomyName, ...] = ("category", "tag", "author")


class FeedSettings(Section):
    """Which feeds there are and what they show."""

    taxonomies: tuple[TaxonomyName, ...] = ("category", "tag", "author")
    count: int = Field(default=50, ge=1)
    hours: int = Field(default=48, ge=0)
    limit: int = Field(default=1000, ge=1)
    window: Literal["fixed", "auto"] = "fixed"
    max_bytes: int = Field(default=1_000_000, ge=50_000)
    precompress: tuple[Literal["gzip", "br"], ...] = ()
    tombstone_days: int = Field(default=30, ge=0, le=3650)
    archives: ArchiveSettings = ArchiveSettings()
    languages: tuple[Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")], ...] = ()
    min_posts: int = Field(default=1, ge=1)
    labels_from_tags: bool = True
    excerpt_only: bool | None = None
    category: TermSettings = TermSettings()
    tag: TermSettings = TermSettings()
    author: TermSettings = TermSettings()
    source: TermSettings = TermSettings()
    selections: tuple[SelectionSettings, ...] = ()

    @field_validator("selections")
    @classmethod
    def _names_differ(cls, selections: tuple[SelectionSettings, ...]) -> tuple[SelectionSettings, ...]:
        keys = [slug_key(selection.name) for selection in selections]
        twice = [one.name for one, key in zip(selections, keys, strict=True) if keys.count(key) > 1]
        if twice:
            raise ValueError(f"two have the name {twice[0]!r}; names must differ in more than capitals")
        return selections


class ServeSettings(Section):
    """Where `feedbell run` serves the feeds."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    metrics: bool | None = None


class LogSettings(Section):
    """What is written to standard error, and how."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] | None = None


class Settings(Section):
    """The whole file."""

    site: SiteSettings = SiteSettings()
    database: str | None = None
    output: Path | None = None
    allow_networks: tuple[str, ...] = ()
    public_url: PlaceAddress | None = None
    sources: tuple[SourceSettings, ...] = (SourceSettings(),)
    feeds: FeedSettings = FeedSettings()
    serve: ServeSettings = ServeSettings()
    log: LogSettings = LogSettings()
    polling: PollingSettings = PollingSettings()
    hub: HubSettings = HubSettings()
    deliveries: DeliverySettings = DeliverySettings()
    endpoints: tuple[EndpointSettings, ...] = ()
    subscriptions: tuple[SubscriptionSettings, ...] = ()

    @field_validator("feeds", mode="before")
    @classmethod
    def _selections_alone(cls, value: Any) -> Any:
        # `[[feeds]]` is the short spelling of `[[feeds.selections]]`.
        return {"selections": value} if isinstance(value, list) else value

    @field_validator("sources", "endpoints")
    @classmethod
    def _names_differ(cls, values: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [value.name for value in values]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two have the name {twice[0]!r}; names must differ: write `name = ` for each")
        return values

    @model_validator(mode="after")
    def _hub_has_an_address(self) -> "Settings":
        if self.hub.enabled and self.public_url is None:
            raise ValueError(
                'hub.enabled needs public_url, the address of our server, such as "https://feeds.example.org"'
            )
        return self

    @model_validator(mode="after")
    def _subscriptions_fit(self) -> "Settings":
        check_subscriptions(
            self.subscriptions,
            endpoints=[endpoint.name for endpoint in self.endpoints],
            selections=[selection.name for selection in self.feeds.selections],
        )
        return self


def read_settings(path: Path) -> Settings:
    """Read a feedbell.toml. Raises ConfigurationError that names each wrong key and what to do."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    if not text:
        raise ConfigurationError(f"{path}: is empty, as a file is while it is written; remove it to use the defaults")
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not TOML: {error}{_hint(text)}") from error
    except ValidationError as error:
        raise ConfigurationError("\n".join(_told(path, error))) from None


_BOTH_FEEDS = (re.compile(r"^\s*\[\[\s*feeds\s*\]\]", re.MULTILINE), re.compile(r"^\s*\[\s*feeds\s*[].]", re.MULTILINE))


def _hint(text: str) -> str:
    if all(spelling.search(text) for spelling in _BOTH_FEEDS):
        return ". A file cannot have both [feeds] and [[feeds]]: write [[feeds.selections]] for each selection"
    return ""


def _told(path: Path, error: ValidationError) -> list[str]:
    # The input is left out: it may be a secret.
    lines = []
    problems = error.errors(include_input=False, include_url=False)
    for problem in problems:
        within = (other["loc"] for other in problems if len(other["loc"]) > len(problem["loc"]))
        # A list whose only item is wrong counts as empty, which is no second mistake.
        if problem["type"] == "too_short" and any(loc[: len(problem["loc"])] == problem["loc"] for loc in within):
            continue
        where = ".".join(str(part) for part in problem["loc"]) or "the file"
        what = "unknown key; see config/feedbell.example.toml for every key"
        if problem["type"] != "extra_forbidden":
            what = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{path}: {where}: {what}")
    return lines

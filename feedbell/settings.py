"""What people write in feedbell.toml, read and checked."""

import os
import re
import tomllib
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from core.errors import ConfigurationError
from feeds.slugs import distinct_slug, slug_key
from feeds.text_pattern import why_refused

CONFIG_NAME = "feedbell.toml"
Events = Literal["post.published", "post.updated", "post.withdrawn"]
TaxonomyName = Literal["category", "tag", "author", "source"]
# An empty list would match nothing, which nobody means.
_Chosen = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
_UNIT = Annotated[float, Field(gt=0, le=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteSettings(_Section):
    """What the site's own configuration does not say, or says otherwise."""

    title: str | None = None
    description: str | None = None
    url: str | None = None
    feeds_url: str | None = None
    language: str | None = None
    timezone: str | None = None
    author: str | None = None


_Keys = Annotated[str, Field(min_length=1)] | Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field()]


class FieldSettings(_Section):
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


class RuleSettings(_Section):
    """What is dropped from the texts of a source and what is taken from them."""

    drop: _Selectors = ()
    drop_text: _Patterns = ()
    via: _Selectors = ()
    via_text: _Patterns = ()
    author: _Selectors = ()
    author_text: Annotated[_Texts, AfterValidator(partial(_check_patterns, needs_name=True))] = ()
    keep_trackers: bool = False


class SourceSettings(_Section):
    """A folder of posts."""

    name: str = "site"
    type: Literal["auto", "jekyll", "hugo", "eleventy", "zola", "pelican", "plain"] = "auto"
    path: Path = Path(".")
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


class TermSettings(_Section):
    """Which terms of a taxonomy get feeds, and how they are called."""

    only: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    min_posts: int | None = Field(default=None, ge=1)
    labels: dict[str, str] = {}
    excerpt_only: bool | tuple[str, ...] | None = None
    descriptions: dict[str, str] = {}


class ConditionSettings(_Section):
    """What posts are compared with, in a selection."""

    categories: _Chosen | None = None
    tags: _Chosen | None = None
    authors: _Chosen | None = None
    words: _Chosen | None = None
    language: _Chosen | None = None
    source: _Chosen | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> "ConditionSettings":
        if not self.model_fields_set:
            raise ValueError("is empty; name categories, tags, authors, words, language or source")
        return self


class SelectionSettings(_Section):
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


class ArchiveSettings(_Section):
    """Where posts stand that live feeds do not show any more."""

    enabled: bool = True
    page: int = Field(default=100, ge=1, le=1000)
    taxonomies: tuple[TaxonomyName, ...] = ("category", "tag", "author")


class FeedSettings(_Section):
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


class ServeSettings(_Section):
    """Where `feedbell run` serves the feeds."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)


class SecretSource(_Section):
    """A secret that stands elsewhere."""

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "SecretSource":
        if (self.env is None) == (self.file is None):
            raise ValueError("give either env or file")
        return self


Secret = SecretStr | SecretSource


class EndpointSettings(_Section):
    """Whom to tell."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[\w.-]+$")
    url: SecretStr  # may hold a token
    secret: Secret | tuple[Secret, ...]
    content: bool = False
    timeout_seconds: float = Field(default=20, gt=0, le=120)


class SubscriptionSettings(_Section):
    """What an endpoint is told; what is left out means all."""

    endpoint: str
    sources: _Chosen | None = None
    categories: _Chosen | None = None
    tags: _Chosen | None = None
    authors: _Chosen | None = None
    selections: _Chosen | None = None
    words: _Chosen | None = None
    events: Annotated[tuple[Events, ...], Field(min_length=1)] | None = None


class DeliverySettings(_Section):
    """How deliveries are sent and how long they are remembered."""

    retry_seconds: tuple[float, ...] = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
    workers: int = Field(default=32, ge=1, le=512)
    keep_days: int = Field(default=30, ge=1)


class Settings(_Section):
    """The whole file."""

    site: SiteSettings = SiteSettings()
    database: str | None = None
    output: Path | None = None
    allow_networks: tuple[str, ...] = ()
    sources: tuple[SourceSettings, ...] = (SourceSettings(),)
    feeds: FeedSettings = FeedSettings()
    serve: ServeSettings = ServeSettings()
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
            raise ValueError(f"two have the name {twice[0]!r}; names must differ")
        return values

    @model_validator(mode="after")
    def _endpoints_exist(self) -> "Settings":
        names = {endpoint.name for endpoint in self.endpoints}
        for subscription in self.subscriptions:
            if subscription.endpoint not in names:
                raise ValueError(f"subscriptions: no endpoint is called {subscription.endpoint!r}")
            for name in subscription.selections or ():
                if name not in {selection.name for selection in self.feeds.selections}:
                    raise ValueError(f"subscriptions: no selection is called {name!r}")
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
    for problem in error.errors(include_input=False, include_url=False):
        where = ".".join(str(part) for part in problem["loc"]) or "the file"
        what = "unknown key; see config/feedbell.example.toml for every key"
        if problem["type"] != "extra_forbidden":
            what = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{path}: {where}: {what}")
    return lines


def reveal(secret: Secret, folder: Path, endpoint: str) -> str:
    """Return a secret's value; files are looked for beside the configuration.

    Raises ConfigurationError, which never shows the secret.
    """
    if isinstance(secret, SecretStr):
        return secret.get_secret_value()
    if secret.env is not None:
        value = os.environ.get(secret.env)
        if not value:
            raise ConfigurationError(f"endpoints.{endpoint}.secret: the environment has no {secret.env}; set it")
        return value.strip()
    assert secret.file is not None  # the validator saw to it
    try:
        return (folder / secret.file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"endpoints.{endpoint}.secret: cannot read {secret.file}: {error}") from error

"""What people ask for in a subscription, and why an event is not for it."""

from dataclasses import dataclass
from enum import StrEnum

# The notifier's own event: an endpoint has no category, so that only the type of the event is looked at.
ENDPOINT_DISABLED = "endpoint.disabled"


class Reason(StrEnum):
    """By what an event was filtered. The kinds of facts have the same names."""

    EVENT = "event"
    SOURCE = "source"
    CATEGORY = "category"
    TAG = "tag"
    AUTHOR = "author"
    SELECTION = "selection"
    LANGUAGE = "language"
    WORDS = "words"
    PATTERNS = "patterns"
    ANY = "any"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What events are compared with; None asks for nothing, an empty list is met by nothing.

    Names may have wildcards, a language is met by its regional forms, patterns are regular expressions for the text.
    """

    sources: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    authors: tuple[str, ...] | None = None
    selections: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    words: tuple[str, ...] | None = None
    patterns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Condition):
    """Which events go to an endpoint. Within a list of its own any value matches, and every list must match."""

    endpoint: str
    name: str = ""
    digest: str | None = None  # when to send what matches together: see `schedule`
    digest_count: int | None = None  # or as soon as so many wait
    events: tuple[str, ...] | None = None  # None: all, but not those that are about endpoints
    any: Condition | None = None  # one thing of it is met
    all: Condition | None = None  # everything
    none: Condition | None = None  # nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Whether a subscription takes an event, and if not, what it asked for and what the event has instead."""

    subscription: str
    endpoint: str
    reason: Reason | None = None  # None: it takes the event
    wanted: tuple[str, ...] = ()  # in the parts `any`, `all`, `none` with their kind before them, as `tag advert`
    found: tuple[str, ...] = ()  # of the same kind; empty for words, patterns and parts

    @property
    def takes(self) -> bool:
        """Whether the subscription takes the event."""
        return self.reason is None

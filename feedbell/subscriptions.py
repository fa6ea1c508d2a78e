"""What people write in `[[subscriptions]]`, read, checked, and given to the notifier."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from core.wildcards import Wildcards
from feedbell.sections import Chosen, Section, read_by
from notifier.schedule import cron_of
from notifier.subscription import Condition, Subscription

Events = Literal["post.published", "post.updated", "post.withdrawn", "endpoint.disabled"]
_PARTS = ("any", "all", "none")


def _check_patterns(patterns: tuple[str, ...]) -> tuple[str, ...]:
    # Slow to load, and few subscriptions have patterns.
    from notifier.patterns import why_refused

    for pattern in patterns:
        if reason := why_refused(pattern):
            raise ValueError(f"{pattern!r}: {reason}")
    return patterns


_Pattern = Annotated[str, Field(min_length=1, max_length=1000)]
_Patterns = Annotated[tuple[_Pattern, ...], Field(min_length=1, max_length=50), AfterValidator(_check_patterns)]


class _Lists(Section):
    sources: Chosen | None = None
    categories: Chosen | None = None
    tags: Chosen | None = None
    authors: Chosen | None = None
    selections: Chosen | None = None
    languages: Chosen | None = None
    words: Chosen | None = None
    patterns: _Patterns | None = None


class ChoiceSettings(_Lists):
    """What events are compared with, in `any`, `all` or `none` of a subscription."""

    @model_validator(mode="after")
    def _asks_something(self) -> "ChoiceSettings":
        if not self.model_fields_set:
            raise ValueError(f"is empty; name {', '.join(type(self).model_fields)}")
        return self


class SubscriptionSettings(_Lists):
    """What an endpoint is told; what is left out means all."""

    endpoint: str
    name: str | None = Field(default=None, min_length=1, max_length=100, pattern=r"^[\w.-]+$")
    events: Annotated[tuple[Events, ...], Field(min_length=1)] = ("post.published",)
    digest: Annotated[str, AfterValidator(read_by(cron_of))] | None = None
    digest_count: int | None = Field(default=None, ge=2, le=1000)
    any: ChoiceSettings | None = None
    all: ChoiceSettings | None = None
    none: ChoiceSettings | None = None

    @property
    def selections_named(self) -> list[str]:
        """The selections that it speaks of, in whatever part."""
        parts = (self, self.any, self.all, self.none)
        return [name for part in parts if part is not None for name in part.selections or ()]


def subscription_names(subscriptions: Iterable[SubscriptionSettings]) -> list[str]:
    """Return the name of each: its own, else its endpoint's, with `-2`, `-3` for that endpoint's further ones."""
    number: Counter[str] = Counter()
    names = []
    for subscription in subscriptions:
        endpoint = subscription.endpoint
        number[endpoint] += 1
        names.append(subscription.name or (endpoint if number[endpoint] == 1 else f"{endpoint}-{number[endpoint]}"))
    return names


def check_subscriptions(
    subscriptions: Sequence[SubscriptionSettings], endpoints: Iterable[str], selections: Iterable[str]
) -> None:
    """Raise ValueError where subscriptions speak of what there is not, or two have one name."""
    known_endpoints, known_selections = set(endpoints), list(selections)
    for subscription in subscriptions:
        if subscription.endpoint not in known_endpoints:
            raise ValueError(f"subscriptions: no endpoint is called {subscription.endpoint!r}")
        for name in subscription.selections_named:
            wanted = Wildcards([name])
            if not any(selection in wanted for selection in known_selections):
                raise ValueError(f"subscriptions: no selection is called {name!r}")
    names = Counter(subscription_names(subscriptions))
    twice = next((name for name, number in names.items() if number > 1), None)
    if twice is not None:
        raise ValueError(f"subscriptions: two have the name {twice!r}; give one of them another `name`")


def subscriptions_of(settings: Sequence[SubscriptionSettings]) -> list[Subscription]:
    """Return subscriptions as the notifier takes them, in their order."""
    return [_subscription(one, name) for one, name in zip(settings, subscription_names(settings), strict=True)]


def _subscription(settings: SubscriptionSettings, name: str) -> Subscription:
    values: dict[str, Any] = settings.model_dump(exclude={"name", *_PARTS})
    for part in _PARTS:
        asked = getattr(settings, part)
        values[part] = Condition(**asked.model_dump()) if asked is not None else None
    return Subscription(name=name, **values)

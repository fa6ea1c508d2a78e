"""Which endpoints get an event."""

import unicodedata
from collections.abc import Iterable

from core.words import Words, folded
from notifier.model import Event, Facts, Subscription


class Matcher:
    """Subscriptions made ready to be compared with many events."""

    def __init__(self, subscriptions: Iterable[Subscription]) -> None:
        self._prepared = [_Prepared(subscription) for subscription in subscriptions]

    @property
    def reads_text(self) -> bool:
        """Whether a subscription chooses by words, so that events need their text."""
        return any(prepared.words is not None for prepared in self._prepared)

    def endpoints(self, event: Event) -> tuple[str, ...]:
        """Return the names of the endpoints that get the event, each once, in the order of the subscriptions."""
        values = {kind: {_composed(value) for value in given} for kind, given in event.facts.values.items()}
        text = folded(event.facts.text) if self.reads_text else ""
        found = (prepared.endpoint for prepared in self._prepared if prepared.matches(event.type, values, text))
        return tuple(dict.fromkeys(found))


def facts_of(text: str, **values: Iterable[str]) -> Facts:
    """Return facts with their values as tuples, each once."""
    return Facts(values={kind: tuple(dict.fromkeys(given)) for kind, given in values.items()}, text=text)


class _Prepared:
    __slots__ = ("endpoint", "events", "lists", "words")

    def __init__(self, subscription: Subscription) -> None:
        lists = {
            "source": subscription.sources,
            "category": subscription.categories,
            "tag": subscription.tags,
            "author": subscription.authors,
            "selection": subscription.selections,
        }
        self.endpoint = subscription.endpoint
        self.events = None if subscription.events is None else frozenset(subscription.events)
        self.lists = [
            (kind, {_composed(value) for value in given}) for kind, given in lists.items() if given is not None
        ]
        self.words = None if subscription.words is None else Words(subscription.words)

    def matches(self, event_type: str, values: dict[str, set[str]], text: str) -> bool:
        if self.events is not None and event_type not in self.events:
            return False
        if any(wanted.isdisjoint(values.get(kind, ())) for kind, wanted in self.lists):
            return False
        return self.words is None or self.words.any_in(text)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)

"""Which endpoints get an event, and why the others do not. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from notifier.model import Event, Facts
from notifier.questions import Question, Seen, TextOf, Values, questions, single_questions
from notifier.subscription import ENDPOINT_DISABLED, Condition, Explanation, Reason, Subscription


class Matcher:
    """Subscriptions made ready to be compared with many events.

    The text of what an event is about is `text_of()`, else that of its facts; it is asked for only where nothing
    cheaper decides.
    """

    def __init__(self, subscriptions: Iterable[Subscription]) -> None:
        self._prepared = [_Prepared(subscription) for subscription in subscriptions]

    @property
    def reads_text(self) -> bool:
        """Whether a subscription chooses by words or patterns, so that events may need their text."""
        return any(prepared.reads_text for prepared in self._prepared)

    def subscriptions(self, event: Event, text_of: TextOf | None = None) -> list[Subscription]:
        """Return the subscriptions that take the event, in their order."""
        seen = _seen(event, text_of)
        return [prepared.subscription for prepared in self._prepared if prepared.takes(event.type, seen)]

    def endpoints(self, event: Event, text_of: TextOf | None = None) -> tuple[str, ...]:
        """Return the names of the endpoints that get the event, each once, in the order of the subscriptions."""
        return tuple(dict.fromkeys(one.endpoint for one in self.subscriptions(event, text_of)))

    def explain(self, event: Event, text_of: TextOf | None = None) -> tuple[Explanation, ...]:
        """Say of each subscription whether it takes the event, and if not, the first reason why."""
        seen = _seen(event, text_of)
        return tuple(prepared.explain(event.type, seen) for prepared in self._prepared)


def facts_of(text: str, **values: Iterable[str]) -> Facts:
    """Return facts with their values as tuples, each once."""
    return Facts(values={kind: tuple(dict.fromkeys(given)) for kind, given in values.items()}, text=text)


def _seen(event: Event, text_of: TextOf | None) -> Seen:
    return Seen(event.facts, text_of or (lambda: event.facts.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    reason: Reason
    wanted: Values
    found: Values = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """One thing that a subscription asks; `refusal` says why an event that does not meet it is refused."""

    reads_text: bool
    met_by: Callable[[Seen], bool]
    refusal: Callable[[Seen], _Refusal]


class _Prepared:
    __slots__ = ("_checks", "_events", "_name", "endpoint", "reads_text", "subscription")

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.endpoint = subscription.endpoint
        self._name = subscription.name or subscription.endpoint
        self._events = subscription.events
        checks = [_of_list(question) for question in questions(subscription)]
        parts = ((subscription.any, _of_any), (subscription.all, _of_all), (subscription.none, _of_none))
        checks += [prepare(part) for part, prepare in parts if part is not None]
        # What needs the text comes last: something cheaper may decide.
        self._checks = sorted(checks, key=lambda check: check.reads_text)
        self.reads_text = any(check.reads_text for check in checks)

    def takes(self, event_type: str, seen: Seen) -> bool:
        return self._wants(event_type) and self._unmet(event_type, seen) is None

    def explain(self, event_type: str, seen: Seen) -> Explanation:
        if not self._wants(event_type):
            return self._explained(_Refusal(reason=Reason.EVENT, wanted=self._events or (), found=(event_type,)))
        unmet = self._unmet(event_type, seen)
        if unmet is None:
            return Explanation(subscription=self._name, endpoint=self.endpoint)
        return self._explained(unmet.refusal(seen))

    def _wants(self, event_type: str) -> bool:
        if self._events is None:
            return event_type != ENDPOINT_DISABLED
        return event_type in self._events

    def _unmet(self, event_type: str, seen: Seen) -> _Check | None:
        if event_type == ENDPOINT_DISABLED:
            return None
        for check in self._checks:
            if not check.met_by(seen):
                return check
        return None

    def _explained(self, refusal: _Refusal) -> Explanation:
        return Explanation(
            subscription=self._name,
            endpoint=self.endpoint,
            reason=refusal.reason,
            wanted=refusal.wanted,
            found=refusal.found,
        )


def _of_list(question: Question) -> _Check:
    return _Check(
        reads_text=question.reads_text,
        met_by=question.met_by,
        refusal=lambda seen: _Refusal(reason=question.kind, wanted=question.wanted, found=seen.of(question.kind)),
    )


def _of_any(condition: Condition) -> _Check:
    asked = questions(condition)
    return _Check(
        reads_text=_read_text(asked),
        met_by=lambda seen: any(question.met_by(seen) for question in asked),
        refusal=lambda _: _Refusal(reason=Reason.ANY, wanted=_named(asked)),
    )


def _of_all(condition: Condition) -> _Check:
    asked = single_questions(condition)
    return _Check(
        reads_text=_read_text(asked),
        met_by=lambda seen: all(question.met_by(seen) for question in asked),
        refusal=lambda seen: _Refusal(reason=Reason.ALL, wanted=_first(asked, seen, met=False)),
    )


def _of_none(condition: Condition) -> _Check:
    asked, singly = questions(condition), single_questions(condition)
    return _Check(
        reads_text=_read_text(asked),
        met_by=lambda seen: not any(question.met_by(seen) for question in asked),
        refusal=lambda seen: _Refusal(reason=Reason.NONE, wanted=_first(singly, seen, met=True)),
    )


def _read_text(asked: Iterable[Question]) -> bool:
    return any(question.reads_text for question in asked)


def _first(asked: Iterable[Question], seen: Seen, *, met: bool) -> Values:
    return _named([next(question for question in asked if question.met_by(seen) is met)])


def _named(asked: Iterable[Question]) -> Values:
    return tuple(f"{question.kind} {value}" for question in asked for value in question.wanted)

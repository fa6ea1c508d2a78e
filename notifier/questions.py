"""Single questions that conditions ask of an event, the cheap ones first. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.languages import is_of
from core.wildcards import Wildcards, composed
from core.words import Words, folded
from notifier.model import Facts
from notifier.subscription import Condition, Reason

TextOf = Callable[[], str]  # the text of what an event is about, which is costly
Values = tuple[str, ...]


class Seen:
    """An event as questions see it; the text is asked for once, when a question needs it."""

    def __init__(self, facts: Facts, text_of: TextOf) -> None:
        self._facts = facts
        self._text_of = text_of
        self._names: dict[Reason, frozenset[str]] = {}

    def of(self, kind: Reason) -> Values:
        """Return the values of a kind."""
        return self._facts.values.get(kind, ())

    def names(self, kind: Reason) -> frozenset[str]:
        """Return the values of a kind as they are compared with lists."""
        if kind not in self._names:
            self._names[kind] = frozenset(map(composed, self.of(kind)))
        return self._names[kind]

    @cached_property
    def _text(self) -> str:
        return self._text_of()

    @cached_property
    def folded(self) -> str:
        """The text as words are looked for in it."""
        return folded(self._text)

    @cached_property
    def encoded(self) -> bytes:
        """The text as patterns are looked for in it."""
        from notifier.patterns import encoded

        return encoded(self._text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether an event meets one of the wanted values of a kind."""

    kind: Reason
    wanted: Values
    met_by: Callable[[Seen], bool]

    @property
    def reads_text(self) -> bool:
        """Whether it needs the text."""
        return self.kind in (Reason.WORDS, Reason.PATTERNS)


def questions(condition: Condition) -> list[Question]:
    """Return a question for each list, met by any value of it."""
    return [_question(kind, wanted) for kind, wanted in _lists(condition)]


def single_questions(condition: Condition) -> list[Question]:
    """Return a question for each value of each list."""
    return [_question(kind, (value,)) for kind, wanted in _lists(condition) for value in wanted]


def _lists(condition: Condition) -> Iterator[tuple[Reason, Values]]:
    lists = {
        Reason.SOURCE: condition.sources,
        Reason.CATEGORY: condition.categories,
        Reason.TAG: condition.tags,
        Reason.AUTHOR: condition.authors,
        Reason.SELECTION: condition.selections,
        Reason.LANGUAGE: condition.languages,
        Reason.WORDS: condition.words,
        Reason.PATTERNS: condition.patterns,
    }
    return ((kind, wanted) for kind, wanted in lists.items() if wanted is not None)


def _question(kind: Reason, wanted: Values) -> Question:
    return Question(kind=kind, wanted=wanted, met_by=_test(kind, wanted))


def _test(kind: Reason, wanted: Sequence[str]) -> Callable[[Seen], bool]:
    match kind:
        case Reason.WORDS:
            words = Words(wanted)
            return lambda seen: words.any_in(seen.folded)
        case Reason.PATTERNS:
            # Slow to load, and few subscriptions have patterns.
            from notifier.patterns import Patterns

            patterns = Patterns(wanted)
            return lambda seen: patterns.any_in(seen.encoded)
        case Reason.LANGUAGE:
            return lambda seen: any(is_of(one, language) for one in seen.of(kind) for language in wanted)
    names = Wildcards(wanted)
    return lambda seen: names.any_of(seen.names(kind))

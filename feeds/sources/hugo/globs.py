"""Glob patterns as Hugo's configuration has them: `*` stays within a folder, `**` does not, `{a,b}` is either.

A pattern is followed through all its possibilities at once, as a site may hold one that takes a regular expression
of Python's for ever.
"""

import re
from collections.abc import Callable
from functools import lru_cache

_LENGTH_LIMIT = 500
_STEPS_KEPT = 2_000

_Test = Callable[[str], bool]


class _NoPatternError(Exception):
    """The text is no pattern."""


class _Glob:
    """A pattern as an automaton. A set of its states is the bits of a number; the last state is the end."""

    def __init__(self, pattern: str) -> None:
        program = _Program(pattern)
        self._tests = program.tests
        reached = [_reached(program.ways, state) for state in range(len(program.tests) + 1)]
        self._follow = [0 if test is None else reached[state + 1] for state, test in enumerate(program.tests)]
        for state, start in program.loops.items():
            self._follow[state] = reached[start]
        self._first = reached[0]
        self._end = 1 << len(program.tests)
        self._known: dict[tuple[int, str], int] = {}

    def matches(self, text: str) -> bool:
        states = self._first
        for character in text:
            following = self._known.get((states, character))
            if following is None:
                following = self._step(states, character)
            if not following:
                return False
            states = following
        return states & self._end != 0

    def _step(self, states: int, character: str) -> int:
        following = 0
        for state, test in enumerate(self._tests):
            if test is not None and states >> state & 1 and test(character):
                following |= self._follow[state]
        if len(self._known) >= _STEPS_KEPT:
            self._known.clear()
        self._known[states, character] = following
        return following


class _Program:
    """The states of a pattern: each with a test for one character, or with ways to go on without one."""

    def __init__(self, pattern: str) -> None:
        self.tests: list[_Test | None] = []
        self.ways: dict[int, list[int]] = {}
        self.loops: dict[int, int] = {}  # a state to the one that it goes back to
        self._open: list[tuple[int, list[int]]] = []  # braces, each with its commas
        position = 0
        while position < len(pattern):
            position = self._piece(pattern, position)
        if self._open:
            raise _NoPatternError

    def _piece(self, pattern: str, position: int) -> int:
        """Add what stands at `position`; return where the next piece begins."""
        character = pattern[position]
        if character == "*":
            end = position
            while end < len(pattern) and pattern[end] == "*":
                end += 1
            self._repeated(_any if end - position > 1 else _no_slash)
            return end
        if character == "?":
            self.tests.append(_no_slash)
            return position + 1
        if character == "\\" and position + 1 < len(pattern):
            self.tests.append(pattern[position + 1].__eq__)
            return position + 2
        end = pattern.find("]", position + 2) if character == "[" else -1
        if end > 0:
            self.tests.append(_one_of(pattern[position + 1 : end]))
            return end + 1
        self._brace_or_character(character)
        return position + 1

    def _repeated(self, test: _Test) -> None:
        start = len(self.tests)
        self.tests += [None, test]
        self.ways[start] = [start + 1, start + 2]
        self.loops[start + 1] = start

    def _brace_or_character(self, character: str) -> None:
        state = len(self.tests)
        if character == "{":
            self._open.append((state, []))
            self.ways[state] = [state + 1]
        elif self._open and character == ",":
            start, commas = self._open[-1]
            self.ways[start].append(state + 1)
            commas.append(state)
        elif self._open and character == "}":
            self.ways |= {comma: [state] for comma in self._open.pop()[1]} | {state: [state + 1]}
        else:
            self.tests.append(character.__eq__)
            return
        self.tests.append(None)


def glob_matches(pattern: str, text: str) -> bool:
    """Whether the whole text, in any case, is what the pattern describes. What is no pattern describes nothing."""
    glob = _glob(pattern)
    return glob is not None and glob.matches(text.lower())


@lru_cache(maxsize=512)
def _glob(pattern: str) -> _Glob | None:
    """Return a pattern in lower case; None for one that is no pattern or too long."""
    pattern = pattern.lower()
    if len(pattern) > _LENGTH_LIMIT:
        return None
    try:
        return _Glob(pattern)
    except _NoPatternError:
        return None


def _reached(ways: dict[int, list[int]], state: int) -> int:
    """The states that can be reached from one without a character, itself among them."""
    found = 1 << state
    waiting = [state]
    while waiting:
        for following in ways.get(waiting.pop(), ()):
            if not found >> following & 1:
                found |= 1 << following
                waiting.append(following)
    return found


def _any(_character: str) -> bool:
    return True


def _no_slash(character: str) -> bool:
    return character != "/"


def _one_of(inner: str) -> _Test:
    negated = inner[:1] == "!"
    try:
        expression = re.compile(f"[{'^' if negated else ''}{_in_class(inner[negated:])}]", re.DOTALL)
    except re.error as error:
        raise _NoPatternError from error
    return lambda character: expression.match(character) is not None


def _in_class(inner: str) -> str:
    return inner.replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^").replace("]", "\\]")

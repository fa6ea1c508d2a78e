"""Regular expressions that take time linear in the text, whatever they are: those of RE2."""

import unicodedata
from collections.abc import Iterable

import re2

from core.errors import ConfigurationError

# Of one expression. It bounds the time as well: RE2 needs time in the size of the program times that of the text.
_MEMORY = 1 << 20
_LOOKING_AROUND = ("(?=", "(?!", "(?<")
_INSTEAD = "write it without looking around, backreferences, atomic groups or possessive repetition"


class Patterns:
    """Regular expressions made ready to be looked for in many texts.

    `.` matches no line break, `^` and `$` are the ends of the whole text, unless the expression says otherwise, as
    `(?m)` and `(?s)` do; capitals count unless it says `(?i)`. Raises ConfigurationError for one that is refused.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._compiled = [_compiled(pattern) for pattern in dict.fromkeys(patterns)]

    def any_in(self, text: bytes) -> bool:
        """Tell whether one of them matches somewhere in a text, given as `encoded`."""
        return any(pattern.search(text) is not None for pattern in self._compiled)


def encoded(text: str) -> bytes:
    """Return a text as patterns are looked for in it: compositions of the same character are equal."""
    composed = text if text.isascii() else unicodedata.normalize("NFC", text)
    return composed.encode("utf-8", "surrogatepass")


def why_refused(pattern: str) -> str | None:
    """Return why a regular expression cannot be used, in a sentence; None if it can."""
    try:
        compiled = _compile(pattern)
    except re2.error as error:
        return _sentence(error)
    if compiled.search(b"") is not None:
        return "it would match every text; write one that matches no empty text"
    return None


def _compiled(pattern: str) -> re2._Regexp:
    reason = why_refused(pattern)
    if reason is not None:
        raise ConfigurationError(f"{pattern!r}: {reason}")
    return _compile(pattern)


def _compile(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    options.never_capture = True
    return re2.compile(encoded(pattern), options)


def _sentence(error: re2.error) -> str:
    said = error.args[0]
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    what, _, where = text.partition(": ")
    if what == "invalid perl operator" and where.startswith(_LOOKING_AROUND):
        return f"{where} looks ahead or behind, which takes unbounded time; {_INSTEAD}"
    if what == "invalid escape sequence" and where[1:2].isdigit():
        return f"{where} refers back to a group, which takes unbounded time; {_INSTEAD}"
    if what.startswith("pattern too large"):
        return "it needs too much memory; repeat less in it"
    return f"{text}; see https://github.com/google/re2/wiki/Syntax for what may be written"

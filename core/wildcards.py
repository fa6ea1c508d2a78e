"""Lists of names with `*` and `?` in them. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Set


class Wildcards:
    """Names as people list them: `*` stands for any characters, `?` for one, and the whole name has to match.

    Compositions of the same character are equal (Unicode NFC); capitals are not.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        wanted = {composed(pattern) for pattern in patterns}
        globs = sorted(pattern for pattern in wanted if "*" in pattern or "?" in pattern)
        self._exact = wanted.difference(globs)
        self._globs = re.compile("|".join(map(_expression, globs)), re.DOTALL) if globs else None

    def __contains__(self, name: str) -> bool:
        return self.any_of({composed(name)})

    def any_of(self, names: Set[str]) -> bool:
        """Tell whether one of the names, given `composed`, is in the list: many lists are compared with one set."""
        if not self._exact.isdisjoint(names):
            return True
        globs = self._globs
        return globs is not None and any(globs.fullmatch(name) is not None for name in names)


def composed(text: str) -> str:
    """Return a name as it is compared."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _expression(pattern: str) -> str:
    # Every star but the last takes the shortest way and never looks back: time stays linear for each of them.
    first, *rest = re.split(r"\*+", pattern)
    if not rest:
        return _single(first)
    *middle, last = rest
    return _single(first) + "".join(f"(?>.*?{_single(part)})" for part in middle) + f".*{_single(last)}"


def _single(text: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in text)

"""Glob patterns as Hugo's configuration has them: `*` stays within a folder, `**` does not, `{a,b}` is either."""

import re
from functools import lru_cache

_LENGTH_LIMIT = 500


@lru_cache(maxsize=512)
def glob_expression(pattern: str) -> re.Pattern[str] | None:
    """Return what a pattern matches, in lower case; None for one that is no pattern or too long."""
    pattern = pattern.lower()
    if len(pattern) > _LENGTH_LIMIT:
        return None
    pieces: list[str] = []
    depth = position = 0
    while position < len(pattern):
        piece, position, change = _piece(pattern, position, depth)
        pieces.append(piece)
        depth += change
    try:
        return re.compile("".join(pieces), re.DOTALL)
    except re.error:
        return None


def glob_matches(pattern: str, text: str) -> bool:
    """Whether the whole text, in any case, is what the pattern describes."""
    expression = glob_expression(pattern)
    return expression is not None and expression.fullmatch(text.lower()) is not None


def _piece(pattern: str, position: int, depth: int) -> tuple[str, int, int]:
    """The expression for what stands at `position`, where the next piece begins, and what it does to the depth."""
    character = pattern[position]
    if character == "*":
        end = position
        while end < len(pattern) and pattern[end] == "*":
            end += 1
        return (".*" if end - position > 1 else "[^/]*"), end, 0
    if character == "?":
        return "[^/]", position + 1, 0
    if character == "\\" and position + 1 < len(pattern):
        return re.escape(pattern[position + 1]), position + 2, 0
    if character == "[":
        end = pattern.find("]", position + 2)
        if end > 0:
            inner = pattern[position + 1 : end]
            negated = inner[:1] == "!"
            return f"[{'^' if negated else ''}{_in_class(inner[negated:])}]", end + 1, 0
    return _alternative(character, depth), position + 1, {"{": 1, "}": -1 if depth else 0}.get(character, 0)


def _alternative(character: str, depth: int) -> str:
    if character == "{":
        return "(?:"
    if depth and character in ",}":
        return "|" if character == "," else ")"
    return re.escape(character)


def _in_class(inner: str) -> str:
    return inner.replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^").replace("]", "\\]")

"""Lines that hold nothing but tags of a template, beside HTML: they go whole, for a blank line would end the HTML."""

import re
from collections.abc import Callable

_MARK = "\ue0f7"  # for private use; a text that has one is left as it is
_TAG = r"(?:\{%(?:[^%]|%(?!\})){0,400}%\}|\{\{(?:[^}]|\}(?!\})){0,400}\}\})"
_LONE = re.compile(rf"(?:^[ \t]*{_TAG}[ \t]*\n)+", re.MULTILINE)
_ENDS = re.compile(rf"({_TAG})[ \t]*\n")
_MARKED = re.compile(rf"\n[ \t]*{_MARK}|{_MARK}")


def without_lone_lines(text: str, take_out: Callable[[str], str]) -> str:
    """Return what `take_out` makes of the text, without the blank lines that it leaves beside HTML."""
    if _MARK in text or "<" not in text:
        return take_out(text)
    marked = _LONE.sub(lambda found: _with_marks(found, text), text)
    return _MARKED.sub("", take_out(marked))


def _with_marks(found: re.Match[str], text: str) -> str:
    above = text[text.rfind("\n", 0, max(found.start() - 1, 0)) + 1 : found.start()].strip()
    end = text.find("\n", found.end())
    below = text[found.end() : end if end >= 0 else len(text)].strip()
    if above and below and (above.startswith("<") or below.startswith("<")):
        return _ENDS.sub(rf"\1{_MARK}\n", found[0])
    return found[0]

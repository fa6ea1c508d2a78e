"""Zola's shortcodes in a text: their tags go, what stands between them stays.

`{{ name(args) }}`, `{% name(args) %}…{% end %}`; `{{/* name() */}}` shows itself without the stars. Other braces are
text, as they are for Zola.
"""

import re

from feeds.model import Notice
from feeds.sources.plain.lone_tags import without_lone_lines
from feeds.sources.plain.profile import Resolved

_OPENING = re.compile(r"\{([{%])-?\s*(?:(/\*)|([A-Za-z_][\w:]{0,200})\s*\(|(end)\b)")
_NAMED = re.compile(r"\s*(?:[A-Za-z_]\w*\s*\(.*\)|end)\s*", re.DOTALL)
_LONGEST = 4000  # of one tag, so that a text of openings takes no time that grows with its square


def without_shortcodes(text: str) -> Resolved:
    """Take the shortcodes out, in time linear in the text's length; each name is noted once."""
    if "{{" not in text and "{%" not in text:
        return Resolved(text)
    lines: dict[str, int] = {}
    without = without_lone_lines(text, lambda text: _taken_out(text, lines))
    return Resolved(without, tuple(_notice(name, at) for name, at in lines.items()))


def _taken_out(text: str, lines: dict[str, int]) -> str:
    """Return the text without its shortcodes; set the line on which each name stands first."""
    pieces: list[str] = []
    position = line = counted = 0
    ends = {"}}": -1, "%}": -1}
    for found in _OPENING.finditer(text):
        if found.start() < position:
            continue
        closing = "}}" if found[1] == "{" else "%}"
        # Looked for once: openings that share a closing mark cost one search.
        if ends[closing] < found.end():
            end = text.find(closing, found.end())
            ends[closing] = len(text) + _LONGEST if end < 0 else end
        end = ends[closing]
        if end - found.end() > _LONGEST or end >= len(text):
            continue
        inner = _replacement(text, found, end, closing)
        if inner is None:
            continue
        pieces += [text[position : found.start()], inner]
        if found[3] and found[3] not in lines and len(lines) < 20:
            line += text.count("\n", counted, found.start())
            counted = found.start()
            lines[found[3]] = line + 1
        position = end + 2
    pieces.append(text[position:])
    return "".join(pieces)


def _replacement(text: str, found: re.Match[str], end: int, closing: str) -> str | None:
    """Return what stands for a tag; None if it is none."""
    before = text[max(found.end() - 1, end - 40) : end].rstrip("- \t\n")
    if found[2]:
        if not before.endswith("*/"):
            return None
        inner = text[found.end() : end].rstrip("- \t\n").removesuffix("*/")
        if _NAMED.fullmatch(inner) is None:  # not one of Zola's, who shows it as it is
            return None
        return f"{{{found[1]}{inner}{closing}"
    if found[4]:
        return "" if closing == "%}" else None
    return "" if before.endswith(")") else None


def _notice(name: str, line: int) -> Notice:
    reason = f"the shortcode {name} is not run: its tags are taken out, and what stands between them is shown"
    return Notice(code="shortcode", reason=reason, line=line)

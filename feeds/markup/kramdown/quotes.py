"""Typography: straight quotation marks become curly ones, dashes and dots become signs."""

import re
from typing import NamedTuple

from feeds.markup.kramdown.marks import SIGNS_OF, entity
from feeds.markup.kramdown.nodes import Kind
from feeds.markup.kramdown.options import KramdownOptions
from feeds.markup.kramdown.readers import Spans

_W = "[A-Za-z0-9_]"
_S = r"[ \t\r\n\f\v]"
# In kramdown's order (which forgets `&` among the punctuation); the first group is text that stays, the second the
# marks. The other half says of each mark whether it opens or closes.
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(form, re.DOTALL | re.MULTILINE), sides)
    for form, sides in (
        (r"()([\"'])(?=[_*]{1,2}[^ \t\r\n\f\v])", "("),
        (r"()([\"'])(?=[!-%'-/:-@\[-`{-~](?!\.\.)\B)", ")"),
        (rf"({_S}?)(\"')(?={_W})", "(("),
        (rf"({_S}?)('\")(?={_W})", "(("),
        (rf"({_S}?)(')(?=[0-9][0-9]s)", ")"),
        (rf"({_S})(['\"])(?={_W})", "("),
        (r"([^ \\\t\r\n\[{(-])(['\"])", ")"),
        (rf"()([\"'])(?={_S}|s\b|$)", ")"),
        (r"(.?)(')", "("),
        (r"(.?)(\")", "("),
    )
)
_SIDES = {"'(": 0, "')": 1, '"(': 2, '")': 3}
_PLACE = re.compile(r"[\"']|--|\.\.\.")
# Most marks are told by their neighbours alone: one behind a space opens, one behind a word closes.
_PLAINEST = tuple(
    (re.compile(form), mark, side)
    for form, mark, side in (
        (r"'(?<=[A-Za-z0-9,!?;:)]')(?![\"'])", "'", ")"),
        (r"\"(?<=[A-Za-z0-9,!?;:)]\")(?![\"'])", '"', ")"),
        (r"'(?<=[ \n]')(?=[A-Za-z_])", "'", "("),
        (r"\"(?<=[ \n]\")(?=[A-Za-z0-9_])", '"', "("),
    )
)


class Quotes(NamedTuple):
    """One or two quotation marks in a text."""

    before: str  # the character before them, which decides what they are
    signs: str
    end: int


def match_quotes(text: str, at: int, options: KramdownOptions) -> Quotes | None:
    """Return the curly marks for straight ones here, or behind the character here."""
    for form, sides in _FORMS:
        found = form.match(text, at)
        if found:
            signs = "".join(_curly(options, mark, side) for mark, side in zip(found[2], sides, strict=True))
            return Quotes(found[1], signs, found.end())
    return None


def read(spans: Spans) -> bool:
    """Read a quotation mark, here or behind the character here."""
    text, at = spans.text, spans.at
    if text[at + 1 : at + 2] not in ("'", '"') and text[at] not in "'\"":
        return False
    quotes = match_quotes(text, at, spans.document.options)
    if quotes is None:
        return False
    spans.add(quotes.before)
    spans.append(Kind.SIGN, quotes.signs)
    spans.at = quotes.end
    return True


def with_signs(text: str, options: KramdownOptions) -> str:
    """Return plain text, which holds no other markup, with its quotation marks, dashes and dots."""
    for form, mark, side in _PLAINEST:
        if mark in text:
            text = form.sub(_curly(options, mark, side).replace("\\", r"\\"), text)
    if '"' in text or "'" in text:
        return _one_by_one(text, options)
    for source, name, sign in (*SIGNS_OF["-"], *SIGNS_OF["."]):
        text = text.replace(source, options.typographic_symbols.get(name, sign))
    return text


def _one_by_one(text: str, options: KramdownOptions) -> str:
    parts: list[str] = []
    at = 0
    while found := _PLACE.search(text, at):
        here = found.start()
        if text[here] in "\"'":
            here -= here > at
            quotes = match_quotes(text, here, options)
            assert quotes
            parts += (text[at:here], quotes.before, quotes.signs)
            at = quotes.end
            continue
        parts.append(text[at:here])
        for source, name, sign in SIGNS_OF[text[here]]:
            if text.startswith(source, here):
                parts.append(options.typographic_symbols.get(name, sign))
                at = here + len(source)
                break
    parts.append(text[at:])
    return "".join(parts)


def _curly(options: KramdownOptions, mark: str, side: str) -> str:
    names = options.smart_quotes.replace(" ", "").split(",")
    name = names[_SIDES[mark + side]] if len(names) == len(_SIDES) else ""
    if name.isdecimal() and len(name) < 7:
        return chr(int(name))
    return entity(name) or mark

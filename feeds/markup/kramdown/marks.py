"""Spans that a few characters mark: emphasis, code, formulas, entities, line breaks, escapes."""

import re
from html.entities import name2codepoint

from feeds.markup.kramdown.nodes import SPACES, Kind, Node
from feeds.markup.kramdown.readers import Spans

_SPACE = " \t\r\n\f\v"
_TICKS = re.compile(r"`+")
_ENTITY = re.compile(r"&(?:([A-Za-z0-9_:][A-Za-z0-9_.:-]*)|#([0-9]+)|#x([0-9a-fA-F]+));")
_ESCAPE = re.compile(r"\\([\\.*_+`<>()\[\]{}#!:|\"'$=~-])")
_PLAIN_ESCAPE = re.compile(r"\\([\\.*_+`<>()\[\]{}#!:|\"'$=-])")
_STRIKETHROUGH = re.compile(r"~~(?![ \t\r\n\f\v~]).*?[^ \t\r\n\f\v~]~~", re.DOTALL)
# The longest first.
_SIGNS = (
    ("---", "mdash", "\u2014"),
    ("--", "ndash", "\u2013"),
    ("...", "hellip", "\u2026"),
    ("\\<<", "", "<<"),
    ("\\>>", "", ">>"),
    ("<< ", "laquo_space", "«\u00a0"),
    (" >>", "raquo_space", "\u00a0»"),
    ("<<", "laquo", "«"),
    (">>", "raquo", "»"),
)
SIGNS_OF = {first: tuple(sign for sign in _SIGNS if sign[0][0] == first) for first in "-.\\< >"}
# Names beyond HTML 4, and numbers that mean what Windows means by them.
# Four brackets are the other way round in kramdown.
_MORE_NAMES = {"apos": 39, "vellip": 8942, "lceil": 8969, "rceil": 8968, "lang": 9002, "rang": 9001}
_LAST_CODEPOINT = 0x10FFFF


def read_emphasis(spans: Spans) -> bool:
    """Read emphasis; a mark without its end is text."""
    text, start = spans.text, spans.at
    mark = text[start]
    marks = mark * 2 if text.startswith(mark, start + 1) else mark
    kind = Kind.STRONG if len(marks) == 2 else Kind.EMPHASIS
    after = start + len(marks)
    if (mark == "_" and _is_in_word(text, start)) or text[after : after + 1] in tuple(_SPACE) or spans.is_inside(kind):
        spans.add(marks)
        spans.at = after
        return True
    node = _emphasis(spans, marks, kind, after)
    if node is None and kind is Kind.STRONG and spans.node.kind is not Kind.EMPHASIS:
        node = _emphasis(spans, mark, Kind.EMPHASIS, start + 1)
    if node is None:
        spans.add(marks)
        spans.at = after
    else:
        spans.node.children.append(node)
    return True


def _is_in_word(text: str, at: int) -> bool:
    before = text[at - 1 : at]
    return before.isalpha() or (before == "-" and text[max(at - 2, 0) : at - 1].isalpha())


def _emphasis(spans: Spans, marks: str, kind: Kind, at: int) -> Node | None:
    text = spans.text
    if text.find(marks, at) < 0:
        spans.document.budget.spend(len(text) - at)
        return None

    def ends(node: Node) -> bool:
        here, behind = spans.at, spans.at + len(marks)
        if text[here - 1] in _SPACE or not node.children:
            return False
        if kind is Kind.EMPHASIS and text.startswith(marks, behind) and not text.startswith(marks, behind + 1):
            return False
        return marks[0] != "_" or not text[behind : behind + 1].isalnum()

    node = Node(kind)
    spans.at = at
    if not spans.read_into(node, _STOPS[marks], ends):
        return None
    spans.at += len(marks)
    return node


_STOPS = {marks: re.compile(re.escape(marks)) for marks in ("*", "**", "_", "__")}


def read_code(spans: Spans) -> bool:
    """Read code between backticks."""
    text, start = spans.text, spans.at
    found = _TICKS.match(text, start)
    assert found
    ticks, after = found[0], found.end()
    is_lonely = (
        len(ticks) == 1 and (start == 0 or text[start - 1] in _SPACE) and text[after : after + 1] in tuple(_SPACE)
    )
    end = -1 if is_lonely else text.find(ticks, after)
    spans.document.budget.spend((end if end >= 0 else len(text)) - after)
    if end < 0:
        spans.add(ticks)
        spans.at = after
        return True
    code = text[after:end]
    if len(ticks) > 1:
        code = code.removeprefix(" ").removesuffix(" ")
    spans.append(Kind.CODE, code)
    spans.at = end + len(ticks)
    return True


def read_math(spans: Spans) -> bool:
    """Read a formula between double dollars."""
    text, start = spans.text, spans.at
    end = text.find("$$", start + 2) if text.startswith("$$", start) else -1
    if end < 0:
        spans.document.budget.spend(len(text) - start)
        return False
    spans.append(Kind.MATH, text[start + 2 : end].strip(SPACES))
    spans.at = end + 2
    return True


def read_entity(spans: Spans) -> bool:
    """Read a character written by name or number; a name that HTML does not know is text."""
    found = _ENTITY.match(spans.text, spans.at)
    if not found:
        return False
    char = entity(found[1]) if found[1] else _numbered(found[2], found[3])
    if char:
        spans.append(Kind.SIGN, char)
        spans.at = found.end()
    else:
        spans.append(Kind.SIGN, "&")
        spans.at += 1
        spans.add(found[0][1:])
        spans.at = found.end()
    return True


def entity(name: str) -> str:
    """Return the character of that name, nothing if there is none."""
    point = _MORE_NAMES.get(name) or name2codepoint.get(name)
    return chr(point) if point else ""


def _numbered(decimal: str | None, hexadecimal: str | None) -> str:
    digits, base = (decimal, 10) if decimal else (hexadecimal or "", 16)
    point = int(digits, base) if len(digits) < 9 else _LAST_CODEPOINT + 1
    if 127 < point < 160:
        return bytes([point]).decode("cp1252", "ignore")
    return chr(point) if 0 < point <= _LAST_CODEPOINT and not 0xD800 <= point < 0xE000 else ""


def read_sign(spans: Spans) -> bool:
    """Read characters that stand for a typographic sign."""
    text, at = spans.text, spans.at
    options = spans.document.options
    if options.gfm and not options.typographic:
        return False
    for source, name, sign in SIGNS_OF.get(text[at], ()):
        if text.startswith(source, at):
            spans.append(Kind.SIGN, options.typographic_symbols.get(name, sign))
            spans.at = at + len(source)
            return True
    return False


def read_break(spans: Spans) -> bool:
    """Read a line break: two spaces or two backslashes at the end of a line."""
    options = spans.document.options
    if not spans.text.startswith(("  \n", "\\\\\n"), spans.at) or (options.gfm and options.hard_wrap):
        return False
    spans.append(Kind.BREAK)
    spans.at += 2
    return True


def read_escape(spans: Spans) -> bool:
    """Read a character that a backslash makes plain."""
    found = (_ESCAPE if spans.document.options.gfm else _PLAIN_ESCAPE).match(spans.text, spans.at)
    if found:
        spans.add(found[1])
        spans.at += 2
    return found is not None


def read_strikethrough(spans: Spans) -> bool:
    """Read text struck through."""
    if not spans.document.options.gfm:
        return False
    found = _STRIKETHROUGH.match(spans.text, spans.at)
    spans.document.budget.spend((found.end() if found else len(spans.text)) - spans.at)
    if not found:
        return False
    node = spans.append(Kind.HTML, "del")
    spans.at = found.end()
    spans.read_apart(found[0][2:-2], node)
    return True

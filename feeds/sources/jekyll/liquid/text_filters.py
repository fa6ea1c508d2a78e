"""The filters on text: Liquid's own and Jekyll's."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from html import escape as html_escape

from feeds.sources.jekyll.liquid.context import FilterError, Scope
from feeds.sources.jekyll.liquid.ruby import WHITE, inspect, to_json, to_s
from feeds.sources.jekyll.urls import slugify as slug

_ONCE = re.compile(r"[\"><']|&(?!(?:[a-zA-Z]+|#\d+);)")
_ESCAPES = {"&": "&amp;", ">": "&gt;", "<": "&lt;", '"': "&quot;", "'": "&#39;"}
_BLOCKS = (("<script", "</script>"), ("<!--", "-->"), ("<style", "</style>"))
_BLOCK = re.compile(r"<script|<!--|<style")
_NEWLINE = re.compile(r"\r?\n")
_SPACES = re.compile(r"[ \t\n\v\f\r]+")
_WORD = re.compile(r"[^ \t\n\v\f\r]+")
_CJK = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3038-\u303b\u3041-\u3096\u309d-\u309f\u30a1-\u30fa"
    "\u30fd-\u30ff\u3131-\u318e\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff"
    "\uff66-\uff6f\uff71-\uff9d\uffa0-\uffdc\U00020000-\U0003134f"
)
_CJK_CHARACTER = re.compile(f"[{_CJK}]")
_OTHER_WORD = re.compile(f"[^{_CJK} \t\n\v\f\r]+")
_NOT_ASCII_SLUG = re.compile(r"[^A-Za-z0-9]+")
_LATIN = {
    **dict(zip("ÐðØø×ĐđĦħıĸĿŀŁłŦŧ", "DdOoxDdHhikLlLlTt", strict=True)),
    "Æ": "AE",
    "æ": "ae",
    "Þ": "Th",
    "þ": "th",
    "ß": "ss",
    "Ĳ": "IJ",
    "ĳ": "ij",
    "ŉ": "'n",
    "Ŋ": "NG",
    "ŋ": "ng",
    "Œ": "OE",
    "œ": "oe",
}
_SMART = (
    (re.compile(r"(?<![\\-])---(?!-)"), "—"),
    (re.compile(r"(?<![\\-])--(?!-)"), "–"),
    (re.compile(r"(?<!\\)\.\.\."), "…"),
    (re.compile(r"(?<=\d)'(?=\d0s)|'(?=\d\ds)"), "’"),
    (re.compile(r"(\A|[\s(\[{“‘—–-])\"(?=\S)"), "\\1“"),
    (re.compile(r'"'), "”"),
    (re.compile(r"(\A|[\s(\[{“‘—–-])'(?=\S)"), "\\1‘"),
    (re.compile(r"'"), "’"),
)


def append(scope: Scope, value: object, more: object) -> object:
    """`a` and `b`."""
    return _sum(scope, to_s(value, scope), to_s(more, scope))


def prepend(scope: Scope, value: object, more: object) -> object:
    """`b` and `a`."""
    return _sum(scope, to_s(more, scope), to_s(value, scope))


def _sum(scope: Scope, first: str, second: str) -> str:
    scope.check_text(len(first) + len(second))
    return first + second


def replace(scope: Scope, value: object, old: object, new: object = "") -> object:
    """Every occurrence."""
    text, sought, given = to_s(value, scope), to_s(old, scope), to_s(new, scope)
    scope.spend(len(text) // 2_000)
    times = text.count(sought) if len(given) > len(sought) else 0
    scope.check_text(len(text) + times * (len(given) - len(sought)))
    return text.replace(sought, given)


def replace_first(scope: Scope, value: object, old: object, new: object = "") -> object:
    """The first occurrence."""
    return to_s(value, scope).replace(to_s(old, scope), to_s(new, scope), 1)


def remove(scope: Scope, value: object, old: object) -> object:
    """Every occurrence gone."""
    return replace(scope, value, old)


def remove_first(scope: Scope, value: object, old: object) -> object:
    """The first occurrence gone."""
    return replace_first(scope, value, old)


def escape(scope: Scope, value: object) -> object:
    """For HTML."""
    return None if value is None else html_escape(to_s(value, scope)).replace("&#x27;", "&#39;")


def escape_once(scope: Scope, value: object) -> object:
    """For HTML, with what is escaped already left alone."""
    return _ONCE.sub(lambda match: _ESCAPES[match[0]], to_s(value, scope))


def xml_escape(scope: Scope, value: object) -> object:
    """For XML's attributes."""
    return html_escape(to_s(value, scope)).replace("&#x27;", "&apos;")


def strip_html(scope: Scope, value: object) -> object:
    """Without tags; scripts, styles and comments with what they hold."""
    text = to_s(value, scope)
    scope.spend(len(text) // 1_000)
    return _without_tags(_without_blocks(text))


def _without_blocks(text: str) -> str:
    pieces: list[str] = []
    position, ends = 0, dict(_BLOCKS)
    while ends and (found := _BLOCK.search(text, position)) is not None:
        opening = found[0]
        end = text.find(ends[opening], found.end()) if opening in ends else -1
        if end < 0:  # none closes any more: never looked for again
            ends.pop(opening, None)
            pieces.append(text[position : found.end()])
            position = found.end()
        else:
            pieces.append(text[position : found.start()])
            position = end + len(ends[opening])
    return "".join([*pieces, text[position:]])


def _without_tags(text: str) -> str:
    pieces: list[str] = []
    position = 0
    while (start := text.find("<", position)) >= 0 and (end := text.find(">", start)) >= 0:
        pieces.append(text[position:start])
        position = end + 1
    return "".join([*pieces, text[position:]])


def truncate(scope: Scope, value: object, length: object = 50, mark: object = "...") -> object:
    """At most so many characters, the mark among them."""
    if value is None:
        return None
    text, end, most = to_s(value, scope), to_s(mark, scope), _integer(length)
    return text if len(text) <= most else text[: max(most - len(end), 0)] + end


def truncatewords(scope: Scope, value: object, words: object = 15, mark: object = "...") -> object:
    """At most so many words."""
    if value is None:
        return None
    text, most = to_s(value, scope), max(_integer(words), 1)
    kept: list[str] = []
    for match in _WORD.finditer(text):
        if len(kept) == most:
            return " ".join(kept) + to_s(mark, scope)
        kept.append(match[0])
    return text


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or (isinstance(value, str) and len(value) > 100):
        raise FilterError
    return int(value)


def split(scope: Scope, value: object, pattern: object) -> object:
    """A list; empty pieces at its end are left out, as in Ruby."""
    text, sought = to_s(value, scope), to_s(pattern, scope)
    if sought == " ":
        pieces = _limited(scope, (match[0] for match in _WORD.finditer(text)))
    elif sought == "":
        scope.check_items(len(text))
        pieces = list(text)
    else:
        scope.check_items(text.count(sought) + 1)
        pieces = text.split(sought)
    while pieces and not pieces[-1]:
        pieces.pop()
    return pieces


def _limited(scope: Scope, items: Iterable[str]) -> list[str]:
    pieces: list[str] = []
    for item in items:
        pieces.append(item)
        if len(pieces) % 1_000 == 0:
            scope.check_items(len(pieces))
    return pieces


def slugify(scope: Scope, value: object, mode: object = None) -> object:
    """A name for an address."""
    if value is None:
        return None
    text = to_s(value, scope)
    scope.spend(len(text) // 500)
    if mode not in (None, "raw", "default", "pretty", "ascii", "latin"):
        return text.lower()
    if mode == "raw":
        made = _SPACES.sub("-", text)
    elif mode == "ascii":
        made = _NOT_ASCII_SLUG.sub("-", text)
    else:
        return slug(_latin(text) if mode == "latin" else text, pretty=mode == "pretty").lower()
    return made.removeprefix("-").removesuffix("-").lower()


def _latin(text: str) -> str:
    return "".join([character if character < "\x80" else _plain_latin(character) for character in text])


def _plain_latin(character: str) -> str:
    if character in _LATIN:
        return _LATIN[character]
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() and base.isalpha() and character < "\u0180" else "?"


def number_of_words(scope: Scope, value: object, mode: object = None) -> object:
    """Words; with `cjk` each Chinese, Japanese or Korean character is one, with `auto` where there is any."""
    text = to_s(value, scope)
    scope.spend(len(text) // 500)
    characters = len(_CJK_CHARACTER.findall(text)) if mode in ("cjk", "auto") else 0
    if mode == "cjk" or characters:
        return characters + len(_OTHER_WORD.findall(text))
    return len(_WORD.findall(text))


def smartify(scope: Scope, value: object) -> object:
    """Quotation marks, dashes and dots as a typesetter writes them."""
    text = to_s(value, scope)
    scope.spend(len(text) // 500)
    for pattern, mark in _SMART:
        text = pattern.sub(mark, text)
    return text


def markdownify(scope: Scope, value: object) -> object:
    """Markdown to HTML, by the site's own converter."""
    text = to_s(value, scope)
    scope.spend(50 + len(text) // 50)
    return scope.site.markdownify(text)


def newline_to_br(scope: Scope, value: object) -> object:
    """A line break for each end of a line."""
    text = to_s(value, scope)
    scope.check_text(len(text) + 6 * text.count("\n"))
    return _NEWLINE.sub("<br />\n", text)


def nothing(scope: Scope, value: object) -> object:
    """Style sheets, which feeds do without."""
    return ""


def as_json(scope: Scope, value: object) -> object:
    """JSON, as Ruby writes it."""
    return to_json(value, scope)


def as_inspected(scope: Scope, value: object) -> object:
    """For debugging, escaped."""
    return xml_escape(scope, inspect(value, scope))


FILTERS: Mapping[str, Callable[..., object]] = {
    "append": append,
    "prepend": prepend,
    "replace": replace,
    "replace_first": replace_first,
    "remove": remove,
    "remove_first": remove_first,
    "escape": escape,
    "h": escape,
    "escape_once": escape_once,
    "xml_escape": xml_escape,
    "strip_html": strip_html,
    "truncate": truncate,
    "truncatewords": truncatewords,
    "split": split,
    "slugify": slugify,
    "number_of_words": number_of_words,
    "smartify": smartify,
    "markdownify": markdownify,
    "newline_to_br": newline_to_br,
    "strip_newlines": lambda scope, value: _NEWLINE.sub("", to_s(value, scope)),
    "normalize_whitespace": lambda scope, value: _SPACES.sub(" ", to_s(value, scope)).strip(WHITE),
    "downcase": lambda scope, value: to_s(value, scope).lower(),
    "upcase": lambda scope, value: to_s(value, scope).upper(),
    "capitalize": lambda scope, value: to_s(value, scope).capitalize(),
    "strip": lambda scope, value: to_s(value, scope).strip(WHITE),
    "lstrip": lambda scope, value: to_s(value, scope).lstrip(WHITE),
    "rstrip": lambda scope, value: to_s(value, scope).rstrip(WHITE),
    "sassify": nothing,
    "scssify": nothing,
    "jsonify": as_json,
    "inspect": as_inspected,
}

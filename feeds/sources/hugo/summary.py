"""The summary of a Hugo post: what stands before the author's mark, else the first paragraphs of some words."""

import re
from typing import NamedTuple

MARK = "<!--more-->"
DIVIDER = "HAHAFEEDBELLDIVIDER"
_OPENING = re.compile(r"(?:<p(?:\s[^>]*+)?>|<div(?:\s[^>]*+)?>)\s*\Z")
_PARAGRAPH_END = "</p>"
_TOKEN = re.compile(r"</?[A-Za-z]+>?|>")
_ATTRIBUTE = re.compile(r"[A-Za-z]+=[\"']")
_TAG = re.compile(r"<[^>]*+(?:>|\Z)")
_BREAK = re.compile(r"(?:</p>|<br>|<br />|\n)+")
_ELEMENT = re.compile(r"<!--|<(/?)([A-Za-z][A-Za-z0-9-]*+)[^<>]*+>")
_RAW = frozenset(("script", "style", "textarea", "title"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
CJK = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3131-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")


class Divided(NamedTuple):
    """HTML without the author's mark, and what stood before it."""

    html: str
    before: str


def divided(html: str) -> Divided | None:
    """Take the author's mark out of the HTML; None if it is not there."""
    at = html.find(DIVIDER)
    if at < 0:
        return None
    low, high = at, at + len(DIVIDER)
    opening = _OPENING.search(html, max(0, low - 200), low)
    end = html.find(_PARAGRAPH_END, high)
    if opening is not None and end >= 0 and not html[high:end].strip():
        return Divided(
            (html[: opening.start()] + html[end + 4 :].removeprefix("\n")).strip(), html[: opening.start()].strip()
        )
    # In the middle of something: it ends where that paragraph ends.
    closing = html[high : end + 4] if end >= 0 else ""
    return Divided((html[:low] + html[high:]).strip(), (html[:low] + closing).strip())


def automatic_summary(html: str, length: int, *, is_cjk: bool) -> str | None:
    """Return the first paragraphs with `length` words, as Hugo counts them; None where that is all of the text."""
    if length <= 0:
        return None
    count = position = 0
    while (end := html.find(_PARAGRAPH_END, position)) >= 0:
        # The last character of a paragraph belongs to no word that Hugo counts.
        for word in html[position : end - 1].split():
            if is_cjk or word[0] in "<>" or "=" in word:
                count += _words_in(word, is_cjk=is_cjk)
            else:
                count += 1
            if count >= length:
                high = _past_open_elements(html, end + len(_PARAGRAPH_END))
                return html[:high].strip() if html[high:].strip() else None
        position = end + 3
    return None


def _past_open_elements(html: str, high: int) -> int:
    """Return where the outermost element ends that is open at `high`: a quote or a list stays whole, as in Hugo.

    One that never ends is cut.
    """
    opened: list[str] = []
    counts: dict[str, int] = {}
    position = 0
    while found := _ELEMENT.search(html, position):
        if found.start() >= high and not opened:
            return high
        position = found.end()
        name = (found[2] or "").lower()
        if not name or (name in _RAW and not found[1]):
            closing = "-->" if not name else f"</{name}"
            if (position := html.find(closing, position)) < 0:
                return high
        elif not found[1]:
            if name not in _VOID:
                opened.append(name)
                counts[name] = counts.get(name, 0) + 1
        elif counts.get(name):
            while (ended := opened.pop()) != name:
                counts[ended] -= 1
            counts[name] -= 1
            if not opened and found.end() > high:
                return found.end()
    return high


def _words_in(word: str, *, is_cjk: bool) -> int:
    if (word[0] in "<>" and _TOKEN.fullmatch(word)) or ("=" in word and _ATTRIBUTE.match(word)):
        return 0
    if is_cjk:
        word = _TAG.sub("", _BREAK.sub("\n", word))
        return 1 if word.isascii() else len(word)
    return 1

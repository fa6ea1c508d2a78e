"""Text that fits: cut between the characters that people see, in whatever unit a service counts. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterator

from core.text import one_line

Size = Callable[[str], int]  # how much of a limit a text takes; the parts of a text take together what it takes

ELLIPSIS = "…"
_ZWJ = "\u200d"
_LINE_END = re.compile("[\u0085\u2028\u2029]")
# Skin tones, letters of the flags of regions, the non-joiner, Thai and Lao AM, half-width marks (UAX 29, table 2).
_EXTENDING = re.compile("[\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u200c\u200d\u0e33\u0eb3\uff9e\uff9f]")
# What belongs to the character after it (UAX 29, Prepend).
_PREPENDED = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3\U0001193f\U00011941"
    "\U00011a3a\U00011a84-\U00011a89\U00011d46\U00011f02]"
)
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_HANGUL_LEADING = re.compile("[\u1100-\u115f\ua960-\ua97c]")
_HANGUL_JOINED = re.compile("[\u1100-\u11ff\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb]")
_HANGUL_TRAILING = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb]")
_VIRAMA = 9  # its canonical combining class

# What must stay whole in markup: a Markdown link or picture, what stands in angle brackets, an entity, an escape.
_ATOM = re.compile(r"!?\[[^\[\]\n]*\]\([^()\n]*\)|<[^<>\n]*>|&#?\w{1,10};|\\[!-/:-@\[-`{-~]")
_TAG = re.compile(r"</?([a-zA-Z][\w-]*)[^<>]*>")


def utf8(text: str) -> int:
    """Return how many bytes the text has in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def utf16(text: str) -> int:
    """Return how many UTF-16 code units the text has: what JavaScript and many services call characters."""
    return len(text) + sum(char > "\uffff" for char in text)


def plain(text: str) -> str:
    """Return the text as one line without control characters and what reorders the text around it."""
    if not text.isprintable():
        text = _LINE_END.sub(" ", text)
    return one_line(text, limit=len(text) + 1)


def clusters(text: str) -> Iterator[str]:
    """Yield what people see as one character each; where Unicode's rules need its tables, rather more together."""
    start = 0
    for index in range(1, len(text)):
        if not _joined(text, start, index):
            yield text[start:index]
            start = index
    if text:
        yield text[start:]


def cut(text: str, limit: int, size: Size = len) -> str:
    """Return the text, or as much of it with an ellipsis as has at most `limit` of the size."""
    if size(text) <= limit:
        return text
    return _kept(text, limit - size(ELLIPSIS), size, clusters(text)) + (ELLIPSIS if size(ELLIPSIS) <= limit else "")


def cut_markup(text: str, limit: int, size: Size = len) -> str:
    """The same for text in Markdown or the like: no link, bracket, entity or escape is broken."""
    if size(text) <= limit:
        return text
    return _kept(text, limit - size(ELLIPSIS), size, _atoms(text)) + ELLIPSIS


def cut_html(text: str, limit: int, size: Size = len) -> str:
    """The same for HTML, of which only what readers see counts; what is open at the end is closed."""
    if seen(text, size) <= limit:
        return text
    room, kept = limit - size(ELLIPSIS), 0
    opened: list[str] = []
    for atom in _atoms(text):
        tag = _TAG.fullmatch(atom)
        room -= seen(atom, size)
        if room < 0:
            break
        kept += len(atom)
        if tag:
            _open_or_close(tag, opened)
    return text[:kept].rstrip() + ELLIPSIS + "".join(f"</{name}>" for name in reversed(opened))


def seen(text: str, size: Size) -> int:
    """Return the size of what a parser leaves of HTML: no tags, and an entity is one character."""
    return size(re.sub(r"&#?\w{1,10};", "x", _TAG.sub("", text)))


def _open_or_close(tag: re.Match[str], opened: list[str]) -> None:
    if not tag[0].startswith("</"):
        opened.append(tag[1])
    elif opened:
        opened.pop()


def _kept(text: str, room: int, size: Size, parts: Iterator[str]) -> str:
    kept = 0
    for part in parts:
        room -= size(part)
        if room < 0:
            break
        kept += len(part)
    return text[:kept].rstrip()


def _atoms(text: str) -> Iterator[str]:
    end = 0
    for found in _ATOM.finditer(text):
        yield from clusters(text[end : found.start()])
        yield found[0]
        end = found.end()
    yield from clusters(text[end:])


def _joined(text: str, start: int, index: int) -> bool:
    """Tell whether the character at `index` belongs to the cluster that begins at `start` (UAX 29, section 3.1.1)."""
    before, char = text[index - 1], text[index]
    if char < "\u0300" and before < "\u0300":
        return before == "\r" and char == "\n"
    return (
        unicodedata.category(char)[0] == "M"
        or before == _ZWJ
        or _EXTENDING.match(char) is not None
        or _PREPENDED.match(before) is not None
        or unicodedata.combining(before) == _VIRAMA
        or (index - start == 1 and bool(_FLAG.match(before) and _FLAG.match(char)))
        or _hangul_joined(before, char)
    )


def _hangul_joined(before: str, char: str) -> bool:
    if _HANGUL_LEADING.match(before):
        return _HANGUL_JOINED.match(char) is not None
    return bool(_HANGUL_JOINED.match(before) and _HANGUL_TRAILING.match(char))

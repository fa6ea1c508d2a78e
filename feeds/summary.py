"""A post's summary and picture, where the author gave none: the beginning of the text, the first image."""

import re
import unicodedata
from html import unescape

from core.text import one_line

_LENGTH = 200  # characters as people see them
_NEAR = 80  # how far back from there a sentence may end
_WORD = 40  # how far back a word may begin
_MARKS_PER_CHARACTER = 4  # more than that is decoration, and would make a summary of any size
_PREFIXES = (720, 2400, 8192, 65536)

_BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|li|[uo]l|h[1-6]|t[dhr]|table|tbody|thead|blockquote|pre|hr|d[ldt]|fig\w*|section|article|center)"
    r"(?=[\s>])[^>\"]*+(?:\"[^\"]*+\"[^>\"]*+)*+>"
)
_ANY_TAG = re.compile(r"<[^>\"]*+(?:\"[^\"]*+\"[^>\"]*+)*+(?:>|\Z)")
_UNFINISHED_ENTITY = re.compile(r"&[#\w]{0,32}\Z")
_SENTENCE_END = re.compile(r"[。！？…｡．]+[”’」』）】》]*|[.!?]+[\"'”’)]*(?=\s|\Z|[\u2e80-\u9fff\uff00-\uffef])")
# What stands before a full stop that ends no sentence: initials and the like (`U.S.`, `e.g.`), numbers of lists, and
# words that people shorten. Some of them may end one; then the summary goes on to the next end.
_SHORTENED = re.compile(
    r"(?:(?<![^\W\d_])[^\W\d_]|\.[^\W\d_]+|(?<![\d.])\d{1,3}"
    r"|\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|cf|ca|approx|al|Inc|Ltd|Co|Corp|Gen|Sen|Rep|Rev|Gov|Dept|eds?|bzw|usw))\Z",
    re.IGNORECASE,
)
_SHORTENED_BEFORE_NUMBERS = re.compile(
    r"\b(?:Nos?|Nr|Figs?|vol|pp?|Abs|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\Z", re.IGNORECASE
)
_LONGEST_SHORTENED = 12
_IMAGE = re.compile(r"<img(?=\s)(?:[^>\"]|\"[^\"]*+\")*?\ssrc=\"(https?://[^\"]++)\"")
# Everything that may hang on the character before it lies in these ranges; text without them is cut anywhere.
_MAYBE_JOINED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u1cff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\u2cef-\u2cf1\u2de0-\u2dff"
    "\u302a-\u302f\u3099\u309a\ua66f-\uabff\ufe00-\ufe0f\ufe20-\ufe2f\U00010000-\U0010ffff]"
)


def summary_of(content_html: str, title: str = "") -> str:
    """Return the beginning of sanitised HTML as one line of plain text: about 200 characters as people see them.

    It ends at a sentence's end if one is near, else at a word with `…`. A first line that only says the title again is
    left out. Only the first kilobytes are looked at.
    """
    text = ""
    for length in _PREFIXES:
        text = _text_of(content_html[:length], cut=len(content_html) > length)
        if len(text) > _LENGTH or len(content_html) <= length or (text and length >= 8192):
            break
    if title and text.startswith(title) and _first_line(content_html[: _PREFIXES[0]]) == title:
        text = text[len(title) :].lstrip() or text
    # Cut first, clean then: most of the text is not shown.
    return one_line(shortened(text), limit=_LENGTH * _MARKS_PER_CHARACTER + 2)


def _first_line(html: str) -> str:
    lines = _ANY_TAG.sub("", _BLOCK_TAG.sub("\0", html)).split("\0")
    return next((line for line in (" ".join(unescape(one).split()) for one in lines) if line), "")


def plain_text(content_html: str) -> str:
    """Return all the text of sanitised HTML as one line."""
    return _text_of(content_html, cut=False)


def _text_of(html: str, *, cut: bool) -> str:
    text = _ANY_TAG.sub("", _BLOCK_TAG.sub(" ", html))
    if cut:
        text = _UNFINISHED_ENTITY.sub("", text)
    return " ".join((unescape(text) if "&" in text else text).split())


def shortened(text: str, length: int = _LENGTH) -> str:
    """Return one line of text cut to about `length` characters as people see them, never inside one."""
    if len(text) <= length:
        return text
    end = _end_of_characters(text, length)
    if end == len(text):
        return text
    if stop := _last_sentence_end(text, end):
        return text[:stop]
    return text[: _word_boundary(text, end)].rstrip(" ,;:，、；：") + "…"


def _last_sentence_end(text: str, end: int) -> int:
    begin = max(0, end - _NEAR)
    stops = [_with_quote(text, found.end()) for found in _SENTENCE_END.finditer(text, begin, end) if _ends(text, found)]
    # A full stop right at the cut may be the middle of `3.14`.
    if stops and stops[-1] == end and text[end - 1] in ".!?" and not text[end].isspace():
        stops.pop()
    return stops[-1] if stops else 0


def _ends(text: str, found: re.Match[str]) -> bool:
    """Tell whether a mark ends a sentence: a full stop may belong to a word, or stand in the midst of it all."""
    if found[0][0] not in ".!?":
        # A full stop of full width may be a decimal point.
        return found[0] != "．" or not text[found.end() : found.end() + 1].isdigit()
    following = text[found.end() : found.end() + 2].lstrip()
    if following[:1].islower():
        return False
    before = text[max(0, found.start() - _LONGEST_SHORTENED) : found.start()]
    if found[0][0] != "." or found[0].startswith(".."):
        return True
    is_number_next = following[:1].isdigit() and _SHORTENED_BEFORE_NUMBERS.search(before)
    return not (is_number_next or _SHORTENED.search(before))


def _with_quote(text: str, end: int) -> int:
    """Take in a straight quotation mark that closes what the sentence quotes."""
    return end + 1 if text[end : end + 1] == '"' and text.count('"', 0, end) % 2 else end


def _word_boundary(text: str, end: int) -> int:
    """Move back to before a word of letters that stand apart by spaces; Chinese may be cut anywhere."""
    if not (_in_word(text[end]) and _in_word(text[end - 1])):
        return end
    for position in range(end - 1, max(0, end - _WORD), -1):
        if not _in_word(text[position]):
            return position + 1
    return end


def _in_word(character: str) -> bool:
    return character < "\u2e80" and character.isalnum()


def _end_of_characters(text: str, length: int) -> int:
    """Return where `length` visible characters end."""
    if not _MAYBE_JOINED.search(text, 0, length + 1):
        return length
    seen = flags = boundary = 0
    limit = min(len(text), length * _MARKS_PER_CHARACTER)
    for position in range(limit):
        character = text[position]
        is_flag = "\U0001f1e6" <= character <= "\U0001f1ff"
        joined = position > 0 and (
            _is_extending(character) or text[position - 1] == "\u200d" or (is_flag and flags % 2 == 1)
        )
        flags = flags + 1 if is_flag else 0
        if not joined:
            if seen == length:
                return position
            seen += 1
            boundary = position
    return limit if limit == len(text) else boundary or limit


def _is_extending(character: str) -> bool:
    """Return whether the character belongs to the one before it (Unicode TR 29, without its Indic conjuncts)."""
    return (
        character in "\u200c\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
        or "\u1160" <= character <= "\u11ff"
        or unicodedata.category(character) in ("Mn", "Me", "Mc")
    )


def first_image(content_html: str) -> str | None:
    """Return the URL of the first image in sanitised HTML."""
    if "<img" not in content_html:
        return None
    found = _IMAGE.search(content_html)
    return unescape(found[1]) if found else None

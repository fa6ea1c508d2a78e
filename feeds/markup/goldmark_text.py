"""Running text as goldmark reads it: typographic quotes and dashes, bare addresses as links, emoji."""

import re
import unicodedata
from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from feeds.markup.goldmark_source import ANGLES_SIGN, COLON_SIGN

_URL_TAIL = r"""[-a-zA-Z0-9@:%_+.~#!?&/=();,'">^{}\[\]`"""
_HOST = r"[-a-zA-Z0-9@:%._+~#=]{1,256}\.[a-z]++"
_URL = re.compile(rf"(?:https?|ftp)://{_HOST}(?::[0-9]++)?(?:[/#?]{_URL_TAIL}$]*+)?".encode())
_WWW = re.compile(rf"www\.{_HOST}(?:[/#?]{_URL_TAIL}]*+)?".encode())
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,256}}+@{_LABEL}(?:\.{_LABEL})*".encode())
_REFERENCE_AT_END = re.compile(rb"&[A-Za-z0-9]++;\Z")
_NO_URL_CHARACTER = re.compile(r"[^!#-;=?-Z_a-z~]")
_TRIMMED = b"?!.,:*_~"

_DASHES = rf"---?|\.\.\.|<<|>>|{ANGLES_SIGN}"
_QUOTES = "['\"]"
_BEGINNING = r"(?:https?:|ftp:|www\.|[a-zA-Z0-9][a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{0,255}+@)"
ADDRESS = re.compile(_BEGINNING)
_ADDRESS = rf"(?:(?<=[\s(*_~])|\A){_BEGINNING}"
_EMOJI = rf"[:{COLON_SIGN}][a-zA-Z0-9_+\-]{{1,40}}:"
_INSERTED = r"(?P<inserted>(?P<sign>\+\+|==)(?=[^\s+=])(?:(?!(?P=sign)).){1,2000}?(?<=\S)(?P=sign))"
_RAISED = r"(?P<raised>\^[^\s^]{1,200}\^)"
_LOWERED = r"(?P<lowered>~[^\s~]{1,200}~)"
# Single signs, as the parser takes none within a word; goldmark does.
_STRUCK = r"(?P<struck>(?<![~\\])~(?:(?=\w)|(?<!\w~)(?=[^\s~]))[^~]{1,2000}(?:(?<=\w)~|(?<=[^\s~])~(?!\w))(?!~))"
_ELLIPSIS, _EM_DASH, _EN_DASH = "…", "—", "–"


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] == "P"


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _character(line: bytes, position: int) -> str:
    return line[position : position + 4].decode(errors="ignore")[:1] or " "


class Typography:
    """What stands for each of the ten signs; goldmark's names of them are the settings' names, in lower case."""

    NAMES = (
        "leftsinglequote",
        "rightsinglequote",
        "leftdoublequote",
        "rightdoublequote",
        "endash",
        "emdash",
        "ellipsis",
        "leftanglequote",
        "rightanglequote",
        "apostrophe",
    )
    USUAL = ("‘", "’", "“", "”", _EN_DASH, _EM_DASH, _ELLIPSIS, "«", "»", "’")

    __slots__ = ("apostrophe", "double", "signs", "single")

    def __init__(self, replaced: Mapping[str, str]) -> None:
        signs = [replaced.get(name, usual) for name, usual in zip(self.NAMES, self.USUAL, strict=True)]
        self.single = (signs[0], signs[1])
        self.double = (signs[2], signs[3])
        self.apostrophe = signs[9]
        self.signs = {
            ANGLES_SIGN: signs[7],
            "--": signs[4],
            "---": signs[5],
            "...": signs[6],
            "<<": signs[7],
            ">>": signs[8],
        }


class QuoteReader:
    """The quotes of one text: which are open decides what the next one is."""

    __slots__ = ("_doubles", "_singles", "_typography")

    def __init__(self, typography: Typography) -> None:
        self._typography = typography
        self._singles = self._doubles = 0

    def read(self, before: str, line: bytes) -> str:
        """Return what stands for the quote that begins `line`, the rest of its line; itself if nothing does."""
        mark = line[:1]
        length = len(line) - len(line.lstrip(mark))
        after = _character(line, length) if length < len(line) else " "
        opens, closes = _flanks(before, after)
        if mark == b'"':
            return self._double(before, line, opens, closes)
        return self._single(before, line, opens, closes)

    def _double(self, before: str, line: bytes, opens: bool, closes: bool) -> str:
        if opens and not closes:
            self._doubles += 1
            return self._typography.double[0]
        if not self._doubles or not _ends(line, opens, closes):
            return '"'
        if line[1:2] == b'"' and before.isdecimal():  # 21"" : an inch mark before the end of a quotation
            return '"'
        self._doubles -= 1
        return self._typography.double[1]

    def _single(self, before: str, line: bytes, opens: bool, closes: bool) -> str:
        if _is_apostrophe(before, line, opens, closes):
            return self._typography.apostrophe
        if opens and not closes:
            if _is_contraction(line):
                return self._typography.single[1]
            self._singles += 1
            return self._typography.single[0]
        if len(line) > 2 and not _character(line, 1).isdecimal():
            return self._typography.single[1]
        if self._singles and _ends(line, opens, closes):
            self._singles -= 1
            return self._typography.single[1]
        return "'"


def _flanks(before: str, after: str) -> tuple[bool, bool]:
    blank_before, blank_after = before.isspace(), after.isspace()
    mark_before, mark_after = _is_mark(before), _is_mark(after)
    opens = not blank_after and (not mark_after or blank_before or mark_before)
    closes = not blank_before and (not mark_before or blank_after or mark_after)
    return opens, closes


def _ends(line: bytes, opens: bool, closes: bool) -> bool:
    if not closes:
        return False
    if not opens:
        return True
    if len(line) < 2 or not _is_punctuation(_character(line, 1)):
        return False
    return len(line) == 2 or _is_ascii_mark(line[2:3]) or line[2:3].isspace()


def _is_ascii_mark(character: bytes) -> bool:
    return character.isascii() and character.isalnum() is False and character > b" " and character != b"\x7f"


def _is_apostrophe(before: str, line: bytes, opens: bool, closes: bool) -> bool:
    if opens and not closes and len(line) > 3 and line[1:3].isdigit() and line[3:4] == b"s":  # '90s
        following = _character(line, 4) if len(line) > 4 else " "
        if following.isspace() or _is_mark(following):
            return True
    if len(line) < 2:
        return False
    if line[1:2] in (b"t", b"e", b"n", b"l") and (before.isspace() or _is_punctuation(before)):  # 'twas, 'em, 'net
        return True
    return (before.isdecimal() or before.isalpha()) and _character(line, 1).isalpha()


def _is_contraction(line: bytes) -> bool:
    """Whether it goes on as in I'm or you're, though something else than a letter stands before it."""
    for ending in (b"s", b"m", b"t", b"d", b"ve", b"ll", b"re"):
        end = len(ending) + 1
        if line[1:end] == ending and (
            len(line) <= end or line[end : end + 1].isspace() or _is_ascii_mark(line[end : end + 1])
        ):
            return True
    return False


class Address:
    """A bare address in the text: its size in bytes and where it leads."""

    __slots__ = ("href", "size", "text")

    def __init__(self, text: bytes, scheme: str) -> None:
        self.size = len(text)
        self.text = text.decode(errors="replace")
        self.href = url_escaped(scheme + self.text)


def bare_address(line: bytes, protocol: str) -> Address | None:
    """Return the address that begins the line, as goldmark's linkify finds it."""
    for pattern, start, scheme in ((_URL, b"h", ""), (_URL, b"f", ""), (_WWW, b"w", f"{protocol}://")):
        if line.startswith(start) and (found := pattern.match(line)):
            return Address(_without_end(_balanced(found[0])), scheme)
    return _email(line)


def _balanced(url: bytes) -> bytes:
    url = _without_end(url)
    if url.endswith(b")"):
        extra = url.count(b")") - url.count(b"(")
        return url[:-extra] if extra > 0 else url
    if url.endswith(b";") and (found := _REFERENCE_AT_END.search(url, max(0, len(url) - 40))):
        return url[: found.start()]
    return url


def _without_end(url: bytes) -> bytes:
    return url[:1] + url[1:].rstrip(_TRIMMED)


def _email(line: bytes) -> Address | None:
    if not line[:1].isalnum():
        return None
    found = _EMAIL.match(line)
    if found is None or b"." not in found[0][found[0].index(b"@") : -1]:
        return None
    address = found[0].removesuffix(b".")
    if line[len(address) : len(address) + 1] in (b"-", b"_"):
        return None
    return Address(_without_end(address), "mailto:")


def url_escaped(target: str) -> str:
    """Return a link's target as it stands in an attribute."""
    if _NO_URL_CHARACTER.search(target):
        target = quote(target, safe="%/:?#@!$&'()*+,;=-._~")
    return target.replace("&", "&amp;") if "&" in target else target


def escaped(text: str) -> str:
    """Return the text as HTML shows it."""
    return escape(text, quote=True) if "&" in text or "<" in text or '"' in text or ">" in text else text


def marks_pattern(
    *, typographer: bool, linkify: bool, emoji: bool, inserted: bool, raised: bool, lowered: bool, struck: bool
) -> re.Pattern[str] | None:
    """Return what finds all that may stand for something else in running text; None if nothing does."""
    parts = []
    if typographer:
        parts += [_QUOTES, _DASHES]
    if linkify:
        parts.append(_ADDRESS)
    if emoji:
        parts.append(_EMOJI)
    extras = ((_INSERTED, inserted), (_RAISED, raised), (_LOWERED, lowered), (_STRUCK, struck))
    source = "|".join([pattern for pattern, is_wanted in extras if is_wanted] + parts)
    return re.compile(source) if source else None

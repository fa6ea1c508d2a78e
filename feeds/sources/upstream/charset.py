"""The characters of an answer's bytes: which encoding they are in, and what had to be guessed. Pure.

The order is: a byte order mark (RFC 7303, section 3.3), the charset of the header, the one that the document declares,
UTF-8, and at last windows-1252, in which nearly everything has a meaning. There is one exception: bytes that are valid
UTF-8 and not ASCII are UTF-8 whatever says otherwise, as no other text looks like that by chance, while servers often
add a charset that nobody asked for.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
# How `<?` or `<x` begins where each character has more than one byte (XML 1.0, appendix F).
_BEGINNINGS = (
    (re.compile(rb"\x00\x00\x00[<{]"), "utf-32-be"),
    (re.compile(rb"[<{]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00[<{]\x00[!-~]"), "utf-16-be"),
    (re.compile(rb"[<{]\x00[!-~]\x00"), "utf-16-le"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']\s*([A-Za-z][\w.:-]{0,40})")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z][\w.:-]{0,40})", re.IGNORECASE)
_IN_HEADER = re.compile(r";\s*charset\s*=\s*[\"']?\s*([A-Za-z][\w.:-]{0,40})", re.IGNORECASE)
# What people write for one encoding and mean another, which holds the first (WHATWG Encoding, section 4.2).
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_BY_WHATWG = {"x-gbk": "gb18030", "x-sjis": "cp932", "x-euc-jp": "euc_jp", "unicode": "utf-16-le", "x-cp1251": "cp1251"}
_FIRST_BYTES = 2048
_NO_CHARACTERS = frozenset({"utf_7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    text: str
    notice: str | None = None  # why it may hold wrong characters


def decoded(body: bytes, content_type: str) -> Decoded:
    """Return the text of a body; it always has one. Bytes that no candidate explains become U+FFFD, and it says so."""
    for mark, encoding in _MARKS:
        # The mark of UTF-32 begins with the one of UTF-16.
        if body.startswith(mark):
            return _forced(body[len(mark) :], encoding)
    for beginning, encoding in _BEGINNINGS:
        if beginning.match(body):
            return _forced(body, encoding)
    said = list(_said(body, content_type))
    if body.isascii() and all(codec in _OVER_ASCII or codec.startswith(("cp12", "iso8859")) for codec, _ in said):
        return Decoded(text=body.decode("ascii"))
    if (text := _strictly(body, "utf-8")) is not None and not _is_seven_bit(body, said):
        return Decoded(text=text, notice=_contradiction(said))
    others = [(codec, name) for codec, name in said if codec != "utf-8"]
    return _first_that_fits(body, others, is_utf_8_expected=len(others) < len(said) or not said)


_OVER_ASCII = frozenset({"utf-8", "ascii", "cp874", "gb18030", "big5hkscs", "cp932", "cp949", "euc_jp", "koi8-r"})


def _is_seven_bit(body: bytes, said: list[tuple[str, str]]) -> bool:
    """Tell whether bytes below 128 are said to be something else than ASCII, such as ISO-2022-JP or EBCDIC."""
    return body.isascii() and bool(said)


def _first_that_fits(body: bytes, said: list[tuple[str, str]], is_utf_8_expected: bool) -> Decoded:
    for codec, name in said:
        if (text := _strictly(body, codec)) is not None:
            notice = None if (codec, name) == said[0] else f"it is not in {said[0][1]} as it says; read as {name}"
            return Decoded(text=text, notice=notice)
    if is_utf_8_expected and _is_mostly_utf_8(guess := body.decode("utf-8", "replace")):
        return Decoded(text=guess, notice="some of its bytes are not UTF-8; they show as U+FFFD")
    return Decoded(
        text=body.decode("cp1252", "replace"),
        notice="it is not in the encoding that it says; read as windows-1252: letters may be wrong",
    )


def _is_mostly_utf_8(text: str) -> bool:
    """Tell whether a few bytes are broken, or the end is cut inside a character, rather than all being another code."""
    broken = text.count("\ufffd")
    return sum(character > "\x7f" for character in text) - broken >= broken


def _forced(body: bytes, encoding: str) -> Decoded:
    if (text := _strictly(body, encoding)) is not None:
        return Decoded(text=text)
    return Decoded(
        text=body.decode(encoding, "replace"), notice=f"some of its bytes are not {encoding}; they show as U+FFFD"
    )


def _said(body: bytes, content_type: str) -> Iterator[tuple[str, str]]:
    """Give each encoding that header and document name, with the name as written; unknown ones are left out."""
    beginning = body[:_FIRST_BYTES]
    in_header = _IN_HEADER.search(content_type)
    in_document = _DECLARED.search(beginning) or _META.search(beginning)
    for name in (in_header[1] if in_header else "", in_document[1].decode() if in_document else ""):
        if name and (codec := _codec(name)):
            yield codec, name


def _codec(name: str) -> str | None:
    wanted = _BY_WHATWG.get(name.lower(), name)
    try:
        found = codecs.lookup(wanted).name
        "".encode(found)  # some of Python's codecs are from bytes to bytes
    except (LookupError, TypeError, UnicodeError):
        return None
    # A document that was found to be ASCII so far cannot be in one of several bytes a character.
    if found.startswith(("utf-16", "utf-32")):
        return "utf-8"
    return None if found.replace("-", "_") in _NO_CHARACTERS else _WIDER.get(found, found)


def _strictly(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _contradiction(said: list[tuple[str, str]]) -> str | None:
    wrong = [name for codec, name in said if codec != "utf-8"]
    if not wrong or (said[0][0] == "utf-8"):
        return None
    return f"it is in UTF-8, though it says {wrong[0]}"

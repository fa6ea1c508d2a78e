"""Which characters bytes stand for, by the order that docs/upstream-reading.md gives."""

import pytest

from feeds.sources.upstream.model import UpstreamDocument
from feeds.sources.upstream.reading import read_document

TEXT = "Größe café"
CHINESE = "金融消息"
JAPANESE = "これは日本語"
RUSSIAN = "Привет, мир"


def feed(title: str, declared: str | None = None) -> str:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return f"{declaration}<rss version='2.0'><channel><title>{title}</title></channel></rss>"


def read(body: bytes, content_type: str = "application/rss+xml") -> UpstreamDocument:
    found = read_document(body, {"Content-Type": content_type}, "https://site.example/feed")
    assert isinstance(found, UpstreamDocument), found
    return found


@pytest.mark.parametrize(
    ("title", "codec", "declared", "charset"),
    [
        (TEXT, "utf-8", None, None),
        (TEXT, "utf-8", "UTF-8", "utf-8"),
        (TEXT, "utf-8-sig", None, None),
        (TEXT, "utf-16", "utf-16", None),
        (TEXT, "utf-16-le", "utf-16", None),
        (TEXT, "utf-16-be", "UTF-16", None),
        (TEXT, "utf-32", None, None),
        (TEXT, "iso-8859-1", "ISO-8859-1", None),
        (TEXT, "iso-8859-1", None, "iso-8859-1"),
        ("“quoted” – €", "cp1252", "iso-8859-1", None),
        (RUSSIAN, "cp1251", "windows-1251", None),
        (RUSSIAN, "koi8-r", None, '"KOI8-R"'),
        (CHINESE, "gb2312", "gb2312", None),
        (CHINESE + "镕", "gb18030", "gb2312", None),
        (CHINESE, "gbk", None, "gbk"),
        ("繁體中文", "big5", "Big5", None),
        (JAPANESE, "shift_jis", "Shift_JIS", None),
        (JAPANESE, "euc_jp", "euc-jp", None),
        (JAPANESE, "iso2022_jp", "iso-2022-jp", None),
        ("한국어", "euc_kr", "euc-kr", None),
        (TEXT, "cp037", "ebcdic-cp-us", None),
        # The header comes before the declaration.
        (RUSSIAN, "cp1251", "koi8-r", "windows-1251"),
        # A mark comes before both.
        (TEXT, "utf-8-sig", "iso-8859-1", "iso-8859-1"),
        (TEXT, "utf-16", "utf-8", "utf-8"),
    ],
)
def test_what_is_said_is_taken(title: str, codec: str, declared: str | None, charset: str | None) -> None:
    content_type = f"text/xml; charset={charset}" if charset else "text/xml"
    found = read(feed(title, declared).encode(codec), content_type)
    assert (found.title, found.notice) == (title, None)


@pytest.mark.parametrize(
    ("body", "content_type", "title", "notice"),
    [
        # A server that adds what nobody asked for.
        (
            feed(TEXT, "utf-8").encode(),
            "text/xml; charset=ISO-8859-1",
            TEXT,
            "it is in UTF-8, though it says ISO-8859-1",
        ),
        (feed(TEXT, "windows-1252").encode(), "text/xml", TEXT, "it is in UTF-8, though it says windows-1252"),
        (feed(RUSSIAN, "koi8-r").encode("koi8-r"), "text/xml; charset=utf-8", RUSSIAN, None),
        (feed(TEXT).encode("cp1252"), "text/xml", TEXT, "windows-1252"),
        (feed(TEXT, "utf-8").encode("cp1252"), "text/xml", TEXT, "windows-1252"),
        (feed(CHINESE).encode().replace(b"\xe6\xb6\x88", b"\xe6\xb6"), "text/xml", "金融\ufffd息", "U+FFFD"),
        (feed(TEXT, "no-such-code").encode(), "text/xml; charset=neither", TEXT, None),
    ],
)
def test_what_is_wrong_is_read_and_said(body: bytes, content_type: str, title: str, notice: str | None) -> None:
    found = read(body, content_type)
    assert found.title == title
    assert (found.notice or "") == "" if notice is None else notice in (found.notice or "")


@pytest.mark.parametrize("name", ["utf-7", "zlib", "hex", "unicode_escape", "idna", "rot13", "utf-16", "undefined"])
def test_what_is_no_encoding_of_such_bytes_is_not_used(name: str) -> None:
    assert read(feed("plain +AGE- \\x41", name).encode(), f"text/xml; charset={name}").title == "plain +AGE- \\x41"

"""The fields of a post, whatever its generator: one clean line of text, terms, an author, a language."""

import html
import re
from collections.abc import Iterable, Mapping
from typing import AnyStr

from core.digest import digest
from core.text import one_line
from feeds.frontmatter import Node, Scalar
from feeds.model import Author, Quarantined

BOM = b"\xef\xbb\xbf"
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_UNREAD = re.compile(
    r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|</?[A-Za-z][^>]*>|^[ \t]*[#>*+-]+[ \t]", re.S | re.M | re.I
)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)|<https?://[^>\s]*>")


class UnreadableError(Exception):
    """Why a file becomes no post."""

    def __init__(self, code: str, reason: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.line, self.column = code, reason, line, column

    def quarantined(self, path: str, content_hash: str) -> Quarantined:
        """Return the file as one that could not become a Draft."""
        return Quarantined(
            path=path,
            code=self.code,
            reason=self.reason,
            line=self.line,
            column=self.column,
            content_hash=content_hash,
        )


def decode(raw: bytes) -> str:
    """Return the text of a file without its byte order mark. Raises UnreadableError for anything but UTF-8."""
    try:
        return (raw[3:] if raw[:3] == BOM else raw).decode()
    except UnicodeDecodeError as error:
        guess = "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "another encoding, perhaps GBK"
        start = error.start
        line = raw.count(b"\n", 0, start) + 1
        reason = f"it is not UTF-8 but {guess}; save it as UTF-8"
        raise UnreadableError("not-utf-8", reason, line) from error


def tidy(text: str, limit: int) -> str:
    """Return `core.text.one_line` of the text, by a short way if there is nothing to do."""
    if len(text) <= limit and text.isprintable() and "  " not in text and text[:1] != " " != text[-1:]:
        return text
    return one_line(text, limit)


def tidy_terms(texts: Iterable[str], *, count: int, length: int) -> tuple[tuple[str, ...], str | None]:
    """Return at most `count` different clean terms of at most `length` characters, and what had to be cut."""
    terms: dict[str, None] = {}
    shortened = dropped = 0
    for text in texts:
        term = tidy(text, length)
        if not term or term in terms:
            continue
        if len(terms) >= count:
            dropped += 1
            continue
        shortened += len(term) == length and len(text) > length
        terms[term] = None
    if not shortened and not dropped:
        return tuple(terms), None
    notes = [f"{dropped} past the first {count} are left out"] if dropped else []
    notes += [f"{shortened} cut to {length} characters"] if shortened else []
    return tuple(terms), " and ".join(notes)


def first_text(body: str) -> str:
    """Return the first line of a body that a reader would see as text, at most 80 characters; empty if none."""
    text = _UNREAD.sub("\n", _LINK.sub(r"\1", body[:20_000]))
    lines = (tidy(html.unescape(line), 80) for line in text.splitlines())
    return next((line for line in lines if any(map(str.isalnum, line))), "")


def without_comments(text: AnyStr, start: AnyStr, end: AnyStr) -> AnyStr:
    """Return a text without what stands from a `start` to the next `end`."""
    pieces: list[AnyStr] = []
    position = 0
    while (begins := text.find(start, position)) >= 0 and (ends := text.find(end, begins + len(start))) >= 0:
        pieces.append(text[position:begins])
        position = ends + len(end)
    pieces.append(text[position:])
    return text[:0].join(pieces)


def meaning_hash(seen: Iterable[str], text: str, body_start: int, raw: bytes) -> str:
    """Hash what a reader sees of a file: some fields, and the text from `body_start` on.

    White space and comments do not count. The site's authors are none of the fields: a change of them is no change
    of every post.
    """
    start = len(text[:body_start].encode()) + (len(BOM) if raw.startswith(BOM) else 0)
    body = raw[start:]  # bytes are split twice as fast as text, and they are at hand
    if "\u3000" in text or "\xa0" in text:
        body = body.replace(b"\xe3\x80\x80", b" ").replace(b"\xc2\xa0", b" ")
    body = without_comments(body, b"<!--", b"-->")
    return digest("\x1f".join(seen).encode(), b"\x1e", b" ".join(body.split()))


def language_tag(text: str | None) -> str | None:
    """Return what is written as a language tag (BCP 47), or None."""
    tag = (text or "").strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) is not None else None


def read_author(node: Node | None) -> Author | None:
    """Read an author: a name, or a map with `name`, `email` and `uri` (or `url`)."""
    if isinstance(node, Scalar):
        written = "" if node.null else one_line(node.text, 300)
        return Author(name=written) if written else None
    if not isinstance(node, dict):
        return None
    name = line_of(node, "name")
    if name is None:
        return None
    uri = line_of(node, "uri") or line_of(node, "url")
    return Author(
        name=name,
        email=line_of(node, "email"),
        uri=uri if uri and uri.lower().startswith(("http://", "https://")) else None,
    )


def is_true(node: Node | None) -> bool:
    """Whether Psych reads the node as true: `true`, `yes`, `on` in any case, not quoted."""
    return isinstance(node, Scalar) and node.plain and node.text.lower() in ("true", "yes", "on")


def is_false(node: Node | None) -> bool:
    """Whether Ruby takes the node for false: `false`, `no`, `off` or nothing, not quoted."""
    return isinstance(node, Scalar) and (node.null or (node.plain and node.text.lower() in ("false", "no", "off")))


def text_of(node: Mapping[str, Node], key: str) -> str | None:
    """Return a key's text; None for no text or an empty one."""
    value = node.get(key)
    if not isinstance(value, Scalar) or value.null:
        return None
    return one_line(value.text, 2000) or None


def line_of(node: Mapping[str, Node], key: str) -> str | None:
    """Return a key's text as one clean line."""
    text = text_of(node, key)
    return one_line(text) if text else None

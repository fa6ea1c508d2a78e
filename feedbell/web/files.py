"""Answers requests for files: an ASGI application (https://asgi.readthedocs.io/en/latest/specs/www.html)."""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, formatdate
from functools import partial
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from core.compression import ENCODINGS, compress
from feedbell.media_types import MediaTypes, is_feed, is_text, link_header, sibling_paths
from feedbell.web.answer import Answer, Fields, Page
from feedbell.web.entries import newer, split
from feedbell.web.freshness import max_age
from feedbell.web.negotiation import (
    UNSATISFIABLE,
    Part,
    encoding_for,
    is_unmodified,
    part_for,
    tags_of,
    wants_delta,
)
from feedbell.web.receiver import Intakes, Reception, drain
from feedbell.web.versions import RawFields, Version, Versions, is_worth_compressing
from feedbell.websub.links import HubLinks

_METHODS = "GET, HEAD, OPTIONS"

NO_HUBS = HubLinks()


class Files:
    """Serves the files below a folder, and the index page at `/feeds/`.

    `pages` are more, by their paths: a file of such a path is not served. Answers are counted in `answered`, by status.
    `receivers` take requests with bodies, by the prefixes of their paths, before anything else.
    """

    def __init__(
        self,
        folder: Path,
        xml_format: str,
        pages: Mapping[str, Page] | None = None,
        answered: Counter[int] | None = None,
        receivers: Intakes | None = None,
        hub_links: HubLinks = NO_HUBS,
    ) -> None:
        self._hub_links = hub_links
        self._pages = pages or {}
        self._reception = Reception(receivers or {})
        self._answered = Counter() if answered is None else answered
        self._versions = Versions(folder)
        self._media_types = MediaTypes(xml_format)
        self._dated = (0, b"")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if (found := self._reception.find(scope["path"])) is not None:
            answer = await self._reception.answer(*found, scope, receive)
            if answer is not None:
                await self._send(answer, scope, send, receive)
            return
        if (raw := self._unmodified(scope)) is not None:
            self._answered[304] += 1
            await send({"type": "http.response.start", "status": 304, "headers": [*raw, (b"date", self._date())]})
            await send({"type": "http.response.body", "body": b""})
            return
        answer = self._quick(scope) or await self._page(scope) or self._answer(scope)
        await self._send(answer, scope, send)

    def receive(self, receivers: Intakes) -> None:
        """Let these take requests from now on; may be called from any thread."""
        self._reception.intakes = receivers

    async def _send(self, answer: Answer, scope: Scope, send: Send, receive: Receive | None = None) -> None:
        # In another thread, so that nobody has to wait for it but who asked.
        body = await run_in_threadpool(answer.make_body) if answer.make_body else answer.body
        fields = {"x-content-type-options": "nosniff", **answer.fields}
        if answer.status not in (204, 304):
            fields["content-length"] = str(len(body))
        if scope["method"] == "HEAD":
            body = b""
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields.items()]
        raw.append((b"date", self._date()))
        self._answered[answer.status] += 1
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if receive is not None and fields.get("connection") == "close":
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await drain(scope, receive)
            body = b""
        await send({"type": "http.response.body", "body": body})

    def _date(self) -> bytes:
        """Return the time for `Date`, written once a second; the server's own may be of a second ago."""
        second = int(time.time())
        if second != self._dated[0]:
            self._dated = (second, formatdate(second, usegmt=True).encode())
        return self._dated[1]

    def _unmodified(self, scope: Scope) -> RawFields | None:
        """Answer who asks again for what is the same still: most requests, so they get a shorter way."""
        asked = dict(scope["headers"])
        none_match = asked.get(b"if-none-match")
        if none_match is None or b"range" in asked or scope["method"] not in ("GET", "HEAD"):
            return None
        version = self._versions.unchanged(scope["path"].lstrip("/"))
        if version is None or not version.unmodified:
            return None
        accepted = asked.get(b"accept-encoding", b"").decode("latin-1")
        encoding = encoding_for(accepted, ENCODINGS) if version.compressed else None
        if version.tag_of(encoding) not in tags_of(none_match.decode("latin-1")):
            return None
        return version.unmodified.get(encoding)

    def _quick(self, scope: Scope) -> Answer | None:
        """Answer what needs no file."""
        method: str = scope["method"]
        if method == "OPTIONS":
            allowed = {"allow": _METHODS, "access-control-allow-methods": _METHODS}
            headers = "If-None-Match, If-Modified-Since, A-IM, Range"
            return Answer(204, {**allowed, **_ANYBODY, "access-control-allow-headers": headers})
        if method not in ("GET", "HEAD"):
            return Answer(405, {"allow": _METHODS, **_PLAIN}, b"This server only reads: use GET.\n")
        return None

    async def _page(self, scope: Scope) -> Answer | None:
        page = self._pages.get(scope["path"])
        return None if page is None else await run_in_threadpool(page, Headers(scope=scope))

    def _answer(self, scope: Scope) -> Answer:
        path = scope["path"].lstrip("/")
        kind = self._versions.kind(path)
        if kind == "folder":
            if path and not path.endswith("/"):
                return _elsewhere(quote(f"{scope.get('root_path', '')}/{path}/"))
            index = f"{path}index.html"
            if not path and self._versions.kind(index) is None:
                return _elsewhere("feeds/", status=302)
            path = index
        elif path.endswith("/"):
            return _NOT_FOUND
        version = self._versions.current(path) if kind else None
        return self._of(version, Headers(scope=scope)) if version else _NOT_FOUND

    def _of(self, version: Version, headers: Headers) -> Answer:
        media_type = self._media_types.of(version.path)
        part = part_for(headers.get("range"), headers.get("if-range"), version.tag, version.modified, len(version.body))
        encoding = None
        if is_text(media_type) and is_worth_compressing(version):
            version.compressed = True
            encoding = encoding_for(headers.get("accept-encoding"), ENCODINGS) if part is None else None
        tag = version.tag_of(encoding)
        fields = {
            "etag": f'"{tag}"',
            # Never later than now (RFC 9110, section 8.8.2.1): of files of one second the later ones are dated ahead.
            "last-modified": format_datetime(min(version.modified, datetime.now(UTC)), usegmt=True),
            **self._said_of(version, media_type),
        }
        none_match = headers.get("if-none-match")
        if is_unmodified(none_match, headers.get("if-modified-since"), tag, version.modified):
            raw = {"x-content-type-options": "nosniff", **fields}
            version.unmodified[encoding] = [(name.encode(), value.encode("latin-1")) for name, value in raw.items()]
            return Answer(304, fields)
        fields["content-type"] = media_type
        if part is not None:
            return _partial(version, part, fields)
        if encoding:
            fields["content-encoding"] = encoding
        if wants_delta(headers.get("a-im")) and none_match and (delta := self._newer(version, none_match)) is not None:
            fields |= {"im": "feed", "cache-control": "no-store, im"}
            return Answer(226, fields, delta, make_body=partial(compress, delta, encoding) if encoding else None)
        fields["accept-ranges"] = "bytes"
        if encoding and encoding not in version.encoded:
            return Answer(200, fields, make_body=partial(version.in_encoding, encoding))
        return Answer(200, fields, version.in_encoding(encoding))

    def _said_of(self, version: Version, media_type: str) -> Fields:
        """Return what is said of a version whatever is asked; it is kept, as many readers ask."""
        if version.said is None:
            version.said = self._say(version, media_type)
        return version.said

    def _say(self, version: Version, media_type: str) -> Fields:
        age = max_age(version.path, version.body)
        fields = {"cache-control": f"public, max-age={age}, stale-while-revalidate={age}"}
        if is_text(media_type):
            fields["vary"] = "Accept-Encoding"
        if is_feed(media_type):
            fields |= _ANYBODY | {"vary": "Accept-Encoding, A-IM, If-None-Match"}
            siblings = sibling_paths(version.path)
            others = {
                other_type: other
                for other_type, other in siblings.items()
                if other != version.path and self._versions.kind(other) == "file"
            }
            topic = self._hub_links.topic_of(version.path) if siblings or media_type.startswith(_XML_FEEDS) else None
            fields["link"] = link_header(version.path, others, topic, self._hub_links.hubs)
        return fields

    def _newer(self, version: Version, none_match: str) -> bytes | None:
        """Return the feed without the entries that a reader has; None if nobody knows what it has."""
        parts = split(version.body, version.path)
        if parts is None:
            return None
        for tag in tags_of(none_match):
            known = self._versions.entries_of(_without_encoding(tag))
            if known is not None:
                return newer(parts, known)
        return None


# Lists of feeds are no feeds.
_XML_FEEDS = ("application/rss", "application/atom")
_ANYBODY = {"access-control-allow-origin": "*", "access-control-expose-headers": "ETag, Link, IM"}
_PLAIN = {"content-type": "text/plain; charset=utf-8"}
_NOT_FOUND = Answer(404, {**_PLAIN, "cache-control": "no-cache"}, b"There is no such file here.\n")


def _elsewhere(where: str, status: int = 308) -> Answer:
    return Answer(status, {"location": where, **_PLAIN}, b"")


def _without_encoding(tag: str) -> str:
    stem, _, encoding = tag.rpartition("-")
    return stem if stem and encoding in ENCODINGS else tag


def _partial(version: Version, part: Part, fields: Fields) -> Answer:
    size = len(version.body)
    if part == UNSATISFIABLE:
        return Answer(416, {"content-range": f"bytes */{size}", **_PLAIN}, b"The file has no such bytes.\n")
    fields["content-range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    return Answer(206, fields, version.body[part.start : part.end])

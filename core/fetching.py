"""GET requests along their redirects: the address checked at each hop, bodies whole and within a limit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import requests
import urllib3

from core.connect import Connector, GuardedAdapter, Unreachable
from core.content_coding import ACCEPTED, CutShort, Decoder, TooLarge, decoders_for
from core.deadline import Guard
from core.exchange import Fetched, HttpError, MayGo
from core.http_errors import EXPECTED, explain
from core.locations import normalised, redirected
from core.targets import why_form_refused

_PERMANENT = frozenset({301, 308})
_REDIRECTS = _PERMANENT | {302, 303, 307}
_NOT_MODIFIED = 304
_PARTIAL = 206
_CHUNK = 65536
# No server keeps so many connections that end just as they are used again.
_MOST_TRIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is asked for, and within which limits."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    max_bytes: int
    redirects: int
    guard: Guard
    may_go: MayGo | None = None


class Fetcher:
    """Sends GET requests through an adapter, whose connections come from the connector."""

    def __init__(self, connector: Connector, adapter: GuardedAdapter, *, user_agent: str) -> None:
        self._connector = connector
        self._adapter = adapter
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": ACCEPTED}

    def fetch(self, errand: Errand) -> Fetched:
        """Return what came; nothing that the outside does is raised."""
        try:
            return self._follow(errand)
        except _Refused as refused:
            return _failed(refused.error, refused.reason)
        except Unreachable as error:
            return _failed(HttpError(error.code), error.reason)
        except EXPECTED as error:
            return _failed(*explain(error))

    def _follow(self, errand: Errand) -> Fetched:
        url = _readable(errand.url)
        headers = {**self._headers, **errand.headers}
        moved_to, all_permanent = None, True
        for _ in range(errand.redirects + 1):
            raw = self._send(url, headers, errand.guard)
            with _Returned(raw, errand.guard) as answer:
                target = answer.target(url)
                if target is None:
                    found = answer.read(errand.max_bytes)
                    return replace(found, url=url, moved_to=moved_to if _is_answered(raw.status) else None)
            if errand.may_go is not None and not errand.may_go(target, errand.guard.remaining()):
                raise _Refused(HttpError.TIMEOUT, "the host that it redirects to is busy")
            all_permanent = all_permanent and raw.status in _PERMANENT
            url = target
            moved_to = url if all_permanent else moved_to
        raise _Refused(HttpError.REDIRECTS, f"more than {errand.redirects} redirects")

    def _send(self, url: str, headers: Mapping[str, str], guard: Guard) -> urllib3.HTTPResponse:
        """Ask anew where a connection that was kept turns out to be closed, as it is no answer of the server's."""
        request = requests.PreparedRequest()
        # Filled by hand: preparing takes much of the time of a GET that brings nothing. Any mapping serves as headers.
        request.method, request.url, request.headers = "GET", _prepared(url), headers  # type: ignore[assignment]
        for _ in range(_MOST_TRIES - 1):
            try:
                return self._send_once(request, guard)
            except requests.ConnectionError:
                if not guard.reused or guard.expired:
                    raise
                guard.release()
        return self._send_once(request, guard)

    def _send_once(self, request: requests.PreparedRequest, guard: Guard) -> urllib3.HTTPResponse:
        # The connection has its own time limit (see Connector); this one is for a single read or write.
        response = self._adapter.send(request, stream=True, timeout=max(guard.remaining(), 0.001))
        raw: urllib3.HTTPResponse = response.raw
        return raw


class _Refused(Exception):
    def __init__(self, error: HttpError, reason: str) -> None:
        super().__init__(reason)
        self.error = error
        self.reason = reason


class _Returned:
    """An answer whose connection goes back to its pool if it was read to its end, and else is closed."""

    def __init__(self, raw: urllib3.HTTPResponse, guard: Guard) -> None:
        self._raw = raw
        self._guard = guard

    def __enter__(self) -> "_Returned":
        return self

    def __exit__(self, *_: object) -> None:
        # The next exchange on the connection has a guard of its own.
        self._guard.release()
        if self._raw.length_remaining == 0:
            self._raw.read()
        else:
            self._raw.close()

    def target(self, url: str) -> str | None:
        """Return where the answer sends to, or None if it is the answer."""
        location = self._raw.headers.get("location")
        if self._raw.status not in _REDIRECTS or not location:
            return None
        try:
            return _readable(redirected(url, location))
        except ValueError:
            raise _Refused(HttpError.BAD_URL, "the server redirects to something that is no URL") from None

    def read(self, max_bytes: int) -> Fetched:
        """Return the answer without its address."""
        if self._raw.status < 200 or self._raw.status == _PARTIAL:
            raise _Refused(HttpError.PROTOCOL, f"status {self._raw.status} was not asked for")
        try:
            body = self._read_body(max_bytes) if self._raw.status < 300 else b""
        except TooLarge:
            raise _Refused(HttpError.TOO_LARGE, f"the answer has more than {max_bytes:,} bytes") from None
        except (CutShort, urllib3.exceptions.IncompleteRead, urllib3.exceptions.ProtocolError):
            raise _Refused(HttpError.PROTOCOL, "the answer is cut short") from None
        return Fetched(status=self._raw.status, headers=_joined(self._raw.headers), body=body)

    def _read_body(self, max_bytes: int) -> bytes:
        decoders = decoders_for(self._raw.headers.get("content-encoding", ""))
        if (self._raw.length_remaining or 0) > max_bytes:
            raise TooLarge
        came, body = 0, bytearray()
        while part := self._raw.read(_CHUNK, decode_content=False):
            came += len(part)
            if came > max_bytes:
                raise TooLarge
            body += _decoded(part, decoders, max_bytes - len(body))
            if len(body) > max_bytes:
                raise TooLarge
        for decoder in decoders:
            decoder.end()
        return bytes(body)


def _decoded(part: bytes, decoders: list[Decoder], limit: int) -> bytes:
    for decoder in decoders:
        part = decoder.decode(part, limit)
    return part


def _readable(url: str) -> str:
    try:
        url = normalised(url)
    except ValueError:
        raise _Refused(HttpError.BAD_URL, "the URL cannot be used") from None
    refusal = why_form_refused(url)
    if refusal:
        raise _Refused(HttpError.BAD_URL, refusal)
    return url


@lru_cache(maxsize=4096)
def _prepared(url: str) -> str | None:
    """Return the address with its host name in ASCII."""
    request = requests.PreparedRequest()
    request.prepare_url(url, None)
    return request.url


def _is_answered(status: int) -> bool:
    return 200 <= status < 300 or status == _NOT_MODIFIED


def _joined(headers: urllib3.HTTPHeaderDict) -> dict[str, str]:
    # A value may be folded over lines (RFC 9112, section 5.2).
    return {name.lower(): " ".join(value.split("\r\n")) for name, value in headers.itermerged()}


def _failed(error: HttpError, reason: str) -> Fetched:
    return Fetched(status=None, error=error, reason=reason)

"""Many requests at once from one thread: libcurl's multi interface over epoll, bounded in time and bytes."""

import contextlib
import os
import select
import socket
import time
import zlib
from collections.abc import Hashable
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import certifi
import pycurl

from core.addresses import AddressPolicy, parse_address
from core.curl_errors import Ending, explain
from core.exchange import HttpError, HttpResult, Mail, Request

_MASKS = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}
_GZIP_OR_ZLIB = 47  # zlib's window bits for either
_LONGEST_TURN = 60.0  # seconds


class Transport:
    """Exchanges under way, at most `in_flight`; each ends within its deadline (seconds), whatever the other side does.

    Follows no redirect, keeps no cookie, reads neither proxy settings nor .netrc. Connections are kept and used again.
    Every address is checked when its socket is made, after resolving. One thread owns it; others may only `wake` it.
    """

    def __init__(
        self,
        *,
        policy: AddressPolicy,
        in_flight: int = 1000,
        connect_timeout: float = 5.0,
        deadline: float = 20.0,
        excerpt_bytes: int = 4096,
        ca_file: Path | None = None,
    ) -> None:
        self.policy = policy
        self.in_flight = in_flight
        self.excerpt_bytes = excerpt_bytes
        self.connect_timeout = connect_timeout
        self.user_agent = f"Feedbell/{version('feedbell')}"
        self._deadline = deadline
        self._ca_file = str(ca_file or certifi.where())
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, 2 * in_flight)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._note_socket)
        self._poll = select.epoll()
        self._wanted: dict[int, int] = {}
        self._watched: dict[int, int] = {}
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._poll.register(self._bell, select.EPOLLIN)
        self._idle: list[_HttpSlot] = []
        self._busy: dict[Any, _Slot] = {}

    @property
    def free(self) -> int:
        """How many more requests may be submitted now."""
        return self.in_flight - len(self._busy)

    @property
    def under_way(self) -> int:
        """How many requests have not ended."""
        return len(self._busy)

    def submit(self, request: Request | Mail, tag: Hashable) -> None:
        """Begin an exchange; `poll` gives its result back with the tag."""
        seconds = request.deadline or self._deadline
        slot: _Slot
        if isinstance(request, Mail):
            slot = _MailSlot(self, self._ca_file)
            slot.begin_mail(request, tag, seconds)
        else:
            slot = self._idle.pop() if self._idle else _HttpSlot(self, self._ca_file)
            slot.begin(request, tag, seconds)
        self._busy[slot.curl] = slot
        self._multi.add_handle(slot.curl)

    def poll(self, seconds: float) -> list[tuple[Any, HttpResult]]:
        """Carry the exchanges on until one ends, `wake` is called or the time is over; return what ended, with tags."""
        give_up = time.monotonic() + min(seconds, _LONGEST_TURN)
        while True:
            if self._multi.timeout() == 0:
                self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
            ended = self._ended()
            left = give_up - time.monotonic()
            if ended or left < 0:
                return ended
            self._watch()
            due = self._multi.timeout()
            woken = False
            for descriptor, events in self._poll.poll(min(left, due / 1000) if due >= 0 else left):
                if descriptor == self._bell:
                    os.eventfd_read(self._bell)
                    woken = True
                    continue
                reads = pycurl.CSELECT_IN if events & ~select.EPOLLOUT else 0
                writes = pycurl.CSELECT_OUT if events & select.EPOLLOUT else 0
                self._multi.socket_action(descriptor, reads | writes)
            if woken:
                return self._ended()

    def exchange(self, request: Request | Mail) -> HttpResult:
        """Carry out one request and wait for its end; nothing else may be under way."""
        self.submit(request, None)
        while True:
            for _, result in self.poll(_LONGEST_TURN):
                return result

    def wake(self) -> None:
        """Let `poll` return soon; may be called from any thread."""
        os.eventfd_write(self._bell, 1)

    def close(self) -> None:
        """Cut every connection. What is under way has no result."""
        for curl in self._busy:
            self._multi.remove_handle(curl)
        for slot in (*self._busy.values(), *self._idle):
            slot.curl.close()
        self._busy.clear()
        self._idle.clear()
        self._multi.close()
        self._poll.close()
        os.close(self._bell)

    def _note_socket(self, event: int, descriptor: int, _multi: object, _own: object) -> None:
        self._wanted[descriptor] = event

    def _watch(self) -> None:
        """Tell the system which sockets to watch: once for each, after libcurl changed its mind a few times."""
        for descriptor, event in self._wanted.items():
            mask = _MASKS.get(event, 0)
            if mask:
                # Even if it is watched so already: the number may be that of a new socket by now.
                try:
                    self._poll.modify(descriptor, mask)
                except FileNotFoundError:
                    self._poll.register(descriptor, mask)
                self._watched[descriptor] = mask
            elif self._watched.pop(descriptor, 0):
                # It may be closed, which ends the watch too.
                with contextlib.suppress(OSError):
                    self._poll.unregister(descriptor)
        self._wanted.clear()

    def _ended(self) -> list[tuple[Any, HttpResult]]:
        ended: list[tuple[Any, HttpResult]] = []
        left = 1
        while left:
            left, good, bad = self._multi.info_read(1000)
            for curl in good:
                ended.append(self._take(curl, None, ""))
            for curl, code, message in bad:
                ended.append(self._take(curl, code, message))
        return ended

    def _take(self, curl: Any, code: int | None, message: str) -> tuple[Any, HttpResult]:
        slot = self._busy.pop(curl)
        self._multi.remove_handle(curl)
        result = slot.result(code, message)
        tag = slot.tag
        if isinstance(slot, _HttpSlot):
            slot.forget()
            self._idle.append(slot)
        else:
            curl.close()
        return tag, result


class _Duplicated:
    """A socket that pycurl duplicates, and that we close as soon as it lets go of it."""

    __slots__ = ("_socket",)

    def __init__(self, made: socket.socket) -> None:
        self._socket = made

    def fileno(self) -> int:
        return self._socket.fileno()

    def __del__(self) -> None:
        self._socket.close()


class _Slot:
    """A libcurl handle and what one exchange leaves behind."""

    __slots__ = ("_transport", "body", "curl", "lines", "refused", "seconds", "size", "tag")

    def __init__(self, transport: Transport, ca_file: str) -> None:
        self._transport = transport
        self.tag: Any = None
        self.lines: list[bytes] = []
        self.body: list[bytes] = []
        self.size = 0
        self.refused: str | None = None
        self.seconds = 0.0
        curl = self.curl = pycurl.Curl()
        for option, value in (
            (pycurl.NOSIGNAL, 1),
            (pycurl.PROXY, ""),
            (pycurl.NETRC, pycurl.NETRC_IGNORED),
            (pycurl.CAINFO, ca_file),
            # 64 kB by default, which a thousand handles would keep; what we send is a few.
            (pycurl.UPLOAD_BUFFERSIZE, 16_384),
            (pycurl.CONNECTTIMEOUT_MS, round(transport.connect_timeout * 1000)),
            (pycurl.WRITEFUNCTION, self.take_body),
            # A method of the list itself costs a fifth of one of ours, for every header line.
            (pycurl.HEADERFUNCTION, self.lines.append),
            (pycurl.OPENSOCKETFUNCTION, self.open_socket),
        ):
            curl.setopt(option, value)

    def begin_time(self, tag: Hashable, seconds: float) -> None:
        self.tag = tag
        self.seconds = seconds
        self.curl.setopt(pycurl.TIMEOUT_MS, max(round(seconds * 1000), 1))

    def take_body(self, chunk: bytes) -> int:
        """Keep the first bytes; then another length than the chunk's makes libcurl close the connection."""
        room = self._transport.excerpt_bytes - self.size
        self.body.append(chunk[:room])
        self.size += min(len(chunk), room)
        return len(chunk) if len(chunk) < room else -1

    def open_socket(self, _purpose: int, target: Any) -> Any:
        family, kind, protocol, where = target
        address = parse_address(where[0]) if isinstance(where, tuple) else None
        reason = "of no kind that is allowed" if address is None else self._transport.policy.why_refused(address)
        if reason is not None:
            self.refused = f"the address {address} is {reason}"
            return pycurl.SOCKET_BAD
        return _Duplicated(socket.socket(family, kind, protocol))

    def result(self, code: int | None, message: str) -> HttpResult:
        """Return what came of the exchange; `code` is libcurl's, None for success."""
        curl = self.curl
        latency = round(curl.getinfo(pycurl.TOTAL_TIME) * 1000)
        if code is not None:
            ending = Ending(
                code=code,
                message=message,
                status=curl.getinfo(pycurl.RESPONSE_CODE),
                connected=curl.getinfo(pycurl.REQUEST_SIZE) > 0,
                resolved=curl.getinfo(pycurl.NAMELOOKUP_TIME) > 0,
                system_error=curl.getinfo(pycurl.OS_ERRNO),
                seconds=self.seconds,
                in_time=latency < self.seconds * 1000 - 1,
            )
            failed = explain(ending, self.refused)
            if failed is not None:
                return _failure(*failed, latency)
        return self.answer(latency)

    def answer(self, latency: int) -> HttpResult:
        raise NotImplementedError


class _HttpSlot(_Slot):
    """A handle for POST requests, used again and again."""

    __slots__ = ()

    def __init__(self, transport: Transport, ca_file: str) -> None:
        super().__init__(transport, ca_file)
        for option, value in (
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.POST, 1),
            (pycurl.USERAGENT, transport.user_agent),
        ):
            self.curl.setopt(option, value)

    def begin(self, request: Request, tag: Hashable, seconds: float) -> None:
        self.begin_time(tag, seconds)
        curl = self.curl
        curl.setopt(pycurl.URL, request.url)
        # Without "Expect:", libcurl asks first whether a large body is wanted, and waits for the answer.
        curl.setopt(pycurl.HTTPHEADER, ["Expect:", "Accept:", "Accept-Encoding: identity", *request.headers])
        curl.setopt(pycurl.POSTFIELDS, request.body)

    def answer(self, latency: int) -> HttpResult:
        retry_after = encoding = None
        for line in self.lines:
            name, _, value = line.partition(b":")
            if len(name) == 11 and name.lower() == b"retry-after":
                retry_after = value.strip().decode("latin-1")[:100]
            elif len(name) == 16 and name.lower() == b"content-encoding":
                encoding = value.strip().lower()
        excerpt = b"".join(self.body)
        if encoding in (b"gzip", b"deflate"):
            excerpt = _decompressed(excerpt, self._transport.excerpt_bytes)
        return HttpResult(
            status=self.curl.getinfo(pycurl.RESPONSE_CODE),
            error=None,
            reason="",
            retry_after=retry_after,
            excerpt=excerpt,
            latency_ms=latency,
        )

    def forget(self) -> None:
        """Be ready for the next request."""
        self.tag = self.refused = None
        self.lines.clear()
        self.body.clear()
        self.size = 0


class _MailSlot(_Slot):
    """A handle for one mail."""

    __slots__ = ()

    def begin_mail(self, mail: Mail, tag: Hashable, seconds: float) -> None:
        self.begin_time(tag, seconds)
        curl = self.curl
        curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_SMTP | pycurl.PROTO_SMTPS)
        curl.setopt(pycurl.URL, mail.url)
        curl.setopt(pycurl.USE_SSL, pycurl.USESSL_ALL if mail.starttls else pycurl.USESSL_NONE)
        if mail.user is not None:
            curl.setopt(pycurl.USERNAME, mail.user)
            curl.setopt(pycurl.PASSWORD, mail.password or "")
        curl.setopt(pycurl.MAIL_FROM, mail.sender)
        curl.setopt(pycurl.MAIL_RCPT, list(mail.recipients))
        curl.setopt(pycurl.UPLOAD, 1)
        curl.setopt(pycurl.INFILESIZE, len(mail.body))
        curl.setopt(pycurl.READFUNCTION, BytesIO(mail.body).read)

    def answer(self, latency: int) -> HttpResult:
        # RFC 5321 section 4.2: 250 says that the server took the message.
        return HttpResult(
            status=self.curl.getinfo(pycurl.RESPONSE_CODE),
            error=None,
            reason="",
            retry_after=None,
            excerpt=b"",
            latency_ms=latency,
        )


def _failure(error: HttpError, reason: str, latency: int) -> HttpResult:
    return HttpResult(status=None, error=error, reason=reason, retry_after=None, excerpt=b"", latency_ms=latency)


def _decompressed(excerpt: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj(_GZIP_OR_ZLIB).decompress(excerpt, limit)
    except zlib.error:
        return excerpt

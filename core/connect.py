"""Connections that resolve a name once, check the address, and connect to exactly that address."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import certifi
import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

from core.addresses import AddressPolicy, IpAddress
from core.deadline import Guard
from core.resolve import Resolver, ResolveTimeout, resolve_within


class Unreachable(Exception):
    """No connection could be made. Holds a code of HttpError and a sentence without secrets."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Connector:
    """Makes the sockets of every connection. The exchange under way in a thread is known by its guard."""

    def __init__(self, *, policy: AddressPolicy, connect_timeout: float, resolver: Resolver) -> None:
        self._policy = policy
        self._connect_timeout = connect_timeout
        self._resolver = resolver
        self._current = threading.local()

    @contextlib.contextmanager
    def guarded_by(self, guard: Guard) -> Iterator[None]:
        """In this thread, connections are watched by `guard` until the block ends."""
        self._current.guard = guard
        try:
            yield
        finally:
            self._current.guard = None

    def watch(self, connection: socket.socket) -> None:
        """Let the exchange of this thread watch a connection from the pool."""
        guard = self._guard()
        guard.reused = True
        guard.watch(connection)

    def connect(self, host: str, port: int) -> socket.socket:
        """Connect to the first allowed address of the host that answers; raises Unreachable."""
        failure = "no address answered"
        for address in self._allowed(host):
            try:
                connection = self._open(address, port)
            except TimeoutError:
                failure = "no connection within the time allowed"
            except OSError as error:
                failure = (error.strerror or "the connection failed").lower()
            else:
                guard = self._guard()
                guard.reused = False
                guard.watch(connection)
                return connection
        raise Unreachable("connect", f"cannot connect: {failure}")

    def _allowed(self, host: str) -> list[IpAddress]:
        try:
            addresses = resolve_within(min(self._connect_timeout, self._guard().remaining()), host, self._resolver)
        except ResolveTimeout:
            raise Unreachable("resolve", "the name servers did not answer in time") from None
        except OSError:
            addresses = ()
        if not addresses:
            raise Unreachable("resolve", "the host name has no address")
        reasons = {address: self._policy.why_refused(address) for address in addresses}
        allowed = [address for address, reason in reasons.items() if reason is None]
        if not allowed:
            raise Unreachable("refused-address", f"the address {addresses[0]} is {reasons[addresses[0]]}")
        return allowed

    def _open(self, address: IpAddress, port: int) -> socket.socket:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            # Zero would mean non-blocking instead of no time left.
            connection.settimeout(max(min(self._connect_timeout, self._guard().remaining()), 0.001))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.connect((str(address), port))
        except OSError:
            connection.close()
            raise
        return connection

    def _guard(self) -> Guard:
        guard: Guard = self._current.guard
        return guard


class GuardedAdapter(HTTPAdapter):
    """A requests adapter whose connections all come from one Connector.

    It keeps those to the `pools` hosts that were used last, `connections` to each, and TLS trusts `ca_file`, by default
    what certifi brings. Closes what was idle for `idle_seconds` when it is used next.
    """

    def __init__(
        self,
        connector: Connector,
        *,
        pools: int,
        connections: int,
        ca_file: Path | None = None,
        idle_seconds: float = 60.0,
    ) -> None:
        self._connector = connector
        self._ca_file = ca_file
        self._idle_seconds = idle_seconds
        self._swapping = threading.Lock()
        super().__init__(pool_connections=pools, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        self._make_manager = partial(PoolManager, num_pools=connections, maxsize=maxsize, block=block, **pool_kwargs)
        self._pool_classes = _pool_classes(self._connector)
        self.close_idle()

    def close_idle(self) -> None:
        """Close the connections that nobody uses now. Those in use are closed when they are given back."""
        fresh = self._make_manager()
        fresh.pool_classes_by_scheme = self._pool_classes
        # A pool that nobody holds any more closes its connections.
        self.poolmanager, self._fresh_until = fresh, time.monotonic() + self._idle_seconds

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        """Return the pool of a host. All share one TLS context, for it takes long to read the authorities."""
        if time.monotonic() > self._fresh_until:
            with self._swapping:
                if time.monotonic() > self._fresh_until:
                    self.close_idle()
        parts = urlsplit(request.url)
        tls = {"ssl_context": self._tls} if parts.scheme == "https" else None
        pool: HTTPConnectionPool = self.poolmanager.connection_from_host(
            parts.hostname, parts.port, parts.scheme, pool_kwargs=tls
        )
        return pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the pool as it is: its TLS context verifies."""

    def request_url(self, request: Any, proxies: Any) -> str:
        """Return path and query."""
        path: str = request.path_url
        return path

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        """Wrap the answer, without looking for cookies in it."""
        response = requests.Response()
        response.status_code, response.headers, response.raw = resp.status, CaseInsensitiveDict(resp.headers), resp
        response.url, response.request, response.reason = req.url, req, resp.reason
        return response

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = create_urllib3_context()
        context.load_verify_locations(self._ca_file or certifi.where())
        return context


def _pool_classes(connector: Connector) -> dict[str, Any]:
    class Guarded(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connector.connect(self._dns_host, self.port or self.default_port)

        def request(self, *arguments: Any, **options: Any) -> None:
            if self.sock is not None:
                connector.watch(self.sock)
            super().request(*arguments, **options)

    class GuardedTls(Guarded, HTTPSConnection):
        """The same over TLS."""

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Guarded

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = GuardedTls

    return {"http": PlainPool, "https": TlsPool}

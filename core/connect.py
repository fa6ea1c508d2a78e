"""Connections that resolve a name once, check the address, and connect to exactly that address."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

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
        self._guard().watch(connection)

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
                self.watch(connection)
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
    """A requests adapter whose connections all come from one Connector."""

    def __init__(self, connector: Connector, *, pools: int, connections: int) -> None:
        self._connector = connector
        super().__init__(pool_connections=pools, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._connector)


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

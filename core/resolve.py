"""Host names to IP addresses, within a bounded time."""

import socket
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from core.addresses import IpAddress, parse_address

Resolver = Callable[[str], tuple[IpAddress, ...]]


class ResolveTimeout(Exception):
    """The name servers did not answer in time."""


def system_resolver(host: str) -> tuple[IpAddress, ...]:
    """Ask the system for the addresses of a host, in the order to try them; raises OSError if there are none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses = (parse_address(str(entry[4][0])) for entry in found)
    return tuple(dict.fromkeys(address for address in addresses if address is not None))


def resolve_within(seconds: float, host: str, resolver: Resolver = system_resolver) -> tuple[IpAddress, ...]:
    """Return the addresses of a host, which may be an address itself in any form that systems take.

    Raises ResolveTimeout after `seconds`, OSError if the name has no address.
    """
    literal = read_literal(host)
    if literal is not None:
        return (literal,)
    # The system's call cannot be interrupted: a daemon thread is left to it, and dies with us.
    answers: SimpleQueue[tuple[IpAddress, ...] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(host))
        except OSError as error:
            answers.put(error)
        except UnicodeError:
            answers.put(OSError("not a host name"))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0))
    except Empty:
        raise ResolveTimeout from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def read_literal(host: str) -> IpAddress | None:
    """Return the address that the host writes out: `127.0.0.1`, `::1`, and the forms of inet_aton
    (`127.1`, `0x7f.1`, `2130706433`), or None for a name."""
    address = parse_address(host)
    if address is not None:
        return address
    try:
        return parse_address(socket.inet_ntoa(socket.inet_aton(host)))
    except (OSError, UnicodeError):
        return None

"""Which IP addresses we may contact: public ones, and the networks that the owner allows."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from core.errors import ConfigurationError

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 section 2.1
# Special by the IANA registries, but unknown as such to the `ipaddress` of some Python that we support.
_SPECIAL: tuple[IpNetwork, ...] = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("100::/64"),
    IPv6Network("2001::/23"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("3fff::/20"),
    IPv6Network("5f00::/16"),
    IPv6Network("fec0::/10"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """The networks that may be contacted although they are not public."""

    allowed_networks: tuple[IpNetwork, ...] = ()

    @classmethod
    def parse(cls, networks: Iterable[str]) -> "AddressPolicy":
        """Read networks such as `127.0.0.0/8`; raises ConfigurationError naming the one that is none."""
        return cls(allowed_networks=tuple(_parse_network(text) for text in networks))

    def why_refused(self, address: IpAddress) -> str | None:
        """Return why the address may not be contacted (`loopback`, `private`, ...), or None if it may."""
        reached = _unwrapped(address)
        if any(_holds(network, candidate) for network in self.allowed_networks for candidate in (address, reached)):
            return None
        return _kind(reached)


def parse_address(text: str) -> IpAddress | None:
    """Return the address that the text writes out in the usual way (with or without a zone), or None."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _parse_network(text: str) -> IpNetwork:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ConfigurationError(f"allow_networks: {error}. Write networks such as 127.0.0.0/8 or fd00::/8.") from error


def _holds(network: IpNetwork, address: IpAddress) -> bool:
    return network.version == address.version and address in network


def _unwrapped(address: IpAddress) -> IpAddress:
    """Return the IPv4 address that packets for a transitional IPv6 address end up at."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or address


def _kind(address: IpAddress) -> str | None:
    kinds = {
        "unspecified": address.is_unspecified,
        "loopback": address.is_loopback,
        "link-local": address.is_link_local,
        "multicast": address.is_multicast,
        "private": address.is_private,
        "reserved": address.is_reserved or any(_holds(network, address) for network in _SPECIAL),
        "not public": not address.is_global,
    }
    return next((kind for kind, applies in kinds.items() if applies), None)

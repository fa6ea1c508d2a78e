"""Which URLs may be configured as a target. What is said of one names its scheme and host: the rest is secret."""

import re
import unicodedata
from urllib.parse import SplitResult, urlsplit

from core.addresses import AddressPolicy
from core.resolve import Resolver, ResolveTimeout, resolve_within, system_resolver

# RFC 3986 allows none of these; programs disagree about what they mean, and a line break ends a header.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\\]")


def why_target_refused(
    url: str,
    policy: AddressPolicy,
    *,
    schemes: tuple[str, ...] = ("https", "http"),
    resolver: Resolver = system_resolver,
    seconds: float = 2.0,
) -> str | None:
    """Return why the URL may not be contacted, or None.

    A name is resolved within `seconds`. One that does not resolve is let through: the connection is checked again.
    """
    return why_form_refused(url, schemes) or _why_host_refused(urlsplit(url), policy, resolver, seconds)


def why_form_refused(url: str, schemes: tuple[str, ...] = ("https", "http")) -> str | None:
    """Return why the URL may not be contacted wherever its host is, or None."""
    if _FORBIDDEN.search(url):
        return "the URL holds a space, a line break, a backslash or a control character"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "not a URL: its host or port cannot be read"
    return _why_shape_refused(parts, schemes)


def address_for_people(url: str) -> str:
    """Return `scheme://host` of a URL, without the parts that may be secret."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname or ''}"
    except ValueError:
        return "an unreadable URL"


def _why_shape_refused(parts: SplitResult, schemes: tuple[str, ...]) -> str | None:
    if parts.scheme not in schemes:
        return f"the URL must start with {' or '.join(f'{scheme}://' for scheme in schemes)}"
    if "@" in parts.netloc:
        return f"{parts.scheme}://{parts.hostname or ''}: no user name or password may stand in the URL"
    if not parts.hostname:
        return "the URL names no host"
    return None


def _why_host_refused(parts: SplitResult, policy: AddressPolicy, resolver: Resolver, seconds: float) -> str | None:
    # Full-width digits and dots mean the plain ones to those who follow Unicode TR 46.
    host = unicodedata.normalize("NFKC", parts.hostname or "").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        host = "127.0.0.1"  # RFC 6761 section 6.3
    try:
        addresses = resolve_within(seconds, host, resolver)
    except (OSError, ResolveTimeout):
        return None
    reasons = [policy.why_refused(address) for address in addresses]
    if not reasons or None in reasons:
        return None
    return (
        f"{parts.scheme}://{parts.hostname}: the address is {reasons[0]} ({addresses[0]});"
        " allow_networks can permit its network"
    )

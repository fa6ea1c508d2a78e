"""Spellings of one topic: hubs decode what need not be encoded (W3C WebSub, section 5.1.1). Pure."""

import re

_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def same_url(one: str, other: str) -> bool:
    """Tell whether two URLs differ at most in how unreserved characters are written (RFC 3986, section 6.2.2.2)."""
    return one == other or normal(one) == normal(other)


def normal(url: str) -> str:
    """Return a URL with nothing encoded that need not be, and the digits of the rest in capitals."""
    return _ENCODED.sub(lambda found: _decoded(found[1]), url)


def _decoded(digits: str) -> str:
    character = chr(int(digits, 16))
    return character if character in _UNRESERVED else f"%{digits.upper()}"

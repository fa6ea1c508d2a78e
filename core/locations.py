"""Addresses as browsers read them: odd characters encoded, relative ones made absolute, no fragment."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

# What the WHATWG's URL standard takes away: around an address, and anywhere in it.
_AROUND = "".join(map(chr, range(0x21)))
_ANYWHERE = re.compile(r"[\t\n\r]")
_BEFORE_QUERY = re.compile(r"[^?#]*+")
# What may stand as it is; a percent sign too, as the address is encoded already where it means to be.
_IN_PATH = "!$%&'()*+,-./:;=@_~|[]"
_IN_QUERY = _IN_PATH + "?`{}^"
_LONGEST = 8192


def normalised(address: str) -> str:
    """Return an absolute address as it is sent: encoded, without fragment; raises ValueError if it cannot be read."""
    parts = urlsplit(_cleaned(address))
    path, query = quote(parts.path, safe=_IN_PATH), quote(parts.query, safe=_IN_QUERY)
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def redirected(base: str, location: str) -> str:
    """Return where a Location header sends from `base`; raises ValueError if it cannot be read."""
    if len(location) > _LONGEST:
        raise ValueError("too long an address")
    # http.client reads headers as Latin-1, while servers that do not encode their addresses send UTF-8.
    try:
        location = location.encode("latin-1").decode()
    except UnicodeError:
        location = quote(location, safe=_IN_QUERY + "#", encoding="latin-1", errors="replace")
    return normalised(urljoin(base, _cleaned(location)))


def _cleaned(address: str) -> str:
    """Return an address without what browsers take away; in one of the web a backslash means a slash."""
    cleaned = _ANYWHERE.sub("", address.strip(_AROUND))
    return _BEFORE_QUERY.sub(lambda found: found[0].replace("\\", "/"), cleaned, count=1)

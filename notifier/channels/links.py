"""URLs as they are put into messages: ASCII, and without the characters that would end a link too early. Pure."""

from urllib.parse import SplitResult, quote, urlsplit

LONGEST_URL = 2000  # characters; no service takes less, and browsers hardly more
# RFC 3986 sections 2.2 and 2.3, and the percent sign of what is encoded already.
_SAFE = "%/:?@!$&'()*+,;=~-._"


def link(url: str, *, avoid: str = "") -> str:
    """Return an http(s) URL with all that is not allowed in one percent-encoded, and the characters in `avoid` too.

    A URL of another kind, and one too long for a message, is left out: the result is empty.
    """
    try:
        parts = urlsplit(url.strip())
        host = _ascii_host(parts)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    safe = "".join(char for char in _SAFE if char not in avoid)
    path, query, fragment = (quote(part, safe=safe, errors="replace") for part in parts[2:])
    shown = f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    return shown if len(shown) <= LONGEST_URL else ""


def _ascii_host(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    if host.isascii():
        # The brackets of an IPv6 address are the only ones that may stand there.
        return quote(host, safe="[]:.-_~")
    name, port = parts.hostname or "", parts.port
    return name.encode("idna").decode() + (f":{port}" if port else "")

"""URLs inside a post's HTML: made absolute, or refused."""

import re
from urllib.parse import quote, urljoin

_PLAIN = re.compile(r"(?:https?:)?//(?:[^\x00-\x20\x7f\\/?#\[\]]|\[[0-9a-f:.]+\])[^\x00-\x20\x7f\\]*+\Z", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# The URL standard drops tab and line breaks anywhere, and control characters at the ends (WHATWG URL, section 4.4).
# Other control characters have no place in a URL either, and we drop them from text: judge what will be published.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_URI_SIGNS = "!#$%&'()*+,/:;=?@~-._"
_URI = re.compile(r"https?://[!#$%&'()*+,/:;=?@~\-.\w]*+", re.ASCII)
_SLASHES = re.compile(r"/{2,}")
_CANDIDATE = re.compile(r"[\s,]*+(\S++)([^,]*+)")
_FETCHED = frozenset({"http", "https"})
# What a person may follow: the ones that posts lead to among those that HTML thinks safe to hand to programs
# (its safelisted schemes).
FOLLOWED = frozenset(
    {"ftp", "ftps", "geo", "http", "https", "irc", "ircs", "magnet", "mailto", "matrix", "news", "nntp", "sftp"}
    | {"sip", "sms", "tel", "webcal", "xmpp"}
)


def absolute_url(base_url: str, value: str, *, fetched: bool = False) -> str | None:
    """Return `value`, as it stands in the page at `base_url`, as an absolute URL; None if it may not be published.

    Schemes are http and https, and for links also the others of FOLLOWED. `fetched` is for what a reader loads unasked
    (`src`): the others have no place there, nor has an empty reference, which means the page itself.
    """
    if _PLAIN.match(value):
        return value if value[0] != "/" else f"{base_url.partition(':')[0]}:{value}"
    value = _CONTROL.sub("", value).strip().replace(" ", "%20")
    if not value and fetched:
        return None
    scheme = _SCHEME.match(value)
    if scheme and scheme[1].lower() not in _FETCHED:
        return value if scheme[1].lower() in FOLLOWED and not fetched else None
    return _joined(base_url, _with_slashes(value))


def _with_slashes(value: str) -> str:
    """Read the reference's backslashes and extra slashes as browsers do."""
    end = min((at for at in (value.find("?"), value.find("#")) if at >= 0), default=len(value))
    path = value[:end].replace("\\", "/")
    if path.startswith("//"):
        path = "//" + path.lstrip("/")
    elif (scheme := _SCHEME.match(path)) and path.startswith("//", scheme.end()):
        path = _SLASHES.sub("//", path[: scheme.end() + 2]) + path[scheme.end() :].lstrip("/")
    return path + value[end:]


def _joined(base_url: str, value: str) -> str | None:
    if value.startswith("//"):
        return f"{base_url.partition(':')[0]}:{value}" if _PLAIN.match(value) else None
    if value.startswith("#"):
        return base_url.partition("#")[0] + value
    try:
        joined = urljoin(base_url, value)
    except ValueError:  # such as brackets that are no IPv6 address
        return None
    return joined if _PLAIN.match(joined) else None


def percent_encoded(url: str) -> str:
    """Return an absolute http(s) URL as a URI (RFC 3986), which fields of a feed ask for; a URI stays as it is."""
    if _URI.fullmatch(url):
        return url
    scheme, _, rest = url.partition("://")
    end = min((at for at in (rest.find(sign) for sign in "/?#") if at >= 0), default=len(rest))
    host = rest[:end]
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            host = quote(host, safe=":@")
    return f"{scheme}://{host}{quote(rest[end:], safe=_URI_SIGNS)}"


def absolute_srcset(base_url: str, value: str) -> str | None:
    """Return an image's candidates (HTML, section 4.8.4.2.1) with absolute URLs; None if none may be published."""
    candidates = []
    for url, descriptor in _candidates(value):
        if absolute := absolute_url(base_url, url, fetched=True):
            candidates.append(f"{absolute} {descriptor}" if descriptor else absolute)
    return ", ".join(candidates) or None


def _candidates(value: str) -> list[tuple[str, str]]:
    candidates = []
    position = 0
    while found := _CANDIDATE.match(value, position):
        url = found[1].rstrip(",")
        ends_here = len(url) < len(found[1])
        position = found.end(1) if ends_here else found.end()
        candidates.append((url, "" if ends_here else " ".join(found[2].split())))
    return candidates

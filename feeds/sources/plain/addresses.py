"""Addresses of posts: below the site, percent-encoded, and nowhere else."""

import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from core.errors import ConfigurationError

_PCHAR = "-._~!$&'()*+,;=:@"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LONGEST = 2000


class Address(NamedTuple):
    """Where a post stands."""

    url: str  # absolute, percent-encoded
    key: str  # its path below the site, percent-encoded


class SiteAddress:
    """The address that the paths of a site stand below."""

    def __init__(self, url: str) -> None:
        self.url = checked_url(url)
        parts = urlsplit(self.url)
        self._host = parts.netloc.lower()
        self._base = parts.path

    def mint(self, path: str) -> Address:
        """Return the address of a percent-encoded path that begins with `/`."""
        return Address(self.url + path, path)

    def written(self, text: str) -> str | None:
        """Return the path below the site that an author's own address names; None if it may not be used."""
        text = _CONTROL.sub("", text).strip()
        if not text or len(text) > _LONGEST:
            return None
        if _SCHEME.match(text) or text.startswith(("//", "\\\\", "/\\", "\\/")):
            return self._absolute(text)
        return encoded(text)

    def _absolute(self, text: str) -> str | None:
        try:
            parts = urlsplit(f"https:{text}" if text.startswith("//") else text)
        except ValueError:  # brackets that are no IPv6 address
            return None
        if parts.scheme.lower() not in ("http", "https") or not self._host or parts.netloc.lower() != self._host:
            return None
        path = parts.path or "/"
        if self._base and path != self._base and not path.startswith(f"{self._base}/"):
            return None
        return encoded(path[len(self._base) :] + (f"?{parts.query}" if parts.query else ""))


def encoded_name(text: str) -> str:
    """Percent-encode a path made of the names of files and terms: a `%` in them is a `%`."""
    return _with_slash(quote(_CONTROL.sub("", text), safe=_PCHAR + "/", errors="replace"))


def encoded(text: str) -> str:
    """Percent-encode a path that an author wrote; what is encoded already stays."""
    path, question, query = text.partition("#")[0].partition("?")
    path = quote(_BROKEN_ESCAPE.sub("%25", path), safe=_PCHAR + "/%", errors="replace")
    if question and query:
        path += "?" + quote(_BROKEN_ESCAPE.sub("%25", query), safe=_PCHAR + "/?%", errors="replace")
    return _with_slash(path)


def checked_url(url: str) -> str:
    """Return a site's address without a slash at its end; empty for none. Raises ConfigurationError for a wrong one."""
    url = url.strip().rstrip("/")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ConfigurationError(
            f"The site's address {url[:200]!r} must be like https://example.org, without `?` and `#`."
        )
    host = parts.netloc.rpartition("@")[2].lower()
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError as error:
        raise ConfigurationError(f"The site's address {url[:200]!r} has a host that cannot be used.") from error
    return f"{parts.scheme.lower()}://{host}" + quote(parts.path, safe=_PCHAR + "/%")


def _with_slash(path: str) -> str:
    """Return the path with one slash before it, without doubled slashes, `.` and `..`."""
    head, question, query = path.partition("?")
    kept: list[str] = []
    segments = head.split("/")
    for segment in segments:
        plain = segment.lower().replace("%2e", ".")
        if plain == "..":
            kept = kept[:-1]
        elif segment and plain != ".":
            kept.append(segment)
    ends = segments[-1] == "" or segments[-1].lower().replace("%2e", ".") in (".", "..")
    return "/" + "/".join(kept) + ("/" if ends and kept else "") + (f"?{query}" if question else "")

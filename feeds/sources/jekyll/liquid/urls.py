"""The filters that make addresses: relative_url, absolute_url and the escapes."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus, unquote_plus, unquote_to_bytes

from core.errors import ConfigurationError
from feeds.sources.jekyll.config import JekyllConfig
from feeds.sources.jekyll.liquid.context import FilterError, Scope
from feeds.sources.jekyll.liquid.ruby import to_s
from feeds.sources.jekyll.urls import UrlMaker, split_origin

_SCHEME = re.compile(r"[^:/?#]+:")
_INDEX = re.compile(r"/index\.html?(?=\n|\Z)")
_KEPT = "-._~:/?#[]@!$&'()*+,;="
_NORMAL = UrlMaker(JekyllConfig())


def relative_url(scope: Scope, value: object) -> object:
    """An address from the site's root, with the base path."""
    if value is None:
        return None
    written = _address(scope, value)
    if _SCHEME.match(written) is not None:
        return written
    joined = _led(scope.site.baseurl.removesuffix("/")) + _led(written)
    return _NORMAL.normal(joined) if joined else ""


def absolute_url(scope: Scope, value: object) -> object:
    """A whole address."""
    if value is None:
        return None
    written = _address(scope, value)
    if _SCHEME.match(written) is not None:
        return written
    relative = to_s(relative_url(scope, written), scope)
    if not scope.site.url:
        return relative
    try:
        origin, path = split_origin(scope.site.url)
    except ConfigurationError:
        return scope.site.url + relative
    return origin + _NORMAL.normal((path + relative) or "/")


def strip_index(scope: Scope, value: object) -> object:
    """An address without `index.html` at its end."""
    if value is None or value == "":
        return None
    return _INDEX.sub("/", to_s(value, scope), count=1)


def cgi_escape(scope: Scope, value: object) -> object:
    """As in the value of a form; spaces become plus signs."""
    if not isinstance(value, str):
        raise FilterError
    return quote_plus(value)


def url_encode(scope: Scope, value: object) -> object:
    """Liquid's own: anything, also numbers."""
    return None if value is None else quote_plus(to_s(value, scope))


def url_decode(scope: Scope, value: object) -> object:
    """The other way."""
    return None if value is None else unquote_plus(to_s(value, scope), errors="strict")


def uri_escape(scope: Scope, value: object) -> object:
    """Percent-encode what cannot stand in an address."""
    if value is None:
        return None
    raw = unquote_to_bytes(to_s(value, scope))
    text = raw.decode()
    return quote(text if text.isascii() else unicodedata.ucd_3_2_0.normalize("NFKC", text), safe=_KEPT)


def _address(scope: Scope, value: object) -> str:
    return to_s(value.get("url"), scope) if isinstance(value, Mapping) and "url" in value else to_s(value, scope)


def _led(text: str) -> str:
    return text if not text or text.startswith("/") else f"/{text}"


FILTERS: Mapping[str, Callable[..., object]] = {
    "relative_url": relative_url,
    "absolute_url": absolute_url,
    "strip_index": strip_index,
    "cgi_escape": cgi_escape,
    "url_encode": url_encode,
    "url_decode": url_decode,
    "uri_escape": uri_escape,
}

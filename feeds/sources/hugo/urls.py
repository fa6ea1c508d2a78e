"""Hugo's URLs: how text becomes a path, and a page's address what its site, language and front matter make of it."""

import posixpath
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

_PLAIN = re.compile(r"[a-z0-9./_~@+-]*")
_ALLOWED = frozenset("./\\_#+~-@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HEX = frozenset("0123456789abcdefABCDEF")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What Go's EscapedPath leaves alone, and what it takes as escaped already (net/url).
_KEPT_IN_PATH = "$&+,/:;=@-_.~"
_VALID_ENCODED = re.compile(r"[A-Za-z0-9$&+,/:;=@_.~!'()*\[\]%-]*")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9$&+,/:;=@_.~-]*")


class UrlError(Exception):
    """An address that Hugo could not make either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a site writes its paths."""

    lower: bool = True
    remove_accents: bool = False

    def path(self, text: str) -> str:
        """Return text as it stands in a path: letters, digits, marks and some signs stay, white space is a hyphen."""
        if _PLAIN.fullmatch(text) is not None:
            return text
        kept = sanitize(text)
        if self.remove_accents:
            plain = unicodedata.normalize("NFD", kept)
            kept = unicodedata.normalize("NFC", "".join(c for c in plain if unicodedata.category(c) != "Mn"))
        return go_lower(kept) if self.lower else kept

    def urlize(self, text: str) -> str:
        """Return text as it stands in a URL."""
        path = self.path(text)
        # Go reads it as a URL, in which a fragment without a word is none.
        return escape_url(path[:-1] if path.find("#") == len(path) - 1 else path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an address is made of."""

    folder: str  # the page's own, from the content's root, with a slash before it
    name: str  # of the page in its folder: the slug, else the file's or the bundle's name
    is_bundle: bool
    url: str | None  # as the front matter has it, tokens expanded
    expanded: str | None  # what the permalink pattern gives
    ugly: bool
    prefix: str  # of the language; empty or without slashes


def link(target: Target, style: Style) -> str:
    """Return a page's path from the site's base, percent-encoded, with a slash before it. Raises UrlError."""
    if target.url:
        return escape_url(_own_link(target.url, target.prefix).replace("#", "%23"))
    return escape_path(_made_link(target, style).replace("#", "%23"))


def go_lower(text: str) -> str:
    """Lower the case of each character for itself, as Go does: no final sigma, no dotted `i` of two characters."""
    return text.lower() if text.isascii() else "".join([character.lower()[0] for character in text])


def normal(path: str) -> str:
    """Return a content path as Hugo compares it."""
    return go_lower(path).replace(" ", "-")


def sanitize(text: str) -> str:
    """Drop what Hugo allows in no path; white space between what stays becomes one hyphen."""
    target: list[str] = []
    pending = after_hyphen = False
    for index, character in enumerate(text):
        if _is_allowed(text, index, character):
            after_hyphen = character == "-"
            if pending and not after_hyphen:
                target.append("-")
            pending = False
            target.append(character)
        elif target and not after_hyphen and _is_go_space(character):
            pending = True
    return "".join(target)


def _is_go_space(character: str) -> bool:
    return character.isspace() and character not in "\x1c\x1d\x1e\x1f"


def _is_allowed(text: str, index: int, character: str) -> bool:
    if character.isalpha() or character in _ALLOWED:
        return True
    if character == "%":
        return len(text) > index + 2 and text[index + 1] in _HEX and text[index + 2] in _HEX
    return unicodedata.category(character) in ("Nd", "Mn", "Mc", "Me")


def escape_path(path: str) -> str:
    """Percent-encode a path as Go's URL.EscapedPath does. Raises UrlError for an escape that is none."""
    if _PLAIN_PATH.fullmatch(path) is not None:
        return path
    if _BAD_ESCAPE.search(path) is not None or _CONTROL.search(path) is not None:
        raise UrlError(f"{path[:200]!r} is no path of a URL: a % is followed by two digits or letters a to f")
    if _VALID_ENCODED.fullmatch(path) is not None:
        return path
    return quote(unquote_to_bytes(path), safe=_KEPT_IN_PATH)


def escape_url(url: str) -> str:
    """Percent-encode a path with its query as Go's URL.String does. Raises UrlError."""
    path, mark, query = url.partition("?")
    return escape_path(path) + (mark + quote(query, safe=_KEPT_IN_PATH + "?!'()*[]%\"<>") if mark else "")


def query_unescape(text: str) -> str:
    """Decode percent-encoding; a plus becomes a space. Raises UrlError for an escape that is none."""
    if _BAD_ESCAPE.search(text) is not None:
        raise UrlError(f"{text[:200]!r} has a % that is followed by no two digits or letters a to f")
    return unquote_to_bytes(text.replace("+", " ")).decode(errors="replace")


def clean(path: str) -> str:
    """Return the path as Go's path.Clean does."""
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _own_link(url: str, prefix: str) -> str:
    """The path for a `url` of the front matter, which stays as it is written."""
    relative = not url.startswith("/")
    if ".." in url:
        url = clean("/" + url)
    elements = [element for element in url.split("/") if element]
    if url.endswith("/") or "." not in url:
        elements.append("index.html")
    made = _joined(elements)
    return f"/{prefix}{made}" if relative and prefix and not url.startswith(f"/{prefix}") else made


def _made_link(target: Target, style: Style) -> str:
    if target.expanded is not None:
        elements = [target.expanded]
    else:
        elements = [element for element in (target.folder, target.name) if element not in ("", "/")]
    is_index = target.name == "index" and not target.is_bundle
    if target.ugly or (is_index and target.expanded is None):
        elements[-1:] = [(elements[-1].removesuffix("/") if elements else "") + ".html"]
    else:
        elements.append("index.html")
    made = _joined([style.path(element) for element in elements], "index" if is_index else "")
    return f"/{target.prefix}{made}" if target.prefix else made


def _joined(elements: list[str], cut: str = "") -> str:
    is_index = elements[-1] == "index.html"
    made = ""
    for element in elements[:-1] if is_index else elements:
        made += element if made.endswith("/") or element.startswith("/") else "/" + element
    made = made.removesuffix(cut)
    return made + "/" if is_index and not made.endswith("/") else made

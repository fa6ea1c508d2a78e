"""What is said of each kind of file. Pure."""

import mimetypes
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import quote

_FEEDS = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
_OTHERS = {
    ".opml": "text/x-opml",
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
_TEXTS = ("text/", "application/rss", "application/atom", "application/feed", "application/json", "image/svg")


class MediaTypes:
    """The media types of one site; `xml_format` (`rss` or `atom`) is what a feed is that ends in .xml."""

    def __init__(self, xml_format: str) -> None:
        self._types = {
            **{f".{name}": media_type for name, media_type in _FEEDS.items()},
            ".xml": _FEEDS[xml_format],
            **_OTHERS,
        }

    def of(self, path: str) -> str:
        """Return a file's media type, with the charset of texts."""
        name = PurePosixPath(path)
        media_type = "text/x-opml" if name.name == "opml.xml" else self._types.get(name.suffix.lower())
        media_type = media_type or mimetypes.guess_type(name.name)[0] or "application/octet-stream"
        return f"{media_type}; charset=utf-8" if is_text(media_type) else media_type


def is_text(media_type: str) -> bool:
    """Tell whether files of a media type are text, which is smaller when compressed."""
    return media_type.startswith(_TEXTS)


def is_feed(media_type: str) -> bool:
    """Tell whether a media type is that of feeds, or of lists of feeds: pages of other sites may read them."""
    return media_type.partition(";")[0] in (*_FEEDS.values(), "text/x-opml")


def sibling_paths(path: str) -> dict[str, str]:
    """Return the feed's files in each format, by media type, where a path is one of them."""
    stem, dot, suffix = path.rpartition(".")
    if not dot or suffix not in _FEEDS:
        return {}
    return {media_type: f"{stem}.{name}" for name, media_type in _FEEDS.items()}


def link_header(path: str, others: dict[str, str], topic: str | None = None, hubs: Iterable[str] = ()) -> str:
    """Return the ways to a feed itself and to its other formats, given by media type (RFC 8288).

    With hubs, `topic` is the address under which one subscribes, wherever this server is (W3C WebSub, section 4).
    """
    links = [f'<{hub}>; rel="hub"' for hub in hubs] if topic else []
    links.append(f'<{topic or quote(PurePosixPath(path).name)}>; rel="self"')
    links += [
        f'<{quote(PurePosixPath(other).name)}>; rel="alternate"; type="{media_type}"'
        for media_type, other in others.items()
    ]
    return ", ".join(links)

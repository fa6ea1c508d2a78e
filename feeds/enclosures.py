"""The audio and video files of a post: those that its front matter names, and those that its content plays or links."""

import os
import re
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from html import unescape
from urllib.parse import unquote

from feeds.model import Enclosure
from feeds.urls import percent_encoded

LengthOf = Callable[[str], int | None]

# As browsers and podcast programs call them. Python's own table depends on the machine.
_TYPES = {
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "m4b": "audio/mp4",
    "aac": "audio/aac",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "ogv": "video/ogg",
    "mkv": "video/x-matroska",
}
_ENDING = re.compile(r"\.([A-Za-z0-9]{3,4})[\"?#]")
_ELEMENT = re.compile(r"<(a|audio|video|source)(?= )([^>\"]*+(?:\"[^\"]*+\"[^>\"]*+)*)>")
_ADDRESS = re.compile(r" (?:src|href)=\"(https?://[^\"]++)\"")
_SAID_TYPE = re.compile(r" type=\"((?:audio|video)/[\w.+-]+)")
_MOST = 50
# Where generators keep the files that they copy to the root of a site.
_COPIED_FROM = ("", "static", "content", "public", "src")


def media_type_of(url: str) -> str | None:
    """Return the media type of an audio or video file by the ending of its name; None for another."""
    path = url.partition("#")[0].partition("?")[0]
    return _TYPES.get(path.rpartition("/")[2].rpartition(".")[2].lower())


def enclosures_of(content_html: str, given: Sequence[Enclosure], length_of: LengthOf) -> tuple[Enclosure, ...]:
    """Return a post's media files, each once: the `given` ones, then those in sanitised HTML; at most 50.

    A file whose type neither the post nor its name tells is none.
    """
    if not given and not _may_hold(content_html):
        return ()
    found: dict[str, Enclosure] = {}
    for one in (*given, *_played(content_html)):
        if one.url not in found and len(found) < _MOST:
            found[one.url] = one if one.length is not None else replace(one, length=length_of(one.url))
    return tuple(found.values())


def _may_hold(content_html: str) -> bool:
    if "<audio" in content_html or "<video" in content_html:
        return True
    return any(ending.lower() in _TYPES for ending in _ENDING.findall(content_html))


def _played(content_html: str) -> Iterable[Enclosure]:
    for element in _ELEMENT.finditer(content_html):
        address = _ADDRESS.search(element[2])
        if address is None:
            continue
        url = percent_encoded(unescape(address[1]))
        said = _SAID_TYPE.search(element[2]) if element[1] == "source" else None
        media_type = said[1].lower() if said else media_type_of(url)
        if media_type is not None:
            yield Enclosure(url=url, media_type=media_type)


class LocalFiles:
    """Tells the length of files of the site's own, which need not be asked for over the network."""

    def __init__(self, home_url: str, root: str) -> None:
        self._home_url = home_url.rstrip("/") + "/"
        self._root = os.path.realpath(root)

    def length_of(self, url: str) -> int | None:
        """Return the bytes of the file that the site serves at a URL; None if it cannot be told."""
        if not url.startswith(self._home_url):
            return None
        path = unquote(url[len(self._home_url) :].partition("#")[0].partition("?")[0])
        return next((length for folder in _COPIED_FROM if (length := self._length(folder, path)) is not None), None)

    def _length(self, folder: str, path: str) -> int | None:
        try:
            full = os.path.realpath(os.path.join(self._root, folder, path.lstrip("/")))
            found = os.stat(full)
        except (OSError, ValueError):
            return None
        is_inside = full.startswith(self._root + os.sep)
        return found.st_size if is_inside and stat.S_ISREG(found.st_mode) else None

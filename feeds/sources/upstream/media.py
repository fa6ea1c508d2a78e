"""Media files and pictures of an item: enclosures, Media RSS, iTunes. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

from feeds.enclosures import media_type_of
from feeds.model import Enclosure
from feeds.sources.upstream.texts import web_url

_MOST = 50
_TYPE = re.compile(r"(?:audio|video)/[\w.+-]{1,100}")
_PLAYED = frozenset({"application/ogg", "application/x-mpegurl", "application/vnd.apple.mpegurl"})
_PICTURE_ENDING = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:\?|\Z)", re.IGNORECASE)
_LONGEST_NUMBER = 15

Attributes = Mapping[str, object]


def enclosure(attributes: Attributes, base_url: str) -> Enclosure | None:
    """Return an audio or video file of the attributes `href` or `url`, `type` and `length` or `filesize`."""
    url = web_url(base_url, attributes.get("href") or attributes.get("url"))
    if url is None:
        return None
    said = _media_type(attributes)
    media_type = said if _TYPE.fullmatch(said) or said in _PLAYED else media_type_of(url)
    # What says that it is something else is something else, whatever its name ends in.
    if media_type is None or (said.startswith(("image/", "text/")) and media_type != said):
        return None
    length = number(attributes.get("length")) or number(attributes.get("filesize"))
    return Enclosure(url=url, media_type=media_type, length=length)


def enclosures(found: Iterable[Enclosure | None]) -> tuple[Enclosure, ...]:
    """Return files by their URLs, each once, at most 50."""
    files: dict[str, Enclosure] = {}
    for one in found:
        if one is not None and len(files) < _MOST:
            known = files.get(one.url)
            if known is None or (known.length is None and one.length is not None):
                files[one.url] = one
    return tuple(files.values())


def picture(
    contents: Sequence[Attributes], thumbnails: Sequence[Attributes], others: Iterable[Attributes], base_url: str
) -> str | None:
    """Return an item's picture: the widest of Media RSS, else its thumbnail, else another's.

    Where none says its width the thumbnail comes first: blogs put the author's face among the contents.
    """
    pictures = [one for one in contents if _is_picture(one)]
    sized = sorted((one for one in pictures if number(one.get("width"))), key=_width, reverse=True)
    for one in (*sized, *thumbnails, *pictures, *others):
        if url := web_url(base_url, one.get("href") or one.get("url")):
            return url
    return None


def is_picture_file(attributes: Attributes) -> bool:
    """Tell whether an enclosure is a picture."""
    return _media_type(attributes).startswith("image/")


def _is_picture(attributes: Attributes) -> bool:
    medium, media_type = attributes.get("medium"), _media_type(attributes)
    if medium or media_type:
        return medium == "image" or media_type.startswith("image/")
    url = attributes.get("url")
    return isinstance(url, str) and _PICTURE_ENDING.search(url) is not None


def _media_type(attributes: Attributes) -> str:
    said = attributes.get("type")
    return said.partition(";")[0].strip().lower() if isinstance(said, str) else ""


def _width(attributes: Attributes) -> int:
    return number(attributes.get("width")) or 0


def number(value: object) -> int | None:
    """Return a positive number of what a feed writes; None if it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 10**_LONGEST_NUMBER:
        return int(value)
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= _LONGEST_NUMBER:
        return int(value) or None
    return None

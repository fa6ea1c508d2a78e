"""Audio and video files that a post's front matter names, as the podcast plugins of the generators have it."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from feeds.enclosures import media_type_of
from feeds.frontmatter import Node, Scalar
from feeds.model import Enclosure

AddressOf = Callable[[str], str | None]

# `podcast_file` and `podcast_bytes` are of a theme for Hugo, the others of many plugins.
_KEYS = ("enclosure", "enclosures", "audio", "video", "videos", "podcast", "podcast_file")
_ANY_KEY = frozenset(_KEYS)
_ADDRESSES = ("url", "src", "path", "file", "href", "link")
_LENGTHS = ("length", "bytes", "size", "filesize", "file_size")
_MOST = 50


def seen_of(enclosures: Iterable[Enclosure]) -> list[str]:
    """Return what readers see of media files, for the hash of a post's meaning."""
    return [f"{one.url} {one.media_type} {one.length}" for one in enclosures]


def attached(values: Mapping[str, Node], address: AddressOf) -> tuple[Enclosure, ...]:
    """Return the media files that front matter names, in order, each once.

    Under each key stands an address, a map with the address, its length in bytes and its type, a map of endings and
    addresses (`mp3: /a.mp3`), or a list of these. `address` turns what is written into a URL, absolute or as seen from
    the post's page, None if it is none. What is no audio or video is passed over: `video` may well be the number of
    a video elsewhere.
    """
    if _ANY_KEY.isdisjoint(values):
        return ()
    found: dict[str, Enclosure] = {}
    for key in _KEYS:
        node = values.get(key)
        for one in node[:_MOST] if isinstance(node, list) else [node]:
            for enclosure in _enclosures(one, values, key, address):
                found.setdefault(enclosure.url, enclosure)
    return tuple(found.values())[:_MOST]


def _enclosures(node: Node | None, values: Mapping[str, Node], key: str, address: AddressOf) -> Iterator[Enclosure]:
    if isinstance(node, Scalar):
        length = values.get("podcast_bytes") if key == "podcast_file" else None
        yield from _enclosure(node, length, None, address)
    elif isinstance(node, dict):
        written = next((node[name] for name in _ADDRESSES if name in node), None)
        if written is not None:
            length = next((node[name] for name in _LENGTHS if name in node), None)
            yield from _enclosure(written, length, node.get("type") or node.get("mime"), address)
        else:
            for inner in list(node.values())[:_MOST]:
                yield from _enclosure(inner, None, None, address)


def _enclosure(node: Node, length: Node | None, said_type: Node | None, address: AddressOf) -> Iterator[Enclosure]:
    written = _text(node)
    url = address(written) if written else None
    if url is None:
        return
    said = _text(said_type).partition(";")[0].strip().lower()
    media_type = said if said.startswith(("audio/", "video/")) else media_type_of(url)
    if media_type is None:
        return
    digits = _text(length).replace(",", "").replace("_", "")
    is_length = digits.isascii() and digits.isdigit() and len(digits) < 16
    yield Enclosure(url=url, media_type=media_type, length=int(digits) if is_length else None)


def _text(node: Node | None) -> str:
    return node.text.strip() if isinstance(node, Scalar) and not node.null else ""

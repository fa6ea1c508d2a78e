"""What makes an item the same as one that was seen before, and the id under which it is published. Pure.

An item's key is its guid, else its link, else a hash of its title and text. Feeds that give one guid to several items
are wrong, and their items still want to be told apart: each of them gets its guid with a hash of its link and title,
and of its text where those are the same too. Such a key stays the same as the item moves down the feed.
"""

import re
import uuid
from collections import Counter
from collections.abc import Sequence

from core.digest import digest
from feeds.sources.upstream.model import UpstreamItem

_LONGEST_KEY = 500
# An absolute IRI (RFC 3987), as strictly as the W3C validator asks: no sign that URIs exclude, `%` with two digits.
_IRI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*+):((?:[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`%]|%[0-9A-Fa-f]{2})+)")
_HOST = re.compile(r"//(?:[^/?#@\[\]]*+@)?(?:[^/?#@:\[\]]++|\[[0-9A-Fa-f:.]++\])(?::\d*+)?(?=[/?#]|\Z)")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_URN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,31}:(?:[\w()+,.:=@;$!*'\-]|%[0-9A-Fa-f]{2})+", re.ASCII)
# RFC 4151, section 2.1.
_TAG = re.compile(
    r"(?:[a-z0-9._-]++@)?[a-z0-9.-]++,\d{4}(?:-\d\d){0,2}:[\w;/?:@&=+$.\-~!*'(),%]*+(?:#[\w;/?:@&=+$.\-~!*'(),%]*+)?",
    re.ASCII,
)
_IDS_ELSEWHERE = frozenset(
    {"ftp", "gopher", "doi", "info", "hdl", "oai", "cid", "mid", "at", "nostr", "magnet", "news"}
)


def item_key(item: UpstreamItem) -> str:
    """Return what an item is known by, seen alone: at most 500 characters."""
    return _bounded(item.guid or item.link or f"hash:{_content_digest(item)}")


def key_of_guid(guid: str) -> str:
    """Return what an item with this guid is known by."""
    return _bounded(guid)


def item_keys(items: Sequence[UpstreamItem]) -> tuple[str, ...]:
    """Return what each item of a document is known by. Items that are the same in all have the same key."""
    keys = [item_key(item) for item in items]
    shared = {key for key, count in Counter(keys).items() if count > 1}
    if not shared:
        return tuple(keys)
    faces = [(key, item.link, item.title) for key, item in zip(keys, items, strict=True)]
    seen = Counter(faces)
    return tuple(
        _told_apart(face[0], item, by_text=seen[face] > 1) if face[0] in shared else face[0]
        for face, item in zip(faces, items, strict=True)
    )


def entry_id(item: UpstreamItem, key: str, feed_url: str) -> str:
    """Return the id that an item is published under: its guid where it is an absolute IRI, else one made of `key`."""
    if item.guid is not None and item.guid == key and is_iri(item.guid):
        return item.guid
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{feed_url} {key}')}"


def is_iri(text: str) -> bool:
    """Tell whether a text is an absolute IRI of a kind that feeds use for ids."""
    found = _IRI.fullmatch(text)
    if found is None or len(text) > _LONGEST_KEY:
        return False
    scheme, rest = found[1].lower(), found[2]
    if scheme in ("http", "https"):
        return _is_web(rest)
    if scheme == "urn":
        return _URN.fullmatch(rest) is not None and (not rest.lower().startswith("uuid:") or _is_uuid(rest[5:]))
    if scheme == "tag":
        return _TAG.fullmatch(rest) is not None
    return scheme in _IDS_ELSEWHERE


def _is_web(rest: str) -> bool:
    """Tell whether the part behind `http:` has a host, a number as its port, and brackets only around an address."""
    host = _HOST.match(rest)
    return host is not None and "[" not in rest[host.end() :] and "]" not in rest[host.end() :] and rest.count("#") <= 1


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def _told_apart(key: str, item: UpstreamItem, *, by_text: bool) -> str:
    parts = (item.link or "", item.title, item.html if by_text else "")
    return f"{key[: _LONGEST_KEY - 20]}#{digest(chr(0).join(parts).encode())[:16]}"


def _bounded(key: str) -> str:
    return key if len(key) <= _LONGEST_KEY else f"hash:{digest(key.encode())}"


def _content_digest(item: UpstreamItem) -> str:
    return digest(f"{item.title}\0{item.html}".encode())

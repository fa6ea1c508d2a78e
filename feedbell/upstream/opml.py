"""Lists of feeds as other programs write them (OPML 2.0, https://opml.org/spec2.opml). Pure."""

from dataclasses import dataclass
from typing import Any

from core.errors import ConfigurationError
from core.text import one_line

_LARGEST = 20_000_000
_MOST = 20_000
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """A feed in a list."""

    title: str  # one line; may be empty
    url: str
    folders: tuple[str, ...] = ()  # that it lies in, the outermost first


def read_opml(raw: bytes) -> list[ListedFeed]:
    """Return the feeds of a list, each address once, in their order.

    Raises ConfigurationError for what is no OPML. Nothing that the file refers to is read.
    """
    if len(raw) > _LARGEST:
        raise ConfigurationError(f"the list has {len(raw):,} bytes, more than {_LARGEST:,}; split it")
    # Slow to load, and every command would wait for it.
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or root.tag != "opml":
        raise ConfigurationError("the list is no OPML: it must be XML that begins with <opml>")
    found: dict[str, ListedFeed] = {}
    for outline in root.iter("outline"):
        url = (outline.get("xmlUrl") or outline.get("xmlurl") or "").strip()
        if url and url not in found:
            found[url] = ListedFeed(title=_title(outline), url=url, folders=_folders(outline))
        if len(found) > _MOST:
            raise ConfigurationError(f"the list has more than {_MOST:,} feeds; split it")
    return list(found.values())


def _title(outline: Any) -> str:
    return one_line(outline.get("title") or outline.get("text") or "", _LONGEST)


def _folders(outline: Any) -> tuple[str, ...]:
    above = (_title(one) for one in outline.iterancestors("outline"))
    return tuple(title for title in above if title)[::-1]

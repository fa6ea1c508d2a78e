"""A reader that follows a feed into its archive, as RFC 5005 says, and knows nothing of us."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
_HISTORY = "{http://purl.org/syndication/history/1.0}archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed document: a live one, or a page of an archive."""

    entries: dict[str, str]  # id to title
    links: dict[str, str]  # relation to URL
    is_archive: bool


def read(path: Path) -> Document:
    """Read a document of any format."""
    if path.suffix == ".json":
        return _json(path)
    root = etree.parse(path).getroot()
    feed = root if root.tag == f"{ATOM}feed" else root[0]
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    entries = {entry.findtext(f"{ATOM}id"): entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")}
    entries |= {item.findtext("guid"): item.findtext("title") for item in feed.findall("item")}
    return Document(entries=entries, links=links, is_archive=feed.find(_HISTORY) is not None)


def _json(path: Path) -> Document:
    content = json.loads(path.read_bytes())
    links = {"self": content["feed_url"]}
    if "next_url" in content:
        links["prev-archive"] = content["next_url"]
    return Document(
        entries={item["id"]: item.get("title", "") for item in content["items"]},
        links=links,
        is_archive="/archive/" in content["feed_url"],
    )


@dataclass(slots=True)
class Follower:
    """A reader that fetches a live feed and then the pages before it, until it comes to one that it has."""

    out: Path
    address: str = "https://site.example/"
    entries: dict[str, str] = field(default_factory=dict)
    pages: set[str] = field(default_factory=set)

    def file(self, url: str) -> Path:
        """Return where the document at an address lies."""
        assert url.startswith(self.address), url
        return self.out / unquote(urlsplit(url).path).removeprefix(urlsplit(self.address).path)

    def poll(self, feed: str) -> "Follower":
        """Fetch a feed, given by its path, and what came since the last time; what is newer counts."""
        document = read(self.out / feed)
        chain = [document]
        url = document.links.get("prev-archive")
        while url is not None and url not in self.pages:
            self.pages.add(url)
            chain.append(read(self.file(url)))
            url = chain[-1].links.get("prev-archive")
        for one in reversed(chain):
            self.entries |= one.entries
        return self

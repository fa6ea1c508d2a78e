"""The feeds that a page for people names (autodiscovery). Pure, and linear in the page's length."""

from collections.abc import Mapping

from feeds.html_tokens import TOKEN, attributes
from feeds.sources.upstream.texts import web_url

# The better a format serves us, the earlier.
_TYPES = (
    "application/atom+xml",
    "application/rss+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/json",
)
_LOOKED_AT = 2_000_000
_MOST = 20
# A feed of comments is not what a page is about.
_ASIDE = ("comment", "/replies", "kommentar")


def feed_links(html: str, headers: Mapping[str, str], url: str) -> tuple[str, ...]:
    """Return the absolute URLs of a page's feeds, the best first: in the page's own order, those of comments last."""
    base_url, found = url, []
    for token in TOKEN.finditer(html[:_LOOKED_AT]):
        name = (token[3] or "").lower()
        if name == "base" and base_url == url:
            base_url = web_url(url, attributes(token[0]).get("href")) or url
        elif name == "link":
            said = attributes(token[0])
            if "alternate" in said.get("rel", "").lower().split() and (rank := _rank(said)) is not None:
                found.append((rank, said.get("href", "")))
    found.sort(key=lambda one: one[0])
    links = (web_url(base_url, href) for _, href in found)
    return tuple(dict.fromkeys(link for link in links if link))[:_MOST]


def _rank(said: Mapping[str, str]) -> int | None:
    media_type = said.get("type", "").partition(";")[0].strip().lower()
    if media_type not in _TYPES:
        return None
    words = f"{said.get('title', '')} {said.get('href', '')}".lower()
    return int(any(word in words for word in _ASIDE))

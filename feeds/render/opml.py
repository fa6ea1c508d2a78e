"""OPML 2.0 (https://opml.org/spec2.opml): every feed of the site in one file, for readers to import."""

from collections.abc import Sequence
from dataclasses import dataclass

from feeds.render.fragments import exact, line


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlFeed:
    title: str
    xml_url: str
    html_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlGroup:
    """The feeds of one taxonomy; without a title they stand at the top."""

    title: str
    feeds: Sequence[OpmlFeed]


def render_opml(title: str, groups: Sequence[OpmlGroup]) -> bytes:
    """Write the list of feeds. It holds no date, so it changes only when a feed comes or goes."""
    outlines = "".join(_group(group) for group in groups if group.feeds)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<opml version="2.0"><head><title>{line(title)}</title></head>\n<body>\n{outlines}</body></opml>\n'
    ).encode()


def _group(group: OpmlGroup) -> str:
    feeds = "".join(_feed(feed) for feed in group.feeds)
    if not group.title:
        return feeds
    title = line(group.title)
    return f'<outline text="{title}" title="{title}">\n{feeds}</outline>\n'


def _feed(feed: OpmlFeed) -> str:
    title = line(feed.title)
    home = f' htmlUrl="{exact(feed.html_url)}"' if feed.html_url else ""
    return f'<outline type="rss" text="{title}" title="{title}" xmlUrl="{exact(feed.xml_url)}"{home}/>\n'

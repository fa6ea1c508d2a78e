"""Small pieces of XML and JSON feeds: escaped text, dates, and the people and labels of an entry.

feedgen writes the heads. It does not write the entries: one with 8 kB of content costs it 100 to 140 microseconds a
format (about 20 here), most of it lxml copying and escaping the content, and still 36 to 52 with one letter in the
content's place. Nor has it a way to write an entry outside of a feed, so each feed it stands in would pay again.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from core.text import one_line, xml_legal
from feeds.model import Author, Category, FeedHistory, Rendering

_HISTORY = "http://purl.org/syndication/history/1.0"
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# BCP 47's shape, as far as XML Schema's `language` asks.
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")


def text(value: str) -> str:
    """Escape characters for an element's text. `>` too, so that `]]>` cannot end anything."""
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A parser would read a bare carriage return as a line feed (XML 1.0, section 2.11).
    return value.replace("\r", "&#13;") if "\r" in value else value


class EscapedContent:
    """Escapes the content of the last rendering once for all the formats that ask for it in turn."""

    def __init__(self) -> None:
        self._rendering: Rendering | None = None
        self._escaped = b""

    def of(self, rendering: Rendering) -> bytes:
        """Return the content, escaped for an element's text."""
        if rendering is not self._rendering:
            self._escaped = text(rendering.content_html).encode()
            self._rendering = rendering
        return self._escaped


def line(value: str) -> str:
    """Return one clean line of any length, escaped for text and for a double-quoted attribute."""
    return text(one_line(value, limit=len(value) + 1)).replace('"', "&quot;")


def exact(value: str) -> str:
    """Return an id, a URL or a term as it is, but for what XML forbids; escaped for text and for an attribute."""
    return text(xml_legal(value)).replace('"', "&quot;")


def rfc3339(time: datetime) -> str:
    """Write an aware time as RFC 3339 does, to the second."""
    return _whole_minutes(time).isoformat(timespec="seconds")


def rfc822(time: datetime) -> str:
    """Write an aware time as RSS does: RFC 822 with a year of four digits; English names on every machine."""
    time = _whole_minutes(time)
    minutes = (time.utcoffset() or timedelta()) // timedelta(minutes=1)
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return (
        f"{_WEEKDAYS[time.weekday()]}, {time.day:02d} {_MONTHS[time.month - 1]} {time.year:04d} "
        f"{time.hour:02d}:{time.minute:02d}:{time.second:02d} "
        f"{sign}{minutes // 60:02d}{minutes % 60:02d}"
    )


def _whole_minutes(time: datetime) -> datetime:
    """Neither format can write the seconds that zones had before 1900 and some had until 1972."""
    offset = time.utcoffset()
    if offset is None:
        raise ValueError("a time without a zone")
    return time.astimezone(UTC) if offset.seconds % 60 else time


def language_tag(language: str | None) -> str | None:
    """Return the language if it has the shape of a BCP 47 tag."""
    return language if language and _LANGUAGE.fullmatch(language) else None


def email_address(author: Author) -> str | None:
    """Return the author's address if it is one."""
    return author.email if author.email and _EMAIL.fullmatch(author.email) else None


def history_links(history: FeedHistory, element: str, media_type: str) -> bytes:
    """Write the ways to a feed's archive, and what marks a page of it (RFC 5005, sections 2 and 4)."""
    ways = {"current": history.current, "prev-archive": history.previous, "next-archive": history.following}
    links = "".join(
        f'<{element} rel="{relation}" type="{media_type}" href="{exact(url)}"/>'
        for relation, url in ways.items()
        if url is not None
    )
    mark = f'<fh:archive xmlns:fh="{_HISTORY}"/>' if history.current is not None else ""
    return (links + mark).encode()


def hub_links(hubs: Iterable[str], element: str) -> bytes:
    """Write where one can subscribe to the feed (W3C WebSub, section 4; RFC 8288, appendix B)."""
    return "".join(f'<{element} rel="hub" href="{exact(url)}"/>' for url in hubs).encode()


def web_address(url: str | None) -> str | None:
    """Return the URL if it is one that a feed may hold."""
    return xml_legal(url) if url and url.startswith(("http://", "https://")) else None


def named(authors: Iterable[Author]) -> list[Author]:
    """Return the authors that have a name."""
    return [author for author in authors if author.name.strip()]


def media_content(image: str | None) -> str:
    """Write a post's picture as Media RSS has it (its version 1.5.1); readers show it beside the title."""
    url = web_address(image)
    return f'<media:content url="{exact(url)}" medium="image"/>' if url else ""


def distinct_labels(categories: Iterable[Category]) -> list[str]:
    """Return the labels in order, each once: a category and its tag often read the same."""
    return list(dict.fromkeys(category.label for category in categories))

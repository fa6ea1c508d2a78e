"""The heads of RSS and Atom documents, written by feedgen: the only file that knows it.

A site has thousands of feeds whose heads differ in five strings. feedgen writes one head for all that share the rest,
with marks in the place of these strings; it costs it 30 to 80 microseconds, filling the marks in 3.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.text import xml_legal
from feeds.model import Author, FeedHead
from feeds.render.fragments import email_address, exact, language_tag, line, named, rfc822, rfc3339, web_address

_GENERATOR = "Feedbell"
_TITLE, _DESCRIPTION, _SELF = "mark-of-the-title", "mark-of-the-description", "https://mark-of-the-feed.invalid/"
_ID = "https://mark-of-the-id.invalid/"
_UPDATED = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)


class RssHeads:
    """Writes RSS documents without items, with the namespace prefixes that our items use."""

    def __init__(self) -> None:
        self._templates: dict[object, str] = {}

    def write(self, head: FeedHead, title: str, description: str) -> bytes:
        """Write the head of one feed."""
        key = (head.home_url, head.language, head.authors)
        if key not in self._templates:
            self._templates[key] = _rss_template(head)
        marks = {_TITLE: line(title), _DESCRIPTION: line(description), _SELF: exact(head.self_urls["rss"])}
        return _filled(self._templates[key], marks | {rfc822(_UPDATED): rfc822(head.updated)})


class AtomHeads:
    """Writes Atom documents without entries, with the namespace prefix that our entries use."""

    def __init__(self) -> None:
        self._templates: dict[object, str] = {}

    def write(self, head: FeedHead, title: str, subtitle: str, authors: Sequence[Author]) -> bytes:
        """Write the head of one feed."""
        key = (head.home_url, head.language, tuple(authors), head.icon, bool(subtitle))
        if key not in self._templates:
            self._templates[key] = _atom_template(head, authors, with_subtitle=bool(subtitle))
        marks = {_TITLE: line(title), _DESCRIPTION: line(subtitle), _SELF: exact(head.self_urls["atom"])}
        # A page of its archive is a part of the same feed.
        marks[_ID] = exact(head.history.current or head.self_urls["atom"])
        return _filled(self._templates[key], marks | {rfc3339(_UPDATED): rfc3339(head.updated)})


def _filled(template: str, marks: Mapping[str, str]) -> bytes:
    # In one pass, so that a title that holds a mark is not filled in its turn.
    return re.sub("|".join(map(re.escape, marks)), lambda found: marks[found[0]], template).encode()


def _rss_template(head: FeedHead) -> str:
    generator = _generator(_marked(head), "rss", with_description=True)
    generator.load_extension("dc")
    generator.load_extension("media")
    creators = [xml_legal(author.name) for author in named(head.authors)]
    if creators:
        generator.dc.dc_creator(creators)
    return bytes(generator.rss_str()).decode()


def _atom_template(head: FeedHead, authors: Sequence[Author], *, with_subtitle: bool) -> str:
    generator = _generator(_marked(head), "atom", with_description=with_subtitle)
    generator.load_extension("media")
    generator.id(_ID)
    for author in authors:
        fields = {"name": author.name, "uri": web_address(author.uri), "email": email_address(author)}
        generator.author({key: xml_legal(value) for key, value in fields.items() if value})
    if head.icon:
        generator.icon(head.icon)
    return bytes(generator.atom_str()).decode()


def _marked(head: FeedHead) -> FeedHead:
    return replace(head, self_urls=dict.fromkeys(head.self_urls, _SELF), updated=_UPDATED)


def _generator(head: FeedHead, format_name: str, *, with_description: bool) -> Any:
    # Slow to load, and many runs build no feed.
    from feedgen.feed import FeedGenerator

    generator = FeedGenerator()
    generator.title(_TITLE)
    generator.description(_DESCRIPTION if with_description else "")
    generator.generator(_GENERATOR)
    media_type = f"application/{format_name}+xml"
    # feedgen gives RSS the last of these as the channel's link.
    generator.link(href=head.self_urls[format_name], rel="self", type=media_type)
    generator.link(href=head.home_url, rel="alternate", type="text/html")
    # Both are the time of the run unless set.
    generator.updated(head.updated)
    generator.lastBuildDate(head.updated)
    if language := language_tag(head.language):
        generator.language(language)
    return generator

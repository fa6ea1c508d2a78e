"""The heads of RSS and Atom documents, written by feedgen: the only file that knows it."""

from collections.abc import Sequence
from typing import Any

from core.text import xml_legal
from feeds.model import Author, FeedHead
from feeds.render.fragments import email_address, language_tag, named, web_address

_GENERATOR = "Feedbell"


def rss_head(head: FeedHead, title: str, description: str) -> bytes:
    """Write an RSS document without items, with the namespace prefixes that our items use."""
    generator = _generator(head, "rss", title, description)
    generator.load_extension("dc")
    creators = [xml_legal(author.name) for author in named(head.authors)]
    if creators:
        generator.dc.dc_creator(creators)
    return bytes(generator.rss_str())


def atom_head(head: FeedHead, title: str, subtitle: str, authors: Sequence[Author]) -> bytes:
    """Write an Atom document without entries."""
    generator = _generator(head, "atom", title, subtitle)
    generator.id(head.self_urls["atom"])
    for author in authors:
        fields = {"name": author.name, "uri": web_address(author.uri), "email": email_address(author)}
        generator.author({key: xml_legal(value) for key, value in fields.items() if value})
    if head.icon:
        generator.icon(head.icon)
    return bytes(generator.atom_str())


def _generator(head: FeedHead, format_name: str, title: str, description: str) -> Any:
    # Slow to load, and many runs build no feed.
    from feedgen.feed import FeedGenerator

    generator = FeedGenerator()
    generator.title(title)
    generator.description(description)
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

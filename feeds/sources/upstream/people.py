"""Who wrote an item: names, addresses and pages as the formats write them. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from feeds.model import Author
from feeds.sources.upstream.texts import line_of_html, web_url

_MOST = 20
_LONGEST_SAID = 500
_LONGEST = 200
_ADDRESS = re.compile(r"[^\s@<>()\",;:]{1,64}@[^\s@<>()\",;:]{1,190}\Z")
# RSS: `a@b.example (Name)`; people also write it the other way round, or as in a mail.
_ADDRESS_FIRST = re.compile(r"(?:mailto:)?([^\s@]{1,64}@[^\s()]{1,190})\s*\((.{1,200})\)\Z", re.IGNORECASE)
_NAME_FIRST = re.compile(r"(.{1,200}?)\s*[<(]\s*(?:mailto:)?([^\s@]{1,64}@[^\s<>()]{1,190})\s*[>)]\Z", re.IGNORECASE)

_REST_OF_ADDRESS = re.compile(r"([a-z]+)\s*\(([^()]+)\Z")


def author(name: object, email: object, uri: object, base_url: str) -> Author | None:
    """Return an author of what a feed says; None if it does not say who."""
    said = name.strip() if isinstance(name, str) else ""
    address = email.strip() if isinstance(email, str) else ""
    if not _ADDRESS.match(address):
        said, address = said or address, ""
    if not address:
        said, address = _taken_apart(said[:_LONGEST_SAID])
    page = web_url(base_url, uri)
    # An address alone names somebody, but is not shown to the world.
    shown = line_of_html(said, _LONGEST) or address.partition("@")[0] or _host(page)
    return Author(name=shown, email=address or None, uri=page) if shown else None


def _taken_apart(said: str) -> tuple[str, str]:
    if found := _ADDRESS_FIRST.match(said):
        name, address = found[2], found[1]
    elif found := _NAME_FIRST.match(said):
        name, address = found[1], found[2]
    else:
        name, address = "", said
    return (name.strip(), address) if _ADDRESS.match(address) else (said, "")


def _host(page: str | None) -> str:
    return page.partition("://")[2].partition("/")[0] if page else ""


def each_once(authors: Iterable[Author | None]) -> tuple[Author, ...]:
    """Return authors by their names, each once; what one says more of itself is kept."""
    found: dict[str, Author] = {}
    for one in authors:
        if one is None:
            continue
        known = found.get(one.name)
        if known is None:
            if len(found) < _MOST:
                found[one.name] = one
        else:
            found[one.name] = Author(name=one.name, email=known.email or one.email, uri=known.uri or one.uri)
    return tuple(found.values())


def authors_of(found: Mapping[str, Any], base_url: str) -> tuple[Author, ...]:
    """Return the authors of a feedparser entry, feed or source."""
    people = [_whole(one) for one in found.get("authors") or ()]
    if people and found.get("author"):
        people[-1] = {"name": found["author"], "href": people[-1].get("href")}
    return each_once(author(one.get("name"), one.get("email"), one.get("href"), base_url) for one in people)


def _whole(person: Mapping[str, Any]) -> Mapping[str, Any]:
    """Undo that feedparser ends the address in `a@b.example (Name)` after four letters of its last part."""
    rest = _REST_OF_ADDRESS.match(person.get("name") or "")
    if rest is None or not person.get("email"):
        return person
    return {**person, "email": f"{person['email']}{rest[1]}", "name": rest[2]}

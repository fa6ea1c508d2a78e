"""The Link header of an answer (RFC 8288), as far as WebSub asks it. Pure."""

import re
from collections.abc import Iterator, Mapping

from feeds.sources.upstream.texts import web_url

_LONGEST = 20_000
_TARGET = re.compile(r"[\s,]*+<([^>]*+)>")
_PARAMETER = re.compile(
    r"\s*+;\s*+([^\s=;,\"]*+)\s*+(?:=\s*+(?:\"([^\"\\]*+(?:\\.[^\"\\]*+)*)(?:\"|\Z)|([^\s;,\"]*+)))?"
)
_ESCAPED = re.compile(r"\\(.)")


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header's value whatever the letters' case of its name; empty if it is missing."""
    found = headers.get(name)
    if found is None:
        found = next((value for key, value in headers.items() if key.lower() == name), "")
    return found


def linked(headers: Mapping[str, str], relation: str, base_url: str) -> tuple[str, ...]:
    """Return the absolute http(s) URLs that a Link header names for a relation, each once, in its order."""
    found = (
        web_url(base_url, target)
        for target, relations in _links(header(headers, "link")[:_LONGEST])
        if relation in relations
    )
    return tuple(dict.fromkeys(url for url in found if url))


def _links(value: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Give each link's target and relations; links about another resource (`anchor`) are left out."""
    position = 0
    while target := _TARGET.match(value, position):
        position = target.end()
        parameters: dict[str, str] = {}
        while (found := _PARAMETER.match(value, position)) and found[1]:
            text = _ESCAPED.sub(r"\1", found[2]) if found[2] is not None else found[3] or ""
            # The first `rel` counts (section 3.3).
            parameters.setdefault(found[1].lower(), text)
            position = found.end()
        if "anchor" not in parameters:
            yield target[1].strip(), frozenset(parameters.get("rel", "").lower().split())
        following = value.find(",", position)
        if following < 0:
            return
        position = following

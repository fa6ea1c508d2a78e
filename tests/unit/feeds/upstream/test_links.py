"""The Link header, by the examples of RFC 8288 and WebSub, and what comes of it in a document."""

import pytest

from feeds.sources.upstream.links import linked
from feeds.sources.upstream.model import UpstreamDocument
from feeds.sources.upstream.reading import read_document

BASE = "https://site.example/feed"


@pytest.mark.parametrize(
    ("value", "hubs", "selves"),
    [
        # W3C WebSub, section 4, example 5.
        (
            '<https://hub.example.com/>; rel="hub", <http://example.com/feed>; rel="self"',
            ("https://hub.example.com/",),
            ("http://example.com/feed",),
        ),
        ("<https://h.example/>;rel=hub,</f>;REL=SELF", ("https://h.example/",), ("https://site.example/f",)),
        ('<a,b>; title="x, <y>; rel=hub"; rel="next hub"', ("https://site.example/a,b",), ()),
        (r'<x>; title="a \"quoted\", <z>; rel=\"self\""; rel=hub', ("https://site.example/x",), ()),
        # RFC 8288, section 3.3: only the first counts.
        ("<x>; rel=next; rel=hub", (), ()),
        # Section 3.2: another resource's.
        ('<x>; rel=hub; anchor="/other"', (), ()),
        ("<javascript:x>; rel=hub, <mailto:a@b.example>; rel=self", (), ()),
        ("<x>; rel=hub, <x>; rel=hub, <y>; rel=hub", ("https://site.example/x", "https://site.example/y"), ()),
        (" , , <x> ; rel = hub ; a ; b=", ("https://site.example/x",), ()),
        ("garbage; rel=hub", (), ()),
        ('<x>; rel="hub', ("https://site.example/x",), ()),
        ("", (), ()),
    ],
)
def test_links_of_a_header(value: str, hubs: tuple[str, ...], selves: tuple[str, ...]) -> None:
    headers = {"LINK": value}
    assert linked(headers, "hub", BASE) == hubs
    assert linked(headers, "self", BASE) == selves


def test_the_header_comes_before_the_document() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><link rel="hub" href="https://b.example/"/>
        <link rel="hub" href="https://a.example/"/><link rel="self" href="https://in.example/"/></feed>"""
    headers = {"Link": '<https://a.example/>; rel="hub", <https://header.example/>; rel="self"'}
    found = read_document(body, headers, BASE)
    assert isinstance(found, UpstreamDocument)
    assert found.hubs == ("https://a.example/", "https://b.example/")
    assert found.self_url == "https://header.example/"

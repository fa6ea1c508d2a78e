"""What an item is known by, and the id that it is published under."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.sources.upstream.identity import entry_id, is_iri, item_key, item_keys
from feeds.sources.upstream.model import UpstreamItem

FEED = "https://site.example/feed"
ITEM = UpstreamItem(guid=None, link=None, title="", html="", base_url=FEED)


def test_guid_then_link_then_text() -> None:
    full = replace(ITEM, guid="g", link="https://site.example/1", title="t", html="<p>x</p>")
    assert item_key(full) == "g"
    assert item_key(replace(full, guid=None)) == "https://site.example/1"
    bare = replace(full, guid=None, link=None)
    assert item_key(bare) == item_key(replace(bare, summary="other")) != item_key(replace(bare, html="<p>y</p>"))


def test_one_guid_for_several_items_tells_them_apart() -> None:
    first = replace(ITEM, guid="g", link="https://site.example/1", title="one")
    second = replace(first, link="https://site.example/2")
    third = replace(first, title="three")
    other = replace(ITEM, guid="h")
    keys = item_keys((first, second, third, other))
    assert len(set(keys)) == 4
    assert keys[3] == "h"
    # They stay what they are when another comes, and wherever they stand.
    newest = replace(first, link="https://site.example/0")
    assert item_keys((newest, other, third, second, first))[1:] == (keys[3], keys[2], keys[1], keys[0])
    # Only the text differs.
    assert len(set(item_keys((first, replace(first, html="x"), replace(first, html="y"))))) == 3
    # Nothing does.
    assert len(set(item_keys((first, first)))) == 1


items = st.builds(
    UpstreamItem,
    guid=st.sampled_from([None, "a", "b"]),
    link=st.sampled_from([None, "https://site.example/1", "https://site.example/2"]),
    title=st.sampled_from(["", "t", "u"]),
    html=st.sampled_from(["", "x", "y"]),
    base_url=st.just(FEED),
)


@given(st.lists(items, max_size=6))
def test_keys_know_no_order_and_tell_items_apart(found: list[UpstreamItem]) -> None:
    keys = dict(zip(found, item_keys(found), strict=True))
    turned = list(reversed(found))
    assert dict(zip(turned, item_keys(turned), strict=True)) == keys
    faces = {(one.guid, one.link, one.title, one.html) for one in found}
    by_guid = {face for face in faces if face[0]}
    assert len({keys[one] for one in found if one.guid}) == len(by_guid)


def test_a_key_has_a_bound() -> None:
    long = replace(ITEM, guid="g" * 60_000)
    assert len(item_key(long)) <= 500
    assert item_key(long) != item_key(replace(ITEM, guid="g" * 60_001))
    twice = item_keys((long, replace(long, title="t")))
    assert len(set(twice)) == 2
    assert max(map(len, twice)) <= 500


@pytest.mark.parametrize(
    "text",
    [
        # RFC 3986, section 1.1.2; RFC 4151, section 2.2; RFC 4122, section 3; RFC 3987.
        "http://www.ietf.org/rfc/rfc2396.txt",
        "ftp://ftp.is.co.za/rfc/rfc1808.txt",
        "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
        "tag:timothy@hpl.hp.com,2001:web/externalHome",
        "tag:my-ids.com,2001-09-15:TimKindberg:presentations:UBath2004-05-19",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "http://www.詹姆斯.com/atomtests/iri/詹.html",
        "https://[2001:db8::7]:8080/c=GB?objectClass?one",
        "https://site.example/?p=1#x",
    ],
)
def test_iris(text: str) -> None:
    assert is_iri(text)
    item = replace(ITEM, guid=text)
    assert entry_id(item, item_key(item), FEED) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345",
        "/relative",
        "//host/path",
        "site.example",
        "http:",
        "http://",
        "http:///path",
        "http://host:port/",
        "http://a b/",
        "https://site.example/a b",
        "https://site.example/100%",
        "https://site.example/<x>",
        "https://site.example/{x}",
        "https://site.example/[x]",
        "https://site.example/#a#b",
        "urn:uuid:no-uuid",
        "urn:x",
        "tag:site.example:no-date",
        "tag:site.example,2026:[x]",
        "tag:site*example,2026:x",
        "urn:x-a:b/c d",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "yt video:1",
        "https://site.example/" + "a" * 600,
    ],
)
def test_what_is_no_iri_gets_an_id_of_ours(text: str) -> None:
    assert not is_iri(text)
    item = replace(ITEM, guid=text or None, title="t")
    ours = entry_id(item, item_key(item), FEED)
    assert ours.startswith("urn:uuid:")
    assert is_iri(ours)
    assert ours == entry_id(item, item_key(item), FEED)
    assert ours != entry_id(item, item_key(item), "https://other.example/feed")


def test_a_guid_that_several_items_have_is_nobodys_id() -> None:
    found = (replace(ITEM, guid="urn:x-a:b", title="1"), replace(ITEM, guid="urn:x-a:b", title="2"))
    ids = {entry_id(item, key, FEED) for item, key in zip(found, item_keys(found), strict=True)}
    assert len(ids) == 2
    assert all(one.startswith("urn:uuid:") for one in ids)

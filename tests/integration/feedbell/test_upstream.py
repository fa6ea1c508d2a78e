"""Upstream feeds as sources: what becomes of their items, over a real server and on both databases."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from core.db import reading
from feeds.store import sources
from tests.support.planet import Item, Planet, numbered, rss, running_planet
from tests.support.receiver import Manner, Reply
from tests.support.site import endpoint

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def planet(tmp_path: Path, database_url: str) -> Iterator[Planet]:
    with running_planet(tmp_path, database_url) as made:
        yield made


def test_the_first_poll_is_silent_and_what_comes_then_is_told(planet: Planet) -> None:
    planet.configure({"a": ""})
    planet.serve("a", *numbered(2, 1))
    planet.run()
    assert planet.titles() == ["n2", "n1"]
    assert planet.events() == []
    planet.serve("a", *numbered(3, 2))
    planet.run()
    # What the feed shows no more is not withdrawn: a feed is a window.
    assert planet.titles() == ["n3", "n2", "n1"]
    assert planet.events() == [("published", "n3")]


def test_entries_say_where_they_come_from(planet: Planet) -> None:
    planet.configure({"a": ""})
    planet.serve("a", Item(title="One", guid="tag:up.example,2026:1"), title="Upstream &amp; co")
    planet.run()
    [entry] = etree.parse(planet.out / "feeds/all.atom").getroot().iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == "tag:up.example,2026:1"
    source = entry.find(f"{ATOM}source")
    assert source.findtext(f"{ATOM}title") == "Upstream & co"
    assert source.findtext(f"{ATOM}id") == planet.server.url("/a")
    links = {link.get("rel"): link.get("href") for link in entry.findall(f"{ATOM}link")}
    assert links == {"alternate": "http://up.example/One", "via": "http://up.example/One"}
    [item] = etree.parse(planet.out / "feeds/all.rss").getroot().iter("item")
    assert item.findtext("source") == "Upstream & co"
    assert item.find("source").get("url") == planet.server.url("/a")
    assert planet.json()[0]["external_url"] == "http://up.example/One"
    # Another program reads it so, too.
    [read] = feedparser.parse((planet.out / "feeds/all.rss").read_bytes()).entries
    assert read.source.title == "Upstream & co"


def test_categories_are_mapped_and_have_feeds(planet: Planet) -> None:
    planet.configure(
        {"a": '[sources.categories]\nrename = { "tech*" = "technology" }\ndrop = ["ads"]\nadd = ["elsewhere"]'}
    )
    planet.serve("a", Item(title="One", guid="1", categories=["Tech News", "Ads", "Local"]))
    planet.run()
    assert planet.entries()[0].categories == ("technology", "Local", "elsewhere")
    assert planet.titles("category/technology") == ["One"]
    # Other rules hold for what is kept as well, also where the feed shows it no more; nobody is told.
    planet.serve("a", Item(title="Two", guid="2"))
    planet.configure({"a": '[sources.categories]\nbecome = "tags"'})
    planet.run()
    assert {one.title: one.categories for one in planet.entries()} == {"Two": (), "One": ("Tech News", "Ads", "Local")}
    assert planet.titles("tag/Local") == ["One"]
    assert planet.events() == [("published", "Two")]


def test_a_source_that_is_not_republished_is_told_of_and_no_more(planet: Planet) -> None:
    hook = endpoint("http://127.0.0.1:9/", categories='["news"]', sources='["a"]')
    planet.configure({"a": "publish = false\n", "b": ""}, settings="", site=_SITE)
    planet.serve("a", *numbered(1))
    planet.serve("b", *numbered(11))
    planet.run()
    planet.configure({"a": "publish = false\n" + hook.replace("[[endpoints]]", "\n[[endpoints]]"), "b": ""})
    planet.serve("a", replace(numbered(2)[0], categories=["news"]), *numbered(1))
    planet.run()
    assert planet.titles() == ["n11"]
    assert planet.events() == [("published", "n2")]
    assert planet.app.deliveries.counts()["pending"] == 1
    assert not (planet.out / "feeds/category/news.atom").exists()
    # Said otherwise, it stands in the feeds, and the other way round; neither is news.
    planet.configure({"a": "", "b": "publish = false"})
    planet.run()
    assert planet.titles() == ["n2", "n1"]
    assert planet.events() == [("published", "n2")]


def test_what_is_republished_no_more_leaves_archives_too(planet: Planet) -> None:
    settings = "[feeds]\ncount = 2\nhours = 0\n[feeds.archives]\npage = 2\n"
    planet.configure({"a": "", "b": ""}, settings=settings)
    planet.serve("a", *numbered(*range(9, 0, -1)))
    planet.serve("b", *numbered(*range(19, 10, -1)))
    planet.run()
    assert _shows(planet.out, '<title type="text">n1</title>')
    planet.configure({"a": "publish = false", "b": ""}, settings=settings)
    planet.run()
    for number in range(1, 10):
        assert not _shows(planet.out, f'<title type="text">n{number}</title>')
    assert all(_shows(planet.out, f'<title type="text">n{number}</title>') for number in range(11, 20))


def _shows(out: Path, text: str) -> bool:
    return any(text in file.read_text() for file in out.rglob("*.atom"))


def test_the_address_of_a_private_feed_is_not_published(planet: Planet) -> None:
    planet.configure({"a?token=hush": ""})
    own = '<atom:link rel="self" href="http://up.example/feed?key=hush"/>'
    planet.answer("a?token=hush", Reply(body=rss(*numbered(1), head=own), headers={"Content-Type": "text/xml"}))
    planet.run()
    assert planet.titles() == ["n1"]
    assert not any(b"hush" in file.read_bytes() for file in planet.out.rglob("*") if file.is_file())
    [entry] = etree.parse(planet.out / "feeds/all.atom").getroot().iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}source/{ATOM}id").startswith("urn:uuid:")


_SITE = '[site]\ntitle = "Planet"\nurl = "https://planet.example"\n'


def test_the_validators_go_back_as_they_came(planet: Planet) -> None:
    planet.configure({"a": ""})
    headers = {"ETag": 'W/"a b;\t"', "Last-Modified": "Yesterday, roughly", "Content-Type": "text/xml"}
    planet.answer("a", Reply(body=rss(*numbered(1)), headers=headers), Reply(status=304, body=b""))
    planet.run()
    planet.run()
    first, second = planet.asked()
    assert "if-none-match" not in first.headers
    assert second.headers["if-none-match"] == 'W/"a b;\t"'
    assert second.headers["if-modified-since"] == "Yesterday, roughly"
    assert second.headers["user-agent"].startswith("Feedbell/")
    assert planet.state().last_status == 304
    assert planet.error() is None
    assert planet.titles() == ["n1"]


def test_a_changed_item_is_an_update_where_a_reader_sees_it(planet: Planet) -> None:
    planet.configure({"a": ""})
    planet.serve("a", Item(title="One", guid="1", text="<p>Hello</p>"))
    planet.run()
    planet.serve(
        "a", Item(title="One", guid="1", text="<p>Hello  </p><!-- x -->", date="Sat, 02 May 2026 10:00:00 GMT")
    )
    planet.run()
    assert planet.events() == []
    planet.serve("a", Item(title="One", guid="1", text="<p>Hello, world</p>"))
    planet.run()
    assert planet.events() == [("updated", "One")]
    assert "Hello, world" in str(planet.json()[0]["content_html"])


def test_only_what_the_feed_says_is_gone_is_withdrawn(planet: Planet) -> None:
    planet.configure({"a": ""})
    planet.serve("a", *numbered(2, 1))
    planet.run()
    gone = '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="{}" when="2026-05-02T00:00:00Z"/>'
    planet.serve("a", *numbered(2), head=gone.format("id-1") + gone.format("nobody"))
    planet.run()
    assert planet.titles() == ["n2"]
    assert planet.events() == [("withdrawn", "n1")]


def test_new_ids_at_every_fetch_make_no_new_posts(planet: Planet) -> None:
    planet.configure({"a": ""})
    for fetch in range(3):
        planet.serve("a", *[replace(one, guid=f"{one.guid}-{fetch}", text="x" * 200) for one in numbered(3, 2, 1)])
        planet.run()
    # New dates as well, for the same words.
    planet.serve("a", *[replace(one, guid=f"{one.title}-x", text="x" * 200, date=None) for one in numbered(3, 2, 1)])
    planet.run()
    assert planet.events() == []
    assert sorted(planet.titles()) == ["n1", "n2", "n3"]
    assert "new ids at every poll" in str(planet.state().notice)
    again = [replace(one, guid=f"{one.title}-y", text="x" * 200, date=None) for one in numbered(3, 2, 1)]
    planet.serve("a", Item(title="really new", guid="y"), *again)
    planet.run()
    assert planet.events() == [("published", "really new")]


def test_one_page_may_have_many_items(planet: Planet) -> None:
    planet.configure({"a": ""})
    planet.serve("a", Item(title="Status", guid="1", link="http://up.example/status", text="fine"))
    planet.run()
    planet.serve(
        "a",
        Item(
            title="Status", guid="2", link="http://up.example/status", text="bad", date="Sat, 02 May 2026 10:00:00 GMT"
        ),
    )
    planet.run()
    assert planet.events() == [("published", "Status")]
    assert len(planet.titles()) == 2


def test_a_flood_is_capped_and_said(planet: Planet) -> None:
    planet.configure({"a": "max_new = 3"}, settings="[feeds]\ncount = 1000\n")
    planet.serve("a", *numbered(1))
    planet.run()
    planet.serve("a", *numbered(*range(60, 0, -1)))
    planet.run()
    # The newest are told of, and every one of them stands in the feeds.
    assert planet.events() == [("published", f"n{number}") for number in (58, 59, 60)]
    assert len(planet.titles()) == 60
    assert planet.state().notice == "59 posts came at once: 3 were told of, the others stand in the feeds only"
    planet.serve("a", *numbered(*range(61, 0, -1)))
    planet.run()
    assert planet.events()[3:] == [("published", "n61")]
    assert planet.state().notice is None


def test_dates_ahead_and_missing_count_as_now_once(planet: Planet) -> None:
    planet.configure({"a": ""})
    odd = [
        Item(title="ahead", guid="1", date="Fri, 01 May 2099 10:00:00 GMT"),
        Item(title="none", guid="2", date=None),
        Item(title="nonsense", guid="3", date="soon"),
    ]
    planet.serve("a", *odd)
    planet.run()
    seen = planet.clock.now.isoformat(timespec="seconds")
    assert {one.published for one in planet.entries()} == {seen}
    planet.serve("a", *[replace(one, text="Other words") for one in odd])
    planet.run()
    assert {one.published for one in planet.entries()} == {seen}


def test_items_without_id_are_known_by_link_or_words(planet: Planet) -> None:
    planet.configure({"a": ""})
    bare = [Item(title="linked", link="http://up.example/1"), Item(title="bare", link=None, text="Only words")]
    planet.serve("a", *bare)
    planet.run()
    planet.serve("a", Item(title="new", link="http://up.example/2"), *bare[::-1])
    planet.run()
    assert planet.events() == [("published", "new")]
    ids = [one.id for one in planet.entries()]
    assert len(set(ids)) == 3
    assert all(one.startswith(("http://up.example/", "urn:uuid:")) for one in ids)


def test_one_id_in_two_feeds_makes_two_posts_with_ids_of_their_own(planet: Planet) -> None:
    planet.configure({"a": "", "b": ""})
    planet.serve("a", Item(title="A", guid="http://up.example/1"))
    planet.serve("b", Item(title="B", guid="http://up.example/1"))
    planet.run()
    assert len({one.id for one in planet.entries()}) == 2


def test_an_id_that_another_post_has_stays_an_iri(planet: Planet) -> None:
    guid = "urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6"  # of RFC 4287, section 1.1
    planet.configure({"a": "", "b": ""})
    planet.serve("a", Item(title="A", guid=guid))
    planet.serve("b", Item(title="B", guid=guid))
    planet.run()
    first, second = sorted((one.id for one in planet.entries()), key=lambda id_: id_ != guid)
    assert first == guid
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", second)


def test_a_redirect_for_good_is_remembered_and_another_is_not(planet: Planet) -> None:
    planet.configure({"a": "", "b": ""})
    planet.serve("new", *numbered(1))
    planet.answer("a", Reply(status=301, headers={"Location": "/new"}))
    planet.answer("b", Reply(status=302, headers={"Location": "/new"}))
    planet.run()
    assert planet.state("a").url == planet.server.url("/new")
    assert planet.state("b").url == planet.server.url("/b")
    planet.run()
    assert (len(planet.asked("a")), len(planet.asked("b")), len(planet.asked("new"))) == (1, 2, 4)
    # Where it moved to comes to nothing: the configured address is tried again.
    planet.answer("new", Reply(status=404))
    planet.serve("a", *numbered(2))
    for _ in range(4):
        planet.run()
    assert planet.state("a").failures == 0
    assert planet.state("a").url == planet.server.url("/a")


def test_a_feed_that_is_gone_for_good_is_asked_no_more_until_its_address_changes(planet: Planet) -> None:
    planet.configure({"a": ""})
    planet.serve("a", *numbered(1))
    planet.run()
    planet.answer("a", Reply(status=410))
    planet.run()
    planet.run()
    assert len(planet.asked()) == 2
    assert "410" in str(planet.state().stopped_reason)
    assert planet.titles() == ["n1"]
    text = (planet.folder / "feedbell.toml").read_text()
    (planet.folder / "feedbell.toml").write_text(text.replace("/a", "/moved"))
    planet.app = planet.another()
    planet.serve("moved", *numbered(2, 1))
    planet.run()
    # Another address is begun silently.
    assert planet.titles() == ["n2", "n1"]
    assert planet.events() == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500, body=rss(*numbered(9))),
        Reply(status=404, body=rss(*numbered(9))),
        Reply(manner=Manner.RESET),
        Reply(manner=Manner.GARBAGE),
        Reply(manner=Manner.CLOSE),
        Reply(manner=Manner.SHORT_BODY, headers={"Content-Type": "text/xml"}),
        Reply(manner=Manner.MANY_HEADERS),
        Reply(manner=Manner.GZIP_BOMB),
        Reply(body=b"", headers={"Content-Type": "text/xml"}),
        Reply(body=b"<html><title>Sign in</title><form></form></html>", headers={"Content-Type": "text/html"}),
        Reply(status=302, headers={"Location": "file:///etc/passwd"}),
        Reply(status=302, headers={"Location": "http://10.0.0.1/"}),
        Reply(status=302, headers={"Location": "/a"}),
    ],
    ids=lambda reply: f"{reply.status}-{reply.manner}-{reply.headers.get('Location', '')}-{len(reply.body)}",
)
def test_what_is_no_feed_is_an_error_and_takes_nothing_away(planet: Planet, reply: Reply) -> None:
    planet.configure({"a": "", "good": ""}, settings="[polling]\nmax_bytes = 1000000\n")
    planet.serve("a", *numbered(1))
    planet.serve("good", *numbered(11))
    planet.run()
    planet.answer("a", reply)
    planet.serve("good", *numbered(12, 11))
    planet.run()
    assert planet.titles() == ["n12", "n11", "n1"]
    assert planet.error("a")
    assert planet.error("good") is None
    assert planet.state().failures == 1
    assert planet.events() == [("published", "n12")]
    # And when it is well again, nothing was missed.
    planet.serve("a", *numbered(2, 1))
    planet.run()
    assert planet.error("a") is None
    assert planet.events()[1:] == [("published", "n2")]


def test_a_feed_that_hangs_holds_up_no_other(planet: Planet) -> None:
    planet.configure({"a": "", "good": ""}, settings="[polling]\ndeadline_seconds = 5\nat_once = 2\n")
    planet.answer("a", Reply(manner=Manner.HANG))
    planet.serve("good", *numbered(1))
    polled = planet.poll()
    assert [one.source for one in polled] == ["good", "a"]
    assert "5 s" in str(planet.error("a"))


def test_a_page_leads_to_its_feed(planet: Planet) -> None:
    planet.configure({"a": ""})
    page = b'<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>'
    planet.answer("a", Reply(body=page, headers={"Content-Type": "text/html"}))
    planet.serve("feed", *numbered(1))
    planet.run()
    planet.run()
    assert planet.titles() == ["n1"]
    assert (len(planet.asked("a")), len(planet.asked("feed"))) == (1, 2)


def test_a_truncated_feed_gives_what_it_has_and_is_no_baseline(planet: Planet) -> None:
    planet.configure({"a": ""})
    whole = rss(*numbered(3, 2, 1))
    planet.answer("a", Reply(body=whole[: whole.index(b"<title>n1")], headers={"Content-Type": "text/xml"}))
    planet.run()
    assert planet.titles() == ["n3", "n2"]
    planet.serve("a", *numbered(3, 2, 1))
    planet.run()
    assert planet.events() == []
    planet.answer("a", Reply(body=whole[: whole.index(b"<title>n2")], headers={"Content-Type": "text/xml"}))
    planet.run()
    assert planet.titles() == ["n3", "n2", "n1"]
    assert planet.events() == []


def test_several_processes_share_the_polling(planet: Planet) -> None:
    names = [f"f{number}" for number in range(30)]
    planet.configure(dict.fromkeys(names, ""))
    for name in names:
        planet.serve(name, *numbered(1))
    planet.clock.now += timedelta(days=1)
    first, second = planet.app.pipeline, planet.another().pipeline
    polled = first.turn_upstreams(0.5) + second.turn_upstreams(0.5)
    while len(polled) < 30:
        polled += first.turn_upstreams(0.5) + second.turn_upstreams(0.5)
    assert sorted(one.source for one in polled) == sorted(names)
    assert {len(planet.asked(name)) for name in names} == {1}


def test_more_may_be_due_than_is_asked_at_once(planet: Planet) -> None:
    names = [f"f{number}" for number in range(250)]
    planet.configure(dict.fromkeys(names, ""), settings="[polling]\nat_once = 1\n")
    for name in names:
        planet.serve(name, *numbered(1))
    planet.clock.now += timedelta(days=1)
    polled: list[str] = []
    turns = 0
    while len(polled) < len(names):
        polled += [one.source for one in planet.app.pipeline.turn_upstreams(20)]
        turns += 1
    assert sorted(polled) == sorted(names)
    # Each turn waits for answers: none is idle.
    assert turns <= 3 * len(names)


def test_what_is_not_configured_any_more_is_polled_no_more(planet: Planet) -> None:
    planet.configure({"a": "", "b": ""})
    planet.serve("a", *numbered(1))
    planet.serve("b", *numbered(2))
    planet.run()
    planet.configure({"a": ""})
    planet.run()
    assert (len(planet.asked("a")), len(planet.asked("b"))) == (2, 1)
    assert sorted(planet.titles()) == ["n1", "n2"]
    planet.configure({"a": "", "b": ""})
    planet.run()
    assert len(planet.asked("b")) == 2
    with reading(planet.app.engine) as connection:
        assert all(state.baselined_at for state in sources.listing(connection))


def test_rules_of_a_source_hold_for_its_texts(planet: Planet) -> None:
    planet.configure({"a": '[sources.rules]\ndrop = [".ad"]'})
    text = '<p class="ad">Buy</p><p onclick="x()">See <a href="/more">more</a><script>evil()</script></p>'
    planet.serve("a", Item(title="One", guid="1", text=text))
    planet.run()
    html = str(planet.json()[0]["content_html"])
    assert html == '<p>See <a href="http://up.example/more">more</a></p>'


def test_a_validator_of_60_kb_is_not_given_back(planet: Planet) -> None:
    planet.configure({"a": ""})
    headers = {"ETag": f'"{"x" * 60_000}"', "Last-Modified": "Fri, 01 May 2026 10:00:00 GMT"}
    planet.answer("a", Reply(body=rss(*numbered(1)), headers=headers))
    planet.run()
    planet.run()
    assert planet.titles() == ["n1"]
    assert planet.error() is None
    assert "if-none-match" not in planet.asked()[1].headers
    assert planet.asked()[1].headers["if-modified-since"] == "Fri, 01 May 2026 10:00:00 GMT"

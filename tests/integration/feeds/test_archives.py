"""Live feeds and their archives together hold every post, and what is closed stays as it is."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.archive import Follower, read
from tests.support.site import Flow, post, snapshot, touched, write

SMALL = "[feeds]\ncount = 10\nhours = 0\n{more}\n[feeds.archives]\npage = 20\n{archives}\n"
FORMATS = ("rss", "atom", "json")


def settings(more: str = "", archives: str = "") -> str:
    return SMALL.format(more=more, archives=archives)


@pytest.fixture
def flow(tmp_path: Path, database_url: str) -> Iterator[Flow]:
    made = Flow(tmp_path, database_url, settings())
    made.clock.now = datetime(2024, 6, 1, tzinfo=UTC)
    yield made
    made.close()


def add(flow: Flow, first: int, last: int, *, body: str = "Words.", category: str = "news") -> None:
    for number in range(first, last):
        day = 1 + number // 24
        date = f"2024-05-{day:02d} {number % 24:02d}:00:00 +0800"
        text = post(f"T{number}", date=date, categories=f"[{category}]", body=body)
        write(flow.site, {f"_posts/2024-05-{day:02d}-p{number:03d}.md": text})


def file_of(flow: Flow, number: int) -> Path:
    return next((flow.site / "_posts").glob(f"*-p{number:03d}.md"))


def ids(numbers: range | list[int]) -> set[str]:
    return {f"https://site.example/news/2024/05/{1 + number // 24:02d}/p{number:03d}" for number in numbers}


def pages(flow: Flow, feed: str = "all") -> dict[str, bytes]:
    folder = flow.out / "feeds/archive" / feed
    return {path.name: path.read_bytes() for path in folder.glob("*.*")}


def closed(found: dict[str, bytes]) -> dict[str, bytes]:
    """Return the pages but for the empty last one, which waits."""
    last = max(int(name.split(".")[0]) for name in found)
    return {name: content for name, content in found.items() if int(name.split(".")[0]) < last}


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("feed", ["all", "category/news"])
def test_who_follows_the_archive_has_every_post(flow: Flow, feed: str, format_: str) -> None:
    add(flow, 0, 73)
    flow.run()
    assert len(read(flow.out / f"feeds/{feed}.{format_}").entries) == 10
    assert Follower(flow.out).poll(f"feeds/{feed}.{format_}").entries.keys() == ids(range(73))


def test_pages_name_each_other_and_the_live_feed(flow: Flow) -> None:
    add(flow, 0, 73)
    flow.run()
    live = read(flow.out / "feeds/all.atom")
    assert not live.is_archive
    assert live.links["prev-archive"] == "https://site.example/feeds/archive/all/4.atom"
    for number in range(1, 6):
        page = read(flow.out / f"feeds/archive/all/{number}.atom")
        assert page.is_archive
        assert page.links["current"] == "https://site.example/feeds/all.atom"
        around = {name: page.links.get(name) for name in ("prev-archive", "next-archive")}
        assert around == {
            "prev-archive": f"https://site.example/feeds/archive/all/{number - 1}.atom" if number > 1 else None,
            "next-archive": f"https://site.example/feeds/archive/all/{number + 1}.atom" if number < 5 else None,
        }
        assert len(page.entries) == {4: 8, 5: 0}.get(number, 20)
        # A page is a part of its feed, not a feed of its own.
        assert b"<id>https://site.example/feeds/all.atom</id>" in pages(flow)[f"{number}.atom"]


def test_a_closed_page_stays_as_it_is(flow: Flow) -> None:
    add(flow, 0, 50)
    flow.run()
    before = closed(pages(flow))
    seen = dict(before)
    for number in range(50, 90):
        flow.clock.now += timedelta(hours=1)
        add(flow, number, number + 1)
        file_of(flow, number - 45).write_text(post("Changed", date="2024-05-01", body=f"Other words {number}."))
        file_of(flow, number - 50).unlink()
        flow.run()
        now = closed(pages(flow))
        assert {name: now[name] for name in seen} == seen
        seen = now
    assert len(seen) > len(before)


def test_a_changed_old_post_comes_out_again(flow: Flow) -> None:
    add(flow, 0, 50)
    flow.run()
    reader = Follower(flow.out).poll("feeds/category/news.rss")
    old = file_of(flow, 3)
    flow.clock.now += timedelta(hours=1)
    old.write_text(old.read_text().replace("T3", "T3, corrected"))
    flow.run()
    for feed in ("all", "category/news"):
        assert "T3, corrected" in read(flow.out / f"feeds/{feed}.rss").entries.values()
    assert reader.poll("feeds/category/news.rss").entries[ids([3]).pop()] == "T3, corrected"
    # White space and comments are no change.
    old = file_of(flow, 4)
    old.write_text(old.read_text().replace("Words.", "Words.\n\n<!-- scraped again -->\n"))
    flow.run()
    assert ids([4]).isdisjoint(read(flow.out / "feeds/all.rss").entries)


def test_a_post_that_comes_late_is_shown_however_old_it_is(flow: Flow) -> None:
    add(flow, 10, 60)
    flow.run()
    add(flow, 0, 3)
    # The clock was set back meanwhile.
    flow.clock.now -= timedelta(days=20)
    flow.run()
    assert ids(range(3)) < read(flow.out / "feeds/all.json").entries.keys()
    assert Follower(flow.out).poll("feeds/all.json").entries.keys() == ids([*range(3), *range(10, 60)])


def test_what_was_there_all_along_begins_the_archive_anew(flow: Flow) -> None:
    """A setting makes old files posts: they are no news, and readers that follow the archive still get them."""
    flow.clock.now = datetime.now(UTC)
    add(flow, 0, 50)
    write(flow.site, {"_drafts/draft.md": post("A draft", date="2024-05-01 12:30:00", categories="[news]")})
    flow.run()
    reader = Follower(flow.out).poll("feeds/all.atom")
    flow.clock.now += timedelta(hours=1)
    flow.configure(settings(), "settle_ms = 0\ndrafts = true\n")
    flow.run()
    assert "A draft" not in flow.titles()
    assert "A draft" in reader.poll("feeds/all.atom").entries.values()
    assert pages(flow).keys() == {f"{page}-1.{format_}" for page in range(1, 5) for format_ in FORMATS}
    assert Follower(flow.out).poll("feeds/all.atom").entries.keys() >= ids(range(50))


def test_pages_that_were_lost_are_written_again(flow: Flow) -> None:
    add(flow, 0, 73)
    flow.run()
    before = {name: content for name, (_, _, content) in snapshot(flow.out).items()}
    (flow.out / "feeds/archive/all/2.atom").unlink()
    (flow.out / "feeds/archive/category/news/3.json").write_bytes(b"{")
    (flow.out / "feeds/archive/all/5.rss").unlink()
    flow.app.pipeline.want_file_check()
    flow.run()
    assert {name: content for name, (_, _, content) in snapshot(flow.out).items()} == before


def test_other_addresses_begin_the_archive_anew(flow: Flow) -> None:
    add(flow, 0, 50)
    flow.run()
    flow.configure('[site]\nfeeds_url = "https://feeds.example"\n' + settings())
    flow.run()
    follower = Follower(flow.out, address="https://feeds.example/")
    assert follower.poll("feeds/all.atom").entries.keys() == ids(range(50))
    assert all("-1." in name for name in pages(flow))


def test_without_archives_there_is_none(flow: Flow) -> None:
    add(flow, 0, 50)
    flow.run()
    flow.configure(settings(archives='taxonomies = ["tag"]'))
    flow.run()
    assert read(flow.out / "feeds/category/news.atom").links.keys() == {"self", "alternate"}
    assert pages(flow, "category/news") == {}
    assert "prev-archive" in read(flow.out / "feeds/all.atom").links
    flow.configure(settings(archives="enabled = false"))
    flow.run()
    assert pages(flow) == {}
    flow.configure(settings())
    flow.run()
    assert Follower(flow.out).poll("feeds/category/news.atom").entries.keys() == ids(range(50))


def test_a_start_with_nothing_changed_writes_nothing(flow: Flow) -> None:
    add(flow, 0, 73)
    flow.run()
    before = snapshot(flow.out)
    flow.configure(settings())
    flow.app.pipeline.want_file_check()
    flow.run()
    assert list(touched(before, snapshot(flow.out))) == []


def test_a_burst_writes_each_feed_once(flow: Flow) -> None:
    add(flow, 0, 50)
    flow.run()
    add(flow, 50, 150)
    published, _ = flow.run()
    assert published.feeds == 2
    # Three formats and a page for people of two feeds, feed.xml, and of each five pages with the empty one after them.
    assert published.files == 9 + 2 * 3 * (5 + 1)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_no_post_is_missed(flow: Flow, seed: int) -> None:
    chance = random.Random(seed)
    add(flow, 0, 40)
    flow.run()
    reader = Follower(flow.out).poll("feeds/all.atom")
    live = set(range(40))
    newest = 40
    sealed: dict[str, bytes] = {}
    for _ in range(25):
        flow.clock.now += timedelta(minutes=chance.choice([1, 60, 6000]))
        for _ in range(chance.choice([0, 1, 3, 15])):
            add(flow, newest, newest + 1)
            live.add(newest)
            newest += 1
        for number in chance.sample(sorted(live), 3):
            changed = file_of(flow, number)
            changed.write_text(changed.read_text().replace("Words.", f"Words, {chance.random()}."))
        gone = chance.choice(sorted(live))
        file_of(flow, gone).unlink()
        live.discard(gone)
        flow.run()
        now = closed(pages(flow))
        assert {name: now[name] for name in sealed} == sealed
        sealed = now
        if chance.random() < 0.3:
            assert reader.poll("feeds/all.atom").entries.keys() >= ids(sorted(live))
    assert Follower(flow.out).poll("feeds/category/news.json").entries.keys() >= ids(sorted(live))


def test_a_feed_has_no_more_bytes_than_it_may(flow: Flow) -> None:
    flow.configure("[feeds]\ncount = 50\nmax_bytes = 50000\n")
    add(flow, 0, 50, body="&" * 900)
    flow.run()
    for format_ in FORMATS:
        path = flow.out / f"feeds/all.{format_}"
        assert 3 <= len(read(path).entries) < 50
        assert path.stat().st_size <= 50_000
        assert all(len(page) <= 50_000 for page in pages(flow).values())
        assert Follower(flow.out).poll(f"feeds/all.{format_}").entries.keys() == ids(range(50))


def test_a_post_that_is_too_large_shows_its_summary(flow: Flow) -> None:
    flow.configure("[feeds]\nmax_bytes = 50000\n")
    flow.write(large=post("Large", body="First words. " + "word " * 20_000), small=post("Small", body="All of it."))
    flow.run()
    text = (flow.out / "feeds/all.rss").read_text()
    assert len(text) < 50_000
    assert "First words." in text
    assert text.count("<content:encoded>") == 1


def test_some_feeds_show_summaries_alone(flow: Flow) -> None:
    flow.configure("[feeds]\n[feeds.category]\nexcerpt_only = ['a']\n[feeds.tag]\nexcerpt_only = true\n")
    flow.write(one=post("One", body="Some words.", categories="[a, b]", tags="[c]"))
    flow.run()
    whole = {
        feed: "<content" in (flow.out / f"feeds/{feed}.atom").read_text()
        for feed in ("all", "category/a", "category/b", "tag/c")
    }
    assert whole == {"all": True, "category/a": False, "category/b": True, "tag/c": False}

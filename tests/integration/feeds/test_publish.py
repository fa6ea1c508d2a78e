"""From posts to files: which feeds are written, when, and that one that fails stops no other."""

import json
from datetime import datetime, timedelta

from lxml import etree

from core.db import reading
from feeds.store import terms
from tests.support.site import Flow, atom, feed_files, parse_all, post, snapshot, touched, write


def by_term(flow: Flow, taxonomy: str) -> dict[str, tuple[str, int]]:
    """Return term to (label, posts)."""
    with reading(flow.engine) as connection:
        rows = terms.listing(connection)
    return {row.category.term: (row.category.label, row.posts) for row in rows if row.category.taxonomy == taxonomy}


def test_a_second_build_writes_the_same_bytes_and_touches_nothing(flow: Flow) -> None:
    flow.write(a=post("A", categories="one", tags="x"), b=post("B", categories="two", tags="y"))
    flow.run()
    before = snapshot(flow.out)
    published, _ = flow.run()
    assert (published.feeds, published.files) == (0, 0)
    assert snapshot(flow.out) == before
    # A whole new build, hours later, from a fresh database: the same bytes.
    for path in feed_files(flow.out):
        path.unlink()
    flow.clock.now += timedelta(hours=5)
    flow.configure()
    flow.run()
    assert {name: content for name, (_, _, content) in snapshot(flow.out).items()} == {
        name: content for name, (_, _, content) in before.items()
    }


def test_only_the_feeds_whose_posts_changed_are_written(flow: Flow) -> None:
    flow.write(
        a=post("A", categories="one", tags="x"),
        b=post("B", categories="two", tags="y"),
        c=post("C", categories="three", tags="x"),
    )
    flow.run()
    before = snapshot(flow.out)
    flow.write(b=post("B, corrected", categories="two", tags="y"))
    flow.run()
    changed = set(touched(before, snapshot(flow.out)))
    forms = ("rss", "atom", "json", "html")
    expected = {f"feeds/{stem}.{form}" for stem in ("all", "category/two", "tag/y") for form in forms}
    assert changed - {"feeds/index.html", "feeds/opml.xml"} == expected | {"feed.xml"}


def test_a_lost_or_cut_file_is_built_again_at_the_next_start(flow: Flow) -> None:
    flow.write(a=post("A", categories="one"))
    flow.run()
    before = {name: content for name, (_, _, content) in snapshot(flow.out).items()}
    (flow.out / "feeds/category/one.rss").unlink()
    with open(flow.out / "feeds/all.json", "r+b") as file:
        file.truncate(100)
    (flow.out / "feeds/index.html").unlink()
    flow.configure()
    flow.run()
    assert {name: content for name, (_, _, content) in snapshot(flow.out).items()} == before


def test_a_feed_that_cannot_be_written_stops_no_other_and_its_events_wait(flow: Flow) -> None:
    flow.configure(
        '[[endpoints]]\nname = "e"\nurl = "http://127.0.0.1:9/"\n'
        f'secret = "{"whsec_" + "A" * 32}"\n'
        '[[subscriptions]]\nendpoint = "e"\n'
    )
    flow.write(a=post("A", categories="one"))
    flow.run()
    # Folders stand where the files of a category belong.
    for form in ("rss", "atom", "json"):
        (flow.out / f"feeds/category/bad.{form}").mkdir()
    flow.write(b=post("B", categories="bad"), c=post("C", categories="good"))
    flow.poll()
    published, deliveries = flow.app.pipeline.publish()
    assert [failure.key for failure in published.failures] == [("category", "bad")]
    assert "feeds/category/bad.rss" in published.failures[0].reason
    assert flow.titles("category/good") == ["C"]
    assert flow.titles() == ["C", "B", "A"]
    assert deliveries == 1
    waiting = "SELECT p.title FROM events e JOIN posts p ON p.id = {} WHERE e.released_at IS NULL"
    assert [row.title for row in flow.rows(waiting)] == ["B"]
    for form in ("rss", "atom", "json"):
        (flow.out / f"feeds/category/bad.{form}").rmdir()
    published, deliveries = flow.run()
    assert (published.failures, deliveries) == ([], 1)
    assert flow.titles("category/bad") == ["B"]
    assert flow.rows(waiting) == []


def test_a_body_that_has_gone_stops_no_other_post(flow: Flow) -> None:
    flow.write(a=post("A"), b=post("B"))
    flow.poll()
    flow.path("a").unlink()
    published, _ = flow.app.pipeline.publish()
    assert published.failures == []
    assert flow.titles() == ["B"]


def test_a_body_that_turned_unreadable_stops_no_other_post(flow: Flow) -> None:
    flow.write(a=post("A"), b=post("B"))
    flow.poll()
    flow.path("a").write_bytes(b"---\ntitle: A\n---\n\xff\xfe\n")
    published, _ = flow.app.pipeline.publish()
    assert published.failures == []
    assert flow.titles() == ["B"]


def test_a_window_is_the_newest_count_and_all_of_the_last_hours(flow: Flow) -> None:
    flow.configure("[feeds]\ncount = 3\nhours = 10\n")
    start = datetime.fromisoformat("2024-05-01T00:00:00+08:00")
    # One an hour for 24 hours: those within ten hours of the newest, both ends included, are 11.
    flow.write(
        **{f"p{hour}": post(f"P{hour}", date=str(start + timedelta(hours=hour)), tags="hourly") for hour in range(24)},
        **{f"r{day}": post(f"R{day}", date=str(start - timedelta(days=day + 1)), tags="daily") for day in range(24)},
    )
    flow.run()
    assert flow.titles("tag/hourly") == [f"P{hour}" for hour in range(23, 12, -1)]
    assert flow.titles("tag/daily") == ["R0", "R1", "R2"]
    assert flow.titles() == flow.titles("tag/hourly")
    flow.configure("[feeds]\ncount = 3\nhours = 10\nlimit = 5\n")
    flow.run()
    assert flow.titles("tag/hourly") == [f"P{hour}" for hour in range(23, 18, -1)]
    flow.configure("[feeds]\ncount = 30\nhours = 0\n")
    flow.run()
    assert len(flow.titles()) == 30


def test_a_category_is_called_as_the_one_tag_that_all_its_posts_share(flow: Flow) -> None:
    flow.write(
        a=post("A", categories="slug", tags="Name"),
        b=post("B", categories="slug", tags="[Name, other]"),
        c=post("C", categories="mixed", tags="x"),
        d=post("D", categories="mixed", tags="y"),
        e=post("E", categories="two", tags="[p, q]"),
        f=post("F", categories="bare"),
    )
    flow.run()
    assert by_term(flow, "category") == {
        "slug": ("Name", 2),
        "mixed": ("mixed", 2),
        "two": ("two", 1),
        "bare": ("bare", 1),
    }
    feed = etree.parse(flow.out / "feeds/category/slug.atom").getroot()
    assert feed.findtext("{*}title") == "Name – Test"
    # The label shows in other feeds as well, and follows when the tag is no longer shared.
    labels = [one.get("label") for one in etree.parse(flow.out / "feeds/tag/other.atom").iter("{*}category")]
    assert "Name" in labels
    flow.write(a=post("A", categories="slug", tags="different"))
    flow.run()
    assert by_term(flow, "category")["slug"] == ("Name", 2) or by_term(flow, "category")["slug"] == ("slug", 2)
    assert by_term(flow, "category")["slug"][0] == "slug"
    labels = [one.get("label") for one in etree.parse(flow.out / "feeds/tag/other.atom").iter("{*}category")]
    assert "slug" in labels
    # The owner's own name stands above all.
    flow.configure('[feeds.category.labels]\nslug = "Mine"\n')
    flow.run()
    assert etree.parse(flow.out / "feeds/category/slug.atom").getroot().findtext("{*}title") == "Mine – Test"
    flow.configure("[feeds]\nlabels_from_tags = false\n")
    flow.run()
    assert {label for label, _ in by_term(flow, "category").values()} == {"slug", "mixed", "two", "bare"}


def test_counts_and_pairs_follow_every_change(flow: Flow) -> None:
    flow.write(a=post("A", categories="one", tags="x"), b=post("B", categories="one", tags="x"), c=post("C"))
    flow.run()
    pairs = (
        "SELECT c.term AS category, t.term AS tag, p.posts FROM term_pairs p "
        "JOIN terms c ON c.id = p.category_id JOIN terms t ON t.id = p.tag_id ORDER BY 1, 2"
    )
    assert [tuple(row) for row in flow.rows(pairs)] == [("one", "x", 2)]
    flow.write(a=post("A", categories="two", tags="x"))
    flow.run()
    assert [tuple(row) for row in flow.rows(pairs)] == [("one", "x", 1), ("two", "x", 1)]
    assert {term: number for term, (_, number) in by_term(flow, "category").items()} == {"one": 1, "two": 1}
    flow.path("b").unlink()
    flow.run()
    assert [tuple(row) for row in flow.rows(pairs)] == [("two", "x", 1)]
    assert {term: number for term, (_, number) in by_term(flow, "category").items()} == {"one": 0, "two": 1}
    assert {term: number for term, (_, number) in by_term(flow, "tag").items()} == {"x": 1}
    assert by_term(flow, "all") == {"": ("", 2)}
    # A feed that has lost its last post stands, empty and well-formed: its readers stay subscribed.
    assert flow.titles("category/one") == []
    parse_all(flow.out)


def test_terms_that_differ_by_case_have_files_of_their_own(flow: Flow) -> None:
    flow.write(a=post("A", categories="News"), b=post("B", categories="news"), c=post("C", categories="NEWS"))
    flow.run()
    stems = {path.stem for path in (flow.out / "feeds/category").iterdir()}
    assert len(stems) == len({stem.casefold() for stem in stems}) == 3
    assert sorted(titles for stem in stems for titles in flow.titles(f"category/{stem}")) == ["A", "B", "C"]
    # Which one has which name stays so, whatever comes.
    before = {stem: flow.titles(f"category/{stem}") for stem in stems}
    flow.write(d=post("D", categories="nEWS"))
    flow.run()
    assert {stem: flow.titles(f"category/{stem}") for stem in stems} == before
    assert len(list((flow.out / "feeds/category").glob("*.atom"))) == 4


def test_settings_choose_which_terms_have_feeds(flow: Flow) -> None:
    flow.write(a=post("A", categories="one", tags="x"), b=post("B", categories="two", tags="y"))
    flow.run()
    flow.configure('[feeds]\ntaxonomies = ["category"]\n[feeds.category]\nexclude = ["two"]\n')
    flow.run()
    found = {path.relative_to(flow.out).as_posix() for path in feed_files(flow.out)}
    assert "feeds/category/one.rss" in found
    assert not [name for name in found if "two" in name or "/tag/" in name]
    assert "two" not in (flow.out / "feeds/opml.xml").read_text()
    flow.configure()
    flow.run()
    assert flow.titles("category/two") == ["B"]
    assert flow.titles("tag/y") == ["B"]


def test_every_format_holds_the_same_entries_in_the_same_order(flow: Flow) -> None:
    flow.write(**{f"p{n}": post(f"P{n}", date=f"2024-04-{n + 1:02} 08:00", tags="x") for n in range(9)})
    flow.run()
    expected = [f"P{n}" for n in range(8, -1, -1)]
    for stem in ("all", "tag/x"):
        assert flow.titles(stem) == expected
        assert [one["title"] for one in json.loads((flow.out / f"feeds/{stem}.json").read_bytes())["items"]] == expected
        rss = etree.parse(flow.out / f"feeds/{stem}.rss")
        assert [one.text for one in rss.findall("channel/item/title")] == expected
    assert atom(flow.out / "feed.xml") == atom(flow.out / "feeds/all.atom")


def test_two_sources_share_the_feeds_and_keep_their_ids(flow: Flow) -> None:
    other = flow.site.parent / "other"
    write(other, {"_config.yml": "url: https://other.example\ntitle: O\n", "_posts/2024-05-01-a.md": post("Other A")})
    flow.write(a=post("A"))
    flow.configure(source='settle_ms = 0\n[[sources]]\nname = "other"\npath = "../other"\nsettle_ms = 0\n')
    for source in flow.app.sources:
        assert flow.app.pipeline.poll(source).error is None
    flow.app.pipeline.publish()
    assert {one.id for one in flow.all()} == {"https://site.example/2024/05/01/a", "https://other.example/2024/05/01/a"}

"""What a publisher owes hubs (W3C WebSub, sections 4 and 6): links in documents and headers, word of each change."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import feedparser
import jsonschema
import pytest
from lxml import etree

from feedbell.web.server import FeedServer
from feedbell.websub.announcing import FEED_UPDATED
from tests.support.receiver import Receiver, Reply, running_receiver
from tests.support.site import Flow, post
from tests.support.websub import HubSite

PUBLIC = "https://hub.example.net/?a=1&b=2"
SCHEMA = Path(__file__).parents[2] / "support/schemas/json_feed_1_1.json"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


def links(fields: str) -> dict[str, list[str]]:
    """Return the URLs of a Link header by relation."""
    found: dict[str, list[str]] = {}
    for url, relation in re.findall(r'<([^>]*)>; rel="(\w+)"', fields):
        found.setdefault(relation, []).append(url)
    return found


def test_documents_name_their_hubs(tmp_path: Path) -> None:
    site = HubSite(tmp_path, f"sqlite:///{tmp_path}/a.db", hub=f'ping = ["{PUBLIC}"]')
    try:
        for feed in ("all", "category/news"):
            for format_ in ("rss", "atom"):
                read = feedparser.parse(site.file(feed, format_))
                assert not read.bozo
                named = [(link.rel, link.href) for link in read.feed.links if link.rel in ("hub", "self")]
                assert sorted(named) == sorted(
                    [("hub", site.hub_url), ("hub", PUBLIC), ("self", site.topic(feed, format_))]
                )
            read = json.loads(site.file(feed, "json"))
            assert read["hubs"] == [{"type": "WebSub", "url": url} for url in (site.hub_url, PUBLIC)]
            assert read["feed_url"] == site.topic(feed, "json")
            jsonschema.validate(read, json.loads(SCHEMA.read_bytes()))
    finally:
        site.close()


def test_headers_name_them_too(tmp_path: Path) -> None:
    site = HubSite(tmp_path, f"sqlite:///{tmp_path}/a.db", hub=f'ping = ["{PUBLIC}"]')
    try:
        for path in ("feeds/all.rss", "feeds/all.atom", "feeds/all.json", "feed.xml", "feeds/category/news.atom"):
            found = links(site.get(f"/{path}").headers["Link"])
            assert found["hub"] == [site.hub_url, PUBLIC]
            # The address that readers subscribe to is the site's, wherever our server is reached.
            assert found["self"] == [f"https://site.example/{path}"]
        assert "hub" not in site.get("/feeds/opml.xml").headers.get("Link", "")
        assert site.get("/feeds/").headers.get("Link") is None
    finally:
        site.close()


def test_without_a_hub_nothing_is_said_and_nothing_made(tmp_path: Path, database_url: str) -> None:
    flow = Flow(tmp_path, database_url)
    try:
        flow.write(one=post("One"))
        flow.run()
        flow.write(one=post("Another"))
        assert flow.run()[1] == 0
        for path in flow.out.rglob("*"):
            assert path.is_dir() or (b'rel="hub"' not in path.read_bytes() and b'"hubs"' not in path.read_bytes())
        assert flow.rows(f"SELECT 1 FROM events WHERE type = '{FEED_UPDATED}'") == []
        server = FeedServer(flow.out, "127.0.0.1", 0, xml_format="atom")
        server.start()
        server.stop()
    finally:
        flow.close()


def test_a_hub_that_is_configured_later_is_in_every_feed(tmp_path: Path, database_url: str) -> None:
    flow = Flow(tmp_path, database_url)
    try:
        flow.write(one=post("One"))
        flow.run()
        before = (flow.out / "feeds/all.atom").read_bytes()
        flow.configure(f'[hub]\nping = ["{PUBLIC}"]\n')
        flow.run()
        assert b'rel="hub"' in (flow.out / "feeds/all.atom").read_bytes()
        flow.configure()
        flow.run()
        assert (flow.out / "feeds/all.atom").read_bytes() == before
    finally:
        flow.close()


def test_pages_of_archives_name_no_hub(tmp_path: Path) -> None:
    settings = "[feeds]\ncount = 2\nhours = 0\n[feeds.archives]\npage = 2\n"
    site = HubSite(tmp_path, f"sqlite:///{tmp_path}/a.db", settings=settings)
    try:
        site.flow.write(**{f"p{number}": post(f"P{number}") for number in range(9)})
        site.flow.run()
        pages = list((site.flow.out / "feeds/archive").rglob("*.atom"))
        assert pages
        for page in pages:
            assert b'rel="hub"' not in page.read_bytes()
        path = pages[0].relative_to(site.flow.out).as_posix()
        assert "hub" not in links(site.get(f"/{path}").headers["Link"])
        assert b'rel="hub"' in site.file()
    finally:
        site.close()


def pinging(tmp_path: Path, database_url: str, *urls: str) -> Flow:
    flow = Flow(tmp_path, database_url, f"[hub]\nping = {json.dumps(urls)}\n")
    flow.write(one=post("One", categories="[news]"), two=post("Two", categories="[other]"))
    flow.run()
    return flow


def send(flow: Flow) -> None:
    sending = flow.app.notifying.make_engine()
    sending.engine.run_until_idle(60)
    sending.stop(0)


def told(receiver: Receiver, path: str) -> list[list[str]]:
    found = []
    for one in receiver.received(path):
        assert one.headers["content-type"] == "application/x-www-form-urlencoded"
        fields = parse_qs(one.body.decode(), strict_parsing=True)
        assert fields.pop("hub.mode") == ["publish"]
        found.append(fields.pop("hub.url"))
        assert fields == {}
    return found


def test_public_hubs_are_told_of_what_changed(tmp_path: Path, database_url: str, receiver: Receiver) -> None:
    flow = pinging(tmp_path, database_url, receiver.url("/a"), receiver.url("/b"))
    try:
        # What is new has no older state that anybody could have.
        send(flow)
        assert told(receiver, "/a") == []
        flow.write(one=post("Changed", categories="[news]"))
        flow.run()
        send(flow)
        expected = {
            *(f"https://site.example/feeds/all.{format_}" for format_ in ("rss", "atom", "json")),
            *(f"https://site.example/feeds/category/news.{format_}" for format_ in ("rss", "atom", "json")),
            "https://site.example/feed.xml",
        }
        for path in ("/a", "/b"):
            # In one request, and each once.
            (urls,) = told(receiver, path)
            assert sorted(urls) == sorted(expected)
        flow.run()
        send(flow)
        assert len(told(receiver, "/a")) == 1
        names = {row.endpoint for row in flow.rows("SELECT endpoint FROM deliveries")}
        assert names == {"hub:127.0.0.1", "hub:127.0.0.1-2"}
    finally:
        flow.close()


def test_a_request_names_fifty_feeds_at_most(tmp_path: Path, database_url: str, receiver: Receiver) -> None:
    flow = pinging(tmp_path, database_url, receiver.url("/a"))
    try:
        flow.write(many=post("Many", tags=f"[{', '.join(f't{number}' for number in range(40))}]"))
        flow.run()
        flow.write(many=post("More", tags=f"[{', '.join(f't{number}' for number in range(40))}]"))
        flow.run()
        send(flow)
        requests = told(receiver, "/a")
        assert [len(urls) for urls in requests] == [50, 50, 24]
        assert len({url for urls in requests for url in urls}) == 3 * 40 + 4
    finally:
        flow.close()


def test_a_hub_that_fails_is_told_again_and_never_given_up(
    tmp_path: Path, database_url: str, receiver: Receiver
) -> None:
    flow = pinging(tmp_path, database_url, receiver.script("/a", Reply(status=410)))
    try:
        for day in range(8):
            flow.write(one=post(f"Changed {day}", categories="[news]"))
            flow.run()
            send(flow)
            flow.clock.now += timedelta(days=1)
        assert len(told(receiver, "/a")) >= 8
        assert flow.rows("SELECT disabled_at FROM endpoints")[0].disabled_at is None
        receiver.script("/a", Reply(status=204))
        flow.write(one=post("At last", categories="[news]"))
        flow.run()
        send(flow)
        assert len(told(receiver, "/a")[-1]) == 7
    finally:
        flow.close()


def test_a_newer_change_takes_the_place_of_one_that_waits(
    tmp_path: Path, database_url: str, receiver: Receiver
) -> None:
    flow = pinging(tmp_path, database_url, receiver.url("/a"))
    try:
        for number in range(3):
            flow.write(one=post(f"Changed {number}", categories="[news]"))
            flow.run()
        states = flow.rows("SELECT state, count(*) AS n FROM deliveries GROUP BY state ORDER BY state")
        assert [(row.state, row.n) for row in states] == [("cancelled", 14), ("pending", 7)]
        send(flow)
        assert [len(urls) for urls in told(receiver, "/a")] == [7]
    finally:
        flow.close()


def let_builds_fail(flow: Flow) -> None:
    """Let the transaction fail that notes feeds as built, when their files are in place."""
    with flow.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            body = "BEGIN SELECT RAISE(ABORT, 'away'); END"
            connection.exec_driver_sql(f"CREATE TRIGGER fails BEFORE UPDATE OF hashes ON feeds {body}")
            return
        connection.exec_driver_sql(
            "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'away'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER fails BEFORE UPDATE OF hashes ON feeds FOR EACH ROW EXECUTE FUNCTION fails()"
        )


def let_builds_be(flow: Flow) -> None:
    with flow.engine.begin() as connection:
        on = "" if connection.dialect.name == "sqlite" else " ON feeds"
        connection.exec_driver_sql(f"DROP TRIGGER fails{on}")


def test_a_change_is_told_of_although_the_first_time_ended_after_the_file(
    tmp_path: Path, database_url: str, receiver: Receiver
) -> None:
    flow = pinging(tmp_path, database_url, receiver.url("/a"))
    try:
        flow.write(one=post("Changed", categories="[news]"))
        flow.poll()
        let_builds_fail(flow)
        with pytest.raises(Exception, match="away"):
            flow.app.pipeline.publish()
        assert b"Changed" in (flow.out / "feeds/all.atom").read_bytes()
        assert flow.rows(f"SELECT 1 FROM events WHERE type = '{FEED_UPDATED}'") == []
        let_builds_be(flow)
        flow.app = flow.another()
        published, deliveries = flow.app.pipeline.publish()
        # No file is another than on disk, and yet nobody was told of it.
        assert (published.files, deliveries) == (0, 7)
        send(flow)
        assert [len(urls) for urls in told(receiver, "/a")] == [7]
    finally:
        flow.close()


def test_feeds_of_an_older_version_are_no_news(tmp_path: Path, database_url: str, receiver: Receiver) -> None:
    flow = pinging(tmp_path, database_url, receiver.url("/a"))
    try:
        with flow.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE feeds SET hashes = NULL, built_revision = -1")
        assert flow.run()[1] == 0
        assert all(row.hashes for row in flow.rows("SELECT hashes FROM feeds WHERE sizes IS NOT NULL"))
    finally:
        flow.close()


def test_hashes_are_of_feeds_and_not_of_pages(tmp_path: Path, database_url: str) -> None:
    flow = Flow(tmp_path, database_url)
    try:
        flow.write(one=post("One", categories="[news]"))
        flow.run()
        paths = {path for row in flow.rows("SELECT hashes FROM feeds") for path in json.loads(row.hashes)}
        assert paths == {
            "feed.xml",
            *(f"feeds/{feed}.{format_}" for feed in ("all", "category/news") for format_ in ("rss", "atom", "json")),
        }
        for path in paths:
            assert etree.parse(flow.out / path) if path.endswith(("rss", "atom", "xml")) else True
    finally:
        flow.close()

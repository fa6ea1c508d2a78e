"""What is exported, compared with the rows that the real flow made, on both databases."""

import math
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from core.errors import ConfigurationError
from core.read_only import open_reader
from feedbell.metrics.counts import Counts
from feedbell.metrics.stored import NumberReader
from feedbell.metrics.textfile import MetricsFile
from feedbell.monitor import Monitor, read_once
from tests.support.planet import numbered, running_planet
from tests.support.receiver import Receiver, Reply, running_receiver
from tests.support.scraping import OPENMETRICS, Scrape, watched
from tests.support.site import Flow, endpoint, eventually, post, write

DELIVERIES = "[deliveries]\nretry_seconds = [3600]\n"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture
def monitor() -> Monitor:
    return Monitor()


@pytest.fixture
def flow(tmp_path: Path, database_url: str, monitor: Monitor) -> Iterator[Flow]:
    made = Flow(tmp_path, database_url, metrics=monitor.counts)
    yield made
    made.close()


def scraped(monitor: Monitor, flow: Flow) -> Scrape:
    """Read what stands now, not what stood a moment ago."""
    monitor.follow(flow.another())
    return watched(monitor)


def send(flow: Flow) -> None:
    sending = flow.app.notifying.make_engine()
    sending.engine.run_until_idle(30)
    sending.stop(5)


def deliveries(flow: Flow) -> dict[tuple[str, str], int]:
    rows = flow.rows("SELECT endpoint, state, count(*) AS n FROM deliveries GROUP BY endpoint, state")
    return {(row.endpoint, row.state): row.n for row in rows}


def told_of(flow: Flow, receiver: Receiver) -> None:
    """Let five posts come out and be told to one endpoint that takes them and to three that do not."""
    receiver.script("/down", Reply(status=503))
    receiver.script("/gone", Reply(status=410))
    hooks = [endpoint(receiver.url(f"/{name}"), name) for name in ("good", "down", "gone")]
    flow.configure(DELIVERIES + "".join(hooks) + endpoint(receiver.url("/later"), "later", digest='"daily at 08:00"'))
    flow.write(old=post("Old"))
    flow.run()
    flow.write(**{f"p{number}": post(f"P{number}") for number in range(5)}, bad="---\ntitle: [\n---\n")
    flow.run()
    send(flow)


def test_it_says_what_stands_in_the_database(flow: Flow, monitor: Monitor, receiver: Receiver) -> None:
    told_of(flow, receiver)
    found = scraped(monitor, flow)
    rows = deliveries(flow)
    assert {(name, state) for name, state in rows} >= {("good", "delivered"), ("down", "pending"), ("later", "pending")}
    for name in ("good", "down", "gone", "later"):
        for state in ("pending", "sending", "exhausted"):
            assert found.value("feedbell_deliveries", endpoint=name, state=state) == rows.get((name, state), 0)
    assert "delivered" not in {state for _, state in found.by("feedbell_deliveries", "endpoint", "state")}
    health = {row.name: row for row in flow.rows("SELECT name, failures, paused_until, disabled_at FROM endpoints")}
    assert {name: row.disabled_at is not None for name, row in health.items()} == {
        "good": False,
        "down": False,
        "gone": True,
        "later": False,
    }
    for name, row in health.items():
        assert found.value("feedbell_endpoint_disabled", endpoint=name) == (row.disabled_at is not None)
        assert found.value("feedbell_endpoint_paused", endpoint=name) == (row.paused_until is not None)
        assert found.value("feedbell_endpoint_failures", endpoint=name) == row.failures
    assert found.by("feedbell_posts", "source", "state") == {("site", "live"): 6, ("site", "withdrawn"): 0}
    assert found.by("feedbell_quarantined_files", "source", "code") == dict(
        Counter({("site", code): 1 for code in flow.quarantine().values()})
    )
    standing = flow.rows("SELECT count(*) AS n FROM feeds WHERE sizes IS NOT NULL")[0].n
    assert standing > 0
    feeds = ("feedbell_feeds", "feedbell_feeds_dirty", "feedbell_feeds_failed", "feedbell_events_unreleased")
    # The event that tells of the disabled endpoint waits for the next publish.
    assert [found.value(name) for name in feeds] == [standing, 0, 0, 1]
    polled = found.value("feedbell_source_last_poll_timestamp_seconds", source="site")
    assert polled == pytest.approx(flow.clock.now.timestamp())
    assert found.value("feedbell_database_up") == 1


def test_how_long_something_has_been_due(flow: Flow, monitor: Monitor, receiver: Receiver) -> None:
    flow.configure(endpoint(receiver.url("/a"), "a") + endpoint(receiver.url("/b"), "b"))
    flow.run()
    flow.write(new=post("New"))
    flow.run()
    # Due now, and never sent; what waits for a retry is not due.
    flow.clock.now += timedelta(seconds=90)
    with flow.engine.begin() as connection:
        later = int((flow.clock.now + timedelta(hours=1)).timestamp() * 1e6)
        connection.execute(text("UPDATE deliveries SET due_at = :later WHERE endpoint = 'b'"), {"later": later})
    ages = scraped(monitor, flow).by("feedbell_oldest_due_delivery_age_seconds", "endpoint")
    assert ages == {("a",): pytest.approx(90, abs=1), ("b",): 0}


def test_it_counts_what_happens(flow: Flow, monitor: Monitor, receiver: Receiver) -> None:
    told_of(flow, receiver)
    found = scraped(monitor, flow)
    attempted = Counter(request.path.strip("/") for request in receiver.received())
    attempts = found.by("feedbell_delivery_attempts_total", "endpoint", "channel", "outcome")
    assert attempts["good", "webhook", "delivered"] == attempted["good"] == 5
    assert attempts["down", "webhook", "retried"] == attempted["down"] > 0
    assert attempts["gone", "webhook", "exhausted"] + attempts["gone", "webhook", "retried"] == attempted["gone"] > 0
    assert attempts["later", "webhook", "delivered"] == 0
    (rows,) = flow.rows("SELECT count(*) AS n, sum(latency_ms) AS ms FROM attempts")
    duration = "feedbell_delivery_attempt_duration_seconds"
    assert found.value(f"{duration}_count", channel="webhook") == rows.n == sum(attempts.values())
    assert found.value(f"{duration}_sum", channel="webhook") == pytest.approx(rows.ms / 1000)
    assert found.value(f"{duration}_bucket", channel="webhook", le="+Inf") == rows.n
    assert found.value("feedbell_deliveries_queued_total") == sum(deliveries(flow).values()) == 20
    assert found.value("feedbell_post_changes_total", source="site") == 6
    assert found.by("feedbell_polls_total", "outcome") == {
        ("changed",): 2,
        ("unchanged",): 0,
        ("held",): 0,
        ("failed",): 0,
    }
    assert found.value("feedbell_feeds_built_total") == 2
    flow.run()
    flow.path("old").write_text(post("Old, changed"))
    flow.run()
    again = scraped(monitor, flow)
    assert again.by("feedbell_polls_total", "outcome")["unchanged",] == 1
    assert again.by("feedbell_polls_total", "outcome")["changed",] == 3
    assert again.by("feedbell_digests_delivered_total", "endpoint")["later",] == 0
    flow.clock.now += timedelta(days=1, hours=1)
    send(flow)
    at_last = scraped(monitor, flow)
    assert at_last.by("feedbell_digests_delivered_total", "endpoint")["later",] == 1
    assert at_last.value("feedbell_deliveries", endpoint="later", state="pending") == 0


def test_withdrawn_posts_a_held_source_and_one_that_cannot_be_read(flow: Flow, monitor: Monitor) -> None:
    flow.write(**{f"p{number}": post(f"P{number}") for number in range(9)})
    flow.run()
    flow.path("p0").unlink()
    flow.run()
    found = scraped(monitor, flow)
    assert found.by("feedbell_posts", "state") == {("live",): 8, ("withdrawn",): 1}
    for number in range(1, 9):
        flow.path(f"p{number}").unlink()
    flow.run()
    held = scraped(monitor, flow)
    assert held.value("feedbell_source_held", source="site") == 1
    assert held.by("feedbell_polls_total", "outcome")["held",] == 1
    assert held.by("feedbell_posts", "state") == {("live",): 8, ("withdrawn",): 1}


def test_other_settings_in_the_same_process(flow: Flow, monitor: Monitor, receiver: Receiver) -> None:
    told_of(flow, receiver)
    flow.configure(DELIVERIES + endpoint(receiver.url("/new"), "new"))
    flow.write(more=post("More"))
    flow.run()
    send(flow)
    found = scraped(monitor, flow)
    # What happened stays counted; what stands is that of the settings in force.
    attempts = found.by("feedbell_delivery_attempts_total", "endpoint", "outcome")
    assert (attempts["good", "delivered"], attempts["new", "delivered"]) == (5, 1)
    assert set(found.by("feedbell_endpoint_disabled", "endpoint")) == {("new",)}
    strict = watched(monitor, OPENMETRICS)
    assert strict.by("feedbell_posts", "state")["live",] == 7


def test_a_database_that_does_not_answer(flow: Flow, monitor: Monitor) -> None:
    flow.write(a=post("A"))
    flow.run()
    monitor.follow(flow.another())
    checks = monitor.checks()
    eventually(lambda: (checks["database"](), checks["migrations"]()) == (None, None))
    with flow.engine.connect() as connection:
        _lock_out(connection.connection.driver_connection, connection.dialect.name)
        eventually(lambda: checks["database"]() == "it does not answer")
        monitor.follow(flow.another())
        with ThreadPoolExecutor(20) as pool:
            texts = list(pool.map(lambda _: monitor.metrics("")[0].decode(), range(60)))
        for text_ in texts:
            found = Scrape(text_)
            assert found.value("feedbell_database_up") == 0
            assert "feedbell_posts" not in found.names
            # What this process counted is there all the same.
            assert found.value("feedbell_feeds_built_total") == 1
        connection.invalidate()
    eventually(lambda: checks["database"]() is None)
    eventually(lambda: Scrape(monitor.metrics("")[0].decode()).value("feedbell_database_up") == 1)


def _lock_out(connection: object, dialect: str) -> None:
    """Keep all others from reading."""
    execute = connection.execute  # type: ignore[attr-defined]
    if dialect == "sqlite":
        execute("PRAGMA locking_mode = EXCLUSIVE")
        # Out of the shared memory that readers use beside a writer.
        execute("PRAGMA journal_mode = DELETE")
        execute("BEGIN EXCLUSIVE")
    else:
        for table in ("alembic_version", "feeds", "deliveries"):
            execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())


def test_a_database_of_another_version(flow: Flow, monitor: Monitor) -> None:
    flow.run()
    with flow.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    options = flow.app
    monitor.follow(options)
    eventually(lambda: monitor.checks()["database"]() is None)
    eventually(lambda: "another form" in (monitor.checks()["migrations"]() or ""))
    assert Scrape(monitor.metrics("")[0].decode()).value("feedbell_database_up") == 0


def test_who_only_looks_changes_nothing_and_makes_nothing(flow: Flow, tmp_path: Path) -> None:
    flow.run()
    reader = open_reader(flow.app.database_url)
    with reader.connect() as connection, pytest.raises(Exception, match=r"read-?only"):
        connection.execute(text("DELETE FROM posts"))
    missing = tmp_path / "none.db"
    with pytest.raises(Exception, match="unable to open"):
        open_reader(f"sqlite:///{missing}").connect()
    assert not missing.exists()


def test_posts_are_counted_anew_only_when_something_changed(flow: Flow, monitor: Monitor) -> None:
    flow.write(a=post("A"))
    flow.run()
    asked: list[str] = []
    event.listen(flow.engine, "before_cursor_execute", lambda c, cursor, sql, *more: asked.append(sql))
    reader = NumberReader(flow.engine, [], ["site"], flow.clock)
    assert reader.read().posts["site"].live == 1
    before = len(asked)
    assert reader.read().posts["site"].live == 1
    assert not [sql for sql in asked[before:] if "FROM posts" in sql]
    flow.write(b=post("B"))
    flow.run()
    assert reader.read().posts["site"].live == 2


def test_the_file_of_once_goes_on_counting(flow: Flow, receiver: Receiver, tmp_path: Path) -> None:
    path = tmp_path / "feedbell.prom"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(3):
        counts = Counts()
        flow._metrics = counts
        flow.configure(DELIVERIES + endpoint(receiver.url("/hook"), "hook"))
        flow.write(**{f"p{number}": post(f"P{number}")})
        flow.run()
        send(flow)
        MetricsFile(path, counts).write(read_once(flow.app), now + timedelta(hours=number))
    found = Scrape(path.read_text())
    assert found.value("feedbell_delivery_attempts_total", endpoint="hook", channel="webhook", outcome="delivered") == 2
    duration = "feedbell_delivery_attempt_duration_seconds"
    assert found.value(f"{duration}_count", channel="webhook") == 2
    (rows,) = flow.rows("SELECT sum(latency_ms) AS ms FROM attempts")
    assert found.value(f"{duration}_sum", channel="webhook") == pytest.approx(rows.ms / 1000)
    assert found.value("feedbell_polls_total", source="site", outcome="changed") == 3
    assert found.value("feedbell_posts", source="site", state="live") == 3
    assert found.value("feedbell_last_run_timestamp_seconds") == (now + timedelta(hours=2)).timestamp()
    # node_exporter has such of its own, and refuses what it knows twice.
    assert not [name for name in found.names if not name.startswith("feedbell_")]
    assert list(tmp_path.glob(".*.tmp")) == []
    for broken in ("nonsense {", 'feedbell_polls_total{source="site"} x\n', "\udcff"):
        path.write_text(broken, errors="surrogateescape")
        MetricsFile(path, Counts()).write(None, now)
        assert Scrape(path.read_text()).value("feedbell_database_up") == 0
    with pytest.raises(ConfigurationError, match="no such folder"):
        MetricsFile(tmp_path / "no" / "x.prom", Counts())


def test_a_site_in_two_sources(flow: Flow, monitor: Monitor, tmp_path: Path) -> None:
    write(tmp_path / "notes", {"x.md": post("X", date="2024-05-01")})
    flow.configure(
        '[site]\nurl = "https://site.example"\n',
        source='settle_ms = 0\n[[sources]]\nname = "notes"\ntype = "plain"\nsettle_ms = 0\npath = "../notes"\n',
    )
    flow.write(a=post("A"), b=post("B"))
    for source in flow.app.sources:
        flow.app.pipeline.poll(source)
    flow.app.pipeline.publish()
    found = scraped(monitor, flow)
    assert found.by("feedbell_posts", "source", "state") == {
        ("site", "live"): 2,
        ("site", "withdrawn"): 0,
        ("notes", "live"): 1,
        ("notes", "withdrawn"): 0,
    }
    assert set(found.by("feedbell_source_held", "source")) == {("site",), ("notes",)}


def test_when_a_feed_is_due(tmp_path: Path, database_url: str, monitor: Monitor) -> None:
    with running_planet(tmp_path, database_url) as planet:
        planet.serve("well", *numbered(1))
        planet.answer("down", Reply(status=503))
        planet.answer("gone", Reply(status=410))
        planet.configure(dict.fromkeys(("well", "down", "gone"), ""))
        planet.run()
        monitor.follow(planet.another())
        found = watched(monitor)
        due = {name: at for (name,), at in found.by("feedbell_source_next_poll_timestamp_seconds", "source").items()}
        assert due.pop("gone") == math.inf
        for name in sorted(due, key=due.__getitem__):
            planet.poll(later=datetime.fromtimestamp(due[name] - 1, UTC) - planet.clock.now)
            before = len(planet.asked(name))
            planet.poll(later=timedelta(seconds=1))
            assert len(planet.asked(name)) == before + 1
        # How long ago a feed was asked says nothing: its own pace may be a day.
        assert found.by("feedbell_source_last_poll_timestamp_seconds", "source") == {}
        assert found.by("feedbell_source_failing", "source") == {("well",): 0, ("down",): 1, ("gone",): 1}

"""`feedbell run` and `once` as those see them who watch: metrics, health, readiness, log lines as JSON."""

import contextlib
import fcntl
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from tests.support.databases import PostgresCluster
from tests.support.program import Program, Running
from tests.support.receiver import Receiver, Reply
from tests.support.scraping import Scrape, ask_json, scrape, scrape_whole
from tests.support.site import LOOPBACK, SECRET, copy_of_sample, endpoint, eventually, post, write

ATTEMPTS = "feedbell_delivery_attempts_total"
DURATION = "feedbell_delivery_attempt_duration_seconds"


class Database(Protocol):
    """A database that can be taken away."""

    url: str

    def go(self) -> None: ...

    def come_back(self) -> None: ...


class _File:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "watched.db"
        self.url = f"sqlite:///{self._file}"

    def go(self) -> None:
        self._file.rename(self._file.with_name("elsewhere.db"))

    def come_back(self) -> None:
        self._file.with_name("elsewhere.db").rename(self._file)


class _Server:
    """A database of its own on a real server, which can refuse everybody."""

    def __init__(self, cluster: PostgresCluster) -> None:
        self._admin = cluster.url()
        self._execute("DROP DATABASE IF EXISTS watched WITH (FORCE)")
        self._execute("CREATE DATABASE watched")
        self.url = self._admin.replace("/postgres?", "/watched?")

    def _execute(self, sql: str) -> None:
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(sql.encode())

    def go(self) -> None:
        self._execute("ALTER DATABASE watched ALLOW_CONNECTIONS false")
        self._execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'watched'")

    def come_back(self) -> None:
        self._execute("ALTER DATABASE watched ALLOW_CONNECTIONS true")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    return _File(tmp_path) if request.param == "sqlite" else _Server(request.getfixturevalue("postgres"))


@contextmanager
def run(program: Program, site: Path, log: Path, *options: str) -> Iterator[tuple[Running, str]]:
    """Run the program on a free port; give it and its address."""
    with program.running(*options, "run", "--port", "0", cwd=site, log=log) as running:
        running.await_said("watching")
        yield running, running.await_said(r"serving on (\S+)")[1]


def save(site: Path, *names: str) -> None:
    for name in names:
        (site / f"_posts/2024-05-01-{name}.md").write_text(post(name.title(), categories="news"))


def count(found: Scrape, endpoint_: str, outcome: str) -> float | None:
    return found.value(ATTEMPTS, endpoint=endpoint_, channel="webhook", outcome=outcome)


def test_what_happened_is_in_the_numbers(
    program: Program, tmp_path: Path, receiver: Receiver, database: Database
) -> None:
    site = copy_of_sample(tmp_path)
    receiver.script("/flaky?token=hidden", Reply(status=503), Reply())
    receiver.script("/never?token=hidden", Reply(status=500))
    hooks = "".join(endpoint(receiver.url(f"/{name}?token=hidden"), name) for name in ("good", "flaky", "never"))
    write(site, {"feedbell.toml": LOOPBACK + "[deliveries]\nretry_seconds = [0.1]\n" + hooks})
    with run(program, site, tmp_path / "log", "--database", database.url) as (running, address):
        began = scrape_whole(address)
        assert count(began, "good", "delivered") == 0
        assert began.by("feedbell_posts", "state") == {("live",): 5, ("withdrawn",): 0}
        # More failures in a row would make the endpoint rest.
        save(site, "first", "second")

        def done() -> Scrape | None:
            found = scrape(address)
            settled = count(found, "good", "delivered") == 2 and count(found, "flaky", "delivered") == 2
            return found if settled and count(found, "never", "exhausted") == 2 else None

        found: Scrape = eventually(done)
        tried = {name: len(receiver.received(f"/{name}?token=hidden")) for name in ("good", "flaky", "never")}
        assert tried["good"] == 2
        assert count(found, "flaky", "retried") == tried["flaky"] - 2 == 1
        assert count(found, "never", "retried") == tried["never"] - 2 == 2
        assert found.value(f"{DURATION}_count", channel="webhook") == sum(tried.values())
        assert found.value("feedbell_deliveries_queued_total") == 6

        def stands() -> bool:
            now = scrape_whole(address)
            return (
                now.by("feedbell_posts", "state")["live",] == 7
                and now.value("feedbell_deliveries", endpoint="never", state="exhausted") == 2
                and now.value("feedbell_deliveries", endpoint="good", state="pending") == 0
            )

        eventually(stands)
        for word in (SECRET, "hidden", str(tmp_path)):
            assert word not in _text(f"{address}metrics")
        assert ask_json(f"{address}healthz") == (200, {"alive": True})
        checks = dict.fromkeys(("first_build", "database", "migrations", "loop"), "ok")
        eventually(lambda: ask_json(f"{address}readyz") == (200, {"ready": True, "checks": checks}))
        # The same process takes up other settings: nothing is exported twice, and what was counted stays.
        settings = LOOPBACK + '[log]\nformat = "json"\n' + endpoint(receiver.url("/new"), "new")
        write(site, {"feedbell.toml": settings}, age=0)
        running.await_said('"event": "settings-changed"')
        eventually(lambda: count(scrape(address), "new", "delivered") == 0)
        assert count(scrape(address), "good", "delivered") == 2
        assert running.stop() == 0


def _text(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def test_a_database_that_goes_and_comes_back(program: Program, tmp_path: Path, database: Database) -> None:
    site = copy_of_sample(tmp_path)
    with run(program, site, tmp_path / "log", "--database", database.url) as (running, address):
        eventually(lambda: ask_json(f"{address}readyz")[0] == 200)
        database.go()

        def is_missed() -> Any:
            status, body = ask_json(f"{address}readyz")
            return body if status == 503 else None

        body = eventually(is_missed)
        assert body["checks"]["database"] == "it does not answer"
        assert str(tmp_path) not in json.dumps(body)
        eventually(lambda: scrape(address).value("feedbell_database_up") == 0)
        assert ask_json(f"{address}healthz")[0] == 200
        # Readers get their feeds all the same.
        assert "<rss" in _text(f"{address}feeds/all.rss")
        database.come_back()
        eventually(lambda: ask_json(f"{address}readyz")[0] == 200)
        eventually(lambda: scrape(address).value("feedbell_database_up") == 1)
        save(site, "after")
        eventually(lambda: scrape(address).by("feedbell_posts", "state").get(("live",)) == 6)
        assert "database-gone" in running.said()


def test_it_answers_before_the_first_build_is_done(program: Program, tmp_path: Path) -> None:
    site = copy_of_sample(tmp_path)
    # As another process that publishes: the first build waits for it.
    write(site, {".feedbell/publish.lock": ""})
    with contextlib.ExitStack() as stack:
        lock = stack.enter_context(open(site / ".feedbell/publish.lock", "w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = stack.enter_context(program.running("run", "--port", "0", cwd=site, log=tmp_path / "log"))
        address = running.await_said(r"serving on (\S+)")[1]
        assert ask_json(f"{address}healthz")[0] == 200
        eventually(lambda: scrape(address).by("feedbell_posts", "state").get(("live",)) == 5)

        def waits() -> bool:
            status, body = ask_json(f"{address}readyz")
            assert (status, body["checks"]["first_build"]) == (503, "it is not done yet")
            return bool(body["checks"]["database"] == "ok")

        eventually(waits)
        fcntl.flock(lock, fcntl.LOCK_UN)
        eventually(lambda: ask_json(f"{address}readyz")[0] == 200)


def test_many_scrapers_during_a_burst(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    site = copy_of_sample(tmp_path)
    write(site, {"feedbell.toml": LOOPBACK + endpoint(receiver.url("/hook"))})
    with run(program, site, tmp_path / "log") as (_, address), ThreadPoolExecutor(10) as pool:
        scrapes = [pool.submit(scrape_whole, address) for _ in range(25)]
        save(site, *(f"p{number}" for number in range(200)))
        scrapes += [pool.submit(scrape_whole, address) for _ in range(25)]
        assert len(receiver.await_requests(200, seconds=90)) == 200
        assert len({request.headers["webhook-id"] for request in receiver.received()}) == 200
        assert all(5 <= one.result().by("feedbell_posts", "state")["live",] <= 205 for one in scrapes)
        eventually(lambda: count(scrape(address), "receiver", "delivered") == 200)


@pytest.mark.parametrize(
    ("settings", "shown"),
    [("", True), ("metrics = false\n", False), ('host = "0.0.0.0"\n', False), ('host = "::1"\n', True)],
)
def test_who_may_see_the_metrics(program: Program, tmp_path: Path, settings: str, shown: bool) -> None:
    site = copy_of_sample(tmp_path)
    write(site, {"feedbell.toml": f"[serve]\n{settings}"})
    with run(program, site, tmp_path / "log") as (_, address):
        address = address.replace("0.0.0.0", "127.0.0.1")
        eventually(lambda: ask_json(f"{address}readyz")[0] == 200)
        with contextlib.ExitStack() as stack:
            if not shown:
                stack.enter_context(pytest.raises(urllib.error.HTTPError, match="404"))
            assert scrape_whole(address).by("feedbell_posts", "state")["live",] == 5


def test_serve_has_its_own(program: Program, tmp_path: Path) -> None:
    site = copy_of_sample(tmp_path)
    with program.running("serve", "--port", "0", cwd=site, log=tmp_path / "log") as running:
        address = running.await_said(r"serving on (\S+)")[1]
        assert ask_json(f"{address}readyz") == (503, {"ready": False, "checks": {"feeds": "there are no feeds yet"}})
        assert program.call("once", cwd=site).code == 0
        assert ask_json(f"{address}readyz")[0] == 200
        found = scrape(address)
        assert {name for name in found.names if name.startswith("feedbell_")} == {
            "feedbell_build_info",
            "feedbell_http_responses_total",
        }
        assert found.value("feedbell_http_responses_total", code="503") == 1


def test_once_writes_a_file(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    site = copy_of_sample(tmp_path)
    write(site, {"feedbell.toml": LOOPBACK + endpoint(receiver.url("/hook"))})
    file = tmp_path / "feedbell.prom"
    for name in ("first", "second", "third"):
        assert program.call("once", "--metrics-file", file, cwd=site).code == 0
        write(site, {f"_posts/2024-05-01-{name}.md": post(name)})
    found = Scrape(file.read_text())
    assert count(found, "receiver", "delivered") == 2
    assert found.by("feedbell_posts", "state")["live",] == 7
    wrong = program.call("once", "--metrics-file", tmp_path / "no/such.prom", cwd=site)
    assert wrong.code == 2
    assert "no such folder" in wrong.err


def test_log_lines_as_json(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    site = copy_of_sample(tmp_path)
    receiver.script("/hook?token=hidden", Reply(status=500), Reply())
    settings = f"{LOOPBACK}[deliveries]\nretry_seconds = [0.1]\n" + endpoint(receiver.url("/hook?token=hidden"))
    write(site, {"feedbell.toml": settings})
    first = program.call("--log-format", "json", "--verbose", "once", cwd=site)
    lines = [json.loads(line) for line in first.err.splitlines()]
    assert [line["event"] for line in lines if line["logger"] == "feedbell.poll"] == ["poll"]
    write(site, {"_posts/2024-05-01-new.md": post("New"), "feedbell.toml": settings + '[log]\nformat = "json"\n'})
    warned = [json.loads(line) for line in program.call("once", cwd=site).err.splitlines()]
    (attempt,) = [line for line in warned if line["event"] == "attempt"]
    assert (attempt["level"], attempt["endpoint"], attempt["status"], attempt["state"]) == (
        "warning",
        "receiver",
        500,
        "pending",
    )
    assert attempt["time"].endswith("Z")
    assert isinstance(attempt["ms"], int)
    write(site, {"feedbell.toml": settings + '[log]\nformat = "json"\nlevel = "error"\n'})
    assert program.call("once", cwd=site).err == ""
    text = program.call("--log-format", "text", "--verbose", "once", cwd=site).err
    assert " DEBUG feedbell.poll poll source=site read=0 changes=0" in text
    assert "hidden" not in first.err + json.dumps(warned) + text

"""One measurement after the other, each of a program of its own on its own core."""

import shutil
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bench.notify import peers
from bench.notify.kept import Cores, ask_child
from bench.notify.messages import host
from bench.notify.place import write_settings
from bench.notify.plan import Plan
from bench.notify.receivers import Nginx, nginx, slow
from bench.notify.servers import Postgres, find_initdb, postgres
from bench.notify.spent import Spent

BARE, SQLITE, LOGGED, POSTGRES = (
    "transport alone",
    "notifier, SQLite",
    "notifier, SQLite, with its log",
    "notifier, PostgreSQL",
)
_LONGEST = 600.0  # seconds that a row may take
_SLACK = 5.0  # seconds more that a busy machine may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """What endpoints that never answer cost the others: shares that were in time, a round each."""

    alone: list[float] = field(default_factory=list)  # seconds for the healthy ones, without those that hang
    beside: list[float] = field(default_factory=list)  # the same, with them
    shares: list[float] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Return the share of the healthy deliveries that were in time, in the median round."""
        return statistics.median(self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All rounds of each row; a row that could not be measured has none."""

    rows: dict[str, list[Spent]]
    hanging: Hanging
    backlog: Spent
    tls_kept: list[Spent]
    tls_new: list[Spent]


def fastest(rounds: Sequence[Spent]) -> Spent:
    """Return the round that others on the machine disturbed least."""
    return max(rounds, key=lambda spent: spent.rate)


def say(line: str) -> None:
    """Tell how far we are; results go to standard output alone."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


class Bench:
    """Measures; `work` is a folder to be made."""

    def __init__(self, plan: Plan, work: Path, cores: Cores) -> None:
        self._plan = plan
        self._work = work
        work.mkdir()
        self._cores = cores

    def measure(self, found_peers: peers.Peers | None) -> Measured:
        """Measure everything; without `found_peers` everything of ours."""
        return Measured(
            rows=self._rows(found_peers),
            hanging=self._hanging(),
            backlog=self._backlog(),
            tls_kept=self._tls(keep=True),
            tls_new=self._tls(keep=False),
        )

    def _rows(self, found_peers: peers.Peers | None) -> dict[str, list[Spent]]:
        """Measure in turns, so that a busy moment of the machine falls on all."""
        plan = self._plan
        rows: dict[str, list[Spent]] = {}
        with nginx(plan.endpoints) as receiver, _postgres() as cluster:
            urls = _urls(receiver.scheme, receiver.port, plan.endpoints)
            filled = self._filled("rows", urls, plan.events)
            turns: dict[str, Callable[[], Spent] | None] = {
                BARE: lambda: self._checked(receiver, lambda: self._bare(urls, plan.events)),
                SQLITE: lambda: self._checked(receiver, lambda: self._whole(filled)),
                LOGGED: lambda: self._checked(receiver, lambda: self._whole(filled, log=True)),
                POSTGRES: lambda: self._checked(receiver, lambda: self._whole_on(cluster, filled)),
            }
            turns |= {peer: self._peer(peer, found_peers, receiver, urls) for peer in (peers.CELERY, peers.DRAMATIQ)}
            for number in range(plan.rounds):
                for name, turn in turns.items():
                    done = rows.setdefault(name, [])
                    if turn is not None:
                        say(f"round {number + 1} of {plan.rounds}: {name}")
                        done.append(turn())
        return rows

    def _peer(
        self, peer: str, found: peers.Peers | None, receiver: Nginx, urls: Sequence[str]
    ) -> Callable[[], Spent] | None:
        if found is None or peers.missing(peer):
            return None
        return lambda: peers.measure_peer(peer, found, receiver, urls, self._plan.peer_events, self._cores)

    def _hanging(self) -> Hanging:
        found = Hanging()
        count = self._plan.endpoints
        step = round(1 / self._plan.hung_share)
        with nginx(count) as receiver, slow(count, None) as hung_port:
            mixed = [
                f"http://{host(number)}:{hung_port if number % step == 0 else receiver.port}/hook"
                for number in range(count)
            ]
            healthy = [url for number, url in enumerate(mixed) if number % step]
            alone = self._filled("alone", healthy, self._plan.events)
            beside = self._filled("beside", mixed, self._plan.events)
            for number in range(self._plan.rounds):
                say(f"round {number + 1} of {self._plan.rounds}: some endpoints hang")
                longest = self._arrivals(alone, _LONGEST)[-1]
                arrived = self._arrivals(beside, 2 * longest + _SLACK)
                found.alone.append(longest)
                found.beside.append(arrived[-1])
                in_time = sum(at <= 1.1 * longest for at in arrived)
                found.shares.append(in_time / (len(healthy) * self._plan.events))
        return found

    def _backlog(self) -> Spent:
        plan = self._plan
        say(f"{plan.backlog:,} deliveries wait")
        with slow(plan.backlog_endpoints, plan.backlog_wait) as port:
            filled = self._filled("backlog", _urls("http", port, plan.backlog_endpoints), plan.backlog_events)
            return self._whole(filled, seconds=plan.backlog_seconds)

    def _tls(self, *, keep: bool) -> list[Spent]:
        rounds = []
        with nginx(self._plan.endpoints, tls=True, keep=keep) as receiver:
            urls = _urls(receiver.scheme, receiver.port, self._plan.endpoints)
            for number in range(self._plan.rounds):
                say(f"round {number + 1} of {self._plan.rounds}: TLS, {'kept' if keep else 'new'} connections")
                before = receiver.counted().connections
                spent = self._checked(receiver, lambda: self._bare(urls, self._plan.tls_events, receiver.ca_file))
                made = receiver.counted().connections - before
                if (made < spent.deliveries) != keep:
                    raise SystemExit(
                        f"{made} connections for {spent.deliveries} deliveries: that is not what was meant"
                    )
                rounds.append(spent)
        return rounds

    def _bare(self, urls: Sequence[str], events: int, ca_file: Path | None = None) -> Spent:
        question = {"what": "bare", "urls": urls, "events": events, "in_flight": self._plan.in_flight}
        return _spent(self._ask(question | ({"ca_file": str(ca_file)} if ca_file else {})))

    def _filled(self, name: str, urls: Sequence[str], events: int) -> Path:
        """Return a folder with settings and a database in which a delivery of each event waits for each endpoint."""
        folder = self._work / name
        folder.mkdir()
        write_settings(folder, urls, self._plan.in_flight)
        self._fill(folder, f"sqlite:///{folder}/filled.db", events)
        return folder

    def _fill(self, folder: Path, database: str, events: int) -> None:
        self._ask({"what": "fill", "folder": str(folder), "database": database, "events": events})

    def _whole(self, filled: Path, *, log: bool = False, seconds: float = _LONGEST) -> Spent:
        return _spent(self._drain(filled, log=log, seconds=seconds))

    def _arrivals(self, filled: Path, seconds: float) -> list[float]:
        found: list[float] = self._drain(filled, seconds=seconds, arrivals=True)["arrivals"]
        return found

    def _drain(self, filled: Path, **question: Any) -> dict[str, Any]:
        """Send what waits in a copy of a filled database."""
        with _copy(filled / "filled.db") as database:
            asked = {"what": "whole", "folder": str(filled), "database": f"sqlite:///{database}"}
            return self._ask(asked | question)

    def _whole_on(self, cluster: Postgres, filled: Path) -> Spent:
        database = cluster.empty_database()
        self._fill(filled, database, self._plan.events)
        cluster.settle()
        before = cluster.server.cpu()
        asked = {"what": "whole", "folder": str(filled), "database": database, "seconds": _LONGEST}
        return _spent(self._ask(asked) | {"server_cpu": cluster.server.cpu() - before})

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        return ask_child("bench.notify.sender", question, self._cores.sender, self._work / "sender.log")

    def _checked(self, receiver: Nginx, send: Callable[[], Spent]) -> Spent:
        """Send. Raises SystemExit unless the receiver counted each delivery once."""
        before = receiver.counted().requests
        spent = send()
        got = receiver.counted().requests - before
        if got != spent.deliveries:
            raise SystemExit(f"{spent.deliveries} deliveries, but {got} requests")
        return spent


def _urls(scheme: str, port: int, count: int) -> list[str]:
    return [f"{scheme}://{host(number)}:{port}/hook" for number in range(count)]


def _spent(answer: dict[str, Any]) -> Spent:
    return Spent(**{one.name: answer[one.name] for one in fields(Spent)})


@contextmanager
def _copy(database: Path) -> Iterator[Path]:
    place = database.with_name("run.db")
    shutil.copyfile(database, place)
    try:
        yield place
    finally:
        for name in ("run.db", "run.db-wal", "run.db-shm"):
            place.with_name(name).unlink(missing_ok=True)


@contextmanager
def _postgres() -> Iterator[Postgres]:
    initdb = find_initdb()
    if initdb is None:
        raise SystemExit("PostgreSQL was not found: `sh bench/notify/system-packages.sh` brings it")
    with postgres(initdb) as cluster:
        yield cluster

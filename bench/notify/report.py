"""What was measured of the deliveries, as tables for people, and held against the aims."""

import statistics
from collections.abc import Iterator, Sequence

from bench.notify.peers import CELERY, DRAMATIQ, HOW_TO_INSTALL
from bench.notify.plan import Plan
from bench.notify.rows import BARE, POSTGRES, SQLITE, Measured, fastest
from bench.notify.spent import Spent
from bench.report import Reach, aligned, number

_HEAD = ("", "deliveries/s", "CPU us each", "server's CPU us", "MB", "of transport alone")


def tables(plan: Plan, found: Measured) -> str:
    """Return everything that was measured."""
    bare = found.rows[BARE]
    rows = [_HEAD, *(_row(name, rounds, bare) for name, rounds in found.rows.items())]
    ours, theirs = plan.deliveries, plan.endpoints * plan.peer_events
    sizes = f"{plan.endpoints:,} endpoints, {ours:,} deliveries of 3 kB, by task queues {theirs:,}"
    title = f"{sizes}; the fastest of {plan.rounds}"
    return "\n".join([title, *aligned(rows), "", *aligned(list(_ratios(plan, found))), ""])


def _row(name: str, rounds: Sequence[Spent], bare: Sequence[Spent]) -> tuple[str, ...]:
    if not rounds:
        return (name, "not installed", "", "", "", "")
    best = fastest(rounds)
    server = "" if best.server_each is None else number(best.server_each)
    return (name, number(best.rate), number(best.each), server, number(best.peak), f"{_times(rounds, bare):.2f}")


def _times(ours: Sequence[Spent], theirs: Sequence[Spent]) -> float:
    """Return how many times as fast we are: the median of the rounds, for a machine's speed changes between them."""
    return statistics.median(one.rate / other.rate for one, other in zip(ours, theirs, strict=True))


def _beyond(ours: Sequence[Spent], theirs: Sequence[Spent]) -> float:
    """Return how many CPU microseconds more we need, likewise."""
    return statistics.median(one.each - other.each for one, other in zip(ours, theirs, strict=True))


def _ratios(plan: Plan, found: Measured) -> Iterator[tuple[str, str]]:
    for name in (SQLITE, POSTGRES):
        ours = found.rows[name]
        yield f"{name}: own CPU us each, beyond the transport's", number(_beyond(ours, found.rows[BARE]))
        for peer in (CELERY, DRAMATIQ):
            rounds = found.rows[peer]
            ratio = f"{_times(ours, rounds):.1f}" if rounds else f"run once: {HOW_TO_INSTALL}"
            yield f"{name}: times {peer}", ratio
    hanging, backlog = found.hanging, found.backlog
    yield f"{plan.hung_share:.0%} of the endpoints hang: % of the others' in time", number(hanging.share * 100)
    yield f"{plan.backlog:,} wait, {plan.in_flight:,} in flight: deliveries/s", number(backlog.rate)
    yield "            CPU us each", number(backlog.each)
    yield "            peak MB", number(backlog.peak)
    kept, new = fastest(found.tls_kept), fastest(found.tls_new)
    yield "TLS, kept connections: deliveries/s", number(kept.rate)
    yield "     new connections: deliveries/s", number(new.rate)
    yield "     kept, times new", f"{_times(found.tls_kept, found.tls_new):.1f}"


def reaches(found: Measured) -> list[Reach]:
    """Hold what was measured against the aims; those of a peer that is not there are left out."""
    return [*(reach for name in (SQLITE, POSTGRES) for reach in _of_engine(name, found)), *_of_trouble(found)]


def _of_engine(name: str, found: Measured) -> Iterator[Reach]:
    ours, bare, celery = found.rows[name], found.rows[BARE], found.rows[CELERY]
    yield Reach(what=f"{name}, of the transport alone", aim=0.6, found=_times(ours, bare), unit="", at_least=True)
    if celery:
        yield Reach(what=f"{name}, times {CELERY}", aim=20, found=_times(ours, celery), unit="", at_least=True)
    yield Reach(what=f"{name}, the engine's own CPU each", aim=80, found=_beyond(ours, bare), unit=" us")


def _of_trouble(found: Measured) -> Iterator[Reach]:
    share = found.hanging.share * 100
    yield Reach(what="healthy deliveries in time while others hang", aim=99, found=share, unit=" %", at_least=True)
    yield Reach(what="peak with all that waits", aim=120, found=found.backlog.peak, unit=" MB")

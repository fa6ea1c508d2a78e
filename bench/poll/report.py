"""What was measured of the polling, as tables for people, and held against the aims."""

import statistics
from collections.abc import Callable, Iterator, Sequence

from bench.poll.plan import ENTRIES, Plan
from bench.poll.rounds import Round
from bench.poll.rows import WHO, Measured
from bench.poll.sender import FEEDBELL, READER
from bench.report import Reach, aligned, number


def tables(plan: Plan, found: Measured) -> str:
    """Return everything that was measured."""
    title = (
        f"{plan.feeds:,} feeds of {ENTRIES} entries, {plan.at_once} at once; the median of {plan.rounds} warm rounds"
    )
    return "\n".join([title, *aligned([("", *WHO, "ratio"), *_rows(plan, found)]), ""])


def _rows(plan: Plan, found: Measured) -> Iterator[Sequence[str]]:
    cold = [[found.cold[who]] for who in WHO]
    warm = [found.warm[who] for who in WHO]
    for name, rounds in (("cold", cold), ("warm, a tenth has something new", warm)):
        yield _row(f"{name}: feeds/s", rounds, lambda one: one.rate)
        yield _row("    wall s", rounds, lambda one: one.wall)
        yield _row("    CPU s", rounds, lambda one: one.cpu)
        yield _row("    CPU us a feed", rounds, lambda one: one.each)
        yield _row("    peak MB", rounds, lambda one: one.peak)
    ours, theirs = (found.beside_hung[who] for who in WHO)
    yield f"{plan.hung:,} feeds hang: s until all others are done", number(ours), number(theirs), f"{ours / theirs:.2f}"


def _row(name: str, rounds: Sequence[Sequence[Round]], of: Callable[[Round], float]) -> Sequence[str]:
    ratio = statistics.median(of(one) / of(other) for one, other in zip(*rounds, strict=True))
    return (name, *(number(statistics.median(map(of, taken))) for taken in rounds), f"{ratio:.2f}")


def reaches(found: Measured) -> list[Reach]:
    """Hold what was measured against the aims."""
    quickest = min(one.wall for one in found.warm[FEEDBELL])
    return [
        Reach(
            what=f"warm round, times {READER}", aim=4, found=found.times(lambda one: one.rate), unit="", at_least=True
        ),
        Reach(what=f"warm round, of {READER}'s CPU", aim=0.25, found=found.times(lambda one: one.cpu), unit=""),
        Reach(
            what="feeds that hang: time of the others, times the quickest warm round",
            aim=1.5,
            found=found.beside_hung[FEEDBELL] / quickest,
            unit="",
        ),
    ]

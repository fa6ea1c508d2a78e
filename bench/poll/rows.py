"""One round after the other, each program in turn, each measurement in a program of its own on its own core."""

import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.notify.kept import Cores, ask_child
from bench.poll.documents import entries_of
from bench.poll.plan import Plan
from bench.poll.rounds import Round
from bench.poll.sender import FEEDBELL, READER
from bench.poll.serving import Counted, Serving, serving

WHO = (FEEDBELL, READER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """By program: its cold round, its warm ones, and the seconds until all but the feeds that hang were done."""

    cold: dict[str, Round] = field(default_factory=dict)
    warm: dict[str, list[Round]] = field(default_factory=dict)
    beside_hung: dict[str, float] = field(default_factory=dict)

    def times(self, of: Callable[[Round], float]) -> float:
        """Return Feedbell's figure for one of reader's: the median of the warm rounds."""
        pairs = zip(self.warm[FEEDBELL], self.warm[READER], strict=True)
        return statistics.median(of(ours) / of(theirs) for ours, theirs in pairs)


def say(line: str) -> None:
    """Tell how far we are; results go to standard output alone."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


class Bench:
    """Measures; `work` is a folder to be made."""

    def __init__(self, plan: Plan, work: Path, cores: Cores) -> None:
        self._plan = plan
        self._work = work
        self._cores = cores
        for who in WHO:
            (work / who).mkdir(parents=True)

    def measure(self) -> Measured:
        """Measure everything."""
        found = Measured()
        plan = self._plan
        with serving(plan.hung_every) as server:
            urls = server.urls(plan.feeds)
            for who in WHO:
                self._ask(who, "add", urls=urls)
            for number in range(plan.rounds + 1):
                for who in WHO:
                    say(f"round {number} of {plan.rounds}: {who}")
                    taken = self._round(server, who, number)
                    if number == 0:
                        found.cold[who] = taken
                    else:
                        found.warm.setdefault(who, []).append(taken)
            server.hang()
            for who in WHO:
                say(f"{plan.hung} feeds hang: {who}")
                found.beside_hung[who] = self._beside_hung(server, who)
        return found

    def _round(self, server: Serving, who: str, number: int) -> Round:
        """Poll all feeds. Raises SystemExit unless the server answered each once, and everything has arrived."""
        plan = self._plan
        server.begin(number)
        taken = Round(**self._ask(who, "poll", round=number))
        changed = plan.changed if number else plan.feeds
        expected = Counted(full=changed, unchanged=plan.feeds - changed, hung=0)
        if (counted := server.counted()) != expected:
            raise SystemExit(f"{who}: the server answered {counted}, not {expected}")
        entries = sum(entries_of(feed, number) for feed in range(plan.feeds))
        if taken.entries != entries:
            raise SystemExit(f"{who} knows {taken.entries:,} entries, not {entries:,}")
        return taken

    def _beside_hung(self, server: Serving, who: str) -> float:
        plan = self._plan
        server.begin(plan.rounds)
        answer = self._ask(who, "hung", round=plan.rounds + 1, feeds=plan.feeds - plan.hung)
        if (counted := server.counted()).unchanged != plan.feeds - plan.hung:
            raise SystemExit(f"{who}: the server answered {counted}")
        seconds: float = answer["seconds"]
        return seconds

    def _ask(self, who: str, what: str, **more: Any) -> dict[str, Any]:
        question = {"who": who, "what": what, "folder": str(self._work / who), "at_once": self._plan.at_once}
        question |= {"feeds": self._plan.feeds, **more}
        return ask_child("bench.poll.sender", question, self._cores.sender, self._work / f"{who}.log")

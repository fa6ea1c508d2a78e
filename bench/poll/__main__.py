"""`python -m bench.poll`: measure the polling of upstream feeds, print the tables and what was reached."""

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

from bench.notify.kept import Cores, temporary
from bench.poll import report
from bench.poll.plan import QUICK, Plan
from bench.poll.rounds import Round
from bench.poll.rows import Bench, Measured
from bench.report import Reach


def main() -> None:
    """Measure what the command line asks for."""
    # Ended by a signal as by Ctrl+C: what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    asked = _arguments()
    plan, cores = _plan(asked), Cores.of_this_machine()
    machine = _machine()
    print(", ".join(f"{key} {value}" for key, value in machine.items()), end="\n\n", flush=True)
    os.sched_setaffinity(0, cores.others)
    with temporary() as folder:
        found = Bench(plan, folder / "work", cores).measure()
    held = report.reaches(found)
    print(report.tables(plan, found))
    print("\n".join(reach.line() for reach in held))
    if asked.json:
        asked.json.write_text(_as_json(machine, plan, found, held), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.poll", description="Measure how Feedbell polls feeds.")
    parser.add_argument("--quick", action="store_true", help="a little of everything: does it work?")
    parser.add_argument("--feeds", type=int, metavar="N", help="so many feeds instead of 2,000")
    parser.add_argument("--rounds", type=int, metavar="N", help="so many warm rounds instead of 3")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers here")
    return parser.parse_args()


def _plan(asked: argparse.Namespace) -> Plan:
    plan = QUICK if asked.quick else Plan()
    return replace(plan, feeds=asked.feeds or plan.feeds, rounds=asked.rounds or plan.rounds)


def _machine() -> dict[str, str]:
    return {
        "Feedbell": version("feedbell"),
        "reader": version("reader"),
        "requests": version("requests"),
        "Python": platform.python_version(),
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def _as_json(machine: dict[str, str], plan: Plan, found: Measured, held: Sequence[Reach]) -> str:
    document = {
        "machine": machine,
        "plan": asdict(plan),
        "cold": {who: _numbers(one) for who, one in found.cold.items()},
        "warm": {who: [_numbers(one) for one in rounds] for who, rounds in found.warm.items()},
        "beside_hung": found.beside_hung,
        "reaches": [asdict(reach) | {"met": reach.met} for reach in held],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _numbers(one: Round) -> dict[str, float]:
    return asdict(one) | {"rate": one.rate, "each": one.each}


if __name__ == "__main__":
    main()

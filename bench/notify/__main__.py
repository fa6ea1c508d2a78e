"""`python -m bench.notify`: measure deliveries, print the tables and what was reached."""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from bench.notify import peers, report
from bench.notify.kept import Cores, temporary
from bench.notify.plan import QUICK, Plan
from bench.notify.receivers import find_nginx
from bench.notify.rows import Bench, Measured, say
from bench.notify.servers import find_initdb
from bench.notify.spent import Spent
from bench.report import Reach

_WORK = Path(__file__).parents[1] / ".work"


def main() -> None:
    """Measure what the command line asks for."""
    # Ended by a signal as by Ctrl+C: what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    asked = _arguments()
    plan, cores = QUICK if asked.quick else Plan(), Cores.of_this_machine()
    found_peers = _peers(asked.work) if asked.peers else None
    machine = _machine(found_peers)
    print(", ".join(f"{key} {value}" for key, value in machine.items()), end="\n\n", flush=True)
    os.sched_setaffinity(0, cores.others)
    with temporary() as folder:
        found = Bench(plan, folder / "work", cores).measure(found_peers)
    held = report.reaches(found)
    print(report.tables(plan, found))
    print("\n".join(reach.line() for reach in held))
    if asked.json:
        asked.json.write_text(_as_json(machine, plan, found, held), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.notify", description="Measure Feedbell's deliveries.")
    parser.add_argument("--quick", action="store_true", help="a little of everything: does it work?")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True, help="measure task queues too")
    parser.add_argument("--work", type=Path, default=_WORK, metavar="DIR", help="the peers are kept here")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers here")
    return parser.parse_args()


def _peers(work: Path) -> peers.Peers | None:
    absent = [package for peer in (peers.CELERY, peers.DRAMATIQ) if (package := peers.missing(peer))]
    if absent:
        say(f"not installed: {' '.join(absent)}. Run once: {peers.HOW_TO_INSTALL}")
    found = peers.install(work.absolute())
    if found is None:
        say("the peers' packages could not be installed: is uv there, and PyPI?")
    return found


def _machine(found_peers: peers.Peers | None) -> dict[str, str]:
    curl = version("pycurl")
    initdb, nginx = find_initdb(), find_nginx()
    found = {
        "Feedbell": version("feedbell"),
        "Python": platform.python_version(),
        "pycurl": curl,
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
    }
    if nginx:
        said = subprocess.run([nginx, "-v"], capture_output=True, text=True, check=True).stderr
        found["nginx"] = said.strip().rpartition("/")[2]
    if initdb:
        said = subprocess.run([initdb, "--version"], capture_output=True, text=True, check=True).stdout
        found["PostgreSQL"] = said.split()[2]
    return found | (found_peers.versions if found_peers else {})


def _as_json(machine: dict[str, str], plan: Plan, found: Measured, held: Sequence[Reach]) -> str:
    document = {
        "machine": machine,
        "plan": asdict(plan),
        "rows": {name: [_numbers(spent) for spent in rounds] for name, rounds in found.rows.items()},
        "hanging": asdict(found.hanging) | {"share": found.hanging.share},
        "backlog": _numbers(found.backlog),
        "tls_kept": [_numbers(spent) for spent in found.tls_kept],
        "tls_new": [_numbers(spent) for spent in found.tls_new],
        "reaches": [asdict(reach) | {"met": reach.met} for reach in held],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _numbers(spent: Spent) -> dict[str, float | None]:
    return asdict(spent) | {"rate": spent.rate, "each": spent.each, "server_each": spent.server_each}


if __name__ == "__main__":
    main()

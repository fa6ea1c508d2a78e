"""`python -m bench.notify.sender QUESTION`: one measurement in a program of its own; the answer is JSON."""

import gc
import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.notify.spent import Meter


def bare(question: dict[str, Any]) -> dict[str, Any]:
    """Measure the transport alone."""
    from bench.notify.bare import open_transport, send_all

    urls = question["urls"]
    transport = open_transport(urls, question["in_flight"], question.get("ca_file"))
    meter = Meter()
    spent = meter.spent(send_all(transport, urls, question["events"]))
    transport.close()
    return asdict(spent)


def fill(question: dict[str, Any]) -> dict[str, Any]:
    """Let deliveries wait in a database; not measured."""
    from bench.notify import place

    place.fill(Path(question["folder"]), question["database"], question["events"])
    return {}


def whole(question: dict[str, Any]) -> dict[str, Any]:
    """Measure the whole notifier."""
    from bench.notify.engine import drain
    from bench.notify.place import arrivals

    if question.get("log"):
        from core.log import start_logging
        from feedbell.cli.context import OUR_PACKAGES

        # As `feedbell run` does; our standard error is a file.
        start_logging(logging.INFO, OUR_PACKAGES)
    drained = drain(Path(question["folder"]), question["database"], question["seconds"])
    found = {"arrivals": arrivals(question["database"], drained.began)} if question.get("arrivals") else {}
    return asdict(drained.spent) | found


def _end_with_the_bench() -> None:
    sys.stdin.read()
    os._exit(1)


def main() -> None:
    """Answer the question on the command line."""
    # As `feedbell` does at its start.
    gc.set_threshold(50_000, 20, 20)
    threading.Thread(target=_end_with_the_bench, daemon=True).start()
    asked: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"bare": bare, "fill": fill, "whole": whole}
    question = json.loads(sys.argv[1])
    answer = asked[question["what"]](question)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    # At the usual end the interpreter would wait for the thread that reads.
    os._exit(0)


if __name__ == "__main__":
    main()

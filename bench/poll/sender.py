"""`python -m bench.poll.sender QUESTION`: one measurement in a program of its own; the answer is JSON."""

import gc
import json
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.poll.rounds import Round

FEEDBELL, READER = "feedbell", "reader"


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked: add the feeds, poll them, or poll them beside some that hang."""
    folder, at_once, what = Path(question["folder"]), question["at_once"], question["what"]
    if question["who"] == READER:
        from bench.poll import peer

        if what == "add":
            peer.add(folder, question["urls"])
            return {}
        if what == "hung":
            return {"seconds": peer.poll_beside_hung(folder, question["feeds"], at_once)}
        return _told(peer.poll(folder, question["feeds"], at_once))
    # As `feedbell` does at its start.
    gc.set_threshold(50_000, 20, 20)
    from bench.poll import ours

    if what == "add":
        ours.add(folder, question["urls"], at_once)
        return {}
    if what == "hung":
        return {"seconds": ours.poll_beside_hung(folder, question["feeds"], question["round"])}
    return _told(ours.poll(folder, question["feeds"], question["round"]))


def _told(found: Round) -> dict[str, Any]:
    return asdict(found)


def _end_with_the_bench() -> None:
    sys.stdin.read()
    os._exit(1)


def main() -> None:
    """Answer the question on the command line."""
    threading.Thread(target=_end_with_the_bench, daemon=True).start()
    found = answer(json.loads(sys.argv[1]))
    sys.stdout.write(json.dumps(found))
    sys.stdout.flush()
    # At the usual end the interpreter would wait for threads that read, or that wait for feeds that hang.
    os._exit(0)


if __name__ == "__main__":
    main()

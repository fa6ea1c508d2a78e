"""Whatever runs until it is told to end does so, wherever the signal comes to."""

from pathlib import Path

import pytest

from tests.support.databases import PostgresCluster
from tests.support.planet import SITE
from tests.support.program import Program
from tests.support.site import LOOPBACK, eventually, write

# Nothing is due here before the next hour: nobody wakes the main thread.
FEED = '[[sources]]\ntype = "feed"\nurl = "http://127.0.0.1:9/"\n'


@pytest.mark.parametrize(
    ("command", "said"),
    [("run", "watching"), ("serve", "Ctrl"), ("worker", "sending to")],
    ids=["run", "serve", "worker"],
)
def test_a_signal_to_any_thread_ends_it(
    program: Program, tmp_path: Path, postgres: PostgresCluster, command: str, said: str
) -> None:
    write(tmp_path, {"feedbell.toml": f"{LOOPBACK}{SITE}{FEED}"})
    options = ("--database", postgres.empty_database())
    # Nobody answers there; what is wanted is a database that knows the site.
    assert program.call(*options, "once", cwd=tmp_path).code == 1
    port = () if command == "worker" else ("--port", "0")
    with program.running(*options, command, *port, cwd=tmp_path, log=tmp_path / "log") as running:
        running.await_said(said)
        eventually(running.rests)
        assert running.stop_in_another_thread() == 0

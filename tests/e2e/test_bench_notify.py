"""`python -m bench.notify --quick` measures everything of ours, and leaves nothing behind even if it is killed."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import eventually

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for the bench's own: with a short path, for sockets, and open to the account that runs PostgreSQL."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def start(temporary: Path, *options: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.notify", "--quick", "--no-peers", *options],
        cwd=PROJECT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def running_in(folder: Path) -> list[str]:
    """Return the command lines that speak of a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command:
            found.append(command)
    return found


def test_every_row_is_measured(temporary: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    bench = start(temporary, "--json", figures)
    said, errors = bench.communicate(timeout=240)

    assert bench.returncode == 0, errors
    found = json.loads(figures.read_text())
    own = ["transport alone", "notifier, SQLite", "notifier, SQLite, with its log", "notifier, PostgreSQL"]
    for name in own:
        assert [one["deliveries"] for one in found["rows"][name]] == [1000], name
    for one in (*(found["rows"][name][0] for name in own), found["backlog"], found["tls_kept"][0], found["tls_new"][0]):
        assert one["rate"] > 0
        assert one["each"] > 0
        assert 10 < one["peak"] < 1000
    assert found["rows"]["notifier, PostgreSQL"][0]["server_cpu"] > 0
    # How many were in time is the machine's affair; that they arrived at all is ours.
    assert found["hanging"]["beside"][0] > 0
    assert 0 <= found["hanging"]["share"] <= 1
    # Two at once to each of 100 endpoints, a fifth of a second each: not all that waits is sent in two seconds.
    assert found["backlog"]["deliveries"] < 5000
    lines = said.splitlines()
    for start_of_line in (
        *own,
        "Celery + Redis",
        "dramatiq + RabbitMQ",
        "10% of the endpoints hang",
        "5,000 wait",
        "TLS",
    ):
        assert any(line.startswith(start_of_line) for line in lines), start_of_line
    assert sum("not installed" in line for line in lines) == 2
    assert sum(line.startswith(("met", "MISSED")) for line in lines) == 6
    assert list(temporary.iterdir()) == []
    assert running_in(temporary) == []


def test_a_killed_bench_leaves_nothing_behind(temporary: Path) -> None:
    bench = start(temporary)
    eventually(lambda: any("postgres" in command for command in running_in(temporary)), seconds=60)
    bench.kill()
    bench.communicate()

    eventually(lambda: running_in(temporary) == [] and list(temporary.iterdir()) == [], seconds=60)

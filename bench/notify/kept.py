"""Programs that end with the bench, even if it is killed: servers, workers, and children that answer with JSON."""

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.children import tail_of

_STARTED_WITHIN = 90.0  # seconds
_ENDED_WITHIN = 20
_CHILD_WITHIN = 900.0
# A program lives as long as our end of the pipe is open. What it started and left behind is ended with it.
_KEEPER = """
exec 3<&0
"$@" </dev/null 3<&- & kept=$!
cat <&3 >/dev/null
kill -$KEPT_STOP $kept
( sleep $KEPT_SECONDS; rm -rf "$KEPT_FOLDER"; kill -KILL 0 ) &
wait $kept
# What runs below the folder may write once more.
tries=0
until rm -rf "$KEPT_FOLDER" 2>/dev/null || [ $tries -ge 50 ]; do tries=$((tries + 1)); sleep 0.2; done
kill -KILL 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """Which cores the program under measurement gets, and which all else."""

    sender: frozenset[int]
    others: frozenset[int]

    @classmethod
    def of_this_machine(cls) -> "Cores":
        """Give the sender a core of its own where there are several."""
        cores = os.sched_getaffinity(0)
        own = {max(cores)}
        return cls(sender=frozenset(own), others=frozenset(cores - own or own))


@contextmanager
def on(cores: Set[int]) -> Iterator[None]:
    """Let what is started inside run on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A program that runs, its folder and its log."""

    folder: Path
    log: Path
    pid: int

    def cpu(self) -> float:
        """Return the CPU seconds of the program and all that it started, as far as they still run."""
        return tree_cpu(self.pid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a program is started and stopped."""

    command: Sequence[str | Path]
    folder: Path
    stop: str = "TERM"
    env: Mapping[str, str] = field(default_factory=dict)
    account: pwd.struct_passwd | None = None


@contextmanager
def temporary() -> Iterator[Path]:
    """Make a folder in which everything of this run lies, and which goes when we end, whatever ends us."""
    before = os.environ.get("TMPDIR"), tempfile.tempdir
    # The path of a Unix socket may have some 100 characters.
    folder = Path(tempfile.mkdtemp(prefix="feedbell-bench-"))
    # As /tmp is: another account runs PostgreSQL.
    folder.chmod(0o1777)
    try:
        with kept(Start(command=["sleep", "infinity"], folder=folder)):
            os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
            yield folder
    finally:
        tempfile.tempdir = before[1]
        if before[0] is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = before[0]
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def folder_for(name: str, account: pwd.struct_passwd | None = None) -> Iterator[Path]:
    """Make a folder for a program."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def kept(start: Start, cores: Set[int] | None = None) -> Iterator[Kept]:
    """Keep a program running; it is stopped and its folder removed at the end, whatever ends us."""
    log = start.folder / "log"
    user, group = (start.account.pw_uid, start.account.pw_gid) if start.account else (None, None)
    env = {**os.environ, "KEPT_STOP": start.stop, "KEPT_SECONDS": str(_ENDED_WITHIN), "KEPT_FOLDER": str(start.folder)}
    with open(log, "wb") as output, on(cores or os.sched_getaffinity(0)):
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "keeper", *start.command],
            user=user,
            group=group,
            extra_groups=[] if start.account else None,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=start.folder,
            env={**env, **start.env},
            start_new_session=True,
        )
    try:
        yield Kept(folder=start.folder, log=log, pid=keeper.pid)
    finally:
        keeper.communicate(timeout=_ENDED_WITHIN + 10)


def await_ready(program: Kept, ready: Callable[[], bool]) -> None:
    """Wait until a program is ready. Raises SystemExit with the end of its log if it does not get so."""
    began = time.monotonic()
    while not ready():
        passed = time.monotonic() - began
        # It takes the keeper a moment to start it.
        if passed > _STARTED_WITHIN or (passed > 1 and not _descendants(program.pid)):
            raise SystemExit(f"a server did not start:\n{tail_of(program.log)}")
        # Nobody tells when a server takes connections.
        time.sleep(0.05)


def answers(host: str, port: int) -> bool:
    """Tell whether somebody listens."""
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def ask_child(module: str, question: Mapping[str, Any], cores: Set[int], log: Path) -> dict[str, Any]:
    """Run a module of ours with a question as JSON, and return its answer. Raises SystemExit if it fails.

    Its standard input stays open: it ends when that closes.
    """
    with open(log, "wb") as errors, on(cores):
        child = subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(question)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert child.stdout is not None
        answer = child.stdout.read()
        code = child.wait(_CHILD_WITHIN)
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None
            pipe.close()
    if code != 0:
        raise SystemExit(f"{module} {question.get('what')} ended with {code}:\n{tail_of(log)}")
    found: dict[str, Any] = json.loads(answer)
    return found


def tree_cpu(root: int) -> float:
    """Return the CPU seconds of a program and its descendants, those included that ended and were waited for."""
    ticks = sum(sum(map(int, fields[11:15])) for pid in _descendants(root) if (fields := _stat(pid)))
    return ticks / os.sysconf("SC_CLK_TCK")


def tree_memory(root: int) -> float:
    """Return the resident memory of a program's descendants, in MB; of what they share each has its part."""
    found = 0
    for pid in _descendants(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        found += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return found * 1024 / 1e6


def _descendants(root: int) -> list[int]:
    """Return a program's descendants, but not the keeper's own `cat`."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = [], [root]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return [pid for pid in found if _name(pid) != "cat"]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return ""


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the third on, see proc(5)."""
    try:
        # The second is the program's name in parentheses, which may hold spaces and parentheses.
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None

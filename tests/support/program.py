"""The program as its users have it: built as a wheel, installed into an environment of its own, run as a process."""

import ctypes
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.site import eventually

_PROJECT = Path(__file__).parents[2]
_LIMIT = 120  # seconds for one call


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a finished call left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


# A process begins with the peak of the one that started it, so a small one has to: the tests' own is large.
_MEASURE = """
import os, sys
process = os.fork()
if not process:
    os.dup2(2, 1)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(process, 0)
print(status, usage.ru_maxrss)
"""


class Program:
    """An installed `feedbell`."""

    def __init__(self, environment: Path) -> None:
        self.environment = environment
        self._executable = environment / "bin" / "feedbell"

    def call(self, *arguments: str | Path, cwd: Path) -> Ended:
        """Run a command to its end; a traceback is a failure of every test."""
        ended = subprocess.run(
            [self._executable, *arguments],
            cwd=cwd,
            capture_output=True,
            timeout=_LIMIT,
            env=_environment_variables(),
            stdin=subprocess.DEVNULL,
        )
        found = Ended(code=ended.returncode, out=ended.stdout.decode(), err=ended.stderr.decode())
        assert "Traceback" not in found.err, found.err
        return found

    def peak_megabytes(self, *arguments: str | Path, cwd: Path, log: Path) -> tuple[int, int]:
        """Run a command with its output in `log`; return its exit code and the most memory that it held."""
        with open(log, "wb") as output:
            started = subprocess.run(
                [sys.executable, "-I", "-c", _MEASURE, self._executable, *arguments],
                cwd=cwd,
                stdout=subprocess.PIPE,
                stderr=output,
                env=_environment_variables(),
                check=True,
            )
        status, peak = map(int, started.stdout.split())
        return os.waitstatus_to_exitcode(status), peak // 1024

    def python(self, code: str) -> str:
        """Run Python code in the environment and return what it printed."""
        command = [str(self.environment / "bin" / "python"), "-I", "-c", code]
        ended = subprocess.run(command, capture_output=True, check=True, timeout=_LIMIT, text=True)
        return ended.stdout.strip()

    @contextmanager
    def running(self, *arguments: str | Path, cwd: Path, log: Path) -> Iterator["Running"]:
        """Run a command beside the test; at the end of the block it is killed if it still lives."""
        with open(log, "ab") as output:
            process = subprocess.Popen(
                [self._executable, *arguments],
                cwd=cwd,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                env=_environment_variables(),
            )
        running = Running(process, log)
        try:
            yield running
        finally:
            if process.poll() is None:
                running.kill()
        assert "Traceback" not in running.said(), running.said()


class Running:
    """A program at work."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    def said(self) -> str:
        """Return everything on standard output and standard error so far."""
        return self._log.read_text(errors="replace")

    def await_said(self, pattern: str) -> re.Match[str]:
        """Wait until the output holds a pattern."""

        def found() -> re.Match[str] | None:
            assert self._process.poll() is None, f"ended with {self._process.returncode}: {self.said()}"
            return re.search(pattern, self.said())

        match = eventually(found)
        assert isinstance(match, re.Match)
        return match

    def alive(self) -> bool:
        return self._process.poll() is None

    def rests(self) -> bool:
        """Tell whether it handles SIGTERM, and its main thread has slept for a while."""
        before = self._status_of_main_thread()
        time.sleep(0.3)
        after = self._status_of_main_thread()
        handles = int(after["SigCgt"], 16) >> (signal.SIGTERM - 1) & 1
        return bool(handles) and before["voluntary_ctxt_switches"] == after["voluntary_ctxt_switches"]

    def _status_of_main_thread(self) -> dict[str, str]:
        pid = self._process.pid
        lines = Path(f"/proc/{pid}/task/{pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def kill(self) -> None:
        """End it as a power failure would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Ask it to end as a service manager does, and return its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self.await_end()

    def stop_in_another_thread(self) -> int:
        """Let the signal come to a thread that is not the main one, as the kernel may; return the exit code."""
        pid = self._process.pid
        others = (int(task) for task in os.listdir(f"/proc/{pid}/task") if int(task) != pid)
        sent = ctypes.CDLL(None, use_errno=True).tgkill(pid, next(others), signal.SIGTERM)
        assert sent == 0, os.strerror(ctypes.get_errno())
        return self.await_end()

    def await_end(self) -> int:
        """Wait until it has ended, and return its exit code."""
        try:
            return self._process.wait(timeout=_LIMIT)
        except subprocess.TimeoutExpired:
            # Its last word is where each of its threads stands.
            self._process.send_signal(signal.SIGABRT)
            self._process.wait()
            raise AssertionError(f"it does not end: {self.said()}") from None


def _environment_variables() -> dict[str, str]:
    # The time zone of the machine must not matter.
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, "TZ": "America/St_Johns", "PYTHONFAULTHANDLER": "1"}


def installed(shared: Path) -> Program:
    """Return the program, built and installed once below a folder that all test workers share."""
    environment = shared / "installed"
    shared.mkdir(parents=True, exist_ok=True)
    with open(shared / "installed.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not environment.exists():
            unfinished = shared / f"unfinished-{os.getpid()}-{time.time_ns()}"
            _install(_build(unfinished / "wheel"), unfinished / "installed")
            # Scripts name their folder, so it is made where it stays, and found only when it is whole.
            os.symlink(unfinished / "installed", environment)
    return Program(environment)


def _build(folder: Path) -> Path:
    # By the build backend itself, in our own environment: nothing is fetched.
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder.absolute()], cwd=_PROJECT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _install(wheel: Path, environment: Path) -> None:
    _run([sys.executable, "-m", "venv", "--without-pip", environment])
    python = environment / "bin" / "python"
    _run([_uv(), "pip", "install", "--quiet", "--no-deps", "--offline", "--python", python, wheel])
    # The libraries are those of the test's own environment. Its own .pth files, and with them the sources, are not
    # followed from here.
    (own,) = environment.glob("lib/python*/site-packages")
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")


def _uv() -> str:
    found = os.environ.get("UV") or shutil.which("uv") or str(_PROJECT / ".bootstrap/bin/uv")
    assert os.access(found, os.X_OK), "the tests install the program with uv; see README.md"
    return found


def _run(command: list[str | Path], cwd: Path | None = None) -> None:
    ended = subprocess.run(command, capture_output=True, timeout=300, cwd=cwd)
    assert ended.returncode == 0, ended.stderr.decode(errors="replace")

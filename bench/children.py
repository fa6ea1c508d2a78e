"""Programs under measurement: run to their end with what they used, or kept running and always stopped."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_LONGEST = 900.0  # seconds that one program may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a program used from its start to its end."""

    wall: float  # seconds
    cpu: float  # seconds, user and system, its own children included
    peak: float  # MB (10**6 bytes) of resident memory
    code: int


def run_measured(command: Sequence[str | Path], log: Path) -> Used:
    """Run a program to its end; what it says goes into `log`. Raises SystemExit if it fails."""
    with open(log, "wb") as output:
        started = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        watchdog = _watchdog(child.pid)
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            child.wait()
            raise
        finally:
            wall = time.perf_counter() - started
            watchdog.cancel()
    child.returncode = code = os.waitstatus_to_exitcode(status)
    ours, theirs = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, usage.ru_maxrss
    if theirs <= ours:
        # The system counts from the fork, when the child was a copy of us.
        print(f"bench: {command[0]} took less than {_megabytes(ours):.0f} MB, how much is unknown", file=sys.stderr)
    if code != 0:
        raise SystemExit(f"{command[0]} ended with {code} after {wall:.1f} s:\n{tail_of(log)}")
    return Used(wall=wall, cpu=usage.ru_utime + usage.ru_stime, peak=_megabytes(theirs), code=code)


@contextmanager
def running(command: Sequence[str | Path], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Keep a program running; it is asked to stop at the end, and killed if it does not."""
    with open(log, "wb") as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield child
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


@contextmanager
def on_one_core() -> Iterator[None]:
    """Let what is started inside use one core: programs that share work among cores spend more CPU time for it."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(all_cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def peak_of(pid: int) -> float | None:
    """Return the peak in MB of a running program, or None where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(found[0]) * 1024 / 1e6 if found else None


def tail_of(log: Path, lines: int = 15) -> str:
    """Return the end of a program's log."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _megabytes(maxrss: int) -> float:
    # Linux counts kibibytes, macOS bytes.
    return maxrss / 1e6 if sys.platform == "darwin" else maxrss * 1024 / 1e6


def _watchdog(pid: int) -> threading.Timer:
    timer = threading.Timer(_LONGEST, os.kill, [pid, signal.SIGKILL])
    timer.daemon = True
    timer.start()
    return timer

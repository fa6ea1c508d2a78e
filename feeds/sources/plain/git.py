"""When git saw each file of a folder first. Asked once for all files, and again when there are new commits.

A repository may come from anyone, so nothing that its own configuration names is run: no hook, file system monitor,
pager, external diff, text conversion or signature check, and no transport, so that a partial clone fetches nothing.
git missing, a repository of another owner, a time-out: nothing is said of any file.
"""

import os
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

_TIME_LIMIT = 30.0
_SIZE_LIMIT = 128_000_000
_COMMIT = b"\x01"
_SETTINGS = (
    *("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat", "core.sshCommand=false"),
    *("core.attributesFile=/dev/null", "core.untrackedCache=false", "core.askPass=", "credential.helper="),
    *("diff.external=", "diff.orderFile=/dev/null", "log.showSignature=false", "log.follow=false", "log.mailmap=false"),
    *("gpg.program=false", "gpg.ssh.program=false", "gpg.x509.program=false"),
    *("protocol.allow=never", "safe.bareRepository=explicit", "submodule.recurse=false", "maintenance.auto=false"),
)
_COMMAND = (
    "git",
    *(word for setting in _SETTINGS for word in ("-c", setting)),
    *("--no-pager", "--no-replace-objects", "--literal-pathspecs"),
)
_LOG = (
    *("log", "--reverse", "--diff-filter=AR", "--name-status", "-z", "-M100%", "--relative", "--no-color"),
    *("--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-mailmap", "--no-notes", "--ignore-submodules=all"),
    *("--decorate=full", "--format=%x01%at %D", "--", "."),
)


class FirstCommits:
    """The first commit of each file below one folder; safe to share between threads."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._known: dict[str, datetime] = {}
        self._folder: str | None = None  # git's own folder, empty if there is none; None before the first question
        self._state: tuple[int, ...] = ()

    def when(self, path: str) -> datetime | None:
        """Return when the file at `path`, relative to the folder, was committed first; None if nothing says."""
        with self._lock:
            if path not in self._known:
                self._ask_if_new()
            return self._known.get(path)

    @property
    def cut_off(self) -> bool:
        """Whether the history is a shallow one, as CI systems fetch it."""
        return bool(self._folder) and os.path.exists(os.path.join(self._folder or "", "shallow"))

    def _ask_if_new(self) -> None:
        if self._folder is None:
            self._folder = _git_folder(self._root)
        if not self._folder:
            return
        state = _state_of(self._folder)
        if state != self._state:
            self._state = state
            for path, first in _first_commits(self._root):
                self._known.setdefault(path, first)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_PAGER": "cat",
        "LC_ALL": "C",
    }


def _git_folder(root: str) -> str:
    try:
        ended = subprocess.run(
            [*_COMMAND, "rev-parse", "--absolute-git-dir"],
            cwd=root,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIME_LIMIT,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return os.fsdecode(ended.stdout.removesuffix(b"\n")) if ended.returncode == 0 else ""


def _state_of(folder: str) -> tuple[int, ...]:
    """What changes with each commit, fetch and checkout; -1 for what is not there."""
    times = []
    for name in ("HEAD", "logs/HEAD", "index", "packed-refs", "shallow"):
        try:
            times.append(os.stat(os.path.join(folder, name)).st_mtime_ns)
        except OSError:
            times.append(-1)
    return tuple(times)


def _first_commits(root: str) -> Iterator[tuple[str, datetime]]:
    try:
        running = subprocess.Popen(
            [*_COMMAND, *_LOG],
            cwd=root,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return
    stop = threading.Timer(_TIME_LIMIT, running.kill)
    stop.start()
    try:
        with running:
            output = running.stdout.read(_SIZE_LIMIT + 1) if running.stdout is not None else b""
            if len(output) > _SIZE_LIMIT:
                running.kill()
    finally:
        stop.cancel()
    # Half an answer would date a file by a later commit, so only a whole one counts.
    if running.returncode == 0 and len(output) <= _SIZE_LIMIT:
        yield from _read_log(output)


def _read_log(output: bytes) -> Iterator[tuple[str, datetime]]:
    """Read `\\x01TIME DECORATION`, then pairs of `A`, name or triples of `R100`, old name, new name, ended by NUL."""
    dates: dict[bytes, datetime] = {}
    when: datetime | None = None
    words = iter(output.split(b"\0"))
    for word in words:
        word = word.lstrip(b"\n")
        if word.startswith(_COMMIT):
            when = _time_of(word[1:])
        elif word.startswith(b"R"):
            old, new = next(words, b""), next(words, b"")
            first = dates.get(old, when)
            if first is not None:
                dates.setdefault(new, first)
        elif word == b"A":
            name = next(words, b"")
            if when is not None:
                dates.setdefault(name, when)
    for name, first in dates.items():
        yield os.fsdecode(name), first


def _time_of(commit: bytes) -> datetime | None:
    """Return a commit's time; None for one that ends a shallow history, as it seems to add every file."""
    seconds, _, decoration = commit.partition(b" ")
    if b"grafted" in [word.strip() for word in decoration.split(b",")]:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None

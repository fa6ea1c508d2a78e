"""Files that are always whole: written beside their place and renamed into it."""

import contextlib
import ctypes
import os
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any


def replace_if_different(path: Path, pieces: Sequence[bytes]) -> bool:
    """Put the pieces together at `path` unless they stand there already; return whether the file changed.

    The rename is atomic, so a reader sees the old file or the new one. Raises OSError and leaves the old file.
    """
    held = holds(path, pieces)
    if held:
        return False
    temporary = path.with_name(f".{path.name[:80]}.{os.getpid()}.tmp")
    try:
        _write(temporary, pieces)
        if held is not None:
            _let_time_go_on(temporary, path)
        if held is None or not _exchange(os.fsencode(temporary), os.fsencode(path)):
            os.replace(temporary, path)
        else:
            temporary.unlink()
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return True


def _let_time_go_on(new: Path, old: Path) -> None:
    """Give a file a later second than the one that it replaces: HTTP knows no smaller part of time.

    A host that has only `Last-Modified` would tell readers that nothing changed where two come within one second.
    """
    second = 1_000_000_000
    earliest = (os.stat(old).st_mtime_ns // second + 1) * second
    stat = os.stat(new)
    # A time far ahead comes from a clock that was wrong: following it would not end.
    if stat.st_mtime_ns < earliest <= stat.st_mtime_ns + 60 * second:
        os.utime(new, ns=(stat.st_atime_ns, earliest))


def _exchange(one: bytes, other: bytes) -> bool:
    """Let two files change places, as Linux can; return whether they did.

    A plain rename over a file makes ext4 write the new one out at once, which for a large file takes longer than all
    the rest.
    """
    renameat2 = _renameat2()
    return renameat2 is not None and renameat2(_HERE, one, _HERE, other, _RENAME_EXCHANGE) == 0


@cache
def _renameat2() -> Any:
    return getattr(ctypes.CDLL(None), "renameat2", None)


# From <linux/fs.h> and <fcntl.h>.
_RENAME_EXCHANGE = 2
_HERE = -100


def ignores_case(folder: Path) -> bool:
    """Tell whether the disk takes names for one that differ by case alone; a folder that is not there does not."""
    try:
        return (
            os.path.samefile(folder, folder.with_name(folder.name.swapcase())) and folder.name.swapcase() != folder.name
        )
    except OSError:
        return False


def remove_leftovers(folder: Path, older_than: float) -> None:
    """Remove temporary files that a killed process left in a folder, if they are older than so many seconds."""
    for path in folder.glob(".*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > older_than:
                path.unlink()


def holds(path: Path, pieces: Sequence[bytes]) -> bool | None:
    """Return whether the file holds just the pieces; None if there is no file."""
    try:
        with open(path, "rb", buffering=0) as file:
            if os.fstat(file.fileno()).st_size != sum(map(len, pieces)):
                return False
            return file.read() == b"".join(pieces)
    except FileNotFoundError:
        return None


def _write(path: Path, pieces: Sequence[bytes]) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        for start in range(0, len(pieces), _PIECES_AT_ONCE):
            _write_all(descriptor, pieces[start : start + _PIECES_AT_ONCE])
    finally:
        os.close(descriptor)


# What one call takes at most, on every system that we know (IOV_MAX).
_PIECES_AT_ONCE = 1024


def _write_all(descriptor: int, pieces: Sequence[bytes]) -> None:
    # The system gathers the pieces: joining them first would copy megabytes once more.
    written = os.writev(descriptor, pieces)
    if written < sum(map(len, pieces)):
        remaining = memoryview(b"".join(pieces))[written:]
        while remaining:
            remaining = remaining[os.write(descriptor, remaining) :]

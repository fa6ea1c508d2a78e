"""Files that are always whole: written beside their place and renamed into it."""

import contextlib
import ctypes
import os
import time
from pathlib import Path


def replace_if_different(path: Path, content: bytes) -> bool:
    """Put `content` at `path` unless it stands there already; return whether the file changed.

    The rename is atomic, so a reader sees the old file or the new one. Raises OSError and leaves the old file.
    """
    if _holds(path, content):
        return False
    temporary = path.with_name(f".{path.name[:80]}.{os.getpid()}.tmp")
    try:
        _write(temporary, content)
        _rename(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return True


def _rename(temporary: Path, path: Path) -> None:
    """Put a file in another's place.

    Where Linux can, the two change places and the old one is removed: a plain rename over a file makes ext4 write
    the new one out at once, which for large files takes longer than all the rest.
    """
    if not _exchange(os.fsencode(temporary), os.fsencode(path)):
        os.replace(temporary, path)
        return
    temporary.unlink()


def _exchange(one: bytes, other: bytes) -> bool:
    """Let two files change places; return whether the system can, and both are there."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    return renameat2 is not None and renameat2(_HERE, one, _HERE, other, _RENAME_EXCHANGE) == 0


# From <linux/fs.h> and <fcntl.h>.
_RENAME_EXCHANGE = 2
_HERE = -100


def remove_leftovers(folder: Path, older_than: float) -> None:
    """Remove temporary files that a killed process left in a folder, if they are older than so many seconds."""
    for path in folder.glob(".*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > older_than:
                path.unlink()


def _holds(path: Path, content: bytes) -> bool:
    try:
        with open(path, "rb", buffering=0) as file:
            if os.fstat(file.fileno()).st_size != len(content):
                return False
            return file.read() == content
    except FileNotFoundError:
        return False


def _write(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    with open(descriptor, "wb", buffering=0) as file:
        remaining = memoryview(content)
        while remaining:
            remaining = remaining[file.write(remaining) or 0 :]

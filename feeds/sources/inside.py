"""Reading a file of a site beside its posts: never from outside its folder, never a device, never without end."""

import os
import stat


def can_be_path(text: str) -> bool:
    """Whether a text can name a file: not with a NUL, nor with half a character as JSON can hold."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def read_inside(root: str, path: str, limit: int) -> bytes | None:
    """Return the bytes of a regular file below `root`, which is a real path; None for anything else or a larger one."""
    if "\0" in path or len(path) > 4000:
        return None
    try:
        full = os.path.realpath(os.path.join(root, path))
        if not full.startswith(root.rstrip(os.sep) + os.sep):
            return None
        descriptor = os.open(full, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except (OSError, ValueError):  # such as a name that cannot be written in bytes
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > limit:
            return None
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(limit)
    except OSError:
        return None
    finally:
        os.close(descriptor)

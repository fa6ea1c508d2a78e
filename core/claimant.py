"""Claim tokens that tell which process made them, so that the claims of a killed one need not wait for their lease."""

import os
import socket
import uuid
from pathlib import Path

_PROC = Path("/proc")
_DEAD = frozenset("ZX")  # states in proc(5): it runs no more, though its parent has not asked for it yet


def make_token() -> str:
    """Return a new token of this process: `host:boot:namespace:pid:start:unique`, or only the last without /proc."""
    unique = uuid.uuid4().hex
    here, own = _this_machine(), _state_and_start(os.getpid())
    if here is None or own is None:
        return unique
    return f"{here}:{os.getpid()}:{own[1]}:{unique}"


def is_abandoned(token: str) -> bool:
    """Tell whether the process that made this token has certainly ended; of other machines that is never certain."""
    machine, pid, start = _parts(token)
    if not pid or machine != _this_machine():
        return False
    try:
        # /proc may hide the processes of other users, as if there were none; this tells them from none.
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        pass
    found = _state_and_start(pid)
    return found is not None and (found[0] in _DEAD or found[1] != start)


def _parts(token: str) -> tuple[str, int, int]:
    """Return machine, process and start; zeros for a token that does not tell them."""
    parts = token.rsplit(":", 3)
    if len(parts) != 4 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        return "", 0, 0
    return parts[0], int(parts[1]), int(parts[2])


def _this_machine() -> str | None:
    """Name where process numbers mean what they mean here: host, boot, and the namespace that a container has."""
    try:
        if os.readlink(_PROC / "self") != str(os.getpid()):
            return None  # the /proc of another namespace
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = os.stat(_PROC / "self/ns/pid").st_ino
    except OSError:
        return None
    return f"{socket.gethostname()}:{boot}:{namespace}"


def _state_and_start(pid: int) -> tuple[str, int] | None:
    """Return fields 3 and 22 of /proc/PID/stat, see proc(5), or None where it cannot be read."""
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # Field 2 is the program's name in parentheses, which may hold spaces and parentheses.
    fields = stat.rpartition(b")")[2].split()
    return fields[0].decode(), int(fields[19])

"""Files as they were when they were read: tells whether one is another now."""

import os
import time


def stats_of(files: frozenset[str]) -> dict[str, tuple[int, int] | None]:
    """Return time and size of each file, None for one that is not there."""
    found: dict[str, tuple[int, int] | None] = {}
    for file in files:
        try:
            stat = os.stat(file)
            found[file] = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            found[file] = None
    return found


_UNKNOWN = (-1, -1)


def stats_when_read(files: frozenset[str], began_ns: int) -> dict[str, tuple[int, int] | None]:
    """Return the stats of files that were read since `began_ns`.

    A file that was written meanwhile may have been read before: it counts as changed.
    """
    now_ns = time.time_ns()
    return {
        file: _UNKNOWN if stat is not None and began_ns <= stat[0] <= now_ns else stat
        for file, stat in stats_of(files).items()
    }

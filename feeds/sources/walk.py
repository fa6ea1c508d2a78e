"""Walk a folder for files, safely: loops end, links out of the root are not followed, devices are not opened."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from feeds.model import Stat

# Stored numbers are signed and 64 bits wide; some file systems use all 64 for an inode.
_INODE_BITS = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file. Positional, as one is made for every file of a folder."""

    path: str  # relative to the root, with `/`
    stat: Stat


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Something at a path that cannot be read as a file or folder."""

    path: str
    code: str
    reason: str
    is_folder: bool = False


def stat_of(result: os.stat_result) -> Stat:
    """Return what tells whether a file changed."""
    return result.st_size, result.st_mtime_ns, result.st_ino & _INODE_BITS


def printable(path: str) -> str:
    """Return a path with the bytes that are not UTF-8 written as `\\xNN`, so that it can be stored and shown."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


class Walk:
    """One walk over the files that `wanted` names, below the folders that `enter` names."""

    def __init__(
        self, root: str, *, wanted: Callable[[str], bool], enter: Callable[[str], bool], follow_outside: bool
    ) -> None:
        self._root = root
        self._real_root = os.path.realpath(root)
        self._wanted = wanted
        self._enter = enter
        self._follow_outside = follow_outside
        self.folders: list[str] = []

    def files(self) -> Iterator[FoundFile | Obstacle]:
        """Yield every wanted file once, folder by folder; a folder that cannot be read is an obstacle.

        Raises OSError if the root itself cannot be read.
        """
        seen: set[tuple[int, int]] = set()
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(os.path.join(self._root, folder) if folder else self._root) as entries:
                    self._note(folder, seen)
                    prefix = f"{folder}/" if folder else ""
                    # In one loop, without a call more than needed: a folder may hold a million files.
                    for entry in entries:
                        path = prefix + entry.name
                        if entry.is_symlink():
                            yield from self._link(entry, path, waiting, seen)
                        elif entry.is_dir(follow_symlinks=False):
                            if self._enter(path):
                                waiting.append(path)
                        elif self._wanted(path):
                            yield self._file(entry, path)
            except OSError as error:
                if not folder:
                    raise
                yield Obstacle(
                    path=printable(folder),
                    code="unreadable-folder",
                    reason=f"the folder cannot be read: {error.strerror}",
                    is_folder=True,
                )

    def _note(self, folder: str, seen: set[tuple[int, int]]) -> None:
        self.folders.append(folder)
        # A link may lead back here.
        found = os.stat(os.path.join(self._root, folder))
        seen.add((found.st_dev, found.st_ino))

    def _link(
        self, entry: os.DirEntry[str], path: str, waiting: list[str], seen: set[tuple[int, int]]
    ) -> Iterator[FoundFile | Obstacle]:
        try:
            target = entry.stat()
        except OSError:
            if self._wanted(path):
                yield Obstacle(path=printable(path), code="broken-link", reason="the link leads nowhere")
            return
        is_folder = stat.S_ISDIR(target.st_mode)
        if not (self._enter(path) if is_folder else self._wanted(path)):
            return
        if not self._follow_outside and not self._inside(entry.path):
            reason = "the link leads out of the site; set follow_links = true for this source to allow it"
            yield Obstacle(path=printable(path), code="link-outside", reason=reason)
        elif not is_folder:
            yield self._file(entry, path)
        elif (target.st_dev, target.st_ino) not in seen:
            waiting.append(path)

    def _inside(self, path: str) -> bool:
        real = os.path.realpath(path)
        return real == self._real_root or real.startswith(self._real_root + os.sep)

    @staticmethod
    def _file(entry: os.DirEntry[str], path: str) -> FoundFile | Obstacle:
        found = entry.stat()
        if not stat.S_ISREG(found.st_mode):
            return Obstacle(path=printable(path), code="not-a-file", reason="not a regular file; move it elsewhere")
        try:
            path.encode()
        except UnicodeEncodeError:
            return Obstacle(path=printable(path), code="name-not-utf-8", reason="the file name is not UTF-8; rename it")
        return FoundFile(path, stat_of(found))

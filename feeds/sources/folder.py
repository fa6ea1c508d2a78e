"""A folder of posts as a source: which files changed, and what each of them is."""

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from core.clock import Clock
from core.digest import digest
from feeds.model import NO_STAT, Body, Draft, FileReading, Quarantined, Reading, Stat
from feeds.sources.completion import Completion
from feeds.sources.walk import Obstacle, Walk, stat_of


class FileReader(Protocol):
    """Reads the files of one kind of site."""

    def is_post_path(self, path: str) -> bool:
        """Tell whether the generator would look at a file here."""

    def enters(self, path: str) -> bool:
        """Tell whether the generator would look for posts below a folder."""

    def read(self, path: str, raw: bytes, modified: datetime, now: datetime) -> Reading:
        """Tell what a file is."""

    def body(self, path: str, raw: bytes) -> Body:
        """Return a post's text as its generator makes it."""

    @property
    def fingerprint(self) -> str:
        """What every reading depends on: when it changes, every file has to be read again."""


@dataclass(slots=True, kw_only=True)
class Scan:
    """What a look at the folder found, against what was known."""

    changed: list[str] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """A file that somebody may still be writing."""

    path: str
    ready_at: datetime


class _TooLargeError(Exception):
    def __init__(self, found: Stat) -> None:
        super().__init__()
        self.found = found


_NO_COMPLETION = Completion()
_SUSPECT = 3  # settle times for which a broken or empty file may be a half-written one


class FolderSource:
    """A folder below which one kind of site keeps its posts."""

    def __init__(
        self,
        *,
        name: str,
        root: str,
        reader: FileReader,
        settle_ms: int,
        max_bytes: int,
        follow_links: bool = False,
        completion: Completion = _NO_COMPLETION,
    ) -> None:
        self.name = name
        self.root = root
        self._reader = reader
        self._settle_ns = settle_ms * 1_000_000
        self._max_bytes = max_bytes
        self._follow_links = follow_links
        self._completion = completion
        self.folders: list[str] = []

    @property
    def fingerprint(self) -> str:
        """What every reading depends on."""
        return " ".join((self._reader.fingerprint, str(self._max_bytes), *self._completion.fingerprint))

    def is_post_path(self, path: str) -> bool:
        """Tell whether the generator would look at a file here."""
        return self._reader.is_post_path(path)

    def enters(self, path: str) -> bool:
        """Tell whether the generator would look for posts below a folder."""
        return self._reader.enters(path)

    def scan(self, known: Mapping[str, Stat], only: Collection[str] | None = None) -> Scan:
        """Compare the folder (or `only` these paths) with what is known; opens no file.

        Raises OSError if the folder itself cannot be read.
        """
        return self._scan_all(known) if only is None else self._scan_paths(known, only)

    def _scan_all(self, known: Mapping[str, Stat]) -> Scan:
        walk = Walk(
            self.root,
            wanted=self._reader.is_post_path,
            enter=self._reader.enters,
            follow_outside=self._follow_links,
        )
        scan = Scan(missing=set(known))
        unreadable: list[str] = []
        for found in walk.files():
            if isinstance(found, Obstacle):
                if known.get(found.path) != NO_STAT:
                    scan.obstacles.append(found)
                if found.is_folder:
                    unreadable.append(found.path + "/")
            elif known.get(found.path) != found.stat:
                scan.changed.append(found.path)
            scan.missing.discard(found.path)
        self.folders = walk.folders
        # What stands below a folder that cannot be read has not gone.
        if unreadable:
            scan.missing = {path for path in scan.missing if not path.startswith(tuple(unreadable))}
        scan.changed.sort()
        return scan

    def _scan_paths(self, known: Mapping[str, Stat], only: Collection[str]) -> Scan:
        os.stat(self.root)
        scan = Scan()
        for path in sorted(only):
            if not self._reader.is_post_path(path):
                continue
            found = self._stat(path)
            if found is None:
                if path in known:
                    scan.missing.add(path)
            elif known.get(path) != found:
                scan.changed.append(path)
        return scan

    def _stat(self, path: str) -> Stat | None:
        """Return the stat of a regular file inside the folder; anything else waits for the next full scan."""
        full = os.path.join(self.root, path)
        try:
            found = os.stat(full)
        except OSError:
            return None
        real_root = os.path.realpath(self.root)
        inside = self._follow_links or os.path.realpath(full).startswith(real_root + os.sep)
        return stat_of(found) if stat.S_ISREG(found.st_mode) and inside else None

    def just_vanished(self, paths: Collection[str], now: datetime, seconds: float) -> list[Unsettled]:
        """Return all of these paths, which have gone, if one of their folders changed within the last `seconds`."""
        changed = max((self._changed(folder) for folder in {os.path.dirname(path) for path in paths}), default=0.0)
        if not 0 <= now.timestamp() - changed < seconds:
            return []
        ready = datetime.fromtimestamp(changed + seconds, UTC)
        return [Unsettled(path=path, ready_at=ready) for path in sorted(paths)]

    def _changed(self, folder: str) -> float:
        """Return when a folder, or what is left above it, got or lost a file."""
        while True:
            try:
                return os.stat(os.path.join(self.root, folder)).st_mtime
            except OSError:
                if not folder:
                    return 0.0
                folder = os.path.dirname(folder)

    def read(self, paths: Collection[str], clock: Clock) -> Iterator[FileReading | Unsettled]:
        """Yield what each file is; one that changed within the settle time, or while it was read, is unsettled."""
        for path in paths:
            yield self._read_one(path, clock())

    def _read_one(self, path: str, now: datetime) -> FileReading | Unsettled:
        try:
            raw, before, after = self._open(path)
        except _TooLargeError as error:
            reason = f"the file has {error.found[0]:,} bytes, more than max_bytes ({self._max_bytes:,})"
            return FileReading(stat=error.found, reading=Quarantined(path=path, code="too-large", reason=reason))
        except OSError as error:
            reason = f"the file cannot be read: {error.strerror}"
            return FileReading(stat=NO_STAT, reading=Quarantined(path=path, code="unreadable", reason=reason))
        now_ns = int(now.timestamp() * 1e9)
        if before != after or len(raw) != after[0] or self._is_fresh(after, now_ns, 1):
            return self._later(path, after, now_ns)
        modified = datetime.fromtimestamp(after[1] / 1e9, UTC)
        reading = self._reader.read(path, raw, modified, now)
        suspect = isinstance(reading, Quarantined) or not raw.strip()
        if suspect and self._is_fresh(after, now_ns, _SUSPECT):
            return self._later(path, after, now_ns)
        if isinstance(reading, Draft):
            reading = self._completion.completed(reading, lambda: self._reader.body(path, raw).html)
        return FileReading(stat=after, reading=reading)

    def _is_fresh(self, found: Stat, now_ns: int, settle_times: int) -> bool:
        # A time in the future says nothing of when the file was written.
        return 0 <= now_ns - found[1] < self._settle_ns * settle_times

    def _later(self, path: str, found: Stat, now_ns: int) -> Unsettled:
        written = min(max(found[1], now_ns - self._settle_ns), now_ns)
        ready = written + self._settle_ns if written > now_ns - self._settle_ns else now_ns + self._settle_ns
        return Unsettled(path=path, ready_at=datetime.fromtimestamp(ready / 1e9, UTC))

    def _open(self, path: str) -> tuple[bytes, Stat, Stat]:
        """Read a file; return also its stat from before and after."""
        # Without O_NONBLOCK a FIFO that took the file's place would hold us for ever.
        descriptor = os.open(f"{self.root}/{path}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise OSError(0, "it is not a regular file")
            if before.st_size > self._max_bytes:
                raise _TooLargeError(stat_of(before))
            raw = os.read(descriptor, before.st_size + 1)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        return raw, stat_of(before), stat_of(after)

    def body(self, path: str) -> tuple[Body, str] | None:
        """Return a post's text as its file has it now, and the hash of the file; None if it cannot be read."""
        try:
            raw, _, _ = self._open(path)
            return self._reader.body(path, raw), digest(raw)
        except (OSError, UnicodeDecodeError, _TooLargeError):
            return None

"""The files as they are now, each read once for all its readers: bytes, tag, encodings, entries."""

import os
import stat
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from core.compression import compress
from core.digest import digest
from feedbell.web.entries import EntryHashes, hashes_of, split

_KEPT_BYTES = 96_000_000
_KEPT_HASHES = 400_000
_LARGEST = 8_000_000  # what is larger is read for each reader, and not compressed
_WORTH_IT = 400  # bytes; less is no smaller when compressed

RawFields = list[tuple[bytes, bytes]]
_Stamp = tuple[int, int, int]  # size, mtime in ns, inode


@dataclass(slots=True)
class Version:
    """One content of one file."""

    path: str
    body: bytes
    tag: str
    modified: datetime  # whole seconds
    place: str  # where it really lies
    compressed: bool = False  # whether readers get it compressed who want to
    said: dict[str, str] | None = None  # the header fields that do not depend on what is asked
    encoded: dict[str, bytes] = field(default_factory=dict)
    unmodified: dict[str | None, RawFields] = field(default_factory=dict)  # what is said to who has it, by encoding
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tag_of(self, encoding: str | None) -> str:
        """Return the entity tag of one encoding: each is a representation of its own (RFC 9110, section 8.8.3.3)."""
        return f"{self.tag}-{encoding}" if encoding else self.tag

    def in_encoding(self, encoding: str | None) -> bytes:
        """Return the bytes in one encoding; each is made once."""
        if encoding is None:
            return self.body
        with self.lock:
            if encoding not in self.encoded:
                self.encoded[encoding] = compress(self.body, encoding)
            return self.encoded[encoding]


class Versions:
    """The files below a folder. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.path.realpath(folder)
        self._kept: OrderedDict[str, tuple[_Stamp, Version]] = OrderedDict()
        self._kept_bytes = 0
        self._hashes: OrderedDict[str, EntryHashes] = OrderedDict()
        self._hash_count = 0
        self._lock = threading.Lock()

    def kind(self, path: str) -> str | None:
        """Return `file` or `folder` for what stands at a path and may be served, else None."""
        place = self._place(path)
        try:
            mode = os.stat(place).st_mode if place else 0
        except (OSError, ValueError):
            return None
        return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else None

    def _place(self, path: str) -> str | None:
        """Return where a path leads; None out of the folder, also by links, and to hidden files."""
        parts = [part for part in path.split("/") if part]
        if any(part.startswith(".") or "\0" in part or "\\" in part for part in parts):
            return None
        try:
            place = os.path.realpath(os.path.join(self._folder, *parts))
        except (OSError, ValueError):
            return None
        return place if place == self._folder or place.startswith(f"{self._folder}/") else None

    def current(self, path: str) -> Version | None:
        """Return a file as it is now; None if it is none that may be served."""
        place = self._place(path)
        if place is None:
            return None
        try:
            return self.unchanged(path) or self._read(path, place)
        except (OSError, ValueError):
            return None

    def unchanged(self, path: str) -> Version | None:
        """Return a file that was served before, if it is the same still; at little cost, for most requests are such."""
        with self._lock:
            kept = self._kept.get(path)
            if kept is None:
                return None
            self._kept.move_to_end(path)
        try:
            return kept[1] if kept[0] == _stamp(os.stat(kept[1].place)) else None
        except OSError:
            return None

    def _read(self, path: str, place: str) -> Version | None:
        descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            # From the same file as the bytes: another may have its name by now.
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                return None
            body = file.read()
        modified = datetime.fromtimestamp(int(found.st_mtime), UTC)
        version = Version(path=path, place=place, body=body, tag=digest(body)[:20], modified=modified)
        if len(body) <= _LARGEST:
            self._keep(_stamp(found), version)
        return version

    def _keep(self, stamp: _Stamp, version: Version) -> None:
        parts = split(version.body, version.path)
        with self._lock:
            old = self._kept.pop(version.path, None)
            self._kept_bytes += len(version.body) - (len(old[1].body) if old else 0)
            self._kept[version.path] = (stamp, version)
            while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 1:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._kept_bytes -= len(dropped.body)
            if parts is not None and version.tag not in self._hashes:
                self._hashes[version.tag] = hashes_of(parts)
                self._hash_count += len(parts.entries)
            while self._hash_count > _KEPT_HASHES:
                _, forgotten = self._hashes.popitem(last=False)
                self._hash_count -= len(forgotten)

    def entries_of(self, tag: str) -> EntryHashes | None:
        """Return the entries of a version that was served, if it is remembered."""
        with self._lock:
            return self._hashes.get(tag)


def is_worth_compressing(version: Version) -> bool:
    """Tell whether a file is of a size to compress."""
    return _WORTH_IT <= len(version.body) <= _LARGEST


def _stamp(found: os.stat_result) -> _Stamp:
    return (found.st_size, found.st_mtime_ns, found.st_ino)

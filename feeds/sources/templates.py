"""The files that templates are made of: which there are, and what tells whether one of them changed."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_FILES_LIMIT = 2_000
_BYTES_LIMIT = 32_000_000  # beyond it a file counts by its size and time


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The files, relative to the site's root with their folders, and what tells whether one of them changed."""

    files: tuple[str, ...]
    digest: str


def read_templates(root: Path, folders: Iterable[str], *, seed: str = "") -> Templates:
    """Look at what stands below some folders, at most 2,000 files; `seed` is hashed with them."""
    found: list[str] = []
    total = sha256(seed.encode("utf-8", "surrogatepass"))
    left = _BYTES_LIMIT
    for folder in folders:
        for path, is_folder in _walk(root, folder):
            found.append(path)
            if is_folder:
                continue
            content = _content(root / path, left)
            left -= len(content)
            total.update(f"\x00{path}\x00{len(content)}\x00".encode("utf-8", "surrogatepass") + content)
            if len(found) >= _FILES_LIMIT:
                break
    return Templates(files=tuple(found), digest=total.hexdigest())


def _walk(root: Path, folder: str) -> Iterator[tuple[str, bool]]:
    """Yield a folder and what stands below it, in a fixed order. A link is not followed: it may lead anywhere."""
    top = os.path.normpath(folder.strip("/"))
    if top.startswith("..") or not os.path.isdir(root / top):
        yield top if not top.startswith("..") else folder, True
        return
    for place, folders, names in os.walk(root / top):
        folders.sort()
        yield os.path.relpath(place, root), True
        for name in sorted(names):
            yield os.path.relpath(os.path.join(place, name), root), False


def _content(path: Path, limit: int) -> bytes:
    try:
        stat = os.lstat(path)
        if os.path.islink(path) or not os.path.isfile(path) or stat.st_size > limit:
            return f"{stat.st_size} {stat.st_mtime_ns}".encode()
        return path.read_bytes()
    except OSError:
        return b""

"""Files that are always whole."""

import os
import threading
from pathlib import Path

import pytest

from core.files import remove_leftovers, replace_if_different


def names(folder: Path) -> set[str]:
    return set(os.listdir(folder))


def test_a_file_is_made_with_its_folders_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    assert replace_if_different(path, [b"one ", b"", b"two"])
    assert path.read_bytes() == b"one two"
    assert names(path.parent) == {"b.txt"}


def test_the_same_bytes_leave_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one two")
    before = path.stat()
    assert not replace_if_different(path, [b"one", b" two"])
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_other_bytes_of_the_same_length_replace_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one two")
    assert replace_if_different(path, [b"two one"])
    assert path.read_bytes() == b"two one"
    assert names(tmp_path) == {"a"}


def test_more_pieces_than_one_call_takes(tmp_path: Path) -> None:
    pieces = [str(number).encode() for number in range(5000)]
    assert replace_if_different(tmp_path / "a", pieces)
    assert (tmp_path / "a").read_bytes() == b"".join(pieces)


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    whole = {letter * 300_000 for letter in (b"a", b"b")}
    replace_if_different(path, [b"a" * 300_000])
    seen: set[bytes] = set()
    written = threading.Event()

    def read() -> None:
        while not written.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(100):
        replace_if_different(path, [(b"b" if number % 2 else b"a") * 100_000] * 3)
    written.set()
    reader.join()
    assert seen <= whole


def test_what_cannot_be_replaced_stays_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="a"):
        replace_if_different(tmp_path / "a", [b"x"])
    assert names(tmp_path) == {"a"}


def test_old_leftovers_go_and_young_ones_stay(tmp_path: Path) -> None:
    for name in (".feed.atom.12.tmp", ".feed.rss.13.tmp", "feed.atom"):
        (tmp_path / name).touch()
    os.utime(tmp_path / ".feed.atom.12.tmp", (0, 0))
    remove_leftovers(tmp_path, older_than=3600)
    assert names(tmp_path) == {".feed.rss.13.tmp", "feed.atom"}

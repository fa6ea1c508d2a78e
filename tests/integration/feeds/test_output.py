"""Compressed files beside the feeds: always of the file that stands there."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from tests.support.site import Flow, post

SETTINGS = '[feeds]\nprecompress = ["gzip", "br"]\n'


@pytest.fixture
def flow(tmp_path: Path) -> Iterator[Flow]:
    made = Flow(tmp_path, f"sqlite:///{tmp_path}/output.db", SETTINGS)
    made.write(a=post("A", categories="[x]"), b=post("B"))
    made.run()
    yield made
    made.close()


def plain(out: Path) -> list[Path]:
    return sorted(path for path in out.rglob("*.*") if path.is_file() and path.suffix not in (".gz", ".br"))


def check(out: Path) -> None:
    for path in plain(out):
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes(), path
        assert brotli.decompress(path.with_name(path.name + ".br").read_bytes()) == path.read_bytes(), path


def test_each_file_has_its_own(flow: Flow) -> None:
    check(flow.out)
    flow.write(b=post("B, corrected"))
    flow.run()
    check(flow.out)


def test_they_go_with_it(flow: Flow) -> None:
    flow.configure(f'{SETTINGS}taxonomies = ["tag"]\n')
    flow.run()
    assert list((flow.out / "feeds/category").iterdir()) == []
    check(flow.out)
    flow.configure('[feeds]\nprecompress = ["br"]\n')
    flow.run()
    assert list(flow.out.rglob("*.gz")) == []
    assert (flow.out / "feeds/category/x.rss.br").exists()
    flow.configure()
    flow.run()
    assert list(flow.out.rglob("*.br")) == []


def test_what_is_lost_is_made_again(flow: Flow) -> None:
    (flow.out / "feeds/all.rss.gz").unlink()
    flow.write(c=post("C"))
    flow.run()
    check(flow.out)

"""What real readers show of one feed file: the id, title, link and date of each entry."""

import calendar
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple

import feedparser
from reader import make_reader

NPM = Path(__file__).parent / "npm"


class Seen(NamedTuple):
    """An entry as a reader shows it."""

    title: str
    link: str
    published: datetime


Judge = Callable[[Path, Path], Mapping[str, Seen]]  # the file, an empty folder of the reader's own


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def by_feedparser(file: Path, own: Path) -> Mapping[str, Seen]:
    """Ask feedparser."""
    parsed = feedparser.parse(file.read_bytes())
    assert not parsed.bozo, parsed.bozo_exception
    return {one.id: Seen(one.title, one.link, _at(calendar.timegm(one.published_parsed))) for one in parsed.entries}


def by_reader(file: Path, own: Path) -> Mapping[str, Seen]:
    """Ask reader (https://reader.readthedocs.io), which stores entries."""
    with make_reader(str(own / "reader.db"), feed_root=str(file.parent)) as reader:
        reader.add_feed(file.name)
        reader.update_feed(file.name)
        found = {}
        for one in reader.get_entries():
            assert one.published is not None
            found[one.id] = Seen(one.title or "", one.link or "", one.published)
        return found


def by_sfeed(file: Path, own: Path) -> Mapping[str, Seen]:
    """Ask sfeed, which writes a line of fields: seconds, title, link, content, its type, id and more."""
    found = {}
    for line in _run([_program("sfeed")], stdin=file.read_bytes()).splitlines():
        seconds, title, link, _, _, id_, *_ = line.split("\t")
        found[id_] = Seen(title, link, _at(int(seconds)))
    return found


def by_newsboat(file: Path, own: Path) -> Mapping[str, Seen]:
    """Ask newsboat, by what it stores."""
    (own / "urls").write_text(f"{file.absolute().as_uri()}\n")
    (own / "config").write_text("")
    files = [f"--url-file={own / 'urls'}", f"--cache-file={own / 'cache.db'}", f"--config-file={own / 'config'}"]
    _run([_program("newsboat"), *files, "-x", "reload"], home=own)
    cache = sqlite3.connect(own / "cache.db")
    rows = cache.execute("SELECT guid, title, url, pubDate FROM rss_item").fetchall()
    cache.close()
    return {id_: Seen(title, link, _at(seconds)) for id_, title, link, seconds in rows}


def by_rss_parser(file: Path, own: Path) -> Mapping[str, Seen]:
    """Ask rss-parser of npm."""
    return _by_npm("rss-parser", file)


def by_feedsmith(file: Path, own: Path) -> Mapping[str, Seen]:
    """Ask feedsmith of npm."""
    return _by_npm("feedsmith", file)


def _by_npm(name: str, file: Path) -> Mapping[str, Seen]:
    assert (NPM / "node_modules").is_dir(), "the readers of npm are not installed: run `make npm-readers`"
    rows: Iterable[tuple[str, str, str, str]] = json.loads(
        _run([_program("node"), str(NPM / "read.mjs"), name, str(file)])
    )
    return {id_: Seen(title, link, _date(written)) for id_, title, link, written in rows}


def _date(written: str) -> datetime:
    return datetime.fromisoformat(written) if written[:4].isdigit() else parsedate_to_datetime(written)


def _run(command: list[str], *, stdin: bytes = b"", home: Path | None = None) -> str:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm"}
    environment |= {"HOME": str(home)} if home else {}
    ended = subprocess.run(command, input=stdin, env=environment, capture_output=True, timeout=120)
    assert ended.returncode == 0, f"{command} failed: {ended.stderr.decode(errors='replace')[-2000:]}"
    return ended.stdout.decode()


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found is not None, f"the program `{name}` is needed to ask a real reader: run `make system-packages`"
    return found

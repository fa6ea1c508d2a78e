"""Sites for tests: folders of posts made by hand, the flow over them in this process, and what their feeds say."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree
from sqlalchemy import Engine, text

from feedbell.counting import NOT_COUNTED, FlowMetrics
from feedbell.poll import Polled
from feedbell.site import Options, find_place
from feedbell.wiring import App
from feeds.publish import Published

SAMPLE = Path(__file__).parents[2] / "sample"
CONFIG = "title: Test\nurl: https://site.example\ntimezone: Asia/Shanghai\nlang: en\n"
ATOM = "{http://www.w3.org/2005/Atom}"
# As in the examples of the Standard Webhooks specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLLSw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An entry of a feed, as an XML or JSON reader sees it."""

    id: str
    url: str
    title: str
    published: str
    updated: str
    categories: tuple[str, ...]


def post(title: str = "A title", *, body: str = "Some words.", **front: str) -> str:
    """Return a post's text; values are written into the front matter as they are."""
    lines = "".join(f"{key}: {value}\n" for key, value in front.items())
    return f'---\ntitle: "{title}"\n{lines}---\n{body}\n'


def write(folder: Path, files: Mapping[str, str | bytes], *, age: float = 60) -> None:
    """Write files by their paths relative to `folder`, last changed `age` seconds ago."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
        if age:
            then = time.time() - age
            os.utime(place, (then, then))


def copy_of_sample(folder: Path) -> Path:
    """Copy the sample site without its configuration of ours; its files are as old as the sample's, or a minute."""
    site = folder / "site"
    shutil.copytree(SAMPLE, site, ignore=shutil.ignore_patterns("feedbell.toml", ".feedbell", "_feedbell"))
    then = time.time() - 60
    for file in site.rglob("*"):
        os.utime(file, (then, then))
    return site


def endpoint(url: str, name: str = "receiver", **more: str) -> str:
    """Return the configuration of an endpoint on the loopback that is told everything of posts.

    `more` are TOML values for its subscription.
    """
    more = {"events": '["post.published", "post.updated", "post.withdrawn"]', **more}
    lines = "".join(f"{key} = {value}\n" for key, value in more.items())
    return f'''
[[endpoints]]
name = "{name}"
url = "{url}"
secret = "{SECRET}"

[[subscriptions]]
endpoint = "{name}"
{lines}'''


LOOPBACK = 'allow_networks = ["127.0.0.0/8"]\n'


def eventually(holds: Callable[[], Any], seconds: float = 45) -> Any:
    """Wait until a condition holds, and return what it gave; raises AssertionError after `seconds`."""
    give_up = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < give_up, f"not within {seconds} s"
        time.sleep(0.02)
    return found


def atom(path: Path) -> list[Shown]:
    """Return the entries of an Atom feed."""
    return [
        Shown(
            id=entry.findtext(f"{ATOM}id"),
            url=next(link.get("href") for link in entry.iter(f"{ATOM}link") if link.get("rel") in (None, "alternate")),
            title=entry.findtext(f"{ATOM}title"),
            published=entry.findtext(f"{ATOM}published"),
            updated=entry.findtext(f"{ATOM}updated"),
            categories=tuple(category.get("term") for category in entry.iter(f"{ATOM}category")),
        )
        for entry in etree.parse(path).getroot().iter(f"{ATOM}entry")
    ]


def titles(path: Path) -> list[str]:
    """Return the titles of a feed's entries in their order."""
    return [entry.title for entry in atom(path)]


def feed_files(out: Path) -> list[Path]:
    """Return every file that is a feed, of every format; hidden files are ours while they are written."""
    return sorted(path for path in out.rglob("*") if path.is_file() and not path.name.startswith("."))


def parse_all(out: Path) -> list[Path]:
    """Parse every feed below a folder strictly; raises on the first that is malformed. Return the files."""
    found = feed_files(out)
    for path in found:
        if path.suffix == ".json":
            assert json.loads(path.read_bytes())["version"] == "https://jsonfeed.org/version/1.1", path
        elif path.suffix in (".rss", ".atom", ".xml"):
            etree.parse(path)
    return found


class Clock:
    """The time, as the test says it is."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


class Flow:
    """The pipeline of one site in this process, on a given database and with a clock of its own."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        settings: str = "",
        config: str = CONFIG,
        config_name: str = "_config.yml",
        metrics: FlowMetrics = NOT_COUNTED,
    ) -> None:
        self.site = folder / "site"
        self.out = folder / "out"
        self.clock = Clock()
        self._database_url = database_url
        self._metrics = metrics
        self._apps: list[App] = []
        write(self.site, {config_name: config})
        if config_name == "_config.yml":
            (self.site / "_posts").mkdir(exist_ok=True)
        self.configure(settings)

    def configure(self, settings: str = "", source: str = "") -> App:
        """Start anew with other settings; files count at once, unless `source` says otherwise."""
        source = source or "settle_ms = 0\n"
        write(self.site, {"feedbell.toml": f"{LOOPBACK}{settings}\n[[sources]]\n{source}"})
        self.app = self.another()
        return self.app

    def another(self) -> App:
        """Return one more app of the same settings, as another process would have it."""
        options = Options(site=self.site, out=self.out, database=self._database_url)
        app = App(find_place(options), options, self.clock, self._metrics)
        self._apps.append(app)
        return app

    @property
    def engine(self) -> Engine:
        return self.app.engine

    def write(self, **files: str | bytes) -> None:
        """Write posts of 1 May 2024, by the names below `_posts` without date and extension."""
        write(self.site, {f"_posts/2024-05-01-{name}.md": content for name, content in files.items()})

    def path(self, name: str) -> Path:
        return self.site / f"_posts/2024-05-01-{name}.md"

    def poll(self, app: App | None = None) -> Polled:
        used = app or self.app
        return used.pipeline.poll(used.sources[0])

    def run(self) -> tuple[Published, int]:
        """Poll, publish, release; return what was published and how many deliveries that made."""
        polled = self.poll()
        assert polled.error is None, polled.error
        done = self.app.pipeline.publish()
        self.app.pipeline.publish_pages(done[0])
        return done

    def all(self) -> list[Shown]:
        return atom(self.out / "feed.xml")

    def titles(self, feed: str = "all") -> list[str]:
        return titles(self.out / f"feeds/{feed}.atom")

    def events(self) -> list[tuple[str, str]]:
        """Return (type, title now) of each event ever, in order."""
        return [
            (row.type, row.title)
            for row in self.rows("SELECT e.type, p.title FROM events e JOIN posts p ON p.id = {} ORDER BY e.id")
        ]

    def rows(self, query: str) -> list[Any]:
        """Ask the database; `{}` stands for an event's subject as a number."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(query.replace("{}", "CAST(e.subject AS INTEGER)"))))

    def quarantine(self) -> dict[str, str]:
        """Return path to code."""
        return {row.path: row.code for row in self.rows("SELECT path, code FROM quarantine")}

    def close(self) -> None:
        for app in self._apps:
            app.close()


def snapshot(out: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return inode, time and content of each feed: what differs if a file was touched."""
    return {
        str(path.relative_to(out)): (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
        for path in feed_files(out)
    }


def touched(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    """Yield the names of the files that are new, gone or replaced."""
    return (name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name))

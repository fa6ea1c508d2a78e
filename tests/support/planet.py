"""A site made of upstream feeds, in this process: feeds as text, served by a real server, on a given database."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from core.db import reading
from feedbell.poll import Polled
from feedbell.site import Options, find_place
from feedbell.wiring import App
from feeds.store import upstreams
from feeds.store.upstreams import Upstream
from tests.support.receiver import Received, Receiver, Reply, running_receiver
from tests.support.site import LOOPBACK, Clock, Shown, atom, titles

SITE = '[site]\ntitle = "Planet"\nurl = "https://planet.example"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    title: str
    guid: str | None = None  # left out: none
    link: str | None = ""  # empty: made of the title
    date: str | None = "Fri, 01 May 2026 10:00:00 GMT"
    text: str = "Some words."
    categories: Sequence[str] = ()
    more: str = ""  # elements, as they are

    def rss(self) -> str:
        link = f"http://up.example/{self.title}" if self.link == "" else self.link
        parts = {"title": self.title, "link": link, "guid": self.guid, "pubDate": self.date, "description": self.text}
        lines = [f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value is not None]
        lines += [f"<category>{escape(category)}</category>" for category in self.categories]
        return f"<item>{''.join(lines)}{self.more}</item>"


def rss(*items: Item, title: str = "Upstream", head: str = "") -> bytes:
    """Return an RSS feed, its newest item first as given."""
    inner = "".join(item.rss() for item in items)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">'
        f"<channel><title>{title}</title><link>http://up.example/</link><description>d</description>{head}{inner}"
        "</channel></rss>"
    ).encode()


def numbered(*numbers: int, **more: str) -> list[Item]:
    """Return items that are named by numbers and dated so many minutes after noon."""
    return [
        Item(title=f"n{one}", guid=f"id-{one}", date=f"Fri, 01 May 2026 {12 + one // 60}:{one % 60:02d}:00 GMT", **more)
        for one in numbers
    ]


class Planet:
    """The pipeline over upstream feeds. Paths of the server are names of feeds: `/a` is the source `a`."""

    def __init__(self, folder: Path, database_url: str, server: Receiver) -> None:
        self.folder = folder / "planet"
        self.folder.mkdir()
        self.out = folder / "out"
        self.server = server
        self.clock = Clock()
        self._database_url = database_url
        self._apps: list[App] = []

    def configure(self, sources: Mapping[str, str], settings: str = "", site: str = SITE) -> App:
        """Start anew with these sources, by name the further lines of their sections."""
        sections = "".join(
            f'[[sources]]\nname = "{name}"\ntype = "feed"\nurl = "{self.server.url(f"/{name}")}"\n{lines}\n'
            for name, lines in sources.items()
        )
        (self.folder / "feedbell.toml").write_text(f"{LOOPBACK}{site}{settings}\n{sections}", encoding="utf-8")
        self.app = self.another()
        return self.app

    def another(self) -> App:
        """Return one more app of the same settings, as another process would have it."""
        options = Options(site=self.folder, out=self.out, database=self._database_url)
        app = App(find_place(options), options, self.clock)
        self._apps.append(app)
        return app

    def serve(self, name: str, *items: Item, **more: str) -> None:
        """Let a feed have these items from now on."""
        self.answer(name, Reply(body=rss(*items, **more), headers={"Content-Type": "application/rss+xml"}))

    def answer(self, name: str, *replies: Reply) -> None:
        self.server.script(f"/{name}", *replies)

    def poll(self, *, later: timedelta = timedelta(days=2)) -> list[Polled]:
        """Let time pass, and poll what is due then."""
        self.clock.now += later
        return self.app.pipeline.poll_upstreams()

    def run(self) -> None:
        """Poll, publish, release."""
        self.poll()
        self.app.pipeline.publish()

    def state(self, name: str = "a") -> Upstream:
        with reading(self.app.engine) as connection:
            return next(one for one in upstreams.listing(connection) if one.name == name)

    def error(self, name: str = "a") -> str | None:
        with self.app.engine.connect() as connection:
            query = f"SELECT error FROM sources WHERE name = '{name}'"
            found = connection.exec_driver_sql(query).scalar()
        return None if found is None else str(found)

    def asked(self, name: str = "a") -> list[Received]:
        return self.server.received(f"/{name}")

    def entries(self, feed: str = "all") -> list[Shown]:
        return atom(self.out / f"feeds/{feed}.atom")

    def titles(self, feed: str = "all") -> list[str]:
        return titles(self.out / f"feeds/{feed}.atom")

    def json(self, feed: str = "all") -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads((self.out / f"feeds/{feed}.json").read_bytes())["items"]
        return found

    def events(self) -> list[tuple[str, str]]:
        """Return (type, title now) of each event ever, in order."""
        query = "SELECT e.type, p.title FROM events e JOIN posts p ON p.id = CAST(e.subject AS INTEGER) ORDER BY e.id"
        with self.app.engine.connect() as connection:
            return [(row[0].removeprefix("post."), row[1]) for row in connection.exec_driver_sql(query)]

    def close(self) -> None:
        for app in self._apps:
            app.close()


@contextmanager
def running_planet(folder: Path, database_url: str) -> Iterator[Planet]:
    """Give a planet without sources, and the server of its upstream feeds."""
    with running_receiver() as server:
        planet = Planet(folder, database_url, server)
        yield planet
        planet.close()

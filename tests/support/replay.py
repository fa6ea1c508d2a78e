"""A month of a busy site, replayed to simulated readers. `python -m tests.support.replay` prints what they miss.

The site is like the first real one: 88 posts a day in bursts; each rewritten in place several times, mostly byte by
byte the same; files moved after three days; now and then a post that comes late with an old date, or an old one that
is corrected. The program sees each burst in one poll, as a running one does.

A reader *misses* a post if, at one of its polls, the post had come out or changed since its last poll, stood on the
site, and its current title was not among what the reader was ever shown.
"""

import os
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.archive import Follower, read
from tests.support.site import Flow, post, write

START = datetime(2024, 5, 1, tzinfo=UTC)
BURSTS = 8  # a day
IN_BURST = 11
_BEFORE = 300  # posts that were there
_MOVED_AFTER = timedelta(days=3)
SETTINGS = {
    "10 entries": "count = 10\nhours = 0",
    "50 entries": "count = 50\nhours = 0",
    "50 entries or 48 hours": "",
    "automatic": 'window = "auto"',
}


@dataclass(slots=True, kw_only=True)
class Written:
    """A post of the site as it is now."""

    id: str
    path: str
    title: str
    text: str
    came: datetime
    rewrites: int


@dataclass(slots=True)
class Site:
    """The folder that a scraper writes into."""

    folder: Path
    chance: random.Random
    leaves: bool  # whether what is moved goes out of the site
    posts: dict[str, Written] = field(default_factory=dict)
    touched: list[tuple[datetime, str]] = field(default_factory=list)
    _number: int = 0
    _bodies: int = 0

    def add(self, came: datetime, dated: datetime) -> None:
        """Write a new post."""
        self._number += 1
        name = f"{dated:%Y-%m-%d}-p{self._number}"
        category = "busy" if self._number % 2 else f"small{self._number % 38}"
        title = f"Post {self._number}"
        text = post(title, date=f"{dated:%Y-%m-%d %H:%M:%S} +0000", categories=f"[{category}]", body=self._body())
        # The address has the day in the site's zone.
        local = dated + timedelta(hours=8)
        written = Written(
            id=f"https://site.example/{category}/{local:%Y/%m/%d}/p{self._number}",
            path=f"_posts/{name}.md",
            title=title,
            text=text,
            came=came,
            rewrites=self.chance.randint(5, 9),
        )
        self.posts[written.id] = written
        self._write(written, came)

    def _body(self) -> str:
        self._bodies += 1
        return f"<p>{'央行今日开展逆回购操作，' * 60}</p> {self._bodies}"

    def correct(self, written: Written, now: datetime) -> None:
        """Change what a reader sees of a post."""
        old = written.title
        written.title = f"{old.partition(',')[0]}, corrected {now:%d %H:%M}"
        written.text = written.text.replace(f'"{old}"', f'"{written.title}"')
        self._write(written, now)

    def _write(self, written: Written, now: datetime) -> None:
        write(self.folder, {written.path: written.text})
        self.touched.append((now, written.id))

    def rewrite(self, now: datetime) -> None:
        """Scrape the newest posts once more: most are the same again, some a little other, some corrected."""
        for written in self.posts.values():
            if written.rewrites and now - written.came < timedelta(days=1) and self.chance.random() < 0.5:
                written.rewrites -= 1
                kind = self.chance.random()
                if kind < 0.1:
                    self.correct(written, now)
                elif kind < 0.3:
                    write(self.folder, {written.path: f"{written.text}\n<!-- {now} -->\n"})
                else:
                    write(self.folder, {written.path: written.text})

    def move(self, now: datetime) -> None:
        """Move what is older than three days to another folder of the site, or away."""
        for written in list(self.posts.values()):
            if now - written.came > _MOVED_AFTER and "/old/" not in written.path:
                old = self.folder / written.path
                if self.leaves:
                    old.unlink()
                    del self.posts[written.id]
                    continue
                written.path = written.path.replace("_posts/", "_posts/old/")
                (self.folder / written.path).parent.mkdir(exist_ok=True)
                os.rename(old, self.folder / written.path)


@dataclass(slots=True)
class Reader:
    """Somebody who polls a feed now and then."""

    feed: str  # its path
    every: timedelta
    away: tuple[datetime, datetime] | None = None
    follows: bool = False
    follower: Follower = field(default_factory=lambda: Follower(Path()))
    polled: datetime = START - timedelta(days=400)
    missed: set[str] = field(default_factory=set)

    def is_due(self, now: datetime) -> bool:
        """Tell whether the reader polls at a time."""
        if self.away and self.away[0] <= now < self.away[1]:
            return False
        return now - self.polled >= self.every

    def poll(self, out: Path, site: Site, now: datetime) -> None:
        """Fetch the feed, and note what came and was not seen."""
        self.follower.out = out
        if self.follows:
            self.follower.poll(self.feed)
        else:
            self.follower.entries |= read(out / self.feed).entries
        category = self.feed.partition("category/")[2].partition(".")[0]
        for when, id_ in site.touched:
            is_due = when > self.polled and id_ in site.posts and (not category or f"/{category}/" in id_)
            if is_due and self.follower.entries.get(id_) != site.posts[id_].title:
                self.missed.add(id_)
        self.polled = now


def replay(flow: Flow, readers: list[Reader], days: int, *, leaves: bool = False, seed: int = 1) -> Iterator[datetime]:
    """Let so many days pass; yield after each burst and the polls that follow it."""
    site = Site(flow.site, random.Random(seed), leaves)
    for number in range(_BEFORE):
        dated = START - timedelta(minutes=16 * (_BEFORE - number))
        site.add(dated, dated)
    flow.clock.now = START
    flow.run()
    site.touched.clear()
    for reader in readers:
        reader.poll(flow.out, site, START)
    for burst in range(1, days * BURSTS + 1):
        now = START + timedelta(days=burst / BURSTS, minutes=site.chance.randint(-60, 60))
        for _ in range(IN_BURST):
            site.add(now, now - timedelta(minutes=site.chance.randint(1, 60)))
        site.rewrite(now)
        site.move(now)
        if burst % BURSTS == 3:
            site.add(now, now - timedelta(days=10))
        old = [written for written in site.posts.values() if now - written.came > timedelta(days=2)]
        if burst % BURSTS == 5 and old:
            site.correct(site.chance.choice(old), now)
        flow.clock.now = now
        flow.run()
        # Nothing changes until the next burst: whoever polls more often gets the same.
        for reader in readers:
            if reader.is_due(now):
                reader.poll(flow.out, site, now)
        yield now


def everybody(feed: str, days: int) -> dict[str, Reader]:
    """Return the readers of a feed, by how they read it."""
    away = (START + timedelta(days=days / 3), START + timedelta(days=days / 3 + 14 * days / 30))
    return {
        "hourly": Reader(feed, timedelta(hours=1)),
        "six-hourly": Reader(feed, timedelta(hours=6)),
        "daily": Reader(feed, timedelta(days=1)),
        "two weeks away": Reader(feed, timedelta(days=1), away),
        "two weeks away, follows archives": Reader(feed, timedelta(days=1), away, follows=True),
    }


def main(days: int = 30) -> None:
    """Print the table of missed posts."""
    columns = list(everybody("", days))
    print(f"| live feed | {' | '.join(columns)} |")
    print(f"|---{'|---:' * len(columns)}|")
    for name, lines in SETTINGS.items():
        with tempfile.TemporaryDirectory() as folder:
            flow = Flow(Path(folder), f"sqlite:///{folder}/replay.db", f"[feeds]\n{lines}\n")
            readers = everybody("feeds/all.atom", days)
            for now in replay(flow, list(readers.values()), days):
                if sys.stderr.isatty():
                    print(f"\r{name}: day {(now - START).days}", end="", file=sys.stderr)
            flow.close()
        print(f"| {name} | {' | '.join(str(len(reader.missed)) for reader in readers.values())} |", flush=True)


if __name__ == "__main__":
    main()

"""Feedbell from nothing, again with nothing changed, and after a burst of changes."""

import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.children import Used, run_measured
from bench.corpora import AUTHOR, Corpus
from bench.corpus import MadePost

SETTLE = 0.3  # seconds; Feedbell's default settle_ms
RESTARTS = 3
TOUCHED, NEW = 480, 20  # a burst: 500 files with a new time, 20 of them new posts

_ARCHIVE = "feeds/archive/"

FileState = tuple[int, int, int]  # inode, mtime in ns, bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One corpus with a state of its own, beside it: the corpus stays as it is."""

    corpus: Corpus
    folder: Path

    @property
    def out(self) -> Path:
        """Where the feeds are written."""
        return self.folder / "_feedbell"

    def command(self, *words: str) -> list[str | Path]:
        """Return a command line of the installed Feedbell."""
        program = Path(sys.prefix) / "bin" / "feedbell"
        return [program, "--config", self.folder / "feedbell.toml", "--site", self.corpus.root, *words]

    def configure(self, text: str) -> None:
        """Write feedbell.toml."""
        (self.folder / "feedbell.toml").write_text(text, encoding="utf-8")

    def once(self) -> Used:
        """Run `feedbell once`."""
        return run_measured(self.command("once"), self.folder / "once.log")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdBuild:
    """The first `feedbell once` of a site."""

    used: Used
    feeds: int  # each in three formats
    files: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Archives:
    """The first `feedbell once` with archives, where the live feeds stand."""

    used: Used
    pages: int  # each in three formats
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """`feedbell once` after many files changed."""

    used: Used
    files: int  # feed files that were written
    wrong: int  # of them: did not have to be; and files that had to be written and were not


def fresh(corpus: Corpus, folder: Path) -> Place:
    """Return a place where Feedbell has never run."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return Place(corpus=corpus, folder=folder)


def cold_build(place: Place) -> ColdBuild:
    """Build the live feeds from nothing. Raises SystemExit if one is missing."""
    place.configure("[feeds.archives]\nenabled = false\n")
    used = place.once()
    files = states(place.out)
    feeds = sum(path.endswith(".json") for path in files)
    wanted = 2 + 2 * place.corpus.shape.categories
    if feeds != wanted:
        raise SystemExit(f"Feedbell wrote {feeds} feeds instead of {wanted}:\n{place.folder / 'once.log'}")
    return ColdBuild(used=used, feeds=feeds, files=len(files), bytes=sum(size for _, _, size in files.values()))


def archives(place: Place) -> Archives:
    """Build what the live feeds do not show, and all else of a default configuration."""
    place.configure("# Every default.\n")
    used = place.once()
    pages = {path: size for path, (_, _, size) in states(place.out).items() if _ARCHIVE in path}
    count = sum(path.endswith(".json") for path in pages)
    if not count:
        raise SystemExit(f"Feedbell wrote no archive:\n{place.folder / 'once.log'}")
    return Archives(used=used, pages=count, bytes=sum(pages.values()))


def restart(place: Place) -> Used:
    """Run again with nothing changed; return the quickest of a few runs, with the highest peak of them."""
    before = states(place.out)
    runs = [place.once() for _ in range(RESTARTS)]
    if states(place.out) != before:
        raise SystemExit("a start with nothing changed wrote files")
    best = min(runs, key=lambda used: used.wall)
    return Used(wall=best.wall, cpu=best.cpu, peak=max(used.peak for used in runs), code=best.code)


def burst(place: Place) -> Burst:
    """Change many files, let them settle, and run."""
    corpus = place.corpus
    touch(corpus)
    posts = [write_new(corpus, corpus.shape.posts + number) for number in range(NEW)]
    before = states(place.out)
    # A post counts once it has stood still for so long.
    time.sleep(SETTLE + 0.1)
    used = place.once()
    after = states(place.out)
    written = {path for path, state in after.items() if before.get(path) != state and _is_live_feed(path)}
    return Burst(used=used, files=len(written), wrong=len(written ^ feed_files(posts)))


def _is_live_feed(path: str) -> bool:
    return path.endswith((".rss", ".atom", ".json", "feed.xml")) and _ARCHIVE not in path


def write_new(corpus: Corpus, number: int) -> MadePost:
    """Write one more post in place, as a scraper does."""
    post = corpus.maker.post(number)
    with open(corpus.posts / post.name, "w", encoding="utf-8") as file:
        file.write(post.text)
    return post


def feed_files(posts: Sequence[MadePost]) -> set[str]:
    """Return the feed files that posts stand in. The terms of a made corpus are their own slugs."""
    stems = {"feeds/all", f"feeds/author/{AUTHOR}"}
    for post in posts:
        stems |= {f"feeds/category/{post.term.slug}", f"feeds/tag/{post.term.name}"}
    return {f"{stem}.{format_}" for stem in stems for format_ in ("rss", "atom", "json")} | {"feed.xml"}


def states(out: Path) -> dict[str, FileState]:
    """Return the state of each file below a folder, by its relative path."""
    found: dict[str, FileState] = {}
    for folder, _, names in os.walk(out):
        for name in names:
            path = os.path.join(folder, name)
            stat = os.stat(path)
            found[os.path.relpath(path, out)] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
    return found


def touch(corpus: Corpus) -> None:
    """Give many files, spread over the whole corpus, a new time."""
    step = corpus.shape.posts // TOUCHED
    for number in range(0, step * TOUCHED, step):
        os.utime(corpus.posts / corpus.maker.post(number).name)

"""The corpora on disk: made once, kept, and put back to what they were before each run."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import FIRST_NUMBER, SEED, Maker, write_posts

ORIGIN = "https://corpus.example"
AUTHOR = "newsdesk"
_SITE = f"title: Corpus\nurl: {ORIGIN}\ntimezone: Asia/Shanghai\nlang: zh-CN\nauthor: {AUTHOR}\n"
_MAKERS = 2  # programs that write at the same time


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a corpus is like."""

    title: str
    posts: int
    categories: int

    @property
    def folder_name(self) -> str:
        """The name of its folder among the kept corpora."""
        return f"{self.posts}-posts-{self.categories}-categories-seed-{SEED}"


REAL = Shape(title="real shape", posts=16_800, categories=1_975)


def sized(posts: int) -> Shape:
    """Return the shape of a corpus of so many posts in 40 categories."""
    return Shape(title=f"{posts:,} posts", posts=posts, categories=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A site's folder full of posts."""

    shape: Shape
    root: Path
    maker: Maker

    @property
    def posts(self) -> Path:
        """The folder of post files."""
        return self.root / "_posts"

    def drop_additions(self) -> None:
        """Remove the posts that measurements added."""
        for path in _additions(self.posts, self.shape.posts):
            path.unlink()


def open_corpus(shape: Shape, kept: Path) -> Corpus:
    """Return a corpus of this shape, making it if it is not there or not whole."""
    root = kept / shape.folder_name
    corpus = Corpus(shape=shape, root=root, maker=Maker(shape.categories))
    root.mkdir(parents=True, exist_ok=True)
    (root / "_config.yml").write_text(_SITE, encoding="utf-8")
    corpus.posts.mkdir(exist_ok=True)
    corpus.drop_additions()
    if _count(corpus.posts) != shape.posts:
        _write_all(corpus)
        if _count(corpus.posts) != shape.posts:
            raise SystemExit(f"{corpus.posts} holds files that are not of this corpus; remove the folder")
    return corpus


def read_all(corpus: Corpus) -> tuple[Counter[str], int]:
    """Return how many posts each category has, and the bytes of all posts.

    Whoever is measured next finds every file in the system's cache.
    """
    counts: Counter[str] = Counter()
    size = 0
    for name in _names(corpus.posts):
        content = (corpus.posts / name).read_bytes()
        size += len(content)
        counts[content.split(b"\ncategories: ", 1)[1].split(b"\n", 1)[0].decode()] += 1
    return counts, size


def _names(posts: Path) -> Iterator[str]:
    # No list of all: our own memory must stay below that of whatever we start (see `run_measured`).
    with os.scandir(posts) as entries:
        for entry in entries:
            yield entry.name


def _number(name: str) -> int:
    return int(name.removesuffix(".md")[-10:]) - FIRST_NUMBER


def _additions(posts: Path, first: int) -> list[Path]:
    return [posts / name for name in _names(posts) if _number(name) >= first]


def _count(posts: Path) -> int:
    return sum(1 for _ in _names(posts))


def _write_all(corpus: Corpus) -> None:
    shape = corpus.shape
    if shape.posts < 5_000:
        write_posts(corpus.posts, corpus.maker, range(shape.posts))
        return
    share = -(-shape.posts // _MAKERS)
    command = [sys.executable, "-m", "bench.corpus", str(corpus.posts), "--categories", str(shape.categories)]
    children = [
        subprocess.Popen([*command, "--first", str(first), "--posts", str(min(share, shape.posts - first))])
        for first in range(0, shape.posts, share)
    ]
    codes = [child.wait() for child in children]
    if any(codes):
        raise SystemExit(f"the corpus could not be written: exit codes {codes}")

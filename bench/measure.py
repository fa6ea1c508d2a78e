"""All measurements of one corpus, in order."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.builds import NEW, Archives, Burst, ColdBuild, archives, burst, cold_build, fresh, restart
from bench.children import Used, on_one_core
from bench.corpora import Corpus, Shape, open_corpus, read_all
from bench.live import Live, measure_live
from bench.peer import PeerBuild, build_with_hugo


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured on one corpus."""

    shape: Shape
    megabytes: float  # of posts, 10**6 bytes
    load_before: float  # others' load on the machine, over the last minute
    cold: ColdBuild
    hugo: PeerBuild | None
    archives: Archives
    restart: Used
    burst: Burst
    live: Live

    @property
    def cpu_ratio(self) -> float | None:
        """Our CPU seconds for one of Hugo's."""
        return self.cold.used.cpu / self.hugo.used.cpu if self.hugo else None


def measure(shape: Shape, work: Path, hugo: Path | None) -> Measured:
    """Measure one corpus; it is afterwards what it was before."""
    load = os.getloadavg()[0]
    say(f"{shape.title}: corpus")
    corpus = open_corpus(shape, work / "corpora")
    try:
        return _measure(corpus, work, hugo, load)
    finally:
        corpus.drop_additions()
        for name in ("hugo", "run"):
            shutil.rmtree(work / name, ignore_errors=True)


def _measure(corpus: Corpus, work: Path, hugo: Path | None, load: float) -> Measured:
    title = corpus.shape.title
    counts, size = read_all(corpus)
    place = fresh(corpus, work / "run")
    say(f"{title}: cold build")
    with on_one_core():
        cold = cold_build(place)
    peer = None
    if hugo:
        say(f"{title}: cold build, Hugo")
        with on_one_core():
            peer = build_with_hugo(hugo, corpus, counts, work / "hugo")
    say(f"{title}: archives")
    with on_one_core():
        archived = archives(place)
    say(f"{title}: nothing changed")
    again = restart(place)
    say(f"{title}: burst")
    bursted = burst(place)
    say(f"{title}: new posts in a running feedbell")
    live = measure_live(place, corpus.shape.posts + NEW)
    return Measured(
        shape=corpus.shape,
        megabytes=size / 1e6,
        load_before=load,
        cold=cold,
        hugo=peer,
        archives=archived,
        restart=again,
        burst=bursted,
        live=live,
    )


def say(line: str) -> None:
    """Tell how far we are; results go to standard output alone."""
    print(f"bench: {line}", file=sys.stderr, flush=True)

"""What was measured, as tables for people, and held against the reaches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.corpora import REAL
from bench.live import Latency
from bench.measure import Measured

SMALL, LARGE = 1_000, 100_000  # posts; the reaches speak of these corpora

Row = tuple[str, str, str, str]  # what, Feedbell, Hugo, ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One aim, and what was measured of it."""

    what: str
    aim: float
    found: float
    unit: str
    at_least: bool = False  # else at most

    @property
    def met(self) -> bool:
        """Tell whether it was reached."""
        return self.found >= self.aim if self.at_least else self.found <= self.aim

    def line(self) -> str:
        """Say it to a person."""
        verdict = "met   " if self.met else "MISSED"
        bound = "at least" if self.at_least else "at most"
        return f"{verdict}  {self.what}: {number(self.found)}{self.unit} ({bound} {number(self.aim)}{self.unit})"


def table(found: Measured) -> str:
    """Return the table of one corpus."""
    shape = found.shape
    name = f"{shape.title}: " if shape == REAL else ""
    title = f"{name}{shape.posts:,} posts, {shape.categories:,} categories, {found.megabytes:,.0f} MB"
    return "\n".join([title, *aligned([("", "Feedbell", "Hugo", "ratio"), *_rows(found)]), ""])


def _rows(found: Measured) -> Iterator[Row]:
    cold, hugo, live = found.cold, found.hugo, found.live
    posts = found.shape.posts
    yield _beside("cold build, CPU s", cold.used.cpu, hugo.used.cpu if hugo else None)
    yield _beside("            wall s", cold.used.wall, hugo.used.wall if hugo else None)
    yield _beside("            posts/s", posts / cold.used.wall, posts / hugo.used.wall if hugo else None)
    yield _beside("            peak MB", cold.used.peak, hugo.used.peak if hugo else None)
    yield _alone("            feeds", f"{cold.feeds:,} x 3", f"{hugo.feeds:,} x 1" if hugo else "")
    yield _alone("            MB written", number(cold.bytes / 1e6), number(hugo.bytes / 1e6) if hugo else "")
    archives = found.archives
    yield _alone("archives of all, CPU s", number(archives.used.cpu))
    yield _alone("            wall s", number(archives.used.wall))
    yield _alone("            peak MB", number(archives.used.peak))
    yield _alone("            pages", f"{archives.pages:,} x 3")
    yield _alone("            MB written", number(archives.bytes / 1e6))
    yield _alone("nothing changed, wall s", number(found.restart.wall))
    yield _alone("                 peak MB", number(found.restart.peak))
    yield _alone("burst, s in a running feedbell", number(live.burst))
    yield _alone("       s of a feedbell once", number(found.burst.used.wall))
    yield _alone("       peak MB", number(found.burst.used.peak))
    yield _alone("       files written (wrong)", f"{found.burst.files} ({found.burst.wrong})")
    yield _latency("new post, ms to category feed", live.category)
    yield _latency("          ms to all its feeds", live.feeds)
    yield _latency("          ms to webhook", live.hook)
    yield _alone("          peak MB", number(live.peak) if live.peak else "")


def _beside(what: str, ours: float, theirs: float | None) -> Row:
    if theirs is None:
        return what, number(ours), "", ""
    return what, number(ours), number(theirs), f"{ours / theirs:.2f}"


def _alone(what: str, ours: str, theirs: str = "") -> Row:
    return what, ours, theirs, ""


def _latency(what: str, latency: Latency) -> Row:
    return what, f"{latency.median:.0f}, worst {latency.worst:.0f}", "", ""


def number(value: float) -> str:
    """Write a number with as many digits as matter."""
    if isinstance(value, int):
        return f"{value:,}"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write rows below each other: the first column to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows]


def reaches(all_found: Sequence[Measured]) -> list[Reach]:
    """Hold what was measured against the aims; an aim whose corpus was not measured is left out."""
    return [
        *(reach for found in all_found for reach in _cold_reaches(found)),
        *(reach for found in all_found for reach in _change_reaches(found)),
        *_growth(all_found),
    ]


def _cold_reaches(found: Measured) -> Iterator[Reach]:
    share = {LARGE: 0.5, REAL.posts: 1.0}.get(found.shape.posts)
    if share is not None and found.cpu_ratio is not None:
        yield Reach(what=f"{found.shape.title}: cold build, of Hugo's CPU", aim=share, found=found.cpu_ratio, unit="")
    yield Reach(what=f"{found.shape.title}: cold build, peak", aim=150, found=found.cold.used.peak, unit=" MB")


def _change_reaches(found: Measured) -> Iterator[Reach]:
    title = found.shape.title
    if found.shape.posts == LARGE:
        yield Reach(what=f"{title}: start with nothing changed", aim=1.5, found=found.restart.wall, unit=" s")
    yield Reach(what=f"{title}: burst, running", aim=0.5, found=found.live.burst, unit=" s")
    yield Reach(what=f"{title}: burst, files wrongly written or missing", aim=0, found=found.burst.wrong, unit="")
    yield Reach(
        what=f"{title}: one new post to all its feeds, median", aim=50, found=found.live.feeds.median, unit=" ms"
    )


def _growth(all_found: Sequence[Measured]) -> Iterator[Reach]:
    medians = {found.shape.posts: found.live.feeds.median for found in all_found}
    if SMALL in medians and LARGE in medians:
        ratio = medians[LARGE] / medians[SMALL]
        yield Reach(what=f"one new post at {LARGE:,}, of what it takes at {SMALL:,}", aim=1.5, found=ratio, unit="")

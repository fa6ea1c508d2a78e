"""The feeds that a site had before: served on at their old paths, so that nobody has to subscribe again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from feeds.model import Taxonomy

_LONGEST = 200  # bytes of one part of a path: it must leave room for a temporary name
_OURS = "feeds"


@dataclass(frozen=True, slots=True, kw_only=True)
class InheritedFeeds:
    """Where a generator's own feeds stand, and how much they show."""

    format: str  # `rss` or `atom`
    count: int  # the newest posts that they show
    path_of: Callable[[str, Taxonomy, str], str | None]  # set of feeds, taxonomy, term: the path below the site's root
    fingerprint: str  # changes with what `path_of` answers
    excerpt_only: bool = False  # no feed of the site shows more than summaries

    def path(self, feed_set: str, taxonomy: Taxonomy, term: str) -> str | None:
        """Return where the feed stood, relative to the output folder; None if nowhere or where it may not stand."""
        path = self.path_of(feed_set, taxonomy, term)
        return safe_path(path) if path else None


def safe_path(path: str) -> str | None:
    """Return a path without the slash at its start; None if it would leave the output folder or meet a file of ours."""
    parts = path.removeprefix("/").split("/")
    if any(map(_is_bad, parts)) or (_OURS in map(str.casefold, parts[:2]) and _may_be_ours(parts)):
        return None
    return "/".join(parts)


def _may_be_ours(parts: Sequence[str]) -> bool:
    # Of our own files one alone ends so, and our folders, but for those of archives, have no dot.
    *folders, name = map(str.casefold, parts)
    if "archive" in folders[:3]:
        return True
    return not name.endswith(".xml") or name == "opml.xml" or any("." in folder for folder in folders)


def _is_bad(part: str) -> bool:
    if not part or part[0] == "." or part.strip() != part:
        return True
    return not part.isprintable() or "\\" in part or len(part.encode()) > _LONGEST

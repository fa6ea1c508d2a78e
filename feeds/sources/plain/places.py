"""What a post's place says of it: folder, name, ending, and the date that stands in them."""

import re
from typing import NamedTuple

from feeds.sources.plain.dates import is_day

Day = tuple[int, int, int]

_NAMED = re.compile(r"(\d{4})([-_.])(\d{1,2})\2(\d{1,2})(?!\d)(?:[-_. ]+(.*))?", re.ASCII | re.DOTALL)
_DIGITS = re.compile(r"((?:19|20|21)\d\d)(\d\d)(\d\d)(?!\d)(?:[-_. ]+(.*))?", re.ASCII | re.DOTALL)
_YEAR = re.compile(r"(?:19|20|21)\d\d", re.ASCII)
_TWO = re.compile(r"\d{1,2}", re.ASCII)
_IN_PATH = re.compile(r"(?:^|/)((?:19|20|21)\d\d)/(\d{1,2})(?:/(\d{1,2}))?(?=/)", re.ASCII)


class Place(NamedTuple):
    """A path taken apart."""

    folder: str  # below the content folder, without slashes around it; empty for the content folder itself
    name: str  # without its ending
    extension: str  # in small letters, with its dot

    @property
    def stem(self) -> str:
        """Folder and name."""
        return f"{self.folder}/{self.name}" if self.folder else self.name


class Named(NamedTuple):
    """A file's name cut in two."""

    day: Day | None  # as written: it need not exist
    rest: str  # without the date; the whole name if nothing else is in it


def place_of(path: str) -> Place:
    """Take apart a path that is relative to the content folder."""
    folder, _, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    return Place(folder, stem, f"{dot}{extension.lower()}") if stem else Place(folder, name, "")


def split_name(name: str) -> Named:
    """Cut `2021-12-08-name`, `2021_12_08`, `2021.12.08 name` or `20211208-name` in two."""
    if not name[:4].isdigit():
        return Named(None, name)
    if (match := _NAMED.fullmatch(name)) is not None:
        return Named((int(match[1]), int(match[3]), int(match[4])), match[5] or name)
    match = _DIGITS.fullmatch(name)
    # Eight digits may be any number, so only a day that exists makes a date of them.
    if match is not None and is_day(*(day := (int(match[1]), int(match[2]), int(match[3])))):
        return Named(day, match[4] or name)
    return Named(None, name)


def day_of_folders(folder: str, name: str) -> Day | None:
    """Read `2021/12/08/name`, `2021/12/name` (its first day) or `2021/12/08-name`."""
    parts = folder.split("/") if folder else []
    for at, part in enumerate(parts[:-1]):
        if _YEAR.fullmatch(part) and _TWO.fullmatch(parts[at + 1]):
            below = parts[at + 2] if at + 2 < len(parts) else name.partition("-")[0]
            day = int(below) if _TWO.fullmatch(below) else 1
            found = (int(part), int(parts[at + 1]), day)
            return found if is_day(*found) else None
    return None


def day_of_path(written: str) -> Day | None:
    """Read the date in an address that the author wrote, such as `2021/12/08/name`."""
    match = _IN_PATH.search(written[:300])
    if match is None:
        return None
    found = (int(match[1]), int(match[2]), int(match[3] or 1))
    return found if is_day(*found) else None

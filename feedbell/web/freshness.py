"""How long a file may be kept: feeds as long as their own entries say that nothing is likely to change. Pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from statistics import median

_DATES = re.compile(rb"<published>([^<]{1,40})<|<pubDate>([^<]{1,40})<|\"date_published\":\"([^\"]{1,40})\"")
_ENTRIES = re.compile(rb"<(?:entry|item)[\s>]|\"id\":")
_MEASURED = 20  # newest entries
_SHORTEST, _LONGEST = 60, 3600  # seconds
_PAGE = 300
_ARCHIVE_PAGE = 86_400


def max_age(path: str, body: bytes) -> int:
    """Return for how many seconds a file, by its path below the served folder, is fresh.

    Half of what usually lies between two of a feed's newest posts, from a minute to an hour; a day for a page of an
    archive, which changes only while it is still empty.
    """
    if "feeds/archive/" in path:
        return _ARCHIVE_PAGE if _ENTRIES.search(body) else _PAGE
    if not path.endswith((".rss", ".atom", ".json", ".xml")):
        return _PAGE
    times = sorted(filter(None, map(_time, _first_dates(body))), reverse=True)
    if len(times) < 2:
        return _LONGEST
    usual = median((newer - older).total_seconds() for newer, older in pairwise(times))
    return round(min(max(usual / 2, _SHORTEST), _LONGEST))


def _first_dates(body: bytes) -> list[str]:
    dates = []
    for found in _DATES.finditer(body):
        dates.append((found[1] or found[2] or found[3]).decode(errors="replace"))
        if len(dates) == _MEASURED:
            break
    return dates


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text[:1].isdigit() else parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

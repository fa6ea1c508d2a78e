"""Times as feeds write them, in UTC. Pure."""

import time
from datetime import UTC, datetime


def utc_time(written: object, parsed: time.struct_time | None = None) -> datetime | None:
    """Return a time of a feed; None if nobody can read it. `parsed` is what feedparser made of it, in UTC.

    A time without a zone is taken as UTC.
    """
    if isinstance(written, str) and written[:4].isdigit() and len(written) < 50:
        try:
            found = datetime.fromisoformat(written.strip())
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    if parsed is None:
        return None
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except (ValueError, OverflowError):
        return None

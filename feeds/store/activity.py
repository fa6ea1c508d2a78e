"""How many posts came out in each feed, week by week."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, func, literal, select, type_coerce

from core.db import microseconds
from feeds.tables import post_terms, terms

WEEKS = 12
_WEEK = timedelta(weeks=1) // timedelta(microseconds=1)


def weekly(connection: Connection, newest: datetime) -> Mapping[int, list[int]]:
    """Return, by term id, the posts of each of the last weeks up to `newest`, the newest week at the end.

    It reads the posts of these weeks alone; terms without any are left out.
    """
    since = microseconds(newest) - WEEKS * _WEEK
    placed = type_coerce(post_terms.c.published_at, BigInteger)
    # Counted from after the start, so that the newest moment is in the last week.
    week = (placed - literal(since + 1, BigInteger)) // literal(_WEEK, BigInteger)
    statement = (
        select(terms.c.id, week.label("week"), func.count())
        .join(post_terms, post_terms.c.term_id == terms.c.id)
        .where(placed > since, placed <= microseconds(newest))
        .group_by(terms.c.id, "week")
    )
    found: dict[int, list[int]] = {}
    for term_id, number, posts in connection.execute(statement):
        found.setdefault(term_id, [0] * WEEKS)[number] = posts
    return found

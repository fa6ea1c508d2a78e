"""Which posts came out since a time, one after the other."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, bindparam, case, func, or_, select, type_coerce

from core.db import microseconds, moment
from feeds.model import Taxonomy
from feeds.tables import post_terms, posts, sources, terms

_AT_ONCE = 500


def came_out_since(connection: Connection, since: datetime) -> Iterator[tuple[int, datetime]]:
    """Yield the id of each post that is not withdrawn and came out since then, and when, the oldest first.

    That is when it was new to its source, or its date if it was there at the first poll. It reads those rows of the
    index alone, some at a time.
    """
    statement = _came_out(select(posts.c.id, _CAME.label("came"))).order_by("came", posts.c.id)
    rows = connection.execute(statement.execution_options(yield_per=_AT_ONCE), {"since": microseconds(since)})
    return ((post_id, moment(came)) for post_id, came in rows)


def number_since(connection: Connection, since: datetime) -> int:
    """Count the posts that `came_out_since` yields."""
    return int(connection.execute(_came_out(select(func.count())), {"since": microseconds(since)}).scalar_one())


_CAME = type_coerce(
    case((posts.c.first_seen_at > sources.c.baselined_at, posts.c.first_seen_at), else_=posts.c.published_at),
    BigInteger,
)
_SINCE: Any = bindparam("since", type_=BigInteger)


def _came_out(what: Select[Any]) -> Select[Any]:
    # Each post stands in the log of one whole set of feeds, and comes anew to its end when it changes: so what came out
    # since then lies behind that place in it.
    whole = select(terms.c.id).where(
        terms.c.term == "", or_(terms.c.taxonomy == Taxonomy.ALL.value, terms.c.taxonomy.startswith(f"{Taxonomy.ALL}@"))
    )
    return (
        what.select_from(post_terms)
        .join(posts, posts.c.id == post_terms.c.post_id)
        .join(sources, sources.c.id == posts.c.source_id)
        .where(
            post_terms.c.term_id.in_(whole),
            type_coerce(post_terms.c.published_at, BigInteger) >= _SINCE,
            _CAME >= _SINCE,
        )
    )

"""Numbers that several processes share; each is taken under a row lock."""

from sqlalchemy import Connection, case, select

from core.db import upsert
from feeds.tables import counters


def reserve(connection: Connection, name: str, count: int) -> int:
    """Reserve `count` consecutive numbers and return the first; the first ever is 1."""
    statement = upsert(connection, counters).values(name=name, value=count)
    statement = statement.on_conflict_do_update(
        index_elements=[counters.c.name], set_={"value": counters.c.value + count}
    )
    last: int = connection.execute(statement.returning(counters.c.value)).scalar_one()
    return last - count + 1


def advance(connection: Connection, name: str, value: int) -> int:
    """Return `value`, or one more than what was returned last if that is more; it grows from call to call."""
    statement = upsert(connection, counters).values(name=name, value=value)
    later = case((counters.c.value >= value, counters.c.value + 1), else_=value)
    statement = statement.on_conflict_do_update(index_elements=[counters.c.name], set_={"value": later})
    found: int = connection.execute(statement.returning(counters.c.value)).scalar_one()
    return found


def current(connection: Connection, name: str) -> int:
    """Return the last number reserved, 0 before the first."""
    return connection.execute(select(counters.c.value).where(counters.c.name == name)).scalar() or 0

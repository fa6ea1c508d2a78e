"""A second way to the database for those who only look: it makes nothing, changes nothing and gives up soon."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL, make_url

_SECONDS = 5


def open_reader(url: str) -> Engine:
    """Open the database at a URL that `open_engine` takes.

    Each reading fails after some seconds. It connects anew each time, so that it sees a file that was moved away, and
    takes no connection from who works.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_reader(parsed)
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        # The second is in milliseconds: a connection that leads nowhere any more is noticed.
        connect_args={"connect_timeout": _SECONDS, "tcp_user_timeout": _SECONDS * 1000},
    )

    @event.listens_for(engine, "begin")
    def _limit(connection: Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{_SECONDS}s'")

    return engine


def _sqlite_reader(url: URL) -> Engine:
    # Without `mode=ro`, a file that is not there would be made.
    address = f"{Path(url.database or '').absolute().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=_SECONDS, check_same_thread=False, isolation_level=None)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine

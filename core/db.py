"""The door to the database: SQLite (WAL) and PostgreSQL behind the same statements."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Dialect,
    Engine,
    Insert,
    Integer,
    Table,
    Text,
    TypeDecorator,
    Update,
    bindparam,
    create_engine,
    event,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from core.errors import ConfigurationError, EnvironmentFault

# SQLite numbers rows by themselves, and finds them without an index, only where the type is INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")

# Every constraint has a name, so that a migration can speak of it.
NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}

Row = tuple[object, ...]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_IDLE = 30  # seconds between two statements of a transaction


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC, stored as microseconds since 1970 so that every database keeps and sorts it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)


def open_engine(url: str) -> Engine:
    """Open the database at a SQLAlchemy URL (`sqlite:///path`, `postgresql://...`).

    Raises ConfigurationError for a URL that we do not serve, EnvironmentFault if its folder cannot be made.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("database: not a URL. Use sqlite:///FILE or postgresql://USER@HOST/NAME.") from error
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgresql(parsed)
    raise ConfigurationError(
        f"database: {parsed.get_backend_name()} is not served. Use sqlite:///FILE or postgresql://USER@HOST/NAME."
    )


def _open_postgresql(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=8, hide_parameters=True
    )

    # What a process holds that is frozen, or cut off, in the middle of a transaction must not stop the others.
    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.execute(f"SET idle_in_transaction_session_timeout = '{_LONGEST_IDLE}s'")
        connection.commit()

    return engine


def _open_sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigurationError("database: SQLite needs a file, for instance sqlite:///.feedbell/feedbell.db")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(f"cannot make the database folder {Path(url.database).parent}: {error}") from error
    # Errors go to logs, and what is stored may be secret.
    engine = create_engine(url, connect_args={"timeout": 60, "check_same_thread": False}, hide_parameters=True)

    # We say BEGIN ourselves: the driver's own starts a read transaction that fails when it turns into a write.
    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA cache_size=-8000")
        # A first build fills a hundred megabytes in random places: writing them back too often costs most of its time.
        cursor.execute("PRAGMA wal_autocheckpoint=8000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database."""
    with _told_plainly(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes; committed at the end, rolled back on any exception."""
    with (
        _told_plainly(engine),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def _told_plainly(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        # Its other kinds are mistakes of ours.
        if not isinstance(error, OperationalError) and type(error) is not DatabaseError:
            raise
        where = engine.url.render_as_string(hide_password=True)
        raise EnvironmentFault(f"the database {where} does not answer as it should: {error.orig}") from error


def upsert(connection: Connection, table: Table) -> sqlite.Insert:
    """Return an INSERT for this database that takes `on_conflict_do_update` and `on_conflict_do_nothing`."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    # Slow to load, and most sites do without.
    from sqlalchemy.dialects import postgresql

    # It takes the same methods.
    return cast(sqlite.Insert, postgresql.insert(table))


def one_of(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that a column has one of the values of the list parameter `name`.

    The list is sent as a single parameter: any number of values is allowed, and each costs a tenth of what it does as
    a parameter of its own.
    """
    return column.op("IN", is_comparison=True)(_Unpacked(bindparam(name, type_=_ValueList(column.type))))


class _ValueList(TypeDecorator[Any]):
    """A list of values of one type: an array in PostgreSQL, JSON text in SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.item))

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return json.dumps(values, ensure_ascii=False) if dialect.name == "sqlite" else values


class _Unpacked(FunctionElement[Any]):
    """The values of a list parameter, as rows."""

    name = "unpacked"
    inherit_cache = True


@compiles(_Unpacked, "sqlite")
def _unpack_json(element: _Unpacked, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **options)}))"


@compiles(_Unpacked, "postgresql")
def _unpack_array(element: _Unpacked, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **options)}))"


def microseconds(moment: datetime) -> int:
    """Return a time as UtcTime stores it."""
    return (moment - EPOCH) // _MICROSECOND


def moment(stored: int) -> datetime:
    """Return the time that UtcTime stores so."""
    return EPOCH + stored * _MICROSECOND


class RowStatement:
    """A statement that is executed once for each row, at a third of the cost of SQLAlchemy's own parameters.

    `names` are the columns of an INSERT in the order of the table, or the parameters of an UPDATE in the order of
    its text; each row has their values in that order, and times as `microseconds`.
    """

    def __init__(self, make: Callable[[Connection], Insert | Update], names: Sequence[str]) -> None:
        self._make = make
        self._names = list(names)
        self._sql: dict[str, str] = {}

    def execute(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Execute the statement for each row."""
        name = connection.dialect.name
        if name not in self._sql:
            self._sql[name] = self._compile(connection)
        connection.exec_driver_sql(self._sql[name], list(rows))

    def _compile(self, connection: Connection) -> str:
        dialect_class: Any = type(connection.dialect)
        dialect = dialect_class(paramstyle="qmark" if connection.dialect.name == "sqlite" else "format")
        statement = self._make(connection)
        columns = self._names if isinstance(statement, Insert) else None
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        assert list(compiled.positiontup or ()) == self._names, "the values are in another order than the statement's"
        return str(compiled)


def replacing(table: Table, kept: Sequence[str]) -> Callable[[Connection], Insert]:
    """Return what makes an INSERT of whole rows that replaces a row with the same `kept` columns, its primary key."""

    def make(connection: Connection) -> Insert:
        statement = upsert(connection, table)
        replaced = {column.name: statement.excluded[column.name] for column in table.c if column.name not in kept}
        return statement.on_conflict_do_update(index_elements=list(kept), set_=replaced)

    return make


def insert_ignoring_conflicts(connection: Connection, table: Table) -> Insert:
    """Return an INSERT that leaves rows that stand already as they are."""
    return upsert(connection, table).on_conflict_do_nothing()


def in_batches(values: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    """Cut `values` into runs of at most `size`: databases limit the parameters of one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]

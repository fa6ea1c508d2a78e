"""Copies everything that is remembered from one database to another."""

from collections.abc import Callable, Iterator

from sqlalchemy import Connection, Engine, Table, func, insert, select, text

import feeds.tables
import notifier.tables
from core.db import reading, writing
from core.errors import ConfigurationError

Progress = Callable[[int, int], None]  # rows copied, rows to copy

_ROWS_AT_ONCE = 2000


def copy_all(source: Engine, target: Engine, progress: Progress) -> int:
    """Copy every row of `source` to `target`, which must be empty; return how many. All or nothing.

    Both have the tables of this version. Raises ConfigurationError if `target` has anything.
    """
    with reading(source) as old, writing(target) as new:
        for table in _tables():
            if table.name != feeds.tables.build_settings.name and new.scalar(select(func.count()).select_from(table)):
                raise ConfigurationError(f"the other database is in use: it has {table.name}; name an empty one")
        total = sum(old.scalar(select(func.count()).select_from(table)) or 0 for table in _tables())
        copied = 0
        for table in _tables():
            new.execute(table.delete())
            for rows in _batches(old, table):
                new.execute(insert(table), rows)
                copied += len(rows)
                progress(copied, total)
            _go_on_counting(new, table)
    return copied


def _tables() -> list[Table]:
    """Every table, those that others refer to first."""
    return [*feeds.tables.metadata.sorted_tables, *notifier.tables.metadata.sorted_tables]


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, object]]]:
    result = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table))
    for rows in result.mappings().partitions(_ROWS_AT_ONCE):
        yield [dict(row) for row in rows]


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let new rows of a table get numbers beyond those that were copied."""
    key = next(iter(table.primary_key.columns))
    if connection.dialect.name != "postgresql" or table.autoincrement_column is not key:
        return
    connection.execute(
        text(
            "SELECT setval(pg_get_serial_sequence(:table, :key), greatest((SELECT max(id) FROM "
            f"{table.name}), 1), EXISTS (SELECT 1 FROM {table.name}))"
        ),
        {"table": table.name, "key": key.name},
    )

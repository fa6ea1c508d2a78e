"""Both databases keep times to the microsecond and roll back what fails."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, insert, select

from core.db import UtcTime, reading, writing

WHEN = datetime(2022, 2, 23, 18, 46, 18, 123456, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def times(engine: Engine) -> Table:
    metadata = MetaData()
    table = Table("times", metadata, Column("id", Integer, primary_key=True), Column("at", UtcTime, nullable=False))
    metadata.create_all(engine)
    return table


def test_a_time_comes_back_in_utc_to_the_microsecond(engine: Engine, times: Table) -> None:
    with writing(engine) as connection:
        connection.execute(insert(times).values(at=WHEN))
    with reading(engine) as connection:
        assert connection.scalar(select(times.c.at)) == datetime(2022, 2, 23, 10, 46, 18, 123456, tzinfo=UTC)


def test_what_fails_leaves_nothing_behind(engine: Engine, times: Table) -> None:
    def fail() -> None:
        with writing(engine) as connection:
            connection.execute(insert(times).values(at=WHEN))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with reading(engine) as connection:
        assert connection.scalar(select(times.c.at)) is None

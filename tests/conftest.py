"""Fixtures for every test: each database-using test runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.db import open_engine
from tests.support.databases import PostgresCluster, postgres_cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """A PostgreSQL server of this test session (of this worker, under xdist)."""
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database that nobody else uses."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'feedbell.db'}"
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return cluster.empty_database()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An open, empty database."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()

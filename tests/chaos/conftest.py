"""Databases for who is killed, with the tables of an engine."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from core.db import open_engine
from tests.support.databases import PostgresCluster, postgres_cluster
from tests.support.engines import prepare
from tests.support.receiver import Receiver, running_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture
def cluster() -> Iterator[PostgresCluster]:
    """A server of the test's own, which keeps what it has confirmed even if it crashes."""
    with postgres_cluster() as own:
        with psycopg.connect(own.url(), autocommit=True) as admin:
            admin.execute("ALTER DATABASE postgres SET synchronous_commit = on")
        yield own


def database_for(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Return the URL of a database with the tables of a kind of engine."""
    if kind.endswith("sqlite"):
        url = f"sqlite:///{tmp_path / 'feedbell.db'}"
    else:
        cluster: PostgresCluster = request.getfixturevalue("cluster")
        url = cluster.empty_database()
    made = open_engine(url)
    prepare(made, kind)
    made.dispose()
    return url

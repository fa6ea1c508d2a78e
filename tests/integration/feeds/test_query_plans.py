"""What one new post costs must not grow with the site: its statements seek, they never read a whole table."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Select, select
from sqlalchemy.dialects import sqlite

from core.db import open_engine
from feedbell.migrations import migrate
from feeds.store import archives, known_posts, membership, sources, tombstones, windows
from feeds.tables import files

STATEMENTS: dict[str, Select[tuple[object, ...]]] = {
    "owners": known_posts._OWNERS,
    "by key": known_posts._BY_KEY,
    "withdrawn": known_posts._WITHDRAWN,
    "taken ids": known_posts._TAKEN,
    "some files": sources._SOME_FILES,
    "due files": select(files.c.path).where(files.c.source_id == 1, files.c.due_at <= datetime.now(UTC)),
    "newest of a term": windows._NEWEST,
    "recent of a term": windows._RECENT,
    "posts": windows._POSTS,
    "renderings": windows._RENDERINGS,
    "memberships": membership._LIVE,
    "measured of a term": windows._MEASURED,
    "oldest of a term": archives._OLDEST,
    "count of a stretch": archives._COUNT,
    "bounds of archives": archives._BOUNDS,
    "unsettled pages": archives._UNSETTLED,
    "one page": archives._ONE_PAGE,
    "tombstones": tombstones._OF_FEEDS,
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_seeks(tmp_path: Path, name: str) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'plans.db'}")
    migrate(engine)
    sql = str(STATEMENTS[name].compile(dialect=sqlite.dialect()))
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?")).all()
    engine.dispose()
    steps = [row[3] for row in plan]
    # What a subquery found, and the values of a list, are read whole.
    scans = [step for step in steps if step.startswith("SCAN") and not re.search("json_each|anon_", step)]
    assert scans == []
    # A source or a term alone is no narrow search: it may have a million files or posts.
    wide = [step for step in steps if step.endswith("(source_id=?)")]
    assert wide == []

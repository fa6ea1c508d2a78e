"""What a scrape asks seeks in indexes, as each database itself plans it, among many deliveries that are done."""

import json
import random
import re
from typing import Any

import pytest
from sqlalchemy import Engine, Select, insert

from core.db import writing
from feedbell.migrations import migrate
from feeds.store import numbers as feed_side
from feeds.tables import posts, sources
from notifier import numbers as queue_side
from notifier.tables import deliveries, events
from tests.integration.notifier.conftest import NOW

_DONE = 12_000
_LIVE = 3_000

STATEMENTS: list[tuple[Select[Any], dict[str, Any], set[str]]] = [
    (queue_side.OF_ENDPOINT, {"name": "a"}, {"ix_deliveries_queue"}),
    (queue_side.UNRELEASED, {}, {"ix_events_unreleased"}),
]


@pytest.fixture
def store(engine: Engine) -> Engine:
    """A database in which nearly everything was delivered."""
    migrate(engine)
    with writing(engine) as connection:
        told = [
            {
                "id": number,
                "message_id": f"m{number}",
                "type": "post.published",
                "subject": "1",
                "occurred_at": NOW,
                "released_at": None if number % 5000 == 0 else NOW,
                "facts": "{}",
            }
            for number in range(1, _DONE + 1)
        ]
        connection.execute(insert(events), told)
        made = [
            {
                "event_id": number,
                "endpoint": "a",
                "state": {1: "pending", 2: "exhausted"}.get(number % 3000, "delivered"),
                "due_at": NOW,
                "created_at": NOW,
            }
            for number in range(1, _DONE + 1)
        ]
        connection.execute(insert(deliveries), made)
        _add_posts(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
    return engine


def _add_posts(connection: Any) -> None:
    connection.execute(insert(sources).values(id=1, name="site"))
    # Random, as a text that repeats itself takes no room.
    long = [random.Random(number).randbytes(100).hex() for number in range(_LIVE + 1)]
    rows = [
        {
            "id": number,
            "source_id": 1,
            "source_key": f"key-{number}",
            "entry_id": f"id-{number}",
            "content_hash": f"hash-{number}",
            "published_at": NOW,
            "updated_at": NOW,
            "first_seen_at": NOW,
            "withdrawn_at": NOW if number % 100 == 0 else None,
            "revision": 1,
            **dict.fromkeys(
                ("url", "path", "title", "categories", "tags", "authors", "summary", "meaning_hash"), long[number]
            ),
        }
        for number in range(1, _LIVE + 1)
    ]
    connection.execute(insert(posts), rows)


def plan(engine: Engine, statement: Select[Any], values: dict[str, Any]) -> tuple[set[str], list[str]]:
    """Return the indexes that a statement uses, and what it reads whole."""
    compiled = statement.compile(engine)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            given = tuple(compiled.construct_params(values)[name] for name in compiled.positiontup or ())
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", given).all()
            steps = [str(row[3]) for row in rows]
            whole = [step for step in steps if re.match(r"SCAN (deliveries|events|posts)$", step)]
            return {found[1] for step in steps if (found := re.search(r"INDEX (\w+)", step))}, whole
        sql = f"EXPLAIN (FORMAT JSON) {compiled}"
        found_plan = connection.exec_driver_sql(sql, compiled.construct_params(values)).scalar_one()
        nodes = _nodes(found_plan if isinstance(found_plan, list) else json.loads(found_plan))
        used = {node["Index Name"] for node in nodes if "Index Name" in node}
        return used, [node["Relation Name"] for node in nodes if node.get("Node Type") == "Seq Scan"]


def _nodes(found: Any) -> list[dict[str, Any]]:
    if isinstance(found, list):
        return [node for one in found for node in _nodes(one)]
    if isinstance(found, dict):
        return [found, *(node for value in found.values() for node in _nodes(value))]
    return []


def test_what_is_done_is_not_read(store: Engine) -> None:
    for statement, values, indexes in STATEMENTS:
        assert plan(store, statement, values) == (indexes, [])
    if store.dialect.name == "sqlite":
        # Posts are counted in an index, which is a small part of their table. PostgreSQL does so where it has vacuumed.
        for statement in (feed_side.POSTS, feed_side.WITHDRAWN):
            used, whole = plan(store, statement, {"source": 1})
            assert (len(used), whole) == (1, [])
    with store.connect() as connection:
        counted = feed_side.PostCounts().of(connection, 1, 0)
        numbers = queue_side.read_numbers(connection, ["a"], NOW)
    assert (counted.live, counted.withdrawn) == (2970, 30)
    assert numbers.deliveries == {"a": {"pending": 4, "sending": 0, "exhausted": 4}}
    assert numbers.unreleased == 2

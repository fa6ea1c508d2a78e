"""The migrations lead to exactly the tables that the code speaks of, on both databases, whoever applies them."""

import multiprocessing
import threading
from importlib.resources import files
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text

import feedbell.migrations
import feeds.tables
import notifier.tables
from core.db import open_engine, reading, writing
from core.errors import ConfigurationError
from feedbell.migrations import HEAD, migrate
from notifier import jobs_schema


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(feedbell.migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    # The jobs of many machines have tables of their own, which are the library's.
    return kind != "table" or not str(name).startswith("procrastinate_")


def _revision(engine: Engine) -> str:
    with reading(engine) as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def test_there_is_one_head_and_it_is_the_one_that_the_program_knows() -> None:
    assert _scripts().get_heads() == [HEAD]


def test_the_migrated_schema_is_the_one_in_the_code(engine: Engine) -> None:
    migrate(engine)
    whole = MetaData()
    for metadata in (feeds.tables.metadata, notifier.tables.metadata):
        for table in metadata.tables.values():
            table.to_metadata(whole)
    with reading(engine) as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": _is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, whole) == []


def test_a_second_call_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO build_settings (name, value) VALUES ('a', 'b')"))
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT value FROM build_settings")).scalar_one() == "b"
    assert _revision(engine) == HEAD


def _migrate_at(url: str, start: threading.Event) -> None:
    engine = open_engine(url)
    start.wait(60)
    migrate(engine)
    engine.dispose()


def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Event()
    processes = [spawn.Process(target=_migrate_at, args=(database_url, start)) for _ in range(3)]
    for process in processes:
        process.start()
    start.set()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    engine = open_engine(database_url)
    assert _revision(engine) == HEAD
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(engine: Engine) -> None:
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="newer Feedbell"):
        migrate(engine)
    assert _revision(engine) == "9999"


def test_a_database_of_the_first_version_keeps_its_posts(engine: Engine) -> None:
    with writing(engine) as connection:
        _upgrade_to(connection, "0001")
        for statement in _FIRST_VERSION:
            connection.execute(text(statement))
    migrate(engine)
    with reading(engine) as connection:
        row = connection.execute(text("SELECT title, feed_set FROM posts")).one()
    assert tuple(row) == ("Old", "")


_FIRST_VERSION = (
    "INSERT INTO sources (id, name, generation, held_missing, withdrawal_confirmed) VALUES (1, 'site', 0, 0, false)",
    "INSERT INTO posts (id, source_id, source_key, entry_id, url, path, title, published_at, updated_at, first_seen_at,"
    " categories, tags, authors, content_hash, meaning_hash, revision)"
    " VALUES (7, 1, '/a', 'https://x/a', 'https://x/a.html', 'a.md', 'Old', 1, 1, 1, '[]', '[]', '[]', '', '', 1)",
)


def _upgrade_to(connection: Connection, revision: str) -> None:
    script = _scripts()
    config = Config()
    environment = EnvironmentContext(
        config, script, fn=lambda current, _: script._upgrade_revs(revision, current), destination_rev=revision
    )
    with environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()


def test_the_tables_of_jobs_are_those_of_the_library_that_is_installed() -> None:
    migrations = files("procrastinate.sql").joinpath("migrations")
    assert max(one.name for one in migrations.iterdir() if one.name.endswith(".sql")) == jobs_schema.NEWEST

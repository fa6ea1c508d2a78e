"""Bring a database to the form that this version knows."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from core.db import reading, writing
from core.errors import ConfigurationError

# The newest revision in versions/; a test holds the two equal. Comparing with it is much cheaper than loading Alembic.
HEAD = "0007"

# Any number will do, as long as it is always the same one.
_LOCK = 4_273_511_902


def migrate(engine: Engine) -> None:
    """Apply the migrations that are missing; several processes may call this at once.

    Raises ConfigurationError if a newer version of Feedbell made the database.
    """
    with reading(engine) as connection:
        if _revision(connection) == HEAD:
            return
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if _revision(connection) != HEAD:
            _upgrade(connection)


def is_current(engine: Engine) -> bool:
    """Tell whether a database has the form that this version knows."""
    with reading(engine) as connection:
        return _revision(connection) == HEAD


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    # Alembic is slow to load and seldom needed.
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    environment = EnvironmentContext(
        config, script, fn=lambda revision, _: script._upgrade_revs("head", revision), destination_rev="head"
    )
    try:
        with environment:
            environment.configure(connection=connection, transactional_ddl=True)
            environment.run_migrations()
    except CommandError as error:
        raise ConfigurationError(
            f"the database was made by a newer Feedbell ({error}); update Feedbell or use another database"
        ) from error

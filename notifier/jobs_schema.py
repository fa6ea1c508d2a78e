"""The tables of Procrastinate, in the database that has ours."""

from importlib.resources import files

from sqlalchemy import Connection, text

# The newest of its migrations that our own have seen to; a test holds it equal to those of the library.
NEWEST = "03.04.00_50_post_add_retry_failed_job_procedure.sql"


def create(connection: Connection) -> None:
    """Make the tables, types and functions, in the caller's transaction on PostgreSQL."""
    _execute(connection, files("procrastinate.sql").joinpath("schema.sql").read_text(encoding="utf-8"))


def upgrade(connection: Connection, after: str) -> None:
    """Apply the library's migrations that came after one, in the caller's transaction."""
    migrations = files("procrastinate.sql").joinpath("migrations")
    names = sorted(one.name for one in migrations.iterdir() if one.name.endswith(".sql"))
    for name in names:
        if after < name <= NEWEST:
            _execute(connection, migrations.joinpath(name).read_text(encoding="utf-8"))


def is_there(connection: Connection) -> bool:
    """Tell whether the tables are there."""
    return bool(connection.scalar(text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")))


def _execute(connection: Connection, script: str) -> None:
    # Without parameters, so that a percent sign is one, and several statements may stand in it.
    cursor = connection.connection.cursor()
    cursor.execute(script)
    cursor.close()

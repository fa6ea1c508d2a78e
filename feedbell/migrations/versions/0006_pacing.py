"""Digests, what is remembered of an endpoint, and on PostgreSQL the jobs that many machines share."""

import sqlalchemy as sa
from alembic import op

from notifier import jobs_schema

revision = "0006"
down_revision = "0005"

_WAITS_FOR_A_DIGEST = sa.text("digest IS NOT NULL AND state = 'pending'")


def upgrade() -> None:
    """Add columns whose defaults mean what was so far, and indexes."""
    op.add_column("deliveries", sa.Column("digest", sa.Text()))
    op.add_column("deliveries", sa.Column("digest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
    op.create_index(
        "ix_deliveries_digest",
        "deliveries",
        ["endpoint", "due_at"],
        unique=False,
        sqlite_where=_WAITS_FOR_A_DIGEST,
        postgresql_where=_WAITS_FOR_A_DIGEST,
    )
    op.create_index("ix_events_subject", "events", ["subject", "type"], unique=False)
    op.add_column("endpoints", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("endpoints", sa.Column("failing_since", sa.BigInteger()))
    op.add_column("endpoints", sa.Column("paused_until", sa.BigInteger()))
    op.add_column("endpoints", sa.Column("last_failure", sa.Text()))
    op.add_column("endpoints", sa.Column("tokens", sa.Float()))
    op.add_column("endpoints", sa.Column("tokens_at", sa.BigInteger()))
    connection = op.get_bind()
    if connection.dialect.name == "postgresql" and not jobs_schema.is_there(connection):
        jobs_schema.create(connection)

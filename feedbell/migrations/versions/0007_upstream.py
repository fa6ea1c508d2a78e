"""Upstream feeds as sources, and WebSub both ways."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns whose defaults mean what was so far, and tables."""
    op.add_column("posts", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("feeds", sa.Column("hashes", sa.Text()))
    _add_upstreams()
    _add_upstream_items()
    _add_leases()
    _add_hub()
    _add_hub_requests()


def _add_upstreams() -> None:
    op.create_table(
        "upstreams",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("configured_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("body_hash", sa.Text()),
        sa.Column("item_hashes", sa.Text()),
        sa.Column("feed_id", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("home_url", sa.Text()),
        sa.Column("self_url", sa.Text()),
        sa.Column("hub_url", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("newest_at", sa.BigInteger()),
        sa.Column("gap_seconds", sa.Integer()),
        sa.Column("ttl_seconds", sa.Integer()),
        sa.Column("next_poll_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger()),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("last_status", sa.Integer()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("failing_since", sa.BigInteger()),
        sa.Column("stopped_reason", sa.Text()),
        sa.Column("notice", sa.Text()),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_upstreams_source_id_sources"),
        sa.PrimaryKeyConstraint("source_id", name="pk_upstreams"),
    )
    op.create_index("ix_upstreams_next", "upstreams", ["next_poll_at"])


def _add_upstream_items() -> None:
    op.create_table(
        "upstream_items",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("dated_likeness", sa.Text()),
        sa.Column("text_likeness", sa.Text()),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_upstream_items_source_id_sources"),
        sa.PrimaryKeyConstraint("source_id", "path", name="pk_upstream_items"),
    )
    op.create_index("ix_upstream_items_dated", "upstream_items", ["source_id", "dated_likeness"])
    op.create_index("ix_upstream_items_text", "upstream_items", ["source_id", "text_likeness"])


def _add_leases() -> None:
    op.create_table(
        "hub_leases",
        sa.Column("id", _ID, nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("hub_url", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.BigInteger()),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("reason", sa.Text()),
        sa.Column("received_at", sa.BigInteger()),
        sa.Column("applied_at", sa.BigInteger()),
        sa.Column("missed_at", sa.BigInteger()),
        sa.Column("rejected", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_hub_leases_source_id_sources"),
        sa.PrimaryKeyConstraint("id", name="pk_hub_leases"),
        sa.UniqueConstraint("token", name="uq_hub_leases_token"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hub_leases_due", "hub_leases", ["due_at"])
    op.create_index("ix_hub_leases_source", "hub_leases", ["source_id"])


def _add_hub() -> None:
    op.create_table(
        "hub_subscriptions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("topic_asked", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("callback_host", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hub_subscriptions"),
        sa.UniqueConstraint("topic", "callback", name="uq_hub_subscriptions_topic_callback"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hub_subscriptions_host", "hub_subscriptions", ["callback_host"])
    op.create_index("ix_hub_subscriptions_lease", "hub_subscriptions", ["lease_until"])
    op.create_index("ix_hub_subscriptions_changed", "hub_subscriptions", ["changed_at"])


def _add_hub_requests() -> None:
    op.create_table(
        "hub_requests",
        sa.Column("id", _ID, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("topic_asked", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("callback_host", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("lease_seconds", sa.Integer()),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger()),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id", name="pk_hub_requests"),
        sa.UniqueConstraint("topic", "callback", name="uq_hub_requests_topic_callback"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hub_requests_due", "hub_requests", ["due_at"])
    op.create_index("ix_hub_requests_host", "hub_requests", ["callback_host"])

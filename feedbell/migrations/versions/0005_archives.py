"""Archives of feeds, and tombstones of what left them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns with what they meant so far, and two tables."""
    op.add_column("posts", sa.Column("placed_at", sa.BigInteger()))
    op.add_column("feeds", sa.Column("archive_pages", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("feeds", sa.Column("archived_at", sa.BigInteger()))
    op.add_column("feeds", sa.Column("archived_post_id", _ID))
    op.add_column("feeds", sa.Column("archive_generation", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_table(
        "archive_pages",
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("last_post_id", _ID, nullable=False),
        sa.Column("sizes", sa.Text()),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name="fk_archive_pages_term_id_terms"),
        sa.PrimaryKeyConstraint("term_id", "generation", "page", name="pk_archive_pages"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_archive_pages_unsettled", "archive_pages", ["term_id"], sqlite_where=sa.text("sizes IS NULL"))
    op.create_table(
        "tombstones",
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_tombstones_post_id_posts"),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name="fk_tombstones_term_id_terms"),
        sa.PrimaryKeyConstraint("term_id", "withdrawn_at", "post_id", name="pk_tombstones"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tombstones_post", "tombstones", ["post_id"])

"""Sets of feeds, and the paths of former feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add a column with the value that all posts had so far, and a table."""
    op.add_column("posts", sa.Column("feed_set", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "inherited_paths",
        sa.Column("path_key", sa.Text(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name="fk_inherited_paths_term_id_terms"),
        sa.PrimaryKeyConstraint("path_key", name="pk_inherited_paths"),
    )

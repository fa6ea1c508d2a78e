"""The saved selections that posts stand in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add a column with the value that all posts had so far."""
    op.add_column("posts", sa.Column("selections", sa.Text(), nullable=False, server_default=sa.text("'[]'")))

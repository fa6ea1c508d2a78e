"""What renderings hold beside their content: the page a post was taken from, authors in the text, media files."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns that are empty for all renderings so far; each is made again when its feed is built."""
    op.add_column("renderings", sa.Column("via", sa.Text(), nullable=True))
    op.add_column("renderings", sa.Column("authors", sa.Text(), nullable=True))
    op.add_column("renderings", sa.Column("enclosures", sa.Text(), nullable=True))

"""Scans of some folders of a library, and whether its folders are watched."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scan", sa.Column("scope", sa.JSON(), nullable=True))
    op.add_column("library", sa.Column("watching", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("library", "watching")
    op.drop_column("scan", "scope")

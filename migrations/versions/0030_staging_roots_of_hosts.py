"""Hosts know the staging roots, so that each can look whether they are mounted there, and how much room they have."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("host", sa.Column("staging_roots", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("host", "staging_roots")

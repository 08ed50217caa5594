"""Which disk is mounted in a folder, so that another one in its place is told from it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("folder", sa.Column("disk", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("folder", "disk")

"""Libraries that are being removed, piece by piece."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("library", sa.Column("removing_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("library", sa.Column("removed_by", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("library", "removed_by")
    op.drop_column("library", "removing_since")

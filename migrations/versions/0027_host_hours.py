"""Each host may have hours of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("host", sa.Column("hours", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("host", "hours")

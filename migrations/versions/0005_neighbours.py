"""What decisions heard of the other files in their folder, and the folders in which that may have changed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "folder_change",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("folder_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder_change")),
        sqlite_autoincrement=True,
    )
    op.add_column("media_file_decision", sa.Column("neighbours", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("media_file_decision", "neighbours")
    op.drop_table("folder_change")

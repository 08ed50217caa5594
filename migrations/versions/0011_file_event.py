"""What happened to files: where they moved, when they were gone and back."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHAT = ("moved", "missing", "back", "changed", "trashed", "put_back")


def upgrade() -> None:
    op.create_table(
        "file_event",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "what",
            sa.Enum(*WHAT, name="what", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("scan_id", BIG, nullable=True),
        sa.Column("library_id", BIG, nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("to_library_id", BIG, nullable=True),
        sa.Column("to_path", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["media_file.id"], name=op.f("fk_file_event_file_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_event")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_file_event_file", "file_event", ["file_id", "id"])


def downgrade() -> None:
    op.drop_table("file_event")

"""What lies in the trash of a library, and moves that go there."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("organizing_step", sa.Column("way", sa.String(), nullable=True))
    op.create_table(
        "trashed",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("library_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("step_id", BIG, nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("mtime_ns", BIG, nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "in_trash",
                "put_back",
                "deleting",
                "deleted",
                "lost",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["media_file.id"], name=op.f("fk_trashed_file_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_trashed_library_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trashed")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_trashed_file", "trashed", ["file_id"], unique=False)
    op.create_index("ix_trashed_library", "trashed", ["library_id", "id"], unique=False)
    op.create_index("ix_trashed_state", "trashed", ["state", "at"], unique=False)
    op.create_index("ix_trashed_step", "trashed", ["step_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_trashed_step", table_name="trashed")
    op.drop_index("ix_trashed_state", table_name="trashed")
    op.drop_index("ix_trashed_library", table_name="trashed")
    op.drop_index("ix_trashed_file", table_name="trashed")
    op.drop_table("trashed")
    op.drop_column("organizing_step", "way")

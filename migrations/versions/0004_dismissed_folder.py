"""Folders of which a person said that nobody needs to know what is in them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dismissed_folder",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("library_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_dismissed_folder_revoked_by_whom")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_dismissed_folder_file_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_dismissed_folder_library_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dismissed_folder")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_dismissed_folder_file", "dismissed_folder", ["file_id"], unique=False)
    op.create_index("ix_dismissed_folder_library", "dismissed_folder", ["library_id", "revoked_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_dismissed_folder_library", table_name="dismissed_folder")
    op.drop_index("ix_dismissed_folder_file", table_name="dismissed_folder")
    op.drop_table("dismissed_folder")

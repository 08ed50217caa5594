"""Indexes by which files and questions are counted without reading their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_media_file_counts", "media_file", ["library_id", "identification", "hidden"], unique=False)
    op.create_index(
        "ix_media_file_hidden",
        "media_file",
        ["id"],
        unique=False,
        sqlite_where=sa.text("hidden = 1"),
        postgresql_where=sa.text("hidden"),
    )
    op.create_index(
        "ix_folder_gap",
        "folder",
        ["id"],
        unique=False,
        sqlite_where=sa.text("gap_since IS NOT NULL"),
        postgresql_where=sa.text("gap_since IS NOT NULL"),
    )
    columns = ["resolution", "group_key", "reason", "ready", "file_id"]
    op.create_index("ix_unmatched_file_groups", "unmatched_file", columns, unique=False)


def downgrade() -> None:
    op.drop_index("ix_unmatched_file_groups", table_name="unmatched_file")
    op.drop_index("ix_folder_gap", table_name="folder")
    op.drop_index("ix_media_file_hidden", table_name="media_file")
    op.drop_index("ix_media_file_counts", table_name="media_file")

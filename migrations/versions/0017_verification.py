"""Hashes of whole files, when they are due to be read again, and which are no longer what they were."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

DUE = "verify_due_at IS NOT NULL AND presence = 'present'"
ROTTED = "rotted_at IS NOT NULL"


def upgrade() -> None:
    op.add_column("media_file_state", sa.Column("content_hash", sa.LargeBinary(), nullable=True))
    for name in ("verified_at", "verify_due_at", "verify_tried_at", "rotted_at"):
        op.add_column("media_file_state", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("media_file_state", sa.Column("verify_error", sa.String(), nullable=True))
    op.create_index(
        "ix_media_file_state_verify_due",
        "media_file_state",
        ["verify_due_at", "file_id"],
        unique=False,
        sqlite_where=sa.text(DUE),
        postgresql_where=sa.text(DUE),
    )
    op.create_index(
        "ix_media_file_state_rotted",
        "media_file_state",
        ["file_id"],
        unique=False,
        sqlite_where=sa.text(ROTTED),
        postgresql_where=sa.text(ROTTED),
    )


def downgrade() -> None:
    op.drop_index("ix_media_file_state_rotted", table_name="media_file_state")
    op.drop_index("ix_media_file_state_verify_due", table_name="media_file_state")
    for name in ("verify_error", "rotted_at", "verify_tried_at", "verify_due_at", "verified_at", "content_hash"):
        op.drop_column("media_file_state", name)

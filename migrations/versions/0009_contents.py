"""What files are known by, taken in the background; a copy that turned out to be the file itself."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNREAD = "read_due_at IS NOT NULL AND presence = 'present'"
KNOWN = "fingerprint IS NOT NULL"


def upgrade() -> None:
    op.add_column("media_file", sa.Column("same_as_id", BIG, nullable=True))
    op.add_column("media_file_state", sa.Column("read_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("media_file_state", sa.Column("read_tries", BIG, nullable=False, server_default="0"))
    op.execute("UPDATE media_file_state SET read_due_at = '2026-01-01 00:00:00.000000'")
    op.create_index(
        "ix_media_file_state_read_due",
        "media_file_state",
        ["read_due_at", "file_id"],
        unique=False,
        sqlite_where=sa.text(UNREAD),
        postgresql_where=sa.text(UNREAD),
    )
    op.create_index(
        "ix_media_file_state_fingerprint",
        "media_file_state",
        ["size", "fingerprint"],
        unique=False,
        sqlite_where=sa.text(KNOWN),
        postgresql_where=sa.text(KNOWN),
    )


def downgrade() -> None:
    op.drop_index("ix_media_file_state_fingerprint", table_name="media_file_state")
    op.drop_index("ix_media_file_state_read_due", table_name="media_file_state")
    op.drop_column("media_file_state", "read_tries")
    op.drop_column("media_file_state", "read_due_at")
    op.drop_column("media_file", "same_as_id")

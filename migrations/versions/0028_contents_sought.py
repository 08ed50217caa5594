"""Files are listed by their container, how long they play, and the codec and channels of their sound."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_media_file_probe_container": ("media_file_probe", ["container", "file_id"]),
    "ix_media_file_probe_duration": ("media_file_probe", ["duration_ms", "file_id"]),
    "ix_media_file_stream_codec": ("media_file_stream", ["kind", "codec", "file_id"]),
    "ix_media_file_stream_channels": ("media_file_stream", ["kind", "channels", "file_id"]),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns, unique=False)


def downgrade() -> None:
    for name, (table, _) in reversed(INDEXES.items()):
        op.drop_index(name, table_name=table)

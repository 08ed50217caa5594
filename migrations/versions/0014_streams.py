"""What files contain: container, bitrate, picture, and each stream."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
HDR = "hdr IS NOT NULL"


def upgrade() -> None:
    for name in ("container", "resolution", "hdr", "video_codec"):
        op.add_column("media_file_probe", sa.Column(name, sa.String(), nullable=True))
    op.add_column("media_file_probe", sa.Column("bitrate", BIG, nullable=True))
    op.add_column("media_file_probe", sa.Column("reader", BIG, nullable=False, server_default="0"))
    op.create_index("ix_media_file_probe_resolution", "media_file_probe", ["resolution", "file_id"], unique=False)
    op.create_index("ix_media_file_probe_video_codec", "media_file_probe", ["video_codec", "file_id"], unique=False)
    op.create_index(
        "ix_media_file_probe_hdr",
        "media_file_probe",
        ["hdr", "file_id"],
        unique=False,
        sqlite_where=sa.text(HDR),
        postgresql_where=sa.text(HDR),
    )
    op.create_table(
        "media_file_stream",
        sa.Column("file_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("video", "audio", "text", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("codec", sa.String(), nullable=True),
        sa.Column("profile", sa.String(), nullable=True),
        sa.Column("width", BIG, nullable=True),
        sa.Column("height", BIG, nullable=True),
        sa.Column("hdr", sa.String(), nullable=True),
        sa.Column("bit_depth", BIG, nullable=True),
        sa.Column("frame_rate", sa.Float(), nullable=True),
        sa.Column("channels", BIG, nullable=True),
        sa.Column("language", SORTED, nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("default", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_media_file_stream_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", "number", name=op.f("pk_media_file_stream")),
    )
    op.create_index("ix_media_file_stream_language", "media_file_stream", ["kind", "language", "file_id"], unique=False)


def downgrade() -> None:
    op.drop_table("media_file_stream")
    for name in ("hdr", "video_codec", "resolution"):
        op.drop_index(f"ix_media_file_probe_{name}", table_name="media_file_probe")
    for name in ("reader", "bitrate", "video_codec", "hdr", "resolution", "container"):
        op.drop_column("media_file_probe", name)

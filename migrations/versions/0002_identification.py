"""Remembered answers, orders of series, kept answers of the provider and replays, probes, and what is written beside files."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("question_hash", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answer")),
        sa.UniqueConstraint("digest", name=op.f("uq_kept_answer_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_kept_answer_question", "kept_answer", ["question_hash", "id"], unique=False)
    op.create_table(
        "replay",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("library_id", BIG, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "completed",
                "stopped",
                "interrupted",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("matcher", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("last_file_id", BIG, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('queued', 'running')) = (ended_at IS NULL)", name=op.f("ck_replay_open_or_ended")
        ),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_replay_library_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "series_order",
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("numbering", sa.JSON(), nullable=False),
        sa.Column("chosen_by", sa.String(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["media_item.id"], name=op.f("fk_series_order_item_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_series_order")),
    )
    op.create_table(
        "media_file_probe",
        sa.Column("file_id", BIG, autoincrement=False, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("mtime_ns", BIG, nullable=False),
        sa.Column("duration_ms", BIG, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("probed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_media_file_probe_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_media_file_probe")),
    )
    op.create_table(
        "media_file_record",
        sa.Column("file_id", BIG, autoincrement=False, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column(
            "form",
            sa.Enum("nfo", "xattr", name="form", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("folder_id", BIG, nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_media_file_record_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_media_file_record")),
    )
    op.create_table(
        "remembered_answer",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("library_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "holds",
            sa.Enum("folder", "library", name="holds", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("item_id", BIG, nullable=True),
        sa.Column("numbering", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_remembered_answer_revoked_by_whom")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_remembered_answer_file_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["media_item.id"], name=op.f("fk_remembered_answer_item_id")),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_remembered_answer_library_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remembered_answer")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_remembered_answer_file", "remembered_answer", ["file_id"], unique=False)
    op.create_index("ix_remembered_answer_item", "remembered_answer", ["item_id"], unique=False)
    op.create_index("ix_remembered_answer_title", "remembered_answer", ["library_id", "title_hash"], unique=False)
    op.create_table(
        "replay_change",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("replay_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "would_match",
                "other_title",
                "other_episodes",
                "other_details",
                "would_queue",
                "would_ignore",
                "other_question",
                "unanswerable",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("accepted_by", sa.String(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_replay_change_file_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["replay_id"], ["replay.id"], name=op.f("fk_replay_change_replay_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_change")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_replay_change_file", "replay_change", ["file_id"], unique=False)
    op.create_index("ix_replay_change_replay", "replay_change", ["replay_id", "kind", "id"], unique=False)
    op.add_column("library", sa.Column("record_form", sa.String(), nullable=True))
    op.add_column("media_file_decision", sa.Column("inputs", sa.Text(), nullable=True))
    op.add_column("media_file_decision", sa.Column("title", sa.String(), nullable=True))
    op.add_column("media_file_decision", sa.Column("title_hash", sa.LargeBinary(), nullable=True))
    op.add_column("media_file_decision", sa.Column("remembered_answer_id", BIG, nullable=True))
    op.create_index(
        op.f("ix_media_file_decision_remembered_answer_id"),
        "media_file_decision",
        ["remembered_answer_id"],
        unique=False,
    )
    op.create_index(op.f("ix_media_file_decision_title_hash"), "media_file_decision", ["title_hash"], unique=False)
    op.add_column("media_item", sa.Column("gone_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("media_item", sa.Column("gone_reason", sa.String(), nullable=True))
    op.add_column("media_item", sa.Column("successors", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("unmatched_file", sa.Column("ready", sa.Boolean(), nullable=True))
    op.add_column("unmatched_file", sa.Column("said", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("unmatched_file", "said")
    op.drop_column("unmatched_file", "ready")
    op.drop_column("media_item", "successors")
    op.drop_column("media_item", "gone_reason")
    op.drop_column("media_item", "gone_since")
    op.drop_index(op.f("ix_media_file_decision_title_hash"), table_name="media_file_decision")
    op.drop_index(op.f("ix_media_file_decision_remembered_answer_id"), table_name="media_file_decision")
    op.drop_column("media_file_decision", "remembered_answer_id")
    op.drop_column("media_file_decision", "title_hash")
    op.drop_column("media_file_decision", "title")
    op.drop_column("media_file_decision", "inputs")
    op.drop_column("library", "record_form")
    op.drop_index("ix_replay_change_replay", table_name="replay_change")
    op.drop_index("ix_replay_change_file", table_name="replay_change")
    op.drop_table("replay_change")
    op.drop_index("ix_remembered_answer_title", table_name="remembered_answer")
    op.drop_index("ix_remembered_answer_item", table_name="remembered_answer")
    op.drop_index("ix_remembered_answer_file", table_name="remembered_answer")
    op.drop_table("remembered_answer")
    op.drop_table("media_file_record")
    op.drop_table("media_file_probe")
    op.drop_table("series_order")
    op.drop_table("replay")
    op.drop_index("ix_kept_answer_question", table_name="kept_answer")
    op.drop_table("kept_answer")

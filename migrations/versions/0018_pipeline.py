"""The pipeline: hosts, discs with their titles, items, stage jobs with attempts and logs, approvals, presets."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "host",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "enabled",
                "draining",
                "disabled",
                "removed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("role_name", sa.String(), nullable=True),
        sa.Column("priority", BIG, nullable=False),
        sa.Column("platform", sa.String(), nullable=True),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("path_map", sa.JSON(), nullable=False),
        sa.Column("commands", sa.JSON(), nullable=False),
        sa.Column("load", sa.Double(), nullable=True),
        sa.Column("free_bytes", sa.JSON(), nullable=False),
        sa.Column("refuses", sa.String(), nullable=True),
        sa.Column("set_aside_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_aside_reason", sa.String(), nullable=True),
        sa.Column("set_aside_times", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host")),
        sa.UniqueConstraint("role_name", name=op.f("uq_host_role_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_host_name",
        "host",
        ["name"],
        unique=True,
        sqlite_where=sa.text("state <> 'removed'"),
        postgresql_where=sa.text("state <> 'removed'"),
    )
    op.create_table(
        "not_worth_it",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("preset_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ratio", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_not_worth_it")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_not_worth_it", "not_worth_it", ["size", "fingerprint", "preset_hash"], unique=True)
    op.create_table(
        "preset",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("built_in", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preset")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_preset_name",
        "preset",
        ["name"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "host_capability",
        sa.Column("host_id", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_host_capability_host_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("host_id", "name", name=op.f("pk_host_capability")),
    )
    op.create_table(
        "host_invite",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("host_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_host_invite_host_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_invite")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_host_invite_code_hash")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "pipeline_item",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column(
            "type",
            sa.Enum("movie", "series", name="type", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("safe_name", sa.String(), nullable=False),
        sa.Column("year", BIG, nullable=True),
        sa.Column("season", BIG, nullable=True),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "new",
                "ripped",
                "remuxed",
                "transcoded",
                "in_library",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("blocked", sa.String(), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("media_item_id", BIG, nullable=True),
        sa.Column("library_id", BIG, nullable=True),
        sa.Column("preset_id", BIG, nullable=True),
        sa.Column("skips", sa.String(), nullable=False),
        sa.Column("requires", sa.String(), nullable=False),
        sa.Column("begun", sa.JSON(), nullable=False),
        sa.Column("folder", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_pipeline_item_library_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["media_item_id"], ["media_item.id"], name=op.f("fk_pipeline_item_media_item_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["preset_id"], ["preset.id"], name=op.f("fk_pipeline_item_preset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline_item")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pipeline_item_media_item", "pipeline_item", ["media_item_id"], unique=False)
    op.create_index("ix_pipeline_item_state", "pipeline_item", ["state", "id"], unique=False)
    op.create_index(
        "uq_pipeline_item_season",
        "pipeline_item",
        ["type", "safe_name", "season", "edition"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND season IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND season IS NOT NULL"),
    )
    op.create_index(
        "uq_pipeline_item_whole",
        "pipeline_item",
        ["type", "safe_name", "edition"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND season IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND season IS NULL"),
    )
    op.create_table(
        "disc",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("item_id", BIG, nullable=True),
        sa.Column("number", BIG, nullable=True),
        sa.Column(
            "kind",
            sa.Enum("dvd", "bluray", "files", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "reading",
                "ripping",
                "ripped",
                "failed",
                "rejected",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("host_id", BIG, nullable=True),
        sa.Column("source", sa.LargeBinary(), nullable=True),
        sa.Column("inserted", sa.Boolean(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("guess", sa.JSON(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_disc_host_id")),
        sa.ForeignKeyConstraint(["item_id"], ["pipeline_item.id"], name=op.f("fk_disc_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disc")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_disc_fingerprint", "disc", ["fingerprint"], unique=False)
    op.create_index("ix_disc_state", "disc", ["state", "id"], unique=False)
    op.create_index(
        "uq_disc_number",
        "disc",
        ["item_id", "number"],
        unique=True,
        sqlite_where=sa.text("number IS NOT NULL"),
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_table(
        "state_transition",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column(
            "trigger",
            sa.Enum("auto", "manual", "approval", name="trigger", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["pipeline_item.id"], name=op.f("fk_state_transition_item_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_transition")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_state_transition_item", "state_transition", ["item_id", "id"], unique=False)
    op.create_table(
        "approval",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "disc_preview",
                "remux_review",
                "organize_confirm",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "approved",
                "rejected",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("item_id", BIG, nullable=True),
        sa.Column("disc_id", BIG, nullable=True),
        sa.Column("prompt", sa.JSON(), nullable=False),
        sa.Column("response", sa.JSON(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["disc_id"], ["disc.id"], name=op.f("fk_approval_disc_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["pipeline_item.id"], name=op.f("fk_approval_item_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_approval_item", "approval", ["item_id", "id"], unique=False)
    op.create_index("ix_approval_state", "approval", ["state", "id"], unique=False)
    op.create_index(
        "uq_approval_disc",
        "approval",
        ["kind", "disc_id"],
        unique=True,
        sqlite_where=sa.text("state = 'pending' AND disc_id IS NOT NULL"),
        postgresql_where=sa.text("state = 'pending' AND disc_id IS NOT NULL"),
    )
    op.create_index(
        "uq_approval_item",
        "approval",
        ["kind", "item_id"],
        unique=True,
        sqlite_where=sa.text("state = 'pending' AND disc_id IS NULL"),
        postgresql_where=sa.text("state = 'pending' AND disc_id IS NULL"),
    )
    op.create_table(
        "disc_title",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("disc_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("media_file_id", BIG, nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "feature",
                "episode",
                "extra",
                "play_all",
                "duplicate",
                "short",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("selected", sa.Boolean(), nullable=False),
        sa.Column("season", BIG, nullable=True),
        sa.Column("episodes", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("done", sa.String(), nullable=True),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["disc_id"], ["disc.id"], name=op.f("fk_disc_title_disc_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disc_title")),
        sa.UniqueConstraint("disc_id", "number", name=op.f("uq_disc_title_disc_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_disc_title_media_file", "disc_title", ["media_file_id"], unique=False)
    op.create_table(
        "stage_job",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("item_id", BIG, nullable=True),
        sa.Column("disc_id", BIG, nullable=True),
        sa.Column("title_id", BIG, nullable=True),
        sa.Column(
            "stage",
            sa.Enum(
                "rip",
                "remux",
                "transcode",
                "organize",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "queued",
                "running",
                "completed",
                "failed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("priority", BIG, nullable=False),
        sa.Column("attempt", BIG, nullable=False),
        sa.Column("tries_left", BIG, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capability", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=True),
        sa.Column("only_host_id", BIG, nullable=True),
        sa.Column("preset_id", BIG, nullable=True),
        sa.Column("work", sa.JSON(), nullable=False),
        sa.Column("input", sa.LargeBinary(), nullable=True),
        sa.Column("directory", sa.LargeBinary(), nullable=False),
        sa.Column("output", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["disc_id"], ["disc.id"], name=op.f("fk_stage_job_disc_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["pipeline_item.id"], name=op.f("fk_stage_job_item_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["only_host_id"], ["host.id"], name=op.f("fk_stage_job_only_host_id")),
        sa.ForeignKeyConstraint(["preset_id"], ["preset.id"], name=op.f("fk_stage_job_preset_id")),
        sa.ForeignKeyConstraint(
            ["title_id"], ["disc_title.id"], name=op.f("fk_stage_job_title_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_job")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stage_job_disc", "stage_job", ["disc_id", "stage"], unique=False)
    op.create_index("ix_stage_job_item", "stage_job", ["item_id", "id"], unique=False)
    op.create_index(
        "ix_stage_job_open",
        "stage_job",
        ["state", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'queued', 'running')"),
        postgresql_where=sa.text("state IN ('pending', 'queued', 'running')"),
    )
    op.create_index("ix_stage_job_state", "stage_job", ["state", "id"], unique=False)
    op.create_index("ix_stage_job_title", "stage_job", ["title_id", "stage"], unique=False)
    op.create_index(
        "ix_stage_job_unsettled",
        "stage_job",
        ["id"],
        unique=False,
        sqlite_where=sa.text("settled = 0"),
        postgresql_where=sa.text("NOT settled"),
    )
    op.create_index(
        "uq_stage_job_resource",
        "stage_job",
        ["resource"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "stage_job_attempt",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("job_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("host_id", BIG, nullable=False),
        sa.Column("engine_job_id", BIG, nullable=True),
        sa.Column("directory", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "asked_to_end",
            sa.Enum(
                "completed",
                "failed",
                "not_worth_it",
                "cancelled",
                "stalled",
                "lost",
                "given_back",
                name="asked_to_end",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("pid", BIG, nullable=True),
        sa.Column("progress", sa.Double(), nullable=True),
        sa.Column("progress_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("speed", sa.String(), nullable=True),
        sa.Column("seconds_left", BIG, nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "completed",
                "failed",
                "not_worth_it",
                "cancelled",
                "stalled",
                "lost",
                "given_back",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_stage_job_attempt_host_id")),
        sa.ForeignKeyConstraint(
            ["job_id"], ["stage_job.id"], name=op.f("fk_stage_job_attempt_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_job_attempt")),
        sa.UniqueConstraint("job_id", "number", name=op.f("uq_stage_job_attempt_job_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stage_job_attempt_host", "stage_job_attempt", ["host_id", "id"], unique=False)
    op.create_index(
        "ix_stage_job_attempt_lease",
        "stage_job_attempt",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "stage_job_log",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("job_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id", "number"],
            ["stage_job_attempt.job_id", "stage_job_attempt.number"],
            name=op.f("fk_stage_job_log_job_id_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_job_log")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stage_job_log_job", "stage_job_log", ["job_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_stage_job_log_job", table_name="stage_job_log")
    op.drop_table("stage_job_log")
    op.drop_index(
        "ix_stage_job_attempt_lease",
        table_name="stage_job_attempt",
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.drop_index("ix_stage_job_attempt_host", table_name="stage_job_attempt")
    op.drop_table("stage_job_attempt")
    op.drop_index(
        "uq_stage_job_resource",
        table_name="stage_job",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.drop_index(
        "ix_stage_job_unsettled",
        table_name="stage_job",
        sqlite_where=sa.text("settled = 0"),
        postgresql_where=sa.text("NOT settled"),
    )
    op.drop_index("ix_stage_job_title", table_name="stage_job")
    op.drop_index("ix_stage_job_state", table_name="stage_job")
    op.drop_index(
        "ix_stage_job_open",
        table_name="stage_job",
        sqlite_where=sa.text("state IN ('pending', 'queued', 'running')"),
        postgresql_where=sa.text("state IN ('pending', 'queued', 'running')"),
    )
    op.drop_index("ix_stage_job_item", table_name="stage_job")
    op.drop_index("ix_stage_job_disc", table_name="stage_job")
    op.drop_table("stage_job")
    op.drop_index("ix_disc_title_media_file", table_name="disc_title")
    op.drop_table("disc_title")
    op.drop_index(
        "uq_approval_item",
        table_name="approval",
        sqlite_where=sa.text("state = 'pending' AND disc_id IS NULL"),
        postgresql_where=sa.text("state = 'pending' AND disc_id IS NULL"),
    )
    op.drop_index(
        "uq_approval_disc",
        table_name="approval",
        sqlite_where=sa.text("state = 'pending' AND disc_id IS NOT NULL"),
        postgresql_where=sa.text("state = 'pending' AND disc_id IS NOT NULL"),
    )
    op.drop_index("ix_approval_state", table_name="approval")
    op.drop_index("ix_approval_item", table_name="approval")
    op.drop_table("approval")
    op.drop_index("ix_state_transition_item", table_name="state_transition")
    op.drop_table("state_transition")
    op.drop_index(
        "uq_disc_number",
        table_name="disc",
        sqlite_where=sa.text("number IS NOT NULL"),
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.drop_index("ix_disc_state", table_name="disc")
    op.drop_index("ix_disc_fingerprint", table_name="disc")
    op.drop_table("disc")
    op.drop_index(
        "uq_pipeline_item_whole",
        table_name="pipeline_item",
        sqlite_where=sa.text("ended_at IS NULL AND season IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND season IS NULL"),
    )
    op.drop_index(
        "uq_pipeline_item_season",
        table_name="pipeline_item",
        sqlite_where=sa.text("ended_at IS NULL AND season IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND season IS NOT NULL"),
    )
    op.drop_index("ix_pipeline_item_state", table_name="pipeline_item")
    op.drop_index("ix_pipeline_item_media_item", table_name="pipeline_item")
    op.drop_table("pipeline_item")
    op.drop_table("host_invite")
    op.drop_table("host_capability")
    op.drop_index(
        "uq_preset_name",
        table_name="preset",
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.drop_table("preset")
    op.drop_index("uq_not_worth_it", table_name="not_worth_it")
    op.drop_table("not_worth_it")
    op.drop_index(
        "uq_host_name",
        table_name="host",
        sqlite_where=sa.text("state <> 'removed'"),
        postgresql_where=sa.text("state <> 'removed'"),
    )
    op.drop_table("host")

"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SORTED_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

SEARCHED = ("media_file", "folder")
"""Tables whose `search_text` is searched by words and their beginnings."""


def upgrade() -> None:
    op.create_table(
        "api_cache",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_api_cache")),
    )
    op.create_index("ix_api_cache_expires_at", "api_cache", ["expires_at"], unique=False)
    op.create_table(
        "app_setting",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_app_setting")),
    )
    op.create_table(
        "event",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "library",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("movies", "series", "mixed", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("scan_interval_minutes", BIG, nullable=True),
        sa.Column("next_scan_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exclude_patterns", sa.JSON(), nullable=False),
        sa.Column("naming_template", sa.String(), nullable=True),
        sa.Column("root_marker", sa.String(), nullable=True),
        sa.Column("unavailable_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unavailable_reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("scan_interval_minutes > 0", name=op.f("ck_library_interval_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library")),
        sa.UniqueConstraint("name", name=op.f("uq_library_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "media_item",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column(
            "type",
            sa.Enum("movie", "series", name="type", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("tmdb_id", BIG, nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("original_title", sa.String(), nullable=True),
        sa.Column("original_language", sa.String(), nullable=True),
        sa.Column("alternative_titles", sa.JSON(), nullable=False),
        sa.Column("sort_key", SORTED_TEXT, nullable=False),
        sa.Column("search_text", SORTED_TEXT, nullable=False),
        sa.Column("release_date", sa.Date(), nullable=True),
        sa.Column("year", BIG, nullable=True),
        sa.Column("overview", sa.String(), nullable=True),
        sa.Column("runtime", BIG, nullable=True),
        sa.Column("genres", sa.JSON(), nullable=False),
        sa.Column("cast", sa.JSON(), nullable=False),
        sa.Column("director", sa.String(), nullable=True),
        sa.Column("rating", sa.Double(), nullable=True),
        sa.Column("poster", sa.String(), nullable=True),
        sa.Column("backdrop", sa.String(), nullable=True),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_error", sa.String(), nullable=True),
        sa.Column("facts_digest", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_item")),
        sa.UniqueConstraint("type", "tmdb_id", name=op.f("uq_media_item_type_tmdb_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_media_item_refresh_due_at", "media_item", ["refresh_due_at"], unique=False)
    op.create_index("ix_media_item_sort_key", "media_item", ["sort_key", "id"], unique=False)
    op.create_table(
        "operation",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "provider_state",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column(
            "trouble",
            sa.Enum(
                "not_configured",
                "unauthorized",
                "limited",
                "down",
                name="trouble",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", BIG, nullable=False),
        sa.Column("settings_digest", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_state")),
    )
    op.create_table(
        "external_id",
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["media_item.id"], name=op.f("fk_external_id_item_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", "provider", name=op.f("pk_external_id")),
    )
    op.create_index("ix_external_id_value", "external_id", ["provider", "value"], unique=False)
    op.create_table(
        "folder",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("library_id", BIG, nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("path_start", sa.LargeBinary(), sa.Computed("substr(path, 1, 200)", persisted=True), nullable=True),
        sa.Column("path_hash", sa.LargeBinary(), nullable=False),
        sa.Column("search_text", SORTED_TEXT, nullable=False),
        sa.Column("mount_point", sa.Boolean(), nullable=False),
        sa.Column("gap_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gap_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_folder_library_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder")),
        sa.UniqueConstraint("id", "library_id", name=op.f("uq_folder_id_library_id")),
        sa.UniqueConstraint("library_id", "path_hash", name=op.f("uq_folder_library_id_path_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_folder_path", "folder", ["library_id", "path_start"], unique=False)
    op.create_table(
        "scan",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("library_id", BIG, nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("without_limit", sa.Boolean(), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "queued", "inventory", "finished", name="phase", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.Column("hidden", sa.JSON(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "completed",
                "completed_with_gaps",
                "needs_confirmation",
                "confirmed",
                "discarded",
                "superseded",
                "interrupted",
                "stopped",
                "failed",
                "root_unavailable",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.CheckConstraint("(phase = 'finished') = (outcome IS NOT NULL)", name=op.f("ck_scan_outcome_when_finished")),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_scan_library_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_scan_library", "scan", ["library_id", "id"], unique=False)
    op.create_index(
        "uq_scan_open",
        "scan",
        ["library_id"],
        unique=True,
        sqlite_where=sa.text("phase <> 'finished'"),
        postgresql_where=sa.text("phase <> 'finished'"),
    )
    op.create_table(
        "season",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("air_date", sa.Date(), nullable=True),
        sa.Column("overview", sa.String(), nullable=True),
        sa.Column("poster", sa.String(), nullable=True),
        sa.CheckConstraint("number >= 0", name=op.f("ck_season_number_not_negative")),
        sa.ForeignKeyConstraint(["item_id"], ["media_item.id"], name=op.f("fk_season_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_season_item_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "episode",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("season_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("air_date", sa.Date(), nullable=True),
        sa.Column("runtime", BIG, nullable=True),
        sa.Column("overview", sa.String(), nullable=True),
        sa.Column("still", sa.String(), nullable=True),
        sa.CheckConstraint("number >= 0", name=op.f("ck_episode_number_not_negative")),
        sa.ForeignKeyConstraint(["season_id"], ["season.id"], name=op.f("fk_episode_season_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode")),
        sa.UniqueConstraint("season_id", "number", name=op.f("uq_episode_season_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "media_file",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("library_id", BIG, nullable=False),
        sa.Column("folder_id", BIG, nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("holds_path", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("search_text", SORTED_TEXT, nullable=False),
        sa.Column("media_item_id", BIG, nullable=True),
        sa.Column(
            "identification",
            sa.Enum(
                "pending",
                "matched",
                "unmatched",
                "dismissed",
                "ignored",
                name="identification",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ignore_rule", sa.String(), nullable=True),
        sa.Column("rule_lifted", sa.Boolean(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "feature",
                "episode",
                "extra",
                "sample",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("part", BIG, nullable=True),
        sa.Column("edition", sa.String(), nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(identification = 'ignored') = (ignore_rule IS NOT NULL)", name=op.f("ck_media_file_ignored_has_rule")
        ),
        sa.CheckConstraint(
            "(identification = 'matched') = (media_item_id IS NOT NULL)", name=op.f("ck_media_file_matched_has_item")
        ),
        sa.ForeignKeyConstraint(
            ["folder_id", "library_id"],
            ["folder.id", "folder.library_id"],
            name=op.f("fk_media_file_folder_id_library_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["media_item_id"], ["media_item.id"], name=op.f("fk_media_file_media_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_file")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_media_file_folder", "media_file", ["folder_id", "library_id", "id"], unique=False)
    op.create_index("ix_media_file_identification", "media_file", ["identification", "id"], unique=False)
    op.create_index(
        "ix_media_file_identification_sort", "media_file", ["identification", "search_text", "id"], unique=False
    )
    op.create_index("ix_media_file_item", "media_file", ["media_item_id"], unique=False)
    op.create_index("ix_media_file_library", "media_file", ["library_id", "id"], unique=False)
    op.create_index("ix_media_file_library_sort", "media_file", ["library_id", "search_text", "id"], unique=False)
    op.create_index(
        "ix_media_file_pending",
        "media_file",
        ["folder_id", "id"],
        unique=False,
        sqlite_where=sa.text("identification = 'pending'"),
        postgresql_where=sa.text("identification = 'pending'"),
    )
    op.create_index("ix_media_file_role", "media_file", ["role", "id"], unique=False)
    op.create_index("ix_media_file_sort", "media_file", ["search_text", "id"], unique=False)
    op.create_index(
        "uq_media_file_path",
        "media_file",
        ["folder_id", "name"],
        unique=True,
        sqlite_where=sa.text("holds_path"),
        postgresql_where=sa.text("holds_path"),
    )
    op.create_table(
        "identify_claim",
        sa.Column("file_id", BIG, autoincrement=False, nullable=False),
        sa.Column("owner", BIG, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_identify_claim_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_identify_claim")),
    )
    op.create_index("ix_identify_claim_owner", "identify_claim", ["owner"], unique=False)
    op.create_table(
        "media_file_decision",
        sa.Column("file_id", BIG, autoincrement=False, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_media_file_decision_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_media_file_decision")),
    )
    op.create_table(
        "media_file_episode",
        sa.Column("file_id", BIG, nullable=False),
        sa.Column("episode_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_media_file_episode_episode_id")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_media_file_episode_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", "episode_id", name=op.f("pk_media_file_episode")),
    )
    op.create_index("ix_media_file_episode_episode", "media_file_episode", ["episode_id"], unique=False)
    op.create_table(
        "media_file_import",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("library_id", BIG, nullable=True),
        sa.Column(
            "method",
            sa.Enum(
                "scan",
                "manual_match",
                "hardlink",
                "copy",
                "move",
                "pipeline",
                name="method",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("source_path", sa.LargeBinary(), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_media_file_import_file_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_media_file_import_library_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_file_import")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_media_file_import_file", "media_file_import", ["file_id", "id"], unique=False)
    op.create_index("ix_media_file_import_library", "media_file_import", ["library_id", "id"], unique=False)
    op.create_index("ix_media_file_import_method", "media_file_import", ["method", "id"], unique=False)
    op.create_index("ix_media_file_import_success", "media_file_import", ["success", "id"], unique=False)
    op.create_table(
        "media_file_state",
        sa.Column("file_id", BIG, autoincrement=False, nullable=False),
        sa.Column(
            "presence",
            sa.Enum(
                "present", "missing", "unknown", name="presence", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("size", BIG, nullable=False),
        sa.Column("mtime_ns", BIG, nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missing_scan_id", BIG, nullable=True),
        sa.Column("unsettled_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("fingerprinted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(presence = 'missing') = (missing_since IS NOT NULL)", name=op.f("ck_media_file_state_missing_has_since")
        ),
        sa.CheckConstraint("presence <> 'unknown'", name=op.f("ck_media_file_state_unknown_is_not_stored")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_media_file_state_file_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["missing_scan_id"], ["scan.id"], name=op.f("fk_media_file_state_missing_scan_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_media_file_state")),
    )
    op.create_index(
        "ix_media_file_state_missing",
        "media_file_state",
        ["file_id"],
        unique=False,
        sqlite_where=sa.text("presence = 'missing'"),
        postgresql_where=sa.text("presence = 'missing'"),
    )
    op.create_index(
        "ix_media_file_state_missing_scan",
        "media_file_state",
        ["missing_scan_id"],
        unique=False,
        sqlite_where=sa.text("missing_scan_id IS NOT NULL"),
        postgresql_where=sa.text("missing_scan_id IS NOT NULL"),
    )
    op.create_index("ix_media_file_state_size", "media_file_state", ["size", "file_id"], unique=False)
    op.create_index("ix_media_file_state_twin", "media_file_state", ["mtime_ns", "size"], unique=False)
    op.create_index(
        "ix_media_file_state_unsettled",
        "media_file_state",
        ["file_id"],
        unique=False,
        sqlite_where=sa.text("unsettled_since IS NOT NULL"),
        postgresql_where=sa.text("unsettled_since IS NOT NULL"),
    )
    op.create_table(
        "rejected_match",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.Column("item_id", BIG, nullable=False),
        sa.Column("episodes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_rejected_match_file_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["media_item.id"], name=op.f("fk_rejected_match_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejected_match")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rejected_match_file", "rejected_match", ["file_id"], unique=False)
    op.create_index("ix_rejected_match_item", "rejected_match", ["item_id"], unique=False)
    op.create_table(
        "unmatched_file",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "no_match",
                "low_confidence",
                "ambiguous",
                "parse_failed",
                "episode_not_found",
                "rejected",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("would_match_if", sa.String(), nullable=True),
        sa.Column("group_key", SORTED_TEXT, nullable=False),
        sa.Column("proposed", sa.JSON(), nullable=True),
        sa.Column("series_tmdb_id", BIG, nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "resolution",
            sa.Enum(
                "matched",
                "dismissed",
                "withdrawn",
                name="resolution",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("resolved_by", sa.String(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_version", BIG, nullable=True),
        sa.CheckConstraint(
            "(resolution IS NULL) = (resolved_at IS NULL)", name=op.f("ck_unmatched_file_resolved_has_time")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_unmatched_file_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmatched_file")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_unmatched_file_file", "unmatched_file", ["file_id"], unique=False)
    op.create_index("ix_unmatched_file_group", "unmatched_file", ["group_key", "id"], unique=False)
    op.create_index("ix_unmatched_file_resolution", "unmatched_file", ["resolution", "id"], unique=False)
    op.create_index("ix_unmatched_file_series", "unmatched_file", ["series_tmdb_id"], unique=False)
    op.create_index(
        "uq_unmatched_file_open",
        "unmatched_file",
        ["file_id"],
        unique=True,
        sqlite_where=sa.text("resolution IS NULL"),
        postgresql_where=sa.text("resolution IS NULL"),
    )
    for table in SEARCHED:
        if op.get_bind().dialect.name == "sqlite":
            make_sqlite_search(table)
        else:
            op.execute(f"CREATE INDEX ix_{table}_search ON {table} USING gin (to_tsvector('simple', search_text))")


def make_sqlite_search(table: str) -> None:
    """An FTS5 index that holds no text of its own, kept in step by triggers."""
    op.execute(
        f"CREATE VIRTUAL TABLE {table}_search USING fts5"
        f"(search_text, content='{table}', content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
    )
    leave = (
        f"INSERT INTO {table}_search ({table}_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);"
    )
    enter = f"INSERT INTO {table}_search (rowid, search_text) VALUES (new.id, new.search_text);"
    op.execute(f"CREATE TRIGGER {table}_search_insert AFTER INSERT ON {table} BEGIN {enter} END")
    op.execute(f"CREATE TRIGGER {table}_search_delete AFTER DELETE ON {table} BEGIN {leave} END")
    op.execute(f"CREATE TRIGGER {table}_search_update AFTER UPDATE OF search_text ON {table} BEGIN {leave} {enter} END")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in SEARCHED:
            op.execute(f"DROP TABLE {table}_search")
    op.drop_table("unmatched_file")
    op.drop_table("rejected_match")
    op.drop_table("media_file_state")
    op.drop_table("media_file_import")
    op.drop_table("media_file_episode")
    op.drop_table("media_file_decision")
    op.drop_table("identify_claim")
    op.drop_table("media_file")
    op.drop_table("episode")
    op.drop_table("season")
    op.drop_table("scan")
    op.drop_table("folder")
    op.drop_table("external_id")
    op.drop_table("provider_state")
    op.drop_table("operation")
    op.drop_table("media_item")
    op.drop_table("library")
    op.drop_table("event")
    op.drop_table("app_setting")
    op.drop_table("api_cache")

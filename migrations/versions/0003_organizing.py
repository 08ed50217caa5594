"""Plans of moves and the journal of their being done; a library knows the group that is being done in it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "organizing",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("library_id", BIG, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("rename", "undo", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("undo_of", BIG, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "planning",
                "planned",
                "applying",
                "ended",
                "discarded",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("operation_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_organizing_library_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_organizing_operation_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["undo_of"], ["organizing.id"], name=op.f("fk_organizing_undo_of"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizing")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_organizing_library", "organizing", ["library_id", "id"], unique=False)
    op.create_index("ix_organizing_state", "organizing", ["state", "id"], unique=False)
    op.create_index(op.f("ix_organizing_undo_of"), "organizing", ["undo_of"], unique=False)
    op.create_table(
        "organizing_group",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("organizing_id", BIG, nullable=False),
        sa.Column("open_library_id", BIG, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "doing",
                "taking_back",
                "waiting",
                "done",
                "taken_back",
                "refused",
                "stuck",
                "given_up",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("backwards", sa.Boolean(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('doing', 'taking_back', 'waiting', 'stuck')) = (open_library_id IS NOT NULL)",
            name=op.f("ck_organizing_group_open_names_library"),
        ),
        sa.ForeignKeyConstraint(
            ["open_library_id"], ["library.id"], name=op.f("fk_organizing_group_open_library_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["organizing_id"], ["organizing.id"], name=op.f("fk_organizing_group_organizing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizing_group")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_organizing_group_open",
        "organizing_group",
        ["open_library_id"],
        unique=False,
        sqlite_where=sa.text("open_library_id IS NOT NULL"),
        postgresql_where=sa.text("open_library_id IS NOT NULL"),
    )
    op.create_index("ix_organizing_group_organizing", "organizing_group", ["organizing_id", "id"], unique=False)
    op.create_table(
        "organizing_step",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("organizing_id", BIG, nullable=False),
        sa.Column("group_id", BIG, nullable=False),
        sa.Column("position", BIG, nullable=True),
        sa.Column(
            "action",
            sa.Enum(
                "make_folder",
                "move",
                "remove_folder",
                name="action",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum("media", "sidecar", name="role", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("file_id", BIG, nullable=True),
        sa.Column("file_version", BIG, nullable=True),
        sa.Column("source", sa.LargeBinary(), nullable=True),
        sa.Column("target", sa.LargeBinary(), nullable=True),
        sa.Column("target_key", sa.LargeBinary(), nullable=True),
        sa.Column("held_name", sa.LargeBinary(), nullable=True),
        sa.Column("held_at", BIG, nullable=True),
        sa.Column("size", BIG, nullable=True),
        sa.Column("mtime_ns", BIG, nullable=True),
        sa.Column("inode", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(held_name IS NULL) = (held_at IS NULL)", name=op.f("ck_organizing_step_held_with_position")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["media_file.id"], name=op.f("fk_organizing_step_file_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["organizing_group.id"], name=op.f("fk_organizing_step_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organizing_id"], ["organizing.id"], name=op.f("fk_organizing_step_organizing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizing_step")),
        sa.UniqueConstraint("organizing_id", "target_key", name=op.f("uq_organizing_step_organizing_id_target_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_organizing_step_file", "organizing_step", ["file_id"], unique=False)
    op.create_index("ix_organizing_step_group", "organizing_step", ["group_id", "id"], unique=False)
    op.add_column("library", sa.Column("organizing_group_id", BIG, nullable=True))


def downgrade() -> None:

    op.drop_column("library", "organizing_group_id")
    op.drop_index("ix_organizing_step_group", table_name="organizing_step")
    op.drop_index("ix_organizing_step_file", table_name="organizing_step")
    op.drop_table("organizing_step")
    op.drop_index("ix_organizing_group_organizing", table_name="organizing_group")
    op.drop_index(
        "ix_organizing_group_open",
        table_name="organizing_group",
        sqlite_where=sa.text("open_library_id IS NOT NULL"),
        postgresql_where=sa.text("open_library_id IS NOT NULL"),
    )
    op.drop_table("organizing_group")
    op.drop_index(op.f("ix_organizing_undo_of"), table_name="organizing")
    op.drop_index("ix_organizing_state", table_name="organizing")
    op.drop_index("ix_organizing_library", table_name="organizing")
    op.drop_table("organizing")

"""Inboxes, and files that are brought from one library into another by a link, a copy or a move."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

NEW = {
    "library": [("bring_into_id", BIG), ("bring_how", sa.String())],
    "organizing": [("from_library_id", BIG), ("bring_how", sa.String())],
    "organizing_group": [("at_target", sa.Boolean())],
    "organizing_step": [
        ("source_abroad", sa.Boolean()),
        ("target_abroad", sa.Boolean()),
        ("made_size", BIG),
        ("made_mtime_ns", BIG),
        ("made_inode", sa.BigInteger()),
        ("digest", sa.LargeBinary()),
        ("made_file_id", BIG),
    ],
}


def upgrade() -> None:
    for table, columns in NEW.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_table(
        "organizing_hold",
        sa.Column("group_id", BIG, nullable=False),
        sa.Column("library_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["organizing_group.id"], name=op.f("fk_organizing_hold_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["library.id"], name=op.f("fk_organizing_hold_library_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_organizing_hold")),
    )
    op.create_index("ix_organizing_hold_library", "organizing_hold", ["library_id"], unique=False)
    op.create_index("ix_organizing_from", "organizing", ["from_library_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_organizing_from", table_name="organizing")
    op.drop_index("ix_organizing_hold_library", table_name="organizing_hold")
    op.drop_table("organizing_hold")
    for table, columns in NEW.items():
        for name, _ in columns:
            op.drop_column(table, name)

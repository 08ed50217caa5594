"""Files that replace others, that come from folders in no library, and the mode and group that files get."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

NEW = {
    "library": [("file_mode", BIG), ("folder_mode", BIG), ("owner_group", sa.String())],
    "organizing": [
        ("replace", sa.Boolean()),
        ("from_root", sa.LargeBinary()),
        ("staged", sa.JSON()),
        ("staged_key", sa.String()),
    ],
    "organizing_group": [("abroad_inode", sa.BigInteger())],
    "organizing_step": [
        ("mode", BIG),
        ("gid", BIG),
        ("wanted_mode", BIG),
        ("wanted_gid", BIG),
    ],
    "trashed": [("mode", BIG), ("gid", BIG)],
}


def upgrade() -> None:
    for table, columns in NEW.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_index("uq_organizing_staged_key", "organizing", ["staged_key"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_organizing_staged_key", table_name="organizing")
    for table, columns in NEW.items():
        for name, _ in columns:
            op.drop_column(table, name)

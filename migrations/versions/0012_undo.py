"""Operations keep what each of their files was, so that they can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("operation", sa.Column("form", BIG, nullable=True))
    op.add_column("operation", sa.Column("part_of", BIG, nullable=True))
    op.add_column("operation", sa.Column("undone_by", BIG, nullable=True))
    op.create_index("ix_operation_kind", "operation", ["kind", "id"], unique=False)
    op.create_index("ix_operation_part_of", "operation", ["part_of"], unique=False)
    op.create_index("ix_operation_undone_by", "operation", ["undone_by"], unique=False)
    op.create_table(
        "operation_file",
        sa.Column("operation_id", BIG, autoincrement=False, nullable=False),
        sa.Column("file_id", BIG, autoincrement=False, nullable=False),
        sa.Column("version_before", BIG, nullable=False),
        sa.Column("version_after", BIG, nullable=True),
        sa.Column("same_as", BIG, nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_operation_file_operation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("operation_id", "file_id", name=op.f("pk_operation_file")),
    )
    op.create_index("ix_operation_file_file", "operation_file", ["file_id", "operation_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_operation_file_file", table_name="operation_file")
    op.drop_table("operation_file")
    op.drop_index("ix_operation_undone_by", table_name="operation")
    op.drop_index("ix_operation_part_of", table_name="operation")
    op.drop_index("ix_operation_kind", table_name="operation")
    op.drop_column("operation", "undone_by")
    op.drop_column("operation", "part_of")
    op.drop_column("operation", "form")

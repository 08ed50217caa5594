"""Records that do not tell yet what a person said that a file is not, or that it leans on its neighbours, are written again."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE media_file_record SET version = 0 WHERE file_id IN (SELECT file_id FROM rejected_match)")
    leaning = "SELECT file_id FROM media_file_decision WHERE neighbours IS NOT NULL"
    op.execute(f"UPDATE media_file_record SET version = 0 WHERE file_id IN ({leaning})")


def downgrade() -> None:
    """Nothing to take back: a record that is written once more is the same."""

"""Questions of versions that did not know neighbours hear them: as if they had heard none, they are compared."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NONE_HEARD = "[]"


def upgrade() -> None:
    hear_neighbours(op.get_bind())


def downgrade() -> None:
    """Nothing to take back: what a question heard says nothing to older versions."""


def hear_neighbours(connection: sa.Connection) -> None:
    """Only files in whose folder there are neighbours are decided again, mostly by answers of the provider that are kept."""
    file = sa.table("media_file", sa.column("id"), sa.column("folder_id"), sa.column("identification"))
    decision = sa.table("media_file_decision", sa.column("file_id"), sa.column("neighbours", sa.Text))
    change = sa.table("folder_change", sa.column("folder_id"), sa.column("at", sa.DateTime(timezone=True)))
    asked = file.c.identification == "unmatched"
    unheard = decision.c.neighbours.is_(None)
    folders = (
        sa.select(file.c.folder_id, sa.literal(datetime.now(UTC), sa.DateTime(timezone=True)))
        .join_from(file, decision, decision.c.file_id == file.c.id)
        .where(asked, unheard)
        .distinct()
    )
    connection.execute(sa.insert(change).from_select(["folder_id", "at"], folders))
    theirs = sa.select(file.c.id).where(asked)
    heard = sa.update(decision).where(unheard, decision.c.file_id.in_(theirs)).values(neighbours=NONE_HEARD)
    connection.execute(heard)

"""The schema of Procrastinate, which carries attempts at stage jobs to hosts; on PostgreSQL only.

Its SQL is frozen beside the migrations. A newer version of it gets a migration of its own, which applies that version's upgrade
files in the same way: they drop and create functions, whose search_path has to be set again each time.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "procrastinate" / "3.10.0.sql"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    former = connection.execute(sa.text("SELECT current_setting('search_path')")).scalar_one()
    op.execute("CREATE SCHEMA procrastinate")
    op.execute("SET LOCAL search_path = procrastinate")
    connection.exec_driver_sql(SQL.read_text("utf-8").replace("%", "%%"))
    # So that they find their tables whoever calls them, and nothing else in their place.
    functions = connection.execute(
        sa.text("SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'procrastinate'::regnamespace")
    )
    for function in functions.scalars().all():
        op.execute(f"ALTER FUNCTION {function} SET search_path = procrastinate, pg_temp")
    connection.execute(sa.text("SELECT set_config('search_path', :former, true)"), {"former": former})


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SCHEMA procrastinate CASCADE")

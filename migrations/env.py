"""Alembic's entry: the only file of the migrations that imports the application."""

from alembic import context
from sqlalchemy import Connection, text

from mediastead.schema import metadata_of_all_tables


def run(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata_of_all_tables,
        compare_type=True,
        render_as_batch=sqlite,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
        if sqlite:
            broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise RuntimeError(f"the migration leaves rows that point nowhere: {broken[:5]}")


run(context.config.attributes["connection"])

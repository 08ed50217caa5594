"""How files came in stays told when their library is removed: imports name files and libraries without foreign keys."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLE = "media_file_import"
KEYS = {"file_id": "media_file", "library_id": "library"}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for column in KEYS:
            op.drop_constraint(_name(column), TABLE, type_="foreignkey")
        return
    _write_anew("".join(_line(column) for column in KEYS), "")


def downgrade() -> None:
    imports = sa.table(TABLE, sa.column("file_id"), sa.column("library_id"))
    for column, table in KEYS.items():
        there = sa.select(sa.table(table, sa.column("id")).c.id)
        op.execute(sa.delete(imports).where(imports.c[column].is_not(None), imports.c[column].not_in(there)))
    if op.get_bind().dialect.name != "sqlite":
        for column, table in KEYS.items():
            op.create_foreign_key(_name(column), TABLE, table, [column], ["id"], ondelete="CASCADE")
        return
    check = f"\tCONSTRAINT ck_{TABLE}_method CHECK"
    _write_anew(check, "".join(_line(column) for column in KEYS) + check)


def _name(column: str) -> str:
    return op.f(f"fk_{TABLE}_{column}")


def _line(column: str) -> str:
    return (
        f"\tCONSTRAINT fk_{TABLE}_{column} FOREIGN KEY({column}) REFERENCES {KEYS[column]} (id) ON DELETE CASCADE, \n"
    )


def _write_anew(before: str, now: str) -> None:
    """SQLite can drop no foreign key, and a copy of the table would take minutes for a million rows. What lies on the disk is the
    same with and without, so only the text of the table is changed (as in 0020)."""
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?)",
        (before, now, TABLE, before),
    )
    if changed.rowcount != 1:
        raise RuntimeError(f"{TABLE} has not the foreign keys that were expected")
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")

"""What became of a file that was replaced where it lies: told in its story, doubted, and asked about."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

HAPPENED = ("moved", "missing", "back", "changed", "trashed", "put_back")
HAPPENED_NOW = (*HAPPENED, "replaced", "doubted", "rotted", "sound")
REASON = ("no_match", "low_confidence", "ambiguous", "parse_failed", "episode_not_found", "rejected")
REASON_NOW = (*REASON, "replaced")


def upgrade() -> None:
    _allow("file_event", "what", HAPPENED, HAPPENED_NOW)
    _allow("unmatched_file", "reason", REASON, REASON_NOW)
    op.add_column("file_event", sa.Column("detail", sa.String(), nullable=True))
    former = sa.Column("hash_is_former", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("media_file_state", former)
    op.add_column("media_file_state", sa.Column("doubt", sa.String(), nullable=True))
    for name in ("doubted_at", "redecide_since"):
        op.add_column("media_file_state", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name, where in (("doubted", "doubted_at IS NOT NULL"), ("redecide", "redecide_since IS NOT NULL")):
        op.create_index(
            f"ix_media_file_state_{name}",
            "media_file_state",
            ["file_id"],
            unique=False,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def downgrade() -> None:
    event = sa.table("file_event", sa.column("what"))
    op.execute(sa.delete(event).where(event.c.what.in_(("doubted", "rotted", "sound"))))
    op.execute(sa.update(event).where(event.c.what == "replaced").values(what="changed"))
    question = sa.table("unmatched_file", sa.column("reason"))
    op.execute(sa.update(question).where(question.c.reason == "replaced").values(reason="low_confidence"))
    for name in ("redecide", "doubted"):
        op.drop_index(f"ix_media_file_state_{name}", table_name="media_file_state")
    for name in ("redecide_since", "doubted_at", "doubt", "hash_is_former"):
        op.drop_column("media_file_state", name)
    op.drop_column("file_event", "detail")
    _allow("unmatched_file", "reason", REASON_NOW, REASON)
    _allow("file_event", "what", HAPPENED_NOW, HAPPENED)


def _allow(table: str, column: str, before: Sequence[str], now: Sequence[str]) -> None:
    """Let `column` hold these words and no others.

    SQLite can change no CHECK, and a copy of the table would take minutes for a million rows. What lies on the disk is the
    same with either CHECK, so only the text of the table is changed, as
    https://www.sqlite.org/lang_altertable.html#otheralter says.
    """
    name = f"ck_{table}_{column}"
    old, new = (f"{column} IN ({', '.join(repr(word) for word in words)})" for words in (before, now))
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, new)
        return
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?)",
        (f"CONSTRAINT {name} CHECK ({old})", f"CONSTRAINT {name} CHECK ({new})", table, f"CHECK ({old})"),
    )
    if changed.rowcount != 1:
        raise RuntimeError(f"{table} has not the CHECK {name} that was expected")
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")

"""What large libraries are listed by: files that may hold the same, roles, words of titles, items of a library."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ALIKE = """
UPDATE media_file_state SET alike = true WHERE file_id IN (
  SELECT one.file_id FROM media_file_state AS one JOIN (
    SELECT size, fingerprint FROM media_file_state WHERE fingerprint IS NOT NULL GROUP BY size, fingerprint HAVING count(*) > 1
  ) AS several ON several.size = one.size AND several.fingerprint = one.fingerprint
)
"""


def upgrade() -> None:
    op.add_column("media_file_state", sa.Column("alike", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(ALIKE)
    if op.get_bind().dialect.name == "sqlite":
        make_sqlite_search("media_item")
    else:
        op.execute("CREATE INDEX ix_media_item_search ON media_item USING gin (to_tsvector('simple', search_text))")
    op.create_index("ix_media_item_type_sort", "media_item", ["type", "sort_key", "id"], unique=False)
    gone = sa.text("gone_since IS NOT NULL")
    op.create_index("ix_media_item_gone", "media_item", ["id"], unique=False, sqlite_where=gone, postgresql_where=gone)
    columns = ["library_id", "method", "id"]
    op.create_index("ix_media_file_import_library_method", "media_file_import", columns, unique=False)
    op.create_index("ix_media_file_role_sort", "media_file", ["role", "search_text", "id"], unique=False)
    columns = ["library_id", "media_item_id", "hidden"]
    op.create_index("ix_media_file_library_item", "media_file", columns, unique=False)
    op.create_index(
        "ix_media_file_state_alike",
        "media_file_state",
        ["file_id"],
        unique=False,
        sqlite_where=sa.text("alike = 1"),
        postgresql_where=sa.text("alike"),
    )


def make_sqlite_search(table: str) -> None:
    """An FTS5 index that holds no text of its own, kept in step by triggers, as files and folders have one."""
    op.execute(
        f"CREATE VIRTUAL TABLE {table}_search USING fts5"
        f"(search_text, content='{table}', content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
    )
    op.execute(f"INSERT INTO {table}_search ({table}_search) VALUES ('rebuild')")
    leave = (
        f"INSERT INTO {table}_search ({table}_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);"
    )
    enter = f"INSERT INTO {table}_search (rowid, search_text) VALUES (new.id, new.search_text);"
    op.execute(f"CREATE TRIGGER {table}_search_insert AFTER INSERT ON {table} BEGIN {enter} END")
    op.execute(f"CREATE TRIGGER {table}_search_delete AFTER DELETE ON {table} BEGIN {leave} END")
    op.execute(f"CREATE TRIGGER {table}_search_update AFTER UPDATE OF search_text ON {table} BEGIN {leave} {enter} END")


def downgrade() -> None:
    op.drop_index("ix_media_file_state_alike", table_name="media_file_state")
    op.drop_index("ix_media_file_library_item", table_name="media_file")
    op.drop_index("ix_media_file_role_sort", table_name="media_file")
    op.drop_index("ix_media_file_import_library_method", table_name="media_file_import")
    for name in ("gone", "type_sort"):
        op.drop_index(f"ix_media_item_{name}", table_name="media_item")
    if op.get_bind().dialect.name == "sqlite":
        for when in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER media_item_search_{when}")
        op.execute("DROP TABLE media_item_search")
    else:
        op.drop_index("ix_media_item_search", table_name="media_item")
    op.drop_column("media_file_state", "alike")

"""A database of a million files, inserted in bulk: what years of scanning and answering would have left, in some minutes.

    python bench/shelves.py URL [FILES]

Six libraries as `shelved.py` lays them out; 2 % of the files are missing, 1 % are asked about, 1 % hold what another one holds,
some rotted or are doubted. The contents of all were read: every nineteenth is 2160p, one in 5,000 is av1, one in 2,000 speaks
Finnish. Each was brought in once, some were matched again by hand, moved, gone and back. There are thousands of scans, operations
and plans. The database must exist, and be empty; its schema is made here.
"""

import base64
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from typing import Any, Protocol

import psycopg
from shelved import COLUMNS, NOW, SHELVES, Row, laid_out
from sqlalchemy import make_url

from mediastead.db import migrate

SCANS = 8000
OPERATIONS = 20_000
PLANS = 300

NUMBERS = "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count})"
BODY = '{"said": "' + "x" * 400 + '"}'
EVIDENCE = '{"title": "Title", "year": 1999, "evidence": ["' + "x" * 200 + '"]}'
SPOKEN = "CASE WHEN {id} % 2000 = 0 THEN 'fi' WHEN {id} % 10 = {number} THEN 'de' ELSE 'en' END"

FROM_FILES = {
    "states": """
INSERT INTO media_file_state (file_id, presence, size, mtime_ns, inode, device, missing_since, fingerprint, content_hash,
  hash_is_former, verified_at, verify_due_at, read_tries, rotted_at, doubt, doubted_at)
SELECT id, CASE WHEN id % 50 = 3 THEN 'missing' ELSE 'present' END,
  700000000 + (as_of * 7919) % 1000003 * 4000, 1700000000000000000 + id, id, 1, CASE WHEN id % 50 = 3 THEN {now} END,
  {blob_as_of}, CASE WHEN id % 3 = 0 THEN {blob_as_of} END, false,
  CASE WHEN id % 3 = 0 THEN {now} END, CASE WHEN id % 3 = 0 THEN {now} END, 0,
  CASE WHEN id % 20000 = 7 THEN {now} END, CASE WHEN id % 10000 = 9 THEN 'half as long' END,
  CASE WHEN id % 10000 = 9 THEN {now} END
FROM (SELECT id, CASE WHEN id % 200 = 1 THEN id + 1 ELSE id END AS as_of FROM media_file) AS content
""",
    "probes": """
INSERT INTO media_file_probe (file_id, size, mtime_ns, duration_ms, container, bitrate, resolution, hdr, video_codec, reader,
  probed_at)
SELECT file_id, size, mtime_ns, 5400000, 'Matroska', 8000000,
  CASE WHEN file_id % 19 = 0 THEN '2160p' WHEN file_id % 7 = 0 THEN '720p' ELSE '1080p' END,
  CASE WHEN file_id % 200 = 0 THEN 'HDR10' END,
  CASE WHEN file_id % 5000 = 0 THEN 'av1' WHEN file_id % 19 = 0 THEN 'hevc' ELSE 'h264' END, 1, {now} FROM media_file_state
""",
    **{
        f"streams {number}": f"""
INSERT INTO media_file_stream (file_id, number, kind, codec, width, height, channels, language, forced, "default")
SELECT id, {number}, '{kind}', '{codec}', {width}, {height}, {channels},
  {"NULL" if kind == "video" else SPOKEN.format(id="id", number=number)}, false, {"true" if number < 2 else "false"}
FROM media_file WHERE id % 10 < {tenths}
"""
        for number, kind, codec, width, height, channels, tenths in (
            (0, "video", "h264", 1920, 1080, "NULL", 10),
            (1, "audio", "ac3", "NULL", "NULL", 6, 10),
            (2, "audio", "aac", "NULL", "NULL", 2, 5),
            (3, "text", "subrip", "NULL", "NULL", "NULL", 8),
            (4, "text", "subrip", "NULL", "NULL", "NULL", 4),
        )
    },
    "decisions": f"""
INSERT INTO media_file_decision (file_id, decided_at, body, inputs, title, title_hash)
SELECT id, {{now}}, '{BODY}', '{BODY}', 'A title', {{blob_folder}} FROM media_file WHERE identification <> 'pending'
""",
    "imports": f"""
INSERT INTO media_file_import (file_id, library_id, method, source_path, success, error, evidence, actor, at)
SELECT id, library_id, 'scan', {{blob_path}}, identification <> 'unmatched',
  CASE WHEN identification = 'unmatched' THEN 'There is no title like it.' END, '{EVIDENCE}', 'scan', {{now}}
FROM media_file WHERE identification <> 'pending'
""",
    "imports by hand": f"""
INSERT INTO media_file_import (file_id, library_id, method, source_path, success, evidence, actor, at)
SELECT id, library_id, 'manual_match', {{blob_path}}, true, '{EVIDENCE}', 'local', {{now}} FROM media_file WHERE id % 30 = 0
""",
    "records": """
INSERT INTO media_file_record (file_id, version, form, folder_id, name, tried_at, written_at)
SELECT id, version, 'nfo', folder_id, name, {now}, {now} FROM media_file WHERE library_id = 1 AND identification = 'matched'
""",
    **{
        f"{what} files": f"""
INSERT INTO file_event (file_id, at, what, by, scan_id, library_id, path)
SELECT id, {{now}}, '{what}', 'scan', 1, library_id, name FROM media_file WHERE id % 50 IN ({rests})
"""
        for what, rests in (("moved", "5, 6"), ("missing", "3, 8"), ("back", "8"), ("changed", "11"))
    },
    "operations": f"""
INSERT INTO operation (id, at, actor, kind, summary, before, after, form)
{NUMBERS.format(count=OPERATIONS)}
SELECT i, {{now}}, 'local', CASE WHEN i % 9 = 0 THEN 'dismiss' ELSE 'match' END, 'Matched a file', '{{}}', '{{}}', 1 FROM numbers
""",
    "files of operations": """
INSERT INTO operation_file (operation_id, file_id, version_before, version_after, before)
SELECT id / 50 % {operations} + 1, id, 1, 2, '{{"identification": "unmatched", "media_item_id": null}}'
FROM media_file WHERE id % 25 = 0
""",
    "groups of plans": """
INSERT INTO organizing_group (organizing_id, state, epoch, attempts, backwards)
SELECT CASE WHEN id % 10 = 0 THEN {plans} / 2 ELSE id % {plans} + 1 END, CASE WHEN id % 7 = 0 THEN 'refused' ELSE 'done' END,
  1, 1, false
FROM folder WHERE id % 2 = 0
""",
    "steps of plans": """
INSERT INTO organizing_step (organizing_id, group_id, position, action, role, source, target, done)
SELECT organizing_id, id, 1, 'move', 'media', {blob_id}, {blob_id}, state = 'done' FROM organizing_group
""",
}
"""Statements by what they make, in their order."""


class Into(Protocol):
    """One of the two databases, as its driver has it."""

    def write(self, table: str, columns: str, rows: list[Row]) -> None: ...
    def run(self, statement: str) -> None: ...
    def blob(self, expression: str) -> str: ...
    def end(self, tables: list[str]) -> None: ...


class IntoSqlite:
    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = OFF", "cache_size = -1000000", "foreign_keys = OFF"):
            self.run(f"PRAGMA {pragma}")
        self.run("BEGIN")

    def write(self, table: str, columns: str, rows: list[Row]) -> None:
        names = columns.split()
        marks = ", ".join("?" * len(names))
        self._connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)

    def run(self, statement: str) -> None:
        self._connection.execute(statement)

    def blob(self, expression: str) -> str:
        return f"CAST({expression} AS BLOB)"

    def end(self, tables: list[str]) -> None:
        # Nothing of the product asks SQLite for statistics, so none are made here.
        self.run("COMMIT")
        if self._connection.execute("PRAGMA foreign_key_check").fetchone():
            raise RuntimeError("a row refers to one that is not there")
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()


class IntoPostgres:
    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url)
        self.run("SET timezone = 'UTC'")
        self.run("SET synchronous_commit = off")

    def write(self, table: str, columns: str, rows: list[Row]) -> None:
        names = ", ".join(columns.split())
        with self._connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def run(self, statement: str) -> None:
        # The text is this file's own.
        self._connection.execute(statement.encode())

    def blob(self, expression: str) -> str:
        return f"convert_to(({expression})::text, 'UTF8')"

    def end(self, tables: list[str]) -> None:
        for table in tables:
            self.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
        self._connection.commit()
        self._connection.autocommit = True
        # As autovacuum does beside a server in use.
        self.run("VACUUM ANALYZE")
        self._connection.close()


def fill(url: str, files: int) -> None:
    """Make the schema and insert `files` files with all that belongs to them."""
    migrate.upgrade(url)
    address = make_url(url)
    sqlite = address.get_backend_name() == "sqlite"
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    into: Into = IntoSqlite(address.database or "") if sqlite else IntoPostgres(plain)
    libraries = [
        (number, shelf.name, f"/media/{number}".encode(), shelf.kind, 360, "[]", "nfo" if number == 1 else None, NOW)
        for number, shelf in enumerate(SHELVES, start=1)
    ]
    into.write("library", "id name root kind scan_interval_minutes exclude_patterns record_form created_at", libraries)
    into.write(
        "scan",
        "id library_id trigger requested_by requested_at without_limit phase started_at finished_at cancel_requested scope "
        "counts gaps hidden outcome",
        list(_scans()),
    )
    for rows in laid_out(files):
        for table, columns in COLUMNS.items():
            into.write(table, columns, rows[table])
    into.write("organizing", "id library_id kind state actor created_at applied_at ended_at counts", list(_plans()))
    into_words: dict[str, Any] = {
        "now": f"'{NOW}'" if sqlite else f"'{NOW}+00'::timestamptz",
        "blob_as_of": into.blob("printf('%016d', as_of)" if sqlite else "lpad(as_of::text, 16, '0')"),
        "blob_folder": into.blob("folder_id"),
        "blob_path": into.blob("'/media/' || library_id || '/' || id"),
        "blob_id": into.blob("id"),
        "operations": OPERATIONS,
        "plans": PLANS,
    }
    for what, statement in FROM_FILES.items():
        start = time.monotonic()
        into.run(_said(statement, into_words))
        print(f"{what}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    into.end(
        ["library", "scan", "organizing", "operation", *(table for table in COLUMNS if table != "media_file_episode")]
    )


def _said(statement: str, words: dict[str, Any]) -> str:
    """With the words of the database; not by `format`, because of the braces of JSON."""
    for name, word in words.items():
        statement = statement.replace("{" + name + "}", str(word))
    return statement.replace("{{", "{").replace("}}", "}")


def _scans() -> Iterator[Row]:
    """Every sixth hundredth is of 20,000 folders, as after a flood of changes; so are some of the newest."""
    many = json.dumps(
        [[base64.b64encode(b"Title %d (1999)/Season 01" % number).decode(), True] for number in range(20_000)]
    )
    counts = '{"folders": 20000, "files": 210000, "new": 3, "changed": 0, "moved": 0, "missing": 0}'
    gaps = json.dumps([{"path": f"Title {number}", "reason": "Permission denied"} for number in range(5)])
    for number in range(1, SCANS + 1):
        flood = number % 600 == 0 or number > SCANS - 10
        ended = (NOW, NOW, False, many if flood else None, counts, gaps, "[]", "completed")
        yield (
            number,
            number % len(SHELVES) + 1,
            "watch" if flood else "schedule",
            "timer",
            NOW,
            False,
            "finished",
            *ended,
        )


def _plans() -> Iterator[Row]:
    counts = '{"groups": 500, "moves": 900, "refused": 3, "unchanged": 12000}'
    for number in range(1, PLANS + 1):
        yield (number, number % len(SHELVES) + 1, "rename", "ended", "local", NOW, NOW, NOW, counts)


if __name__ == "__main__":
    begin = time.monotonic()
    many = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    fill(sys.argv[1], many)
    print(f"{many} files in {time.monotonic() - begin:.0f} s")

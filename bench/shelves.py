"""A database of a million files, inserted in bulk: what scanning and identification would have left, in a minute or two.

    python bench/shelves.py URL [FILES]

Two libraries, the first with 70 % of the files; ten files a folder. Most files are matched, some pending, ignored or missing, and
every tenth has an open question; half of these questions stand alone, the others in groups of twenty. The contents of all were
read: a nineteenth is 2160p, one in 5,000 is av1, one in 2,000 speaks Finnish, two in a thousand hold the same, some rotted. The
database must exist, and be empty; its schema is made here.
"""

import sys
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, create_engine, insert, make_url, text

from mediastead.catalog.models import MediaItem
from mediastead.catalog.types import ItemType
from mediastead.db import migrate
from mediastead.db.text import folded
from mediastead.files.models import Folder
from mediastead.files.paths import path_hash
from mediastead.libraries.models import Library, LibraryKind

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IN_A_FOLDER = 10
ITEMS = 2000
FIRST_SHARE = 0.7
WORDS = (
    "night",
    "river",
    "house",
    "stone",
    "winter",
    "garden",
    "letter",
    "silver",
    "summer",
    "bridge",
    "mirror",
    "island",
)

NUMBERS = "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < :files)"
IDENTIFICATION = (
    "CASE WHEN i % 10 = 0 THEN 'unmatched' WHEN i % 50 = 1 THEN 'pending' "
    "WHEN i % 50 = 2 THEN 'ignored' ELSE 'matched' END"
)
NAMED = " ".join(f"WHEN {number} THEN '{word}'" for number, word in enumerate(WORDS))

FILES_IN = f"""
INSERT INTO media_file (id, library_id, folder_id, name, holds_path, hidden, search_text, media_item_id, identification,
  ignore_rule, rule_lifted, role, version, created_at)
{NUMBERS},
named AS (
  SELECT i, {IDENTIFICATION} AS identification,
    CASE i % {len(WORDS)} {NAMED} END AS first, CASE (i / 7) % {len(WORDS)} {NAMED} END AS second FROM numbers
)
SELECT i, CASE WHEN i <= :first THEN 1 ELSE 2 END, (i - 1) / {IN_A_FOLDER} + 1,
  {{blob}}, true, false, first || ' ' || second || ' ' || i || ' 1080p bluray x264 mkv',
  CASE WHEN identification = 'matched' THEN i % {ITEMS} + 1 END, identification,
  CASE WHEN identification = 'ignored' THEN 'a rule' END, false,
  CASE WHEN identification = 'matched' THEN 'feature' END, 1, :now FROM named
"""
STATES_IN = f"""
INSERT INTO media_file_state (file_id, presence, size, mtime_ns, inode, device, missing_since, fingerprint, rotted_at)
{NUMBERS}, content AS (SELECT i, CASE WHEN i % 1000 = 1 THEN i + 1 ELSE i END AS as_of FROM numbers)
SELECT i, CASE WHEN i % 100 = 3 THEN 'missing' ELSE 'present' END, 700000000 + (as_of * 79) % 1000003,
  1700000000000000000 + i, i, 1, CASE WHEN i % 100 = 3 THEN :now END, {{fingerprint}},
  CASE WHEN i % 20000 = 7 THEN :now END FROM content
"""
PROBES_IN = f"""
INSERT INTO media_file_probe (file_id, size, mtime_ns, duration_ms, resolution, hdr, video_codec, reader, probed_at)
{NUMBERS}
SELECT i, 700000000 + (i * 79) % 1000003, 1700000000000000000 + i, 5400000,
  CASE WHEN i % 19 = 0 THEN '2160p' ELSE '1080p' END, CASE WHEN i % 200 = 0 THEN 'HDR10' END,
  CASE WHEN i % 5000 = 0 THEN 'av1' WHEN i % 19 = 0 THEN 'hevc' ELSE 'h264' END, 1, :now FROM numbers
"""
STREAMS_IN = f"""
INSERT INTO media_file_stream (file_id, number, kind, codec, language, forced, "default")
{NUMBERS}
SELECT i, 1, 'audio', 'ac3', CASE WHEN i % 2000 = 0 THEN 'fi' WHEN i % 10 = 0 THEN 'de' ELSE 'en' END, false, true FROM numbers
"""
DECISIONS_IN = f"""
INSERT INTO media_file_decision (file_id, decided_at, body, inputs, title)
{NUMBERS} SELECT i, :now, :body, :inputs, 'A title' FROM numbers
"""
IMPORTS_IN = f"""
INSERT INTO media_file_import (id, file_id, library_id, method, source_path, success, evidence, actor, at)
{NUMBERS} SELECT i, i, CASE WHEN i <= :first THEN 1 ELSE 2 END, 'scan', {{path}}, true, :evidence, 'scan', :now FROM numbers
"""
QUESTIONS_IN = f"""
INSERT INTO unmatched_file (id, file_id, reason, group_key, proposed, ready, said, found_at)
{NUMBERS} SELECT i, i * 10, CASE WHEN i % 2 = 0 THEN 'no_match' ELSE 'low_confidence' END,
  CASE WHEN i % 2 = 0 THEN 'a' || i || ' a title of its own ' || i ELSE 'b' || (i / 40) || ' a shared title ' || (i / 40) END,
  :proposed, i % 3 = 0, :said, :now FROM numbers
"""


def fill(url: str, files: int) -> None:
    """Make the schema and insert `files` files with all that belongs to them."""
    migrate.upgrade(url)
    address = make_url(url)
    sqlite = address.get_backend_name() == "sqlite"
    engine = create_engine(address.set(drivername="sqlite") if sqlite else address)
    with engine.begin() as connection:
        if sqlite:
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
        _setting_up(connection, files)
        _rows(connection, files, sqlite=sqlite)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # As autovacuum does beside a server in use; nothing of the product asks SQLite for statistics.
        if not sqlite:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _setting_up(connection: Connection, files: int) -> None:
    kinds = (LibraryKind.MOVIES, LibraryKind.SERIES)
    libraries = [
        {
            "name": f"Library {kind}",
            "root": f"/media/{kind}".encode(),
            "kind": kind,
            "exclude_patterns": [],
            "created_at": NOW,
        }
        for kind in kinds
    ]
    connection.execute(insert(Library), libraries)
    items = [
        {
            "type": ItemType.MOVIE,
            "tmdb_id": number,
            "title": f"Title {number}",
            "alternative_titles": [],
            "sort_key": f"title {number:06}",
            "search_text": f"title {number}",
            "genres": [],
            "cast": [],
            "ended": False,
            "created_at": NOW,
        }
        for number in range(1, ITEMS + 1)
    ]
    connection.execute(insert(MediaItem), items)
    first = _first(files)
    folders = [
        _folder(1 if number * IN_A_FOLDER < first else 2, b"folder %d 1080p" % number)
        for number in range((files - 1) // IN_A_FOLDER + 1)
    ]
    connection.execute(insert(Folder), folders)


def _folder(library_id: int, path: bytes) -> dict[str, Any]:
    return {
        "library_id": library_id,
        "path": path,
        "path_hash": path_hash(path),
        "search_text": folded(path.decode()),
        "mount_point": False,
    }


def _rows(connection: Connection, files: int, *, sqlite: bool) -> None:
    name = "first || '.' || second || '.' || i || '.mkv'"
    blob = f"CAST({name} AS BLOB)" if sqlite else f"convert_to({name}, 'UTF8')"
    path = "CAST('/media/a/' || i AS BLOB)" if sqlite else "convert_to('/media/a/' || i, 'UTF8')"
    fingerprint = "CAST(printf('%016d', as_of) AS BLOB)" if sqlite else "convert_to(lpad(as_of::text, 16, '0'), 'UTF8')"
    now = NOW.strftime("%Y-%m-%d %H:%M:%S.%f") if sqlite else NOW
    evidence = '{"title": "Title", "year": 1999, "evidence": ["' + "x" * 200 + '"]}'
    values = {
        "files": files,
        "first": _first(files),
        "now": now,
        "body": '{"said": "' + "x" * 400 + '"}',
        "inputs": '{"said": "' + "x" * 300 + '"}',
        "evidence": evidence,
        "proposed": '{"type": "movie", "tmdb_id": 1, "title": "Title 1", "year": 1999, "role": "feature", "episodes": []}',
        "said": '{"seasons": [1], "episodes": [2]}',
    }
    for statement, count in (
        (FILES_IN.format(blob=blob), files),
        (STATES_IN.format(fingerprint=fingerprint), files),
        (PROBES_IN, files),
        (STREAMS_IN, files),
        (DECISIONS_IN, files),
        (IMPORTS_IN.format(path=path), files),
        (QUESTIONS_IN, files // 10),
    ):
        given = {name: value for name, value in values.items() if f":{name}" in statement} | {"files": count}
        connection.execute(text(statement), given)
    if not sqlite:
        for table in ("media_file", "media_file_import", "unmatched_file"):
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"))


def _first(files: int) -> int:
    return int(files * FIRST_SHARE) // IN_A_FOLDER * IN_A_FOLDER


if __name__ == "__main__":
    start = time.monotonic()
    many = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    fill(sys.argv[1], many)
    print(f"{many} files in {time.monotonic() - start:.0f} s")

"""A row for every table, so that migrations are tried on a database that is in use."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, MetaData, insert

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

ROWS: dict[str, dict[str, Any]] = {
    "app_setting": {"key": "language", "value": "de-DE", "updated_at": MOMENT},
    "event": {"at": MOMENT, "kind": "scan.finished", "data": {"scan_id": 1}},
    "library": {
        "name": "Films",
        "root": b"/films\xff",
        "kind": "movies",
        "exclude_patterns": ["*.part"],
        "created_at": MOMENT,
    },
    "media_item": {
        "type": "movie",
        "tmdb_id": 603,
        "title": "The Matrix",
        "alternative_titles": [],
        "sort_key": "matrix",
        "search_text": "the matrix",
        "genres": [],
        "cast": ["Keanu Reeves"],
        "ended": False,
        "created_at": MOMENT,
    },
    "external_id": {"item_id": 1, "provider": "imdb", "value": "tt0133093"},
    "season": {"item_id": 1, "number": 1},
    "episode": {"season_id": 1, "number": 1},
    "operation": {"at": MOMENT, "actor": "local", "kind": "match", "summary": "matched", "before": {}, "after": {}},
    "scan": {
        "library_id": 1,
        "trigger": "manual",
        "requested_by": "local",
        "requested_at": MOMENT,
        "without_limit": False,
        "phase": "finished",
        "finished_at": MOMENT,
        "cancel_requested": False,
        "counts": {"files": 1},
        "gaps": [],
        "hidden": [],
        "outcome": "completed",
    },
    "folder": {
        "library_id": 1,
        "path": b"The Matrix\xfe",
        "path_hash": b"0" * 16,
        "search_text": "the matrix",
        "mount_point": False,
    },
    "media_file": {
        "library_id": 1,
        "folder_id": 1,
        "name": b"The.Matrix.1999.mkv",
        "holds_path": True,
        "hidden": False,
        "search_text": "the matrix 1999 mkv",
        "media_item_id": 1,
        "identification": "matched",
        "rule_lifted": False,
        "role": "feature",
        "version": 2,
        "created_at": MOMENT,
    },
    "media_file_episode": {"file_id": 1, "episode_id": 1},
    "media_file_state": {
        "file_id": 1,
        "presence": "missing",
        "size": 7_000_000_000,
        "mtime_ns": 1_700_000_000_123_456_789,
        "inode": 2**64 - 1,
        "device": 2**63,
        "missing_since": MOMENT,
        "missing_scan_id": 1,
    },
    "media_file_import": {
        "file_id": 1,
        "library_id": 1,
        "method": "scan",
        "source_path": b"/films\xff/The Matrix",
        "success": True,
        "evidence": {},
        "actor": "scan",
        "at": MOMENT,
    },
    "media_file_decision": {
        "file_id": 1,
        "decided_at": MOMENT,
        "body": "{}",
        "inputs": "{}",
        "remembered_answer_id": 1,
    },
    "media_file_probe": {"file_id": 1, "size": 1, "mtime_ns": 1, "duration_ms": 8_160_000, "probed_at": MOMENT},
    "media_file_record": {"file_id": 1, "version": 2, "form": "nfo", "written_at": MOMENT},
    "unmatched_file": {
        "file_id": 1,
        "reason": "no_match",
        "group_key": "g",
        "found_at": MOMENT,
        "resolution": "matched",
        "resolved_by": "local",
        "resolved_at": MOMENT,
    },
    "rejected_match": {"file_id": 1, "item_id": 1, "by": "local", "at": MOMENT},
    "remembered_answer": {
        "library_id": 1,
        "file_id": 1,
        "title": "The Matrix",
        "title_hash": b"0123456789abcdef",
        "holds": "folder",
        "item_id": 1,
        "numbering": {"shifts": [], "rows": []},
        "by": "local",
        "at": MOMENT,
    },
    "series_order": {
        "item_id": 1,
        "group_id": "5acf93e60e0a26346d0000ce",
        "name": "DVD order",
        "numbering": {"shifts": [], "rows": []},
        "chosen_by": "local",
        "chosen_at": MOMENT,
    },
    "kept_answer": {
        "question": "search/movie/1999/the matrix",
        "question_hash": b"0123456789abcdef",
        "digest": b"0123456789abcdef",
        "body": b"x",
        "asked_at": MOMENT,
    },
    "replay": {
        "library_id": 1,
        "state": "completed",
        "asked_by": "local",
        "started_at": MOMENT,
        "ended_at": MOMENT,
        "counts": {},
    },
    "replay_change": {
        "replay_id": 1,
        "file_id": 1,
        "version": 2,
        "kind": "other_title",
        "before": {},
        "after": {},
    },
    "identify_claim": {"file_id": 1, "owner": 7, "until": MOMENT},
    "api_cache": {"key": "k", "body": b"x", "fetched_at": MOMENT, "expires_at": MOMENT},
    "provider_state": {"provider": "tmdb", "trouble": "down", "detail": "d", "since": MOMENT, "failures": 1},
}


def fill(connection: Connection, metadata: MetaData) -> None:
    """One row into every table; a table without a row here is an error, so that new tables are tried as well."""
    assert set(ROWS) == set(metadata.tables)
    for table in metadata.sorted_tables:
        connection.execute(insert(table), ROWS[table.name])

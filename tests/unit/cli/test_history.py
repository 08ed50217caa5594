"""What the command line says of an operation that was, or would be, taken back."""

from typing import Any

import pytest

from mediastead.cli.history import say_undone

UNDONE: dict[str, Any] = {
    "dry_run": False,
    "operation_id": 8,
    "organizing_id": None,
    "count": 0,
    "files": [],
    "also": [],
    "against_count": 0,
    "against": [],
}


def told(capsys: pytest.CaptureFixture[str], **undone: Any) -> list[str]:
    say_undone(7, UNDONE | undone)
    return capsys.readouterr().out.splitlines()


def test_files_are_counted_only_where_they_are_what_is_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    again = "`mediastead history undo 8` has it in force again."
    assert told(capsys, count=2) == ["Operation 7 is taken back; 2 files are again what they were.", again]
    assert told(capsys, count=1) == ["Operation 7 is taken back; 1 file is again what it was.", again]
    assert told(capsys, also=["the order is the former one"]) == [
        "  the order is the former one",
        "Operation 7 is taken back.",
        again,
    ]
    would = {"dry_run": True, "operation_id": None, "also": ["4 files would be moved back"]}
    assert told(capsys, **would) == ["  4 files would be moved back", "Operation 7 would be taken back."]
    moves = {"operation_id": None, "organizing_id": 2, "also": ["files are moved back by organizing 2"]}
    assert told(capsys, **moves) == ["  files are moved back by organizing 2"], "they are not back yet"

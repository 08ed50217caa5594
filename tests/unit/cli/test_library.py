"""What the list of libraries says is the matter with one, and what is told of one that was removed."""

from typing import Any

from mediastead.cli.library import trash_folders, trouble

FINE: dict[str, Any] = {
    "name": "Films",
    "watching": "watched",
    "removing_since": None,
    "unavailable_reason": None,
    "away": None,
    "last_scan": None,
}


def test_a_question_and_gaps_of_the_last_scan_are_told_where_libraries_are_listed() -> None:
    assert trouble(FINE) is None
    asks = {"outcome": "needs_confirmation", "counts": {"would_miss": 40}, "gaps": []}
    told = trouble(FINE | {"last_scan": asks})
    assert told is not None
    assert "40 files at once" in told
    assert '`mediastead scan "Films" --confirm`' in told
    gap = {"path": "nested", "reason": "nothing is mounted here any more"}
    last = {"outcome": "completed_with_gaps", "counts": {}, "gaps": [gap] * 5}
    told = trouble(FINE | {"last_scan": last})
    assert told is not None
    assert "nested (nothing is mounted here any more)" in told
    assert told.endswith("and 2 more")
    assert trouble(FINE | {"last_scan": last, "unavailable_reason": "away"}) == "away"
    assert trouble(FINE | {"last_scan": last, "away": "not mounted"}) == "not mounted"
    assert trouble(FINE | {"last_scan": last | {"outcome": "completed"}, "watching": "too many"}) == "too many"


def test_each_trash_that_a_removed_library_leaves_behind_is_told() -> None:
    left = [
        {"path_in_trash": f"{folder}.mediastead-trash/{number}-a.mkv"} for number, folder in enumerate(("", "x/", ""))
    ]
    assert trash_folders("/films", left) == "/films/.mediastead-trash and /films/x/.mediastead-trash"
    assert trash_folders("/films", left[:1]) == "/films/.mediastead-trash"

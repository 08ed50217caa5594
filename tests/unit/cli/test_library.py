"""What the list of libraries says is the matter with one."""

from typing import Any

from mediastead.cli.library import trouble

FINE: dict[str, Any] = {
    "name": "Films",
    "watching": "watched",
    "removing_since": None,
    "unavailable_reason": None,
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
    assert trouble(FINE | {"last_scan": last | {"outcome": "completed"}, "watching": "too many"}) == "too many"

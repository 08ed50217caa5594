"""Markers in the folders of items: written whole, read whatever lies there, and seen when somebody else writes them."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.stages.markers import (
    clear_markers,
    item_directories,
    read_markers,
    snapshot_of,
    write_markers,
)

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def item(tmp_path: Path) -> Path:
    folder = tmp_path / "staging" / "Film (1999)"
    folder.mkdir(parents=True)
    return folder


def test_what_is_written_is_read_again_and_nothing_else_is_left_there(item: Path) -> None:
    for _ in range(2):
        write_markers(bytes(item), done={Stage.RIP: AT}, state="ripped", metadata={"title": "Film", "year": 1999})
    found = read_markers(bytes(item))
    assert (found.state, found.metadata, found.faults) == ("ripped", {"title": "Film", "year": 1999}, [])
    assert {stage: marker.at for stage, marker in found.done.items()} == {Stage.RIP: AT}
    names = sorted(entry.name for entry in (item / ".pipeline").iterdir())
    assert names == ["metadata.json", "rip.done", "rip.timestamp", "state"]
    assert (item / ".pipeline" / "rip.timestamp").read_text() == "2026-03-01T12:00:00+00:00\n"


def test_what_a_script_wrote_into_a_marker_stays(item: Path) -> None:
    (item / ".pipeline").mkdir()
    (item / ".pipeline" / "filebot.done").write_text("moved to /media/films\n")
    write_markers(bytes(item), done={Stage.ORGANIZE: AT}, state="in_library", metadata={})
    assert not (item / ".pipeline" / "organize.done").exists()
    assert read_markers(bytes(item)).done[Stage.ORGANIZE].text == "moved to /media/films"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-01T12:00:00Z", AT),
        ("2026-03-01T12:00:00", AT),
        ("2026-03-01T13:00:00+01:00", AT),
        (str(int(AT.timestamp())), AT),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times_are_read_as_scripts_write_them_or_are_those_of_the_marker(
    item: Path, written: str, read: datetime | None
) -> None:
    folder = item / ".pipeline"
    folder.mkdir()
    (folder / "rip.done").touch()
    (folder / "rip.timestamp").write_text(written)
    os.utime(folder / "rip.done", (1_000_000_000, 1_000_000_000))
    assert read_markers(bytes(item)).done[Stage.RIP].at == (read or datetime.fromtimestamp(1_000_000_000, UTC))


def test_whatever_lies_there_is_read_without_harm(item: Path) -> None:
    folder = item / ".pipeline"
    assert read_markers(bytes(item)).done == {}
    folder.mkdir()
    (folder / "metadata.json").write_text("[" * 100_000)
    (folder / "state").write_bytes(b"\xff" * 1_000_000)
    (folder / "nonsense.done").touch()
    (folder / "remux.done").symlink_to("nowhere")
    os.mkfifo(folder / "transcode.timestamp")
    (folder / "transcode.done").touch()
    (folder / "rip.done").mkdir()
    found = read_markers(bytes(item))
    assert (set(found.done), found.state, found.metadata) == ({Stage.RIP, Stage.TRANSCODE}, None, None)
    assert "is no JSON object" in found.faults[0]


def test_a_marker_that_somebody_sets_writes_anew_or_takes_away_is_seen(item: Path) -> None:
    assert snapshot_of(bytes(item)) == {}
    (item / ".pipeline").mkdir()
    (item / ".pipeline" / "rip.done").touch()
    first = snapshot_of(bytes(item))
    assert first and list(first) == [b"rip.done"]
    assert snapshot_of(bytes(item)) == first
    (item / ".pipeline" / "rip.done").write_text("again")
    assert snapshot_of(bytes(item)) != first
    clear_markers(bytes(item), [Stage.RIP, Stage.REMUX])
    assert snapshot_of(bytes(item)) == {}


def test_a_marker_that_cannot_be_read_says_so(item: Path) -> None:
    (item / ".pipeline").mkdir()
    (item / ".pipeline" / "rip.done").write_bytes(b"x" * 1_000_000)
    assert read_markers(bytes(item)).done[Stage.RIP].text is None


def test_items_are_found_beneath_the_roots_also_seasons_and_orphans(tmp_path: Path) -> None:
    root = tmp_path / "staging"
    for folder in (
        "Film (1999)/.pipeline",
        "Show/Season 01/.rip/1-1",
        "Show/Season 02/.pipeline",
        "Other/deep/er/.rip",
    ):
        (root / folder).mkdir(parents=True)
    (root / "link").symlink_to(root / "Film (1999)")
    (root / ".hidden" / ".rip").mkdir(parents=True)
    found = [str(Path(os.fsdecode(path)).relative_to(root)) for path in item_directories(bytes(root))]
    assert found == ["Film (1999)", "Show/Season 01", "Show/Season 02"]

"""The sample library is the same everywhere, takes no disk, and is never made over what a person has."""

import os
from pathlib import Path

import pytest

from mediastead.cli.demo_library import KINDS, MARK, NotADemoFolder, make_sample_library, sample_files
from mediastead.scanning.rules import is_video


def everything_in(root: Path) -> dict[bytes, tuple[int, int, int]]:
    """Size, time of the last change and inode of every file."""
    found: dict[bytes, tuple[int, int, int]] = {}
    for folder, _, names in os.walk(os.fsencode(root)):
        for name in names:
            path = os.path.join(folder, name)
            seen = Path(os.fsdecode(path)).stat()
            found[path] = (seen.st_size, seen.st_mtime_ns, seen.st_ino)
    return found


def test_has_about_150_files_in_three_libraries_with_one_name_that_is_no_utf8(tmp_path: Path) -> None:
    made = make_sample_library(tmp_path / "library")
    files = sample_files()
    assert 140 <= sum(is_video(os.path.basename(file.path)) for file in files) <= 160
    assert made.files + len(made.refused) == len(files)
    assert {file.path.split(b"/")[0].decode() for file in files} == set(KINDS)
    assert len([file for file in files if file.path != file.path.decode("utf-8", "replace").encode()]) == 1
    assert len({file.path.lower() for file in files}) == len(files)


def test_making_it_again_changes_nothing_on_disk(tmp_path: Path) -> None:
    root = tmp_path / "library"
    make_sample_library(root)
    before = everything_in(root)
    assert make_sample_library(root).files == 0
    assert everything_in(root) == before


def test_what_a_person_took_away_stays_away(tmp_path: Path) -> None:
    root = tmp_path / "library"
    make_sample_library(root)
    (root / "Movies/Her (2013)/Her (2013).mkv").unlink()
    make_sample_library(root)
    assert not (root / "Movies/Her (2013)/Her (2013).mkv").exists()


def test_two_are_the_same(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_sample_library(tmp_path / name)

    def of(name: str) -> dict[bytes, tuple[int, int]]:
        root = os.fsencode(tmp_path / name)
        return {
            path.removeprefix(root): seen[:2]
            for path, seen in everything_in(tmp_path / name).items()
            if MARK.encode() not in path
        }

    assert of("one") == of("two")


def test_an_unfinished_one_is_finished(tmp_path: Path) -> None:
    root = tmp_path / "library"
    make_sample_library(root)
    (root / MARK).write_text("unfinished")
    half = root / "Movies/Her (2013)/Her (2013).mkv"
    whole = half.stat().st_size
    half.write_bytes(b"")
    assert make_sample_library(root).files > 100
    assert half.stat().st_size == whole


def test_takes_next_to_no_disk(tmp_path: Path) -> None:
    make_sample_library(tmp_path / "library")
    paths = everything_in(tmp_path / "library")
    assert sum(seen[0] for seen in paths.values()) > 100 << 30
    assert sum(Path(os.fsdecode(path)).stat().st_blocks for path in paths) * 512 < 4 << 20


def test_without_sparse_files_it_is_small() -> None:
    assert sum(file.size for file in sample_files(sparse=False)) < 100_000


def test_no_two_videos_have_the_same_size() -> None:
    sizes = [file.size for file in sample_files() if is_video(os.path.basename(file.path))]
    assert len(set(sizes)) == len(sizes)


def test_refuses_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "holiday.mkv").write_bytes(b"dear")
    with pytest.raises(NotADemoFolder, match="another folder"):
        make_sample_library(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.mkv"]

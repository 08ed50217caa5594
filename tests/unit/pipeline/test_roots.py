"""Whether what is not in a staging root is gone, or the root is away."""

from pathlib import Path

import pytest

from mediastead.pipeline.jobs import roots
from mediastead.pipeline.jobs.roots import may_be_bare, prepare_roots, root_of, why_away
from mediastead.pipeline.jobs.unfit import why_unfit


def test_a_root_without_its_marker_is_away_and_says_nothing_of_what_lies_in_it(tmp_path: Path) -> None:
    root = tmp_path / "staging"
    file = bytes(root / "Film" / "out.mkv")
    for made in (False, True):  # the disk's folder is not there, or is empty
        if made:
            root.mkdir()
        away = why_away([str(root)], file)
        assert away is not None and str(root) in away and "not mounted" in away
    prepare_roots([str(root)])
    assert why_away([str(root)], file) is None


def test_a_root_that_cannot_be_looked_at_is_away(tmp_path: Path) -> None:
    loop = tmp_path / "staging"
    loop.symlink_to(loop)
    away = why_away([str(loop)], bytes(loop / "out.mkv"))
    assert away is not None and "cannot be read" in away


def test_what_lies_in_no_root_is_never_away() -> None:
    assert why_away(["/staging"], b"/staging2/out.mkv") is None


def test_of_roots_within_each_other_the_innermost_counts() -> None:
    assert root_of(["/staging", "/staging/fast", "/sta"], b"/staging/fast/out.mkv") == b"/staging/fast"


def test_an_empty_folder_that_is_there_for_a_disk_is_one_whose_disk_is_not_mounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, media, plain = tmp_path / "the disk", tmp_path / "media", tmp_path / "plain"
    for folder in (disk, media / "usb", plain):
        folder.mkdir(parents=True)
    table = tmp_path / "fstab"
    table.write_text(f"# {plain}\nUUID=1 {str(disk).replace(' ', chr(92) + '040')}/ ext4 defaults 0 2\n")
    monkeypatch.setattr(roots, "FSTAB", str(table))
    monkeypatch.setattr(roots, "FOR_DISKS", (str(media),))
    empty = [disk, disk / "a" / "staging", media / "usb", media / "usb" / "staging", media / "gone"]
    assert [may_be_bare(str(each)) for each in empty] == [True] * 5
    assert not any(may_be_bare(str(each)) for each in (plain, plain / "a" / "staging", media))
    (disk / "films").mkdir()
    assert not may_be_bare(str(disk / "staging"))
    monkeypatch.setattr(roots, "FSTAB", str(tmp_path / "none"))
    (disk / "films").rmdir()
    assert not may_be_bare(str(disk))


def test_a_folder_in_which_nothing_can_be_made_says_what_to_do(tmp_path: Path) -> None:
    assert why_unfit(bytes(tmp_path)) is None
    assert "make room there" in (why_unfit(bytes(tmp_path), least=1 << 62) or "")
    assert "mount the staging root" in (why_unfit(bytes(tmp_path / "gone")) or "")

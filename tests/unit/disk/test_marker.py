"""The marker in a root."""

import os
from pathlib import Path

import pytest

from mediastead.disk.marker import MARKER_NAME, read_marker, remove_marker, write_marker


@pytest.fixture
def root(tmp_path: Path) -> bytes:
    return os.fsencode(tmp_path)


def test_a_marker_is_read_as_it_was_written_and_explains_itself(root: bytes) -> None:
    write_marker(root, "abc123")
    assert read_marker(root) == "abc123"
    assert b"Mediastead" in Path(os.fsdecode(root), os.fsdecode(MARKER_NAME)).read_bytes()


def test_a_root_without_a_marker_has_none(root: bytes) -> None:
    assert read_marker(root) is None
    assert not remove_marker(root, "abc123")


def test_a_marker_is_never_overwritten(root: bytes) -> None:
    write_marker(root, "first")
    with pytest.raises(FileExistsError):
        write_marker(root, "second")
    assert read_marker(root) == "first"


def test_only_our_own_marker_is_removed(root: bytes) -> None:
    write_marker(root, "ours")
    assert not remove_marker(root, "theirs")
    assert remove_marker(root, "ours")
    assert os.listdir(root) == []


def test_a_symlink_or_folder_of_that_name_is_nobodys_marker(root: bytes, tmp_path: Path) -> None:
    marker = Path(os.fsdecode(root), os.fsdecode(MARKER_NAME))
    (tmp_path / "secret").write_text("secret\n")
    marker.symlink_to(tmp_path / "secret")
    assert read_marker(root) == ""
    with pytest.raises(FileExistsError):
        write_marker(root, "ours")
    marker.unlink()
    marker.mkdir()
    assert read_marker(root) == ""


def test_a_root_that_is_gone_says_so_when_it_is_written_to(root: bytes) -> None:
    with pytest.raises(FileNotFoundError):
        write_marker(os.path.join(root, b"gone"), "ours")
    assert read_marker(os.path.join(root, b"gone")) is None

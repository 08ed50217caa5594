"""What we made on the way goes again, and nothing else in the root."""

from pathlib import Path

import pytest

from mediastead.disk.made import NotThere, delete_made, size_of_made

MARKER = b".staging"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "Film" / ".rip" / "1-1" / "deep").mkdir(parents=True)
    (tmp_path / "root" / "Film" / ".rip" / "1-1" / "deep" / "a.mkv").write_bytes(b"x" * 700)
    (tmp_path / "root" / "Film" / ".rip" / "1-1" / "b.log").write_bytes(b"x" * 30)
    (tmp_path / "root" / ".staging").touch()
    return tmp_path / "root"


def everything(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_a_folder_goes_with_all_that_is_in_it_and_the_one_above_when_it_is_empty(root: Path) -> None:
    (root / "Film" / ".rip" / "2-1").mkdir()
    assert size_of_made(bytes(root), b"Film/.rip/1-1", MARKER) == 730
    delete_made(bytes(root), b"Film/.rip/1-1", MARKER)
    assert everything(root) == [".staging", "Film", "Film/.rip", "Film/.rip/2-1"]
    delete_made(bytes(root), b"Film/.rip/2-1", MARKER)
    delete_made(bytes(root), b"Film/.rip/2-1", MARKER)
    assert everything(root) == [".staging", "Film"]
    assert size_of_made(bytes(root), b"Film/.rip/1-1", MARKER) is None


def test_in_a_root_without_its_marker_nothing_is_touched(root: Path) -> None:
    (root / ".staging").unlink()
    before = everything(root)
    for work in (delete_made, size_of_made):
        with pytest.raises(NotThere):
            work(bytes(root), b"Film/.rip/1-1", MARKER)
        with pytest.raises(NotThere):
            work(bytes(root) + b"-away", b"Film/.rip/1-1", MARKER)
    assert everything(root) == before


@pytest.mark.parametrize("path", [b"../root/Film", b"Film/../Film/.rip", b"/Film", b"Film//.rip", b""])
def test_a_path_that_is_none_beneath_the_root_is_refused(root: Path, path: bytes) -> None:
    with pytest.raises(OSError, match="no path beneath"):
        delete_made(bytes(root), path, MARKER)


def test_no_link_leads_out_of_the_root_and_what_a_link_leads_to_stays(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "1-1").mkdir(parents=True)
    (other / "1-1" / "mine.mkv").touch()
    (root / "Film" / ".remux").symlink_to(other)
    with pytest.raises(OSError):
        delete_made(bytes(root), b"Film/.remux/1-1", MARKER)
    (root / "Film" / ".rip" / "1-1" / "link").symlink_to(other)
    delete_made(bytes(root), b"Film/.rip/1-1", MARKER)
    assert (other / "1-1" / "mine.mkv").exists()

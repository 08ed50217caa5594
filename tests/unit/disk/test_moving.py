"""Renames in a tree on a real disk: nothing is overwritten, no link is followed, nothing leaves the root."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediastead.disk.beneath import NotAsExpected
from mediastead.disk.calls import Calls
from mediastead.disk.marker import write_marker
from mediastead.disk.moving import Kind, Occupied, RootGone, Tree, open_tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    write_marker(os.fsencode(root), "ours")
    return root


@pytest.fixture
def tree(root: Path) -> Iterator[Tree]:
    with open_tree(os.fsencode(root), "ours") as tree:
        yield tree


def look(path: Path) -> tuple[int, int, int]:
    status = path.lstat()
    return status.st_size, status.st_mtime_ns, status.st_ino


def test_a_file_is_renamed_into_another_folder_and_is_the_same_file(root: Path, tree: Tree) -> None:
    (root / "a").mkdir()
    (root / "b").mkdir()
    (root / "a" / "x").write_text("x")
    before = look(root / "a" / "x")
    tree.move(b"a/x", b"b/y", before)
    assert look(root / "b" / "y") == before
    assert not (root / "a" / "x").exists()


def test_what_lies_at_the_target_is_not_overwritten_whatever_it_is(root: Path, tree: Tree) -> None:
    (root / "x").write_text("x")
    (root / "file").write_text("theirs")
    (root / "folder").mkdir()
    (root / "link").symlink_to("nowhere")
    os.mkfifo(root / "fifo")
    for name in (b"file", b"folder", b"link", b"fifo"):
        with pytest.raises(Occupied):
            tree.move(b"x", name, look(root / "x"))
    assert (root / "file").read_text() == "theirs"
    assert (root / "x").read_text() == "x"


def test_another_file_than_was_expected_is_left(root: Path, tree: Tree) -> None:
    (root / "x").write_text("x")
    size, mtime_ns, inode = look(root / "x")
    for other in ((size + 1, mtime_ns, inode), (size, mtime_ns + 1, inode), (size, mtime_ns, inode + 1)):
        with pytest.raises(NotAsExpected):
            tree.move(b"x", b"y", other)
    with pytest.raises(NotAsExpected):
        tree.move(b"gone", b"y", (1, 1, 1))
    (root / "link").symlink_to("x")
    with pytest.raises(NotAsExpected):
        tree.move(b"link", b"y", look(root / "link"))
    assert sorted(os.listdir(root)) == [".mediastead-library", "link", "x"]


def test_a_file_that_is_replaced_in_the_very_moment_is_put_back(root: Path) -> None:
    class Replacing(Calls):
        def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
            if old == b"x" and not (root / "mine").exists():
                (root / "x").rename(root / "mine")
                (root / "x").write_text("theirs")
            super().move_to_free(old, folder, new, new_folder)

    (root / "x").write_text("x")
    with open_tree(os.fsencode(root), "ours", Replacing()) as tree, pytest.raises(NotAsExpected):
        tree.move(b"x", b"y", look(root / "x"))
    assert (root / "x").read_text() == "theirs"
    assert (root / "mine").read_text() == "x"
    assert not (root / "y").exists()


def test_a_folder_that_is_renamed_away_in_the_very_moment_gets_nothing(root: Path) -> None:
    class Swapping(Calls):
        def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
            if (root / "to").exists():
                (root / "to").rename(root / "elsewhere")
            super().move_to_free(old, folder, new, new_folder)

    (root / "to").mkdir()
    (root / "x").write_text("x")
    with open_tree(os.fsencode(root), "ours", Swapping()) as tree, pytest.raises(NotAsExpected):
        tree.move(b"x", b"to/x", look(root / "x"))
    assert (root / "x").read_text() == "x"
    assert list((root / "elsewhere").iterdir()) == []


def test_no_link_is_followed_and_nothing_leaves_the_root(root: Path, tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (root / "in").mkdir()
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "inside").symlink_to("in")
    (root / "x").write_text("x")
    for target in (b"out/x", b"inside/x", b"../x", b"in/../y", b"/x", b"in//x"):
        with pytest.raises(OSError, match="Errno") as raised:
            tree.move(b"x", target, look(root / "x"))
        assert raised.value.errno in (errno.ELOOP, errno.ENOTDIR, errno.EINVAL)
    assert tree.snapshot([b"out/y", b"inside/y", b"out"]) | {b"out": None} == {
        b"out/y": None,
        b"inside/y": None,
        b"out": None,
    }
    there = tree.snapshot([b"out"])[b"out"]
    assert there is not None
    assert there.kind is Kind.OTHER
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_folder_gets_the_mode_of_the_one_above_also_after_a_crash_in_between(root: Path, tree: Tree) -> None:
    (root / "above").mkdir()
    (root / "above").chmod(0o2775)
    assert tree.make_folder(b"above/new")
    assert (root / "above" / "new").stat().st_mode & 0o7777 == 0o2775
    (root / "above" / "half").mkdir(0o700)
    assert not tree.make_folder(b"above/half")
    assert (root / "above" / "half").stat().st_mode & 0o7777 == 0o2775
    (root / "above" / "theirs").mkdir(0o700)
    (root / "above" / "theirs" / "x").write_text("x")
    assert not tree.make_folder(b"above/theirs")
    assert (root / "above" / "theirs").stat().st_mode & 0o777 == 0o700, "it is in use: not ours to change"
    (root / "above" / "file").write_text("x")
    with pytest.raises(Occupied):
        tree.make_folder(b"above/file")


def test_only_an_empty_folder_is_removed_and_never_the_root(root: Path, tree: Tree) -> None:
    (root / "full").mkdir()
    (root / "full" / ".hidden").write_text("x")
    (root / "empty").mkdir()
    (root / "link").symlink_to("empty")
    assert [tree.remove_folder(path) for path in (b"full", b"link", b"gone", b"", b"../root")] == [False] * 5
    assert tree.remove_folder(b"empty")
    assert (root / "full" / ".hidden").exists()


def test_a_disc_folder_is_known_by_its_files_and_moves_as_a_whole(root: Path, tree: Tree) -> None:
    (root / "a" / "VIDEO_TS").mkdir(parents=True)
    (root / "a" / "VIDEO_TS" / "one").write_text("1")
    (root / "a" / "VIDEO_TS" / "two").write_text("22")
    (root / "b").mkdir()
    there = tree.snapshot([b"a/VIDEO_TS"])[b"a/VIDEO_TS"]
    assert there is not None
    assert (there.size, there.kind) == (3, Kind.FOLDER)
    tree.move(b"a/VIDEO_TS", b"b/VIDEO_TS", there.look)
    assert (root / "b" / "VIDEO_TS" / "two").read_text() == "22"


def test_a_root_without_its_marker_is_gone(root: Path, tmp_path: Path) -> None:
    for path, marker in ((root, "other"), (tmp_path / "nowhere", "ours"), (tmp_path, "ours")):
        with pytest.raises(RootGone), open_tree(os.fsencode(path), marker):
            pass


def test_names_of_any_bytes_and_the_longest_are_moved(root: Path, tree: Tree) -> None:
    for old, new in ((b"a\xff\n", b"\xfe" * 255), (b"\xfe" * 255, b"new\nline")):
        if not os.path.lexists(os.path.join(os.fsencode(root), old)):
            with open(os.path.join(os.fsencode(root), old), "wb"):
                pass
        status = os.lstat(os.path.join(os.fsencode(root), old))
        tree.move(old, new, (status.st_size, status.st_mtime_ns, status.st_ino))
    assert sorted(os.listdir(os.fsencode(root))) == [b".mediastead-library", b"new\nline"]
    (root / "x").write_text("x")
    with pytest.raises(OSError, match="too long") as raised:
        tree.move(b"x", b"n" * 256, look(root / "x"))
    assert raised.value.errno == errno.ENAMETOOLONG


def test_the_disk_is_found_capable_and_nothing_is_left_of_the_trying(root: Path, tree: Tree) -> None:
    assert tree.why_not_capable() is None
    assert os.listdir(root) == [".mediastead-library"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (errno.EINVAL, "cannot rename"),
        (errno.ENOSYS, "cannot rename"),
        (errno.EPERM, "cannot rename"),
        (None, "overwrites"),
    ],
)
def test_a_disk_that_cannot_promise_not_to_overwrite_is_not_capable(root: Path, answer: int | None, words: str) -> None:
    class Poor(Calls):
        def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
            if answer is not None:
                raise OSError(answer, os.strerror(answer))
            os.rename(old, new, src_dir_fd=folder, dst_dir_fd=new_folder)

    with open_tree(os.fsencode(root), "ours", Poor()) as tree:
        assert words in (tree.why_not_capable() or "")
    assert os.listdir(root) == [".mediastead-library"]

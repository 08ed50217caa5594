"""Files beneath a root are made, replaced and removed whole or not at all, wherever a call fails or the process dies."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mediastead.disk.beneath import NotAsExpected, OpenFolder, open_folder
from mediastead.disk.calls import CALLS, Calls

from .failing import Killed, Watched, WithoutRename2

NAME, OLD, NEW = b"Film.nfo", b"old", b"new"

Change = Callable[[OpenFolder], None]
CHANGES: dict[str, tuple[Change, bytes | None, bytes | None]] = {
    "create": (lambda folder: folder.create(NAME, NEW), None, NEW),
    "replace": (lambda folder: folder.replace(NAME, NEW, OLD), OLD, NEW),
    "remove": (lambda folder: folder.remove(NAME, OLD), OLD, None),
}
"""The change, what is there before it, and after."""


def content_of(root: Path) -> bytes | None:
    path = root / os.fsdecode(NAME)
    return path.read_bytes() if path.exists() else None


def prepared(root: Path, before: bytes | None) -> bytes:
    root.mkdir(exist_ok=True)
    for entry in root.iterdir():
        entry.unlink()
    (root / "Film.mkv").write_bytes(b"a user's film")
    if before is not None:
        (root / os.fsdecode(NAME)).write_bytes(before)
    return os.fsencode(root)


@pytest.mark.parametrize("make", [Watched, WithoutRename2])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_whichever_call_fails_the_file_is_the_old_or_the_new_one(
    tmp_path: Path, make: type[Watched], change: str, number: int
) -> None:
    do, before, after = CHANGES[change]
    root = prepared(tmp_path / "root", before)
    counting = make()
    with open_folder(root, b"", counting) as folder:
        do(folder)
    assert content_of(tmp_path / "root") == after
    assert counting.made >= 2
    for at in range(1, counting.made + 1):
        prepared(tmp_path / "root", before)
        failing = make(at, OSError(number, os.strerror(number)))
        failed = False
        with open_folder(root, b"", failing) as folder:
            try:
                do(folder)
            except OSError as error:
                assert error.errno == number
                failed = True
        assert content_of(tmp_path / "root") in (before, after)
        assert failed or content_of(tmp_path / "root") == after
        left = {entry.name for entry in (tmp_path / "root").iterdir()} - {"Film.mkv", os.fsdecode(NAME)}
        if failing.made == at:  # an undoing that fails as well is what `clean_up` is for
            assert len(left) <= 1
        assert (tmp_path / "root" / "Film.mkv").read_bytes() == b"a user's film"


@pytest.mark.parametrize("make", [Watched, WithoutRename2])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("after_it", [False, True])
def test_wherever_the_process_dies_nothing_is_torn_and_what_is_left_is_cleaned_up(
    tmp_path: Path, make: type[Watched], change: str, after_it: bool
) -> None:
    do, before, after = CHANGES[change]
    root = prepared(tmp_path / "root", before)
    counting = make()
    with open_folder(root, b"", counting) as folder:
        do(folder)
    for at in range(1, counting.made + 1):
        prepared(tmp_path / "root", before)
        with pytest.raises(Killed), open_folder(root, b"", make(at, Killed(), after=after_it)) as folder:
            do(folder)
        there = content_of(tmp_path / "root")
        assert there in (before, after) or (change == "remove" and there is None)
        with open_folder(root, b"") as folder:
            folder.clean_up(lambda content: content in (OLD, NEW))
        assert {entry.name for entry in (tmp_path / "root").iterdir()} <= {"Film.mkv", os.fsdecode(NAME)}
        assert content_of(tmp_path / "root") == there


def test_a_name_that_is_taken_is_never_written_over(tmp_path: Path) -> None:
    for calls in (CALLS, WithoutRename2()):
        root = prepared(tmp_path / "root", OLD)
        with open_folder(root, b"", calls) as folder, pytest.raises(FileExistsError):
            folder.create(NAME, NEW)
        (tmp_path / "root" / "link.nfo").symlink_to("nowhere")
        with open_folder(root, b"", calls) as folder, pytest.raises(FileExistsError):
            folder.create(b"link.nfo", NEW)
        assert content_of(tmp_path / "root") == OLD
        assert sorted(os.listdir(root)) == [b"Film.mkv", b"Film.nfo", b"link.nfo"]


class EditedMeanwhile(Calls):
    """Somebody saves the file in the last moment before it is taken out of its place."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def exchange(self, one: bytes, other: bytes, folder: int) -> None:
        if self._path.read_bytes() == OLD:
            self._path.write_bytes(b"edited")
        super().exchange(one, other, folder)

    def rename(self, old: bytes, new: bytes, folder: int) -> None:
        if old == NAME:
            self._path.write_bytes(b"edited")
        super().rename(old, new, folder)


@pytest.mark.parametrize("change", ["replace", "remove"])
def test_what_was_edited_in_the_last_moment_is_put_back(tmp_path: Path, change: str) -> None:
    root = prepared(tmp_path / "root", OLD)
    calls = EditedMeanwhile(tmp_path / "root" / os.fsdecode(NAME))
    with open_folder(root, b"", calls) as folder, pytest.raises(NotAsExpected):
        CHANGES[change][0](folder)
    assert content_of(tmp_path / "root") == b"edited"
    assert sorted(os.listdir(root)) == [b"Film.mkv", b"Film.nfo"]


@pytest.mark.parametrize("change", ["replace", "remove"])
def test_what_is_not_as_expected_is_left(tmp_path: Path, change: str) -> None:
    root = prepared(tmp_path / "root", b"the user's own")
    with open_folder(root, b"") as folder, pytest.raises(NotAsExpected):
        CHANGES[change][0](folder)
    assert content_of(tmp_path / "root") == b"the user's own"


def test_cleaning_up_leaves_what_is_not_ours(tmp_path: Path) -> None:
    root = prepared(tmp_path / "root", None)
    (tmp_path / "root" / ".mediastead-swap-1").write_bytes(b"the user's own")
    (tmp_path / "root" / ".mediastead-tmp-1").write_bytes(b"half a f")
    with open_folder(root, b"") as folder:
        assert folder.clean_up(lambda content: content == NEW) == 1
    assert sorted(os.listdir(root)) == [b".mediastead-swap-1", b"Film.mkv"]


def test_no_link_leads_out_of_the_root(tmp_path: Path) -> None:
    (tmp_path / "outside" / "folder").mkdir(parents=True)
    (tmp_path / "outside" / "file").write_bytes(OLD)
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "root" / "Film.nfo").symlink_to(tmp_path / "outside" / "file")
    root = os.fsencode(tmp_path / "root")
    for path in (b"link", b"link/folder"):
        with pytest.raises(OSError) as raised, open_folder(root, path):
            pass
        assert raised.value.errno in (errno.ELOOP, errno.ENOTDIR)
    for path in (b"..", b"../outside", b"a/../..", b"/etc", b"a//b", b"."):
        with pytest.raises(OSError) as raised, open_folder(root, path):
            pass
        assert raised.value.errno == errno.EINVAL
    with open_folder(root, b"") as folder:
        for touch in (
            lambda: folder.read(NAME, 10),
            lambda: folder.replace(NAME, NEW, OLD),
            lambda: folder.remove(NAME, OLD),
            lambda: folder.set_attribute(NAME, "user.mediastead", b"{}"),
        ):
            with pytest.raises(OSError) as raised:
                touch()
            assert raised.value.errno == errno.ELOOP
    assert (tmp_path / "outside" / "file").read_bytes() == OLD


def test_a_new_file_has_the_mode_and_owner_of_its_folder(tmp_path: Path) -> None:
    root = prepared(tmp_path / "root", None)
    (tmp_path / "root").chmod(0o2775)
    with open_folder(root, b"") as folder:
        folder.create(NAME, NEW)
    made, above = (tmp_path / "root" / "Film.nfo").stat(), (tmp_path / "root").stat()
    assert stat.S_IMODE(made.st_mode) == 0o664
    assert (made.st_uid, made.st_gid) == (above.st_uid, above.st_gid)


def test_an_attribute_changes_neither_content_nor_mtime(tmp_path: Path) -> None:
    root = prepared(tmp_path / "root", None)
    path = tmp_path / "root" / "Film.mkv"
    before = path.stat()
    with open_folder(root, b"") as folder:
        try:
            folder.set_attribute(b"Film.mkv", "user.mediastead", b"{}")
        except OSError as error:
            pytest.skip(f"the file system of {tmp_path} has no extended attributes: {error.strerror}")
        assert folder.attribute(b"Film.mkv", "user.mediastead") == b"{}"
        assert folder.attribute(b"Film.mkv", "user.other") is None
        folder.set_attribute(b"Film.mkv", "user.mediastead", None)
        assert folder.attribute(b"Film.mkv", "user.mediastead") is None
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)

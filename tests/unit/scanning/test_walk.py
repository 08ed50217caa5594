# ruff: noqa: PTH102 - paths are bytes here, and tests may block
"""What the walk shows of a tree, and what it leaves out and why."""

import os
import socket
import stat
from pathlib import Path

import pytest

from mediastead.libraries.patterns import exclude_patterns
from mediastead.scanning.found import NO_LONGER_MOUNTED, FileSystem, Gap, Listing
from mediastead.scanning.mounts import mounted_folders
from mediastead.scanning.walk import Walk


class Seen:
    """A walk's whole answer, by path."""

    def __init__(self, root: Path, **options: object) -> None:
        self.listings: list[Listing] = []
        self.gaps: list[Gap] = []
        for one in Walk(os.path.realpath(os.fsencode(root)), **options).listings():  # type: ignore[arg-type] - as given
            if isinstance(one, Gap):
                self.gaps.append(one)
            else:
                self.listings.append(one)
                self.gaps += one.gaps

    @property
    def files(self) -> list[bytes]:
        return [os.path.join(each.path, file.name) for each in self.listings for file in each.files]

    @property
    def hidden(self) -> dict[bytes, str]:
        return {each.path: each.rule for listing in self.listings for each in listing.hidden}


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x")


def test_folders_come_in_the_order_of_their_names_and_parents_first(tmp_path: Path) -> None:
    put(tmp_path, "b/z.mkv", "b/a/c.MKV", "a.mp4", "c/d/e.avi", "Z/x.mkv")
    seen = Seen(tmp_path)
    assert [listing.path for listing in seen.listings] == [b"", b"Z", b"b", b"b/a", b"c", b"c/d"]
    assert seen.files == [b"a.mp4", b"Z/x.mkv", b"b/z.mkv", b"b/a/c.MKV", b"c/d/e.avi"]


def test_only_video_suffixes_are_media_files_and_the_rest_is_counted(tmp_path: Path) -> None:
    put(tmp_path, "a.mkv", "a.nfo", "a.srt", "poster.jpg", "mkv", "b.mkv.part", "c.iso", "d.ts")
    seen = Seen(tmp_path)
    assert seen.files == [b"a.mkv", b"c.iso", b"d.ts"]
    assert seen.listings[0].others == 5


def test_a_disc_folder_is_one_file_with_the_sum_of_its_sizes(tmp_path: Path) -> None:
    put(tmp_path, "Film/VIDEO_TS/VIDEO_TS.IFO", "Film/VIDEO_TS/VTS_01_1.VOB", "Other/BDMV/STREAM/00001.m2ts")
    os.utime(tmp_path / "Film/VIDEO_TS/VTS_01_1.VOB", ns=(5, 5))
    os.utime(tmp_path / "Film/VIDEO_TS/VIDEO_TS.IFO", ns=(7, 7))
    seen = Seen(tmp_path)
    assert seen.files == [b"Film/VIDEO_TS", b"Other/BDMV"]
    look = next(listing for listing in seen.listings if listing.path == b"Film").files[0].look
    assert (look.size, look.mtime_ns) == (2, 7)
    assert look.inode == (tmp_path / "Film/VIDEO_TS").stat().st_ino


@pytest.mark.parametrize(
    ("folder", "rule"),
    [
        ("@eaDir", "@eaDir"),
        ("#recycle", "#recycle"),
        ("$RECYCLE.BIN", "$RECYCLE.BIN"),
        ("System Volume Information", "Windows"),
        ("lost+found", "lost+found"),
        (".mediastead-trash", "trash"),
        (".hidden", "dot"),
    ],
)
def test_folders_that_are_no_ones_films_are_hidden_with_the_rule(tmp_path: Path, folder: str, rule: str) -> None:
    put(tmp_path, f"{folder}/a.mkv", "b.mkv")
    seen = Seen(tmp_path)
    assert seen.files == [b"b.mkv"]
    assert rule in seen.hidden[folder.encode()]


def test_hidden_files_are_named_and_our_marker_is_no_media_file(tmp_path: Path) -> None:
    put(tmp_path, "._a.mkv", ".b.mkv", ".DS_Store", ".mediastead-library", "a.mkv")
    seen = Seen(tmp_path)
    assert seen.files == [b"a.mkv"]
    assert set(seen.hidden) == {b"._a.mkv", b".b.mkv"}


def test_nomedia_hides_a_folder_and_all_beneath_it(tmp_path: Path) -> None:
    put(tmp_path, "a/.nomedia", "a/x.mkv", "a/b/y.mkv", "c.mkv")
    seen = Seen(tmp_path)
    assert seen.files == [b"c.mkv"]
    assert seen.hidden == {b"a": ".nomedia"}


def test_an_empty_ignore_file_hides_its_folder_but_an_empty_plexignore_hides_nothing(tmp_path: Path) -> None:
    put(tmp_path, "a/x.mkv", "b/x.mkv", "c/x.mkv")
    (tmp_path / "a/.ignore").write_text("")
    (tmp_path / "b/.plexignore").write_text("# only words\n")
    (tmp_path / "c/.ignore").write_text("# only words\n\n")
    seen = Seen(tmp_path)
    assert seen.files == [b"b/x.mkv"]


def test_patterns_in_a_folder_hold_beneath_it_and_nowhere_else(tmp_path: Path) -> None:
    put(tmp_path, "a/Extras/x.mkv", "a/b/c.sample.mkv", "a/b/keep.sample.mkv", "a/d.mkv", "Extras/y.mkv")
    (tmp_path / "a/.plexignore").write_text("# comment\nExtras/\n*.sample.mkv\n!keep.sample.mkv\n[z-a]\n")
    seen = Seen(tmp_path)
    assert seen.files == [b"Extras/y.mkv", b"a/d.mkv", b"a/b/keep.sample.mkv"]
    assert seen.hidden == {b"a/Extras": ".plexignore Extras/", b"a/b/c.sample.mkv": ".plexignore *.sample.mkv"}


def test_a_librarys_own_patterns_are_relative_to_its_root(tmp_path: Path) -> None:
    put(tmp_path, "Extras/x.mkv", "Film/Extras/y.mkv", "Film/z.mkv")
    seen = Seen(tmp_path, excluded=exclude_patterns(["/Extras/", "z.*"]))
    assert seen.files == [b"Film/Extras/y.mkv"]
    assert seen.hidden == {b"Extras": "pattern /Extras/", b"Film/z.mkv": "pattern z.*"}


def test_symlinks_out_of_the_root_are_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    put(root, "a.mkv", "sub/b.mkv")
    put(outside, "c.mkv")
    (root / "folder").symlink_to(outside)
    (root / "file.mkv").symlink_to(outside / "c.mkv")
    (root / "sub/up").symlink_to("../../outside")
    (root / "poster.jpg").symlink_to(outside / "c.mkv")
    (root / "sibling").symlink_to(str(root) + "-other")
    seen = Seen(root)
    assert seen.files == [b"a.mkv", b"sub/b.mkv"]
    assert seen.hidden == dict.fromkeys([b"folder", b"file.mkv", b"sub/up"], "symlink out of the library")


def test_symlinks_inside_the_root_are_followed_and_each_folder_counts_once(tmp_path: Path) -> None:
    put(tmp_path, ".store/x.mkv", "real/y.mkv")
    (tmp_path / "Film.mkv").symlink_to(".store/x.mkv")
    (tmp_path / "a-link-before-real").symlink_to("real")
    (tmp_path / "from-store").symlink_to(".store")
    (tmp_path / "again-from-store").symlink_to(".store")
    seen = Seen(tmp_path)
    assert seen.files == [b"Film.mkv", b"real/y.mkv", b"again-from-store/x.mkv"]
    assert seen.gaps == []


def test_loops_end(tmp_path: Path) -> None:
    put(tmp_path, "a/b/x.mkv")
    (tmp_path / "a/b/up").symlink_to(tmp_path)
    (tmp_path / "a/self").symlink_to("self")
    (tmp_path / "a/self.mkv").symlink_to("self.mkv")
    (tmp_path / "a/gone.mkv").symlink_to("nothing.mkv")
    seen = Seen(tmp_path)
    assert seen.files == [b"a/b/x.mkv"]
    assert set(seen.hidden) == {b"a/self.mkv", b"a/gone.mkv"}
    assert seen.gaps == []


def test_pipes_sockets_and_devices_are_no_media_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mkv")
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.path.relpath(tmp_path / "socket.mkv"))
    if os.geteuid() == 0:
        os.mknod(tmp_path / "device.mkv", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    (tmp_path / "folder.mkv").mkdir()
    put(tmp_path, "film.mkv", "folder.mkv/inner.mkv")
    seen = Seen(tmp_path)
    server.close()
    assert seen.files == [b"film.mkv", b"folder.mkv/inner.mkv"]


def test_names_that_are_no_text_are_names(tmp_path: Path) -> None:
    names = [b"caf\xe9.mkv", b"new\nline.mkv", b"\x01.mkv", b"x" * 251 + b".mkv"]
    for name in names:
        open(os.path.join(os.fsencode(tmp_path), name), "wb").close()
    os.mkdir(os.path.join(os.fsencode(tmp_path), b"d\xff"))
    open(os.path.join(os.fsencode(tmp_path), b"d\xff", b"\xfe.mkv"), "wb").close()
    assert Seen(tmp_path).files == [*sorted(names), b"d\xff/\xfe.mkv"]


def test_paths_longer_than_the_system_takes_in_one_piece_are_walked(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("y" * 250, dir_fd=here)
        deeper = os.open("y" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(os.open("deep.mkv", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    [path] = Seen(tmp_path).files
    assert (len(path), path[-9:]) == (20 * 251 + 8, b"/deep.mkv")


def test_folders_nested_without_end_are_a_gap(tmp_path: Path) -> None:
    here = tmp_path
    for _ in range(205):
        here = here / "d"
        here.mkdir()
    [gap] = Seen(tmp_path).gaps
    assert gap.path.count(b"/") == 199
    assert "200 deep" in gap.reason


class Refusing(FileSystem):
    def __init__(self, error: int) -> None:
        self._error = error

    def entries(self, folder: int) -> list[os.DirEntry[str]]:
        found = super().entries(folder)
        if any(entry.name == "refuse" for entry in found):
            raise OSError(self._error, os.strerror(self._error))
        return found


@pytest.mark.parametrize(("error", "name"), [(13, "EACCES"), (5, "EIO"), (116, "ESTALE")])
def test_a_listing_that_fails_is_a_gap_with_its_reason(tmp_path: Path, error: int, name: str) -> None:
    put(tmp_path, "a/refuse", "a/x.mkv", "b/y.mkv")
    seen = Seen(tmp_path, file_system=Refusing(error))
    assert seen.files == [b"b/y.mkv"]
    assert seen.gaps == [Gap(b"a", f"{os.strerror(error)} ({name})")]


def test_what_a_symlink_leads_to_may_lie_in_a_gap(tmp_path: Path) -> None:
    put(tmp_path, "link-side/x.mkv")
    (tmp_path / "disk").mkdir()
    (tmp_path / "link-side/film.mkv").symlink_to("../disk/film.mkv")
    seen = Seen(tmp_path, expected_mounts=[b"disk"])
    assert {gap.path for gap in seen.gaps} == {b"disk", b"link-side/film.mkv"}


def test_a_mount_point_beneath_a_hidden_folder_is_no_gap(tmp_path: Path) -> None:
    put(tmp_path, ".hidden/disk/x.mkv")
    seen = Seen(tmp_path, expected_mounts=[b".hidden/disk", b"gone/disk"])
    assert [gap.path for gap in seen.gaps] == [b"gone/disk"]


def test_a_file_that_vanishes_while_it_is_looked_at_is_just_not_there(tmp_path: Path) -> None:
    put(tmp_path, "a.mkv", "b.mkv", "c/d.mkv")

    class Racing(FileSystem):
        def entries(self, folder: int) -> list[os.DirEntry[str]]:
            found = super().entries(folder)
            for entry in found:
                if entry.name == "a.mkv":
                    (tmp_path / "a.mkv").unlink()
                if entry.name == "c":
                    (tmp_path / "c/d.mkv").unlink()
                    (tmp_path / "c").rmdir()
            return found

    seen = Seen(tmp_path, file_system=Racing())
    assert (seen.files, seen.gaps) == ([b"b.mkv"], [])


def test_no_folder_stays_open(tmp_path: Path) -> None:
    put(tmp_path, "a/b/c/d.mkv", "e/f.mkv", "VIDEO_TS/x.vob")
    (tmp_path / "link").symlink_to("a")
    before = len(os.listdir("/proc/self/fd"))
    Seen(tmp_path)
    walk = Walk(os.fsencode(tmp_path)).listings()
    next(walk)
    next(walk)
    walk.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_disk_that_was_mounted_anew_since_the_scan_began_is_a_gap(tmp_path: Path) -> None:
    put(tmp_path, "disk/a.mkv", "b.mkv")
    folders = mounted_folders(os.fsencode(tmp_path), [b"disk", b"gone"])
    assert set(folders) == {b"disk"}
    assert Seen(tmp_path, mounts=[b"disk"], mounted_folders=folders).files == [b"b.mkv", b"disk/a.mkv"]
    (tmp_path / "disk").rename(tmp_path / ".taken off")
    (tmp_path / "disk").mkdir()
    seen = Seen(tmp_path, mounts=[b"disk"], mounted_folders=folders)
    assert (seen.files, seen.gaps) == ([b"b.mkv"], [Gap(b"disk", NO_LONGER_MOUNTED)])

"""Reading the mount table."""

import os
from pathlib import Path

from mediastead.scanning.look import look_at
from mediastead.scanning.mounts import identity_of, mounts_beneath
from mediastead.scanning.queries import KnownPath
from mediastead.scanning.root import strange_disks

TABLE = rb"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 8:2 / /srv/films rw,relatime shared:2 - ext4 /dev/sda2 rw
41 40 0:51 / /srv/films/usb\040disk/old rw - fuse.mergerfs a:b rw
42 22 8:3 / /srv/films-other rw - ext4 /dev/sda3 rw
short line
"""


def test_mounts_beneath_a_root_are_told_relative_to_it(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_bytes(TABLE)
    assert mounts_beneath(b"/srv/films", str(table)) == {b"": 40, b"usb disk/old": 41}
    assert mounts_beneath(b"/", str(table)) == {
        b"": 22,
        b"srv/films": 40,
        b"srv/films/usb disk/old": 41,
        b"srv/films-other": 42,
    }


def test_without_a_mount_table_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert mounts_beneath(b"/srv", str(tmp_path / "none")) == {}


def test_a_folder_is_known_again_and_told_from_another_of_the_same_disk(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    here, other = os.fsencode(tmp_path), os.fsencode(tmp_path / "other")
    assert identity_of(here) == identity_of(here) != identity_of(other)
    assert identity_of(os.fsencode(tmp_path / "none")) is None


def test_a_disk_is_strange_where_none_of_its_files_is_on_another_one(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path)
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "film.mkv").write_bytes(b"film")
    look = look_at(os.fsencode(tmp_path / "disk" / "film.mkv"))
    assert look is not None
    there = KnownPath(b"disk", b"film.mkv", look.size, look.mtime_ns)
    gone = KnownPath(b"disk", b"gone.mkv", 5, 5)
    former: dict[bytes, str | None] = {b"disk": "1f/2"}
    assert strange_disks(root, former, {b"disk": [gone]}) == {b"disk"}
    assert strange_disks(root, former, {b"disk": [gone, there]}) == set()  # copied, or numbered anew
    assert strange_disks(root, former, {b"disk": []}) == set()  # nothing can be lost
    assert strange_disks(root, {b"disk": None}, {b"disk": [gone]}) == {b"disk"}
    assert strange_disks(root, {b"disk": identity_of(root + b"/disk")}, {b"disk": [gone]}) == set()  # emptied
    assert strange_disks(root, former) == {b"disk"}

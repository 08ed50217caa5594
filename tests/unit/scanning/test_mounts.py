"""Reading the mount table."""

from pathlib import Path

from mediastead.scanning.mounts import mounts_beneath

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

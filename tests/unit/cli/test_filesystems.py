"""Where a path lies, from what the system says of its mounts."""

from pathlib import Path

from mediastead.cli.filesystems import Mount, mount_of, mounts_in, mounts_said

MOUNTINFO = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:45 / /srv/my\\040films rw,relatime shared:9 master:3 - nfs4 nas:/films rw,vers=4.2
31 22 0:46 / /mnt/box rw,nosuid - fuse.sshfs ada@box: rw
broken line
"""

MACOS = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//ada@nas/films on /Volumes/films (smbfs, nodev, nosuid, mounted by ada)
"""


def test_mountinfo_gives_points_with_spaces_and_types() -> None:
    assert mounts_in(MOUNTINFO) == [Mount("/", "ext4"), Mount("/srv/my films", "nfs4"), Mount("/mnt/box", "fuse.sshfs")]


def test_the_output_of_mount_gives_points_and_types() -> None:
    assert mounts_said(MACOS) == [Mount("/", "apfs"), Mount("/Volumes/films", "smbfs")]


def test_network_file_systems_are_told_from_local_ones() -> None:
    assert [mount.network for mount in mounts_in(MOUNTINFO)] == [False, True, True]
    assert [mount.network for mount in mounts_said(MACOS)] == [False, True]


def test_a_path_that_does_not_exist_yet_lies_where_it_will_be_made(tmp_path: Path) -> None:
    here = mount_of(tmp_path)
    assert here is not None
    assert mount_of(tmp_path / "not" / "yet.db") == here
    assert str(tmp_path.resolve()).startswith(here.point)

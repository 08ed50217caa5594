"""On what kind of file system a path lies."""

import os
import re
import subprocess
import sys
from pathlib import Path

from msgspec import Struct

NETWORK = frozenset(
    {
        "9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "fuse.ceph", "fuse.cephfs", "fuse.glusterfs", "fuse.rclone", "fuse.sshfs",
        "fuse.smbnetfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs", "webdav", "fuse.davfs2",
    }
)  # fmt: skip
"""Where SQLite's locks and shared memory can't be depended on (https://www.sqlite.org/useovernet.html)."""


class Mount(Struct, frozen=True):
    point: str
    type: str

    @property
    def network(self) -> bool:
        return self.type in NETWORK


def mount_of(path: Path) -> Mount | None:
    """The mount that holds `path`, or that will hold it once it is made; None where the system does not tell."""
    real = os.path.realpath(path)
    holding = [mount for mount in _mounts() if _holds(mount.point, real)]
    # Of mounts on the same point the last one covers the others.
    return max(enumerate(holding), key=lambda each: (len(each[1].point), each[0]))[1] if holding else None


def mounts_in(mountinfo: str) -> list[Mount]:
    """The lines of `/proc/self/mountinfo` (proc_pid_mountinfo(5))."""
    found: list[Mount] = []
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > 4 and after:
            point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
            found.append(Mount(point, after.split(" ")[0]))
    return found


def mounts_said(output: str) -> list[Mount]:
    """The lines of macOS's and BSD's `mount`: `/dev/disk1 on /Volumes/x (apfs, local)`."""
    lines = (re.match(r".* on (/.*) \((\w+)", line) for line in output.splitlines())
    return [Mount(line[1], line[2]) for line in lines if line]


def _mounts() -> list[Mount]:
    try:
        if sys.platform == "linux":
            return mounts_in(Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape"))
        return mounts_said(
            subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=10, check=False).stdout
        )
    except (OSError, subprocess.TimeoutExpired):
        return []


def _holds(point: str, path: str) -> bool:
    return point == "/" or path == point or path.startswith(point + "/")

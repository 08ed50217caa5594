"""Which folders beneath a root are mount points now, as Linux tells it; elsewhere only device numbers tell."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress

MOUNT_TABLE = "/proc/self/mountinfo"

_ESCAPED = re.compile(rb"\\([0-7]{3})")


def mounted_folders(root: bytes, mounts: Iterable[bytes]) -> dict[bytes, tuple[int, int]]:
    """Device and inode of what is mounted at these paths; without those that cannot be looked at now.

    A look at the folder itself mounts what is mounted on demand (autofs).
    """
    found: dict[bytes, tuple[int, int]] = {}
    for path in mounts:
        with suppress(OSError):
            status = os.stat(os.path.join(root, path, b"."))  # noqa: PTH116 - a path of bytes
            found[path] = (status.st_dev, status.st_ino)
    return found


def identity_of(folder: bytes) -> str | None:
    """Of the file system that the folder is on, and of the folder there, in hexadecimal: `3f2a91c0/2`; None where it cannot be
    looked at. A bind mount of another folder of the same disk has another one.

    File systems that have an id of their own (ext4, Btrfs) keep it for good; others make theirs of the device number (XFS,
    tmpfs), which may be another after a restart, or have none (some network shares), where the device number stands for it.
    """
    try:
        status = os.stat(folder)  # noqa: PTH116 - a path of bytes
        return f"{os.statvfs(folder).f_fsid or status.st_dev:x}/{status.st_ino:x}"
    except OSError:
        return None


def mounts_beneath(root: bytes, table: str = MOUNT_TABLE) -> dict[bytes, int]:
    """Path relative to `root` (`b""`: the root itself) to the mount's number; empty where there is no mount table.

    `root` must be a real path. A number may be given again once its mount is gone: whether what is mounted is the same still,
    `mounted_folders` tells. A bind mount of the same file system shows here too, though its device number does not give it away.
    """
    try:
        with open(table, "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return {}
    found: dict[bytes, int] = {}
    for line in lines:
        # "36 35 98:0 /mnt1 /mnt/parent/mnt2 rw,noatime ...", see proc_pid_mountinfo(5)
        fields = line.split(b" ", 5)
        if len(fields) < 6:
            continue
        path = _ESCAPED.sub(lambda escaped: bytes([int(escaped[1], 8)]), fields[4])
        if path == root:
            found[b""] = int(fields[0])
        elif path.startswith(root.rstrip(b"/") + b"/"):
            found[os.path.relpath(path, root)] = int(fields[0])
    return found

"""Who may read and change what is put beneath a root: mode and group, as the folder above has them or as was set."""

import errno
import grp
import os
import stat
from typing import NamedTuple

from .calls import Calls

NOT_ALLOWED = (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL)
"""What the system answers where only root, a member of the group, or nobody on that file system may do it."""
OF_FILES, OF_FOLDERS = 0o666, 0o3777
"""What of a folder's mode files and folders in it get: files are not to be executed, and a folder hands its group on, and that
nobody deletes in it what is another's (the sticky bit)."""


class Access(NamedTuple):
    """What was set for a root; None: as the folder above."""

    file_mode: int | None = None
    folder_mode: int | None = None
    group: int | None = None
    """Its number."""


AS_ABOVE = Access()


def number_of(group: str) -> int | None:
    """None where the system knows no such group."""
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        return None


def give(
    file: int,
    mode: int | None,
    group: int | None,
    above: os.stat_result,
    calls: Calls,
    *,
    owner: bool,
    at_most: tuple[int, int] | None = None,
) -> bool:
    """Set mode and group of a file or folder that is open; None: like the folder `above`, of which the umask is no part. Whether
    it has them now. Raises OSError where it was not allowed what is not None. `owner`: also the owner, if that is allowed;
    `at_most`: mode and group that it had, so that nobody gets a right that he had not."""
    before = os.fstat(file)
    wanted = above.st_gid if group is None else group
    has = (
        _chown(file, above.st_uid, wanted, calls)
        if owner and before.st_uid != above.st_uid
        else before.st_gid == wanted
    )
    if not has:
        has = _chown(file, -1, wanted, calls)
    if not has and group is not None:
        raise OSError(errno.EPERM, f"the group {group} cannot be given")
    bits = OF_FOLDERS if stat.S_ISDIR(before.st_mode) else OF_FILES
    new = stat.S_IMODE(above.st_mode) & bits if mode is None else mode
    if at_most is not None:
        new &= at_most[0]
        if os.fstat(file).st_gid != at_most[1]:  # to whom it was one of all others
            new &= ~0o070 | (at_most[0] & 0o007) << 3
    if stat.S_IMODE(os.fstat(file).st_mode) != new:
        try:
            calls.chmod(file, new)
        except OSError as error:
            if mode is not None or error.errno not in NOT_ALLOWED:
                raise
            return False
    return has


def _chown(file: int, owner: int, group: int, calls: Calls) -> bool:
    try:
        calls.chown(file, owner, group)
    except OSError as error:
        if error.errno not in NOT_ALLOWED:
            raise
        return False
    return True

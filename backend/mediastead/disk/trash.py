"""Deleting what lies in the trash of a root: the only place where a file of a user's is ever unlinked."""

import os
import stat

from .beneath import NotAsExpected
from .folders import delete_folder
from .marker import TRASH_NAME
from .moving import Kind, RootGone, There, Tree


def is_as_put(there: There, look: tuple[int, int, int], *, begun: bool) -> bool:
    """Whether it looks so (size, mtime, inode). `begun`: of a disc folder some files may be gone, because whoever deleted it died
    or was refused; then the folder's number tells."""
    return there.look == look or (begun and there.kind is Kind.FOLDER and there.inode == look[2])


def expect_mounted(tree: Tree, folder: bytes) -> None:
    """Raises `RootGone` where this trash folder, at the top of a mount beneath the root, is not there and that is not mounted."""
    top = folder.rpartition(b"/")[0]
    if top and tree.names(folder) is None and tree.mount_of(folder) == tree.mount_of(top):
        raise RootGone(f"the disk that was mounted at {os.fsdecode(top)} is not mounted")


def delete(tree: Tree, place: bytes, look: tuple[int, int, int], *, begun: bool) -> None:
    """Delete the file or disc folder at `place`, a path in a trash folder, if it is as put there (`is_as_put`). Blocks.

    Raises `NotAsExpected` where something else lies there, and OSError; of a disc folder some files may be gone then. One that
    is not there is as good as deleted.
    """
    folder, _, name = place.rpartition(b"/")
    if folder.rpartition(b"/")[2] != TRASH_NAME:
        raise NotAsExpected(os.fsdecode(place))
    with tree.opened(folder) as trash:
        there = tree.there(name, trash)
        if there is None:
            return
        if not is_as_put(there, look, begun=begun):
            raise NotAsExpected(os.fsdecode(name))
        status = os.stat(name, dir_fd=trash, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            delete_folder(name, trash, tree.calls)
        else:
            tree.calls.unlink(name, trash)
        tree.sync(trash)

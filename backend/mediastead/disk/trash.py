"""Deleting what lies in the trash of a root: the only place where a file of a user's is ever unlinked."""

import os
import stat

from .beneath import NotAsExpected
from .folders import delete_folder
from .marker import TRASH_NAME
from .moving import Kind, There, Tree


def is_as_put(there: There, look: tuple[int, int, int], *, begun: bool) -> bool:
    """Whether it looks so (size, mtime, inode). `begun`: of a disc folder some files may be gone, because whoever deleted it died
    or was refused; then the folder's number tells."""
    return there.look == look or (begun and there.kind is Kind.FOLDER and there.inode == look[2])


def delete(tree: Tree, name: bytes, look: tuple[int, int, int], *, begun: bool) -> None:
    """Delete the file or disc folder `name` from the trash, if it is as put there (`is_as_put`). Blocks.

    Raises `NotAsExpected` where something else lies there, and OSError; of a disc folder some files may be gone then. One that
    is not there is as good as deleted.
    """
    with tree.opened(TRASH_NAME) as trash:
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

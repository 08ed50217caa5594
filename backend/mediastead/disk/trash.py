"""Deleting what lies in the trash of a root: the only place where a file of a user's is ever unlinked."""

import os
import stat

from .beneath import NotAsExpected
from .folders import delete_folder
from .marker import TRASH_NAME
from .moving import Tree


def delete(tree: Tree, name: bytes, look: tuple[int, int, int]) -> None:
    """Delete the file or disc folder `name` from the trash, if it looks so (size, mtime, inode). Blocks.

    Raises `NotAsExpected` where something else lies there, and OSError; of a disc folder some files may be gone then. One that
    is not there is as good as deleted.
    """
    with tree.opened(TRASH_NAME) as trash:
        there = tree.there(name, trash)
        if there is None:
            return
        if there.look != look:
            raise NotAsExpected(os.fsdecode(name))
        status = os.stat(name, dir_fd=trash, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            delete_folder(name, trash, tree.calls)
        else:
            tree.calls.unlink(name, trash)
        tree.sync(trash)

"""Folders of discs that come into being beside others: every file is linked, or copied and checked, under one hidden name.

Only when all of it is whole it gets its name (by a rename of the folder), so that half a disc is never seen. All block.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Callable

from .beneath import NotAsExpected
from .copying import CANNOT_LINK, CannotLink, Copied, copy_attributes, copy_file, drop_part, split
from .folders import FOLDER
from .moving import Kind, Tree


def make_disc(
    source: Tree,
    path: bytes,
    into: Tree,
    part: bytes,
    look: tuple[int, int, int],
    go_on: Callable[[int], bool],
    *,
    linked: bool,
) -> Copied:
    """Make the folder at `path`, which must look so (`Tree.there`), anew at `part`, where whatever lies is ours.

    `linked`: its files get second names, else they are copied as `copying.copy` does. The digest is None then. Raises what
    `copying.copy` raises, and `CannotLink`.
    """
    (folder, name), (new_folder, new_name) = split(path), split(part)
    with source.opened(folder) as old, into.opened(new_folder) as new:
        _expect(source, name, old, look)
        drop_part(into, part)
        into.calls.make_folder(new_name, new)
        work = _Disc(into, go_on, linked=linked)
        work.fill(name, old, new_name, new, b"")
        _expect(source, name, old, look)
        made = into.there(new_name, new)
        if made is None or made.look[:2] != look[:2]:
            raise OSError(errno.EIO, "the copy has another size or time than the disc", os.fsdecode(part))
        into.sync(new)
    return Copied(made.look, None if linked else work.digest.digest())


class _Disc:
    def __init__(self, into: Tree, go_on: Callable[[int], bool], *, linked: bool) -> None:
        self._into = into
        self._go_on = go_on
        self._linked = linked
        self._done = 0
        self.digest = hashlib.blake2b(digest_size=32)

    def fill(self, name: bytes, above: int, new_name: bytes, new_above: int, path: bytes) -> None:
        """A folder that was just made, as the other one."""
        old = os.open(name, FOLDER, dir_fd=above)
        try:
            new = os.open(new_name, FOLDER, dir_fd=new_above)
            try:
                self._into.as_above(new, new_above)
                for each in sorted(os.fsencode(inner) for inner in os.listdir(old)):
                    self._add(each, old, new, path + b"/" + each)
                copy_attributes(old, new, self._into)
                status = os.fstat(old)
                self._into.calls.set_times(new, status.st_atime_ns, status.st_mtime_ns)
                self._into.sync(new)
            finally:
                os.close(new)
        finally:
            os.close(old)

    def _add(self, name: bytes, old: int, new: int, path: bytes) -> None:
        status = os.stat(name, dir_fd=old, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            self._into.calls.make_folder(name, new)
            self.fill(name, old, name, new, path)
        elif not stat.S_ISREG(status.st_mode):
            raise NotAsExpected(os.fsdecode(path))
        elif self._linked:
            self._link(name, old, new)
        else:
            before = self._done
            look, digest = copy_file(name, old, name, new, self._into, lambda count: self._go_on(before + count))
            self._done += look[0]
            self.digest.update(b"%d %s %s" % (look[0], path, digest))

    def _link(self, name: bytes, old: int, new: int) -> None:
        try:
            self._into.calls.link_to(name, old, name, new)
        except OSError as error:
            if error.errno in CANNOT_LINK:
                raise CannotLink(os.strerror(error.errno or 0)) from None
            raise


def _expect(tree: Tree, name: bytes, folder: int, look: tuple[int, int, int]) -> None:
    there = tree.there(name, folder)
    if there is None or there.kind is not Kind.FOLDER or there.look != look:
        raise NotAsExpected(os.fsdecode(name))

"""A folder and all folders beneath it, watched with inotify: says in which of them something changed.

A watch follows its folder when that is renamed, so each knows its place by the folder above it, not by a path. What a rule
hides by its name is not watched. Whether a file is of interest, what it is and whether it is there is for the scan to find out.
"""

import errno
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from asyncinotify import Inotify, Mask, Watch

from ..files.paths import joined
from ..scanning.rules import IGNORE_FILES, NOMEDIA, is_disc_folder, is_video, rule_for_name
from ..scanning.scope import ScopeFolder

HEARD = (
    Mask.CREATE
    | Mask.CLOSE_WRITE
    | Mask.MOVED_FROM
    | Mask.MOVED_TO
    | Mask.DELETE
    | Mask.DELETE_SELF
    | Mask.MOVE_SELF
    | Mask.ONLYDIR
    | Mask.DONT_FOLLOW
    | Mask.EXCL_UNLINK
)
"""Not MODIFY: a file that grows for an hour would be heard all the while; CLOSE_WRITE comes when it is whole."""

EVERYTHING = ScopeFolder(b"", True)
ROOT_SECONDS = 3.0
"""Between two looks whether the root's path still leads to the folder that is watched: a disk may be mounted over it."""
LOOK_SECONDS = 0.25
"""Between two looks whether to stop."""
WATCHES_ALLOWED = Path("/proc/sys/fs/inotify/max_user_watches")


class CannotWatch(Exception):
    """Why the folder is not watched, in words that say what to do."""


class RootIsGone(CannotWatch):
    """It may be back at any moment."""


@dataclass(eq=False)
class _Folder:
    name: bytes
    above: "_Folder | None"
    watch: Watch
    within: dict[bytes, "_Folder"] = field(default_factory=dict[bytes, "_Folder"])

    @property
    def path(self) -> bytes:
        """Relative to the root."""
        names: list[bytes] = []
        folder: _Folder = self
        while folder.above is not None:
            names.append(folder.name)
            folder = folder.above
        return b"/".join(reversed(names))


class WatchedTree:
    """`with WatchedTree(root) as tree: tree.listen(changed, stop)`. All of it blocks: give it a thread of its own.

    Raises `CannotWatch`, also while it listens: then nothing more is heard, and a new tree is needed.
    """

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._inotify: Inotify | None = None
        self._folders: dict[int, _Folder] = {}
        self._real = root
        self._is: tuple[int, int] | None = None

    def __enter__(self) -> "WatchedTree":
        try:
            self._real = os.path.realpath(self._root)
            status = os.stat(self._root)  # noqa: PTH116 - paths are bytes here
        except OSError as error:
            raise RootIsGone(f"The root cannot be watched: {error.strerror}; it is tried again.") from None
        self._is = (status.st_dev, status.st_ino)
        try:
            self._inotify = Inotify(sync_timeout=LOOK_SECONDS)
            self._add(b"", None)
        except OSError as error:
            self.close()
            raise CannotWatch(_in_words(error)) from None
        except CannotWatch:
            self.close()
            raise
        return self

    def close(self) -> None:
        if self._inotify is not None:
            self._inotify.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """Folders that are watched."""
        return len(self._folders)

    def listen(self, changed: Callable[[ScopeFolder], None], stop: threading.Event) -> None:
        """Call `changed` with each folder in which something changed, until `stop` is set."""
        inotify = self._open()
        looked = time.monotonic()
        while not stop.is_set():
            event = inotify.sync_get()
            if time.monotonic() - looked >= ROOT_SECONDS:
                looked = time.monotonic()
                if not self._is_at_its_root():
                    raise RootIsGone("Another folder lies at the root's path now; that is watched.")
            if event is None:
                continue
            if event.mask & Mask.Q_OVERFLOW:
                changed(EVERYTHING)
                continue
            folder = self._folders.get(event.watch.wd) if event.watch else None
            if folder is None:
                continue
            if folder.above is None and event.mask & (Mask.DELETE_SELF | Mask.MOVE_SELF | Mask.UNMOUNT | Mask.IGNORED):
                raise RootIsGone("The root is gone; it is watched again once it is back.")
            if event.mask & Mask.UNMOUNT:
                changed(ScopeFolder(folder.path, True))
            elif event.name is not None:
                self._heard(folder, os.fsencode(event.name), event.mask, changed)

    def _heard(self, folder: _Folder, name: bytes, mask: Mask, changed: Callable[[ScopeFolder], None]) -> None:
        if rule_for_name(name) and name not in IGNORE_FILES and name != NOMEDIA:
            return
        if mask & Mask.ISDIR:
            if mask & (Mask.MOVED_FROM | Mask.DELETE):
                self._drop(folder.within.pop(name, None))
            elif mask & (Mask.CREATE | Mask.MOVED_TO):
                self._drop(folder.within.pop(name, None))
                self._add(name, folder)
            changed(
                ScopeFolder(
                    folder.path if is_disc_folder(name) else joined(folder.path, name), not is_disc_folder(name)
                )
            )
        elif name in IGNORE_FILES or name == NOMEDIA:
            changed(ScopeFolder(folder.path, True))
        elif is_disc_folder(folder.name):
            changed(ScopeFolder(folder.above.path if folder.above else b"", False))
        elif is_video(name) or (mask & Mask.CREATE and self._is_link(folder, name)):
            changed(ScopeFolder(folder.path, False))

    def _is_link(self, folder: _Folder, name: bytes) -> bool:
        return os.path.islink(os.path.join(self._real, folder.path, name))  # noqa: PTH114 - bytes

    def _add(self, name: bytes, above: _Folder | None) -> None:
        """Watch a folder and all beneath it. One that is gone meanwhile, or that may not be read, is passed over."""
        to_add = [(name, above)]
        while to_add:
            name, above = to_add.pop()
            path = joined(above.path, name) if above else b""
            full = os.path.join(self._real, path)
            try:
                # First watched, then listed: what comes in between is heard or seen.
                watch = self._open().add_watch(full, HEARD)  # pyright: ignore[reportUnknownMemberType] - any PathLike
                folder = _Folder(name, above, watch)
                if (other := self._folders.get(watch.wd)) is not None and other.above is not None:
                    other.above.within.pop(other.name, None)
                self._folders[watch.wd] = folder
                if above:
                    above.within[name] = folder
                with os.scandir(full) as entries:
                    to_add += [
                        (entry.name, folder)
                        for entry in entries
                        if not rule_for_name(entry.name) and entry.is_dir(follow_symlinks=False)
                    ]
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EMFILE, errno.ENOMEM) or not path:
                    raise CannotWatch(_in_words(error)) from None

    def _drop(self, folder: _Folder | None) -> None:
        to_drop = [folder] if folder else []
        while to_drop:
            one = to_drop.pop()
            to_drop += one.within.values()
            if self._folders.get(one.watch.wd) is one:
                del self._folders[one.watch.wd]
            try:
                self._open().rm_watch(one.watch)
            except (OSError, KeyError):
                continue  # it is gone already

    def _is_at_its_root(self) -> bool:
        try:
            status = os.stat(self._root)  # noqa: PTH116 - paths are bytes here
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._is

    def _open(self) -> Inotify:
        if self._inotify is None:
            raise RuntimeError("used outside of `with`")
        return self._inotify


def _in_words(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        try:
            allowed = WATCHES_ALLOWED.read_text().strip()
        except OSError:
            allowed = "?"
        return (
            f"The system allows {allowed} watched folders, which is too few; raise fs.inotify.max_user_watches "
            "(sysctl). Until then the schedule finds what changes."
        )
    if error.errno == errno.EMFILE:
        return (
            "The system allows no further watcher; raise fs.inotify.max_user_instances (sysctl). Until then the schedule "
            "finds what changes."
        )
    return f"The folder cannot be watched: {error.strerror or error}. The schedule finds what changes."

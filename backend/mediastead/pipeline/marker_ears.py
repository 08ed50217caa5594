"""Hears with inotify that a marker was set in the folder of an item. Linux only, and only what this machine writes."""

import asyncio
import errno
import os
from collections.abc import Collection

import structlog
from asyncinotify import Inotify, Mask, Watch

from .stages.markers import DONE, FOLDER

HEARD = Mask.CREATE | Mask.CLOSE_WRITE | Mask.MOVED_TO | Mask.ONLYDIR | Mask.DONT_FOLLOW

log = structlog.stdlib.get_logger(__name__)


class Ears:
    """`with Ears() as ears:`; `listen` until `stop` is set. What is not heard, whoever looks now and then sees."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self._inotify = Inotify()
        self._watches: dict[bytes, Watch] = {}

    def __enter__(self) -> "Ears":
        return self

    def __exit__(self, *_: object) -> None:
        self._inotify.close()

    async def listen(self, stop: asyncio.Event) -> None:
        ends = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                event = asyncio.ensure_future(self._inotify.get())
                await asyncio.wait([event, ends], return_when=asyncio.FIRST_COMPLETED)
                if not event.done():
                    event.cancel()
                    break
                heard = event.result()
                name = os.fsencode(heard.name) if heard.name is not None else b""
                if heard.mask & (Mask.IGNORED | Mask.UNMOUNT):
                    self._watches = {path: watch for path, watch in self._watches.items() if watch is not heard.watch}
                elif name == FOLDER or name.endswith(DONE) or heard.mask & Mask.Q_OVERFLOW:
                    self.heard.set()
        finally:
            ends.cancel()

    def follow(self, folders: Collection[bytes]) -> None:
        """Listen in these items' folders, and in no others. One that is not there is passed over. Blocks."""
        wanted = {path for folder in folders for path in (folder, os.path.join(folder, FOLDER))}
        for path in self._watches.keys() - wanted:
            watch = self._watches.pop(path)
            try:
                self._inotify.rm_watch(watch)
            except (OSError, KeyError):
                continue  # it is gone already
        for path in sorted(wanted):
            try:
                watch = self._inotify.add_watch(path, HEARD)  # pyright: ignore[reportUnknownMemberType] - any PathLike
            except OSError as error:
                if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
                    log.info("a folder cannot be listened to, it is looked at now and then", error=str(error))
                    return
                self._watches.pop(path, None)
            else:
                self._watches[path] = watch

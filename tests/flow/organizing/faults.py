"""Calls that fail or end the process at a number that was agreed on: changes of the disk and commits, counted together."""

import errno
import os
import signal
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransactionOrigin

from mediastead.disk.calls import Calls

ERRORS = ("ENOSPC", "EIO", "EACCES", "EXDEV", "EROFS")
KINDS = ("kill", "kill-after", *ERRORS, "EIO-after", "EROFS-on")
"""What can happen at a call: the process ends before or after it; it fails; it fails though it was done; it and all later
ones fail, as on a disk that became read-only."""
OF_COMMITS = ("kill", "kill-after", "refused")
"""At a commit: the process ends before or after it, or the database refuses it."""


FAR = "/far"
"""What lies beneath a folder of this name is as on another mount."""


class Gone(Exception):
    """In the place of a death, where a test only wants to begin from what one leaves behind."""


class Refused(Exception):
    """The database's, at a commit."""


class Faults(Calls):
    """`arm({number: kind})`, and the call of that number, counted from then on, has that befall it.

    `EIO-then-gone`: it fails, and `Gone` is raised at the first call behind the next commit (where that is taken back).
    """

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._armed: dict[int, str] = {}
        self._call: str | None = None
        self._on = False
        self._then_gone = False
        event.listen(Session, "before_commit", self._before_commit)
        event.listen(Session, "after_commit", self._after_commit)

    def arm(self, armed: dict[int, str], call: str | None = None) -> None:
        """`call`: the only one that anything befalls, whatever its number."""
        self.seen, self._armed, self._call, self._on, self._then_gone = [], armed, call, True, False

    def disarm(self) -> list[str]:
        """The calls since it was armed."""
        self._on = False
        return self.seen

    def create(self, name: bytes, folder: int) -> int:
        return self._befall("create", lambda: super(Faults, self).create(name, folder))

    def fsync(self, file: int) -> None:
        self._befall("fsync", lambda: super(Faults, self).fsync(file))

    def chown(self, file: int, owner: int, group: int) -> None:
        self._befall("chown", lambda: super(Faults, self).chown(file, owner, group))

    def chmod(self, file: int, mode: int) -> None:
        self._befall("chmod", lambda: super(Faults, self).chmod(file, mode))

    def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
        self._befall("move", lambda: self._move_to_free(old, folder, new, new_folder))

    def _move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
        if len({FAR in str(Path(f"/proc/self/fd/{each}").readlink()) for each in (folder, new_folder)}) == 2:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        super().move_to_free(old, folder, new, new_folder)

    def link_to(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
        self._befall("link", lambda: super(Faults, self).link_to(old, folder, new, new_folder))

    def write(self, file: int, data: bytes) -> int:
        return self._befall("write", lambda: super(Faults, self).write(file, data))

    def truncate(self, file: int, size: int) -> None:
        self._befall("truncate", lambda: super(Faults, self).truncate(file, size))

    def set_times(self, file: int, atime_ns: int, mtime_ns: int) -> None:
        self._befall("set_times", lambda: super(Faults, self).set_times(file, atime_ns, mtime_ns))

    def set_attribute(self, file: int, name: str, value: bytes) -> None:
        self._befall("set_attribute", lambda: super(Faults, self).set_attribute(file, name, value))

    def unlink(self, name: bytes, folder: int) -> None:
        self._befall("unlink", lambda: super(Faults, self).unlink(name, folder))

    def make_folder(self, name: bytes, folder: int) -> None:
        self._befall("make_folder", lambda: super(Faults, self).make_folder(name, folder))

    def remove_folder(self, name: bytes, folder: int) -> None:
        self._befall("remove_folder", lambda: super(Faults, self).remove_folder(name, folder))

    def _befall(self, name: str, call: Any) -> Any:
        if not self._on:
            return call()
        self.seen.append(name)
        kind = self._kind()
        if any(number < len(self.seen) and each == "EROFS-on" for number, each in self._armed.items()):
            kind = "EROFS"
        if kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        if kind == "gone" or (self._then_gone and self.seen[-2] == "commit"):
            raise Gone
        if kind == "EIO-then-gone":
            self._then_gone = True
        if kind is not None and kind.partition("-")[0] in ERRORS and kind != "EIO-after":
            raise _error(kind)
        try:
            result = call()
        finally:  # also behind one that failed by itself
            if kind == "kill-after":
                os.kill(os.getpid(), signal.SIGKILL)
        if kind == "EIO-after":
            raise _error(kind)
        return result

    def _before_commit(self, session: Session) -> None:
        if not self._on or not is_writing(session):
            return
        self.seen.append("commit")
        kind = self._kind()
        if kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "refused":
            raise Refused
        if kind == "gone":
            raise Gone

    def _after_commit(self, session: Session) -> None:
        if self._on and is_writing(session) and self._kind() == "kill-after":
            os.kill(os.getpid(), signal.SIGKILL)

    def _kind(self) -> str | None:
        """What befalls the call that is made now."""
        return self._armed.get(len(self.seen)) if self._call in (None, self.seen[-1]) else None


def is_writing(session: Session) -> bool:
    """Whether this is a commit of `Database.write`, which begins its transaction; one of `Database.read` begins by itself."""
    transaction = session.get_transaction()
    return transaction is not None and transaction.origin is SessionTransactionOrigin.BEGIN


def _error(kind: str) -> OSError:
    number = getattr(errno, kind.partition("-")[0])
    return OSError(number, os.strerror(number))

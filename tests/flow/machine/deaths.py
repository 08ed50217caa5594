"""Deaths at an agreed call of the disk or commit, within this process: nothing that comes behind it is done any more."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from ..organizing.faults import Faults, is_writing
from .disk import FILMS


class Died(BaseException):
    """In the place of a death: no `except Exception` of the product lives on to write that something failed."""


class Deaths(Faults):
    """Counts what `Faults` counts. Where that kills the process, this raises, there and at every later call.

    That a real death has the same end is shown by `tests.flow.organizing.test_faults`; here it is to happen in any order with
    all else. No power fails here, so that nothing is waited for that only then would matter (fsync).
    """

    def __init__(self) -> None:
        super().__init__()
        self._last: int | None = None
        self._calls = 0

    @contextmanager
    def dying_at(self, number: int | None) -> Generator[None]:
        """The call of that number is the first that is not done; with None everybody lives."""
        self._last, self._calls = number, 0
        try:
            yield
        finally:
            self._last = None

    def stop_listening(self) -> None:
        event.remove(Session, "before_commit", self._before_commit)
        event.remove(Session, "after_commit", self._after_commit)

    def fsync(self, file: int) -> None:
        self._befall("fsync", lambda: None)

    def _move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
        _refuse_between_disks(folder, new_folder)
        super()._move_to_free(old, folder, new, new_folder)

    def _befall(self, name: str, call: Any) -> Any:
        self._pass()
        return call()

    def _before_commit(self, session: Session) -> None:
        if is_writing(session):
            self._pass()

    def _pass(self) -> None:
        self._calls += 1
        if self._last is not None and self._calls >= self._last:
            raise Died


def _refuse_between_disks(*folders: int) -> None:
    if len({f"/{FILMS}/disk" in str(Path(f"/proc/self/fd/{each}").readlink()) for each in folders}) == 2:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

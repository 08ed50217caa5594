"""Calls to the disk of which one fails, or is the last before the process dies."""

from collections.abc import Callable
from typing import Any

from mediastead.disk.calls import Calls


class Killed(BaseException):
    """The process is dead: nothing that it would still do takes effect."""


class Watched(Calls):
    """Counts the calls. `at` is the number of the one (1 is the first) at which `error` is raised: an OSError once, with all
    later calls as usual; `Killed` for good, before or, with `after`, once the call took effect."""

    def __init__(self, at: int | None = None, error: BaseException | None = None, *, after: bool = False) -> None:
        self.made = 0
        self._at, self._error, self._after = at, error, after

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_") or not callable(found):
            return found
        return lambda *arguments: self._call(found, *arguments)

    def _call(self, call: Callable[..., Any], *arguments: object) -> Any:
        self.made += 1
        dead = isinstance(self._error, Killed) and self._at is not None and self.made > self._at
        if dead or (self.made == self._at and not self._after):
            assert self._error is not None
            raise self._error
        result = call(*arguments)
        if self.made == self._at:
            assert self._error is not None
            raise self._error
        return result


class WithoutRename2(Watched):
    """A file system that has neither a rename to a free name only nor an exchange."""

    def rename_to_free(self, old: bytes, new: bytes, folder: int) -> None:
        raise OSError(22, "Invalid argument")

    def exchange(self, one: bytes, other: bytes, folder: int) -> None:
        raise OSError(22, "Invalid argument")

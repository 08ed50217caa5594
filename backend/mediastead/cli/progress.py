"""How far a scan is: a bar on a terminal, a few plain lines elsewhere; always on standard error."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Protocol

from .output import printable, warn


class Progress(Protocol):
    def scanning(self, library: str, scan: dict[str, Any]) -> None:
        """The scan of `library` is as far as `scan` says."""
        ...

    def scanned(self, library: str, scan: dict[str, Any]) -> None:
        """It has ended."""
        ...

    def identifying(self, pending: int, doing: str = "identifying") -> None:
        """So many files wait to be identified, or for what else is being done."""
        ...


@contextmanager
def progress(*, quiet: bool = False) -> Generator[Progress]:
    if quiet:
        yield Silence()
    elif sys.stderr.isatty():
        bars = Bars()
        with bars.display:
            yield bars
    else:
        yield Lines()


class Silence:
    def scanning(self, library: str, scan: dict[str, Any]) -> None: ...

    def scanned(self, library: str, scan: dict[str, Any]) -> None: ...

    def identifying(self, pending: int, doing: str = "identifying") -> None: ...


class Lines:
    """For logs: when something begins, and at most ten times while it goes on."""

    def __init__(self) -> None:
        self._begun: set[str] = set()
        self._most = 0
        self._told = 0

    def scanning(self, library: str, scan: dict[str, Any]) -> None:
        if library not in self._begun:
            self._begun.add(library)
            warn(f"Looking at {library} ...")

    def scanned(self, library: str, scan: dict[str, Any]) -> None: ...

    def identifying(self, pending: int, doing: str = "identifying") -> None:
        if pending > self._most:
            self._most = self._told = pending
            warn(f"{doing.capitalize()} {pending} files ...")
        elif self._told - pending >= self._most / 10:
            self._told = pending
            warn(f"{pending} to go")


class Bars:
    def __init__(self) -> None:
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Display

        self.display = Display(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._escape = escape
        self._tasks: dict[str, Any] = {}
        self._most = 0

    def scanning(self, library: str, scan: dict[str, Any]) -> None:
        if library not in self._tasks:
            self._tasks[library] = self.display.add_task(self._escape(printable(library)), total=None)
        self.display.update(self._tasks[library], completed=scan["counts"].get("files", 0))

    def scanned(self, library: str, scan: dict[str, Any]) -> None:
        files = scan["counts"].get("files", 0)
        self.display.update(self._tasks[library], completed=files, total=files)

    def identifying(self, pending: int, doing: str = "identifying") -> None:
        # A library may be named as it likes, but not with nothing.
        if pending and "" not in self._tasks:
            self._tasks[""] = self.display.add_task(doing, total=pending)
        if "" in self._tasks:
            self._most = max(self._most, pending)
            self.display.update(self._tasks[""], completed=self._most - pending, total=self._most)

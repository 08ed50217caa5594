"""What a scan looks at where it does not look at the whole library: some folders, alone or with all that is beneath them."""

import base64
import re
from collections.abc import Container, Iterable
from typing import NamedTuple

from ..db.text import shown

MOST_FOLDERS = 20_000
"""Beyond this the whole library is looked at: naming the folders would not be less."""


class ScopeFolder(NamedTuple):
    path: bytes
    """Relative to the root, `b""` for the root itself. It need not be there any more."""
    deep: bool
    """With all that is beneath it."""


class Scope:
    """Some folders of a library."""

    def __init__(self, folders: Iterable[ScopeFolder]) -> None:
        folders = set(folders)
        every_deep = {folder.path for folder in folders if folder.deep}
        self.deep = frozenset(path for path in every_deep if not in_any(every_deep, path))
        """Folders that are looked at with all beneath them; none lies in another."""
        self.shallow = frozenset(folder.path for folder in folders if not self.is_deep(folder.path))
        """Folders of which only what lies directly in them is looked at."""
        self._leads = {above for path in self.deep | self.shallow for above in _above(path)}

    def is_deep(self, path: bytes) -> bool:
        """Whether everything beneath `path` is looked at."""
        return path in self.deep or in_any(self.deep, path)

    def holds(self, path: bytes) -> bool:
        """Whether the folder at `path` is looked at."""
        return path in self.shallow or self.is_deep(path)

    def leads(self, path: bytes) -> bool:
        """Whether a walk has to go into the folder at `path`, to look at it or at what is beneath it."""
        return path in self._leads or self.holds(path)

    def with_more(self, other: "Scope") -> "Scope":
        return Scope([*self.folders, *other.folders])

    @property
    def folders(self) -> list[ScopeFolder]:
        """In the order of their paths."""
        return sorted([ScopeFolder(path, True) for path in self.deep] + [ScopeFolder(p, False) for p in self.shallow])

    @property
    def is_whole(self) -> bool:
        """Whether it is as well to look at the whole library."""
        return b"" in self.deep or len(self.deep) + len(self.shallow) > MOST_FOLDERS


def to_stored(scope: Scope | None) -> list[list[str | bool]] | None:
    """[[path in base64, deep]], because JSON holds no bytes; None for the whole library."""
    if scope is None:
        return None
    return [[base64.b64encode(path).decode("ascii"), deep] for path, deep in scope.folders]


def from_stored(stored: list[list[str | bool]] | None) -> Scope | None:
    if stored is None:
        return None
    return Scope(ScopeFolder(base64.b64decode(str(path)), bool(deep)) for path, deep in stored)


def first_paths(stored: str | None, most: int) -> list[str] | None:
    """For people, the first ones. `stored` is the beginning of what `to_stored` gave, as JSON: a list of scans would otherwise
    read 20,000 folders for each."""
    if stored is None:
        return None
    found = re.findall(r'\["([A-Za-z0-9+/=]*)", ?(?:true|false)\]', stored)
    return [shown(base64.b64decode(path)) for path in found[:most]]


def in_any(folders: Container[bytes], path: bytes) -> bool:
    """Whether `path` lies in one of `folders`, at any depth; not whether it is one."""
    return any(above in folders for above in _above(path))


def _above(path: bytes) -> Iterable[bytes]:
    """The folders that `path` lies in, the root first; not itself."""
    if path:
        yield b""
    at = path.find(b"/")
    while at >= 0:
        yield path[:at]
        at = path.find(b"/", at + 1)

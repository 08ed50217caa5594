"""What is asked of the tables about one path."""

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.models import Folder, MediaFile, MediaFileState
from ..files.paths import path_hash
from ..libraries.models import Library, LibraryKind


class Around(Struct, frozen=True):
    """The library that a path lies in."""

    id: int
    name: str
    root: bytes
    kind: LibraryKind
    exclude_patterns: list[str]

    @property
    def beginning(self) -> bytes:
        """Of all paths in it."""
        return self.root.rstrip(b"/") + b"/"


async def library_around(session: AsyncSession, path: bytes) -> Around | None:
    """The library beneath whose root an absolute path lies; None for one outside of all."""
    columns = (Library.id, Library.name, Library.root, Library.kind, Library.exclude_patterns)
    rows = await session.execute(select(*columns).order_by(Library.name))
    return next((each for each in (Around(*row) for row in rows) if path.startswith(each.beginning)), None)


class SeenFile(Struct, frozen=True):
    """A file as the last scan saw it."""

    id: int
    version: int
    size: int
    mtime_ns: int
    rule_lifted: bool


async def file_at(session: AsyncSession, library_id: int, path: bytes) -> SeenFile | None:
    """The file that holds this path, relative to the library's root; None for one that no scan saw."""
    folder, _, name = path.rpartition(b"/")
    state = MediaFileState
    query = (
        select(MediaFile.id, MediaFile.version, state.size, state.mtime_ns, MediaFile.rule_lifted)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(state, state.file_id == MediaFile.id)
        .where(Folder.library_id == library_id, Folder.path_hash == path_hash(folder))
        .where(MediaFile.name == name, MediaFile.holds_path)
    )
    row = (await session.execute(query)).one_or_none()
    return SeenFile(*row) if row else None

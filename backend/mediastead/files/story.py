"""What happened to files, written down as it happens and never changed: where they moved, when they were gone and back.

What a file was taken for stands in its imports, what people did in the operations; this is the rest of its story.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from .models import FileEvent, Folder, MediaFile
from .paths import joined
from .types import Happened

T = TypeVar("T")

AT_ONCE = 1000


class Place(NamedTuple):
    library_id: int
    path: bytes
    """Relative to the library's root."""


async def places_of(session: AsyncSession, file_ids: Collection[int]) -> dict[int, Place]:
    """Where files are by their rows; ask before they move."""
    found: dict[int, Place] = {}
    for some in _chunks(sorted(file_ids)):
        query = (
            select(MediaFile.id, MediaFile.library_id, Folder.path, MediaFile.name)
            .join(Folder, Folder.id == MediaFile.folder_id)
            .where(MediaFile.id.in_(some))
        )
        for file_id, library_id, folder, name in await session.execute(query):
            found[file_id] = Place(library_id, joined(folder, name))
    return found


async def tell_moved(
    session: AsyncSession, now: datetime, before: Mapping[int, Place], by: str, *, scan_id: int | None = None
) -> None:
    """The rows have their new places by now. `before`: what `places_of` said; files that are where they were are left out."""
    after = await places_of(session, before)
    rows = [
        {
            "file_id": file_id,
            "at": now,
            "what": Happened.MOVED,
            "by": by,
            "scan_id": scan_id,
            "library_id": place.library_id,
            "path": place.path,
            "to_library_id": after[file_id].library_id,
            "to_path": after[file_id].path,
        }
        for file_id, place in sorted(before.items())
        if file_id in after and after[file_id] != place
    ]
    await _insert(session, rows)


async def tell(
    session: AsyncSession,
    now: datetime,
    what: Happened,
    file_ids: Collection[int],
    by: str,
    *,
    scan_id: int | None = None,
    details: Mapping[int, str] | None = None,
) -> None:
    """Something that happened to files where they are. `details`: what else is to be told of them, by file id."""
    at = await places_of(session, file_ids)
    rows = [
        {
            "file_id": file_id,
            "at": now,
            "what": what,
            "by": by,
            "scan_id": scan_id,
            "library_id": place.library_id,
            "path": place.path,
            "to_library_id": None,
            "to_path": None,
            "detail": (details or {}).get(file_id),
        }
        for file_id, place in sorted(at.items())
    ]
    await _insert(session, rows)


def size_change(before: int, after: int) -> str:
    """`1.4 GB -> 3.1 GB`; in bytes where that would say the same twice."""
    said = in_words(before), in_words(after)
    return " -> ".join(said) if said[0] != said[1] else f"{before} -> {after} bytes"


def in_words(size: int) -> str:
    """`3.1 GB`: thousands, as disks are sold."""
    amount, units = float(size), ["bytes", "kB", "MB", "GB", "TB"]
    while amount >= 999.5 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.3g} {units[0]}" if amount < 999.5 else f"{amount:.0f} {units[0]}"


async def _insert(session: AsyncSession, rows: Sequence[Mapping[str, object]]) -> None:
    for some in _chunks(rows):
        await session.execute(insert(FileEvent), some)


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]

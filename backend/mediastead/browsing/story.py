"""The whole story of a file: found, moved, taken for what and by whom with which evidence, missing, back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, convert
from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..files.forgetting import FORGOTTEN
from ..files.forgetting import Listing as Forgotten
from ..files.models import FileEvent, Folder, MediaFile
from ..files.paths import joined
from ..files.queries import ImportFilter, imports_page
from ..files.schemas import ImportShown
from ..files.types import Happened
from ..libraries.models import Library
from ..operations.models import Operation, OperationFile
from ..unmatched.errors import FileUnknown

LONGEST = 500
"""Entries of each kind that are told, the newest."""

IN_WORDS = {
    Happened.MISSING: "Missing from {path}.",
    Happened.BACK: "Back at {path}.",
    Happened.CHANGED: "Written to at {path}.",
    Happened.REPLACED: "Replaced at {path}: {detail}.",
    Happened.DOUBTED: "Since it was replaced it may be something else: {detail}.",
    Happened.ROTTED: "Rotted at {path}: its content is another, though size and time are the same.",
    Happened.SOUND: "Its content is again what it was, at {path}.",
    Happened.TRASHED: "Put into the trash, from {path}: {detail}.",
    Happened.PUT_BACK: "Out of the trash again, at {path}.",
}


class StoryEntry(Struct, frozen=True, kw_only=True):
    """One thing that happened to a file."""

    at: datetime
    what: str
    """`found`, `moved`, `missing`, `back`, `changed`, `replaced`, `doubted`, `rotted`, `sound`, `trashed`, `put_back`, `matched`,
    `not_matched`, or the kind of an operation."""
    by: str
    """`scan`, or the name of the person."""
    says: str
    """One line for a person."""
    scan_id: int | None = None
    import_id: int | None = None
    """Of which `/v1/imports` has the evidence."""
    evidence: dict[str, Any] | None = None
    operation_id: int | None = None
    """Of `/v1/operations`, which can take it back."""


class Story(Struct, frozen=True, kw_only=True):
    """What happened to a file, the oldest first. Nothing of it is rewritten later."""

    file_id: int
    entries: list[StoryEntry]


async def file_story(session: AsyncSession, file_id: int) -> Story:
    """Raises `FileUnknown`."""
    query = (
        select(MediaFile.created_at, MediaFile.library_id, Folder.path, MediaFile.name)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .where(MediaFile.id == file_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise FileUnknown(f"There is no file {file_id}; list /v1/media-files.")
    names = {one.id: one.name for one in await session.execute(select(Library.id, Library.name))}
    happened = await _events(session, file_id)
    imports = (await imports_page(session, ImportFilter(file_id=file_id), limit=LONGEST)).items
    # Where it was found, nothing has written down since: it is where its first move began, or where it is.
    first = next((event for event in happened if event.what is Happened.MOVED), None)
    home, path = (first.library_id, first.path) if first else (row[1], joined(row[2], row[3]))
    found = StoryEntry(at=row[0], what="found", by="scan", says=f"Found at {_place(names, home, path)}.")
    done = [*await _operations(session, file_id), *await _forgotten(session, file_id)]
    told = [*(_told(event, names) for event in happened), *_matches(imports[::-1]), *done]
    return Story(file_id=file_id, entries=[found, *sorted(told, key=lambda entry: entry.at)])


async def _events(session: AsyncSession, file_id: int) -> list[FileEvent]:
    query = select(FileEvent).where(FileEvent.file_id == file_id).order_by(FileEvent.id.desc()).limit(LONGEST)
    return list(reversed((await session.execute(query)).scalars().all()))


async def _operations(session: AsyncSession, file_id: int) -> list[StoryEntry]:
    """What people did; a match stands in the imports already, with its evidence."""
    query = (
        select(Operation.id, Operation.at, Operation.kind, Operation.actor, Operation.summary)
        .join(OperationFile, OperationFile.operation_id == Operation.id)
        .where(OperationFile.file_id == file_id, Operation.kind != "match")
        .order_by(Operation.id.desc())
        .limit(LONGEST)
    )
    return [
        StoryEntry(at=row.at, what=row.kind, by=row.actor, says=f"{row.summary}.", operation_id=row.id)
        for row in await session.execute(query)
    ]


async def _forgotten(session: AsyncSession, file_id: int) -> list[StoryEntry]:
    """That it was forgotten and, where that was taken back, listed again. Such operations keep their files in a list."""
    query = (
        select(Operation.id, Operation.at, Operation.kind, Operation.actor, Operation.summary, Operation.after)
        .where(
            Operation.kind.in_(("forget", "undo")),
            cast(Operation.after, Text).contains(FORGOTTEN, autoescape=True),
            cast(Operation.after, Text).contains(str(file_id), autoescape=True),
        )
        .order_by(Operation.id.desc())
        .limit(LONGEST)
    )
    told: list[StoryEntry] = []
    for row in await session.execute(query):
        listing = convert(row.after[FORGOTTEN], Forgotten)
        if file_id in listing.hidden or file_id in listing.listed:
            says = (
                "Forgotten: it is in no list until it is there again." if file_id in listing.hidden else "Listed again."
            )
            told.append(StoryEntry(at=row.at, what=row.kind, by=row.actor, says=says, operation_id=row.id))
    return told


def _told(event: FileEvent, names: dict[int, str]) -> StoryEntry:
    path = _place(names, event.library_id, event.path)
    if event.what is Happened.MOVED and event.to_path is not None and event.to_library_id is not None:
        says = f"Moved from {path} to {_place(names, event.to_library_id, event.to_path)}."
    else:
        words = IN_WORDS[event.what]
        if event.what is Happened.TRASHED and event.detail is None:
            words = words.replace(": {detail}", "")
        says = words.format(path=path, detail=event.detail or "no more is known")
    return StoryEntry(at=event.at, what=event.what.value, by=event.by, says=says, scan_id=event.scan_id)


def _matches(imports: list[ImportShown]) -> Iterator[StoryEntry]:
    for one in imports:
        says = f"Taken for {_title(one.evidence)}." if one.success else one.error or "Not taken for anything."
        yield StoryEntry(
            at=one.at,
            what="matched" if one.success else "not_matched",
            by=one.actor,
            says=says,
            import_id=one.id,
            evidence=one.evidence or None,
        )


def _title(evidence: dict[str, Any]) -> str:
    title, year = evidence.get("title"), evidence.get("year")
    if not title:
        return "what it holds"
    said = f"{title} ({year})" if year else str(title)
    probability = evidence.get("probability")
    return f"{said}, {probability:.1%} sure" if isinstance(probability, float) else said


def _place(names: dict[int, str], library_id: int, path: bytes) -> str:
    library = names.get(library_id)
    return f"{library}: {shown(path)}" if library else shown(path)

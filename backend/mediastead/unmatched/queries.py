"""What is asked of the queue, but for its lists (`listing.py`)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import MediaItem
from ..db.text import shown
from ..files.models import Folder, MediaFile, MediaFileImport
from ..files.queries import within
from ..files.types import Identification, ImportMethod, Resolution, Role, UnmatchedReason
from ..matching.decision import EpisodeNumber, Rejected
from ..parsing.folders import season_of
from .models import RejectedMatch, UnmatchedFile

FOLDERS_AT_ONCE = 100
"""Folders whose surroundings one statement looks through."""


async def open_question_ids(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, int]:
    """The open question of each file that has one: {file id: question id}."""
    query = select(UnmatchedFile.file_id, UnmatchedFile.id).where(
        UnmatchedFile.file_id.in_(file_ids), UnmatchedFile.resolution.is_(None)
    )
    return dict((await session.execute(query)).all())


async def rejections_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, list[Rejected]]:
    """What persons said that files are not, for `matching.decide`; files without any are left out.

    Items made by hand are left out as well: no provider suggests them.
    """
    query = (
        select(RejectedMatch.file_id, MediaItem.type, MediaItem.tmdb_id, RejectedMatch.episodes)
        .join(MediaItem, MediaItem.id == RejectedMatch.item_id)
        .where(RejectedMatch.file_id.in_(file_ids), MediaItem.tmdb_id.is_not(None))
        .order_by(RejectedMatch.id)
    )
    found: dict[int, list[Rejected]] = defaultdict(list)
    for file_id, item_type, tmdb_id, episodes in await session.execute(query):
        numbers = tuple(EpisodeNumber(*pair) for pair in episodes) if episodes is not None else None
        found[file_id].append(Rejected(item_type, tmdb_id or 0, numbers))
    return dict(found)


class Rejection(Struct, frozen=True):
    id: int
    episodes: frozenset[tuple[int, int]] | None
    """Season and number of each; None is the whole title."""


async def rejections_by_item(session: AsyncSession, file_ids: Sequence[int]) -> dict[tuple[int, int], list[Rejection]]:
    """What persons said that files are not, by (file id, item id)."""
    query = select(RejectedMatch.file_id, RejectedMatch.item_id, RejectedMatch.id, RejectedMatch.episodes).where(
        RejectedMatch.file_id.in_(file_ids)
    )
    found: dict[tuple[int, int], list[Rejection]] = defaultdict(list)
    for file_id, item_id, rejection_id, episodes in await session.execute(query):
        numbers = frozenset((season, number) for season, number in episodes) if episodes is not None else None
        found[file_id, item_id].append(Rejection(rejection_id, numbers))
    return found


class KnownQuestion(Struct, frozen=True):
    """Where a question stands."""

    id: int
    file_id: int
    reason: UnmatchedReason
    resolution: Resolution | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolved_version: int | None


def _known_question() -> Select[*tuple[Any, ...]]:
    return select(*(getattr(UnmatchedFile, name) for name in KnownQuestion.__struct_fields__))


async def questions_by_id(session: AsyncSession, question_ids: Sequence[int]) -> dict[int, KnownQuestion]:
    """Questions by id; ids that do not exist are left out."""
    rows = (await session.execute(_known_question().where(UnmatchedFile.id.in_(question_ids)))).all()
    return {row.id: KnownQuestion(*row) for row in rows}


def latest_first() -> Sequence[ColumnElement[Any]]:
    """The order of the questions about a file. Not that of their ids: an older one may have been opened again, by taking back
    what settled it."""
    settled_at = func.coalesce(UnmatchedFile.resolved_version, 0)
    return UnmatchedFile.resolution.is_(None).desc(), settled_at.desc(), UnmatchedFile.id.desc()


async def latest_question_of(session: AsyncSession, file_id: int) -> KnownQuestion | None:
    """The question about a file that is open, or was settled last (`latest_first`)."""
    query = _known_question().where(UnmatchedFile.file_id == file_id).order_by(*latest_first()).limit(1)
    row = (await session.execute(query)).one_or_none()
    return KnownQuestion(*row) if row else None


async def hold_item(session: AsyncSession, item_id: int) -> None:
    """Keep an item, and what the catalog says of its episodes, from being removed until the transaction ends."""
    await session.execute(
        select(MediaItem.id).where(MediaItem.id == item_id).with_for_update(read=True, key_share=True)
    )


class Neighbour(Struct, frozen=True):
    """Where a file that was just matched lies, and to what."""

    library_id: int
    folder_id: int
    item_id: int


async def folders_new_to(
    session: AsyncSession, matched: Sequence[Neighbour], file_ids: Sequence[int]
) -> set[Neighbour]:
    """Those of `matched` whose folder holds no other file (than `file_ids`) that is a feature or episode of the item."""
    query = (
        select(MediaFile.folder_id, MediaFile.media_item_id)
        .where(
            MediaFile.folder_id.in_({each.folder_id for each in matched}),
            MediaFile.identification == Identification.MATCHED,
            MediaFile.role.in_([Role.FEATURE, Role.EPISODE]),
            MediaFile.id.not_in(file_ids),
        )
        .distinct()
    )
    known = set(await session.execute(query))
    return {each for each in matched if (each.folder_id, each.item_id) not in known}


async def ignored_around(session: AsyncSession, folder_ids: Sequence[int]) -> list[int]:
    """Ignored extras and samples in these folders or beneath them, and beneath the series of a season's folder.

    Of a library's root only those that lie in the root itself: everything is beneath it.
    """
    return await _beside(session, folder_ids, MediaFile.identification == Identification.IGNORED)


async def extras_matched_around(
    session: AsyncSession, folder_ids: Sequence[int], item_ids: Collection[int]
) -> list[int]:
    """Extras and samples in the same places that identification, and no person, matched to one of these items."""
    said = and_(MediaFileImport.file_id == MediaFile.id, MediaFileImport.method == ImportMethod.MANUAL_MATCH)
    by_a_person = exists(select(MediaFileImport.id).where(said))
    return await _beside(session, folder_ids, and_(MediaFile.media_item_id.in_(item_ids), ~by_a_person))


async def _beside(session: AsyncSession, folder_ids: Sequence[int], which: ColumnElement[bool]) -> list[int]:
    query = select(Folder.library_id, Folder.path).where(Folder.id.in_(folder_ids))
    tops: set[tuple[int, bytes]] = set()
    for library_id, path in await session.execute(query):
        above, _, name = path.rpartition(b"/")
        tops.add((library_id, above if above and season_of(shown(name)) is not None else path))
    found: set[int] = set()
    ordered = sorted(tops)
    for start in range(0, len(ordered), FOLDERS_AT_ONCE):
        some = ordered[start : start + FOLDERS_AT_ONCE]
        around = select(MediaFile.id).join(Folder, Folder.id == MediaFile.folder_id)
        around = around.where(
            which,
            MediaFile.role.in_([Role.EXTRA, Role.SAMPLE]),
            or_(*(_around(library_id, path) for library_id, path in some)),
        )
        found.update((await session.execute(around)).scalars())
    return sorted(found)


def _around(library_id: int, path: bytes) -> ColumnElement[bool]:
    return within(library_id, path) if path else and_(Folder.library_id == library_id, Folder.path == b"")


async def files_waiting_for_episodes(session: AsyncSession, series_tmdb_id: int) -> list[int]:
    """Files whose open question is that this series lacks their episode."""
    query = select(UnmatchedFile.file_id).where(
        UnmatchedFile.series_tmdb_id == series_tmdb_id,
        UnmatchedFile.reason == UnmatchedReason.EPISODE_NOT_FOUND,
        UnmatchedFile.resolution.is_(None),
    )
    return list((await session.execute(query)).scalars())

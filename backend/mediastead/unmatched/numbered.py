"""What is asked about files whose numbers are to be turned into the provider's: of a group, of a series; and chosen orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import Episode, MediaItem, Season
from ..catalog.types import ItemType
from ..files.models import Folder, MediaFile, MediaFileDecision, MediaFileEpisode, MediaFileImport
from ..files.paths import joined
from ..files.types import Identification, ImportMethod, Resolution, Role
from ..libraries.models import Library
from ..matching.decision import EpisodeNumber
from ..matching.renumbering import Renumbering
from ..matching.said import SaidNumbers
from .models import RememberedAnswer, SeriesOrder, UnmatchedFile

BY_ORDER = "order"
"""The key in the evidence of an import under which stands the order that a match was made by."""


class AskedFile(Struct, frozen=True, kw_only=True):
    """A file of a group, with what its question keeps."""

    question_id: int
    file_id: int
    root: bytes
    path: bytes
    """Relative to the root."""
    role: Role | None
    said: SaidNumbers | None
    """None where nothing has read the name since it was put into the queue."""
    proposed: dict[str, Any] | None


async def asked_files(session: AsyncSession, group: str) -> list[AskedFile]:
    """The files of all open questions of a group, in the order of the questions."""
    # The key begins with the group's id and a space; "!" is the character after the space.
    return await _asked(session, UnmatchedFile.group_key > f"{group} ", UnmatchedFile.group_key < f"{group}!")


async def asked_about(session: AsyncSession, file_ids: Sequence[int]) -> list[AskedFile]:
    """Those of these files about which a question is open, in the order of the questions."""
    return await _asked(session, UnmatchedFile.file_id.in_(file_ids))


async def _asked(session: AsyncSession, *which: ColumnElement[bool]) -> list[AskedFile]:
    query = (
        select(
            UnmatchedFile.id,
            UnmatchedFile.file_id,
            Library.root,
            Folder.path,
            MediaFile.name,
            MediaFile.role,
            UnmatchedFile.said,
            UnmatchedFile.proposed,
        )
        .join(MediaFile, MediaFile.id == UnmatchedFile.file_id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(UnmatchedFile.resolution.is_(None), ~MediaFile.hidden, *which)
        .order_by(UnmatchedFile.id)
    )
    return [
        AskedFile(
            question_id=row.id,
            file_id=row.file_id,
            root=row.root,
            path=joined(row.path, row.name),
            role=row.role,
            said=msgspec.convert(row.said, SaidNumbers) if row.said is not None else None,
            proposed=row.proposed,
        )
        for row in (await session.execute(query)).all()
    ]


async def said_when_answered(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, SaidNumbers]:
    """What the names say of files that are taken for what a person answered to their question; by file id."""
    query = (
        select(UnmatchedFile.file_id, UnmatchedFile.said)
        .join(MediaFile, MediaFile.id == UnmatchedFile.file_id)
        .where(UnmatchedFile.file_id.in_(file_ids), UnmatchedFile.resolved_version == MediaFile.version)
        .where(UnmatchedFile.resolution == Resolution.MATCHED, UnmatchedFile.said.is_not(None))
    )
    return {file_id: msgspec.convert(said, SaidNumbers) for file_id, said in await session.execute(query)}


class SeriesFile(Struct, frozen=True, kw_only=True):
    """A file that is of a series, or may be."""

    file_id: int
    question_id: int | None
    """None for a matched file."""
    version: int
    root: bytes
    path: bytes
    """Relative to the root."""
    episodes: tuple[EpisodeNumber, ...] = ()
    """Those that it holds, if it is matched."""
    settled: bool = False
    """A person said which episodes it holds, or how such files are counted."""


async def files_of_series(session: AsyncSession, item_id: int, most: int) -> list[SeriesFile]:
    """The episode files that are matched to a series, in order of their ids."""
    query = (
        _placed(MediaFile.id, MediaFile.version)
        .where(MediaFile.media_item_id == item_id, MediaFile.identification == Identification.MATCHED)
        .where(MediaFile.role == Role.EPISODE, ~MediaFile.hidden)
        .order_by(MediaFile.id)
        .limit(most)
    )
    rows = (await session.execute(query)).all()
    ids = [row.id for row in rows]
    held = await _episodes_held(session, ids)
    settled = await _settled_by_persons(session, ids)
    return [
        SeriesFile(
            file_id=row.id,
            question_id=None,
            version=row.version,
            root=row.root,
            path=joined(row.path, row.name),
            episodes=held.get(row.id, ()),
            settled=row.id in settled,
        )
        for row in rows
    ]


async def asked_of_series(session: AsyncSession, tmdb_id: int, most: int) -> list[SeriesFile]:
    """The files of which an open question proposes the series, or says that it lacks the episode; in order of their ids."""
    proposed = and_(
        UnmatchedFile.proposed["type"].as_string() == ItemType.SERIES.value,
        UnmatchedFile.proposed["tmdb_id"].as_integer() == tmdb_id,
    )
    query = (
        _placed(MediaFile.id, MediaFile.version, UnmatchedFile.id.label("question_id"))
        .join(UnmatchedFile, UnmatchedFile.file_id == MediaFile.id)
        .where(UnmatchedFile.resolution.is_(None), ~MediaFile.hidden)
        .where(or_(UnmatchedFile.series_tmdb_id == tmdb_id, proposed))
        .order_by(MediaFile.id)
        .limit(most)
    )
    return [
        SeriesFile(
            file_id=row.id,
            question_id=row.question_id,
            version=row.version,
            root=row.root,
            path=joined(row.path, row.name),
        )
        for row in (await session.execute(query)).all()
    ]


def _placed(*columns: Any) -> Any:
    return (
        select(*columns, Library.root, Folder.path, MediaFile.name)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
    )


async def _episodes_held(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, tuple[EpisodeNumber, ...]]:
    query = (
        select(MediaFileEpisode.file_id, Season.number, Episode.number)
        .join(Episode, Episode.id == MediaFileEpisode.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .where(MediaFileEpisode.file_id.in_(file_ids))
        .order_by(MediaFileEpisode.file_id, Season.number, Episode.number)
    )
    held: dict[int, tuple[EpisodeNumber, ...]] = {}
    for file_id, season, number in await session.execute(query):
        held[file_id] = (*held.get(file_id, ()), EpisodeNumber(season, number))
    return held


async def _settled_by_persons(session: AsyncSession, file_ids: Sequence[int]) -> set[int]:
    """Those that a person matched, but not by an order, and those that follow an answer that says how they count."""
    latest = (
        select(func.max(MediaFileImport.id))
        .where(MediaFileImport.file_id.in_(file_ids), MediaFileImport.success)
        .group_by(MediaFileImport.file_id)
    )
    query = select(MediaFileImport.file_id, MediaFileImport.evidence).where(
        MediaFileImport.id.in_(latest), MediaFileImport.method == ImportMethod.MANUAL_MATCH
    )
    settled = {row.file_id for row in (await session.execute(query)).all() if BY_ORDER not in row.evidence}
    following = (
        select(MediaFileDecision.file_id)
        .join(RememberedAnswer, RememberedAnswer.id == MediaFileDecision.remembered_answer_id)
        .where(MediaFileDecision.file_id.in_(file_ids), RememberedAnswer.numbering.is_not(None))
    )
    return {*settled, *(await session.execute(following)).scalars()}


class ChosenOrder(Struct, frozen=True, kw_only=True):
    """The order that a person chose for a series, as stored."""

    item_id: int
    group_id: str
    name: str
    numbering: Renumbering
    chosen_by: str
    chosen_at: datetime


async def chosen_order(session: AsyncSession, item_id: int) -> ChosenOrder | None:
    query = select(*(getattr(SeriesOrder, name) for name in ChosenOrder.__struct_fields__))
    row: Any = (await session.execute(query.where(SeriesOrder.item_id == item_id))).one_or_none()
    if row is None:
        return None
    return ChosenOrder(
        item_id=row.item_id,
        group_id=row.group_id,
        name=row.name,
        numbering=msgspec.convert(row.numbering, Renumbering),
        chosen_by=row.chosen_by,
        chosen_at=row.chosen_at,
    )


async def orders_in_force(session: AsyncSession) -> dict[int, Renumbering]:
    """How names count the episodes of the series for which a person chose an order, by the TMDB id of the series."""
    query = select(MediaItem.tmdb_id, SeriesOrder.numbering).join(MediaItem, MediaItem.id == SeriesOrder.item_id)
    rows = await session.execute(query.where(MediaItem.tmdb_id.is_not(None)))
    return {tmdb_id: msgspec.convert(numbering, Renumbering) for tmdb_id, numbering in rows if tmdb_id is not None}


async def orders_to_refresh(session: AsyncSession, most: int) -> list[tuple[int, str]]:
    """Chosen orders (item id, group id) of series that were refreshed since the order was asked for."""
    query = (
        select(SeriesOrder.item_id, SeriesOrder.group_id)
        .join(MediaItem, MediaItem.id == SeriesOrder.item_id)
        .where(MediaItem.refreshed_at > SeriesOrder.refreshed_at)
        .order_by(SeriesOrder.item_id)
        .limit(most)
    )
    return [(item_id, group_id) for item_id, group_id in await session.execute(query)]

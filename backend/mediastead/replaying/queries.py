"""Every SELECT of the replaying room."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import Episode, MediaItem, Season
from ..db.text import shown
from ..files.models import Folder, MediaFile, MediaFileDecision, MediaFileEpisode
from ..files.paths import joined
from ..files.queries import matched_by_persons
from ..files.types import Identification
from ..http.paging import Page, decode_cursor, page_of
from ..libraries.models import Library
from ..matching.decision import EpisodeNumber
from ..unmatched.models import UnmatchedFile
from .models import ChangeKind, Replay, ReplayChange, ReplayState
from .proposals import Proposal, Standing, taken
from .schemas import ChangeShown, ReplayView, Taken

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


def _decided(library_id: int | None) -> list[ColumnElement[bool]]:
    """Files that something was decided about, at least once."""
    conditions = [MediaFile.identification != Identification.PENDING, MediaFile.hidden.is_(False)]
    if library_id is not None:
        conditions.append(MediaFile.library_id == library_id)
    return conditions


async def count_decided(session: AsyncSession, library_id: int | None) -> int:
    query = select(func.count()).select_from(MediaFile).where(*_decided(library_id))
    return (await session.execute(query)).scalar_one()


async def standings_after(session: AsyncSession, library_id: int | None, file_id: int, limit: int) -> list[Standing]:
    """The next files by id, as they are taken for now, with the decisions about them."""
    query = (
        select(
            MediaFile.id,
            MediaFile.version,
            MediaFile.identification,
            MediaItem.type,
            MediaItem.tmdb_id,
            MediaFile.role,
            MediaFile.part,
            MediaFile.edition,
            MediaFile.rule_lifted,
            UnmatchedFile.reason,
            MediaFileDecision.body,
            MediaFileDecision.inputs,
        )
        .outerjoin(MediaItem, MediaItem.id == MediaFile.media_item_id)
        .outerjoin(MediaFileDecision, MediaFileDecision.file_id == MediaFile.id)
        .outerjoin(UnmatchedFile, and_(UnmatchedFile.file_id == MediaFile.id, UnmatchedFile.resolution.is_(None)))
        .where(MediaFile.id > file_id, *_decided(library_id))
        .order_by(MediaFile.id)
        .limit(limit)
    )
    rows = (await session.execute(query)).all()
    ids = [row.id for row in rows]
    episodes, by_hand = await _episodes_of(session, ids), await matched_by_persons(session, ids)
    return [
        Standing(
            file_id=row.id,
            version=row.version,
            identification=row.identification,
            type=row.type,
            tmdb_id=row.tmdb_id,
            episodes=frozenset(episodes[row.id]),
            role=row.role,
            part=row.part,
            edition=row.edition,
            rule_lifted=row.rule_lifted,
            reason=row.reason,
            matched_by_person=row.id in by_hand,
            decision=row.body,
            inputs=row.inputs,
        )
        for row in rows
    ]


async def _episodes_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, list[EpisodeNumber]]:
    query = (
        select(MediaFileEpisode.file_id, Season.number, Episode.number)
        .join(Episode, Episode.id == MediaFileEpisode.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .where(MediaFileEpisode.file_id.in_(file_ids))
    )
    found: dict[int, list[EpisodeNumber]] = defaultdict(list)
    for file_id, season, number in await session.execute(query):
        found[file_id].append(EpisodeNumber(season, number))
    return found


async def existing_files(session: AsyncSession, file_ids: Sequence[int]) -> set[int]:
    return set((await session.execute(select(MediaFile.id).where(MediaFile.id.in_(file_ids)))).scalars())


class OpenReplay(Struct, frozen=True):
    """A replay that has not ended."""

    id: int
    library_id: int | None
    state: ReplayState
    threshold: float
    last_file_id: int
    counts: dict[str, int]


async def open_replays(session: AsyncSession) -> list[OpenReplay]:
    """The oldest first."""
    columns = (getattr(Replay, name) for name in OpenReplay.__struct_fields__)
    query = select(*columns).where(Replay.state.in_([ReplayState.QUEUED, ReplayState.RUNNING])).order_by(Replay.id)
    return [OpenReplay(*row) for row in await session.execute(query)]


def _views() -> AnySelect:
    return select(
        Replay.id,
        Replay.library_id,
        Library.name,
        Replay.state,
        Replay.threshold,
        Replay.matcher,
        Replay.asked_by,
        Replay.started_at,
        Replay.ended_at,
        Replay.cancel_requested,
        Replay.counts,
    ).outerjoin(Library, Library.id == Replay.library_id)


def _view(row: Sequence[Any]) -> ReplayView:
    return ReplayView(**dict(zip(ReplayView.__struct_fields__, row, strict=True)))


async def replay_view(session: AsyncSession, replay_id: int) -> ReplayView | None:
    row = (await session.execute(_views().where(Replay.id == replay_id))).one_or_none()
    return _view(row) if row else None


async def replays_page(
    session: AsyncSession, library_id: int | None, *, cursor: str | None, limit: int
) -> Page[ReplayView]:
    """Newest first."""
    query = _views().order_by(Replay.id.desc()).limit(limit + 1)
    if library_id is not None:
        query = query.where(Replay.library_id == library_id)
    if cursor is not None:
        query = query.where(Replay.id < decode_cursor(cursor, int)[0])
    rows = (await session.execute(query)).all()
    return page_of([_view(row) for row in rows], limit, lambda view: (view.id,))


async def changes_page(
    session: AsyncSession, replay_id: int, kind: ChangeKind | None, *, cursor: str | None, limit: int
) -> Page[ChangeShown]:
    """Kind by kind, and in the order of the files within each."""
    query = (
        select(
            ReplayChange.id,
            ReplayChange.kind,
            ReplayChange.file_id,
            Library.name,
            Folder.path,
            MediaFile.name.label("file_name"),
            ReplayChange.version,
            MediaFile.version.label("current_version"),
            ReplayChange.before,
            ReplayChange.after,
            ReplayChange.accepted_by,
            ReplayChange.accepted_at,
        )
        .join(MediaFile, MediaFile.id == ReplayChange.file_id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(ReplayChange.replay_id == replay_id)
        .order_by(ReplayChange.kind, ReplayChange.id)
        .limit(limit + 1)
    )
    if kind is not None:
        query = query.where(ReplayChange.kind == kind)
    if cursor is not None:
        last_kind, last_id = decode_cursor(cursor, str, int)
        later = and_(ReplayChange.kind == last_kind, ReplayChange.id > last_id)
        query = query.where(or_(ReplayChange.kind > last_kind, later))
    changes = [_change(row) for row in (await session.execute(query)).all()]
    return page_of(changes, limit, lambda change: (change.kind.value, change.id))


def _change(row: Any) -> ChangeShown:
    after = proposal_of(row.after)
    return ChangeShown(
        id=row.id,
        kind=row.kind,
        file_id=row.file_id,
        library=row.name,
        path=shown(joined(row.path, row.file_name)),
        version=row.version,
        current_version=row.current_version,
        before=msgspec.convert(row.before, Taken),
        after=taken(after.decision) if after.decision else None,
        missing=after.missing,
        accepted_by=row.accepted_by,
        accepted_at=row.accepted_at,
    )


def proposal_of(stored: dict[str, Any]) -> Proposal:
    return msgspec.convert(stored, Proposal)


class Chosen(Struct, frozen=True):
    """A change that a person accepts."""

    id: int
    file_id: int
    version: int
    kind: ChangeKind
    after: dict[str, Any]
    accepted_at: datetime | None

    @property
    def proposal(self) -> Proposal:
        return proposal_of(self.after)


def _chosen(replay_id: int) -> AnySelect:
    columns = (getattr(ReplayChange, name) for name in Chosen.__struct_fields__)
    return select(*columns).where(ReplayChange.replay_id == replay_id).order_by(ReplayChange.id)


async def chosen_by_id(session: AsyncSession, replay_id: int, change_ids: Sequence[int]) -> list[Chosen]:
    rows = await session.execute(_chosen(replay_id).where(ReplayChange.id.in_(change_ids)))
    return [Chosen(*row) for row in rows]


async def open_changes(
    session: AsyncSession, replay_id: int, kind: ChangeKind | None, after: int, limit: int
) -> list[Chosen]:
    """What can be accepted and is not yet, after the change with this id."""
    query = _chosen(replay_id).where(
        ReplayChange.id > after, ReplayChange.accepted_at.is_(None), ReplayChange.kind != ChangeKind.UNANSWERABLE
    )
    if kind is not None:
        query = query.where(ReplayChange.kind == kind)
    return [Chosen(*row) for row in await session.execute(query.limit(limit))]


async def ended_before(session: AsyncSession, moment: datetime) -> list[int]:
    """Replays that ended before it."""
    return list(
        (await session.execute(select(Replay.id).where(Replay.ended_at < moment).order_by(Replay.id))).scalars()
    )


async def some_changes(session: AsyncSession, replay_id: int, limit: int) -> list[int]:
    query = select(ReplayChange.id).where(ReplayChange.replay_id == replay_id).limit(limit)
    return list((await session.execute(query)).scalars())

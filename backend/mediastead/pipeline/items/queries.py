"""What is asked of the items."""

import os
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...catalog.models import Episode, MediaItem, Season
from ...db.text import raw
from ...files.models import Folder, MediaFile, MediaFileState
from ...files.paths import joined
from ...http.paging import Page, decode_cursor, page_of
from ...libraries.models import Library
from ...organizing.spelling import folded_path
from ..discs.models import Disc, DiscKind, DiscState, DiscTitle
from ..jobs.models import JobState, Outcome, Stage, StageJob, StageJobAttempt
from .models import ItemState, ItemType, PipelineItem, StateTransition

OPEN = (JobState.PENDING, JobState.QUEUED, JobState.RUNNING)
"""Jobs that have not ended."""
LATELY = 100
"""Transitions that are looked at once more."""


class JobBrief(NamedTuple):
    """A stage job with its current attempt."""

    job: StageJob
    progress: float | None
    speed: str | None
    seconds_left: int | None
    outcome: Outcome | None


async def item(session: AsyncSession, item_id: int) -> PipelineItem | None:
    query = select(PipelineItem).where(PipelineItem.id == item_id).execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


async def items_page(
    session: AsyncSession,
    *,
    all: bool,
    states: Collection[ItemState],
    library_id: int | None,
    media_item_id: int | None,
    cursor: str | None,
    limit: int,
) -> Page[PipelineItem]:
    """Newest first. Without `all` only active ones."""
    query = select(PipelineItem).order_by(PipelineItem.id.desc()).limit(limit + 1)
    if not all:
        query = query.where(PipelineItem.ended_at.is_(None))
    if states:
        query = query.where(PipelineItem.state.in_(states))
    if library_id is not None:
        query = query.where(PipelineItem.library_id == library_id)
    if media_item_id is not None:
        query = query.where(PipelineItem.media_item_id == media_item_id)
    if cursor is not None:
        query = query.where(PipelineItem.id < decode_cursor(cursor, int)[0])
    return page_of(list((await session.execute(query)).scalars()), limit, lambda one: (one.id,))


class Active:
    """The active items by what no two of them may share, however it is spelled. Compared here: what a database takes for the same
    capital and small letter depends on which it is, and on its locale."""

    def __init__(self) -> None:
        self._names: dict[tuple[ItemType, int | None, str], int] = {}
        self._folders: set[str] = set()

    def add(
        self, item_id: int, type: ItemType, safe_name: str, season: int | None, edition: str, folder: bytes
    ) -> None:
        self._names.setdefault((type, season, folded_path(raw(f"{safe_name}/{edition}"))), item_id)
        self._folders.add(folded_path(folder))

    def same(self, type: ItemType, safe_name: str, season: int | None, edition: str) -> int | None:
        """The one that is the same by what must be unique; the first, where there are several."""
        return self._names.get((type, season, folded_path(raw(f"{safe_name}/{edition}"))))

    def has_folder(self, folder: bytes) -> bool:
        """Whether one is made in that folder, or in one that a file system may take for the same."""
        return folded_path(folder) in self._folders


async def active(session: AsyncSession) -> Active:
    """Reads all of them: whoever makes many asks once."""
    names = ("id", "type", "safe_name", "season", "edition", "folder")
    query = select(*(getattr(PipelineItem, name) for name in names)).where(PipelineItem.ended_at.is_(None))
    found = Active()
    for row in await session.execute(query.order_by(PipelineItem.id)):
        found.add(*row)
    return found


async def active_ids(session: AsyncSession) -> list[int]:
    query = select(PipelineItem.id).where(PipelineItem.ended_at.is_(None)).order_by(PipelineItem.id)
    return list((await session.execute(query)).scalars())


async def active_folders(session: AsyncSession) -> dict[int, bytes]:
    """Of the active items, by their ids."""
    query = select(PipelineItem.id, PipelineItem.folder).where(PipelineItem.ended_at.is_(None))
    return {row.id: row.folder for row in await session.execute(query.order_by(PipelineItem.id))}


async def is_at_work_in(session: AsyncSession, folder: bytes) -> bool:
    """Whether an active item is made in that folder, or in one that a file system may take for the same."""
    wanted = folded_path(folder)
    return any(folded_path(other) == wanted for other in (await active_folders(session)).values())


async def waiting_ids(session: AsyncSession) -> list[int]:
    """Active items that go on by themselves, or would if nothing stood in their way, and those with a disc to be ripped: it may
    have been read or inserted since, and is to be asked about."""
    with_disc = (PipelineItem.state == ItemState.NEW) & exists().where(Disc.item_id == PipelineItem.id)
    query = select(PipelineItem.id).where(
        PipelineItem.ended_at.is_(None), PipelineItem.automatic | PipelineItem.blocked.is_not(None) | with_disc
    )
    return list((await session.execute(query.order_by(PipelineItem.id))).scalars())


async def discs_of(session: AsyncSession, item_ids: Sequence[int]) -> dict[int, list[Disc]]:
    """By item, in the order of their numbers."""
    query = select(Disc).where(Disc.item_id.in_(item_ids)).execution_options(populate_existing=True)
    found: dict[int, list[Disc]] = defaultdict(list)
    for disc in (await session.execute(query)).scalars():
        found[disc.item_id or 0].append(disc)
    for discs in found.values():
        discs.sort(key=lambda disc: (disc.number is None, disc.number or 0, disc.id))
    return found


async def discs_in_library(session: AsyncSession, item: PipelineItem) -> list[int]:
    """Discs of the same season that came into a library with items before this one."""
    query = (
        select(Disc.id)
        .join(PipelineItem, PipelineItem.id == Disc.item_id)
        .where(
            PipelineItem.media_item_id == item.media_item_id,
            PipelineItem.season == item.season,
            PipelineItem.edition == item.edition,
            PipelineItem.state == ItemState.IN_LIBRARY,
            PipelineItem.id != item.id,
            Disc.state == DiscState.RIPPED,
            Disc.kind != DiscKind.FILES,
        )
        .order_by(Disc.id)
    )
    return list((await session.execute(query)).scalars())


async def titles_of(session: AsyncSession, disc_ids: Sequence[int]) -> dict[int, list[DiscTitle]]:
    """By disc, in their order."""
    query = (
        select(DiscTitle)
        .where(DiscTitle.disc_id.in_(disc_ids))
        .order_by(DiscTitle.disc_id, DiscTitle.number)
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[DiscTitle]] = defaultdict(list)
    for title in (await session.execute(query)).scalars():
        found[title.disc_id].append(title)
    return found


async def jobs_of(session: AsyncSession, item_ids: Sequence[int], *, only_open: bool = False) -> list[JobBrief]:
    """Oldest first, each with its current attempt."""
    query = (
        select(
            StageJob,
            StageJobAttempt.progress,
            StageJobAttempt.speed,
            StageJobAttempt.seconds_left,
            StageJobAttempt.outcome,
        )
        .outerjoin(
            StageJobAttempt, (StageJobAttempt.job_id == StageJob.id) & (StageJobAttempt.number == StageJob.attempt)
        )
        .where(StageJob.item_id.in_(item_ids))
        .order_by(StageJob.id)
        .execution_options(populate_existing=True)
    )
    if only_open:
        query = query.where(StageJob.state.in_(OPEN))
    return [JobBrief(*row) for row in (await session.execute(query)).all()]


async def with_rips_astray(session: AsyncSession) -> list[int]:
    """Items of which a rip that has not begun waits in a drive where its disc does not lie, or for a disc that is back."""
    waits = or_(StageJob.state == JobState.QUEUED, StageJob.held, StageJob.not_before.is_not(None))
    led = StageJob.input.is_not_distinct_from(Disc.source) & StageJob.only_host_id.is_not_distinct_from(Disc.host_id)
    query = (
        select(StageJob.item_id)
        .join(Disc, Disc.id == StageJob.disc_id)
        .where(
            StageJob.stage == Stage.RIP,
            StageJob.state.in_((JobState.PENDING, JobState.QUEUED)),
            waits,
            or_(Disc.inserted & (StageJob.held | ~led), ~Disc.inserted & ~StageJob.held),
        )
        .distinct()
    )
    return sorted(item_id for item_id in (await session.execute(query)).scalars() if item_id is not None)


async def transitions_of(session: AsyncSession, item_id: int) -> list[StateTransition]:
    """Oldest first."""
    query = select(StateTransition).where(StateTransition.item_id == item_id).order_by(StateTransition.id)
    return list((await session.execute(query)).scalars())


async def moved_lately(session: AsyncSession, known: int | None) -> dict[int, int]:
    """The item of each transition after the last that is `known`, and of some before it: ids are not in the order of commits.
    Where none is known, of the last ones."""
    query = select(StateTransition.id, StateTransition.item_id).order_by(StateTransition.id.desc())
    query = query.limit(LATELY) if known is None else query.where(StateTransition.id > known - LATELY)
    return {row.id: row.item_id for row in await session.execute(query)}


async def library_names(session: AsyncSession, ids: Collection[int]) -> dict[int, str]:
    rows = await session.execute(select(Library.id, Library.name).where(Library.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


async def library(session: AsyncSession, library_id: int) -> Library | None:
    return await session.get(Library, library_id)


async def media_item(session: AsyncSession, media_item_id: int) -> MediaItem | None:
    return await session.get(MediaItem, media_item_id)


async def episode_ids(session: AsyncSession, media_item_id: int, season: int) -> dict[int, int]:
    """The ids of a season's episodes by their numbers."""
    query = (
        select(Episode.number, Episode.id)
        .join(Season, Season.id == Episode.season_id)
        .where(Season.item_id == media_item_id, Season.number == season)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def content_of(session: AsyncSession, media_file_id: int) -> tuple[int, bytes] | None:
    """Size and fingerprint of a file of a library, where that is known of it as it is now."""
    query = select(MediaFileState.size, MediaFileState.fingerprint).where(MediaFileState.file_id == media_file_id)
    row = (await session.execute(query)).one_or_none()
    size, fingerprint = row if row is not None else (0, None)
    return (size, fingerprint) if fingerprint else None


async def episodes_known(session: AsyncSession, media_item_id: int) -> set[tuple[int, int]]:
    """(season, number) of all episodes of a series."""
    query = (
        select(Season.number, Episode.number)
        .join(Episode, Episode.season_id == Season.id)
        .where(Season.item_id == media_item_id)
    )
    return {(row[0], row[1]) for row in await session.execute(query)}


async def files_being_made(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, int]:
    """The active items that are made of these files of libraries, by file."""
    query = (
        select(DiscTitle.media_file_id, PipelineItem.id)
        .join(Disc, Disc.id == DiscTitle.disc_id)
        .join(PipelineItem, PipelineItem.id == Disc.item_id)
        .where(DiscTitle.media_file_id.in_(file_ids), PipelineItem.ended_at.is_(None))
    )
    return {file_id: item_id for file_id, item_id in await session.execute(query) if file_id is not None}


async def paths_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, bytes]:
    """Where files of libraries lie, absolute."""
    query = (
        select(MediaFile.id, Library.root, Folder.path, MediaFile.name)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(MediaFile.id.in_(file_ids))
    )
    rows = await session.execute(query)
    return {file_id: os.path.join(root, joined(folder, name)) for file_id, root, folder, name in rows}


async def is_known_folder(session: AsyncSession, folder: bytes) -> bool:
    """Whether any item, also one that has ended, is or was made there."""
    query = select(PipelineItem.id).where(PipelineItem.folder == folder).limit(1)
    return (await session.execute(query)).scalar_one_or_none() is not None


async def is_begun_in(session: AsyncSession, root: bytes) -> bool:
    """Whether anything was begun in that staging root for an item that has not ended."""
    beneath = root.rstrip(b"/") + b"/"
    query = (
        select(StageJobAttempt.id)
        .join(StageJob, StageJob.id == StageJobAttempt.job_id)
        .join(PipelineItem, PipelineItem.id == StageJob.item_id)
        .where(
            PipelineItem.ended_at.is_(None),
            StageJobAttempt.directory > beneath,
            StageJobAttempt.directory < beneath[:-1] + b"0",
        )
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none() is not None


async def title_with(session: AsyncSession, type: ItemType, tmdb_id: int) -> int | None:
    """The title with that id at TMDB, where it is known here."""
    query = select(MediaItem.id).where(MediaItem.type == type.value, MediaItem.tmdb_id == tmdb_id)
    return (await session.execute(query)).scalar_one_or_none()


async def library_named(session: AsyncSession, name: str) -> int | None:
    return (await session.execute(select(Library.id).where(Library.name == name))).scalar_one_or_none()

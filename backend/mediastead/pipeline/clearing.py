"""What was made for an item on its way goes from the staging root some days after the item came into its library.

Only the folders of its own attempts, by what the database knows of them, and only where the staging root has its marker. What a
script or a person laid beside them stays, and so do the markers that say what the item was.
"""

import asyncio
import os
import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..db.locks import ProcessLock
from ..db.text import shown
from ..disk.beneath import NotAsExpected
from ..disk.made import NotThere, delete_made, size_of_made
from ..libraries.queries import roots
from .discs.models import Disc, DiscTitle
from .items.errors import NoSuchPipelineItem
from .items.models import ItemState, PipelineItem, StateTransition, Trigger
from .items.states import record_transition
from .jobs.models import StageJob, StageJobAttempt
from .jobs.roots import MARKER
from .rules import Rules
from .schemas import Cleared, ClearedItem

CLEARED = "cleared"
"""Stands in an item's transitions once its staging is cleared; no state of its own: it is in its library."""
PIPELINE = "pipeline"
AN_ATTEMPT = re.compile(rb"/\.(rip|remux|transcode|organize)/\d+-\d+")
AT_A_TIME = 100

log = structlog.stdlib.get_logger(__name__)


class InLibrary(Struct, frozen=True, kw_only=True):
    """An item of which something may still lie in a staging root."""

    id: int
    name: str
    state: ItemState
    ended_at: datetime | None
    folder: bytes


def on_its_way() -> ColumnElement[bool]:
    """Of a stage job: whether its item has not ended. What a stage is done again with, and that only a person has it tried again,
    is known by its jobs."""
    return exists().where(PipelineItem.id == StageJob.item_id, PipelineItem.ended_at.is_(None))


def uncleared() -> ColumnElement[bool]:
    """Of a stage job: whether its attempts tell what is still to be cleared away."""
    in_library = PipelineItem.state == ItemState.IN_LIBRARY
    return exists().where(PipelineItem.id == StageJob.item_id, in_library, ~_is_cleared())


async def clear(
    database: Database,
    clock: Clock,
    rules: Rules,
    actor: str,
    *,
    days: int,
    item_ids: Sequence[int] | None = None,
    dry_run: bool = False,
) -> Cleared:
    """Clear what is due: of items that have been in their library for so many days (0: none), or of these, however long that is.

    With `dry_run` only say what would go. One server at a time does it. Raises `NoSuchPipelineItem`.
    """
    if not days and item_ids is None:
        return Cleared(dry_run=dry_run, items=[])
    async with ProcessLock(database, "clearing").hold() as mine:
        if not mine:
            return Cleared(dry_run=dry_run, items=[])
        async with database.read() as session:
            await _must_be_there(session, item_ids or ())
            due = await _due(session, clock.now() - timedelta(days=days), item_ids)
            kept = await _in_use(session)
            libraries = [root for _, _, root, _ in await roots(session)]
        told = [await _clear(database, clock, rules, actor, item, [*kept, *libraries], dry_run=dry_run) for item in due]
    return Cleared(dry_run=dry_run, items=[each for each in told if each is not None])


async def clear_due(database: Database, clock: Clock, rules: Rules, days: int) -> int:
    """What is due by itself; how many items were cleared."""
    return len((await clear(database, clock, rules, PIPELINE, days=days)).items)


async def _clear(
    database: Database,
    clock: Clock,
    rules: Rules,
    actor: str,
    item: InLibrary,
    kept: Collection[bytes],
    *,
    dry_run: bool,
) -> ClearedItem | None:
    def told(words: str, folders: Sequence[bytes] = (), size: int = 0) -> ClearedItem:
        return ClearedItem(
            item_id=item.id, name=item.name, folders=[shown(each) for each in folders], bytes=size, words=words
        )

    if item.state is not ItemState.IN_LIBRARY and item.ended_at is not None:
        return told(f"it was given up: what was made for it is yours, in {shown(item.folder)}")
    if item.state is not ItemState.IN_LIBRARY:
        return told("it is not in its library: what was made is still needed")
    async with database.read() as session:
        made = await _made(session, item.id)
    try:
        places = await asyncio.to_thread(_places, rules.staging_roots, made, kept)
        size = sum(size for _, _, size in places)
        folders = [os.path.join(root, path) for root, path, _ in places]
        if dry_run:
            return told(f"{_amount(size)} would go", folders, size) if places else None
        for root, path, _ in places:
            await asyncio.to_thread(delete_made, root, path, MARKER.encode())
    except NotThere:
        return told("its staging root is not mounted here: nothing more was deleted, and it is tried again")
    except (OSError, NotAsExpected) as error:
        log.warning("what was made for an item cannot be cleared away", pipeline_item_id=item.id, error=str(error))
        return told(f"not all of it could be deleted ({error}): see to it, and it is tried again")
    words = f"{_amount(size)} in {len(places)} folders deleted" if places else "nothing of it was left"
    async with database.write() as session:
        trigger = Trigger.AUTO if actor == PIPELINE else Trigger.MANUAL
        state = ItemState.IN_LIBRARY.value
        await record_transition(session, clock.now(), item.id, state, CLEARED, trigger, actor, words)
    return told(words, folders, size) if places else None


def _places(
    staging_roots: Sequence[str], made: Sequence[bytes], kept: Collection[bytes]
) -> list[tuple[bytes, bytes, int]]:
    """(root, path beneath it, bytes) of those of these folders that are there, and are nobody else's. Blocks."""
    places: list[tuple[bytes, bytes, int]] = []
    for directory in made:
        root = next((root for root in map(os.fsencode, staging_roots) if directory.startswith(root + b"/")), None)
        is_used = any(directory == each or _holds(directory, each) or _holds(each, directory) for each in kept)
        if (
            root is None
            or is_used
            or not AN_ATTEMPT.fullmatch(directory, directory.rfind(b"/", 0, directory.rfind(b"/")))
        ):
            continue
        path = directory[len(root) + 1 :]
        size = size_of_made(root, path, MARKER.encode())
        if size is not None:
            places.append((root, path, size))
    return places


def _holds(folder: bytes, path: bytes) -> bool:
    return path.startswith(folder.rstrip(b"/") + b"/")


async def _must_be_there(session: AsyncSession, item_ids: Sequence[int]) -> None:
    """Raises `NoSuchPipelineItem` for the first of them that is none."""
    known = set((await session.execute(select(PipelineItem.id).where(PipelineItem.id.in_(item_ids)))).scalars())
    for item_id in item_ids:
        if item_id not in known:
            raise NoSuchPipelineItem(item_id)


async def _due(session: AsyncSession, before: datetime, item_ids: Sequence[int] | None) -> list[InLibrary]:
    columns = (PipelineItem.id, PipelineItem.name, PipelineItem.state, PipelineItem.ended_at, PipelineItem.folder)
    query = select(*columns).where(~_is_cleared()).order_by(PipelineItem.id).limit(AT_A_TIME)
    query = query.where(PipelineItem.id.in_(item_ids) if item_ids is not None else and_(*_is_due(before)))
    return [InLibrary(**row) for row in (await session.execute(query)).mappings()]


async def _made(session: AsyncSession, item_id: int) -> list[bytes]:
    """The folders of all attempts at an item's jobs, of which none is at work."""
    query = (
        select(StageJobAttempt.directory)
        .join(StageJob, StageJob.id == StageJobAttempt.job_id)
        .where(StageJob.item_id == item_id, StageJobAttempt.outcome.is_not(None))
        .order_by(StageJobAttempt.id)
    )
    return list((await session.execute(query)).scalars())


async def _in_use(session: AsyncSession) -> list[bytes]:
    """Files that other items, which have not ended, are made of: they may have been taken up again (`recovering`)."""
    query = (
        select(DiscTitle.file)
        .join(Disc, Disc.id == DiscTitle.disc_id)
        .join(PipelineItem, PipelineItem.id == Disc.item_id)
        .where(PipelineItem.ended_at.is_(None), DiscTitle.file.is_not(None))
    )
    return [file for file in (await session.execute(query)).scalars() if file is not None]


def _is_due(before: datetime) -> Sequence[ColumnElement[bool]]:
    return PipelineItem.state == ItemState.IN_LIBRARY, PipelineItem.ended_at < before


def _is_cleared() -> ColumnElement[bool]:
    return exists().where(StateTransition.item_id == PipelineItem.id, StateTransition.to_state == CLEARED)


def _amount(size: int) -> str:
    return f"{size / 1_000_000_000:.1f} GB" if size >= 100_000_000 else f"{size / 1_000_000:.1f} MB"

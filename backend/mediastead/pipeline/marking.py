"""What an item's folder says of it, for people and scripts, and for `recovering` when the database is gone."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.engine import Database
from ..db.text import shown
from .items import queries
from .items.models import PipelineItem
from .items.states import STATES, stage_to, went_back_at
from .jobs.models import Stage
from .jobs.roots import why_away
from .stages.markers import clear_markers, read_markers, write_markers

FORM = 1
"""Of `metadata.json`; goes up when what is kept in it changes its meaning."""

log = structlog.stdlib.get_logger(__name__)


async def mark_item(database: Database, item_id: int, staging_roots: Collection[str]) -> None:
    """Write the markers of what an item has behind it, after the commit that says so. Raises `OSError`, also where its staging
    root is away: nothing is written into the folder that it is mounted on."""
    async with database.read() as session:
        item = await queries.item(session, item_id)
        if item is None or (item.ended_at is not None and await queries.is_at_work_in(session, item.folder)):
            return  # another item is made there since, and would take what this one has behind it for its own
        done = await _done(session, item)
        metadata = await metadata_of(session, item)
        back = went_back_at(await queries.transitions_of(session, item_id)) or item.created_at
    if (away := await asyncio.to_thread(why_away, staging_roots, item.folder)) is not None:
        raise OSError(away)
    await asyncio.to_thread(_clear_stale, item.folder, set(done), back)
    if done or item.ended_at is not None:
        await asyncio.to_thread(write_markers, item.folder, done=done, state=item.state.value, metadata=metadata)


async def mark_again(database: Database, item_id: int, staging_roots: Collection[str]) -> None:
    """A person corrected what its folder says of it. A folder that cannot be written is written by the next transition."""
    try:
        await mark_item(database, item_id, staging_roots)
    except OSError as error:
        log.warning("no markers could be written", pipeline_item_id=item_id, error=str(error))


def _clear_stale(folder: bytes, done: Collection[Stage], back: datetime) -> None:
    """Markers of stages that are to be done again: whoever looks there shall not take them for done."""
    stale = [stage for stage, marker in read_markers(folder).done.items() if marker.written < back]
    if undone := [stage for stage in stale if stage not in done]:
        clear_markers(folder, undone)


async def metadata_of(session: AsyncSession, item: PipelineItem) -> dict[str, Any]:
    """All that only the database knows of an item: what it is, its discs, the titles that are made, and their files."""
    discs = (await queries.discs_of(session, [item.id])).get(item.id, [])
    titles = await queries.titles_of(session, [disc.id for disc in discs])
    media = await queries.media_item(session, item.media_item_id) if item.media_item_id is not None else None
    library = await queries.library(session, item.library_id) if item.library_id is not None else None
    return {
        "form": FORM,
        "id": item.id,
        "type": item.type.value,
        "name": item.name,
        "year": item.year,
        "season": item.season,
        "edition": item.edition,
        "tmdb_id": media.tmdb_id if media is not None else None,
        "library": library.name if library is not None else None,
        "skips": item.skips,
        "approvals": item.requires,
        "actor": item.actor,
        "created_at": item.created_at.isoformat(),
        "ended": item.ended_at is not None,
        "discs": [
            {
                "number": disc.number,
                "kind": disc.kind.value,
                "state": disc.state.value,
                "label": disc.label,
                "source": shown(disc.source) if disc.source is not None else None,
                "fingerprint": disc.fingerprint.hex() if disc.fingerprint is not None else None,
                "facts": {key: value for key, value in disc.facts.items() if key != "titles"},
                "titles": [
                    {
                        "number": title.number,
                        "facts": title.facts,
                        "role": title.role.value if title.role else None,
                        "season": title.season,
                        "episodes": list(title.episodes),
                        "name": title.name,
                        "by_hand": title.by_hand,
                        "done": title.done,
                        "file": title.file.hex() if title.file is not None else None,
                        "media_file_id": title.media_file_id,
                    }
                    for title in titles.get(disc.id, [])
                    if title.selected
                ],
            }
            for disc in discs
        ],
    }


async def _done(session: AsyncSession, item: PipelineItem) -> dict[Stage, datetime]:
    """The stages that the whole item has behind it, and since when."""
    since = {row.to_state: row.at for row in await queries.transitions_of(session, item.id)}
    behind = STATES[: STATES.index(item.state) + 1]
    return {
        stage: since.get(state.value, item.created_at) for state in behind if (stage := stage_to(state)) is not None
    }

"""A library, a series of two episodes, and an item that is made of one of its discs, with what people do to it."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from mediastead.catalog.models import Episode, MediaItem, Season
from mediastead.catalog.types import ItemType as MediaType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.libraries.models import Library, LibraryKind
from mediastead.pipeline import service
from mediastead.pipeline.approvals.models import Approval, ApprovalState
from mediastead.pipeline.approvals.schemas import ApprovalAnswer
from mediastead.pipeline.flow import advance
from mediastead.pipeline.items.models import ItemType
from mediastead.pipeline.items.service import NewItem
from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.jobs.waiting_queries import Moment
from mediastead.pipeline.showing import item_shown

from .making import a_disc, an_item
from .working import RULES

NOW = Moment(datetime(2026, 3, 1, 12, tzinfo=UTC), "")

YES = ApprovalAnswer(decision="approve")
ALL = ("disc_preview", "remux_review", "organize_confirm")


async def a_library_and_a_series(database: Database, clock: SetClock) -> None:
    """A library, and a series of two episodes, both with the id 1."""
    async with database.write() as session:
        library = {
            "name": "Series",
            "root": b"/media/series",
            "kind": LibraryKind.SERIES,
            "exclude_patterns": [],
            "created_at": clock.now(),
        }
        await session.execute(insert(Library), library)
        media = {
            "type": MediaType.SERIES,
            "tmdb_id": 1437,
            "title": "Firefly",
            "alternative_titles": [],
            "sort_key": "firefly",
            "search_text": "firefly",
            "genres": [],
            "cast": [],
            "created_at": clock.now(),
        }
        await session.execute(insert(MediaItem), media)
        await session.execute(insert(Season), {"item_id": 1, "number": 1})
        await session.execute(insert(Episode), [{"season_id": 1, "number": 1}, {"season_id": 1, "number": 2}])


async def a_season(database: Database, clock: SetClock, *, titles: int = 2, **other: Any) -> int:
    """An item with one disc, ready to be ripped."""
    fields = {"type": ItemType.SERIES, "name": "Firefly", "season": 1, "media_item_id": 1, "library_id": 1} | other
    item_id = await an_item(database, clock, NewItem(**fields))
    await a_disc(database, clock, item_id, titles=titles)
    await look(database, clock, item_id)
    return item_id


async def look(database: Database, clock: SetClock, item_id: int) -> None:
    async with database.write() as session:
        await advance(session, clock.now(), RULES, item_id)


async def start(
    database: Database, clock: SetClock, item_id: int, stage: Stage | None = None, *, again: bool = False
) -> list[int]:
    async with database.write() as session:
        return await service.start_stage(session, clock.now(), RULES, "local", item_id, stage, again=again)


async def answer(database: Database, clock: SetClock, approval_id: int, given: ApprovalAnswer = YES) -> None:
    async with database.write() as session:
        await service.look_again(session, clock.now(), RULES, approval_id)
    async with database.write() as session:
        await service.answer(session, clock.now(), RULES, "local", approval_id, given)


async def pending(database: Database) -> list[Approval]:
    async with database.read() as session:
        query = select(Approval).where(Approval.state == ApprovalState.PENDING).order_by(Approval.id)
        return list((await session.execute(query)).scalars())


async def the_one(database: Database) -> int:
    (question,) = await pending(database)
    return question.id


async def next_of(database: Database, item_id: int) -> str:
    async with database.read() as session:
        return (await item_shown(session, item_id, NOW)).next

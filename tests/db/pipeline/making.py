"""Items, discs and titles as rows, for tests of the pipeline."""

from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from mediastead.clock import Clock
from mediastead.db.engine import Database
from mediastead.pipeline.discs.models import Disc, DiscKind, DiscState, DiscTitle, TitleRole
from mediastead.pipeline.items import queries
from mediastead.pipeline.items.models import ItemType, PipelineItem
from mediastead.pipeline.items.service import NewItem, make_item

SEASON = NewItem(type=ItemType.SERIES, name="Firefly", season=1)
FILM = NewItem(type=ItemType.MOVIE, name="Alien: Romulus", year=2024)


async def an_item(database: Database, clock: Clock, new: NewItem = SEASON, *, root: Path | str = "/staging") -> int:
    async with database.write() as session:
        return await make_item(session, clock.now(), "local", new, str(root))


async def a_disc(database: Database, clock: Clock, item_id: int | None, *, titles: int = 2, **other: Any) -> int:
    """A disc that was read, with titles that are chosen; gives its id. Titles get the ids 1, 2, ... where it is the first."""
    disc: dict[str, Any] = {
        "item_id": item_id,
        "number": 1,
        "kind": DiscKind.DVD,
        "state": DiscState.PENDING,
        "source": b"/images/firefly.iso",
        "inserted": True,
        "facts": {},
        "created_at": clock.now(),
    } | other
    async with database.write() as session:
        disc_id = (await session.execute(insert(Disc).returning(Disc.id), disc)).scalar_one()
        for number in range(1, titles + 1):
            title = {
                "disc_id": disc_id,
                "number": number,
                "facts": {"number": number, "duration": 60.0 * number},
                "role": TitleRole.EPISODE,
                "selected": True,
                "season": 1,
                "episodes": [number],
                "name": f"Firefly S01E{number:02}",
            }
            await session.execute(insert(DiscTitle), title)
    return disc_id


async def item_of(database: Database, item_id: int) -> PipelineItem:
    async with database.read() as session:
        item = await queries.item(session, item_id)
    assert item is not None
    return item


async def titles_of(database: Database) -> list[DiscTitle]:
    async with database.read() as session:
        return list((await session.execute(select(DiscTitle).order_by(DiscTitle.id))).scalars())


async def change_title(database: Database, title_id: int, **values: Any) -> None:
    async with database.write() as session:
        await session.execute(update(DiscTitle).where(DiscTitle.id == title_id).values(**values))


async def transitions(database: Database, item_id: int) -> list[tuple[str | None, str, str, str]]:
    async with database.read() as session:
        rows = await queries.transitions_of(session, item_id)
    return [(row.from_state, row.to_state, row.trigger.value, row.actor) for row in rows]

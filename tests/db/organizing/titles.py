"""Says what the files of a house are, and plans."""

from typing import Any

from sqlalchemy import insert, update

from mediastead.catalog.models import MediaItem
from mediastead.catalog.types import ItemType
from mediastead.db.text import folded
from mediastead.files.models import MediaFile
from mediastead.files.types import Identification, Role
from mediastead.organizing import queries, service
from mediastead.organizing.models import GroupState
from mediastead.organizing.planning import Planner
from mediastead.organizing.schemas import GroupView, OrganizeRequest, OrganizingView

from .house import House


class Titles:
    def __init__(self, house: House) -> None:
        self.house = house
        self.database, self.clock = house.database, house.clock

    async def film(self, title: str, *paths: str, year: int = 2000, role: Role = Role.FEATURE) -> int:
        """An item, and that these files are it."""
        row = {
            "type": ItemType.MOVIE,
            "title": title,
            "alternative_titles": [],
            "sort_key": folded(title),
            "search_text": folded(title),
            "year": year,
            "genres": [],
            "cast": [],
            "created_at": self.clock.now(),
        }
        ids = [await self.house.shelf.id_of(path) for path in paths]
        async with self.database.write() as session:
            item_id = (await session.execute(insert(MediaItem).values(**row).returning(MediaItem.id))).scalar_one()
            matched = {"media_item_id": item_id, "identification": Identification.MATCHED, "role": role}
            await session.execute(update(MediaFile).where(MediaFile.id.in_(ids)).values(**matched))
        return item_id

    async def plan(self, at_once: int = 1000, **what: Any) -> OrganizingView:
        request = OrganizeRequest(**(what or {"library_id": self.house.shelf.library_id}))
        async with self.database.write() as session:
            begun = await service.open_plan(session, self.clock.now(), "test", request)
        planner = Planner(self.database, self.clock, files_at_once=at_once)
        planner.begin(begun)
        await planner.finish()
        return await self.view(begun.organizing_id)

    async def view(self, organizing_id: int) -> OrganizingView:
        async with self.database.read() as session:
            return await service.shown(session, organizing_id)

    async def groups(self, organizing_id: int, state: GroupState = GroupState.PLANNED) -> list[GroupView]:
        async with self.database.read() as session:
            return (await queries.groups_page(session, organizing_id, [state], cursor=None, limit=500)).items

    async def moves(self, organizing_id: int) -> list[dict[str, str | None]]:
        groups = await self.groups(organizing_id)
        return [{move.source: move.target for move in group.moves} for group in groups]

    async def refused(self, organizing_id: int) -> dict[str, str | None]:
        groups = await self.groups(organizing_id, GroupState.REFUSED)
        return {move.source: group.reason for group in groups for move in group.moves}

    async def do(self, organizing_id: int) -> OrganizingView:
        async with self.database.write() as session:
            await service.apply(session, self.clock.now(), organizing_id)
        await self.house.organizer().apply(organizing_id)
        return await self.view(organizing_id)

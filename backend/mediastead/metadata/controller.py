"""`/v1/metadata/search` and the changing half of `/v1/items`."""

from typing import Annotated

from litestar import Controller, get, patch, post, put
from litestar.params import Body, QueryParameter

from ..catalog.types import ItemType
from ..clock import Clock
from ..db.engine import Database
from ..errors import InvalidRequest
from ..http.permissions import Permission, requires
from . import service
from .provider import CatalogProvider
from .refreshing import OnNewEpisodes, refresh_item
from .schemas import FoundTitles, ItemChange, ItemView, NewItem, RefreshAnswer, SeasonEntry, SeasonView

MAX_SEASON = 100_000
"""Some series count their seasons by the year."""


class MetadataController(Controller):
    path = "/v1/metadata"
    tags = ("metadata",)

    @get("/search", guards=[requires(Permission.ANSWER)], summary="Search the provider for titles")
    async def search(
        self,
        database: Database,
        provider: CatalogProvider,
        words: Annotated[
            str,
            QueryParameter(
                name="query", min_length=1, max_length=200, description="Words of the title, or an IMDb id."
            ),
        ],
        type: ItemType | None = None,
        year: Annotated[int | None, QueryParameter(ge=1870, le=2200, description="Of the release, exactly.")] = None,
    ) -> FoundTitles:
        return await service.search(database, provider, words, type, year)


class ItemChangesController(Controller):
    path = "/v1/items"
    tags = ("items",)

    @post(guards=[requires(Permission.EDIT_ITEMS)], summary="Add a title by its TMDB id, or make one by hand")
    async def add(
        self,
        data: Annotated[NewItem, Body(description="A type with a tmdb_id, or with a title and what is known of it.")],
        database: Database,
        provider: CatalogProvider,
        clock: Clock,
        actor: str,
    ) -> ItemView:
        return await service.add_item(database, provider, clock, actor, data)

    @patch("/{item_id:int}", guards=[requires(Permission.EDIT_ITEMS)], summary="Change or link an item")
    async def change(
        self,
        item_id: int,
        data: Annotated[ItemChange, Body(description="Fields of an item made by hand, or a tmdb_id to link it to.")],
        database: Database,
        provider: CatalogProvider,
        clock: Clock,
        on_new_episodes: OnNewEpisodes,
        actor: str,
    ) -> ItemView:
        return await service.change_item(database, provider, clock, on_new_episodes, actor, item_id, data)

    @put(
        "/{item_id:int}/seasons/{number:int}",
        guards=[requires(Permission.EDIT_ITEMS)],
        summary="Say what a season of a series made by hand holds",
    )
    async def put_season(
        self,
        item_id: int,
        number: int,
        data: Annotated[SeasonEntry, Body(description="The season, whole.")],
        database: Database,
        clock: Clock,
        actor: str,
    ) -> SeasonView:
        if number > MAX_SEASON:
            raise InvalidRequest(f"A season's number is at most {MAX_SEASON}.")
        async with database.write() as session:
            return await service.put_season(session, clock, actor, item_id, number, data)

    @post(
        "/{item_id:int}/refresh",
        guards=[requires(Permission.EDIT_ITEMS)],
        summary="Ask the provider for an item anew",
        status_code=200,
    )
    async def refresh(
        self,
        item_id: int,
        database: Database,
        provider: CatalogProvider,
        clock: Clock,
        on_new_episodes: OnNewEpisodes,
    ) -> RefreshAnswer:
        refreshed = await refresh_item(database, provider, clock, on_new_episodes, item_id)
        async with database.read() as session:
            item = await service.item_view(session, item_id)
        return RefreshAnswer(changed=refreshed.changed, error=refreshed.error, item=item)

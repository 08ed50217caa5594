"""`/v1/pipeline-items`: what is being made."""

from typing import Annotated

from litestar import Controller, get, patch, post
from litestar.params import Body, PathParameter, QueryParameter

from ..clock import Clock
from ..db.engine import Database
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from ..metadata.provider import CatalogProvider
from ..settings import Settings
from . import clearing, creating, from_files, recovering, service, showing
from .items import queries
from .items.models import ItemState
from .jobs.waiting_queries import Moment
from .marking import mark_again
from .rules import rules_of
from .schemas import (
    Begun,
    Cancelled,
    Cleared,
    DiscToAdd,
    FilesToMake,
    MadeOfFiles,
    NewPipelineItem,
    PipelineItemChange,
    PipelineItemShown,
    PipelineItemView,
    Recovered,
    WhatToClear,
    WhatToRecover,
    WhatToSkip,
    WhatToStart,
    WhyGivenUp,
)

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
OfLibrary = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only for this library.")]
OfTitle = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only what will be this title.")]
All = Annotated[bool, QueryParameter(description="Also what is in its library, or was given up.")]

MAY_SEE = [requires(Permission.VIEW)]
MAY_RUN = [requires(Permission.RUN_PIPELINE)]


class PipelineItemsController(Controller):
    path = "/v1/pipeline-items"
    tags = ("pipeline",)

    @get("/", guards=MAY_SEE, summary="Films and seasons that are being made, newest first")
    async def list_items(
        self,
        database: Database,
        all: All = False,
        states: list[ItemState] | None = None,
        library: OfLibrary = None,
        item: OfTitle = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[PipelineItemView]:
        async with database.read() as session:
            page = await queries.items_page(
                session,
                all=all,
                states=states or [],
                library_id=library,
                media_item_id=item,
                cursor=cursor,
                limit=limit,
            )
            return await showing.page_shown(session, page)

    @post("/", guards=MAY_RUN, status_code=201, summary="Make an item by hand, or from a disc")
    async def add(
        self,
        data: Annotated[NewPipelineItem, Body(description="What it is, and the disc that it is made from.")],
        database: Database,
        provider: CatalogProvider,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> PipelineItemShown:
        item_id = await creating.create(database, provider, clock, rules_of(settings), actor, data)
        return await self._shown(database, clock, settings, item_id)

    @post(
        "/from-files",
        guards=MAY_RUN,
        status_code=200,
        summary="Make items of files of a library that are to be transcoded anew",
    )
    async def add_from_files(
        self,
        data: Annotated[FilesToMake, Body(description="Which files, and by which preset.")],
        database: Database,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> MadeOfFiles:
        async with database.write() as session:
            return await from_files.choose_and_make(session, clock.now(), rules_of(settings), actor, data)

    @post("/recover", guards=MAY_RUN, status_code=200, summary="Take up folders of the staging roots that nobody knows")
    async def recover(
        self,
        data: Annotated[WhatToRecover, Body(description="Whether to change anything.")],
        database: Database,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> Recovered:
        return await recovering.recover(database, clock, rules_of(settings), actor, dry_run=data.dry_run)

    @post(
        "/clear", guards=MAY_RUN, status_code=200, summary="Delete what was made on the way of what is in its library"
    )
    async def clear(
        self,
        data: Annotated[WhatToClear, Body(description="Of which items, and whether anything is deleted.")],
        database: Database,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> Cleared:
        rules, days = rules_of(settings), settings.staging_days
        return await clearing.clear(
            database, clock, rules, actor, days=days, item_ids=data.item_ids, dry_run=data.dry_run
        )

    @get("/{item_id:int}", guards=MAY_SEE, summary="One item: discs, titles, jobs, transitions, and what is next")
    async def show(self, item_id: AnId, database: Database, clock: Clock, settings: Settings) -> PipelineItemShown:
        return await self._shown(database, clock, settings, item_id)

    @patch("/{item_id:int}", guards=MAY_RUN, summary="Automatic or not, library, preset, approvals, which title it is")
    async def change(
        self,
        item_id: AnId,
        data: Annotated[PipelineItemChange, Body(description="What is to be another.")],
        database: Database,
        provider: CatalogProvider,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> PipelineItemShown:
        rules = rules_of(settings)
        await creating.change(database, provider, clock, rules, actor, item_id, data)
        await mark_again(database, item_id, rules.staging_roots)
        return await self._shown(database, clock, settings, item_id)

    @post("/{item_id:int}/discs", guards=MAY_RUN, status_code=200, summary="Add a disc to an item")
    async def add_disc(
        self,
        item_id: AnId,
        data: Annotated[DiscToAdd, Body(description="The disc, and its number within the item.")],
        database: Database,
        clock: Clock,
        settings: Settings,
    ) -> PipelineItemShown:
        async with database.write() as session:
            await creating.add_disc(session, clock.now(), rules_of(settings), item_id, data.disc_id, data.number)
        return await self._shown(database, clock, settings, item_id)

    @post("/{item_id:int}/start", guards=MAY_RUN, status_code=200, summary="Start a stage, try it again, or repeat it")
    async def start(
        self,
        item_id: AnId,
        data: Annotated[WhatToStart, Body(description="Which stage; {} for the first that is ready.")],
        database: Database,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> Begun:
        async with database.write() as session:
            jobs = await service.start_stage(
                session,
                clock.now(),
                rules_of(settings),
                actor,
                item_id,
                data.stage,
                again=data.again,
                replace=data.replace,
            )
        return Begun(item=await self._shown(database, clock, settings, item_id), jobs=jobs)

    @post("/{item_id:int}/skip", guards=MAY_RUN, status_code=200, summary="Let an item go on without a stage")
    async def skip(
        self,
        item_id: AnId,
        data: Annotated[WhatToSkip, Body(description="remux or transcode.")],
        database: Database,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> PipelineItemShown:
        async with database.write() as session:
            await service.skip_stage(session, clock.now(), rules_of(settings), actor, item_id, data.stage)
        return await self._shown(database, clock, settings, item_id)

    @post("/{item_id:int}/cancel", guards=MAY_RUN, status_code=200, summary="Stop what is at work; the item stays")
    async def cancel(
        self, item_id: AnId, database: Database, clock: Clock, settings: Settings, actor: str
    ) -> Cancelled:
        async with database.write() as session:
            jobs = await service.cancel(session, clock.now(), rules_of(settings), actor, item_id)
        return Cancelled(item=await self._shown(database, clock, settings, item_id), jobs=jobs)

    @post("/{item_id:int}/give-up", guards=MAY_RUN, status_code=200, summary="End an item; its files stay")
    async def give_up(
        self,
        item_id: AnId,
        data: Annotated[WhyGivenUp, Body(description="Why; {} for no words.")],
        database: Database,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> PipelineItemShown:
        async with database.write() as session:
            await service.give_up(session, clock.now(), rules_of(settings), actor, item_id, data.words)
        return await self._shown(database, clock, settings, item_id)

    @staticmethod
    async def _shown(database: Database, clock: Clock, settings: Settings, item_id: int) -> PipelineItemShown:
        async with database.read() as session:
            return await showing.item_shown(session, item_id, Moment(clock.now(), settings.stage_hours))

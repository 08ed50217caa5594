"""Organizing over HTTP: have a plan made, look at it, then apply or discard it; take back what was done."""

from typing import Annotated

from litestar import Controller, get, post, put
from litestar.params import Body, PathParameter, QueryParameter

from ..clock import Clock
from ..db.engine import Database
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from . import queries, service
from .models import GroupState
from .planning import Planner
from .roots import refuse_to_plan_where_away, refuse_where_away
from .schemas import BringInRequest, GroupView, NamingChange, NamingView, OrganizeRequest, OrganizingView
from .settling import settle

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
OfLibrary = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only of this library.")]

MAY_SEE = [requires(Permission.VIEW)]
MAY_ORGANIZE = [requires(Permission.ORGANIZE)]
MAY_MANAGE = [requires(Permission.MANAGE_LIBRARIES)]


class OrganizingsController(Controller):
    path = "/v1/organizings"
    tags = ("organizing",)

    @post("/", guards=MAY_ORGANIZE, status_code=202, summary="Plan where files belong; touches nothing")
    async def plan(
        self,
        data: Annotated[OrganizeRequest, Body(description="A library, or some files or titles.")],
        database: Database,
        clock: Clock,
        actor: str,
        planner: Planner,
    ) -> OrganizingView:
        await self._refuse_where_away(database, data)
        async with database.write() as session:
            asked = await service.open_plan(session, clock.now(), actor, data)
        planner.begin(asked)
        async with database.read() as session:
            return await service.shown(session, asked.organizing_id)

    @post(
        "/bring-in",
        guards=MAY_ORGANIZE,
        status_code=202,
        summary="Plan to bring files from an inbox into its library; touches nothing",
    )
    async def plan_bring_in(
        self,
        data: Annotated[BringInRequest, Body(description="An inbox, or some files or titles in it.")],
        database: Database,
        clock: Clock,
        actor: str,
        planner: Planner,
    ) -> OrganizingView:
        await self._refuse_where_away(database, data)
        async with database.write() as session:
            asked = await service.open_bring_in(session, clock.now(), actor, data)
        planner.begin(asked)
        async with database.read() as session:
            return await service.shown(session, asked.organizing_id)

    @staticmethod
    async def _refuse_where_away(database: Database, data: OrganizeRequest | BringInRequest) -> None:
        async with database.read() as session:
            ids = await service.libraries_asked(session, data)
        await refuse_to_plan_where_away(database, ids)

    @get("/", guards=MAY_SEE, summary="Plans and what became of them, newest first")
    async def list_organizings(
        self, database: Database, library: OfLibrary = None, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
    ) -> Page[OrganizingView]:
        async with database.read() as session:
            return await queries.organizings_page(session, library, cursor=cursor, limit=limit)

    @get("/{organizing_id:int}", guards=MAY_SEE, summary="One plan: how much it would move, and how far it is done")
    async def show(self, organizing_id: AnId, database: Database) -> OrganizingView:
        async with database.read() as session:
            return await service.shown(session, organizing_id)

    @get("/{organizing_id:int}/groups", guards=MAY_SEE, summary="What moves together, and what is refused and why")
    async def list_groups(
        self,
        organizing_id: AnId,
        database: Database,
        states: list[GroupState] | None = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[GroupView]:
        async with database.read() as session:
            await service.shown(session, organizing_id)
            return await queries.groups_page(session, organizing_id, states or [], cursor=cursor, limit=limit)

    @post("/{organizing_id:int}/apply", guards=MAY_ORGANIZE, status_code=202, summary="Do what is planned")
    async def apply(self, organizing_id: AnId, database: Database, clock: Clock) -> OrganizingView:
        await refuse_where_away(database, organizing_id)
        async with database.write() as session:
            return await service.apply(session, clock.now(), organizing_id)

    @post("/{organizing_id:int}/discard", guards=MAY_ORGANIZE, status_code=200, summary="Forget a plan")
    async def discard(self, organizing_id: AnId, database: Database, clock: Clock) -> OrganizingView:
        async with database.write() as session:
            return await service.discard(session, clock.now(), organizing_id)

    @post(
        "/{organizing_id:int}/settle",
        guards=MAY_ORGANIZE,
        status_code=202,
        summary="Try what is stuck or waits once more, at once",
    )
    async def settle(self, organizing_id: AnId, database: Database) -> OrganizingView:
        async with database.write() as session:
            await settle(session, organizing_id)
            return await service.shown(session, organizing_id)

    @post(
        "/{organizing_id:int}/undo",
        guards=MAY_ORGANIZE,
        summary="Plan to put back what was moved; apply that plan to do it",
    )
    async def undo(self, organizing_id: AnId, database: Database, clock: Clock, actor: str) -> OrganizingView:
        await refuse_where_away(database, organizing_id, taking_back=True)
        async with database.write() as session:
            return await service.plan_undo(session, clock.now(), actor, organizing_id)


class NamingController(Controller):
    path = "/v1/libraries/{library_id:int}/naming"
    tags = ("organizing",)

    @put("/", guards=MAY_MANAGE, summary="Say how the files of a library are to be called; touches no file")
    async def change_naming(
        self,
        library_id: AnId,
        data: Annotated[NamingChange, Body(description="A preset or a template; or a preview of it.")],
        database: Database,
        clock: Clock,
        actor: str,
    ) -> NamingView:
        async with database.write() as session:
            return await service.change_naming(session, clock.now(), actor, library_id, data)

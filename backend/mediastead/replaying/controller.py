"""Replays over HTTP: ask for one, follow it, see what it would change, accept."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Body, PathParameter, QueryParameter

from ..clock import Clock
from ..db.engine import Database
from ..events.wake import Wake
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from ..metadata.provider import Provider
from ..settings import Settings
from ..unmatched.titles import prepare
from . import accepting, queries, service
from .models import ChangeKind
from .schemas import AcceptRequest, AcceptResult, ChangeShown, ReplayRequest, ReplayView

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
OfLibrary = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only of this library.")]

MAY_SEE = [requires(Permission.VIEW)]
MAY_ANSWER = [requires(Permission.ANSWER)]


class ReplaysController(Controller):
    path = "/v1/replays"
    tags = ("replays",)

    @post("/", guards=MAY_ANSWER, status_code=202, summary="Make past decisions again without network; changes nothing")
    async def start(
        self,
        data: Annotated[ReplayRequest, Body(description="Which library, and from which probability on it matches.")],
        database: Database,
        clock: Clock,
        actor: str,
        settings: Settings,
        wake: Wake,
    ) -> ReplayView:
        async with database.write() as session:
            replay = await service.request_replay(session, clock.now(), actor, data, settings.auto_match_threshold)
        wake.replays.set()
        return replay

    @get("/", guards=MAY_SEE, summary="Replays, newest first")
    async def list_replays(
        self, database: Database, library: OfLibrary = None, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
    ) -> Page[ReplayView]:
        async with database.read() as session:
            return await queries.replays_page(session, library, cursor=cursor, limit=limit)

    @get("/{replay_id:int}", guards=MAY_SEE, summary="One replay: how far it is, and how much of what it would change")
    async def show(self, replay_id: AnId, database: Database) -> ReplayView:
        async with database.read() as session:
            return await service.shown(session, replay_id)

    @get("/{replay_id:int}/changes", guards=MAY_SEE, summary="What it would change, before and after, kind by kind")
    async def list_changes(
        self,
        replay_id: AnId,
        database: Database,
        kind: ChangeKind | None = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[ChangeShown]:
        async with database.read() as session:
            await service.shown(session, replay_id)
            return await queries.changes_page(session, replay_id, kind, cursor=cursor, limit=limit)

    @post(
        "/{replay_id:int}/accept", guards=MAY_ANSWER, status_code=200, summary="Apply changes; each has its own result"
    )
    async def accept(
        self,
        replay_id: AnId,
        data: Annotated[AcceptRequest, Body(description="Which changes; up to 500 are looked at.")],
        database: Database,
        clock: Clock,
        actor: str,
        provider: Provider,
        wake: Wake,
    ) -> AcceptResult:
        async with database.read() as session:
            selection = await accepting.select_changes(session, replay_id, data)
        prepared = await prepare(database, provider, accepting.titles_named(selection))
        async with database.write() as session:
            result = await accepting.accept(session, clock.now(), actor, selection, prepared)
        wake.identify.set()
        return result

    @post("/{replay_id:int}/cancel", guards=MAY_ANSWER, status_code=202, summary="Stop it; what it found stays")
    async def cancel(self, replay_id: AnId, database: Database, clock: Clock) -> ReplayView:
        async with database.write() as session:
            return await service.cancel_replay(session, clock.now(), replay_id)

    @post("/{replay_id:int}/resume", guards=MAY_ANSWER, status_code=202, summary="Go on where it stopped")
    async def resume(self, replay_id: AnId, database: Database, clock: Clock, wake: Wake) -> ReplayView:
        async with database.write() as session:
            replay = await service.resume_replay(session, clock.now(), replay_id)
        wake.replays.set()
        return replay

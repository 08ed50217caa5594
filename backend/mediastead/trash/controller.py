"""The trash over HTTP: look, put back, empty."""

from datetime import timedelta
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Body, PathParameter, QueryParameter

from ..clock import Clock
from ..db.engine import Database
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from ..settings import Settings
from . import emptying, queries
from .errors import NotInTrash
from .models import TrashState
from .schemas import Emptied, TrashedView, WhatToEmpty

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
OfLibrary = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only of this library.")]
DryRun = Annotated[bool, QueryParameter(description="Move nothing, only refuse what would be refused.")]
All = Annotated[bool, QueryParameter(description="Also what was put back or deleted.")]


class TrashController(Controller):
    path = "/v1/trash"
    tags = ("organizing",)

    @get("/", guards=[requires(Permission.VIEW)], summary="What is in the trash, newest first")
    async def list_trash(
        self,
        database: Database,
        settings: Settings,
        library: OfLibrary = None,
        all: All = False,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[TrashedView]:
        states = list(TrashState) if all else [TrashState.IN_TRASH, TrashState.DELETING]
        kept = timedelta(days=settings.trash_days)
        async with database.read() as session:
            return await queries.trashed_page(session, library, states, kept, cursor=cursor, limit=limit)

    @post(
        "/{trashed_id:int}/put-back",
        guards=[requires(Permission.ORGANIZE)],
        status_code=200,
        summary="Move it back to where it was",
    )
    async def put_back(
        self, trashed_id: AnId, database: Database, clock: Clock, settings: Settings, dry_run: DryRun = False
    ) -> TrashedView:
        if dry_run:
            await emptying.refuse_to_put_back(database, trashed_id)
        else:
            await emptying.put_back(database, clock, trashed_id)
        async with database.read() as session:
            view = await queries.trashed_view(session, trashed_id, timedelta(days=settings.trash_days))
        if view is None:
            raise NotInTrash(trashed_id)
        return view

    @post(
        "/empty",
        guards=[requires(Permission.ORGANIZE)],
        status_code=200,
        summary="Delete what is in the trash, for good",
    )
    async def empty(
        self,
        data: Annotated[WhatToEmpty, Body(description="A library, or some things by their ids; {} for all.")],
        database: Database,
        clock: Clock,
    ) -> Emptied:
        await emptying.refuse_unknown(database, data.library_id, data.ids)
        if data.dry_run:
            return await emptying.would_empty(database, data.library_id, data.ids)
        return await emptying.empty(database, clock, data.library_id, data.ids)

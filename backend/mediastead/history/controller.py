"""The history over HTTP: what was done, and taking it back."""

from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.params import PathParameter, QueryParameter

from ..clock import Clock
from ..db.engine import Database
from ..events.wake import Wake
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from . import service
from .queries import OperationFilter, operations_page
from .schemas import OperationDetail, OperationShown, Undone

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
OfFile = Annotated[
    int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only those that changed this file.")
]
Kind = Annotated[str | None, QueryParameter(max_length=64, description="Only of this kind, such as `match`.")]
IsUndone = Annotated[bool | None, QueryParameter(description="Only those that were taken back, or were not.")]
AlsoParts = Annotated[bool, QueryParameter(description="Also those that were done with another one.")]
DryRun = Annotated[bool, QueryParameter(description="Change nothing, only say what would be taken back.")]
ThoseThatCan = Annotated[
    bool, QueryParameter(description="Take back those parts on which nothing depends, and say what stays.")
]


class OperationsController(Controller):
    path = "/v1/operations"
    tags = ("history",)

    @get("/", guards=[requires(Permission.VIEW)], summary="What was done, the latest first")
    async def list_operations(
        self,
        database: Database,
        kind: Kind = None,
        file: OfFile = None,
        undone: IsUndone = None,
        parts: AlsoParts = False,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[OperationShown]:
        which = OperationFilter(kind=kind, file_id=file, undone=undone, parts=parts)
        async with database.read() as session:
            return await operations_page(session, which, cursor=cursor, limit=limit)

    @get("/{operation_id:int}", guards=[requires(Permission.VIEW)], summary="One operation, with what it changed")
    async def see(self, operation_id: AnId, database: Database) -> OperationDetail:
        async with database.read() as session:
            return await service.operation_detail(session, operation_id)

    @post(
        "/{operation_id:int}/undo",
        guards=[requires(Permission.ANSWER)],
        status_code=200,
        summary="Take an operation back as one thing, or say what that would do",
    )
    async def undo(
        self,
        operation_id: AnId,
        request: Request[Any, Any, Any],
        database: Database,
        clock: Clock,
        wake: Wake,
        dry_run: DryRun = False,
        those_that_can: ThoseThatCan = False,
    ) -> Undone:
        person = request.user
        undone = await service.undo(
            database, clock, person, operation_id, dry_run=dry_run, those_that_can=those_that_can
        )
        wake.identify.set()
        return undone

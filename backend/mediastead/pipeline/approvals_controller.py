"""`/v1/approvals`: questions that hold items until a person answers."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Body, PathParameter, QueryParameter

from ..clock import Clock
from ..db.engine import Database
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from ..settings import Settings
from . import service
from .approvals import queries
from .approvals.errors import NoSuchApproval
from .approvals.models import ApprovalState
from .approvals.schemas import ApprovalAnswer, ApprovalView
from .marking import mark_again
from .rules import rules_of

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
OfItem = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only of this pipeline item.")]
All = Annotated[bool, QueryParameter(description="Also those that were answered or withdrawn.")]


class ApprovalsController(Controller):
    path = "/v1/approvals"
    tags = ("pipeline",)

    @get(
        "/", guards=[requires(Permission.VIEW)], summary="Approvals; those that wait for an answer first, newest first"
    )
    async def list_approvals(
        self,
        database: Database,
        all: All = False,
        item: OfItem = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[ApprovalView]:
        states = [] if all else [ApprovalState.PENDING]
        async with database.read() as session:
            return await queries.approvals_page(session, states, item, cursor=cursor, limit=limit)

    @get("/{approval_id:int}", guards=[requires(Permission.VIEW)], summary="One approval, with all that it asks")
    async def show(self, approval_id: AnId, database: Database) -> ApprovalView:
        return await self._shown(database, approval_id)

    @post(
        "/{approval_id:int}/answer",
        guards=[requires(Permission.RUN_PIPELINE)],
        status_code=200,
        summary="Approve, reject, or change and approve",
    )
    async def answer(
        self,
        approval_id: AnId,
        data: Annotated[ApprovalAnswer, Body(description="The decision; a rejection with words.")],
        database: Database,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> ApprovalView:
        rules = rules_of(settings)
        async with database.write() as session:
            await service.look_again(session, clock.now(), rules, approval_id)
        async with database.write() as session:
            await service.answer(session, clock.now(), rules, actor, approval_id, data)
        view = await self._shown(database, approval_id)
        if view.item_id is not None:
            await mark_again(database, view.item_id, rules.staging_roots)
        return view

    @staticmethod
    async def _shown(database: Database, approval_id: int) -> ApprovalView:
        async with database.read() as session:
            view = await queries.approval_view(session, approval_id)
        if view is None:
            raise NoSuchApproval(approval_id)
        return view

"""The remembered answers over HTTP: listed, shown with what they decided, revoked."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Body, PathParameter, QueryParameter

from ..clock import Clock
from ..db.engine import Database
from ..events.wake import Wake
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from .remembered import AnswerFilter
from .remembered_shown import answer_detail, answers_shown
from .revoking import revoke
from .schemas import RememberedAnswerDetail, RememberedAnswerShown, Revocation

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
SomeId = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER)]
Revoked = Annotated[bool | None, QueryParameter(description="Only those that were revoked or superseded, or are not.")]


class RememberedAnswersController(Controller):
    path = "/v1/remembered-answers"
    tags = ("remembered answers",)

    @get("/", guards=[requires(Permission.VIEW)], summary="Answers that hold for files that are read the same")
    async def list_answers(
        self,
        database: Database,
        library: SomeId = None,
        item: SomeId = None,
        revoked: Revoked = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[RememberedAnswerShown]:
        which = AnswerFilter(library_id=library, item_id=item, revoked=revoked)
        async with database.read() as session:
            return await answers_shown(session, which, cursor=cursor, limit=limit)

    @get("/{answer_id:int}", guards=[requires(Permission.VIEW)], summary="One answer with the files that it decided")
    async def see(self, answer_id: AnId, database: Database) -> RememberedAnswerDetail:
        async with database.read() as session:
            return await answer_detail(session, answer_id)

    @post(
        "/{answer_id:int}/revoke", guards=[requires(Permission.ANSWER)], status_code=200, summary="Take an answer back"
    )
    async def revoke(
        self,
        answer_id: AnId,
        data: Annotated[
            Revocation, Body(description="Whether also the files that were matched by it are asked about.")
        ],
        database: Database,
        clock: Clock,
        actor: str,
        wake: Wake,
    ) -> RememberedAnswerDetail:
        async with database.write() as session:
            await revoke(session, clock.now(), actor, answer_id, also_files=data.also_files)
            shown = await answer_detail(session, answer_id)
        wake.identify.set()
        return shown

"""Stage jobs over HTTP: look, follow, cancel, retry. Above the room: an item says which of its jobs may be tried again."""

import asyncio
from typing import Annotated, Any

from litestar import Controller, Request, get, patch, post
from litestar.params import PathParameter, QueryParameter

from ..clock import Clock
from ..db.engine import Database
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, MAX_LIMIT, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from ..settings import Settings
from .jobs import queries, shown_queries
from .jobs import service as jobs
from .jobs.errors import NoSuchJob
from .jobs.following import follow
from .jobs.models import JobState, Stage
from .jobs.schemas import AttemptShown, Cancelled, LogLines, StageJobChange, StageJobDetail, StageJobShown
from .jobs.shown_queries import JobFilter
from .jobs.waiting_queries import Moment
from .retrying import retry_job
from .rules import rules_of

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
OfState = Annotated[JobState | None, QueryParameter(name="state", description="Only those in this state.")]
OfStage = Annotated[Stage | None, QueryParameter(description="Only those of this stage.")]
OfItem = Annotated[
    int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only those of this pipeline item.")
]
OnHost = Annotated[
    int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only those whose last attempt is this host's.")
]
IsOpen = Annotated[bool | None, QueryParameter(description="Only those that have not ended, or have.")]
OfAttempt = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only what this attempt said.")]
After = Annotated[int, QueryParameter(ge=0, le=LARGEST_INTEGER, description="`last` of the answer before.")]
Wait = Annotated[float, QueryParameter(ge=0, le=30, description="Seconds to wait for a line where there is none yet.")]


class StageJobsController(Controller):
    path = "/v1/stage-jobs"
    tags = ("pipeline",)

    @get("/", guards=[requires(Permission.VIEW)], summary="Stage jobs, the newest first")
    async def list_jobs(
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        in_state: OfState = None,
        stage: OfStage = None,
        item: OfItem = None,
        host: OnHost = None,
        open: IsOpen = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[StageJobShown]:
        which = JobFilter(state=in_state, stage=stage, item_id=item, host_id=host, open=open)
        async with database.read() as session:
            return await shown_queries.jobs_page(session, which, _moment(clock, settings), cursor=cursor, limit=limit)

    @get("/{job_id:int}", guards=[requires(Permission.VIEW)], summary="One stage job, with what it is told and gave")
    async def see(self, job_id: AnId, database: Database, clock: Clock, settings: Settings) -> StageJobDetail:
        return await _detail(database, _moment(clock, settings), job_id)

    @patch("/{job_id:int}", guards=[requires(Permission.RUN_PIPELINE)], summary="Change how urgent a job is")
    async def change(
        self, job_id: AnId, data: StageJobChange, database: Database, clock: Clock, settings: Settings
    ) -> StageJobDetail:
        async with database.write() as session:
            await jobs.set_priority(session, clock.now(), job_id, data.priority)
        return await _detail(database, _moment(clock, settings), job_id)

    @get("/{job_id:int}/attempts", guards=[requires(Permission.VIEW)], summary="All tries at a job, in their order")
    async def attempts(self, job_id: AnId, database: Database) -> Page[AttemptShown]:
        async with database.read() as session:
            if await queries.job_facts(session, job_id) is None:
                raise NoSuchJob(job_id)
            return Page(await shown_queries.attempts_shown(session, job_id))

    @get("/{job_id:int}/logs", guards=[requires(Permission.VIEW)], summary="What the attempts at a job said")
    async def logs(
        self,
        job_id: AnId,
        database: Database,
        stopping: asyncio.Event,
        attempt: OfAttempt = None,
        after: After = 0,
        wait: Wait = 0.0,
        limit: Limit = MAX_LIMIT,
    ) -> LogLines:
        return await follow(database, stopping, job_id, attempt=attempt, after=after, wait=wait, limit=limit)

    @post(
        "/{job_id:int}/cancel",
        guards=[requires(Permission.RUN_PIPELINE)],
        status_code=200,
        summary="Cancel a job; what is running is ended, and what it half made removed",
    )
    async def cancel(
        self, job_id: AnId, request: Request[Any, Any, Any], database: Database, clock: Clock
    ) -> Cancelled:
        async with database.write() as session:
            state = await jobs.cancel(session, clock.now(), job_id, request.user.name)
        return Cancelled(state=state)

    @post(
        "/{job_id:int}/retry",
        guards=[requires(Permission.RUN_PIPELINE)],
        status_code=200,
        summary="Try a job again that failed or was cancelled",
    )
    async def retry(
        self, job_id: AnId, database: Database, clock: Clock, settings: Settings, actor: str
    ) -> StageJobDetail:
        async with database.write() as session:
            tried = await retry_job(session, clock.now(), rules_of(settings), actor, job_id)
        return await _detail(database, _moment(clock, settings), tried)


def _moment(clock: Clock, settings: Settings) -> Moment:
    return Moment(clock.now(), settings.stage_hours)


async def _detail(database: Database, moment: Moment, job_id: int) -> StageJobDetail:
    async with database.read() as session:
        detail = await shown_queries.job_detail(session, job_id, moment)
    if detail is None:
        raise NoSuchJob(job_id)
    return detail

"""The queue over HTTP, and what a person says about a file itself."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Body, PathParameter, QueryParameter
from msgspec import structs

from ..clock import Clock
from ..db.engine import Database
from ..events.wake import Wake
from ..files.forgetting import forget_files
from ..files.schemas import FileShown
from ..files.shown import files_shown
from ..files.types import UnmatchedReason
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from ..http.problems import problem_data
from ..metadata.provider import Provider
from . import corrections, service, showing
from .listing import QuestionFilter, questions_page
from .remap_schemas import ManyRemapped, ManyRemaps
from .remapping import remap_items
from .remembered_shown import answer_shown, holding_shown
from .schemas import (
    AnswerResult,
    FileAnswered,
    FileMatch,
    FileRestore,
    FilesForgotten,
    FilesToForget,
    FileUnmatch,
    FileUnmatched,
    ManyAnswered,
    ManyDismissals,
    ManyMatches,
    MatchAnswer,
    Question,
    QuestionAnswered,
    QuestionDetail,
    QuestionGroup,
    QuestionStatus,
    QueueSummary,
)
from .titles import prepare

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
SomeId = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER)]
Words = Annotated[
    str | None, QueryParameter(max_length=200, description="Words, or their beginnings, of name or path.")
]
Group = Annotated[str | None, QueryParameter(max_length=64, description="Of one group, by its id.")]
MostFiles = Annotated[int, QueryParameter(ge=1, le=10_000, description="Files of a group at most.")]

MAY_SEE = [requires(Permission.VIEW)]
MAY_ANSWER = [requires(Permission.ANSWER)]


class UnmatchedFilesController(Controller):
    path = "/v1/unmatched-files"
    tags = ("unmatched files",)

    @get("/", guards=MAY_SEE, summary="The queue: questions about files")
    async def list_questions(
        self,
        database: Database,
        status: QuestionStatus = QuestionStatus.OPEN,
        reason: UnmatchedReason | None = None,
        library: SomeId = None,
        folder: SomeId = None,
        words: Words = None,
        group: Group = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[Question]:
        which = QuestionFilter(
            status=status, reason=reason, library_id=library, folder_id=folder, words=words, group=group
        )
        async with database.read() as session:
            return await questions_page(session, which, cursor=cursor, limit=limit)

    @get("/summary", guards=MAY_SEE, summary="How many questions there are of what")
    async def summary(self, database: Database, provider: Provider) -> QueueSummary:
        async with database.read() as session:
            return await showing.queue_summary(session, provider.name)

    @get("/groups", guards=MAY_SEE, summary="Files that one answer could settle, the most first")
    async def groups(
        self,
        database: Database,
        reason: UnmatchedReason | None = None,
        library: SomeId = None,
        folder: SomeId = None,
        words: Words = None,
        files: MostFiles = 100,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[QuestionGroup]:
        which = QuestionFilter(reason=reason, library_id=library, folder_id=folder, words=words)
        async with database.read() as session:
            return await showing.groups_shown(session, which, cursor=cursor, limit=limit, most_files=files)

    @get("/{question_id:int}", guards=MAY_SEE, summary="One question: reason, what would make it match, suggestions")
    async def see(self, question_id: AnId, database: Database, provider: Provider) -> QuestionDetail:
        async with database.read() as session:
            return await showing.question_detail(session, question_id, provider.name)

    @post("/match", guards=MAY_ANSWER, status_code=200, summary="Say what many files are, each with its own result")
    async def match_many(
        self,
        data: Annotated[ManyMatches, Body(description="Up to 500 answers.")],
        database: Database,
        clock: Clock,
        actor: str,
        provider: Provider,
        wake: Wake,
    ) -> ManyAnswered:
        prepared = await prepare(database, provider, data.answers)
        async with database.write() as session:
            done = await service.match_questions(session, clock.now(), actor, data.answers, prepared)
        wake.identify.set()
        return _results([answer.id for answer in data.answers], done, "matched")

    @post("/dismiss", guards=MAY_ANSWER, status_code=200, summary="Say that nobody needs to know what these files are")
    async def dismiss_many(
        self,
        data: Annotated[ManyDismissals, Body(description="Up to 500 answers.")],
        database: Database,
        clock: Clock,
        actor: str,
    ) -> ManyAnswered:
        ids = [answer.id for answer in data.answers]
        async with database.write() as session:
            done = await service.dismiss_questions(session, clock.now(), actor, ids)
        return _results(ids, done, "dismissed")

    @post("/{question_id:int}/match", guards=MAY_ANSWER, status_code=200, summary="Say what the file is")
    async def match(
        self,
        question_id: AnId,
        data: Annotated[MatchAnswer, Body(description="What the file is.")],
        database: Database,
        clock: Clock,
        actor: str,
        provider: Provider,
        wake: Wake,
    ) -> QuestionAnswered:
        prepared = await prepare(database, provider, [data])
        async with database.write() as session:
            holding = await service.match_question(session, clock.now(), actor, question_id, data, prepared)
            question = await showing.question(session, question_id)
        wake.identify.set()
        return QuestionAnswered(**structs.asdict(question), remembered=holding_shown(holding))

    @post("/{question_id:int}/dismiss", guards=MAY_ANSWER, status_code=200, summary="Say that nobody needs to know")
    async def dismiss(self, question_id: AnId, database: Database, clock: Clock, actor: str) -> Question:
        async with database.write() as session:
            (await service.dismiss_questions(session, clock.now(), actor, [question_id])).raise_first()
            return await showing.question(session, question_id)

    @post("/{question_id:int}/refresh", guards=MAY_ANSWER, status_code=202, summary="Have the file identified again")
    async def refresh(self, question_id: AnId, database: Database, clock: Clock, actor: str, wake: Wake) -> Question:
        async with database.write() as session:
            await service.refresh_question(session, clock.now(), actor, question_id)
            refreshed = await showing.question(session, question_id)
        wake.identify.set()
        return refreshed

    @post("/{question_id:int}/restore", guards=MAY_ANSWER, status_code=200, summary="Open a settled question again")
    async def restore(self, question_id: AnId, database: Database, clock: Clock, actor: str, wake: Wake) -> Question:
        async with database.write() as session:
            await service.restore_question(session, clock.now(), actor, question_id)
            restored = await showing.question(session, question_id)
        wake.identify.set()
        return restored


class FileAnswersController(Controller):
    path = "/v1/media-files/{file_id:int}"
    tags = ("media files",)

    @post("/match", guards=MAY_ANSWER, status_code=200, summary="Say what a file is, whatever it is taken for")
    async def match(
        self,
        file_id: AnId,
        data: Annotated[FileMatch, Body(description="What the file is, and the version of it that was seen.")],
        database: Database,
        clock: Clock,
        actor: str,
        provider: Provider,
        wake: Wake,
    ) -> FileAnswered:
        prepared = await prepare(database, provider, [data])
        async with database.write() as session:
            holding = await corrections.match_file(session, clock.now(), actor, file_id, data, prepared)
            (file,) = await files_shown(session, [file_id])
        wake.identify.set()
        return FileAnswered(**structs.asdict(file), remembered=holding_shown(holding))

    @post(
        "/unmatch", guards=MAY_ANSWER, status_code=200, summary="Say that a file is not that, and put it into the queue"
    )
    async def unmatch(
        self,
        file_id: AnId,
        data: Annotated[
            FileUnmatch, Body(description="The version that was seen; with episodes, only those are wrong.")
        ],
        database: Database,
        clock: Clock,
        actor: str,
    ) -> FileUnmatched:
        async with database.write() as session:
            followed = await corrections.unmatch_file(session, clock.now(), actor, file_id, data)
            (file,) = await files_shown(session, [file_id])
        return FileUnmatched(**structs.asdict(file), followed=answer_shown(followed) if followed else None)

    @post("/restore", guards=MAY_ANSWER, status_code=200, summary="Ask about a dismissed file again, or lift a rule")
    async def restore(
        self,
        file_id: AnId,
        data: Annotated[FileRestore, Body(description="The version that was seen.")],
        database: Database,
        clock: Clock,
        actor: str,
        wake: Wake,
    ) -> FileShown:
        async with database.write() as session:
            await corrections.restore_file(session, clock.now(), actor, file_id, data.version)
            (file,) = await files_shown(session, [file_id])
        wake.identify.set()
        return file


class FileForgetController(Controller):
    path = "/v1/media-files/forget"
    tags = ("media files",)

    @post("/", guards=MAY_ANSWER, status_code=200, summary="Take missing files out of all lists, until they come back")
    async def forget(
        self,
        data: Annotated[FilesToForget, Body(description="Missing files; all of them are forgotten, or none.")],
        database: Database,
        clock: Clock,
        actor: str,
    ) -> FilesForgotten:
        async with database.write() as session:
            return FilesForgotten(forgotten=await forget_files(session, clock.now(), actor, data.file_ids))


class ItemRemapsController(Controller):
    path = "/v1/items"
    tags = ("items",)

    @post(
        "/remap",
        guards=[requires(Permission.EDIT_ITEMS)],
        status_code=200,
        summary="Say what items are at the provider now, many at once, or preview it",
    )
    async def remap(
        self,
        data: Annotated[ManyRemaps, Body(description="Items with the ids that they are to have.")],
        database: Database,
        provider: Provider,
        clock: Clock,
        actor: str,
        wake: Wake,
    ) -> ManyRemapped:
        remapped = await remap_items(database, provider, clock, actor, data)
        wake.identify.set()
        return remapped


def _results(ids: Sequence[int], done: service.Answered, status: str) -> ManyAnswered:
    results = [
        AnswerResult(id=answered, status="failed" if error else status, error=problem_data(error) if error else None)
        for answered, error in zip(ids, done.errors, strict=True)
    ]
    return ManyAnswered(results=results, operation_id=done.operation_id, remembered=holding_shown(done.holding))

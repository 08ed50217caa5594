"""One answer for a whole group over HTTP: looked at, then given."""

from typing import Annotated

from litestar import Controller, post
from litestar.params import Body, PathParameter, QueryParameter

from ..clock import Clock
from ..db.engine import Database
from ..events.wake import Wake
from ..http.permissions import Permission, requires
from ..metadata.provider import CatalogProvider
from . import groups
from .group_schemas import MOST, GroupAnswer, GroupAnswered, GroupMatch, GroupPreview
from .types import ReadPaths

AGroup = Annotated[str, PathParameter(max_length=64, description="The id of the group.")]
MostFiles = Annotated[int, QueryParameter(ge=1, le=MOST, description="Files to show at most; all are counted.")]


class GroupAnswersController(Controller):
    path = "/v1/unmatched-files/groups/{group:str}"
    tags = ("unmatched files",)

    @post(
        "/preview",
        guards=[requires(Permission.ANSWER)],
        status_code=200,
        summary="What one answer would make of the files of a group",
    )
    async def preview(
        self,
        group: AGroup,
        data: Annotated[GroupAnswer, Body(description="The title, and how the names count its episodes.")],
        database: Database,
        provider: CatalogProvider,
        read_paths: ReadPaths,
        files: MostFiles = 500,
    ) -> GroupPreview:
        return groups.preview(await groups.work_out(database, provider, read_paths, group, data), files)

    @post(
        "/match",
        guards=[requires(Permission.ANSWER)],
        status_code=200,
        summary="Say what the files of a group are, as the preview showed it",
    )
    async def match(
        self,
        group: AGroup,
        data: Annotated[GroupMatch, Body(description="The answer that was previewed, with what was seen.")],
        database: Database,
        provider: CatalogProvider,
        read_paths: ReadPaths,
        clock: Clock,
        actor: str,
        wake: Wake,
    ) -> GroupAnswered:
        worked = await groups.work_out(database, provider, read_paths, group, data)
        async with database.write() as session:
            answered = await groups.match_group(session, clock.now(), actor, worked, data)
        wake.identify.set()
        return answered

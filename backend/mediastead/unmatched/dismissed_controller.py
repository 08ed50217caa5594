"""Dismissed folders over HTTP: made, listed, revoked."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import Body, PathParameter, QueryParameter
from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..db.text import shown
from ..events.wake import Wake
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from .dismissed import Dismissed, dismissed_page, settled_counts
from .dismissed_schemas import DismissedFolderShown, FolderDismissal, FolderDismissedNow
from .dismissing import dismiss_folder, revoke_dismissal
from .schemas import Revocation

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
SomeId = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER)]
Revoked = Annotated[bool | None, QueryParameter(description="Only those that were revoked, or were not.")]


class DismissedFoldersController(Controller):
    path = "/v1/dismissed-folders"
    tags = ("remembered answers",)

    @get("/", guards=[requires(Permission.VIEW)], summary="Folders of which nobody needs to know what is in them")
    async def list_folders(
        self,
        database: Database,
        library: SomeId = None,
        revoked: Revoked = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[DismissedFolderShown]:
        async with database.read() as session:
            page = await dismissed_page(session, library_id=library, revoked=revoked, cursor=cursor, limit=limit)
            return Page(await _shown(session, *page.items), page.next)

    @post("/", guards=[requires(Permission.ANSWER)], status_code=200, summary="Dismiss a folder, now and later")
    async def dismiss(
        self,
        data: Annotated[FolderDismissal, Body(description="A question about a file in the folder.")],
        database: Database,
        clock: Clock,
        actor: str,
    ) -> FolderDismissedNow:
        async with database.write() as session:
            done = await dismiss_folder(session, clock.now(), actor, data.question_id)
            (folder,) = await _shown(session, done.dismissed)
        return FolderDismissedNow(**structs.asdict(folder), settled=done.settled, left=done.left)

    @post("/{dismissed_id:int}/revoke", guards=[requires(Permission.ANSWER)], status_code=200, summary="Take it back")
    async def revoke(
        self,
        dismissed_id: AnId,
        data: Annotated[Revocation, Body(description="Whether what was dismissed by it is asked about again.")],
        database: Database,
        clock: Clock,
        actor: str,
        wake: Wake,
    ) -> DismissedFolderShown:
        async with database.write() as session:
            done = await revoke_dismissal(session, clock.now(), actor, dismissed_id, also_files=data.also_files)
            (folder,) = await _shown(session, done)
        wake.identify.set()
        return folder


async def _shown(session: AsyncSession, *folders: Dismissed) -> list[DismissedFolderShown]:
    counts = await settled_counts(session, folders)
    return [
        DismissedFolderShown(
            id=each.id,
            library_id=each.library_id,
            path=shown(each.path),
            by=each.by,
            at=each.at,
            revoked_by=each.revoked_by,
            revoked_at=each.revoked_at,
            files=counts[each.id],
        )
        for each in folders
    ]

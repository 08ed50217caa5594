"""Libraries over HTTP: setting them up. What is in them is shown by rooms above."""

import asyncio
from pathlib import Path
from typing import Annotated

from litestar import Controller, delete, get, patch, post
from litestar.params import PathParameter, QueryParameter
from msgspec import structs

from ..clock import Clock
from ..db.engine import Database
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, decode_cursor, encode_cursor
from ..http.permissions import Permission, requires
from ..settings import Settings
from . import desk, queries
from .folders import folders_in
from .schemas import FoldersToChoose, LibraryChange, LibraryView, NewLibrary

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
APath = Annotated[
    str | None, QueryParameter(max_length=4096, description="An absolute path; by default the home folder.")
]

MAY_MANAGE = [requires(Permission.MANAGE_LIBRARIES)]


class LibrariesController(Controller):
    path = "/v1/libraries"
    tags = ("libraries",)

    @post("/", guards=MAY_MANAGE, summary="Add a library")
    async def add_library(
        self, data: NewLibrary, database: Database, clock: Clock, actor: str, settings: Settings
    ) -> LibraryView:
        return await desk.add(database, clock, actor, data, settings.scan_interval_minutes)

    @patch("/{library_id:int}", guards=MAY_MANAGE, summary="Change a library, or where it lies")
    async def change_library(
        self, library_id: AnId, data: LibraryChange, database: Database, clock: Clock, actor: str
    ) -> LibraryView:
        return await desk.change(database, clock, actor, library_id, data)

    @delete(
        "/{library_id:int}",
        guards=MAY_MANAGE,
        status_code=202,
        summary="Forget a library, piece by piece until it is not found any more; its files stay",
    )
    async def remove_library(self, library_id: AnId, database: Database, clock: Clock, actor: str) -> LibraryView:
        return await desk.remove(database, clock, actor, library_id)


class FilesystemController(Controller):
    path = "/v1/filesystem"
    tags = ("libraries",)

    @get("/", guards=MAY_MANAGE, summary="Folders of the server, to choose a root from")
    async def list_folders(
        self, database: Database, path: APath = None, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
    ) -> FoldersToChoose:
        after = decode_cursor(cursor, str)[0] if cursor else None
        async with database.read() as session:
            roots = [root for _, _, root, _ in await queries.roots(session)]
        found = await asyncio.to_thread(folders_in, path or str(Path.home()), roots, after, limit)
        return structs.replace(found, next=encode_cursor([found.next]) if found.next is not None else None)

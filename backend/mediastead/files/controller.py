"""The imports over HTTP. The files themselves are shown by `browsing`, which knows what pending ones wait for."""

from typing import Annotated

from litestar import Controller, get
from litestar.params import PathParameter, QueryParameter

from ..db.engine import Database
from ..errors import NotFound
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from .queries import ImportFilter, import_detail, imports_page
from .schemas import ImportDetail, ImportShown
from .types import ImportMethod

AnId = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER)]


PathId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]


class ImportUnknown(NotFound):
    slug = "no-such-import"
    title = "There is no such import"


class ImportsController(Controller):
    path = "/v1/imports"
    tags = ("imports",)

    @get("/", guards=[requires(Permission.VIEW)], summary="Attempts to bring files in, newest first")
    async def list_imports(
        self,
        database: Database,
        file: AnId = None,
        library: AnId = None,
        method: ImportMethod | None = None,
        success: bool | None = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[ImportShown]:
        which = ImportFilter(file_id=file, library_id=library, method=method, success=success)
        async with database.read() as session:
            return await imports_page(session, which, cursor=cursor, limit=limit)

    @get(
        "/{import_id:int}",
        guards=[requires(Permission.VIEW)],
        summary="One attempt with its evidence, or why it failed",
    )
    async def see(self, import_id: PathId, database: Database) -> ImportDetail:
        async with database.read() as session:
            found = await import_detail(session, import_id)
        if found is None:
            raise ImportUnknown(f"There is no import {import_id}; list /v1/imports.")
        return found

"""Scans over HTTP: ask for one, follow it, stop it, answer it."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta, Struct

from ..clock import Clock
from ..db.engine import Database
from ..events.wake import Wake
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page, decode_cursor, page_of
from ..http.permissions import Permission, requires
from . import preview, scans, service
from .disks import accept_disk
from .errors import ScanNotFound
from .schemas import ScanView

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
OfLibrary = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only of this library.")]

MAY_SEE = [requires(Permission.VIEW)]
MAY_SCAN = [requires(Permission.SCAN)]


class DiskAccepted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    path: Annotated[str, Meta(max_length=4096)]
    """Of the mount point, relative to the library's root, as the gap of a scan names it."""


class LibraryScansController(Controller):
    path = "/v1/libraries/{library_id:int}"
    tags = ("scans",)

    @post("/scans", guards=MAY_SCAN, status_code=202, summary="Ask for a scan; one that is open already is given")
    async def start(self, library_id: AnId, database: Database, clock: Clock, actor: str, wake: Wake) -> ScanView:
        async with database.write() as session:
            scan = await service.request_scan(session, clock.now(), library_id, actor)
        wake.scans.set()
        return scan

    @post(
        "/accepted-disks",
        guards=[requires(Permission.MANAGE_LIBRARIES)],
        status_code=204,
        summary="Say that what lies at a mount point now is right, whichever disk that is; the next scan believes it",
    )
    async def accept(self, library_id: AnId, data: DiskAccepted, database: Database, clock: Clock, actor: str) -> None:
        async with database.write() as session:
            await accept_disk(session, clock.now(), actor, library_id, data.path)

    @post(
        "/exclude-preview",
        guards=[requires(Permission.MANAGE_LIBRARIES)],
        status_code=200,
        summary="What exclude patterns would hide",
    )
    async def preview_exclusion(
        self, library_id: AnId, data: preview.PreviewRequest, database: Database
    ) -> preview.Preview:
        async with database.read() as session:
            return await preview.preview_exclusion(session, library_id, data.exclude_patterns)


class ScansController(Controller):
    path = "/v1/scans"
    tags = ("scans",)

    @get("/", guards=MAY_SEE, summary="Scans, newest first")
    async def list_scans(
        self, database: Database, library: OfLibrary = None, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
    ) -> Page[ScanView]:
        before = decode_cursor(cursor, int)[0] if cursor else None
        async with database.read() as session:
            rows = await scans.scans(session, library, before, limit + 1)
        return page_of(rows, limit, lambda scan: (scan.id,))

    @get("/{scan_id:int}", guards=MAY_SEE, summary="One scan")
    async def show(self, scan_id: AnId, database: Database) -> ScanView:
        async with database.read() as session:
            scan = await scans.scan_view(session, scan_id)
        if scan is None:
            raise ScanNotFound(scan_id)
        return scan

    @post("/{scan_id:int}/cancel", guards=MAY_SCAN, status_code=202, summary="Stop it; what it wrote stays")
    async def cancel(self, scan_id: AnId, database: Database, clock: Clock, actor: str) -> ScanView:
        async with database.write() as session:
            return await service.cancel_scan(session, clock.now(), scan_id, actor)

    @post(
        "/{scan_id:int}/confirm",
        guards=MAY_SCAN,
        status_code=202,
        summary="Say that the files are really gone; a new scan is given that looks again without the limit",
    )
    async def confirm(self, scan_id: AnId, database: Database, clock: Clock, actor: str, wake: Wake) -> ScanView:
        async with database.write() as session:
            scan = await service.confirm_scan(session, clock.now(), scan_id, actor)
        wake.scans.set()
        return scan

    @post("/{scan_id:int}/discard", guards=MAY_SCAN, status_code=200, summary="Leave everything as it was")
    async def discard(self, scan_id: AnId, database: Database, clock: Clock, actor: str) -> ScanView:
        async with database.write() as session:
            return await service.discard_scan(session, clock.now(), scan_id, actor)

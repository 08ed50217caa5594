"""Verification over HTTP: asked for, and how far it is."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from ..clock import Clock
from ..db.engine import Database
from ..http.paging import LARGEST_INTEGER
from ..http.permissions import Permission, requires
from .queries import left_to_verify, verified_since
from .verifier import ask_all

AnId = Annotated[int, Meta(ge=1, le=LARGEST_INTEGER)]
WithLeft = Annotated[
    bool, QueryParameter(description="Also how many are left, which takes a while in a large library.")
]
SomeId = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER)]


class VerificationAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which files are to be read whole now; all, where neither is given."""

    library_id: AnId | None = None
    file_id: AnId | None = None


class VerificationBegun(Struct, frozen=True, kw_only=True):
    files: int
    """That are there, and will be read one after the other."""
    out_of_reach: int
    """Files besides that nobody can look at now, since their disk is not mounted or their folder cannot be listed."""
    since: datetime
    """To be named when it is asked how far that is."""


class VerificationShown(Struct, frozen=True, kw_only=True):
    """How far it is."""

    tried: int
    failed: int
    """Of these could not be read to their end; tried again a day later."""
    rotted: int
    """Of these are no longer what they were."""
    left: int | None
    """Not tried yet, and can be; only where it is asked for. What is gone or out of reach by now is not among them."""


class VerificationsController(Controller):
    path = "/v1/verifications"
    tags = ("media files",)

    @post("/", guards=[requires(Permission.SCAN)], status_code=202, summary="Have files read whole now")
    async def ask(self, data: VerificationAsked, database: Database, clock: Clock) -> VerificationBegun:
        since = clock.now()
        files, away = await ask_all(database, clock, data.library_id, data.file_id)
        return VerificationBegun(files=files, out_of_reach=away, since=since)

    @get("/", guards=[requires(Permission.VIEW)], summary="How many files were read whole since a moment")
    async def see(
        self, database: Database, since: datetime, library: SomeId = None, file: SomeId = None, left: WithLeft = False
    ) -> VerificationShown:
        async with database.read() as session:
            tried, failed, rotted = await verified_since(session, since, library, file)
            still = await left_to_verify(session, since, library, file) if left else None
        return VerificationShown(tried=tried, failed=failed, rotted=rotted, left=still)

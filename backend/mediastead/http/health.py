"""`/healthz` and `/readyz`: does the process live, and can it work?"""

from http import HTTPStatus
from typing import Literal

from litestar import get
from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError

from ..db import migrate
from ..db.engine import Database
from ..errors import Unavailable
from .permissions import public
from .queries import schema_revision


class NotReady(Unavailable):
    slug = "not-ready"
    title = "The server cannot work now"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class Health(Struct):
    status: Literal["ok"] = "ok"


@get("/healthz", guards=[public], tags=["health"], summary="Is the process alive?")
async def healthz() -> Health:
    return Health()


@get("/readyz", guards=[public], tags=["health"], summary="Is the database reachable and at the right schema?")
async def readyz(database: Database) -> Health:
    try:
        async with database.read() as session:
            revision = await schema_revision(session)
    except (SQLAlchemyError, OSError):
        # Nothing of the driver's words: they may hold the address.
        raise NotReady("The database does not answer; `mediastead doctor` says more.") from None
    if revision != migrate.head():
        raise NotReady(
            f"The schema is at {revision}, this version needs {migrate.head()}; run `mediastead db upgrade`."
        )
    return Health()

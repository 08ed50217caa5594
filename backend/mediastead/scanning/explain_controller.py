"""What identification would make of one path, over HTTP."""

import os
from functools import partial
from typing import Annotated

from litestar import Controller, get
from litestar.params import QueryParameter

from ..db.engine import Database
from ..errors import InvalidRequest
from ..http.permissions import Permission, requires
from ..libraries.models import LibraryKind
from ..metadata.provider import CatalogProvider
from ..parsing.parser import Parser
from ..settings import Settings
from .explain import explain, gather_at, orders_alone
from .explain_queries import library_around
from .explain_schemas import PathIdentified, path_identified
from .preview import why_left_out

APath = Annotated[str, QueryParameter(min_length=1, max_length=4000, description="Absolute. It need not exist.")]
ARoot = Annotated[
    str | None,
    QueryParameter(max_length=4000, description="Outside of all libraries: the folder beneath which names count."),
]


class IdentifyController(Controller):
    path = "/v1/identify"
    tags = ("media files",)

    @get("/", guards=[requires(Permission.ANSWER)], summary="What a path would be taken for, and why; changes nothing")
    async def identify(
        self,
        path: APath,
        database: Database,
        provider: CatalogProvider,
        parser: Parser,
        settings: Settings,
        kind: LibraryKind | None = None,
        root: ARoot = None,
    ) -> PathIdentified:
        absolute = _absolute(path)
        async with database.read() as session:
            library = await library_around(session, absolute)
        supposed = kind or (library.kind if library else LibraryKind.MIXED)
        beginning = library.beginning if library else _beginning(root, absolute)
        beneath = absolute.removeprefix(beginning)
        gathering = (
            partial(gather_at, database, library, supposed, beneath)
            if library
            else partial(orders_alone, database, supposed)
        )
        explained = await explain(
            parser,
            provider,
            # Only what lies in a library is looked at: elsewhere the names have to do.
            root=beginning if library else None,
            path=beneath,
            gathering=gathering,
            threshold=settings.auto_match_threshold,
        )
        left_out = why_left_out(beneath, library.exclude_patterns if library else [])
        return path_identified(explained, library.name if library else None, supposed.value, left_out)


def _absolute(path: str) -> bytes:
    if not path.startswith("/") or "\0" in path:
        raise InvalidRequest("Give the whole path, from / on, as the server's machine has it.")
    return os.fsencode(os.path.normpath(path))


def _beginning(root: str | None, absolute: bytes) -> bytes:
    given = os.fsencode(os.path.normpath(root)).rstrip(b"/") + b"/" if root else b"/"
    return given if absolute.startswith(given) else b"/"

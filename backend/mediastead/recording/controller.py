"""Records over HTTP: written once on request, batch by batch, so that whoever asks sees how far it is and can stop."""

from collections import Counter
from typing import Annotated

from litestar import Controller, post
from litestar.params import PathParameter

from ..clock import Clock
from ..db.engine import Database
from ..db.text import shown
from ..http.paging import LARGEST_INTEGER
from ..http.permissions import Permission, requires
from ..libraries.errors import LibraryNotFound
from .errors import NoForm
from .placing import Placed
from .queries import library_of
from .schemas import FileRecorded, RecordsAsked, RecordsWritten
from .writer import RecordWriter

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]


class RecordsController(Controller):
    path = "/v1/libraries/{library_id:int}/records"
    tags = ("libraries",)

    @post(
        "/",
        guards=[requires(Permission.MANAGE_LIBRARIES)],
        status_code=200,
        summary="Write what files are taken for beside them, one batch",
    )
    async def record(self, library_id: AnId, data: RecordsAsked, database: Database, clock: Clock) -> RecordsWritten:
        async with database.read() as session:
            library = await library_of(session, library_id)
        if library is None:
            raise LibraryNotFound(library_id)
        form = data.form or library.form
        if form is None:
            raise NoForm('The library records nothing of itself: say in which "form", nfo or xattr.')
        writer = RecordWriter(database, clock)
        batch = await writer.batch(library_id, form, after=data.after, limit=data.limit, preview=data.preview)
        return RecordsWritten(
            form=form,
            counts=dict(Counter(one.done for one in batch.placed)),
            files=[_shown(one) for one in batch.placed],
            trouble=batch.trouble,
            next=batch.next,
        )


def _shown(placed: Placed) -> FileRecorded:
    target = placed.wanted.target
    path = shown(b"/".join(filter(None, (target.folder, target.name))))
    return FileRecorded(file_id=target.id, path=path, done=placed.done, error=placed.error)

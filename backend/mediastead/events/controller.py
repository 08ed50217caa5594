"""`/v1/events`."""

import asyncio
from typing import Annotated

from litestar import Controller, get
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import ServerSentEvent

from ..db.engine import Database
from ..http.paging import LARGEST_INTEGER
from ..http.permissions import Permission, requires
from .stream import stream_events

After = Annotated[
    int | None, QueryParameter(ge=0, le=LARGEST_INTEGER, description="Only events after the one with this id.")
]
LastEventId = Annotated[
    int | None,
    HeaderParameter(name="Last-Event-ID", ge=0, le=LARGEST_INTEGER, description="As browsers send it; before `after`."),
]
Kinds = Annotated[
    list[str] | None,
    QueryParameter(max_items=20, description="Beginnings of kinds, such as `scan.`; all where left out."),
]


class EventsController(Controller):
    path = "/v1/events"
    tags = ("events",)

    @get("/", guards=[requires(Permission.VIEW)], media_type="text/event-stream", summary="What happens, as it happens")
    async def follow(
        self,
        database: Database,
        stopping: asyncio.Event,
        after: After = None,
        last_event_id: LastEventId = None,
        kind: Kinds = None,
    ) -> ServerSentEvent:
        """Server-sent events, from now on or from where the reader was cut off; `event` is the kind, `data` the event."""
        begin = after if last_event_id is None else last_event_id
        return ServerSentEvent(stream_events(database, stopping, after=begin, kinds=kind or ()))

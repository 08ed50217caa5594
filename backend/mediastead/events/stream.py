"""The outbox as a stream that can be taken up again where it was left."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import msgspec
from litestar.response import ServerSentEventMessage

from ..db.engine import Database
from .queries import events_between, latest_event_id

LOOK_AGAIN = 0.5
"""Seconds between two looks at the outbox: it is the only thing that all servers on a database share."""
HEARTBEAT = 15.0
"""Seconds of silence after which a comment shows both ends that the other one lives."""
AT_ONCE = 500
"""Events read in one transaction."""


async def stream_events(
    database: Database,
    stopping: asyncio.Event,
    *,
    after: int | None,
    kinds: Sequence[str] = (),
    heartbeat: float = HEARTBEAT,
) -> AsyncGenerator[ServerSentEventMessage]:
    """Events after the one with the id `after` (from now on, where None), until the server stops.

    The first message has an id and no data: a client that is cut off before the first event takes up at that id. So has every
    heartbeat, for events that the client did not ask for have passed meanwhile.
    """
    if after is None:
        async with database.read() as session:
            after = await latest_event_id(session)
    yield ServerSentEventMessage(data=None, comment="events follow", id=after)
    loop = asyncio.get_running_loop()
    spoke = loop.time()
    while not stopping.is_set():
        async with database.read() as session:
            newest = await latest_event_id(session)
            events = await events_between(session, after, newest, kinds, AT_ONCE)
        for event in events:
            yield ServerSentEventMessage(data=msgspec.json.encode(event), event=event.kind, id=event.id)
            spoke = loop.time()
        if len(events) == AT_ONCE:
            after = events[-1].id
            continue
        after = max(after, newest)
        if loop.time() - spoke >= heartbeat:
            yield ServerSentEventMessage(data=None, comment="still here", id=after)
            spoke = loop.time()
        await _pause(stopping)


async def _pause(stopping: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), LOOK_AGAIN)
    except TimeoutError:
        return

"""The stream of events: from now on or from where it was left, until the server stops."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx
import pytest
from litestar import Litestar

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.outbox import record
from mediastead.events.stream import stream_events


async def happen(database: Database, clock: SetClock, *kinds: str) -> None:
    async with database.write() as session:
        for kind in kinds:
            record(session, clock.now(), kind, text="ä\nb")


class Reader:
    """Reads a response while it is being sent, which httpx over ASGI does not."""

    def __init__(self, app: Any, query: str = "", headers: dict[str, str] | None = None) -> None:
        raw = [(b"host", b"localhost:8484"), *((k.lower().encode(), v.encode()) for k, v in (headers or {}).items())]
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/v1/events",
            "raw_path": b"/v1/events",
            "query_string": query.encode(),
            "root_path": "",
            "headers": raw,
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 8484),
        }
        self._gone = asyncio.Event()
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._text = ""
        self.served = asyncio.create_task(app(self._scope, self._receive, self._sent.put))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def start(self) -> dict[str, str]:
        message = await asyncio.wait_for(self._sent.get(), 10)
        assert message["status"] == 200
        return {name.decode(): value.decode() for name, value in message["headers"]}

    async def message(self) -> dict[str, str]:
        """The next message, by field; a comment under the empty name."""
        while "\r\n\r\n" not in self._text:
            self._text += (await asyncio.wait_for(self._sent.get(), 10))["body"].decode()
        block, _, self._text = self._text.partition("\r\n\r\n")
        return dict((line.split(": ", 1)) for line in block.removeprefix("\r\n").split("\r\n"))

    async def is_complete(self) -> bool:
        """Whether the server sends its last piece; waits for it."""
        while True:
            if not (await asyncio.wait_for(self._sent.get(), 5)).get("more_body"):
                return True

    async def leave(self) -> None:
        self._gone.set()
        await asyncio.wait_for(self.served, 10)


async def test_events_follow_from_now_on(app: Litestar, database: Database, clock: SetClock) -> None:
    await happen(database, clock, "scan.started")
    reader = Reader(app)
    headers = await reader.start()
    assert headers["content-type"].startswith("text/event-stream")
    assert (await reader.message())["id"] == "1"  # what happened before is behind
    await happen(database, clock, "file.matched", "scan.finished")
    first, second = await reader.message(), await reader.message()
    assert (first["id"], first["event"], second["event"]) == ("2", "file.matched", "scan.finished")
    told = json.loads(first["data"])
    assert told == {"id": 2, "kind": "file.matched", "at": "2026-03-01T12:00:00Z", "data": {"text": "ä\nb"}}
    await reader.leave()


async def test_a_reader_takes_up_where_it_was_cut_off(app: Litestar, database: Database, clock: SetClock) -> None:
    await happen(database, clock, "a.one", "a.two", "b.three", "a.four")
    for query, headers, expected in (
        ("after=1", {}, ["a.two", "b.three", "a.four"]),
        ("", {"Last-Event-ID": "2"}, ["b.three", "a.four"]),
        ("after=0", {"Last-Event-ID": "3"}, ["a.four"]),
        ("after=0&kind=a.", {}, ["a.one", "a.two", "a.four"]),
        ("after=0&kind=b&kind=a.t", {}, ["a.two", "b.three"]),
    ):
        reader = Reader(app, query, headers)
        await reader.start()
        await reader.message()
        assert [(await reader.message())["event"] for _ in expected] == expected
        await reader.leave()


async def test_the_stream_ends_when_the_server_stops(app: Litestar) -> None:
    reader = Reader(app)
    await reader.start()
    await reader.message()
    app.state.running.stopping.set()
    assert await reader.is_complete()
    await reader.leave()


async def messages(stream: AsyncGenerator[Any], count: int) -> list[Any]:
    async with aclosing(stream):
        return [await asyncio.wait_for(anext(stream), 10) for _ in range(count)]


async def test_a_silent_stream_shows_that_it_lives(database: Database, clock: SetClock) -> None:
    await happen(database, clock, "a.one", "b.two")
    stream = stream_events(database, asyncio.Event(), after=0, kinds=["a."], heartbeat=0.0)
    hello, event, beat = await messages(stream, 3)
    assert (hello.id, hello.data, event.id, event.event) == (0, None, 1, "a.one")
    assert (beat.data, beat.comment) == (None, "still here")
    assert beat.id == 2  # the event of another kind is behind as well


async def test_more_events_than_are_read_at_once_come_in_order(database: Database, clock: SetClock) -> None:
    await happen(database, clock, *(f"a.{number}" for number in range(1203)))
    found = await messages(stream_events(database, asyncio.Event(), after=0), 1204)
    assert [each.id for each in found[1:]] == list(range(1, 1204))


async def test_an_event_that_was_rolled_back_is_never_told(database: Database, clock: SetClock) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as session:
            record(session, clock.now(), "a.gone")
            raise ZeroDivisionError
    await happen(database, clock, "a.stays")
    assert (await messages(stream_events(database, asyncio.Event(), after=0), 2))[1].event == "a.stays"


async def test_writers_at_once_lose_no_event_to_a_reader(database: Database, clock: SetClock) -> None:
    stream = stream_events(database, asyncio.Event(), after=0)
    reading = asyncio.create_task(messages(stream, 41))
    await asyncio.gather(*(happen(database, clock, "a.x", "a.y") for _ in range(20)))
    ids = [each.id for each in (await reading)[1:]]
    assert ids == sorted(set(ids))
    assert len(ids) == 40


@pytest.mark.parametrize("query", ["after=-1", f"after={2**63}", f"after={2**70}", "after=x"])
async def test_an_id_that_no_event_can_have_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/v1/events?{query}")).status_code == 400
    last = query.removeprefix("after=")
    assert (await client.get("/v1/events", headers={"Last-Event-ID": last})).status_code == 400

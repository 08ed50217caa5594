"""The engine for several hosts on PostgreSQL: Procrastinate carries tickets through its own schema, `procrastinate`.

Its jobs end as soon as the ticket is in the host's hands, so nothing that lasts depends on the state of a Procrastinate worker:
one that lost its connection is replaced by another while attempts go on, a job of it is never retried, stalled or aborted, and
a shutdown has nothing to wait for. That an attempt is to stop comes the same way, as a job of its own.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from json import dumps
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.types import JSONDict
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.living import was_sent_something
from .interface import Bearer, Parcel, Ticket

SCHEMA = "procrastinate"
BEGIN, STOP = "begin", "stop"
POLL = 2.0
"""Seconds after which a worker looks by itself, for what it was not notified of."""
ONCE_MORE = 0.05
"""Seconds after which a worker is told a second time that there is something: longer than it takes to ask for it."""
CONNECTIONS = 3
PATIENCE = 600
"""Seconds that a query waits for a connection while the database is away."""
AGAIN = (0.5, 10.0)
"""Seconds until a worker that ended with an error is replaced, at first and at most."""
AT_ONCE = 50
"""Jobs of it that are handed over beside each other; each takes as long as it is fetched and finished."""
BUNDLE = 50
"""Tickets in one of its jobs."""
URGENT = 2_000_000_000

log = structlog.stdlib.get_logger(__name__)


def queue_of(host_id: int) -> str:
    """Row level security lets a host see the queues that begin with `host-<id>/` only."""
    return f"host-{host_id}/tickets"


class ProcrastinateEngine:
    """`interface.Engine` on PostgreSQL."""

    def __init__(self, url: URL) -> None:
        self._conninfo = _conninfo(url)
        # Never opened: what it defers goes through the connection of the session.
        self._deferring = _make_app(self._conninfo, None)

    async def defer(self, session: AsyncSession, parcels: Sequence[Parcel]) -> list[int | None]:
        return await self._send(session, BEGIN, [(parcel, parcel.priority) for parcel in parcels])

    async def call_off(self, session: AsyncSession, parcels: Sequence[tuple[Parcel, int | None]]) -> None:
        delivered = [
            (parcel, URGENT)
            for parcel, number in parcels
            if number is None or not await self._take_back(session, parcel.ticket, number)
        ]
        await self._send(session, STOP, delivered)

    async def _take_back(self, session: AsyncSession, ticket: Ticket, number: int) -> bool:
        """Take a ticket out of what was not delivered; False where it was."""
        connection = await _raw(session)
        given = {"number": number, "ticket": dumps(_told(ticket))}
        left = (await session.execute(_TAKE_OUT, given)).scalar_one_or_none()
        if left == 0:
            await self._deferring.job_manager.cancel_job_by_id_async(number, delete_job=True, connection=connection)
        return left is not None

    async def deliver(self, host_id: int, bearer: Bearer, stop: asyncio.Event) -> None:
        pause = AGAIN[0]
        while not stop.is_set():
            began = asyncio.get_running_loop().time()
            try:
                await self._work(host_id, bearer, stop)
            except Exception as error:
                # Its connections are gone, or it was taken for dead; the next one begins anew.
                log.warning("tickets cannot be fetched, will try again", host_id=host_id, error=str(error))
            lasted = asyncio.get_running_loop().time() - began
            pause = AGAIN[0] if lasted > AGAIN[1] else min(pause * 2, AGAIN[1])
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def _work(self, host_id: int, bearer: Bearer, stop: asyncio.Event) -> None:
        app = _make_app(self._conninfo, bearer)
        async with app.open_async():
            await _forget_what_was_dropped(app, host_id)
            working = asyncio.create_task(
                app.run_worker_async(
                    queues=[queue_of(host_id)],
                    concurrency=AT_ONCE,
                    fetch_job_polling_interval=POLL,
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
            )
            stopped = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopped.cancel()
                working.cancel()
                ended = (await asyncio.gather(working, stopped, return_exceptions=True))[0]
            if isinstance(ended, Exception):
                raise ended

    async def _send(self, session: AsyncSession, task: str, parcels: Sequence[tuple[Parcel, int]]) -> list[int | None]:
        """In one call for those with one address and priority, and in few jobs, since each is fetched and finished by itself;
        the numbers of those jobs, in the order of the parcels."""
        if not parcels:
            return []
        connection = await _raw(session)
        numbers: list[int | None] = [None] * len(parcels)
        alike: dict[tuple[int, int], list[int]] = {}
        for index, (parcel, priority) in enumerate(parcels):
            alike.setdefault((parcel.host_id, priority), []).append(index)
        for (host_id, priority), indexes in alike.items():
            deferrer = self._deferring.configure_task(
                task, queue=queue_of(host_id), priority=priority, connection=connection
            )
            bundles = [indexes[at : at + BUNDLE] for at in range(0, len(indexes), BUNDLE)]
            told: list[JSONDict] = [
                {"tickets": [_told(parcels[index][0].ticket) for index in bundle]} for bundle in bundles
            ]
            for number, bundle in zip(await deferrer.batch_defer_async(*told), bundles, strict=True):
                for index in bundle:
                    numbers[index] = number
        return numbers


_TAKE_OUT = text(
    f"""
    UPDATE {SCHEMA}.procrastinate_jobs
    SET args = jsonb_build_object('tickets', coalesce(
        (SELECT jsonb_agg(each) FROM jsonb_array_elements(args->'tickets') AS each WHERE each <> CAST(:ticket AS jsonb)),
        '[]'
    ))
    WHERE id = :number AND status = 'todo' AND args->'tickets' @> jsonb_build_array(CAST(:ticket AS jsonb))
    RETURNING jsonb_array_length(args->'tickets')
    """
)


def _told(ticket: Ticket) -> JSONDict:
    return {"job_id": ticket.job_id, "attempt": ticket.attempt}


class _Connector(PsycopgConnector):
    """One whose listener connects again as often as it must, where Procrastinate's own does once, and that tells a worker
    everything twice: what it is told while it asks for a job, which was made too late for that, it forgets."""

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        channels = list(channels)
        async with asyncio.TaskGroup() as group:

            async def again(channel: str, payload: str) -> None:
                await asyncio.sleep(ONCE_MORE)
                await on_notification(channel=channel, payload=payload)

            async def twice(channel: str, payload: str) -> None:
                await on_notification(channel=channel, payload=payload)
                group.create_task(again(channel, payload))

            while True:
                with suppress(ConnectorException):
                    await super().listen_notify(twice, channels)
                await asyncio.sleep(AGAIN[0])


def _make_app(conninfo: str, bearer: Bearer | None) -> App:
    waiting: dict[str, Any] = {"timeout": PATIENCE, "reconnect_timeout": PATIENCE}
    app = App(
        connector=_Connector(conninfo=conninfo, min_size=1, max_size=CONNECTIONS, pool_factory=_make_pool, **waiting)
    )

    async def begin(tickets: list[dict[str, int]]) -> None:
        assert bearer is not None
        for ticket in tickets:
            bearer.begin(Ticket(**ticket))

    async def stop(tickets: list[dict[str, int]]) -> None:
        assert bearer is not None
        for ticket in tickets:
            bearer.stop(Ticket(**ticket))

    app.task(name=BEGIN)(begin)
    app.task(name=STOP)(stop)
    return app


def _make_pool(**how: Any) -> AsyncConnectionPool:
    """One of which each call of Procrastinate's is one trip to the server, where its own makes four: it is asked whether it
    lives, a transaction is begun, and committed."""
    how |= {"configure": _commit_at_once, "check": _ask_where_in_doubt}
    return AsyncConnectionPool(**how)


async def _commit_at_once(connection: AsyncConnection) -> None:
    await connection.set_autocommit(True)


async def _ask_where_in_doubt(connection: AsyncConnection) -> None:
    if was_sent_something(connection.fileno()):
        await AsyncConnectionPool.check_connection(connection)


async def _forget_what_was_dropped(app: App, host_id: int) -> None:
    """Tickets that a worker of this host had in its hand when it was killed. What they were for is told by the attempts."""
    for job in await app.job_manager.get_stalled_jobs(queue=queue_of(host_id)):
        assert job.id is not None
        with suppress(ConnectorException):  # it was finished just now
            await app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)


async def _raw(session: AsyncSession) -> Any:
    """The driver's connection of the transaction, in which the functions of Procrastinate are found from now on."""
    connection: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    found = "SELECT set_config('search_path', current_setting('search_path') || %s, true)"
    await connection.execute(found, [f", {SCHEMA}"])
    return connection


def _conninfo(url: URL) -> str:
    """For libpq: the address with what it holds already, and Procrastinate's schema."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = url.query.get("options", "")
    given = options if isinstance(options, str) else " ".join(options)
    return make_conninfo(plain, options=f"{given} -c search_path={SCHEMA}".strip())

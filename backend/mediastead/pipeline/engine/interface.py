"""What an engine is: it carries a ticket for an attempt to the host that is to make it.

An engine delivers, and decides nothing. What is true of a job stands in `stage_job` and `stage_job_attempt`: a ticket may come
twice, late, or for an attempt that no longer counts, and the host then finds that it may not begin. So there is one ticket an
attempt, an engine never tries anything again, and nothing of it needs to be mended after a crash.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession


class Ticket(Struct, frozen=True):
    """One attempt at a stage job, for one host."""

    job_id: int
    attempt: int


class Parcel(Struct, frozen=True, kw_only=True):
    """A ticket with its address."""

    ticket: Ticket
    host_id: int
    priority: int = 0
    """Of several for a host, the highest is delivered first."""


class Bearer(Protocol):
    """The host's end: told by an engine, in the event loop, and never made to wait."""

    def begin(self, ticket: Ticket) -> None:
        """Make this attempt. May be told again of a ticket that was begun, or has ended."""
        ...

    def stop(self, ticket: Ticket) -> None:
        """Whoever is at this attempt is to look whether it is asked to end. May be told of one that was never begun."""
        ...

    async def alone(self) -> None:
        """From now on nobody else works for this host, and nobody does: what it had begun before is lost."""
        ...


class Engine(Protocol):
    async def defer(self, session: AsyncSession, parcels: Sequence[Parcel]) -> list[int | None]:
        """Have these delivered once the transaction of `session` is committed, and not at all when it is rolled back. The
        engine's own numbers of them, in their order, for `call_off`; None where it needs none."""
        ...

    async def call_off(self, session: AsyncSession, parcels: Sequence[tuple[Parcel, int | None]]) -> None:
        """With the commit of `session`: those of which the ticket was not delivered never will be; of the others the host is told
        to look (`Bearer.stop`). Given with their numbers."""
        ...

    async def deliver(self, host_id: int, bearer: Bearer, stop: asyncio.Event) -> None:
        """Tell `bearer` of the tickets for a host until `stop` is set. Outlives restarts of the database."""
        ...

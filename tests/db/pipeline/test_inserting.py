"""Rips wait for discs that went, whoever saw that and when, and follow discs that lie elsewhere."""

from datetime import timedelta
from typing import Any

import pytest

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.pipeline import service
from mediastead.pipeline.discs.facts import Looked, Seen
from mediastead.pipeline.discs.guess import Subject
from mediastead.pipeline.discs.reported import report, take_reported
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.engine.interface import Ticket
from mediastead.pipeline.items.errors import NothingToStart
from mediastead.pipeline.items.queries import with_rips_astray
from mediastead.pipeline.jobs import attempts, judging
from mediastead.pipeline.jobs.attempts import Ended
from mediastead.pipeline.jobs.blaming import blame_the_host
from mediastead.pipeline.jobs.dispatcher import Dispatcher
from mediastead.pipeline.jobs.models import JobState, Outcome
from mediastead.pipeline.jobs.queries import board
from mediastead.pipeline.jobs.waiting_queries import Moment
from mediastead.pipeline.jobs.work import NotThere
from mediastead.pipeline.rules import Rules
from mediastead.pipeline.runner import Flow
from mediastead.pipeline.showing import item_shown

from .discs.disc_shelf import DiscShelf, a_disc
from .jobs_shelf import JobShelf

FIREFLY = Subject(type=ItemType.SERIES, title="Firefly", season=1)
ONE = a_disc("one", 42, 43, label="FIREFLY_S1_D1")
GONE = Seen(source=ONE.source, inserted=False)
NOTHING = Looked(places=(b"/dev",), here=())
"""No drive of a host has a disc in it."""
LEASE = 30.0


class World:
    """Two hosts on other machines, and an item of which the only disc lies in a drive of the first."""

    def __init__(self, database: Database, clock: SetClock) -> None:
        self.database, self.clock = database, clock
        self.discs, self.jobs = DiscShelf(database), JobShelf(database)
        self.attic = self.cellar = self.item = 0
        self.dispatcher = Dispatcher(database, clock, make_engine(database, board), excuse=blame_the_host)

    async def begin(self) -> "World":
        self.attic, self.cellar = [
            await self.jobs.host(name, "rip:dvd", seen=self.clock.now(), role_name=f"mediastead_host_{name}")
            for name in ("attic", "cellar")
        ]
        await self.says(self.attic, ONE)
        self.item = await self.discs.item()
        await self.discs.place(1, self.item, FIREFLY, 1)
        await self.discs.set_titles(1, selected=True)
        return self

    async def says(self, host_id: int, *seen: Seen | Looked) -> int:
        """What a host saw; how much of it the server has recorded."""
        async with self.database.write() as session:
            await report(session, host_id, seen)
        return await take_reported(self.database, self.clock)

    async def start(self) -> int:
        async with self.database.write() as session:
            (job_id,) = await service.start_stage(
                session, self.clock.now(), Rules(), "local", self.item, None, again=False
            )
        return job_id

    async def look(self) -> None:
        """As the server does every second."""
        await Flow(self.database, self.clock, Rules).look(again=False)

    async def job(self) -> Any:
        return await self.jobs.the_job(1)

    async def next(self) -> str:
        async with self.database.read() as session:
            return (await item_shown(session, self.item, Moment(self.clock.now(), ""))).next

    async def is_not_there(self, attempt: int) -> None:
        """The host that has the job finds no disc, and the server judges that."""
        ticket = Ticket(1, attempt)
        host_id = (await self.job()).only_host_id
        async with self.database.write() as session:
            assert await attempts.begin(session, self.clock.now(), host_id, ticket, LEASE) is not None
        gone = NotThere("There is no disc in /dev/sr0.")
        async with self.database.write() as session:
            ended = Ended(outcome=Outcome.FAILED, error=gone.reason, result=gone.told)
            await attempts.end(session, self.clock.now(), host_id, ticket, ended)
        await self.dispatcher.step()


@pytest.fixture
async def world(database: Database, clock: SetClock) -> World:
    return await World(database, clock).begin()


async def test_what_went_while_its_host_was_off_is_gone_and_its_rip_waits_for_it(world: World) -> None:
    await world.start()
    # The host was off, and comes back with an empty drive.
    assert await world.says(world.attic, NOTHING) == 1
    assert not (await world.discs.the_disc(1)).inserted
    await world.look()
    job = await world.job()
    assert (job.state, job.why) == (JobState.PENDING, "insert disc 1 (FIREFLY_S1_D1) into a drive")
    assert "insert disc 1 (FIREFLY_S1_D1) into a drive" in await world.next()
    await world.dispatcher.step()
    assert (await world.job()).state is JobState.PENDING
    await world.says(world.attic, ONE)
    await world.look()
    assert (await world.job()).state is JobState.QUEUED
    assert await world.discs.discs() == 1 and await world.discs.events() == [
        "disc.found",
        "disc.changed",
        "disc.assigned",
        "disc.changed",
        "disc.gone",
        "disc.known",
    ]


async def test_no_rip_is_started_of_a_disc_that_lies_nowhere(world: World) -> None:
    await world.says(world.attic, Looked(places=(b"/dev",), here=(b"/dev/sr1",)))
    with pytest.raises(NothingToStart, match="disc 1 is to be inserted"):
        await world.start()


async def test_beneath_what_a_host_cannot_look_into_nothing_is_gone(world: World) -> None:
    await world.discs.set_disc(1, source=b"/discs/one.iso")
    await world.says(world.attic, Looked(places=(b"/discs",), here=(b"/discs",)))
    assert (await world.discs.the_disc(1)).inserted
    await world.says(world.cellar, Looked(places=(b"/discs",), here=()))
    assert (await world.discs.the_disc(1)).inserted
    await world.says(world.attic, Looked(places=(b"/discs",), here=(b"/disc",)))
    assert not (await world.discs.the_disc(1)).inserted


async def test_a_disc_that_is_carried_to_another_host_while_its_own_is_off_is_ripped_there(world: World) -> None:
    await world.start()
    elsewhere = a_disc("one", 42, 43, label="FIREFLY_S1_D1", source=b"/dev/sr1")
    assert await world.says(world.cellar, elsewhere) == 1
    await world.look()
    job = await world.job()
    assert (job.only_host_id, job.input, job.resource) == (
        world.cellar,
        b"/dev/sr1",
        f"host {world.cellar} drive:/dev/sr1",
    )
    async with world.database.read() as session:
        assert await with_rips_astray(session) == []
    await world.dispatcher.step()
    assert [each.host_id for each in await world.jobs.attempts(1)] == [world.cellar]
    # When the first is back it has nothing, and that changes nothing.
    await world.says(world.attic, NOTHING, GONE)
    assert (await world.discs.the_disc(1)).inserted


async def test_what_is_seen_elsewhere_while_its_rip_goes_on_counts_when_that_has_ended(world: World) -> None:
    """It is a second copy, or the disc itself, of which the host where it was is not yet known to be off."""
    await world.start()
    await world.dispatcher.step()
    elsewhere = a_disc("one", 42, 43, source=b"/dev/sr1")
    assert await world.says(world.cellar, elsewhere) == 0
    assert (await world.discs.the_disc(1)).host_id == world.attic
    # What is said of others meanwhile is heard.
    assert await world.says(world.cellar, a_disc("two", 30, source=b"/dev/sr2")) == 1
    await world.jobs.set_attempt(1, 1, outcome=Outcome.LOST)
    await world.jobs.set_job(1, state=JobState.QUEUED)
    assert await take_reported(world.database, world.clock) == 1
    await world.look()
    assert (await world.job()).only_host_id == world.cellar


async def test_a_second_copy_that_is_taken_out_again_is_forgotten(world: World) -> None:
    await world.start()
    await world.dispatcher.step()
    assert await world.says(world.cellar, a_disc("one", 42, 43, source=b"/dev/sr1")) == 0
    assert await world.says(world.cellar, Seen(source=b"/dev/sr1", inserted=False)) == 2
    disc = await world.discs.the_disc(1)
    assert (disc.host_id, disc.inserted) == (world.attic, True)


async def test_a_second_copy_that_went_while_its_host_was_off_is_forgotten(world: World) -> None:
    await world.start()
    await world.dispatcher.step()
    assert await world.says(world.cellar, a_disc("one", 42, 43, source=b"/dev/sr1")) == 0
    assert await world.says(world.cellar, NOTHING) == 2
    disc = await world.discs.the_disc(1)
    assert (disc.host_id, disc.inserted) == (world.attic, True)


async def test_a_rip_that_finds_no_disc_loses_no_try_and_begins_when_it_is_back(world: World) -> None:
    await world.start()
    await world.dispatcher.step()
    await world.is_not_there(1)
    job = await world.job()
    assert (job.state, job.tries_left, job.why) == (JobState.PENDING, 3, "There is no disc in /dev/sr0.")
    # Now it is heard that it was taken out.
    await world.says(world.attic, GONE)
    await world.look()
    assert (await world.job()).why == "insert disc 1 (FIREFLY_S1_D1) into a drive"
    world.clock.advance(timedelta(hours=1))
    await world.jobs.set_job(1, priority=1)
    await world.dispatcher.step()
    assert (await world.job()).attempt == 1
    await world.says(world.attic, ONE)
    await world.look()
    assert (await world.job()).state is JobState.QUEUED


async def test_a_disc_that_is_there_and_is_not_found_again_and_again_ends_as_a_failure(world: World) -> None:
    await world.start()
    for attempt in range(1, judging.MOST_ABSENT):
        await world.dispatcher.step()
        await world.is_not_there(attempt)
        assert (await world.job()).tries_left == 3
        await world.jobs.set_job(1, not_before=world.clock.now() - timedelta(seconds=1))
    await world.dispatcher.step()
    await world.is_not_there(judging.MOST_ABSENT)
    assert (await world.job()).tries_left == 2

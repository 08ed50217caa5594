"""What the credential of a host is worth, on real PostgreSQL."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from mediastead.clock import SetClock
from mediastead.db.base import Base
from mediastead.db.engine import Database
from mediastead.pipeline.discs.ejecting import eject
from mediastead.pipeline.discs.facts import Seen
from mediastead.pipeline.discs.queries import reported
from mediastead.pipeline.discs.reported import report
from mediastead.pipeline.discs.tools import Tools
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.engine.interface import Ticket
from mediastead.pipeline.host_drives import HostDrives
from mediastead.pipeline.hosts import roles, service
from mediastead.pipeline.hosts.capabilities import Capability
from mediastead.pipeline.hosts.errors import MayNotMakeRoles
from mediastead.pipeline.hosts.models import Host
from mediastead.pipeline.hosts.service import Condition
from mediastead.pipeline.jobs import attempts
from mediastead.pipeline.jobs.attempts import Ended, Line, Said
from mediastead.pipeline.jobs.dispatching import dispatch
from mediastead.pipeline.jobs.models import JobState, Outcome
from mediastead.pipeline.jobs.queries import board

from ..discs.disc_shelf import DiscShelf, a_disc
from ..jobs_shelf import JobShelf

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
LEASE = 30.0
MAY_USE = {"host", "host_capability", "stage_job", "stage_job_attempt", "stage_job_log", "event", "drive_order"}


class Registered:
    """A host with its own way into the database."""

    def __init__(self, host_id: int, role: str, database: Database) -> None:
        self.id = host_id
        self.role = role
        self.database = database


@pytest.fixture
async def hosts(database: Database, clock: SetClock) -> AsyncGenerator[tuple[Registered, Registered]]:
    made: list[Registered] = []
    for name in ("attic", "cellar"):
        async with database.write() as session:
            role, password = await roles.make_role(session)
            host_id = await service.add_host(session, clock.now(), name, "linux", "1", role)
            able = [Capability(name="remux" if name == "attic" else "transcode", available=True)]
            await service.can_do(session, clock.now(), host_id, able)
        url = roles.url_for(database.url.render_as_string(hide_password=False), "", role, password)
        made.append(Registered(host_id, role, Database(url)))
    yield made[0], made[1]
    for each in made:
        await each.database.dispose()
        async with database.write() as session:
            await roles.drop_role(session, each.role)


async def given_out(database: Database, clock: SetClock) -> None:
    async with database.write() as session:
        await dispatch(session, clock.now(), make_engine(database, board), LEASE)


async def rows(of: Registered, query: str) -> list[Any]:
    async with of.database.read() as session:
        return list((await session.execute(text(query))).all())


async def refused(of: Registered, *statements: str) -> str:
    with pytest.raises(DBAPIError) as raised:
        async with of.database.write() as session:
            for statement in statements:
                await (await session.connection()).exec_driver_sql(statement)
    return str(raised.value.orig)


async def changed(of: Registered, statement: str) -> int:
    async with of.database.write() as session:
        done: Any = await session.execute(text(statement))
        return done.rowcount


async def test_a_host_does_its_own_work_with_its_credential(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered]
) -> None:
    attic, _ = hosts
    shelf = JobShelf(database)
    job_id = await shelf.job(now=clock.now())
    await given_out(database, clock)
    ticket = Ticket(job_id, 1)
    async with attic.database.write() as session:
        await service.heard_from(session, clock.now(), attic.id, Condition(load=0.5, refuses="The disk is full."))
        await service.can_do(session, clock.now(), attic.id, [Capability(name="rip:dvd", available=True)])
        work = await attempts.begin(session, clock.now(), attic.id, ticket, LEASE)
    assert work is not None
    async with attic.database.write() as session:
        said = Said(ticket=ticket, changed=True, progress=0.5, lines=[Line(clock.now(), "info", "half of it")])
        assert await attempts.tell(session, clock.now(), attic.id, [said], LEASE) == {ticket: None}
    async with attic.database.write() as session:
        await attempts.end(session, clock.now(), attic.id, ticket, Ended(outcome=Outcome.COMPLETED, result={}))
    job = await shelf.the_job(job_id)
    assert (job.state, job.output) == (JobState.COMPLETED, work.directory)
    assert {"job.started", "job.progress", "job.completed"} <= set(await shelf.events())


async def test_a_host_carries_tickets_with_its_credential_leaves_none_behind_and_sees_no_others(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered]
) -> None:
    attic, cellar = hosts
    shelf = JobShelf(database)
    job_id = await shelf.job(now=clock.now())
    await given_out(database, clock)
    tickets = "SELECT id FROM procrastinate.procrastinate_jobs"
    assert len(await rows(attic, tickets)) == 1
    assert await rows(cellar, tickets) == []
    assert await changed(cellar, "UPDATE procrastinate.procrastinate_jobs SET status = 'failed'") == 0
    assert await changed(cellar, "DELETE FROM procrastinate.procrastinate_jobs") == 0

    class Bearer:
        def __init__(self) -> None:
            self.begun: list[Ticket] = []
            self.came = asyncio.Event()

        def begin(self, ticket: Ticket) -> None:
            self.begun.append(ticket)
            self.came.set()

        def stop(self, ticket: Ticket) -> None:
            raise AssertionError(ticket)

        async def alone(self) -> None:
            return None

    bearer, stop = Bearer(), asyncio.Event()
    delivering = asyncio.create_task(make_engine(attic.database, board).deliver(attic.id, bearer, stop))
    await asyncio.wait_for(bearer.came.wait(), 20)
    for _ in range(1000):
        if not await rows(attic, tickets):
            break
        await asyncio.sleep(0.02)
    assert await rows(attic, tickets) == []
    stop.set()
    await delivering
    assert bearer.begun == [Ticket(job_id, 1)]


async def test_a_host_sees_neither_other_hosts_nor_their_work_nor_anything_else(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered]
) -> None:
    attic, cellar = hosts
    shelf = JobShelf(database)
    job_id = await shelf.job(now=clock.now())
    await shelf.job(now=clock.now(), capability="nobody has this")
    await given_out(database, clock)
    assert [row.id for row in await rows(attic, "SELECT id FROM stage_job")] == [job_id]
    assert [row.id for row in await rows(attic, "SELECT id FROM host")] == [attic.id]
    assert {row.host_id for row in await rows(attic, "SELECT host_id FROM host_capability")} == {attic.id}
    for table in ("stage_job", "stage_job_attempt"):
        assert await rows(cellar, f"SELECT * FROM {table}") == []
    for table in set(Base.metadata.tables) - MAY_USE:
        assert "permission denied" in await refused(attic, f"SELECT 1 FROM {table}"), table
    for table in ("stage_job_log", "event"):
        assert "permission denied" in await refused(attic, f"SELECT 1 FROM {table}"), table


async def test_a_host_says_what_discs_it_sees_in_its_own_name_and_reads_nothing_of_it(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered]
) -> None:
    attic, cellar = hosts
    async with attic.database.write() as session:
        await report(session, attic.id, [Seen(source=b"/dev/sr0"), Seen(source=b"/dev/sr0", inserted=False)])
    foreign = f"INSERT INTO disc_seen (host_id, seen, at) VALUES ({cellar.id}, '{{}}', now())"
    assert "row-level security" in await refused(attic, foreign)
    assert "permission denied" in await refused(attic, "SELECT 1 FROM disc_seen")
    assert "permission denied" in await refused(attic, "DELETE FROM disc_seen")
    async with database.read() as session:
        told = await reported(session, 10)
    assert [each.host_id for each in told] == [attic.id, attic.id]


async def test_a_host_cannot_touch_the_job_of_another_or_more_than_its_part_of_its_own(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered]
) -> None:
    attic, cellar = hosts
    shelf = JobShelf(database)
    job_id = await shelf.job(now=clock.now())
    await given_out(database, clock)
    ticket = Ticket(job_id, 1)
    # The other one tries what the host of the job may do.
    assert await changed(cellar, "UPDATE stage_job SET state = 'completed'") == 0
    assert await changed(cellar, "UPDATE stage_job_attempt SET outcome = 'completed'") == 0
    assert await changed(cellar, f"UPDATE host SET refuses = 'x' WHERE id = {attic.id}") == 0
    async with cellar.database.write() as session:
        assert await attempts.begin(session, clock.now(), attic.id, ticket, LEASE) is None
    log = f"INSERT INTO stage_job_log (job_id, number, at, level, text) VALUES ({job_id}, 1, now(), 'info', 'x')"
    assert "row-level security" in await refused(cellar, log)
    # Its own host tries more than it may.
    assert "row-level security" in await refused(attic, "UPDATE stage_job SET output = '/etc'")
    for column in ("input", "priority", "attempt", "item_id", "only_host_id"):
        assert "permission denied" in await refused(attic, f"UPDATE stage_job SET {column} = NULL"), column
    for column in ("host_id", "directory", "number", "asked_to_end"):
        assert "permission denied" in await refused(attic, f"UPDATE stage_job_attempt SET {column} = NULL"), column
    for column in ("name", "state", "role_name", "limits", "set_aside_until"):
        assert "permission denied" in await refused(attic, f"UPDATE host SET {column} = NULL"), column
    assert "permission denied" in await refused(attic, "DELETE FROM stage_job")
    assert "row-level security" in await refused(
        attic, "INSERT INTO event (at, kind, data) VALUES (now(), 'file.matched', '{}')"
    )
    assert "permission denied" in await refused(attic, "CREATE TABLE mine (id int)")
    assert "permission denied" in await refused(attic, "CREATE ROLE mine")
    assert (await shelf.the_job(job_id)).state is JobState.RUNNING


DEEP = '{"facts":' * 900 + "1" + "}" * 900
MANY_DIGITS = '{"size":' + "9" * 5000 + "}"
HUGE = '{"name":"' + "x" * 5_000_000 + '"}'


@pytest.mark.parametrize(
    "odd",
    [DEEP, MANY_DIGITS, HUGE, '["absent"]', '{"name":"\\ud800"}'],
    ids=["deep", "digits", "huge", "list", "surrogate"],
)
async def test_a_host_writes_no_json_that_would_stop_whoever_reads_it(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered], odd: str
) -> None:
    attic, _ = hosts
    shelf = JobShelf(database)
    job_id = await shelf.job(now=clock.now())
    await given_out(database, clock)
    for statement in (
        f"UPDATE stage_job_attempt SET outcome = 'failed', result = '{odd}'",
        f"UPDATE host SET free_bytes = '{odd}'",
        f"UPDATE host_capability SET detail = '{odd}'",
        f"INSERT INTO event (at, kind, data) VALUES (now(), 'job.completed', '{odd}')",
    ):
        assert re.search("row-level security|Unicode", await refused(attic, statement)), statement[:60]
    said = "UPDATE stage_job_attempt SET outcome = 'not_worth_it'"
    ended = f"UPDATE stage_job SET state = 'completed', settled = false, result = '{odd}'"
    assert re.search("row-level security|Unicode", await refused(attic, said, ended))
    job = await shelf.the_job(job_id)
    assert (job.state, job.result) == (JobState.RUNNING, None)


@pytest.mark.parametrize(
    ("outcome", "ended"),
    [
        (None, "state = 'completed', settled = false, output = {directory}"),
        (None, "state = 'failed'"),
        (None, "why = 'because'"),
        ("completed", "state = 'completed', settled = false"),
        ("completed", "state = 'completed', settled = true, output = {directory}"),
        ("failed", "state = 'completed', settled = false, output = {directory}"),
        ("failed", "state = 'failed', settled = false"),
        ("given_back", "state = 'pending'"),
    ],
)
async def test_a_host_ends_a_job_as_its_attempt_ended_and_in_no_other_way(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered], outcome: str | None, ended: str
) -> None:
    attic, _ = hosts
    shelf = JobShelf(database)
    job_id = await shelf.job(now=clock.now())
    await given_out(database, clock)
    said = [f"UPDATE stage_job_attempt SET outcome = '{outcome}'"] if outcome is not None else []
    own = "(SELECT directory FROM stage_job_attempt WHERE job_id = stage_job.id)"
    assert "row-level security" in await refused(attic, *said, f"UPDATE stage_job SET {ended.format(directory=own)}")
    assert (await shelf.the_job(job_id)).state is JobState.RUNNING


async def test_a_host_does_not_complete_what_a_person_cancelled_meanwhile(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered]
) -> None:
    attic, _ = hosts
    shelf = JobShelf(database)
    job_id = await shelf.job(now=clock.now())
    await given_out(database, clock)
    await shelf.set_attempt(job_id, 1, asked_to_end=Outcome.CANCELLED)
    done = "UPDATE stage_job SET state = 'completed', settled = false"
    assert "row-level security" in await refused(attic, "UPDATE stage_job_attempt SET outcome = 'not_worth_it'", done)
    async with attic.database.write() as session:
        await attempts.end(session, clock.now(), attic.id, Ticket(job_id, 1), Ended(outcome=Outcome.CANCELLED))
    assert (await shelf.the_job(job_id)).state is JobState.CANCELLED


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.CANCELLED])
async def test_a_host_ends_its_attempt_in_each_way(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered], outcome: Outcome
) -> None:
    attic, _ = hosts
    shelf = JobShelf(database)
    job_id = await shelf.job(now=clock.now())
    await given_out(database, clock)
    facts = {"files": [{"path": "1.mkv", "streams": {"audio": [{"language": "en"}]}}], "facts": {"ratio": 0.5}}
    async with attic.database.write() as session:
        ended = Ended(outcome=outcome, error="words", result=facts)
        await attempts.end(session, clock.now(), attic.id, Ticket(job_id, 1), ended)
    assert [each.outcome for each in await shelf.attempts(job_id)] == [outcome]


async def test_a_host_that_was_superseded_can_no_longer_change_the_job(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered]
) -> None:
    attic, cellar = hosts
    shelf = JobShelf(database)
    job_id = await shelf.job(now=clock.now())
    await given_out(database, clock)
    async with database.write() as session:
        # The attempt was lost, and the next one went to the other host.
        await session.execute(text(f"UPDATE stage_job_attempt SET outcome = 'lost' WHERE job_id = {job_id}"))
        await session.execute(text(f"UPDATE stage_job SET state = 'queued' WHERE id = {job_id}"))
        await session.execute(text("UPDATE host_capability SET available = (name <> 'remux')"))
        await service.can_do(session, clock.now(), cellar.id, [Capability(name="remux", available=True)])
    await given_out(database, clock)
    assert (await shelf.the_job(job_id)).attempt == 2
    assert await rows(attic, "SELECT id FROM stage_job") == []
    assert await changed(attic, "UPDATE stage_job SET state = 'completed'") == 0
    assert await changed(attic, "UPDATE stage_job_attempt SET outcome = 'completed'") == 0
    assert [row.id for row in await rows(cellar, "SELECT id FROM stage_job")] == [job_id]


async def test_a_revoked_credential_is_worth_nothing_from_that_moment_on(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered]
) -> None:
    attic, cellar = hosts
    connection = await attic.database.lock_engine.connect()
    await connection.execute(text("SELECT 1"))
    await connection.commit()
    async with database.write() as session:
        await roles.drop_role(session, await service.remove(session, clock.now(), attic.id))
    with pytest.raises(DBAPIError):
        await connection.execute(text("SELECT id FROM stage_job"))
    await connection.close()
    await attic.database.dispose()
    with pytest.raises(OperationalError, match=r"authentication failed|does not exist"):
        await rows(attic, "SELECT 1")
    assert [row.id for row in await rows(cellar, "SELECT id FROM host")] == [cellar.id]


async def test_the_server_keeps_seeing_everything_as_an_ordinary_role(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered]
) -> None:
    """Whoever owns no tables and is no superuser is bound by the policies as well."""
    attic, _ = hosts
    async with database.write() as session:
        await session.execute(text("CREATE ROLE mediastead_test_server"))
        await session.execute(text("GRANT mediastead_test_server TO CURRENT_USER"))
        await session.execute(text("GRANT SELECT, UPDATE ON host TO mediastead_test_server"))
        await session.execute(text("SET LOCAL ROLE mediastead_test_server"))
        assert len((await session.execute(text("SELECT id FROM host"))).all()) == 2
        later = clock.now() + timedelta(hours=1)
        done: Any = await session.execute(update(Host).where(Host.id == attic.id).values(last_seen_at=later))
        assert done.rowcount == 1
        await session.execute(text("RESET ROLE"))
        await session.execute(text("DROP OWNED BY mediastead_test_server"))
        await session.execute(text("DROP ROLE mediastead_test_server"))


async def test_a_server_that_may_make_no_roles_is_told_what_to_run(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("CREATE ROLE mediastead_test_plain"))
        await session.execute(text("GRANT mediastead_test_plain TO CURRENT_USER"))
        await session.execute(text("SET LOCAL ROLE mediastead_test_plain"))
        with pytest.raises(MayNotMakeRoles, match='ALTER ROLE "mediastead_test_plain" CREATEROLE'):
            await roles.make_role(session)
        await session.execute(text("RESET ROLE"))
        await session.execute(text("DROP ROLE mediastead_test_plain"))


async def test_a_host_opens_its_own_drive_with_its_credential_and_hears_of_no_other(
    database: Database, clock: SetClock, hosts: tuple[Registered, Registered], tmp_path: Path
) -> None:
    attic, cellar = hosts
    shelf = DiscShelf(database)
    disc_id = await shelf.see(attic.id, a_disc("one", 42, source=b"/dev/sr0"))
    assert disc_id is not None

    def find(_: Sequence[bytes]) -> list[bytes]:
        return [b"/dev/sr0"]

    program = tmp_path / "eject"
    program.write_text(f"#!/bin/sh\necho $1 >> {tmp_path}/opened\n")
    program.chmod(0o755)
    stop, tools = asyncio.Event(), Tools(eject=(str(program), "{source}"))
    working = [
        asyncio.create_task(HostDrives(each.database, each.id, [], forget_nothing, tools=tools, find=find).run(stop))
        for each in (cellar, attic)
    ]
    await eject(database, clock, "anna", disc_id, Tools(), [], forget_nothing)
    stop.set()
    await asyncio.gather(*working)
    assert (tmp_path / "opened").read_text() == "/dev/sr0\n"
    assert not (await shelf.the_disc(disc_id)).inserted
    assert len(await rows(attic, "SELECT id, source FROM drive_order")) == 1
    assert await rows(cellar, "SELECT id FROM drive_order") == []
    # What has ended stays as it ended, and nobody else's can be taken.
    for each in (attic, cellar):
        assert await changed(each, "UPDATE drive_order SET error = 'x', ended_at = now()") == 0
    for column in ("actor", "resource", "disc_id", "error"):
        assert "permission denied" in await refused(attic, f"SELECT {column} FROM drive_order"), column
    for column in ("until", "host_id", "source", "told"):
        assert "permission denied" in await refused(attic, f"UPDATE drive_order SET {column} = NULL"), column
    for statement in ("DELETE FROM drive_order", "INSERT INTO drive_order (told) VALUES (false)"):
        assert "permission denied" in await refused(attic, statement), statement


def forget_nothing(_: Sequence[bytes]) -> None:
    """Nobody looks at drives here."""

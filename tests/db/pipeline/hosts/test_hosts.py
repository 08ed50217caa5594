"""Hosts: invited, heard from, blamed, brought back."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.pipeline.hosts import queries, service
from mediastead.pipeline.hosts.capabilities import Capability
from mediastead.pipeline.hosts.errors import InviteNotValid, NameOfServer, NameTaken, NoSuchHost, OwnHost
from mediastead.pipeline.hosts.invites import VALID_FOR, belongs_to, make_invite, use_invite
from mediastead.pipeline.hosts.models import OWN_NAME, Host, HostState
from mediastead.pipeline.hosts.schemas import HostChange
from mediastead.pipeline.hosts.service import Condition

DVD = Capability(name="rip:dvd", available=True, detail={"version": "1"})


async def add(database: Database, clock: SetClock, name: str = "attic", role: str | None = "role") -> int:
    async with database.write() as session:
        return await service.add_host(session, clock.now(), name, "linux", "1", role)


async def host(database: Database, host_id: int) -> Host:
    async with database.read() as session:
        found = await queries.host(session, host_id)
    assert found is not None
    return found


async def at_hand(database: Database, clock: SetClock) -> list[int]:
    async with database.read() as session:
        return [each.id for each in await queries.hosts_at_hand(session, clock.now())]


async def able(database: Database, clock: SetClock, host_id: int, *found: Capability) -> bool:
    async with database.write() as session:
        return await service.can_do(session, clock.now(), host_id, found)


async def test_a_code_admits_one_machine_however_it_is_typed(database: Database, clock: SetClock) -> None:
    async with database.write() as session:
        code = await make_invite(session, clock.now(), "local", "attic")
    async with database.write() as session:
        invite_id, name = await use_invite(session, clock.now(), code.lower().replace("-", " "))
        assert name == "attic"
        host_id = await service.add_host(session, clock.now(), "attic", "linux", "1", "role")
        await belongs_to(session, invite_id, host_id)
    for wrong in (code, "", "ABCDE", "\N{GRINNING FACE}"):
        with pytest.raises(InviteNotValid):
            async with database.write() as session:
                await use_invite(session, clock.now(), wrong)


async def test_a_code_that_was_used_in_a_transaction_that_failed_can_be_used_again(
    database: Database, clock: SetClock
) -> None:
    async with database.write() as session:
        code = await make_invite(session, clock.now(), "local", None)
    with pytest.raises(ZeroDivisionError):
        async with database.write() as session:
            await use_invite(session, clock.now(), code)
            raise ZeroDivisionError
    async with database.write() as session:
        await use_invite(session, clock.now(), code)


async def test_a_code_is_worth_nothing_after_its_hour(database: Database, clock: SetClock) -> None:
    async with database.write() as session:
        code = await make_invite(session, clock.now(), "local", None)
    clock.advance(VALID_FOR)
    with pytest.raises(InviteNotValid):
        async with database.write() as session:
            await use_invite(session, clock.now(), code)


async def test_of_two_that_come_with_one_code_at_once_one_is_admitted(database: Database, clock: SetClock) -> None:
    async with database.write() as session:
        code = await make_invite(session, clock.now(), "local", None)

    async def come(name: str) -> int | None:
        try:
            async with database.write() as session:
                invite_id, _ = await use_invite(session, clock.now(), code)
                host_id = await service.add_host(session, clock.now(), name, None, None, name)
                await belongs_to(session, invite_id, host_id)
                return host_id
        except InviteNotValid:
            return None

    came = await asyncio.gather(come("a"), come("b"), come("c"))
    assert len([host_id for host_id in came if host_id is not None]) == 1
    async with database.read() as session:
        assert len(await queries.hosts(session)) == 1


async def test_a_host_gets_jobs_only_while_all_is_well_with_it(database: Database, clock: SetClock) -> None:
    host_id = await add(database, clock)
    assert await at_hand(database, clock) == []  # it can do nothing yet
    await able(database, clock, host_id, DVD)
    assert await at_hand(database, clock) == [host_id]

    async def change(state: str) -> None:
        async with database.write() as session:
            await service.change(session, clock.now(), host_id, HostChange(state=state))  # pyright: ignore[reportArgumentType] - parametrized

    async def heard(refuses: str | None = None) -> None:
        async with database.write() as session:
            await service.heard_from(session, clock.now(), host_id, Condition(refuses=refuses))

    for state in ("draining", "disabled"):
        await change(state)
        assert await at_hand(database, clock) == []
        assert service.waits(await host(database, host_id), clock.now(), one_machine=False)[0] == state
    await change("enabled")
    await heard(refuses="The disk of /staging is full: free some space.")
    assert await at_hand(database, clock) == []
    assert service.waits(await host(database, host_id), clock.now(), one_machine=False) == (
        "refuses",
        "The disk of /staging is full: free some space.",
    )
    await heard()
    assert await at_hand(database, clock) == [host_id]
    clock.advance(queries.HEARD)
    assert await at_hand(database, clock) == []
    assert service.waits(await host(database, host_id), clock.now(), one_machine=False)[0] == "not heard of"
    await heard()
    async with database.write() as session:
        until = clock.now() + timedelta(minutes=15)
        await service.set_aside(session, clock.now(), host_id, until, "3 jobs failed here.")
    assert await at_hand(database, clock) == []
    assert service.waits(await host(database, host_id), clock.now(), one_machine=False)[0] == "set aside"
    clock.advance(timedelta(minutes=15))
    await heard()
    assert await at_hand(database, clock) == [host_id]
    assert service.waits(await host(database, host_id), clock.now(), one_machine=False) == ("ready", None)


async def test_what_a_host_can_do_is_written_only_where_it_changed(database: Database, clock: SetClock) -> None:
    host_id = await add(database, clock)
    remux = Capability(name="remux", available=False, reason="Install mkvtoolnix.")
    assert await able(database, clock, host_id, DVD, remux)
    began = clock.now()
    clock.advance(timedelta(hours=1))
    assert not await able(database, clock, host_id, DVD, remux)
    assert await able(database, clock, host_id, DVD)
    async with database.read() as session:
        [view] = (await queries.capabilities(session, [host_id]))[host_id]
    assert (view.name, view.since) == ("rip:dvd", began)


async def test_a_capability_that_was_lost_at_work_stays_lost_until_the_tool_is_another(
    database: Database, clock: SetClock
) -> None:
    host_id = await add(database, clock)
    await able(database, clock, host_id, DVD)
    async with database.write() as session:
        await service.lost(session, clock.now(), host_id, "rip:dvd", "MakeMKV's key has expired: enter a new one.")
    await able(database, clock, host_id, DVD)
    assert await at_hand(database, clock) == []
    newer = Capability(name="rip:dvd", available=True, detail={"version": "2"})
    await able(database, clock, host_id, newer)
    assert await at_hand(database, clock) == [host_id]


async def test_a_person_brings_a_host_back_and_it_is_asked_what_it_can_do(database: Database, clock: SetClock) -> None:
    host_id = await add(database, clock)
    await able(database, clock, host_id, DVD)
    async with database.write() as session:
        await service.lost(session, clock.now(), host_id, "rip:dvd", "broken")
        await service.set_aside(session, clock.now(), host_id, clock.now() + timedelta(hours=1), "failed")
    async with database.write() as session:
        await service.bring_back(session, clock.now(), host_id)
    assert await at_hand(database, clock) == []
    await able(database, clock, host_id, DVD)
    assert await at_hand(database, clock) == [host_id]


async def test_a_removed_host_is_gone_and_its_name_is_free_but_it_is_still_told(
    database: Database, clock: SetClock
) -> None:
    host_id = await add(database, clock)
    with pytest.raises(NameTaken):
        await add(database, clock, role="other")
    async with database.write() as session:
        assert await service.remove(session, clock.now(), host_id) == "role"
    assert (await host(database, host_id)).state is HostState.REMOVED
    async with database.write() as session:
        assert await service.heard_from(session, clock.now(), host_id, Condition()) is None
    for refused in (service.remove, service.bring_back):
        with pytest.raises(NoSuchHost):
            async with database.write() as session:
                await refused(session, clock.now(), host_id)
    await add(database, clock)


async def test_the_servers_own_host_is_made_once_and_cannot_be_removed(database: Database, clock: SetClock) -> None:
    async with database.write() as session:
        first = await service.own_host(session, clock.now(), "linux", "1")
        assert await service.own_host(session, clock.now(), "linux", "2") == first
        with pytest.raises(OwnHost):
            await service.remove(session, clock.now(), first)


async def test_a_host_cannot_take_the_name_of_another(database: Database, clock: SetClock) -> None:
    await add(database, clock, "attic", "a")
    cellar = await add(database, clock, "cellar", "b")
    with pytest.raises(NameTaken):
        async with database.write() as session:
            await service.change(session, clock.now(), cellar, HostChange(name="attic"))
    async with database.write() as session:
        await service.change(session, clock.now(), cellar, HostChange(path_map=[("/a", "/b")], limits={"rip": 2}))
    changed = await host(database, cellar)
    assert (changed.name, changed.path_map, changed.limits) == ("cellar", [["/a", "/b"]], {"rip": 2})


async def test_no_other_host_is_called_as_the_servers_own(database: Database, clock: SetClock) -> None:
    attic = await add(database, clock, "attic", "a")
    with pytest.raises(NameOfServer, match="choose another name"):
        await add(database, clock, OWN_NAME, "b")
    with pytest.raises(NameOfServer):
        async with database.write() as session:
            await make_invite(session, clock.now(), "local", OWN_NAME)
    with pytest.raises(NameOfServer):
        async with database.write() as session:
            await service.change(session, clock.now(), attic, HostChange(name=OWN_NAME))
    # The server may have another name, and its own again.
    async with database.write() as session:
        own = await service.own_host(session, clock.now(), "linux", "1")
        for name in ("study", OWN_NAME):
            await service.change(session, clock.now(), own, HostChange(name=name))
    assert (await host(database, own)).name == OWN_NAME


async def test_that_a_host_begins_and_stops_to_refuse_work_is_told_once(database: Database, clock: SetClock) -> None:
    host_id = await add(database, clock)
    for refuses in (None, "999 MB are free", "998 MB are free", None, None):
        async with database.write() as session:
            await service.heard_from(session, clock.now(), host_id, Condition(refuses=refuses))
    for _ in range(2):
        async with database.write() as session:
            await service.refuse(session, clock.now(), host_id, "The disk is full.")
    async with database.read() as session:
        query = select(Event.kind, Event.data).where(Event.kind.in_(("host.refuses", "host.takes_work")))
        told = [(kind, data.get("why")) for kind, data in await session.execute(query.order_by(Event.id))]
    assert told == [
        ("host.refuses", "999 MB are free"),
        ("host.takes_work", None),
        ("host.refuses", "The disk is full."),
    ]

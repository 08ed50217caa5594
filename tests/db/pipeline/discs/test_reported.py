"""What a host on another machine sees of discs: it looks by itself, and the server records what it says."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.pipeline.discs import queries, service
from mediastead.pipeline.discs.facts import Seen
from mediastead.pipeline.discs.models import Disc, DiscSeen, DiscState
from mediastead.pipeline.discs.reported import ask_to_read, named, report, take_reported
from mediastead.pipeline.discs.seeing import forget_host
from mediastead.pipeline.discs.tools import Tools
from mediastead.pipeline.host_discs import HostDiscs
from mediastead.pipeline.hosts import service as hosts
from mediastead.pipeline.hosts.models import Host
from mediastead.pipeline.hosts.service import Condition

from ....generators.bluray import Item, playlist, write_bdmv
from .disc_shelf import MOMENT, DiscShelf, a_disc


@pytest.fixture
def shelf(database: Database) -> DiscShelf:
    return DiscShelf(database)


async def a_host(shelf: DiscShelf, name: str = "attic") -> int:
    host_id = await shelf.host(name)
    async with shelf.database.write() as session:
        await session.execute(update(Host).where(Host.id == host_id).values(role_name=f"mediastead_host_{name}"))
    return host_id


async def discs(database: Database) -> list[Disc]:
    async with database.read() as session:
        return list((await session.execute(select(Disc).order_by(Disc.id))).scalars())


async def says(database: Database, host_id: int, *seen: Seen) -> None:
    async with database.write() as session:
        await report(session, host_id, seen)


def a_bluray(folder: Path, minutes: int = 117) -> None:
    write_bdmv(folder, {800: playlist([Item("00001", minutes * 60)], [0, 600])}, {"00001": 1_000_000})


class AwayAtFirst:
    """A database to which the first that is written does not come."""

    def __init__(self, database: Database) -> None:
        self._database, self._away = database, True

    def read(self) -> Any:
        return self._database.read()

    def write(self) -> Any:
        if self._away:
            self._away = False
            raise ConnectionError("away")
        return self._database.write()


class RemovesTheHost:
    """A database in which a host is removed between the first look at what it said and the first that is written."""

    def __init__(self, database: Database, host_id: int) -> None:
        self.database, self._host_id = database, host_id
        self._removed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.database, name)

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Any]:
        if not self._removed:
            self._removed = True
            async with self.database.write() as session:
                await hosts.remove(session, MOMENT, self._host_id)
                await forget_host(session, MOMENT, self._host_id)
        async with self.database.write() as session:
            yield session


def no_drives(_: Sequence[bytes]) -> list[bytes]:
    return []


async def test_a_host_looks_by_itself_and_tells_what_it_sees_once(
    database: Database, clock: SetClock, shelf: DiscShelf, tmp_path: Path
) -> None:
    host_id = await a_host(shelf)
    a_bluray(tmp_path / "Alien")
    looks = HostDiscs(
        database, host_id, [], [bytes(tmp_path)], poll=1, tools=Tools(lsdvd=(), makemkvcon=()), find=no_drives
    )
    try:
        await looks.look(wait=True)
        await looks.look(wait=True)
        assert await take_reported(database, clock) == 2  # what lies there at all, and what it is
        (disc,) = await discs(database)
        assert (disc.host_id, disc.source, disc.inserted) == (host_id, bytes(tmp_path / "Alien"), True)
        assert disc.state is DiscState.PENDING
        (tmp_path / "Alien").rename(tmp_path / "elsewhere.bak")
        (tmp_path / "elsewhere.bak" / "BDMV").rename(tmp_path / "elsewhere.bak" / "gone")
        await looks.look(wait=True)
        assert await take_reported(database, clock) == 1
        assert [each.inserted for each in await discs(database)] == [False]
    finally:
        await looks.end()


async def test_what_was_seen_while_the_database_was_away_is_told_afterwards(
    database: Database, clock: SetClock, shelf: DiscShelf, tmp_path: Path
) -> None:
    host_id = await a_host(shelf)
    a_bluray(tmp_path / "Alien")
    away: Any = AwayAtFirst(database)
    looks = HostDiscs(
        away, host_id, [], [bytes(tmp_path)], poll=1, tools=Tools(lsdvd=(), makemkvcon=()), find=no_drives
    )
    try:
        with pytest.raises(ConnectionError):
            await looks.look(wait=True)
        await looks.look()
        assert await take_reported(database, clock) == 2
    finally:
        await looks.end()


async def test_what_was_taken_out_while_a_host_was_down_is_gone_when_it_is_back(
    database: Database, clock: SetClock, shelf: DiscShelf, tmp_path: Path
) -> None:
    host_id, other = await a_host(shelf), await a_host(shelf, "cellar")
    inbox, away = tmp_path / "inbox", tmp_path / "away"
    for minutes, name in enumerate(("stays", "taken out"), start=100):
        a_bluray(inbox / name, minutes)
    drive = b"/nowhere/sr9"
    await says(database, host_id, a_disc("in a drive", 42, source=drive), a_disc("read by hand", 43, source=b"/a.iso"))
    await says(database, host_id, a_disc("not to be seen", 44, source=bytes(away / "b.iso")))
    await says(database, other, a_disc("of another host", 45, source=bytes(inbox / "of another")))

    async def starts() -> None:
        looks = HostDiscs(
            database,
            host_id,
            [drive],
            [bytes(inbox), bytes(away)],
            poll=1,
            tools=Tools(lsdvd=(), makemkvcon=()),
            find=list,
        )
        try:
            await looks.look(wait=True)
        finally:
            await looks.end()
        await take_reported(database, clock)

    await starts()
    assert await shelf.inserted() == {"a.iso", "b.iso", "of another", "stays", "taken out"}
    (inbox / "taken out").rename(tmp_path / "shelf")
    await starts()
    assert await shelf.inserted() == {"a.iso", "b.iso", "of another", "stays"}


async def test_a_disc_that_failed_is_known_in_the_drive_of_another_host_and_not_tried_again(
    database: Database, clock: SetClock, shelf: DiscShelf
) -> None:
    attic, cellar = await a_host(shelf), await a_host(shelf, "cellar")
    await says(database, attic, a_disc("scratched", error="it cannot be read: clean it"))
    assert await take_reported(database, clock) == 1
    await says(database, attic, Seen(source=b"/dev/sr0", inserted=False))
    await says(database, cellar, a_disc("scratched", 42, 43))
    assert await take_reported(database, clock) == 2
    (disc,) = await discs(database)
    assert (disc.host_id, disc.state, disc.error) == (cellar, DiscState.FAILED, "it cannot be read: clean it")


async def test_what_a_living_host_has_the_server_leaves_to_it_whichever_of_them_looked_last(
    database: Database, clock: SetClock, shelf: DiscShelf
) -> None:
    """Both look into the drive of one machine, and only the host can rip what lies there."""
    own, host_id = await shelf.host("this-machine"), await a_host(shelf)
    await shelf.see(own, a_disc("one", 44))
    await says(database, host_id, a_disc("one", 44))
    await take_reported(database, clock)
    await alive(database, host_id, clock)
    assert await shelf.see(own, a_disc("one", 44)) == 1
    assert (await shelf.the_disc(1)).host_id == host_id
    # What the host says itself always counts, and what the server alone sees as well.
    await says(database, host_id, Seen(source=b"/dev/sr0", inserted=False))
    await take_reported(database, clock)
    await shelf.see(own, a_disc("one", 44))
    assert ((await shelf.the_disc(1)).host_id, await shelf.discs()) == (own, 1)


async def test_what_the_server_sees_in_its_drive_counts_once_the_host_that_had_it_is_not_heard_of(
    database: Database, clock: SetClock, shelf: DiscShelf
) -> None:
    own, host_id = await shelf.host("this-machine"), await a_host(shelf)
    await alive(database, host_id, clock)
    await says(database, host_id, a_disc("one", 44))
    await take_reported(database, clock)
    await says(database, own, a_disc("one", 44), a_disc("two", 45, source=b"/dev/sr1"))
    await take_reported(database, clock)
    assert [(each.host_id, each.source) for each in await discs(database)] == [
        (host_id, b"/dev/sr0"),
        (own, b"/dev/sr1"),
    ]
    clock.advance(timedelta(minutes=2))
    await take_reported(database, clock)
    assert {each.host_id for each in await discs(database)} == {own}


async def alive(database: Database, host_id: int, clock: SetClock) -> None:
    async with database.write() as session:
        await hosts.heard_from(session, clock.now(), host_id, Condition())


async def test_what_hosts_say_is_recorded_once_and_in_its_order_by_however_many_servers(
    database: Database, clock: SetClock, shelf: DiscShelf
) -> None:
    host_id = await a_host(shelf)
    for name in ("one", "two", "three"):
        await says(database, host_id, a_disc(name, 42), Seen(source=b"/dev/sr0", inserted=False))
    await says(database, host_id, a_disc("three", 42))
    taken = await asyncio.gather(*(take_reported(database, clock) for _ in range(3)))
    assert sum(taken) == 7
    assert [each.inserted for each in await discs(database)] == [False, False, True]


async def test_what_a_host_said_before_it_was_removed_puts_no_disc_where_nobody_can_have_it(
    database: Database, clock: SetClock, shelf: DiscShelf
) -> None:
    host_id = await a_host(shelf)
    await says(database, host_id, a_disc("one", 42))
    removing: Any = RemovesTheHost(database, host_id)
    assert await take_reported(removing, clock) == 0
    assert await shelf.inserted() == set()


async def test_what_makes_no_sense_is_passed_over_and_holds_nothing_up(
    database: Database, clock: SetClock, shelf: DiscShelf
) -> None:
    host_id = await a_host(shelf)
    async with database.write() as session:
        for nonsense in (
            {},
            7,
            ["places"],
            {"places": 3},
            {"source": 7},
            {"source": "L2Rldi9zcjA=", "fingerprint": "YQ=="},
        ):
            await session.execute(insert(DiscSeen).values(host_id=host_id, seen=nonsense, at=clock.now()))
    await says(database, host_id, a_disc("good", 42))
    assert await take_reported(database, clock) == 1
    async with database.read() as session:
        assert await queries.reported(session, 10) == []


@pytest.mark.parametrize(
    "poison",
    [
        '{"source": "L2Rldi9zcjA=", "label": "\\u0000"}',
        '{"source": "L2Rldi9zcjA=", "label": "\\ud800"}',
        '{"source": "L2Rldi9zcjA=", "facts": {"kind": "dvd", "reader": "lsdvd", "titles": [{"number": 1e30, "duration": 1}]}}',
        '{"source": "L2Rldi9zcjA=", "facts": {"kind": "dvd", "reader": "lsdvd", "titles": ['
        '{"number": 1, "duration": 1}, {"number": 1, "duration": 1}, {"number": 9999999999999, "duration": 1}]}}',
        "[" * 3_000 + "]" * 3_000,
    ],
    ids=["no character", "half a character", "no number", "twice the same title", "deep"],
)
async def test_what_cannot_be_recorded_holds_up_nothing_that_hosts_say_after_it(
    database: Database, clock: SetClock, shelf: DiscShelf, poison: str
) -> None:
    host_id = await a_host(shelf)
    async with database.write() as session:
        said = text("INSERT INTO disc_seen (host_id, seen, at) VALUES (:host, :seen, CURRENT_TIMESTAMP)")
        if not database.is_sqlite:
            said = text("INSERT INTO disc_seen (host_id, seen, at) VALUES (:host, CAST(:seen AS json), now())")
        await session.execute(said, {"host": host_id, "seen": poison})
    await says(database, host_id, a_disc("good", 42))
    await take_reported(database, clock)
    assert [each.label for each in await discs(database) if each.inserted] == [None]
    assert [each.fingerprint for each in await discs(database) if each.inserted] == [b"good............"]
    async with database.read() as session:
        assert (await session.execute(select(func.count()).select_from(DiscSeen))).scalar_one() == 0


async def test_a_person_has_a_disc_on_a_host_read_again_and_the_wish_ends_with_what_came_of_it(
    database: Database, clock: SetClock, shelf: DiscShelf
) -> None:
    host_id = await a_host(shelf)
    await says(database, host_id, a_disc("scratched", error="it cannot be read: clean it"))
    await take_reported(database, clock)
    async with database.write() as session:
        await service.again(session, clock.now(), "anna", 1)
    await ask_to_read(database)

    async def wished() -> list[str] | None:
        async with database.read() as session:
            return (await session.execute(select(Host.read_again).where(Host.id == host_id))).scalar_one()

    assert await wished() == [named(b"/dev/sr0")]
    await says(database, host_id, a_disc("scratched", 42, 43))
    await take_reported(database, clock)
    await ask_to_read(database)
    assert await wished() == []
    assert [(each.state, each.error) for each in await discs(database)] == [(DiscState.PENDING, None)]

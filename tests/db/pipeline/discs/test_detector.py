# ruff: noqa: ASYNC110 - tests look again and again
"""The server finds discs in its folders, records them, and finds out what they may be."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy.exc import OperationalError

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.metadata.errors import ProviderTrouble, ProviderUnavailable
from mediastead.metadata.facts import Candidate
from mediastead.parsing.guess import Guess
from mediastead.parsing.parser import Parser
from mediastead.pipeline.discs.detector import Detector
from mediastead.pipeline.discs.models import DiscState
from mediastead.pipeline.discs.tools import Tools
from mediastead.pipeline.hosts import queries, service
from mediastead.pipeline.hosts.capabilities import this_platform
from mediastead.pipeline.hosts.schemas import HostChange
from mediastead.settings_read import load_settings

from ....generators.bluray import Item, playlist, write_bdmv
from ....unit.parsing.reading_paths import guess
from .disc_shelf import DiscShelf


class ParserWithoutWorkers(Parser):
    async def _guesses(self, names: Sequence[str]) -> dict[str, Guess]:
        return {name: guess(name) for name in names}


class MayBeDown(BundledCatalogue):
    """The catalogue, which at first cannot be asked."""

    down = True

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        if self.down:
            raise ProviderUnavailable("It is down; try again later.", provider=self.name, trouble=ProviderTrouble.DOWN)
        return await super().search(type, query, year=year)


@pytest.fixture
def shelf(database: Database) -> DiscShelf:
    return DiscShelf(database)


@pytest.fixture
def provider() -> MayBeDown:
    return MayBeDown()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


NO_TOOLS = Tools(lsdvd=(), makemkvcon=())


def a_detector(
    database: Database,
    clock: SetClock,
    inbox: Path,
    tmp_path: Path,
    provider: MayBeDown,
    tools: Tools | None = NO_TOOLS,
    **others: Any,
) -> Detector:
    settings = structs.replace(
        load_settings({"MEDIASTEAD_DATA_DIR": str(tmp_path / "data")}),
        disc_folders=str(inbox),
        disc_drives="/nowhere/sr9",
        **others,
    )
    return Detector(
        database,
        clock,
        lambda: settings,
        ParserWithoutWorkers(workers=1),
        lambda: provider,
        tools,
    )


@pytest.fixture
async def detector(
    database: Database, clock: SetClock, tmp_path: Path, inbox: Path, provider: MayBeDown
) -> AsyncGenerator[Detector]:
    detector = a_detector(database, clock, inbox, tmp_path, provider)
    yield detector
    await detector.stop()


class AwayForAWhile:
    """A database that does not answer the next times that somebody writes to it."""

    def __init__(self, database: Database) -> None:
        self.database, self.away = database, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.database, name)

    def write(self) -> Any:
        if self.away:
            self.away -= 1
            raise OperationalError("BEGIN", {}, ConnectionError("away"))
        return self.database.write()


def a_bluray(folder: Path, longer: int = 0) -> None:
    clips = {f"0000{number}": 1_000_000 for number in (1, 2, 3)}
    titles = {
        number: playlist([Item(f"0000{number}", 3000 + 60 * (number + longer))], [0, 600]) for number in (1, 2, 3)
    }
    write_bdmv(folder, titles, clips)


async def test_a_folder_becomes_a_disc_that_is_guessed_when_the_provider_answers(
    detector: Detector, shelf: DiscShelf, inbox: Path, provider: MayBeDown
) -> None:
    a_bluray(inbox / "Game of Thrones S2 D1")
    await detector.look(wait=True)
    shown = await shelf.show(1)
    assert (shown.disc.state, shown.disc.inserted, len(shown.titles)) == (DiscState.PENDING, True, 3)
    assert shown.disc.guess is None
    provider.down = False
    await detector.look(wait=True)
    guess = (await shelf.show(1)).disc.guess
    assert guess is not None and guess.sure
    assert (guess.title, guess.season, guess.number) == ("Game of Thrones", 2, 1)
    assert await shelf.events() == ["disc.found", "disc.guessed"]
    (inbox / "Game of Thrones S2 D1").rename(inbox.parent / "elsewhere")
    await detector.look(wait=True)
    assert not (await shelf.the_disc(1)).inserted


async def test_what_was_taken_out_while_the_server_was_down_is_gone_when_it_is_back(
    database: Database, clock: SetClock, shelf: DiscShelf, inbox: Path, tmp_path: Path
) -> None:
    by_hand = tmp_path / "by hand"
    for minutes, folder in enumerate((inbox / "stays", inbox / "taken out", by_hand)):
        a_bluray(folder, minutes)
    first = a_detector(database, clock, inbox, tmp_path, MayBeDown())
    await first.look(wait=True)
    assert await first.read(bytes(by_hand)) is not None
    await first.stop()
    assert await shelf.inserted() == {"stays", "taken out", "by hand"}
    (inbox / "taken out").rename(tmp_path / "shelf")
    second = a_detector(database, clock, inbox, tmp_path, MayBeDown())
    await second.look(wait=True)
    await second.stop()
    assert await shelf.inserted() == {"stays", "by hand"}


async def test_what_failed_is_read_again_only_when_a_person_asks(
    detector: Detector, shelf: DiscShelf, inbox: Path
) -> None:
    (inbox / "broken.iso").write_bytes(b"x" * 40_000)
    await detector.look(wait=True)
    await detector.look(wait=True)
    disc = await shelf.the_disc(1)
    assert disc.state is DiscState.FAILED and await shelf.events() == ["disc.found"]
    await shelf.again(1)
    await detector.look(wait=True)
    disc = await shelf.the_disc(1)
    assert disc.state is DiscState.FAILED and "install it" in (disc.error or "")
    assert await shelf.discs() == 1


async def test_what_went_while_no_server_ran_is_gone_and_known_again_when_it_is_put_back(
    detector: Detector, shelf: DiscShelf, inbox: Path
) -> None:
    a_bluray(inbox / "in the folder")
    a_bluray(inbox.parent / "by hand")
    (inbox.parent / "by hand" / "BDMV" / "PLAYLIST" / "00003.mpls").unlink()
    await detector.look(wait=True)
    by_hand = await detector.read(bytes(inbox.parent / "by hand"))
    assert by_hand == 2
    # As after a start: it has seen nothing yet.
    detector.look_again_at([bytes(inbox / "in the folder")])
    for name in (inbox / "in the folder", inbox.parent / "by hand"):
        (name / "BDMV").rename(inbox.parent / f"{name.name} away")
        name.rmdir()
    await detector.look(wait=True)
    # Outside of its folders a server on PostgreSQL may be on another machine than the one that read it.
    there = [(await shelf.the_disc(disc_id)).inserted for disc_id in (1, 2)]
    assert there == [False, not shelf.database.is_sqlite]
    for name in (inbox / "in the folder", inbox.parent / "by hand"):
        name.mkdir()
        (inbox.parent / f"{name.name} away").rename(name / "BDMV")
    await detector.look(wait=True)
    await detector.look(wait=True)
    assert [(await shelf.the_disc(disc_id)).inserted for disc_id in (1, 2)] == [True, True]
    assert await shelf.discs() == 2


async def test_the_server_reads_discs_as_its_host_was_told_and_says_what_machine_it_is(
    database: Database, clock: SetClock, inbox: Path, tmp_path: Path, provider: MayBeDown
) -> None:
    async with database.write() as session:
        host_id = await service.own_host(session, clock.now(), this_platform(), "1")
        await service.change(
            session, clock.now(), host_id, HostChange(commands={"read": {"lsdvd": ["my-lsdvd", "{source}"]}})
        )
    detector = a_detector(database, clock, inbox, tmp_path, provider, tools=None)
    a_bluray(inbox / "Game of Thrones S2 D1")
    await detector.look(wait=True)
    assert (await detector.tools()).lsdvd == ("my-lsdvd", "{source}")
    await detector.stop()
    async with database.read() as session:
        [host] = await queries.hosts(session)
    assert host.platform == this_platform()


async def test_what_was_seen_while_the_database_was_away_is_recorded_when_it_is_back(
    database: Database, clock: SetClock, shelf: DiscShelf, inbox: Path, tmp_path: Path
) -> None:
    away: Any = AwayForAWhile(database)
    detector = a_detector(away, clock, inbox, tmp_path, MayBeDown(), disc_poll_seconds=0.01)
    await detector.look()  # its own host is there
    a_bluray(inbox / "one")
    a_bluray(inbox / "two", longer=1)
    away.away = 3
    stopping = asyncio.Event()
    looking = asyncio.create_task(detector.run(stopping))
    async with asyncio.timeout(60):
        while await shelf.inserted() != {"one", "two"}:
            await asyncio.sleep(0.05)
            assert not looking.done()
    stopping.set()
    await looking


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_of_several_servers_one_looks_for_discs_and_another_goes_on_where_it_ended(
    database: Database, clock: SetClock, shelf: DiscShelf, inbox: Path, tmp_path: Path
) -> None:
    """They have one host among them, and what one sees would be gone for the other."""
    stops = [asyncio.Event(), asyncio.Event()]
    places = [tmp_path / "here", tmp_path / "there"]
    for place in places:
        place.mkdir()
    servers = [a_detector(database, clock, place, tmp_path, MayBeDown(), disc_poll_seconds=0.01) for place in places]
    first = asyncio.create_task(servers[0].run(stops[0]))
    a_bluray(places[0] / "one")
    async with asyncio.timeout(60):
        while await shelf.inserted() != {"one"}:
            await asyncio.sleep(0.05)
    second = asyncio.create_task(servers[1].run(stops[1]))
    a_bluray(places[1] / "two", longer=1)
    await asyncio.sleep(1)
    assert await shelf.inserted() == {"one"}
    assert servers[1].drives() == []
    stops[0].set()
    await first
    async with asyncio.timeout(60):
        while "two" not in await shelf.inserted():
            await asyncio.sleep(0.05)
    stops[1].set()
    await second


async def test_a_person_has_a_disc_read_again_that_lies_outside_of_all_folders(
    detector: Detector, shelf: DiscShelf, inbox: Path
) -> None:
    by_hand = inbox.parent / "by hand.iso"
    by_hand.write_bytes(b"x" * 40_000)
    assert await detector.read(bytes(by_hand)) == 1
    await shelf.again(1)
    await detector.look(wait=True)
    await detector.look(wait=True)
    assert (await shelf.the_disc(1)).state is DiscState.FAILED
    assert await shelf.discs() == 1


async def test_where_nothing_lies_no_disc_is_read(detector: Detector, shelf: DiscShelf, inbox: Path) -> None:
    assert await detector.read(bytes(inbox / "nowhere.iso")) is None
    assert await shelf.discs() == 0
    a_bluray(inbox / "taken out")
    await detector.look(wait=True)
    (inbox / "taken out").rename(inbox.parent / "elsewhere")
    assert await detector.read(bytes(inbox / "taken out")) is None
    assert await shelf.inserted() == set()

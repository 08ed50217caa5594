"""Whatever dies while items are made, each ends in its library exactly once, whole, and its log tells the story.

Several seasons are made at a time, and while each is, one thing happens at a random moment. The suite lets a few happen,
`.ci/run` thirty with those (MEDIASTEAD_TEST_FAULTS=part), `make chaos` two hundred (MEDIASTEAD_TEST_CHAOS=100, for each of the
databases). MEDIASTEAD_TEST_SEED chooses what happens when.
"""

import asyncio
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeAlias

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from mediastead.clock import SetClock
from mediastead.db import migrate
from mediastead.db.engine import Database
from mediastead.pipeline.hosting import is_refused

from ...memory import memory_folder
from ...postgres import TestServer, make_database
from .actors import LEASE, PATIENCE, full_mark
from .chaos import World, until_told
from .processes import Zygote, is_stopped, kill, lives

MORE = "MEDIASTEAD_TEST_FAULTS" in os.environ or "MEDIASTEAD_TEST_CHAOS" in os.environ
RUNS = int(os.environ.get("MEDIASTEAD_TEST_CHAOS", "13" if MORE else "2"))
SEED = int(os.environ.get("MEDIASTEAD_TEST_SEED", "7"))
AT_ONCE = 3
SERVERS = 2
HOSTS = 3
LATEST = 1.2
"""Seconds after the beginning of a season until which something happens: it takes about two."""
COMMITS = 60

pytestmark = pytest.mark.timeout(max(300, 60 * RUNS))


Happening: TypeAlias = Callable[[int], Coroutine[Any, Any, None]]
"""It is told the item that is being made."""


class Chaos:
    """Processes that are started again when they are dead, and what may happen to them."""

    def __init__(self, world: World, zygote: Zygote, server: TestServer | None) -> None:
        self._world, self._zygote, self._server = world, zygote, server
        self._chance = random.Random(SEED)
        self._recovering = asyncio.Lock()
        self.pids: dict[tuple[str, int], int] = {}
        self.died = self.stood_still = 0
        self._stopping: dict[int, float | None] = {}
        """Processes that will stand still at a commit, and until when, once they do."""
        self.happened: Counter[str] = Counter()
        kinds: list[Happening] = [
            self.a_person_cancels,
            self.a_server_dies,
            self.a_server_dies_at_a_commit,
            self.a_server_stands_still,
            self.a_server_stands_still_at_a_commit,
            self.all_die,
        ]
        if not world.database.is_sqlite:
            kinds += [
                self.a_host_dies,
                self.a_host_is_removed,
                self.a_host_is_there_twice,
                self.a_disk_is_full,
                self.a_host_dies_at_a_commit,
                self.a_host_stands_still,
                self.a_host_stands_still_at_a_commit,
                self.connections_are_cut,
            ]
        if server is not None:
            kinds += [self.the_database_dies]
        self._kinds = kinds
        self._deck: list[Happening] = []

    async def happen(self, item_id: int) -> None:
        """One of all that may, at some moment; each kind as often as any other."""
        await asyncio.sleep(self._chance.uniform(0, LATEST))
        if not self._deck:
            self._deck = [*self._kinds]
            self._chance.shuffle(self._deck)
        kind = self._deck.pop()
        self.happened[kind.__name__.replace("_", " ")] += 1
        await kind(item_id)

    async def a_person_cancels(self, item_id: int) -> None:
        await self._world.cancel_one(item_id)

    async def a_server_dies(self, _item_id: int) -> None:
        await kill(self._one("server"))

    async def a_host_dies(self, _item_id: int) -> None:
        await kill(self._one("host"))

    async def a_host_is_removed(self, _item_id: int) -> None:
        """It works on, and everything that it says is refused; another one comes in its place."""
        which = self._which("host")
        pid = self.pids.pop(which)
        await until_told(lambda: self._world.dismiss(which[1]))
        assert await _is_refused(self._world.hosts[which[1]])
        self._start(("host", await until_told(self._world.admit)))
        await asyncio.sleep(LEASE)
        await kill(pid)

    async def a_host_is_there_twice(self, _item_id: int) -> None:
        """A copy of its machine was started, with the same credential; one of the two ends."""
        which = self._which("host")
        former = self.pids[which]
        self._start(which)
        await asyncio.sleep(LEASE)
        await kill(former)

    async def a_disk_is_full(self, _item_id: int) -> None:
        full = full_mark(self._world.staging, self._which("host")[1])
        full.touch()
        await asyncio.sleep(2 * LEASE)
        full.unlink()

    async def a_server_dies_at_a_commit(self, _item_id: int) -> None:
        await self._at_a_commit("server")

    async def a_host_dies_at_a_commit(self, _item_id: int) -> None:
        await self._at_a_commit("host")

    async def a_server_stands_still_at_a_commit(self, _item_id: int) -> None:
        await self._at_a_commit("server", stops=True)

    async def a_host_stands_still_at_a_commit(self, _item_id: int) -> None:
        await self._at_a_commit("host", stops=True)

    async def a_server_stands_still(self, _item_id: int) -> None:
        await self._stands_still("server")

    async def a_host_stands_still(self, _item_id: int) -> None:
        await self._stands_still("host")

    async def all_die(self, _item_id: int) -> None:
        for pid in list(self.pids.values()):
            await kill(pid)

    async def connections_are_cut(self, _item_id: int) -> None:
        others = "pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
        cut = text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        hosts = text(f"SELECT DISTINCT usename FROM pg_stat_activity WHERE {others} AND usename <> current_user")

        async def all_are() -> None:
            async with self._world.database.lock_engine.connect() as connection:
                for role in (await connection.execute(hosts)).scalars():
                    # Only members of a role may end what it does.
                    await connection.execute(text(f'GRANT "{role}" TO CURRENT_USER'))
                await connection.execute(cut)

        await until_told(all_are)

    async def the_database_dies(self, _item_id: int) -> None:
        assert self._server is not None
        async with self._recovering:
            await asyncio.to_thread(self._server.kill)
            await asyncio.sleep(self._chance.uniform(0, 2 * LEASE))
            await asyncio.to_thread(self._server.start_again)

    @asynccontextmanager
    async def at_work(self) -> AsyncGenerator[None]:
        keeping = asyncio.create_task(self._keep_alive())
        try:
            yield
        finally:
            keeping.cancel()
            ended = (await asyncio.gather(keeping, return_exceptions=True))[0]
            for pid in self.pids.values():
                await kill(pid)
            assert isinstance(ended, asyncio.CancelledError), ended

    async def _keep_alive(self) -> None:
        """As the service manager of a machine does."""
        hosts = self._world.hosts
        wanted = [("server", number) for number in range(SERVERS)]
        if not self._world.database.is_sqlite:
            wanted += [("host", host_id) for host_id in hosts]
        for each in wanted:
            self._start(each)
        while True:
            await asyncio.sleep(0.05)
            self._wake()
            for each, pid in list(self.pids.items()):
                if not lives(pid):
                    self.died += 1
                    await asyncio.sleep(self._chance.uniform(0, 0.3))
                    if each in self.pids:
                        self._start(each)

    def _wake(self) -> None:
        """Those that stood still at a commit for longer than a lease."""
        now = time.monotonic()
        for pid, until in list(self._stopping.items()):
            if not lives(pid):
                del self._stopping[pid]
            elif is_stopped(pid) and until is None:
                self.stood_still += 1
                self._stopping[pid] = now + LEASE * self._chance.uniform(1.2, 2)
            elif until is not None and now > until:
                os.kill(pid, signal.SIGCONT)
                del self._stopping[pid]

    def _start(self, which: tuple[str, int], commit: int = -1, *, stops: bool = False) -> None:
        role, number = which
        own = min(self._world.hosts)
        host_id, url = (number, self._world.hosts[number]) if role == "host" else (own, None)
        self.pids[which] = self._zygote.start(role, host_id, commit, url, stops=stops)

    def _one(self, role: str) -> int:
        return self.pids[self._which(role)]

    def _which(self, role: str) -> tuple[str, int]:
        return self._chance.choice([each for each in self.pids if each[0] == role])

    async def _at_a_commit(self, role: str, *, stops: bool = False) -> None:
        """Another one takes the place of one, and dies (or stands still) at one of its commits."""
        which = self._which(role)
        former = self.pids[which]
        self._start(which, self._chance.randrange(COMMITS), stops=stops)
        if stops:
            self._stopping[self.pids[which]] = None
        await kill(former)

    async def _stands_still(self, role: str) -> None:
        pid = self._one(role)
        if lives(pid):
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(LEASE * self._chance.uniform(1.2, 2))
        if lives(pid):
            os.kill(pid, signal.SIGCONT)


async def _is_refused(url: str) -> bool:
    """Whether the database no longer admits whoever comes so."""
    database = Database(url)
    while True:
        try:
            async with database.read() as session:
                await session.execute(text("SELECT 1"))
            return False
        except OperationalError as error:
            if is_refused(error):
                return True
            await asyncio.sleep(0.1)  # it is away just now, for everybody
        finally:
            await database.dispose()


@pytest.fixture
def own_server(database_url: str) -> Generator[TestServer | None]:
    """A PostgreSQL that nobody else uses, so that it may be killed; on SQLite, and where few things are to happen, None."""
    if database_url.startswith("sqlite") or not MORE:
        yield None
        return
    server = TestServer(may_be_killed=True)
    yield server
    server.stop()


@pytest.fixture
async def chaos_database(database_url: str, own_server: TestServer | None) -> AsyncGenerator[Database]:
    url = database_url
    if own_server is not None:
        url = make_database(own_server.url, "mediastead_chaos")
        await asyncio.to_thread(migrate.upgrade, url)
    database = Database(url)
    yield database
    await database.dispose()


@pytest.fixture
def library(database_url: str, tmp_path: Path) -> Generator[Path]:
    """On SQLite beside the staging folder, into which files are moved; on PostgreSQL on another file system, where there is one:
    then they are copied."""
    folder = Path(mkdtemp(dir=tmp_path if database_url.startswith("sqlite") else memory_folder()))
    yield folder / "series"
    shutil.rmtree(folder)


async def test_every_item_ends_in_its_library_once_whatever_dies(
    chaos_database: Database, own_server: TestServer | None, clock: SetClock, tmp_path: Path, library: Path
) -> None:
    began = time.monotonic()
    said = tmp_path / "said.log"
    world = await World.make(
        chaos_database, clock, tmp_path, library, RUNS + 1, HOSTS if not chaos_database.is_sqlite else 1
    )
    zygote = Zygote(chaos_database.url.render_as_string(hide_password=False), "actors", said)
    chaos = Chaos(world, zygote, own_server)
    room = asyncio.Semaphore(AT_ONCE)

    async def make(item_id: int) -> None:
        async with room:
            await world.begin(item_id)
            happening = asyncio.create_task(chaos.happen(item_id))
            await world.until_in_library(item_id, PATIENCE)
            await happening
            await until_told(lambda: world.check(item_id))

    try:
        await world.begin(world.items[0])  # which is left in peace
        await asyncio.to_thread(zygote.start, "warm", min(world.hosts))
        async with chaos.at_work(), asyncio.TaskGroup() as group:
            watching = group.create_task(world.watch())
            async with asyncio.TaskGroup() as making:
                for item_id in world.items[1:]:
                    making.create_task(make(item_id))
            watching.cancel()
    finally:
        await asyncio.to_thread(zygote.end)
        await world.close()
    await world.check_all()
    told = ", ".join(f"{name} {count}" for name, count in sorted(chaos.happened.items()))
    ends = f"{chaos.died} processes started again, {chaos.stood_still} stood still at a commit"
    print(f"{RUNS} seasons in {time.monotonic() - began:.0f} s, {ends}: {told}")

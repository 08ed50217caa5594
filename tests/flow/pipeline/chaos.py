"""A pipeline in which processes die: its series, its staging folder and its library, and what must hold of them."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from mediastead.catalog.models import Episode, MediaItem, Season
from mediastead.catalog.types import ItemType as MediaType
from mediastead.clock import SetClock, SystemClock
from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.files.models import MediaFile, MediaFileImport
from mediastead.libraries.models import LibraryKind
from mediastead.pipeline import service
from mediastead.pipeline.discs.models import Disc, DiscTitle, TitleRole
from mediastead.pipeline.hosts import registering, roles
from mediastead.pipeline.hosts.invites import make_invite
from mediastead.pipeline.hosts.models import Host, HostState
from mediastead.pipeline.hosts.schemas import HostChange, HostStage
from mediastead.pipeline.hosts.service import change as change_host
from mediastead.pipeline.hosts.service import own_host
from mediastead.pipeline.items.errors import ItemEnded, NothingToStart
from mediastead.pipeline.items.models import ItemState, ItemType, PipelineItem
from mediastead.pipeline.items.service import ItemFieldsChange, NewItem
from mediastead.pipeline.items.states import STATES
from mediastead.pipeline.jobs import service as jobs
from mediastead.pipeline.jobs.errors import NotPossibleNow, StaleJob
from mediastead.pipeline.jobs.models import JobState, Outcome, Stage, StageJob, StageJobAttempt, StageJobLog
from mediastead.pipeline.rules import Rules

from ...db.pipeline.making import a_disc, an_item, transitions
from ...db.scanning.shelf import make_shelf
from .actors import PARTS, made_by

T = TypeVar("T")

SERIES = "Firefly"
LIMITS: dict[HostStage, int] = {"rip": 2, "remux": 2, "transcode": 2}
"""Of jobs at once on a host."""
IMAGE_LINES = 4000
"""Of a disc image: more than one block of a disk, so that half of a file can be seen."""
GOES_ON = "was cancelled"
"""What blocks an item that a person stopped."""
RULES = Rules()


class World:
    """Made by `make`. Seasons are items, of one or two titles; each is begun by `begin` and looked at by `check`."""

    def __init__(self, database: Database, root: Path, library: Path) -> None:
        self.database, self.root, self.library = database, root, library
        self.staging = root / "staging"
        self.items: list[int] = []
        self.whole: dict[str, bytes] = {}
        """By the ends of names (`s01e02`), what lies in the library in the end."""
        self.hosts: dict[int, str] = {}
        """By id, its own way to the database; on SQLite there is one for all."""
        self._seen: set[tuple[str, int]] = set()

    @classmethod
    async def make(
        cls, database: Database, clock: SetClock, root: Path, library: Path, seasons: int, hosts: int
    ) -> "World":
        world = cls(database, root, library)
        world.staging.mkdir()
        shelf = await make_shelf(database, clock, library, kind=LibraryKind.SERIES)
        async with database.write() as session:
            await _add_series(session, clock, seasons)
        for _ in range(hosts):
            await world.admit()
        for season in range(1, seasons + 1):
            await world._add_item(clock, season, titles=1 + season % 2, library_id=shelf.library_id)
        return world

    async def admit(self) -> int:
        """A machine becomes a host, as over HTTP with a code that a person gave it; its id."""
        now, url = SystemClock().now(), self.database.url.render_as_string(hide_password=False)
        async with self.database.write() as session:
            if self.database.is_sqlite:
                host_id = await own_host(session, now, "linux", "1")
            else:
                code = await make_invite(session, now, "anna", None)
                # A name of its own each time: an answer may be lost, and it asks again.
                admitted = await registering.register(session, now, code, f"host {code[:5]}", "linux", "1")
                host_id, url = admitted.host_id, roles.url_for(url, "", admitted.role, admitted.password)
            await change_host(session, now, host_id, HostChange(limits=LIMITS))
        self.hosts[host_id] = url
        return host_id

    async def dismiss(self, host_id: int) -> None:
        """Take a host's credential away."""
        async with self.database.write() as session:
            if (host := await session.get(Host, host_id)) is not None and host.state is not HostState.REMOVED:
                await registering.remove(session, SystemClock().now(), host_id)

    async def close(self) -> None:
        """The roles of hosts belong to no database, and would stay."""
        async with self.database.read() as session:
            left = list((await session.execute(select(Host.id).where(Host.role_name.is_not(None)))).scalars())
        for host_id in left:
            await self.dismiss(host_id)

    async def _add_item(self, clock: SetClock, season: int, titles: int, library_id: int) -> None:
        new = NewItem(
            type=ItemType.SERIES, name=SERIES, season=season, media_item_id=1, library_id=library_id, requires=()
        )
        item_id = await an_item(self.database, clock, new, root=self.staging)
        image = self.root / f"disc {season}.iso"
        image.write_bytes(f"season {season}\n".encode() * IMAGE_LINES)
        await a_disc(self.database, clock, item_id, titles=0, source=bytes(image))
        for number in range(1, titles + 1):
            await _add_title(self.database, item_id, season, number)
            content = image.read_bytes()
            for stage in (Stage.RIP, Stage.REMUX, Stage.TRANSCODE):
                content = made_by(stage, content, number)
            self.whole[f"s{season:02}e{number:02}"] = content
        self.items.append(item_id)

    async def begin(self, item_id: int) -> None:
        """It goes by itself from now on."""

        async def automatic() -> None:
            async with self.database.write() as session:
                fields = ItemFieldsChange(automatic=True)
                await service.change(session, SystemClock().now(), RULES, "chaos", item_id, fields)

        await until_told(automatic)

    async def until_in_library(self, item_id: int, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + seconds
        while not await self._go_on(item_id):
            assert asyncio.get_running_loop().time() < until, await self._stands(item_id)
            await asyncio.sleep(0.25)

    async def _stands(self, item_id: int) -> str:
        """For whoever has to find out why it does not go on."""
        async with self.database.read() as session:
            item = await session.get(PipelineItem, item_id)
            made = await _jobs_of(session, item_id)
            attempts = await _attempts_of(session, [job.id for job in made])
        assert item is not None
        said = [f"item {item_id} is {item.state}, blocked: {item.blocked}"]
        for job in made:
            said.append(f"job {job.id} ({job.stage}) is {job.state}, settled {job.settled}: {job.why}")
            for each in attempts.get(job.id, []):
                times = f"made {each.created_at}, begun {each.started_at}, lease {each.lease_until}"
                said.append(f"  attempt {each.number} on {each.host_id}: {each.outcome}, {each.error}; {times}")
        return "\n".join(said)

    async def _go_on(self, item_id: int) -> bool:
        """As a person who looks now and then: what was cancelled is started again. Whether it is in the library."""

        async def look() -> bool:
            async with self.database.write() as session:
                item = await session.get(PipelineItem, item_id)
                assert item is not None
                if item.ended_at is not None:
                    return item.state is ItemState.IN_LIBRARY
                if GOES_ON in (item.blocked or ""):
                    with suppress(NothingToStart, ItemEnded):
                        await service.start_stage(
                            session, SystemClock().now(), RULES, "anna", item_id, None, again=False
                        )
            return False

        return await until_told(look)

    async def cancel_one(self, item_id: int) -> None:
        """As a person who changes his mind."""

        async def cancel() -> None:
            async with self.database.write() as session:
                for job in await _jobs_of(session, item_id):
                    if job.state in (JobState.PENDING, JobState.QUEUED, JobState.RUNNING):
                        with suppress(NotPossibleNow, StaleJob):
                            await jobs.cancel(session, SystemClock().now(), job.id, "anna")

        await until_told(cancel)

    async def watch(self) -> None:
        """At no moment does a file lie half under its name in the library. Ends when it is cancelled."""
        while True:
            self.look_through()
            await asyncio.sleep(0.03)

    def look_through(self) -> list[str]:
        """The names in the library, each of which is whole."""
        found: list[str] = []
        for folder, folders, names in os.walk(self.library):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if name.startswith("."):
                    continue
                path = Path(folder, name)
                with suppress(FileNotFoundError):
                    key = (str(path), path.stat().st_ino)
                    if key not in self._seen:
                        assert path.read_bytes() == self.whole[_episode(name)], f"{path} is not whole"
                        self._seen.add(key)
                    found.append(name)
        return found

    async def check(self, item_id: int) -> None:
        """It is in the library once, and its story is that of one item that was made once."""
        to = [to for _, to, _, _ in await transitions(self.database, item_id)]
        assert to == [state.value for state in STATES]
        async with self.database.read() as session:
            made = list(await _jobs_of(session, item_id))
            attempts = await _attempts_of(session, [job.id for job in made])
            lines = await _lines_of(session, [job.id for job in made])
        stages = Counter(job.stage for job in made)
        titles = stages[Stage.REMUX]
        assert stages == {Stage.RIP: 1, Stage.REMUX: titles, Stage.TRANSCODE: titles, Stage.ORGANIZE: titles}
        for job in made:
            self._check_job(job, attempts[job.id], lines.get((job.id, job.attempt), []))

    def _check_job(self, job: StageJob, attempts: Sequence[StageJobAttempt], lines: Sequence[str]) -> None:
        assert (job.state, job.settled) == (JobState.COMPLETED, True), job.why
        assert [each.number for each in attempts] == list(range(1, job.attempt + 1))
        outcomes = [each.outcome for each in attempts]
        failed = [each.error for each in attempts if each.outcome is Outcome.FAILED]
        assert not any("No space left" in (error or "") for error in failed), "a full disk cost a try"
        assert None not in outcomes, "an attempt never ended"
        assert outcomes.count(Outcome.COMPLETED) == 1
        assert outcomes[-1] is Outcome.COMPLETED
        if job.stage is Stage.ORGANIZE:
            return
        assert job.output == attempts[-1].directory
        assert job.output is not None and job.result is not None
        moved = job.stage is Stage.TRANSCODE  # into the library, where that is on the same disk
        for file in job.result["files"]:
            path = Path(os.fsdecode(job.output), file["path"])
            assert (moved and not path.exists()) or path.stat().st_size == file["size"]
        if job.stage is not Stage.REMUX:
            numbers = [file["title"] for file in job.result["files"]]
            told = [f"part {part} of title {number}" for number in numbers for part in range(PARTS)]
            # What was written and not answered, because the database went, is written again.
            assert list(dict.fromkeys(lines)) == told, f"the log of job {job.id} tells {lines}"

    async def check_all(self) -> None:
        """Every season is there once and nothing else, in the library, in the database and in the events."""
        assert sorted(map(_episode, self.look_through())) == sorted(self.whole)
        async with self.database.read() as session:
            names = list((await session.execute(select(MediaFile.name))).scalars())
            came = list(
                (await session.execute(select(MediaFileImport.file_id).where(MediaFileImport.success))).scalars()
            )
            completed = [
                data["job_id"]
                for data in (await session.execute(select(Event.data).where(Event.kind == "job.completed"))).scalars()
            ]
            made = list((await session.execute(select(StageJob).order_by(StageJob.id))).scalars())
            at_work = (
                await session.execute(select(func.count()).where(StageJobAttempt.outcome.is_(None)))
            ).scalar_one()
        assert sorted(map(_episode, map(os.fsdecode, names))) == sorted(self.whole)
        assert len(came) == len(set(came)) == len(self.whole)
        assert sorted(completed) == [job.id for job in made]
        assert at_work == 0
        published = {
            Path(os.fsdecode(job.output), file["path"])
            for job in made
            if job.output is not None and job.result is not None
            for file in job.result["files"]
        }
        left = set(self.staging.rglob("*.mkv")) - published
        assert not left, "what was half made lies about"


async def until_told(ask: Callable[[], Awaitable[T]]) -> T:
    """Asks a database that may be away just now."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await ask()
            except DBAPIError:
                await asyncio.sleep(0.1)


async def _add_series(session: AsyncSession, clock: SetClock, seasons: int) -> None:
    media = {
        "type": MediaType.SERIES,
        "tmdb_id": 1437,
        "title": SERIES,
        "alternative_titles": [],
        "sort_key": "firefly",
        "search_text": "firefly",
        "genres": [],
        "cast": [],
        "created_at": clock.now(),
    }
    item = (await session.execute(insert(MediaItem).values(media).returning(MediaItem.id))).scalar_one()
    for number in range(1, seasons + 1):
        new = insert(Season).values(item_id=item, number=number).returning(Season.id)
        season_id = (await session.execute(new)).scalar_one()
        await session.execute(insert(Episode), [{"season_id": season_id, "number": each} for each in (1, 2)])


async def _add_title(database: Database, item_id: int, season: int, number: int) -> None:
    async with database.write() as session:
        disc_id = (await session.execute(select(Disc.id).where(Disc.item_id == item_id))).scalar_one()
        title = {
            "disc_id": disc_id,
            "number": number,
            "facts": {"number": number, "duration": 60.0 * number},
            "role": TitleRole.EPISODE,
            "selected": True,
            "season": season,
            "episodes": [number],
            "name": f"{SERIES} S{season:02}E{number:02}",
        }
        await session.execute(insert(DiscTitle), title)


async def _jobs_of(session: AsyncSession, item_id: int) -> Sequence[StageJob]:
    query = select(StageJob).where(StageJob.item_id == item_id).order_by(StageJob.id)
    return (await session.execute(query)).scalars().all()


async def _attempts_of(session: AsyncSession, job_ids: Sequence[int]) -> dict[int, list[StageJobAttempt]]:
    query = select(StageJobAttempt).where(StageJobAttempt.job_id.in_(job_ids)).order_by(StageJobAttempt.number)
    found: dict[int, list[StageJobAttempt]] = {}
    for attempt in (await session.execute(query)).scalars():
        found.setdefault(attempt.job_id, []).append(attempt)
    return found


async def _lines_of(session: AsyncSession, job_ids: Sequence[int]) -> dict[tuple[int, int], list[str]]:
    """By job and attempt."""
    line = StageJobLog
    query = select(line.job_id, line.number, line.text).where(line.job_id.in_(job_ids)).order_by(line.id)
    found: dict[tuple[int, int], list[str]] = {}
    for job_id, number, text in await session.execute(query):
        found.setdefault((job_id, number), []).append(text)
    return found


def _episode(name: str) -> str:
    """`s01e02`, wherever in the name."""
    found = re.search(r"s\d\d+e\d\d", name.lower())
    assert found is not None, f"nobody made {name}"
    return found.group()

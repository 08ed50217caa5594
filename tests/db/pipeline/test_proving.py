# ruff: noqa: ASYNC240 - tests may block
"""A host that says it is done, and is not: what it said counts for nothing, and the work is done elsewhere."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mediastead.clock import SetClock, SystemClock
from mediastead.db.engine import Database
from mediastead.pipeline.engine.interface import Engine, Ticket
from mediastead.pipeline.hosts import queries as hosts
from mediastead.pipeline.items.models import ItemType
from mediastead.pipeline.items.service import NewItem
from mediastead.pipeline.jobs import attempts
from mediastead.pipeline.jobs.attempts import Ended
from mediastead.pipeline.jobs.blaming import blame_the_host
from mediastead.pipeline.jobs.dispatcher import Dispatcher
from mediastead.pipeline.jobs.disproving import disprove
from mediastead.pipeline.jobs.errors import StaleJob
from mediastead.pipeline.jobs.models import JobState, Outcome, Stage
from mediastead.pipeline.jobs.roots import MARKER
from mediastead.pipeline.jobs.service import claim_settled
from mediastead.pipeline.proving import Proving
from mediastead.pipeline.rules import Rules
from mediastead.pipeline.runner import Flow
from mediastead.pipeline.stages.parameters import RemuxParameters, TranscodeParameters, as_work
from mediastead.pipeline.stages.presets import BUILT_IN, preset_hash
from mediastead.probing.fingerprint import read_fingerprint

from ..organizing.house import make_house
from .jobs_shelf import JobShelf
from .making import a_disc, an_item, change_title, titles_of

LEASE = 30.0
FILM = NewItem(type=ItemType.MOVIE, name="Alien", year=1979)
ROLE: Any = {"role_name": "mediastead_host_1"}


class Land:
    """A film that was ripped, hosts, and a server that looks at what they say."""

    def __init__(self, shelf: JobShelf, engine: Engine, root: Path) -> None:
        self.shelf, self.database, self.root = shelf, shelf.database, root
        self.clock = SystemClock()
        self.dispatcher = Dispatcher(self.database, self.clock, engine, excuse=blame_the_host)

    def flow(self, **other: Any) -> Flow:
        rules = Rules(staging_roots=(str(self.root),))
        proving = Proving(self.database, self.clock, lambda: rules, **{"doubt": 0.0, **other})
        return Flow(self.database, self.clock, lambda: rules, proving)

    async def host(self, name: str, **other: Any) -> int:
        return await self.shelf.host(name, seen=self.clock.now(), role_name=f"role_{name}", **other)

    async def remux(self) -> int:
        """A job for one title of an item."""
        item_id = await an_item(self.database, self.clock, FILM, root=self.root)
        folder = self.root / "Alien (1979)"
        folder.mkdir(exist_ok=True)
        await a_disc(self.database, self.clock, item_id, titles=1)
        await change_title(self.database, 1, done="rip", file=b"/rip/1.mkv")
        work = as_work(RemuxParameters(number=1))
        given = {"item_id": item_id, "disc_id": 1, "title_id": 1, "directory": bytes(folder), "work": work}
        return await self.shelf.job(Stage.REMUX, self.clock.now(), input=b"/rip/1.mkv", **given)

    async def ends(self, host_id: int, job_id: int, ended: Ended) -> None:
        async with self.database.write() as session:
            ticket = Ticket(job_id, 1)
            assert await attempts.begin(session, self.clock.now(), host_id, ticket, LEASE) is not None
            await attempts.end(session, self.clock.now(), host_id, ticket, ended)

    async def says_done(self, host_id: int, job_id: int, number: int = 1, *, seconds: float = 60.0) -> None:
        ticket = Ticket(job_id, number)
        file = {"path": "Alien.mkv", "title": 1, "size": 9_000, "fingerprint": "ab", "duration_seconds": seconds}
        async with self.database.write() as session:
            work = await attempts.begin(session, self.clock.now(), host_id, ticket, LEASE)
        assert work is not None
        made = Path(work.directory.decode())
        made.mkdir(parents=True)
        (made / "Alien.mkv").write_bytes(b"x" * 700)
        async with self.database.write() as session:
            ended = Ended(outcome=Outcome.COMPLETED, result={"files": [file], "facts": {}})
            await attempts.end(session, self.clock.now(), host_id, ticket, ended)

    async def transcode(self) -> int:
        """A job for one title of an item, of the file `1.mkv` in its folder."""
        remux = await self.remux()
        await self.shelf.set_job(remux, state=JobState.CANCELLED)
        await change_title(self.database, 1, done="remux", file=bytes(self.source))
        self.source.write_bytes(bytes(range(250)) * 40)
        given = {"item_id": 1, "disc_id": 1, "title_id": 1, "directory": bytes(self.source.parent)}
        work = as_work(TranscodeParameters(number=1, preset=BUILT_IN["h265"]))
        job_id = await self.shelf.job(
            Stage.TRANSCODE, self.clock.now(), input=bytes(self.source), work=work, capability="remux", **given
        )
        await self.dispatcher.step()
        return job_id

    @property
    def source(self) -> Path:
        return self.root / "Alien (1979)" / "1.mkv"

    def not_worth_it(self, **other: Any) -> dict[str, Any]:
        """The truth of that file, but for `other`."""
        taken = read_fingerprint(bytes(self.source))
        known = {"size": taken.size, "fingerprint": (taken.value or b"").hex(), "ratio": 1.2}
        return {"facts": known | {"preset_hash": preset_hash(BUILT_IN["h265"]).hex()} | other}

    async def remembered(self) -> int:
        async with self.database.read() as session:
            return (await session.execute(text("SELECT count(*) FROM not_worth_it"))).scalar_one()

    async def looks(self, *flows: Flow) -> None:
        """Until nothing is looked at any more."""
        for flow in flows:
            await flow.look(again=False)
        for task in [each for each in asyncio.all_tasks() if each.get_name().startswith("look at job")]:
            await task
        for flow in flows:
            await flow.look(again=False)


@pytest.fixture
def land(shelf: JobShelf, engine: Engine, tmp_path: Path) -> Land:
    (tmp_path / MARKER).touch()
    return Land(shelf, engine, tmp_path)


async def test_what_a_host_says_is_done_and_is_not_goes_to_another_host_with_words_and_counts_for_nothing(
    land: Land,
) -> None:
    liar = await land.host("attic", priority=9)
    job_id = await land.remux()
    await land.dispatcher.step()
    await land.says_done(liar, job_id)
    await land.looks(land.flow(), land.flow())
    job = await land.shelf.the_job(job_id)
    assert (job.state, job.output, job.result, job.settled) == (JobState.PENDING, None, None, True)
    assert "attic said that it is done, but: " in job.why
    assert "it has 700 bytes and not 9000" in job.why
    (attempt,) = await land.shelf.attempts(job_id)
    assert (attempt.outcome, attempt.error) == (Outcome.FAILED, job.why)
    assert [title.done for title in await titles_of(land.database)] == ["rip"]
    assert (await land.shelf.events()).count("job.disproved") == 1
    # It does not go back to the same host, though that is the best one; it takes another one, at once.
    await land.dispatcher.step()
    await land.dispatcher.step()
    assert (await land.shelf.the_job(job_id)).state is JobState.QUEUED
    other = await land.host("cellar")
    await land.dispatcher.step()
    assert [each.host_id for each in await land.shelf.attempts(job_id)] == [liar, other]
    assert (await land.shelf.the_job(job_id)).tries_left == 2


async def test_a_good_result_is_looked_at_once_and_then_the_title_goes_on(land: Land) -> None:
    looked: list[bytes] = []

    async def verify(directory: bytes, *_: Any) -> str | None:
        looked.append(directory)
        await asyncio.sleep(0)
        return None

    host = await land.host("attic")
    job_id = await land.remux()
    await land.dispatcher.step()
    await land.says_done(host, job_id)
    flow = land.flow(verify=verify)
    await land.looks(flow)
    assert (await land.shelf.the_job(job_id)).settled
    assert [title.done for title in await titles_of(land.database)] == ["remux"]
    assert looked == [(await land.shelf.the_job(job_id)).output]


async def test_a_result_that_is_shorter_than_the_title_is_none_though_its_host_says_so_itself(land: Land) -> None:
    said: list[str] = []

    async def verify(*given: Any) -> str | None:
        said.append(repr(given[2]))
        return "Alien.mkv is too short: 12 s of 60 s."

    host = await land.host("attic")
    job_id = await land.remux()
    await land.dispatcher.step()
    await land.says_done(host, job_id, seconds=12.0)
    await land.looks(land.flow(verify=verify))
    assert said == ["{1: 60.0}"] * 2
    assert (await land.shelf.the_job(job_id)).state is JobState.PENDING


@pytest.mark.parametrize(
    "odd", ['{"disproved": "perhaps", "absent": [], "final": 2}', '["absent"]', '{"absent": "\\u0000"}']
)
async def test_what_a_host_writes_for_a_result_stops_the_work_of_no_other(land: Land, odd: str) -> None:
    job_id = await land.remux()
    host = await land.host("attic", limits={"remux": 5})
    await land.dispatcher.step()
    await land.says_done(host, job_id)
    async with land.database.write() as session:
        # As it may with its credential.
        told = {"odd": odd, "job": job_id}
        written = "UPDATE stage_job_attempt SET outcome = 'failed', result = {} WHERE job_id = :job"
        column = ":odd" if land.database.is_sqlite else "CAST(:odd AS json)"
        await session.execute(text(written.format(column)), told)
        await session.execute(text("UPDATE stage_job SET state = 'pending', settled = true WHERE id = :job"), told)
    other = await land.shelf.job(Stage.REMUX, land.clock.now(), priority=-1)
    await land.dispatcher.step()
    job = await land.shelf.the_job(job_id)
    assert (job.tries_left, job.not_before is not None) == (2, True), "it is judged as any that failed"
    await land.shelf.set_job(job_id, state=JobState.QUEUED, not_before=None)
    await land.dispatcher.step()
    assert [len(await land.shelf.attempts(each)) for each in (other, job_id)] == [1, 2]


@pytest.mark.parametrize("outcome", [None, "failed", "cancelled"])
async def test_a_job_that_its_host_calls_completed_without_a_result_has_failed_at_that_attempt(
    land: Land, outcome: str | None
) -> None:
    host = await land.host("attic")
    job_id = await land.remux()
    await land.dispatcher.step()
    # As it may with its credential, whatever it says of its attempt.
    await land.shelf.set_attempt(job_id, 1, started_at=land.clock.now(), outcome=outcome, result={"disproved": True})
    await land.shelf.set_job(job_id, state=JobState.COMPLETED, settled=False)
    await land.looks(land.flow())
    job = await land.shelf.the_job(job_id)
    assert (job.state, job.settled) == (JobState.PENDING, True)
    assert job.why == "attic said that it is done, but: it names no folder that holds what it made."
    (attempt,) = await land.shelf.attempts(job_id)
    assert (attempt.outcome, attempt.host_id, attempt.ended_at is None) == (Outcome.FAILED, host, False)
    await land.dispatcher.step()
    assert (await land.shelf.the_job(job_id)).tries_left == 2


@pytest.mark.parametrize(
    "untrue",
    [
        {"fingerprint": "ab" * 16},
        {"size": 7},
        {"preset_hash": preset_hash(BUILT_IN["av1"]).hex()},
        {"ratio": 0.2},
        {"ratio": None},
        {"size": "many"},
    ],
)
async def test_what_a_host_says_untruly_of_what_was_not_worth_it_is_not_remembered_and_the_attempt_failed(
    land: Land, untrue: dict[str, Any]
) -> None:
    host = await land.host("attic")
    job_id = await land.transcode()
    await land.ends(host, job_id, Ended(outcome=Outcome.NOT_WORTH_IT, result=land.not_worth_it(**untrue)))
    await land.looks(land.flow())
    job = await land.shelf.the_job(job_id)
    assert (job.state, await land.remembered()) == (JobState.PENDING, 0), job.why
    assert "attic said that it is done, but: " in job.why
    assert [title.done for title in await titles_of(land.database)] == ["remux"]


@pytest.mark.parametrize("facts", [True, False])
async def test_what_was_not_worth_it_elsewhere_is_remembered_where_it_can_be_so(land: Land, facts: bool) -> None:
    host = await land.host("attic")
    job_id = await land.transcode()
    # A script that says so by its exit code tells nothing more.
    said = land.not_worth_it() if facts else {"facts": {}}
    await land.ends(host, job_id, Ended(outcome=Outcome.NOT_WORTH_IT, result=said))
    await land.looks(land.flow())
    job = await land.shelf.the_job(job_id)
    assert (job.settled, await land.remembered()) == (True, int(facts)), job.why
    assert [title.done for title in await titles_of(land.database)] == ["transcode"]


async def test_what_was_not_worth_it_waits_where_its_source_cannot_be_read(land: Land) -> None:
    host = await land.host("attic")
    job_id = await land.transcode()
    await land.ends(host, job_id, Ended(outcome=Outcome.NOT_WORTH_IT, result=land.not_worth_it()))
    land.source.unlink()
    await land.looks(land.flow())
    job = await land.shelf.the_job(job_id)
    assert (job.state, job.settled, await land.remembered()) == (JobState.COMPLETED, False, 0)
    assert "attic says that it was not worth it, which cannot be looked at: " in job.why


async def test_what_cannot_be_read_of_what_was_not_worth_it_is_nobodys_word(land: Land) -> None:
    host = await land.host("attic")
    job_id = await land.transcode()
    await land.ends(host, job_id, Ended(outcome=Outcome.NOT_WORTH_IT, result={"facts": ["none"]}))
    await land.looks(land.flow())
    assert (await land.shelf.the_job(job_id)).state is JobState.PENDING


async def test_what_was_not_worth_it_is_looked_at_where_its_source_lies_that_was_renamed(
    land: Land, clock: SetClock, tmp_path: Path
) -> None:
    host = await land.host("attic")
    job_id = await land.transcode()
    said = land.not_worth_it()
    house = await make_house(land.database, clock, tmp_path / "media")
    land.source.rename(tmp_path / "media" / "The Matrix.mkv")
    await house.shelf.scan()
    ((_, file_id),) = (await house.shelf.present()).items()
    was = bytes(tmp_path / "media" / "matrix.mkv")
    await land.shelf.set_job(job_id, input=was)
    await change_title(land.database, 1, file=was, media_file_id=file_id)
    await land.ends(host, job_id, Ended(outcome=Outcome.NOT_WORTH_IT, result=said))
    await land.looks(land.flow())
    job = await land.shelf.the_job(job_id)
    assert (job.settled, await land.remembered()) == (True, 1), job.why


async def test_a_folder_that_is_a_link_to_files_of_others_holds_no_result(land: Land, tmp_path: Path) -> None:
    async def verify(*_: Any) -> str | None:
        return None

    host = await land.host("attic")
    land.root = tmp_path / "staging"
    land.root.mkdir()
    (land.root / MARKER).touch()
    job_id = await land.remux()
    await land.dispatcher.step()
    await land.says_done(host, job_id)
    (attempt,) = await land.shelf.attempts(job_id)
    made = Path(attempt.directory.decode())
    made.rename(tmp_path / "films")
    made.symlink_to(tmp_path / "films")
    await land.looks(land.flow(verify=verify))
    job = await land.shelf.the_job(job_id)
    assert job.state is JobState.PENDING
    assert "behind a link that leads out of the staging folders" in job.why


async def test_a_share_that_is_away_proves_nothing(land: Land) -> None:
    host = await land.host("attic")
    job_id = await land.remux()
    await land.dispatcher.step()
    await land.says_done(host, job_id)
    (land.root / MARKER).unlink()
    await land.looks(land.flow())
    job = await land.shelf.the_job(job_id)
    assert (job.state, job.settled) == (JobState.COMPLETED, False)
    assert "is not mounted here" in job.why


async def test_what_the_server_itself_made_is_not_looked_at_twice(land: Land) -> None:
    own = await land.shelf.host("this-machine", seen=land.clock.now())
    job_id = await land.remux()
    await land.dispatcher.step()
    await land.says_done(own, job_id)
    await land.flow().look(again=False)
    assert (await land.shelf.the_job(job_id)).settled


async def test_what_has_followed_from_a_result_is_not_taken_back(land: Land) -> None:
    host = await land.host("attic")
    job_id = await land.remux()
    await land.dispatcher.step()
    await land.says_done(host, job_id)
    async with land.database.write() as session:
        assert await claim_settled(session, job_id)
    with pytest.raises(StaleJob):
        async with land.database.write() as session:
            await disprove(session, land.clock.now(), job_id, 1, "it is empty")
    (attempt,) = await land.shelf.attempts(job_id)
    assert attempt.outcome is Outcome.COMPLETED
    with pytest.raises(StaleJob):
        async with land.database.write() as session:
            await disprove(session, land.clock.now(), job_id, 7, "there is no such attempt")


async def test_a_host_that_lies_of_two_jobs_is_set_aside_and_they_have_all_their_tries(
    database: Database, shelf: JobShelf, engine: Engine, clock: SetClock
) -> None:
    liar = await shelf.host("attic", seen=clock.now(), limits={"remux": 2}, **ROLE)
    dispatcher = Dispatcher(database, clock, engine, excuse=blame_the_host)
    jobs = [await shelf.job(now=clock.now()) for _ in range(2)]
    await dispatcher.step()
    for job_id in jobs:
        async with database.write() as session:
            assert await attempts.begin(session, clock.now(), liar, Ticket(job_id, 1), LEASE) is not None
        await shelf.set_attempt(job_id, 1, started_at=clock.now() - timedelta(hours=2))
        async with database.write() as session:
            ended = Ended(outcome=Outcome.COMPLETED, result={"files": []})
            await attempts.end(session, clock.now(), liar, Ticket(job_id, 1), ended)
    for job_id in jobs:
        async with database.write() as session:
            await disprove(session, clock.now(), job_id, 1, "attic said that it is done, but: it is empty")
        await dispatcher.step()
    async with database.read() as session:
        host = await hosts.host(session, liar)
    assert host is not None and host.set_aside_until == clock.now() + timedelta(minutes=15)
    assert "It said of 2 jobs that they were done, and they were not" in (host.set_aside_reason or "")
    assert [(await shelf.the_job(job_id)).tries_left for job_id in jobs] == [3, 3]

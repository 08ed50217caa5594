"""Servers and hosts of a whole pipeline as processes (`zygote`): real in all but what the stages do, which takes a tenth of a
second and can be told from the content of the file.

    python -m tests.flow.pipeline.actors <database url>
"""

import asyncio
import errno
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from mediastead.clock import SystemClock
from mediastead.db.engine import Database
from mediastead.organizing.organizer import Organizer
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.engine.nudges import first_of
from mediastead.pipeline.hosts import service as hosts
from mediastead.pipeline.hosts.capabilities import Capability
from mediastead.pipeline.hosts.service import Condition
from mediastead.pipeline.items.models import ItemState, PipelineItem
from mediastead.pipeline.jobs.blaming import blame_the_host
from mediastead.pipeline.jobs.children import run_child
from mediastead.pipeline.jobs.dispatcher import Dispatcher
from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.jobs.queries import board
from mediastead.pipeline.jobs.work import Handler, Report, Result, ResultFile, StageFailed, Work
from mediastead.pipeline.jobs.worker import Worker
from mediastead.pipeline.proving import Proving
from mediastead.pipeline.rules import Rules
from mediastead.pipeline.runner import Flow
from mediastead.pipeline.stages.checking import faults_of_published
from mediastead.pipeline.stages.parameters import Limits
from mediastead.probing import read_fingerprint

from .zygote import serve

LEASE = 1.0
PATIENCE = 180.0
"""Seconds in which one item that nothing happens to is in its library."""
ABILITIES = ("rip:dvd", "remux", "transcode:libx265", "transcode:libx264", "transcode")
PARTS = 4
PAUSE = 0.02
"""Seconds between two parts of a file."""


def made_by(stage: Stage, content: bytes, number: int) -> bytes:
    """What a stage makes of what it is given, for that title. Done twice it would be another."""
    return b"%s of title %d\n" % (stage.value.encode(), number) + content


async def rip(work: Work, report: Report) -> Result:
    made: list[ResultFile] = []
    image = _input(work).read_bytes()
    for title in work.parameters["titles"]:
        content = made_by(Stage.RIP, image, title["number"])
        made.append(await _written(work, report, title["number"], title["name"], content))
    return Result(files=made)


async def remux(work: Work, report: Report) -> Result:
    """By a child, as the real one."""
    number = work.parameters["number"]
    path = _target(work, work.parameters["name"])
    script = f'cat - "$1" > "$2" <<E && sleep {PAUSE}\n{made_by(Stage.REMUX, b"", number).decode()}E'
    code = await run_child(["/bin/sh", "-c", script, "sh", str(_input(work)), str(path)], report=report)
    if code != 0:
        raise StageFailed(f"sh ended with {code}")
    return Result(files=[_looked_at(path, number)])


async def transcode(work: Work, report: Report) -> Result:
    number = work.parameters["number"]
    content = made_by(Stage.TRANSCODE, _input(work).read_bytes(), number)
    return Result(files=[await _written(work, report, number, work.parameters["name"], content)])


async def is_whole(directory: bytes, result: Result, _asked: Mapping[int, float | None], _limits: Limits) -> str | None:
    """As the server looks at what hosts made, of files that no program can play."""
    return " ".join(await faults_of_published(None, directory, result)) or None


async def be_server(database: Database, host_id: int, stop: asyncio.Event) -> None:
    clock, engine = SystemClock(), make_engine(database, board)
    dispatcher = Dispatcher(
        database, clock, engine, lease=LEASE, begin_within=2 * LEASE, tick=0.25, excuse=blame_the_host
    )
    flow = Flow(database, clock, Rules, Proving(database, clock, Rules, verify=is_whole, doubt=LEASE))
    work = [dispatcher.run(stop), flow.run(stop), Organizer(database, clock).run(stop)]
    if database.is_sqlite:
        work.append(be_host(database, host_id, stop))
    await asyncio.gather(*work)


async def be_host(database: Database, host_id: int, stop: asyncio.Event) -> None:
    handlers = {Stage.RIP: rip, Stage.REMUX: remux, Stage.TRANSCODE: transcode}
    handlers = {stage: _on_its_disk(host_id, _believing(host_id, made)) for stage, made in handlers.items()}
    worker = Worker(database, SystemClock(), make_engine(database, board), host_id, handlers, lease=LEASE)
    await asyncio.gather(worker.run(stop), _say(database, host_id, stop))


async def _say(database: Database, host_id: int, stop: asyncio.Event) -> None:
    """What a host can do, and that it is there."""
    able = [Capability(name=name, available=True) for name in ABILITIES]
    while not stop.is_set():
        with suppress(DBAPIError, NoConnection):
            async with database.write() as session:
                await hosts.can_do(session, SystemClock().now(), host_id, able)
                await hosts.heard_from(session, SystemClock().now(), host_id, Condition())
        await first_of(LEASE, stop)


async def warm(database: Database, host_id: int, stop: asyncio.Event) -> None:
    """Both in one process, until what was begun is in its library."""
    roles = [be_server] if database.is_sqlite else [be_server, be_host]
    working = asyncio.gather(*(role(database, host_id, stop) for role in roles))
    made = select(exists().where(PipelineItem.state == ItemState.IN_LIBRARY))
    async with asyncio.timeout(PATIENCE):
        while not working.done():
            async with database.read() as session:
                if (await session.execute(made)).scalar_one():
                    stop.set()
            await asyncio.sleep(0.1)
    await working


def full_mark(staging: Path, host_id: int) -> Path:
    """While it is there, the disk of that host is full."""
    return staging / f"full-{host_id}"


def lying_mark(staging: Path, host_id: int) -> Path:
    """While it is there, the tools of that host end with exit code 0 and give files that are empty (of odd titles) or truncated,
    and the host believes them."""
    return staging / f"lying-{host_id}"


def _believing(host_id: int, handler: Handler) -> Handler:
    async def handle(work: Work, report: Report) -> Result:
        result = await handler(work, report)
        if lying_mark(_staging(work), host_id).exists():
            for file in result.files:
                kept = 0 if (file.title or 0) % 2 else file.size // 2
                await run_child(
                    ["truncate", f"--size={kept}", f"{os.fsdecode(work.directory)}/{file.path}"], report=report
                )
        return result

    return handle


def _on_its_disk(host_id: int, handler: Handler) -> Handler:
    async def handle(work: Work, report: Report) -> Result:
        if full_mark(_staging(work), host_id).exists():
            _target(work, "as much as there was room for").write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return await handler(work, report)

    return handle


def _staging(work: Work) -> Path:
    return Path(os.fsdecode(work.item_directory)).parents[1]


def _input(work: Work) -> Path:
    assert work.input is not None
    return Path(os.fsdecode(work.input))


def _target(work: Work, name: str) -> Path:
    return Path(os.fsdecode(work.directory), f"{name}.mkv")


async def _written(work: Work, report: Report, number: int, name: str, content: bytes) -> ResultFile:
    path = _target(work, name)
    size = len(content) // PARTS + 1
    with path.open("wb", buffering=0) as file:
        for part in range(PARTS):
            file.write(content[part * size : (part + 1) * size])
            report.log("info", f"part {part} of title {number}")
            report.progress((part + 1) / PARTS)
            await asyncio.sleep(PAUSE)
    return _looked_at(path, number)


def _looked_at(path: Path, number: int) -> ResultFile:
    taken = read_fingerprint(bytes(path))
    assert taken.value is not None, taken.error
    return ResultFile(path=path.name, title=number, size=taken.size, fingerprint=taken.value.hex())


if __name__ == "__main__":
    serve(sys.argv[1], {"server": be_server, "host": be_host, "warm": warm})

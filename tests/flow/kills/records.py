"""Records written for real on a disk that fails for real: a process of its own, which tells as JSON what it saw.

    python -m tests.flow.kills.records killed   <url> <root> <seed>
    python -m tests.flow.kills.records refused  <url> <root>        in a namespace of its own, so that it may mount

`killed`: children that write records are killed with SIGKILL at random moments.
`refused`: the library lies on a disk of 256 KB that is full, and then can only be read.
"""

import asyncio
import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert, make_url, select, update
from sqlalchemy.pool import NullPool

from mediastead.clock import SetClock
from mediastead.db import migrate
from mediastead.db.engine import Database
from mediastead.disk.calls import CALLS, Calls
from mediastead.files.models import MediaFile, MediaFileRecord
from mediastead.files.types import RecordForm
from mediastead.libraries.models import Library, LibraryKind
from mediastead.logs import set_up_logs
from mediastead.recording.nfo_form import is_ours
from mediastead.recording.queries import records_counted
from mediastead.recording.recorder import Recorder
from mediastead.recording.writer import RecordWriter

from .victim import scan_and_identify

FILMS = ("The Matrix (1999)", "Inception (2010)", "Fight Club (1999)", "Pulp Fiction (1994)", "Forrest Gump (1994)")
THEIRS = "<movie><title>Mine</title></movie>"
KILLS = 12


def prepare(url: str, root: Path) -> None:
    """A library with films that are matched, one of them with an NFO that a person wrote."""
    for name in FILMS:
        (root / name).mkdir(parents=True)
        file = root / name / f"{name}.mkv"
        file.write_bytes(name.encode() * 10)
        os.utime(file, (1_600_000_000, 1_600_000_000))
    person = root / FILMS[-1] / f"{FILMS[-1]}.nfo"
    person.write_text(THEIRS)
    migrate.upgrade(url)
    library = {"name": "All", "root": os.fsencode(root), "kind": LibraryKind.MOVIES, "exclude_patterns": []}
    with _connection(url) as connection:
        values = {**library, "created_at": datetime.now(UTC), "record_form": RecordForm.NFO}
        connection.execute(insert(Library).values(values))
    asyncio.run(scan_and_identify(url))


def _connection(url: str) -> Any:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        address = address.set(drivername="sqlite")
    return create_engine(address, poolclass=NullPool).begin()


def on_disk(root: Path) -> dict[str, str]:
    """What each NFO is: `ours`, whole and as it was written; `theirs`; or `broken`. And what is left lying about."""
    found: dict[str, str] = {}
    for path in sorted(root.rglob("*")):
        if path.suffix == ".nfo":
            content = path.read_bytes()
            kind = "ours" if is_ours(content) else "theirs" if content.decode() == THEIRS else "broken"
            found[path.stem] = kind
        elif path.name.startswith(".mediastead-") and path.name != ".mediastead-library":
            found[path.name] = "left"
    return found


def killed(url: str, root: Path, seed: int) -> dict[str, Any]:
    prepare(url, root)
    chance = random.Random(seed)
    died, seen = 0, list[dict[str, str]]()
    for number in range(KILLS):
        with _connection(url) as connection:  # all are due again
            connection.execute(update(MediaFile).values(version=MediaFile.version + 1, edition=f"cut {number}"))
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                asyncio.run(_write(url, Telling(writing)))
            finally:
                os._exit(0)
        os.close(writing)
        os.read(reading, 1)
        os.close(reading)
        time.sleep(chance.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        died += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        seen.append(on_disk(root))
    asyncio.run(_write(url))
    last = sum(f"cut {KILLS - 1}".encode() in path.read_bytes() for path in root.rglob("*.nfo"))
    return {"died": died, "seen": seen, "after": on_disk(root), "current": last}


class Telling(Calls):
    """Real calls; with the first file that is written, the parent is told that it may kill from now on."""

    def __init__(self, told: int) -> None:
        self._told = told

    def create(self, name: bytes, folder: int) -> int:
        os.write(self._told, b".")
        return super().create(name, folder)


async def _write(url: str, calls: Calls = CALLS) -> None:
    database = Database(url)
    clock = SetClock(datetime.now(UTC) + timedelta(hours=1))
    await RecordWriter(database, clock, calls=calls).batch(1, RecordForm.NFO)
    await database.dispose()


def refused(url: str, root: Path) -> dict[str, Any]:
    root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", root], check=True)
    prepare(url, root)
    return asyncio.run(_refused(url, root))


async def _refused(url: str, root: Path) -> dict[str, Any]:
    database, clock = Database(url), SetClock(datetime.now(UTC) + timedelta(hours=1))
    recorder = Recorder(database, clock)

    async def attempt() -> dict[str, Any]:
        await recorder.step()
        async with database.read() as session:
            written, failed, _ = (await records_counted(session, [1]))[1]
            errors = [row[0] for row in await session.execute(_errors())]
        return {"written": written, "failed": failed, "errors": errors, "disk": on_disk(root)}

    told: dict[str, Any] = {}
    filler = root / "filler.bin"
    _fill(filler)
    told["full"] = await attempt()
    filler.unlink()
    clock.advance(timedelta(hours=7))
    told["room again"] = await attempt()
    with _connection(url) as connection:
        connection.execute(update(MediaFile).values(version=MediaFile.version + 1, edition="another cut"))
    _mount_again(root, "ro")
    clock.advance(timedelta(hours=7))
    told["read only"] = await attempt()
    _mount_again(root, "rw")
    clock.advance(timedelta(hours=7))
    told["writable again"] = await attempt()
    await database.dispose()
    return told


def _mount_again(root: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", root], check=True)


def _errors() -> Any:
    return select(MediaFileRecord.error).where(MediaFileRecord.error.is_not(None))


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


SCENARIOS: dict[str, Callable[..., dict[str, Any]]] = {
    "killed": lambda url, root, seed: killed(url, Path(root), int(seed)),
    "refused": lambda url, root: refused(url, Path(root)),
}

if __name__ == "__main__":
    set_up_logs("error", "text")
    print(json.dumps(SCENARIOS[sys.argv[1]](*sys.argv[2:])))

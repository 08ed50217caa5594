"""`mediastead host run`: this machine as a host of a server elsewhere."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click
import msgspec
from msgspec import Struct

from .. import __version__
from .calling import CommandFailed, Options, load
from .output import say, warn

if TYPE_CHECKING:
    from ..settings import Settings

FILE = "host.json"
PATIENCE = 30.0


class Credential(Struct, frozen=True):
    """What this machine got when it registered; in `host.json` in its data folder, readable by its account alone."""

    host_id: int
    name: str
    database_url: str


def run_host(server: str | None, code: str | None, name: str | None, drives: Sequence[str]) -> None:
    """Register where there is a code, then work until a signal."""
    from ..logs import keep_secret, set_up_logs

    settings = load()
    set_up_logs(settings.log_level, settings.log_format)
    file = settings.data_dir / FILE
    if code is not None:
        options = click.get_current_context().find_object(Options)
        address = server or (options.server if options else None)
        if address is None:
            raise CommandFailed("say with --server where the server is reached, as in http://127.0.0.1:8484.")
        try:
            _keep(file, _register(address.rstrip("/"), code, name))
        except CommandFailed as refused:
            if not file.exists():
                raise
            raise CommandFailed(
                f"{refused} This machine is a host already: `mediastead host run` alone goes on with that."
            ) from None
    credential = _kept(file)
    keep_secret(credential.database_url)
    asyncio.run(_work(credential, settings, list(drives) or None))


def _register(server: str, code: str, name: str | None) -> Credential:
    import httpx

    from ..pipeline.hosts.capabilities import this_platform

    body = {"code": code, "name": name or _machine_name(), "platform": this_platform(), "version": __version__}
    try:
        answer = httpx.post(f"{server}/v1/hosts/register", json=body, timeout=PATIENCE)
        said: Any = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise CommandFailed(
            f"no answer from {server} ({type(error).__name__}): see "
            "that `mediastead serve` runs there, and that the way there is open."
        ) from None
    if answer.status_code >= 300:
        detail = cast("dict[str, Any]", said).get("detail") if isinstance(said, dict) else None
        raise CommandFailed(str(detail or f"{server} answered {answer.status_code} and is no Mediastead."))
    return msgspec.convert(said, Credential)


def _machine_name() -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname().partition(".")[0]).lstrip("._-")
    return plain[:63] or "host"


def _keep(file: Path, credential: Credential) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(msgspec.json.encode(credential))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def _kept(file: Path) -> Credential:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Credential)
    except FileNotFoundError:
        raise CommandFailed(
            "this machine is no host yet: run `mediastead host invite` on the server, and here what it prints."
        ) from None
    except msgspec.MsgspecError:
        raise CommandFailed(f"{file} is no credential: delete it and register again with a new code.") from None


async def _work(credential: Credential, settings: "Settings", drives: Sequence[str] | None) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError

    from ..clock import SystemClock
    from ..db import migrate
    from ..db.engine import Database
    from ..pipeline.discs.observing import paths_of
    from ..pipeline.engine.choose import make_engine
    from ..pipeline.host_discs import HostDiscs
    from ..pipeline.host_drives import HostDrives
    from ..pipeline.hosting import Hosting, Removed
    from ..pipeline.hosts import queries
    from ..pipeline.jobs.queries import board
    from ..pipeline.stages.handlers import HOST_HANDLERS

    database = Database(credential.database_url)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    gone = CommandFailed(
        f"the database does not admit this machine as {credential.name}: if the host was removed, register again with a new code "
        "from `mediastead host invite`; else see that the database runs."
    )
    try:
        try:
            async with database.read() as session:
                revision = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
                host = await queries.host(session, credential.host_id)
        except OperationalError:
            raise gone from None
        if revision != migrate.head():
            raise CommandFailed(
                f"this machine runs Mediastead {__version__} (schema {migrate.head()}), and the database has {revision}: "
                "install the same version here as there."
            )
        if host is None:
            raise gone
        own_drives = [os.fsencode(drive) for drive in drives] if drives else paths_of(settings.disc_drives)
        seen = HostDiscs(
            database,
            credential.host_id,
            own_drives,
            paths_of(settings.disc_folders),
            poll=settings.disc_poll_seconds,
        )
        opened = HostDrives(database, credential.host_id, own_drives, seen.look_again_at)
        hosting = Hosting(
            database,
            SystemClock(),
            make_engine(database, board),
            credential.host_id,
            opened.watching(HOST_HANDLERS),
            drives=drives,
        )
        beside = [
            asyncio.create_task(seen.run(stop), name="discs"),
            asyncio.create_task(opened.run(stop), name="drives"),
        ]
        say(f"{credential.name} waits for jobs. Ctrl-C ends it, and gives back what it is at.")
        try:
            await hosting.run(stop)
        except Removed:
            # Whatever still tries to reach the database would hold this process up. Children end with it.
            _fail_now(gone)
        finally:
            stop.set()
            await asyncio.gather(*beside, return_exceptions=True)
    finally:
        await database.dispose()


def _fail_now(why: CommandFailed) -> NoReturn:
    warn(f"mediastead: {why}")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(why.exit_code)

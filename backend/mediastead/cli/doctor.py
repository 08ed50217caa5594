"""`mediastead doctor`: what is wrong and what to do. Looks, and changes nothing."""

import asyncio
import os
import platform
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from msgspec import Struct

from .calling import CommandFailed, load
from .output import json_option, print_json, say

if TYPE_CHECKING:
    from ..settings import Settings
    from .queries import Root

FEW_BYTES = 1024**3
"""Free space beneath which the data folder gets a warning: the database of a million files needs about as much."""
SIGNS = {"ok": "ok  ", "warn": "warn", "bad": "BAD "}


class Check(Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "warn", "bad"]
    detail: str
    """What was seen, and what to do where it is not ok."""


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Look at settings, data folder, database, provider and roots: what is wrong and what to do."""
    asyncio.run(_doctor(load(), as_json))


async def _doctor(settings: "Settings", as_json: bool) -> None:
    worst = "ok"
    async for check in checks(settings):
        if as_json:
            print_json({"check": check.name, "state": check.state, "detail": check.detail})
        else:
            say(f"{SIGNS[check.state]}  {check.name}: {check.detail}")
        if check.state == "bad":
            worst = "bad"
    if worst == "bad":
        raise CommandFailed("something is wrong; do what the lines marked BAD say, and run `mediastead doctor` again.")


async def checks(settings: "Settings") -> AsyncIterator[Check]:
    """Everything that doctor looks at, in the order in which one thing needs the other."""
    yield _versions()
    yield await asyncio.to_thread(_durations)
    yield _data_folder(settings.data_dir)
    yield _file_system(settings.database_url)
    database = await asyncio.to_thread(_schema, settings.database_url)
    yield database
    in_force, found = await _stored(settings) if database.state == "ok" else (settings, [])
    yield await _provider(in_force)
    for root in found:
        yield await asyncio.to_thread(_root, root)
    if database.state == "ok" and not found:
        yield Check("libraries", "warn", "there is none yet: `mediastead library add PATH --kind movies` adds one")


def _versions() -> Check:
    from .. import __version__

    system = f"{platform.system()} {platform.release()}"
    return Check(
        "versions",
        "ok",
        f"Mediastead {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {system}",
    )


def _durations() -> Check:
    from ..probing import unavailable

    missing = unavailable()
    return Check("durations", "warn" if missing else "ok", missing or "mediainfo reads how long files play")


def _data_folder(folder: Path) -> Check:
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Check(
            "data folder", "bad", f"{existing} cannot be written to: change its owner or mode, or MEDIASTEAD_DATA_DIR"
        )
    if existing == folder:
        try:
            # Permission bits do not tell of read-only mounts and quotas; a file does.
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            return Check(
                "data folder",
                "bad",
                f"{folder} takes no file ({error.strerror}): make room, or set MEDIASTEAD_DATA_DIR",
            )
    free = shutil.disk_usage(existing).free
    detail = f"{folder}, {free / 1024**3:.1f} GiB free"
    if free < FEW_BYTES:
        return Check("data folder", "warn", f"{detail}: make room, a full disk stops everything")
    return Check("data folder", "ok", detail)


def _file_system(url: str) -> Check:
    from .filesystems import mount_of

    if not url.startswith("sqlite"):
        return Check("database disk", "ok", "PostgreSQL looks after its own")
    path = Path(url.partition("///")[2])
    mount = mount_of(path)
    if mount is None:
        return Check("database disk", "warn", f"the system does not say on what {path} lies; it must be a local disk")
    if mount.network:
        return Check(
            "database disk",
            "bad",
            f"{path} lies on {mount.type} ({mount.point}), where SQLite's locks cannot be depended on and the database may be "
            "destroyed: move it to a local disk (MEDIASTEAD_DATA_DIR), or use PostgreSQL (MEDIASTEAD_DATABASE_URL)",
        )
    return Check("database disk", "ok", f"{path} lies on {mount.type} ({mount.point})")


def _schema(url: str) -> Check:
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    from ..db import migrate
    from ..settings import masked_url

    shown = masked_url(url)
    try:
        revision = migrate.current(url)
    except (SQLAlchemyError, CommandError, OSError) as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())
        return Check(
            "database", "bad", f"{shown} does not answer ({cause[:200]}): start it, or correct MEDIASTEAD_DATABASE_URL"
        )
    if revision == migrate.head():
        return Check("database", "ok", f"{shown}, schema {revision}")
    if revision is None and url.startswith("sqlite"):
        return Check("database", "warn", f"{shown} does not exist yet; `mediastead serve` makes it")
    return Check(
        "database",
        "bad",
        f"{shown} has schema {revision}, this version needs {migrate.head()}: run `mediastead db upgrade`",
    )


async def _stored(settings: "Settings") -> tuple["Settings", "list[Root]"]:
    from ..db.engine import Database
    from ..preferences.service import effective
    from .queries import roots

    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            return await effective(session, settings), await roots(session)
    finally:
        await database.dispose()


async def _provider(settings: "Settings") -> Check:
    from ..clock import SystemClock
    from ..metadata.choose import make_uncached_provider
    from ..metadata.errors import ProviderMisbehaved, ProviderUnavailable

    if settings.metadata == "bundled":
        return Check(
            "provider",
            "warn",
            "the bundled catalogue knows few titles; MEDIASTEAD_METADATA=tmdb asks TMDB",
        )
    provider = make_uncached_provider(settings, SystemClock())
    try:
        await provider.find("imdb", "tt0133093")
    except (ProviderUnavailable, ProviderMisbehaved) as error:
        return Check("provider", "bad", error.detail)
    finally:
        provider.close()
    return Check("provider", "ok", f"{settings.tmdb_base_url} answers and takes the key")


def _root(root: "Root") -> Check:
    from ..disk.marker import MARKER_NAME, read_marker

    name, shown = f"library {root.name}", os.fsdecode(root.root)
    try:
        with os.scandir(root.root) as entries:
            empty = next(entries, None) is None
        marker = read_marker(root.root)
    except OSError as error:
        return Check(name, "bad", f"{shown} cannot be listed ({error.strerror}): mount it, or mend its permissions")
    if root.root_marker is None:
        state = "warn" if empty else "ok"
        return Check(
            name, state, f"{shown}, read-only, so known by its files alone{' and it is empty now' if empty else ''}"
        )
    if marker is None:
        return Check(
            name,
            "bad",
            f"{shown} has no marker file {os.fsdecode(MARKER_NAME)}: most likely the disk is not mounted; mount it. If the "
            "folder is right, remove the library and add it again",
        )
    if marker != root.root_marker:
        return Check(name, "bad", f"{shown} carries the marker of another library: mount the right disk there")
    return Check(name, "ok", shown)

"""`mediastead demo`: a sample library, scanned, summed up and served, on an SQLite database of its own.

It does nothing that other commands cannot: libraries are added, scanned and counted over the API of an application in this
process, as `mediastead library add` and `mediastead scan` do, and served by what `mediastead serve` runs.
"""

import asyncio
import os
import shutil
import socket
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from .calling import Api, CommandFailed
from .demo_library import KINDS, Made, make_sample_library
from .output import say, warn
from .scan import scan_libraries

if TYPE_CHECKING:
    from ..metadata.provider import CatalogProvider
    from ..parsing.parser import Parser
    from ..settings import Settings

STATES = ("matched", "unmatched", "pending", "ignored", "dismissed")
PORTS = 50
"""How many are tried, from the one that was asked for."""


@click.command()
@click.option("--once", is_flag=True, help="Stop after the summary.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-data"),
    show_default=True,
    help="The folder for the sample library and its database; made where absent.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8484,
    show_default=True,
    help="Listen there, or on the next free one.",
)
def demo(once: bool, data_dir: Path, port: int) -> None:
    """Make a sample library of about 150 files, scan it, show what was found, and serve it until Ctrl-C.

    Needs no key: facts come from a small catalogue that comes along. Run again, it scans again.
    """
    from ..logs import set_up_logs

    data_dir = Path(os.path.abspath(data_dir))
    _make_library(data_dir / "library")
    settings = _settings(data_dir, port if once else _free_port(port))
    set_up_logs("error", settings.log_format)
    trouble = asyncio.run(_scan_and_sum_up(settings, data_dir / "library"))
    if trouble and once:
        raise CommandFailed(trouble)
    if trouble:
        warn(trouble)
    _say_what_next(settings, once)
    if not once:
        from .serve import serve_until_stopped

        set_up_logs(settings.log_level, settings.log_format)
        asyncio.run(serve_until_stopped(settings))


def _make_library(root: Path) -> None:
    try:
        made: Made = make_sample_library(root)
    except OSError as error:
        raise CommandFailed(f"the sample library cannot be made in {root}: {error.strerror}.") from None
    say(f"{'Made a sample library' if made.files else 'The sample library is there already'}: {_short(root)}")
    for path in made.refused:
        say(f"  left out, because this file system takes no such name: {path.decode('utf-8', 'backslashreplace')}")


def _settings(data_dir: Path, port: int) -> "Settings":
    """Nothing of the person's own environment or file: a real database must not get a sample library."""
    from ..settings_read import load_settings

    ours = {"MEDIASTEAD_DATA_DIR": str(data_dir), "MEDIASTEAD_METADATA": "bundled", "MEDIASTEAD_PORT": str(port)}
    return load_settings(ours | {"MEDIASTEAD_LOG_LEVEL": "warning"})


def _free_port(wanted: int) -> int:
    for port in range(wanted, min(wanted + PORTS, 65536)):
        try:
            with socket.create_server(("127.0.0.1", port)) as free:
                return free.getsockname()[1]
        except OSError:
            continue
    raise CommandFailed(f"no port from {wanted} to {wanted + PORTS - 1} is free; name another with --port.")


async def _scan_and_sum_up(settings: "Settings", root: Path) -> str | None:
    """Gives what went wrong, in words; None where all went well."""
    async with _application(settings) as (api, provider, parser):
        # A value and no exception: one that leaves through the lifespan comes out wrapped in a group.
        try:
            await _add_libraries(api, root)
            began = time.monotonic()
            trouble = await _scan(api)
            took = time.monotonic() - began
            libraries = (await api.get("/v1/libraries"))["items"]
            _say_summary(libraries, (await api.get("/v1/unmatched-files/summary"))["by_reason"])
        except CommandFailed as failed:
            return str(failed)
        say(f"\n{took:.1f} s, {provider.calls} calls to the provider, {parser.parsed} paths parsed.")
    wrong = [f"{library['name']}: {words}" for library in libraries if (words := what_does_not_add_up(library))]
    if not wrong and not trouble:
        say("It adds up: files seen = files present = matched + unmatched + pending + ignored + dismissed.")
    return " ".join([*([trouble] if trouble else []), *wrong]) or None


async def _scan(api: Api) -> str | None:
    """What is left for a person to do, which is shown after the summary; else None."""
    try:
        await scan_libraries(api)
    except CommandFailed as failed:
        return str(failed)
    return None


@asynccontextmanager
async def _application(settings: "Settings") -> "AsyncGenerator[tuple[Api, CatalogProvider, Parser]]":
    """The application, with what counts the provider's calls and the paths parsed."""
    import httpx

    from ..app import create_app
    from ..clock import SystemClock
    from ..db.engine import Database
    from ..metadata.choose import make_provider
    from ..parsing.parser import Parser

    database = Database(settings.database_url, pool_size=settings.pool_size)
    provider = make_provider(settings, database, SystemClock())
    try:
        async with Parser(workers=settings.parser_workers) as parser:
            app = create_app(settings, database=database, provider=provider, parser=parser, background="work")
            transport = httpx.ASGITransport(cast("Any", app), raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=None)
            async with app.lifespan(), client:
                yield Api(client, None), provider, parser
    finally:
        provider.close()
        await database.dispose()


async def _add_libraries(api: Api, root: Path) -> None:
    there = {library["name"]: library for library in (await api.get("/v1/libraries"))["items"]}
    for name, kind in KINDS.items():
        if name not in there:
            await api.post("/v1/libraries", {"name": name, "root": str(root / name), "kind": kind.value})
        elif there[name]["root"] != str(root / name):
            # The folder of the demo was moved, and the database with it.
            await api.patch(f"/v1/libraries/{there[name]['id']}", {"root": str(root / name)})


def what_does_not_add_up(library: dict[str, Any]) -> str | None:
    """The invariant of one library, as the API shows it, in words where it is broken; else None."""
    counts, scan = library["counts"], library["last_scan"]
    present = counts["by_presence"]["present"] + counts["by_presence"]["unknown"]
    known = sum(counts["by_identification"].values())
    if scan is None:
        return "it was not scanned."
    if scan["outcome"] == "completed" and scan["counts"]["files"] != present:
        return f"the scan saw {scan['counts']['files']} files, and {present} are known to be there."
    if known != present:
        return f"{present} files are there, and {known} have a state."
    return None


def _say_summary(libraries: list[dict[str, Any]], by_reason: dict[str, int]) -> None:
    names = [library["name"] for library in libraries]
    rows: list[tuple[str, list[int]]] = []
    for state in STATES:
        rows.append((state, [library["counts"]["by_identification"].get(state, 0) for library in libraries]))
        if state == "unmatched":
            rows += [(f"  {reason}", [count]) for reason, count in by_reason.items() if count]
    rows.append(("present", [sum(library["counts"]["by_identification"].values()) for library in libraries]))
    rows.append(("missing", [library["counts"]["by_presence"]["missing"] for library in libraries]))
    say("")
    say(" " * 22 + "".join(f"{name:>12}" for name in (*names, "all")))
    for label, counts in rows:
        cells = [str(count) for count in counts] if len(counts) == len(names) else [""] * len(names)
        say(f"{label:<22}" + "".join(f"{cell:>12}" for cell in (*cells, str(sum(counts)))))


def _say_what_next(settings: "Settings", once: bool) -> None:
    command = "mediastead" if shutil.which("mediastead") else _short(Path(sys.argv[0]))
    address = f"http://127.0.0.1:{settings.port}"
    if once:
        to_use = f"MEDIASTEAD_DATA_DIR={_short(settings.data_dir)} MEDIASTEAD_METADATA=bundled {command}"
    else:
        to_use = f"{command} --server {address}"
    say("\nWhat next:")
    if not once:
        say(f"  curl {address}/v1/unmatched-files")
    for words in ("unmatched groups", "unmatched list", "files list", "items list", "scan"):
        say(f"  {to_use} {words}")
    if once:
        say(f"  {command} demo --data-dir {_short(settings.data_dir)}      # serves it")
    say("")


def _short(path: Path) -> str:
    """As one would type it from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative

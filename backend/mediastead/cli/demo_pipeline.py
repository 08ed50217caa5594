"""`mediastead demo-pipeline`: a DVD image is made, and goes from there into a library, on an SQLite database of its own.

It does nothing that other commands cannot: the image is detected in a folder that is looked at, what is on it is approved, and
rip, remux, transcode and organize are done by the programs that are installed, in an application in this process.
"""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from .calling import Api, CommandFailed, pauses
from .demo_disc import DEMO_TITLE, NEEDED, make_disc
from .output import say
from .pipeline_shown import called

if TYPE_CHECKING:
    from ..settings import Settings

PATIENCE = 900.0
"""Seconds after which something is wrong: it usually takes one minute."""


@click.command("demo-pipeline")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-data/pipeline"),
    show_default=True,
    help="The folder for the image, the library and their database; made anew each time.",
)
@click.option("--seconds", type=click.IntRange(121, 7200), default=130, help="How long the film on the disc plays.")
def demo_pipeline(data_dir: Path, seconds: int) -> None:
    """Make a small DVD image, and have a film made of it: rip, remux, transcode, organize. Needs no key and no drive."""
    from ..logs import set_up_logs

    missing = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    if missing:
        raise CommandFailed(
            f"programs are missing. On Debian and Ubuntu: sudo apt-get install {' '.join(dict.fromkeys(missing))}; on macOS "
            "install the same with Homebrew or MacPorts. Then try again."
        )
    data_dir = Path(os.path.abspath(data_dir))
    if data_dir.exists() and not (data_dir / "mediastead.db").exists() and any(data_dir.iterdir()):
        raise CommandFailed(f"{data_dir} holds something else; name another folder with --data-dir.")
    shutil.rmtree(data_dir, ignore_errors=True)
    settings = _settings(data_dir)
    set_up_logs("error", settings.log_format)
    if trouble := asyncio.run(_whole_way(settings, data_dir, seconds)):
        raise CommandFailed(trouble)


def _settings(data_dir: Path) -> "Settings":
    """Nothing of the person's own environment or file: a real database must not get a sample library."""
    from ..settings_read import load_settings

    ours = {
        "MEDIASTEAD_DATA_DIR": str(data_dir),
        "MEDIASTEAD_METADATA": "bundled",
        "MEDIASTEAD_DISC_FOLDERS": str(data_dir / "discs"),
        "MEDIASTEAD_DISC_POLL_SECONDS": "1",
        "MEDIASTEAD_WATCH": "false",
        "MEDIASTEAD_PARSER_WORKERS": "1",
    }
    return load_settings(ours)


async def _whole_way(settings: "Settings", data_dir: Path, seconds: int) -> str | None:
    """Gives what went wrong, in words; None where all went well."""
    (data_dir / "library").mkdir(parents=True)
    (data_dir / "discs").mkdir()
    began = time.monotonic()
    async with _application(settings) as api:
        # A value and no exception: one that leaves through the lifespan comes out wrapped in a group.
        try:
            async with asyncio.timeout(PATIENCE):
                library = await api.post(
                    "/v1/libraries", {"name": "Demo", "root": str(data_dir / "library"), "kind": "movies"}
                )
                image = data_dir / "discs" / "ALIEN_1979.iso"
                say(f"Making a DVD image of generated pictures: {image}")
                await asyncio.to_thread(make_disc, image, seconds)
                disc_id = await _detected(api)
                item = await _make(api, disc_id, library["id"])
                await _follow(api, item["id"])
                await _say_result(api, item["id"], library["id"])
        except CommandFailed as failed:
            return str(failed)
        except subprocess.CalledProcessError as failed:
            return f"{failed.cmd[0]} ended with {failed.returncode}: {str(failed.stderr)[-500:]}"
        except TimeoutError:
            return f"it did not come to an end within {PATIENCE:.0f} seconds."
    say(f"{time.monotonic() - began:.0f} s.")
    return None


async def _detected(api: Api) -> int:
    """The disc, when it was seen and read."""
    for pause in pauses():
        discs = (await api.get("/v1/discs"))["items"]
        if discs and discs[0]["error"]:
            raise CommandFailed(f"the image cannot be read: {discs[0]['error']}")
        if discs and discs[0]["titles"]:
            say(f"Detected: {discs[0]['label']}, a {discs[0]['kind']} with {discs[0]['titles']} titles.")
            return discs[0]["id"]
        await asyncio.sleep(pause)
    raise AssertionError("pauses never end")


async def _make(api: Api, disc_id: int, library_id: int) -> dict[str, Any]:
    body = {
        **DEMO_TITLE,
        "disc_id": disc_id,
        "library_id": library_id,
        "automatic": True,
        "approvals": ["disc_preview", "organize_confirm"],
    }
    shown = await api.post("/v1/pipeline-items", body)
    say(f"Item {shown['item']['id']}: {called(shown['item'])}.")
    return shown["item"]


async def _follow(api: Api, item_id: int) -> None:
    """Answer what is asked, and tell what happens, until the item is in its library. Raises `CommandFailed`."""
    told = 0
    for pause in pauses():
        shown = await api.get(f"/v1/pipeline-items/{item_id}")
        for row in shown["transitions"][told:]:
            if row["from_state"] is not None:
                say(f"  {row['from_state']} -> {row['to_state']}, by {row['actor']} ({row['trigger']})")
        told = len(shown["transitions"])
        item = shown["item"]
        if item["state"] == "in_library":
            return
        if item["blocked"]:
            raise CommandFailed(shown["next"])
        for approval_id in item["pending_approvals"]:
            await _approve(api, await api.get(f"/v1/approvals/{approval_id}"))
        await asyncio.sleep(pause)


async def _approve(api: Api, asked: dict[str, Any]) -> None:
    titles = asked["prompt"]["titles"]
    answer: dict[str, Any] = {"decision": "approve"}
    if asked["kind"] == "disc_preview":
        for title in titles:
            say(f"  title {title['number']}: {title['duration']:.0f} s, {title['role']}, {title['name'] or 'left out'}")
        # The film on this disc is shorter than any real one, so which title it is may be doubtful: the longest.
        longest = max(titles, key=lambda title: title["duration"])["number"]
        answer["changes"] = {"titles": [{"number": longest, "role": "feature", "selected": True}]}
    await api.post(f"/v1/approvals/{asked['id']}/answer", answer)
    say(f"  {asked['kind']} approved")


async def _say_result(api: Api, item_id: int, library_id: int) -> None:
    files = (await api.get("/v1/media-files", library=library_id))["items"]
    matched = [file for file in files if file["identification"] == "matched"]
    if not matched:
        raise CommandFailed(f"item {item_id} ended, and its file is not in the library.")
    for file in matched:
        say(
            f"In the library: {file['path']}, {file['size']} bytes, matched to {file['item']['title']} ({file['item']['year']})."
        )


@asynccontextmanager
async def _application(settings: "Settings") -> AsyncGenerator[Api]:
    import httpx

    from ..app import create_app

    app = create_app(settings)
    transport = httpx.ASGITransport(cast("Any", app), raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=None)
    async with app.lifespan(), client:
        yield Api(client, None)

"""`mediastead verify`: read files whole, and wait for what comes of it."""

import asyncio
from typing import Any

import click

from .calling import Api, CommandFailed, call
from .output import json_option, print_json, say, warn
from .progress import progress
from .values import library_called

LOOK_SECONDS = 1.0
ASK_WHY = 5.0
"""Seconds in which no file was read to its end, after which it is asked whether any is left that can be."""


@click.command()
@click.argument("what", metavar="[LIBRARY|FILE]", required=False)
@json_option
def verify(what: str | None, as_json: bool) -> None:
    """Read files whole now: all, those of a library, or the one with this id. Ctrl-C ends the waiting; a server reads on."""

    async def work(api: Api) -> dict[str, Any]:
        asked: dict[str, Any] = {}
        if what is not None:
            asked = {"file": int(what)} if what.isdecimal() else {"library": (await library_called(api, what))["id"]}
        begun = await api.post("/v1/verifications", {f"{name}_id": value for name, value in asked.items()})
        if "file" in asked and not begun["files"] and not begun["out_of_reach"]:
            raise CommandFailed(
                f"there is no file {asked['file']} that could be read: `mediastead files list` lists them."
            )
        tried, still = -1, 0.0
        with progress(quiet=as_json) as shown:
            while True:
                ask = "true" if still >= ASK_WHY else None
                far = await api.get("/v1/verifications", since=begun["since"], left=ask, **asked)
                if far["tried"] >= begun["files"] or far["left"] == 0:
                    return begun | far
                still = still + LOOK_SECONDS if far["tried"] == tried and ask is None else 0.0
                tried = far["tried"]
                shown.identifying(begun["files"] - tried, "verifying")
                await asyncio.sleep(LOOK_SECONDS)

    far = call(work, background="work")
    if as_json:
        print_json(far)
    else:
        say(
            f"{far['tried']} files tried; {far['failed']} could not be read, {far['rotted']} are no longer what they were."
        )
    if away := far["out_of_reach"] + max(0, far["files"] - far["tried"]):
        warn(
            f"{away} files lie where nobody can look now, or are gone since: `mediastead scan` says what is not mounted; mount "
            "it, scan, and verify again."
        )
    if far["rotted"] or far["failed"]:
        raise CommandFailed(
            "`mediastead files list --rotted` lists what rotted, `files show` says why one was not read."
        )
    if away:
        raise CommandFailed("not every file was read.")

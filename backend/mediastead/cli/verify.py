"""`mediastead verify`: read files whole, and wait for what comes of it."""

import asyncio
from typing import Any

import click

from .calling import Api, CommandFailed, call
from .output import json_option, print_json, say
from .progress import progress
from .values import library_called

LOOK_SECONDS = 1.0


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
        with progress(quiet=as_json) as shown:
            while True:
                far = await api.get("/v1/verifications", since=begun["since"], **asked)
                if far["tried"] >= begun["files"]:
                    return far | {"files": begun["files"]}
                shown.identifying(begun["files"] - far["tried"], "verifying")
                await asyncio.sleep(LOOK_SECONDS)

    far = call(work, background="work")
    if as_json:
        print_json(far)
    else:
        say(f"{far['tried']} files read; {far['failed']} could not be, {far['rotted']} are no longer what they were.")
    if far["rotted"] or far["failed"]:
        raise CommandFailed(
            "`mediastead files list --rotted` lists what rotted, `files show` says why one was not read."
        )

"""`mediastead bring-in`: files of an inbox come into its library; `mediastead organize` applies, shows and undoes it."""

import os
from typing import Any

import click

from .calling import Api, CommandFailed, call
from .organize import ORGANIZINGS, SHOWN, planned_whole, say_plan
from .output import json_option, print_json
from .values import all_libraries, library_called


@click.group("bring-in")
def bring_in() -> None:
    """Bring files of an inbox into its library. Nothing happens before `organize apply`."""


@bring_in.command()
@click.argument("inbox")
@click.option(
    "--file", "file_ids", multiple=True, type=click.IntRange(1), metavar="ID", help="Only this file; repeatable."
)
@click.option(
    "--item", "item_ids", multiple=True, type=click.IntRange(1), metavar="ID", help="Only this title; repeatable."
)
@click.option("--into", metavar="NAME", help="Into this library, not the one that the inbox is for.")
@click.option("--how", type=click.Choice(["link", "copy", "move"]), help="As the inbox is set, where not given.")
@click.option("--replace", is_flag=True, help="What lies where a file is to come goes to the trash.")
@json_option
def plan(
    inbox: str,
    file_ids: tuple[int, ...],
    item_ids: tuple[int, ...],
    into: str | None,
    how: str | None,
    replace: bool,
    as_json: bool,
) -> None:
    """Show what would come from INBOX, and keep it for `organize apply`.

    INBOX is its name, or the path of a folder or file in it.
    """
    absolute = os.path.abspath(inbox)

    async def work(api: Api) -> None:
        found, path = await _inbox_of(api, inbox, inbox if api.remote else absolute)
        body: dict[str, Any] = {"inbox_id": found["id"]}
        body |= {"file_ids": file_ids} if file_ids else {}
        body |= {"item_ids": item_ids} if item_ids else {}
        body |= {"path": path} if path else {}
        body |= {"into_id": (await library_called(api, into))["id"]} if into else {}
        body |= {"how": how} if how else {}
        body |= {"replace": True} if replace else {}
        planned = await planned_whole(api, await api.post(f"{ORGANIZINGS}/bring-in", body))
        print_json(planned) if as_json else await say_plan(api, planned, SHOWN)

    call(work, background="work")


async def _inbox_of(api: Api, named: str, path: str) -> tuple[dict[str, Any], str]:
    """The inbox of that name, or that a path lies in; with the path relative to it, empty for the whole."""
    libraries = await all_libraries(api)
    for library in libraries:
        if library["name"] == named or str(library["id"]) == named:
            return library, ""
    for library in libraries:
        root = library["root"].rstrip("/")
        if path == root or path.startswith(f"{root}/"):
            if library["bring_into_id"] is not None:
                return library, path[len(root) + 1 :]
            name = library["name"]
            raise CommandFailed(
                f"{path} lies in {name}, which is no inbox: `mediastead organize plan` puts it in order."
            )
    raise CommandFailed(
        f"{path} lies in no inbox: add it as an inbox first: mediastead library add FOLDER --kind KIND --inbox-for LIBRARY"
    )

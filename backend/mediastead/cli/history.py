"""`mediastead history`: what was done, and taking it back."""

from typing import Any

import click

from .calling import Api, call
from .organize import until_done
from .output import json_option, print_facts, print_json, print_rows, say, warn

OPERATIONS = "/v1/operations"
SHOWN = 20
"""Files that are printed at most, where not all are asked for."""
AN_ID = click.argument("operation_id", metavar="ID", type=click.IntRange(1))


@click.group()
def history() -> None:
    """What was done, and taking it back as one thing. IDs are those of the operations."""


@history.command("list")
@click.option("--kind", help="Only of this kind: match, dismiss, organize, undo, ...")
@click.option("--file", type=click.IntRange(1), help="Only what changed the file with this id.")
@click.option("--undone/--in-force", default=None, help="Only what was taken back, or was not.")
@click.option("--parts", is_flag=True, help="Also what was done with another operation, and is taken back with it.")
@json_option
def list_(kind: str | None, file: int | None, undone: bool | None, parts: bool, as_json: bool) -> None:
    """List what was done, the latest first."""

    async def work(api: Api) -> None:
        rows = api.each(OPERATIONS, kind=kind, file=file, undone=undone, parts=parts or None)
        await print_rows(
            rows,
            as_json,
            {
                "id": lambda row: row["id"],
                "at": lambda row: row["at"][:19].replace("T", " "),
                "by": lambda row: row["actor"],
                "kind": lambda row: row["kind"],
                "files": lambda row: row["files"],
                "what": lambda row: row["summary"],
                "taken back by": lambda row: row["undone_by"],
            },
            nothing="Nothing was done yet.",
        )

    call(work)


@history.command()
@AN_ID
@json_option
def show(operation_id: int, as_json: bool) -> None:
    """Show an operation, what was done with it, and what its files were before."""

    async def work(api: Api) -> None:
        operation = await api.get(f"{OPERATIONS}/{operation_id}")
        if as_json:
            print_json(operation)
            return
        print_facts(
            {
                "id": operation["id"],
                "what": operation["summary"],
                "kind": operation["kind"],
                "by": operation["actor"],
                "at": operation["at"][:19].replace("T", " "),
                "part of": operation["part_of"],
                "taken back by": operation["undone_by"],
                "can be taken back": "yes" if operation["can_be_undone"] else "no",
            }
        )
        if operation["organizing_id"] is not None:
            say(f"\n`mediastead organize show {operation['organizing_id']}` lists the files that it moved.")
        for part in operation["parts"]:
            say(f"\nWith it ({part['kind']} {part['id']}): {part['summary']}")
        if operation["changed"]:
            say("\nBefore it, these files were")
        for file in operation["changed"]:
            say(
                f"  {file['file_id']}  {file['path'] or 'no longer known'}: {_was(file['identification'], file['title'])}"
            )
        if operation["changed"] and operation["files"] > len(operation["changed"]):
            say(f"  and {operation['files'] - len(operation['changed'])} more")

    call(work)


@history.command()
@AN_ID
@click.option("--dry-run", is_flag=True, help="Change nothing, only say what would be taken back.")
@click.option("--those-that-can", is_flag=True, help="Leave out what was changed since, and take back the rest.")
@json_option
def undo(operation_id: int, dry_run: bool, those_that_can: bool, as_json: bool) -> None:
    """Take the operation ID back, as one thing: files, questions, and answers that were remembered with it.

    What was changed since stands against it; what that was is said. To have it in force again, take back what took it back.
    """
    asked = [name for name, given in (("dry_run", dry_run), ("those_that_can", those_that_can)) if given]
    query = "&".join(f"{name}=true" for name in asked)

    async def work(api: Api) -> dict[str, Any]:
        return await api.post(f"{OPERATIONS}/{operation_id}/undo{f'?{query}' if query else ''}")

    undone = call(work)
    moving = undone["organizing_id"]
    if as_json:
        print_json(undone)
    else:
        say_undone(operation_id, undone)
    if moving is not None:

        async def wait(api: Api) -> None:
            await until_done(api, moving, as_json)

        call(wait, background="work")


def say_undone(operation_id: int, undone: dict[str, Any]) -> None:
    """What was, or would be, taken back; where files are moved, how that ends is told when it does."""
    is_, are = ("would be", "would be") if undone["dry_run"] else ("is", "are")
    for file in undone["files"][:SHOWN]:
        say(f"  {file['path']}: {file['was']} -> {_was(file['becomes'], file['title'])}")
    if undone["count"] > SHOWN:
        say(f"  and {undone['count'] - SHOWN} more")
    for sentence in undone["also"]:
        say(f"  {sentence}")
    if undone["against"]:
        warn("Not taken back, because it was changed since:")
    for each in undone["against"][:SHOWN]:
        warn(f"  {each['path'] + ': ' if each['path'] else ''}{each['why']}")
    if undone["against_count"] > SHOWN:
        warn(f"  and {undone['against_count'] - SHOWN} more")
    if undone["organizing_id"] is not None:
        return
    one = undone["count"] == 1
    files = f"1 file {is_} again what it was" if one else f"{undone['count']} files {are} again what they were"
    told = f"; {files}" if undone["count"] or not undone["also"] else ""
    say(f"Operation {operation_id} {is_} taken back{told}.")
    if undone["operation_id"] is not None:
        say(f"`mediastead history undo {undone['operation_id']}` has it in force again.")


def _was(identification: str, title: str | None) -> str:
    return f"{identification}, {title}" if title else identification

"""`mediastead trash`: what was replaced or taken back, until it is deleted."""

from collections.abc import Callable
from typing import Any

import click

from .calling import Api, call
from .output import json_option, print_json, print_rows, say
from .values import library_called

TRASH = "/v1/trash"


@click.group()
def trash() -> None:
    """Files that were replaced or taken back. They are deleted by themselves after the setting `trash_days`."""


@trash.command("list")
@click.option("--library", help="Only of this one.")
@click.option("--all", "all_", is_flag=True, help="Also what was put back or deleted.")
@json_option
def list_(library: str | None, all_: bool, as_json: bool) -> None:
    """List what is in the trash, newest first."""

    async def work(api: Api) -> None:
        of = (await library_called(api, library))["id"] if library else None
        columns: dict[str, Callable[[dict[str, Any]], Any]] = {
            "id": lambda row: row["id"],
            "library": lambda row: row["library"],
            "path": lambda row: row["path"],
            "bytes": lambda row: row["size"],
            "why": lambda row: row["said"] or row["reason"],
            "until": lambda row: row["keep_until"] and row["keep_until"][:10],
        }
        if all_:
            columns["state"] = lambda row: row["state"]
        rows = api.each(TRASH, library=of, all="true" if all_ else None)
        await print_rows(rows, as_json, columns, nothing="Nothing is in the trash.")

    call(work)


@trash.command("put-back")
@click.argument("trashed_id", metavar="ID", type=click.IntRange(1))
@click.option("--dry-run", is_flag=True, help="Move nothing, only say whether it could be.")
@json_option
def put_back(trashed_id: int, dry_run: bool, as_json: bool) -> None:
    """Move ID back to where it was."""

    async def work(api: Api) -> None:
        back = await api.post(f"{TRASH}/{trashed_id}/put-back{'?dry_run=true' if dry_run else ''}")
        is_back = "would be back" if dry_run else "is back"
        print_json(back) if as_json else say(f"{back['path']} {is_back} in {back['library']}.")

    call(work)


@trash.command()
@click.argument("ids", metavar="[ID]...", nargs=-1, type=click.IntRange(1))
@click.option("--library", help="Only of this one.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Delete nothing, only say what would be deleted.")
@json_option
def empty(ids: tuple[int, ...], library: str | None, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Delete what is in the trash, or only the IDs, for good."""
    if not (yes or dry_run):
        click.confirm("What is in the trash is deleted and cannot come back. Go on?", abort=True, err=True)

    async def work(api: Api) -> None:
        body: dict[str, Any] = {"library_id": (await library_called(api, library))["id"]} if library else {}
        body |= {"ids": ids} if ids else {}
        body |= {"dry_run": True} if dry_run else {}
        emptied = await api.post(f"{TRASH}/empty", body)
        if as_json:
            print_json(emptied)
            return
        left = f" {emptied['left']} stay: `mediastead trash list --all` says why." if emptied["left"] else ""
        if dry_run:
            left = f" {emptied['left']} would stay: their disk is away, or they are not as they were." if left else ""
        done = "Would delete" if dry_run else "Deleted"
        say(f"{done} {emptied['deleted']} with {emptied['bytes']} bytes.{left}")

    call(work)

"""`mediastead imports`: how files came in."""

import click

from .calling import Api, call
from .output import json_option, print_rows
from .values import library_id_of


@click.group()
def imports() -> None:
    """How files came in, newest first."""


@imports.command("list")
@click.option("--file", type=click.IntRange(1), help="Of the file with this id.")
@click.option("--library", help="Of this library.")
@click.option(
    "--method",
    type=click.Choice(["scan", "manual_match", "hardlink", "copy", "move", "pipeline"]),
    help="How they came in.",
)
@click.option("--success/--failed", default=None, help="Only those that worked, or did not.")
@json_option
def list_(file: int | None, library: str | None, method: str | None, success: bool | None, as_json: bool) -> None:
    """List attempts to bring files in, also those that failed."""

    async def work(api: Api) -> None:
        rows = api.each(
            "/v1/imports", file=file, library=await library_id_of(api, library), method=method, success=success
        )
        await print_rows(
            rows,
            as_json,
            {
                "id": lambda row: row["id"],
                "at": lambda row: row["at"][:19].replace("T", " "),
                "method": lambda row: row["method"],
                "worked": lambda row: row["success"],
                "by": lambda row: row["actor"],
                "from": lambda row: row["source_path"],
                "what": lambda row: row["error"] or row["evidence"].get("title"),
            },
            nothing="Nothing came in yet.",
        )

    call(work)

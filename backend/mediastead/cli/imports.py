"""`mediastead imports`: how files came in."""

from typing import Any

import click

from .calling import Api, call
from .output import json_option, print_facts, print_json, print_rows, say
from .values import library_id_of, numbers


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


@imports.command()
@click.argument("import_id", metavar="ID", type=click.IntRange(1))
@json_option
def show(import_id: int, as_json: bool) -> None:
    """Show one attempt: from where, what it was taken for with which evidence, or why it failed."""

    async def work(api: Api) -> None:
        found = await api.get(f"/v1/imports/{import_id}")
        if as_json:
            print_json(found)
            return
        evidence: dict[str, Any] = found["evidence"]
        print_facts(
            {
                "id": found["id"],
                "at": found["at"][:19].replace("T", " "),
                "method": found["method"],
                "worked": found["success"],
                "why not": found["error"],
                "by": found["actor"],
                "from": found["source_path"],
                "library": found["library"],
                "library removed": found["library_removed"] and found["library_removed"][:19].replace("T", " "),
                "file": found["file_id"],
                "now at": found["now_at"],
                "title" if found["success"] else "best title": _title(evidence),
                "followed": evidence.get("remembered_answer_id")
                and f"remembered answer {evidence['remembered_answer_id']}",
                "since then": found["superseded_by"] and f"import {found['superseded_by']} says what it is",
            }
        )
        for each in evidence.get("evidence") or ():
            say(f"  {each['weight']:+7.2f}  {each['name']}: {each['detail']}")

    call(work)


def _title(evidence: dict[str, Any]) -> str | None:
    if not evidence.get("title"):
        return None
    year = f" ({evidence['year']})" if evidence.get("year") else ""
    sure = f", {evidence['probability']:.1%} sure" if evidence.get("probability") is not None else ""
    which = numbers(evidence.get("episodes") or [])
    return f"{evidence['title']}{year}{f' {which}' if which else ''}{sure}"

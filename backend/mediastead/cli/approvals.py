"""`mediastead approvals`: questions that hold what is being made until a person answers."""

import json
from collections.abc import Callable
from typing import Any

import click

from .calling import Api, call
from .discs import SURE
from .output import json_option, print_facts, print_json, print_rows, say

APPROVALS = "/v1/approvals"
AN_APPROVAL = click.argument("approval_id", metavar="ID", type=click.IntRange(1))


@click.group()
def approvals() -> None:
    """Answer what the pipeline asks: discs before they are ripped, tracks, where files go."""


@approvals.command("list")
@click.option("--all", "all_", is_flag=True, help="Also those that were answered or withdrawn.")
@click.option("--item", type=click.IntRange(1), help="Only of this pipeline item.")
@json_option
def list_(all_: bool, item: int | None, as_json: bool) -> None:
    """List what waits for an answer; with --all the others behind them."""

    async def work(api: Api) -> None:
        columns: dict[str, Callable[[dict[str, Any]], Any]] = {
            "id": lambda row: row["id"],
            "asks": lambda row: row["kind"],
            "of": lambda row: ", ".join(filter(None, (row["item"], row["disc"]))),
            "state": lambda row: row["state"],
            "since": lambda row: row["asked_at"][:16],
            "by": lambda row: row["actor"],
            "words": lambda row: row["words"],
        }
        rows = api.each(APPROVALS, item=item, all="true" if all_ else None)
        await print_rows(rows, as_json, columns, nothing="Nothing waits for an answer.")

    call(work)


@approvals.command()
@AN_APPROVAL
@json_option
def show(approval_id: int, as_json: bool) -> None:
    """Show what ID asks."""

    async def work(api: Api) -> None:
        shown = await api.get(f"{APPROVALS}/{approval_id}")
        print_json(shown) if as_json else await _say(shown)

    call(work)


@approvals.command()
@AN_APPROVAL
@click.option("--words", help="For whoever looks later.")
@click.option(
    "--changes",
    metavar="JSON",
    help='Change it, and approve that: {"titles": [{"number": 3, "episodes": [4]}]}, {"preset": NAME}, {"library_id": ID}.',
)
@json_option
def approve(approval_id: int, words: str | None, changes: str | None, as_json: bool) -> None:
    """Let what ID asks about go on, as it stands or changed."""
    body: dict[str, Any] = {"decision": "approve"} | ({"words": words} if words else {})
    if changes is not None:
        try:
            body["changes"] = json.loads(changes)
        except ValueError as error:
            raise click.UsageError(f"--changes is no JSON: {error}") from None
        if not isinstance(body["changes"], dict):
            raise click.UsageError('--changes must be an object, such as {"preset": "h265"}')
    _answer(approval_id, body, as_json)


@approvals.command()
@AN_APPROVAL
@click.option("--words", required=True, help="Why not.")
@json_option
def reject(approval_id: int, words: str, as_json: bool) -> None:
    """Say no to what ID asks."""
    _answer(approval_id, {"decision": "reject", "words": words}, as_json)


def _answer(approval_id: int, body: dict[str, Any], as_json: bool) -> None:
    async def work(api: Api) -> None:
        shown = await api.post(f"{APPROVALS}/{approval_id}/answer", body)
        if as_json:
            print_json(shown)
            return
        say(f"Approval {approval_id} is {shown['state']}. What is next: mediastead pipeline show {shown['item_id']}.")

    call(work)


def tracks_of(title: dict[str, Any], *kinds: str) -> str | None:
    """Of a disc in words already; of a file that was made, as it was read: `en eac3 6 default`."""
    told: list[str] = [each for kind in kinds for each in title.get(kind) or ()]
    streams: dict[str, list[dict[str, Any]]] = title.get("streams") or {}
    for each in streams.get("tracks", []):
        if each["kind"] in kinds:
            marks = [mark for mark in ("default", "forced", "commentary") if each.get(mark)]
            words: list[Any] = [each.get("language") or "?", each.get("codec"), each.get("channels"), *marks]
            told.append(" ".join(str(word) for word in words if word))
    return ", ".join(told) or None


async def _say(shown: dict[str, Any]) -> None:
    prompt = shown["prompt"]
    print_facts(
        {
            "id": shown["id"],
            "asks": shown["kind"],
            "of": ", ".join(filter(None, (shown["item"], shown["disc"]))),
            "state": shown["state"],
            "answered by": shown["actor"],
            "words": shown["words"],
            "library": prompt.get("library"),
            "title": prompt.get("title"),
            "notes": prompt.get("notes"),
        }
    )
    columns: dict[str, Callable[[dict[str, Any]], Any]] = {
        "title": lambda row: row["number"],
        "role": lambda row: row.get("role"),
        "chosen": lambda row: row.get("selected"),
        "season": lambda row: row.get("season"),
        "episodes": lambda row: row.get("episodes"),
        "seconds": lambda row: row.get("duration", row.get("duration_seconds")),
        "sure": lambda row: f"{row['confidence']:.0%}" if row.get("confidence") is not None else None,
        "why": lambda row: row.get("why") if (row.get("confidence") or 1) < SURE else None,
        "name": lambda row: row.get("name"),
        "sound": lambda row: tracks_of(row, "audio"),
        "subtitles": lambda row: tracks_of(row, "subtitles", "subtitle"),
        "file": lambda row: row.get("file"),
    }
    await print_rows(prompt.get("titles") or [], False, columns, nothing="No titles.")
    if shown["state"] == "pending":
        say(
            f"Answer: mediastead approvals approve {shown['id']}, or: mediastead approvals reject {shown['id']} --words WHY."
        )

"""`mediastead organize`: put files where their titles say that they belong, after a look at what would be done."""

import asyncio
from typing import Any

import click

from .calling import Api, CommandFailed, call
from .moves_shown import say_group, say_refused, say_wrapped
from .output import json_option, print_json, print_rows, say, warn
from .values import library_called

ORGANIZINGS = "/v1/organizings"
LOOK_AGAIN = 0.2
ASK_WHY = 1.0
"""Seconds without any progress, after which it is asked whether it waits for a disk."""
STILL = 15.0
"""Seconds without any progress, after which that is said."""
SHOWN = 20
"""Groups that a plan prints at once; `show` prints all."""
COUNTED = {
    "unchanged": "Where they belong",
    "refused": "Staying, for the reasons given",
    "not_matched": "Not matched",
    "samples": "Samples",
    "missing": "Missing",
    "unsettled": "Not to be looked at now",
}
HOW = {"link": "be linked", "copy": "be copied"}
"""What files would do that come in so."""
NOT_DONE = ["taken_back", "refused", "waiting", "stuck", "given_up"]

AN_ID = click.argument("organizing_id", metavar="ID", type=click.IntRange(1))


@click.group()
def organize() -> None:
    """Put files where their titles say that they belong. Nothing moves before `apply`."""


@organize.command()
@click.argument("library", required=False)
@click.option(
    "--file", "file_ids", multiple=True, type=click.IntRange(1), metavar="ID", help="Only this file; repeatable."
)
@click.option(
    "--item", "item_ids", multiple=True, type=click.IntRange(1), metavar="ID", help="Only this title; repeatable."
)
@click.option("--replace", is_flag=True, help="With --file: what lies where the file belongs goes to the trash.")
@json_option
def plan(
    library: str | None, file_ids: tuple[int, ...], item_ids: tuple[int, ...], replace: bool, as_json: bool
) -> None:
    """Show what would move in LIBRARY, and keep it for `apply`. Touches nothing."""
    if library is None and not file_ids and not item_ids:
        raise click.UsageError("Say what is to be planned: a LIBRARY, or --file or --item")
    if file_ids and item_ids:
        raise click.UsageError("Name either files or titles: --file or --item")
    if replace and not file_ids:
        raise click.UsageError("Name the files that are to replace others: --file")

    async def work(api: Api) -> None:
        body: dict[str, Any] = {"library_id": (await library_called(api, library))["id"]} if library else {}
        body |= {"file_ids": file_ids} if file_ids else {}
        body |= {"item_ids": item_ids} if item_ids else {}
        body |= {"replace": True} if replace else {}
        planned = await planned_whole(api, await api.post(ORGANIZINGS, body))
        print_json(planned) if as_json else await say_plan(api, planned, SHOWN)

    call(work, background="work")


@organize.command()
@AN_ID
@click.option("--refused", is_flag=True, help="Only what does not move, with the reasons.")
@json_option
def show(organizing_id: int, refused: bool, as_json: bool) -> None:
    """Print the whole plan ID, or what became of it."""

    async def work(api: Api) -> None:
        found = await api.get(f"{ORGANIZINGS}/{organizing_id}")
        if as_json:
            async for group in _groups(api, organizing_id, NOT_DONE if refused else None):
                print_json(group)
        elif (found["state"] in ("planning", "planned") or _had_nothing_to_do(found)) and not refused:
            await say_plan(api, await planned_whole(api, found), None)
        else:
            await _say_groups(api, organizing_id, NOT_DONE if refused else None, None)
            _say_state(found)

    call(work)


@organize.command()
@AN_ID
@json_option
def apply(organizing_id: int, as_json: bool) -> None:
    """Do what the plan ID says. A group that cannot be done whole is taken back whole."""

    async def work(api: Api) -> None:
        await api.post(f"{ORGANIZINGS}/{organizing_id}/apply")
        await until_done(api, organizing_id, as_json)

    call(work, background="work")


@organize.command("list")
@click.option("--library", help="Only of this one.")
@json_option
def list_(library: str | None, as_json: bool) -> None:
    """List plans and what became of them, newest first."""

    async def work(api: Api) -> None:
        of = (await library_called(api, library))["id"] if library else None
        await print_rows(
            api.each(ORGANIZINGS, library=of),
            as_json,
            {
                "id": lambda row: row["id"],
                "library": lambda row: row["library"],
                "what": _what,
                "state": _state,
                "planned": lambda row: row["created_at"][:16].replace("T", " "),
                "by": lambda row: row["actor"],
                "moves": lambda row: row["counts"].get("moves"),
                "refused": lambda row: row["counts"].get("refused"),
            },
            nothing="No plans; `mediastead organize plan LIBRARY` makes one.",
        )

    call(work)


@organize.command()
@AN_ID
@json_option
def discard(organizing_id: int, as_json: bool) -> None:
    """Forget the plan ID."""

    async def work(api: Api) -> None:
        gone = await api.post(f"{ORGANIZINGS}/{organizing_id}/discard")
        print_json(gone) if as_json else say(f"Plan {organizing_id} is forgotten; nothing was touched.")

    call(work)


@organize.command()
@AN_ID
@click.option("--plan", "only_plan", is_flag=True, help="Only show what would be put back, and keep it for `apply`.")
@json_option
def undo(organizing_id: int, only_plan: bool, as_json: bool) -> None:
    """Put back what the organizing ID moved."""

    async def work(api: Api) -> None:
        planned = await api.post(f"{ORGANIZINGS}/{organizing_id}/undo")
        if only_plan:
            print_json(planned) if as_json else await say_plan(api, planned, SHOWN)
            return
        await api.post(f"{ORGANIZINGS}/{planned['id']}/apply")
        await until_done(api, planned["id"], as_json)

    call(work, background="work")


@organize.command()
@AN_ID
@json_option
def settle(organizing_id: int, as_json: bool) -> None:
    """Try once more what the organizing ID left stuck or waiting."""

    async def work(api: Api) -> None:
        current = await api.post(f"{ORGANIZINGS}/{organizing_id}/settle")
        before = current["groups"]
        while current["groups"] == before and {"doing", "taking_back"} & before.keys():
            await asyncio.sleep(LOOK_AGAIN)
            current = await api.get(f"{ORGANIZINGS}/{organizing_id}")
        print_json(current) if as_json else _say_state(current)

    call(work, background="work")


def _what(row: dict[str, Any]) -> str:
    if row["kind"] == "undo":
        return f"undo of {row['undo_of']}"
    return f"bring in ({row['bring_how']})" if row["bring_how"] else "rename"


def _state(row: dict[str, Any]) -> str:
    if row["undone_by"]:
        return f"undone by {row['undone_by']}"
    return "nothing to do" if _had_nothing_to_do(row) else row["state"]


def _had_nothing_to_do(row: dict[str, Any]) -> bool:
    return row["state"] == "ended" and not row["counts"].get("groups")


async def planned_whole(api: Api, current: dict[str, Any]) -> dict[str, Any]:
    """The plan once it is complete. Whoever stops waiting for one discards it."""
    try:
        while current["state"] == "planning":
            await asyncio.sleep(LOOK_AGAIN)
            current = await api.get(f"{ORGANIZINGS}/{current['id']}")
    except asyncio.CancelledError:
        await api.post(f"{ORGANIZINGS}/{current['id']}/discard")
        raise
    if current["state"] == "discarded":
        raise CommandFailed(f"plan {current['id']} was discarded while it was made: ask for a new one.")
    return current


async def until_done(api: Api, organizing_id: int, as_json: bool) -> None:
    """Wait for the end, and say how it ended. Whoever stops waiting stops nothing: what has begun must come to its end."""
    current = await api.get(f"{ORGANIZINGS}/{organizing_id}")
    still = 0.0
    try:
        while current["state"] == "applying" and not current["groups"].get("waiting"):
            await asyncio.sleep(LOOK_AGAIN)
            before, current = current, await api.get(f"{ORGANIZINGS}/{organizing_id}")
            still = still + LOOK_AGAIN if current["groups"] == before["groups"] else 0.0
            if still >= ASK_WHY and (why := await _why_not_yet(api, organizing_id)):
                raise CommandFailed(why)
            if STILL <= still < STILL + LOOK_AGAIN:
                warn(
                    f"Nothing has moved for {STILL:.0f} s: the library is being scanned, or other files of it are being moved. "
                    "It goes on by itself then; Ctrl-C ends the waiting."
                )
    except asyncio.CancelledError:
        warn(f"Not waited for; `mediastead organize show {organizing_id}` says how far it is.")
        raise
    if as_json:
        print_json(current)
    else:
        await _say_groups(
            api, organizing_id, NOT_DONE if current["kind"] == "undo" else NOT_DONE[:1] + NOT_DONE[2:], None
        )
        _say_state(current)
    failed = sum(current["groups"].get(state, 0) for state in NOT_DONE) - current["counts"].get("refused", 0)
    if failed > 0:
        raise CommandFailed(
            f"{failed} of {current['counts']['groups']} groups were not done: `mediastead organize show {organizing_id} "
            "--refused` says why."
        )


async def _why_not_yet(api: Api, organizing_id: int) -> str | None:
    """What the first group that is still to be begun waits for, where that was said."""
    first = await api.get(f"{ORGANIZINGS}/{organizing_id}/groups", states=["planned"], limit=1)
    return first["items"][0]["said"] if first["items"] else None


def _say_state(current: dict[str, Any]) -> None:
    groups = current["groups"]
    told = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(groups.items()))
    what = "Undo" if current["kind"] == "undo" else "Organizing"
    nothing = _had_nothing_to_do(current)
    say(
        f"{what} {current['id']} is {current['state']}: {'there was nothing to do' if nothing else told or 'nothing to do'}."
    )
    if current["undone_by"]:
        say(f"Organizing {current['undone_by']} took it back.")
    elif current["state"] == "ended" and groups.get("done") and current["kind"] != "undo":
        say(f"`mediastead organize undo {current['id']}` puts everything back.")


async def say_plan(api: Api, planned: dict[str, Any], limit: int | None) -> None:
    counts = planned["counts"]
    await _say_groups(api, planned["id"], ["planned"], limit)
    await _say_groups(api, planned["id"], ["refused"], limit)
    moves = counts.get("moves", 0)
    how = HOW.get(planned["bring_how"], "move") if planned["kind"] != "undo" else "move"
    told = f"{moves} files would {how}, in {counts['groups']} groups."
    if not moves:
        told = "Nothing would move, so that the plan has ended."
    if not any(counts.values()):
        told += " No media file is known there: `mediastead scan` looks for new ones, `files list` lists those that are known."
    if counts.get("replaced"):
        told += f" Of these, {counts['replaced']} go to the trash, because others take their places."
    for name, words in COUNTED.items():
        told += f" {words}: {counts[name]}." if counts.get(name) else ""
    say_wrapped(told)
    if moves:
        say_wrapped(
            f"Nothing was touched. `mediastead organize apply {planned['id']}` does it; the plan is kept for a day."
        )


async def _say_groups(api: Api, organizing_id: int, states: list[str] | None, limit: int | None) -> None:
    told = 0
    async for group in _groups(api, organizing_id, states):
        if limit is not None and told == limit:
            say(f"... and more: `mediastead organize show {organizing_id}` prints all.")
            return
        told += 1
        if group["state"] in NOT_DONE:
            say_refused(group)
            continue
        say_group(group)
        if group["said"]:
            say_wrapped(group["said"], "     ")


def _groups(api: Api, organizing_id: int, states: list[str] | None) -> Any:
    return api.each(f"{ORGANIZINGS}/{organizing_id}/groups", states=states)

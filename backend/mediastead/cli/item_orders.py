"""`mediastead items orders`, `set-order` and `unset-order`: in which order the files of a series count its episodes."""

from typing import Any

import click

from .calling import Api, call
from .output import json_option, print_json, print_rows, print_table, say
from .values import numbers

APPLY = click.option(
    "--apply-to-matched", is_flag=True, help="Also give matched files the episodes that their names mean by it."
)
PREVIEW = click.option("--preview", is_flag=True, help="Only show what the files would be.")
ITEM = click.argument("item_id", metavar="ID", type=click.IntRange(1))
OWN = "none"


@click.command()
@ITEM
@json_option
def orders(item_id: int, as_json: bool) -> None:
    """List the orders in which the provider counts a series (DVD, absolute, story arcs), and the one that is chosen."""

    async def work(api: Api) -> None:
        shown = await api.get(f"/v1/items/{item_id}/orders")
        if as_json:
            print_json(shown)
            return
        chosen = shown["chosen"]
        await print_rows(
            shown["offered"],
            as_json,
            {
                "order": lambda row: row["group_id"],
                "name": lambda row: row["name"],
                "type": lambda row: row["type"],
                "parts": lambda row: row["parts"],
                "episodes": lambda row: row["episodes"],
                "description": lambda row: row["description"],
            },
            nothing="The provider has no other orders of this series.",
        )
        if chosen:
            say(f"Chosen: {chosen['name']} ({chosen['group_id']}), by {chosen['chosen_by']}.")

    call(work)


@click.command("set-order")
@ITEM
@click.argument("order")
@APPLY
@PREVIEW
@json_option
def set_order(item_id: int, order: str, apply_to_matched: bool, preview: bool, as_json: bool) -> None:
    """Read the names of a series' files by an order of `items orders`. What is matched stays, unless it is asked for."""

    async def work(api: Api) -> None:
        if preview:
            await _preview(api, item_id, order, as_json)
            return
        body = {"group_id": order, "apply_to_matched": apply_to_matched}
        _say_answer(await api.put(f"/v1/items/{item_id}/order", body), as_json)

    call(work)


@click.command("unset-order")
@ITEM
@APPLY
@PREVIEW
@json_option
def unset_order(item_id: int, apply_to_matched: bool, preview: bool, as_json: bool) -> None:
    """Read the names of a series' files by the provider's own order again."""

    async def work(api: Api) -> None:
        if preview:
            await _preview(api, item_id, OWN, as_json)
            return
        done = await api.delete(f"/v1/items/{item_id}/order", apply_to_matched=apply_to_matched)
        _say_answer(done, as_json)

    call(work)


async def _preview(api: Api, item_id: int, order: str, as_json: bool) -> None:
    seen = await api.get(f"/v1/items/{item_id}/orders/{order}/preview", limit=500)
    if as_json:
        print_json(seen)
        return
    say(
        f"{seen['name'] or 'The provider' + chr(39) + 's own order'}: {seen['changing']} matched files would be other "
        f"episodes, {seen['kept']} stay as a person said; of those asked about {seen['asked']} would be matched, "
        f"{seen['left']} stay"
    )
    lines = [
        [
            file["path"],
            file["says"],
            numbers(file["before"]),
            numbers(file["after"]),
            file["change"],
            file["problem"] or "",
        ]
        for file in seen["files"]
    ]
    print_table(["path", "says", "before", "after", "change", "note"], lines)


def _say_answer(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    name = done["chosen"]["name"] if done["chosen"] else "the provider's own order"
    say(
        f"Names are read by {name}. {done['changed']} matched files got other episodes; {done['asked_again']} files in the "
        "queue are identified again."
    )
    if done["would_change"]:
        say(
            f"{done['would_change']} matched files would be other episodes by it, and stay; --apply-to-matched changes them."
        )

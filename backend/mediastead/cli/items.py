"""`mediastead items`: films and series."""

import csv
from collections.abc import Callable
from typing import Any, TextIO

import click

from .calling import Api, CommandFailed, call
from .item_orders import orders, set_order, unset_order
from .output import json_option, print_facts, print_json, print_rows, say, warn
from .values import ItemRemap, library_id_of, numbers, remap_of


@click.group()
def items() -> None:
    """Films and series: list, show, add, refresh, choose an order, say what became of them."""


items.add_command(orders)
items.add_command(set_order)
items.add_command(unset_order)


@items.command("list")
@click.option("--type", type=click.Choice(["movie", "series"]))
@click.option("--library", help="With files in this library.")
@click.option("--words", help="Words, or their beginnings, of a title.")
@click.option("--missing/--complete", default=None, help="Only those of which something is missing, or nothing.")
@click.option("--doubled", is_flag=True, help="Only those of which something is there more than once.")
@json_option
def list_(library: str | None, doubled: bool, as_json: bool, **which: Any) -> None:
    """List films and series."""

    async def work(api: Api) -> None:
        rows = api.each("/v1/items", library=await library_id_of(api, library), doubled=doubled or None, **which)
        await print_rows(
            rows,
            as_json,
            {
                "id": lambda row: row["id"],
                "type": lambda row: row["type"],
                "title": lambda row: row["title"],
                "year": lambda row: row["year"],
                "files": lambda row: row["files"],
                "missing": _missing,
                "doubled": lambda row: row["doubled"],
            },
            nothing="No such films or series.",
        )

    call(work)


@items.command()
@json_option
def gone(as_json: bool) -> None:
    """List those that the provider no longer has under their ids, with what they may be there now.

    Item and files are kept. `mediastead items remap` says what they are.
    """

    async def work(api: Api) -> None:
        await print_rows(
            api.each("/v1/items", gone=True),
            as_json,
            {
                "id": lambda row: row["id"],
                "type": lambda row: row["type"],
                "tmdb": lambda row: row["tmdb_id"],
                "title": lambda row: row["title"],
                "year": lambda row: row["year"],
                "files": lambda row: row["files"],
                "since": lambda row: row["gone"]["since"][:10],
                "why": lambda row: row["gone"]["reason"],
                "may be": lambda row: [_may_be(each) for each in row["gone"]["successors"] or ()],
            },
            nothing="The provider has every film and series under its id.",
        )

    call(work)


@items.command()
@click.argument("remaps", metavar="[ITEM=TYPE:TMDB-ID]...", nargs=-1, type=ItemRemap())
@click.option(
    "--from",
    "table",
    type=click.File("r", encoding="utf-8-sig"),
    help="A CSV file with the columns item, type and tmdb_id; - is standard input.",
)
@click.option("--queue-the-rest", is_flag=True, help="Put files whose episodes the title lacks into the queue.")
@click.option("--preview", is_flag=True, help="Tell what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before items become one, which cannot be taken back.")
@json_option
def remap(
    remaps: tuple[dict[str, Any], ...],
    table: TextIO | None,
    queue_the_rest: bool,
    preview: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Say what items are at the provider now, such as 12=movie:603.

    An item gets that id, or is merged into the item that has it; with its own id, what the provider has there now is what it is.
    """
    asked = [*remaps, *(_remaps_in(table) if table else ())]
    if not asked:
        raise click.UsageError("Name at least one item, such as 12=movie:603, or a file with --from")

    async def work(api: Api) -> list[dict[str, Any]]:
        body = {"remaps": asked, "queue_the_rest": queue_the_rest, "preview": preview}
        if not (preview or yes):
            seen = (await api.post("/v1/items/remap", body | {"preview": True}))["results"]
            if for_good := next((result["for_good"] for result in seen if result["for_good"]), None):
                merged = [str(result["item_id"]) for result in seen if result["for_good"]]
                click.confirm(f"{for_good} Make {', '.join(merged)} one with the others now?", abort=True, err=True)
        results: list[dict[str, Any]] = (await api.post("/v1/items/remap", body))["results"]
        columns: dict[str, Callable[[dict[str, Any]], object]] = {
            "item": lambda row: row["item_id"],
            "to": lambda row: f"{row['type']}:{row['tmdb_id']}",
            "title": lambda row: row["title"],
            "year": lambda row: row["year"],
            "would be" if preview else "was": lambda row: row["outcome"],
            "into": lambda row: row["into_item_id"],
            "files": lambda row: row["files"],
            "queued": lambda row: row["queued"],
        }
        await print_rows(results, as_json, columns)
        if preview and (for_good := next((result["for_good"] for result in results if result["for_good"]), None)):
            warn(for_good)
        return results

    refused = [result for result in call(work) if result["outcome"] == "refused"]
    for result in refused:
        warn(f"Item {result['item_id']}: {result['error']['detail']}")
        for file in result["lacking"]:
            warn(f"  file {file['file_id']}  {numbers(file['episodes'])}  {file['path']}")
    if refused:
        raise CommandFailed(f"{len(refused)} of {len(asked)} items were refused; the reasons stand above.")


@items.command()
@click.argument("item_id", metavar="ID", type=click.IntRange(1))
@json_option
def show(item_id: int, as_json: bool) -> None:
    """Show a film or series with its files and what is missing."""

    async def work(api: Api) -> None:
        item = await api.get(f"/v1/items/{item_id}")
        if as_json:
            print_json(item)
            return
        names = (
            "id",
            "type",
            "tmdb_id",
            "title",
            "original_title",
            "year",
            "runtime",
            "genres",
            "director",
            "overview",
        )
        print_facts({name.replace("_", " "): item[name] for name in names})
        if item["missing_episodes"]:
            print_facts({"missing": numbers(item["missing_episodes"])})
        if item["doubled_episodes"]:
            print_facts({"doubled": numbers(item["doubled_episodes"])})
        for version in item["versions"]:
            for part in version["parts"]:
                number = f"part {part['part']}" if part["part"] else ""
                gone = "missing" if part["presence"] == "missing" else ""
                words = (f"file {part['id']}", part["path"], version["edition"], number, gone)
                say("  ".join(word for word in words if word))
        for extra in item["extras"]:
            say(f"{extra['role']} {extra['id']}  {extra['path']}")

    call(work)


@items.command()
@click.argument("item_id", metavar="ID", type=click.IntRange(1))
@json_option
def refresh(item_id: int, as_json: bool) -> None:
    """Ask the provider for a film or series anew, which else happens from time to time."""

    async def work(api: Api) -> None:
        answer = await api.post(f"/v1/items/{item_id}/refresh")
        if as_json:
            print_json(answer)
        elif answer["error"]:
            raise CommandFailed(answer["error"] + _what_to_do(answer["item"]))
        else:
            say(f"Item {item_id}, {answer['item']['title']}: {'changed' if answer['changed'] else 'nothing new'}.")

    call(work)


@items.command()
@click.option("--type", type=click.Choice(["movie", "series"]), required=True)
@click.option("--tmdb-id", type=click.IntRange(1), help="Add the title that has this id at TMDB.")
@click.option("--title", help="Make a title by hand, where the provider has none.")
@click.option("--year", type=click.IntRange(1870, 2200))
@click.option("--overview")
@click.option("--runtime", type=click.IntRange(1), metavar="MINUTES")
@click.option(
    "--season", "seasons", multiple=True, metavar="NUMBER:EPISODES", help="Such as 1:10, of a series made by hand."
)
@json_option
def add(tmdb_id: int | None, title: str | None, seasons: tuple[str, ...], as_json: bool, **said: Any) -> None:
    """Add a title by its TMDB id, or make one by hand (home video, fan edit)."""
    if (tmdb_id is None) == (title is None):
        raise click.UsageError("Name the title: either --tmdb-id, or --title for one that the provider does not have")
    body = {"tmdb_id": tmdb_id, "title": title} | said
    counted = dict(_season(season) for season in seasons)
    if counted and (tmdb_id is not None or said["type"] != "series"):
        raise click.UsageError("--season goes with a series made by hand")

    async def work(api: Api) -> None:
        item = await api.post("/v1/items", {key: value for key, value in body.items() if value is not None})
        for number, count in counted.items():
            episodes = [{"number": episode} for episode in range(1, count + 1)]
            await api.put(f"/v1/items/{item['id']}/seasons/{number}", {"episodes": episodes})
        print_json(item) if as_json else say(f"Item {item['id']}: {item['title']}")

    call(work)


def _what_to_do(item: dict[str, Any]) -> str:
    if not item["gone"]:
        return " It is tried again by itself."
    return (
        " Item and files are kept: `mediastead items gone` lists what it may be now, `mediastead items remap` says it."
    )


def _may_be(successor: dict[str, Any]) -> str:
    year = f" ({successor['year']})" if successor["year"] else ""
    return f"{successor['type']}:{successor['tmdb_id']} {successor['title']}{year} by {successor['found_by']}"


def _remaps_in(table: TextIO) -> list[dict[str, Any]]:
    """The rows of a CSV file."""
    rows: list[dict[str, Any]] = []
    for row in csv.DictReader(table):
        said = f"{row.get('item')}={row.get('type')}:{row.get('tmdb_id')}"
        rows.append(remap_of(said))
    return rows


def _season(text: str) -> tuple[int, int]:
    number, _, count = text.partition(":")
    if not (number.isdecimal() and count.isdecimal() and int(count) <= 2000):
        raise click.UsageError(f"{text!r} is no season: write 1:10 for a first season of ten episodes")
    return int(number), int(count)


def _missing(row: dict[str, Any]) -> object:
    return row["episodes"]["missing"] if row["episodes"] else row["missing"]

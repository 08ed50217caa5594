"""`mediastead items`: films and series."""

from typing import Any

import click

from .calling import Api, call
from .item_orders import orders, set_order, unset_order
from .output import json_option, print_facts, print_json, print_rows, say
from .values import library_id_of, numbers


@click.group()
def items() -> None:
    """Films and series: list, show, add, choose an order."""


items.add_command(orders)
items.add_command(set_order)
items.add_command(unset_order)


@items.command("list")
@click.option("--type", type=click.Choice(["movie", "series"]))
@click.option("--library", help="With files in this library.")
@click.option("--words", help="Words, or their beginnings, of a title.")
@click.option("--missing/--complete", default=None, help="Only those of which something is missing, or nothing.")
@json_option
def list_(type: str | None, library: str | None, words: str | None, missing: bool | None, as_json: bool) -> None:
    """List films and series."""

    async def work(api: Api) -> None:
        rows = api.each("/v1/items", type=type, library=await library_id_of(api, library), words=words, missing=missing)
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
            },
            nothing="No films or series yet.",
        )

    call(work)


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
        for version in item["versions"]:
            for part in version["parts"]:
                say(f"file {part['id']}  {part['path']}  {version['edition'] or ''}".rstrip())
        for extra in item["extras"]:
            say(f"{extra['role']} {extra['id']}  {extra['path']}")

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


def _season(text: str) -> tuple[int, int]:
    number, _, count = text.partition(":")
    if not (number.isdecimal() and count.isdecimal() and int(count) <= 2000):
        raise click.UsageError(f"{text!r} is no season: write 1:10 for a first season of ten episodes")
    return int(number), int(count)


def _missing(row: dict[str, Any]) -> object:
    return row["episodes"]["missing"] if row["episodes"] else row["missing"]

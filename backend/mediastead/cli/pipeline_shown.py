"""How `mediastead pipeline` shows an item."""

from collections.abc import Callable
from typing import Any

from .output import print_facts, print_rows, say


def called(row: dict[str, Any]) -> str:
    """`Firefly, season 1`, `Blade Runner (1982), Final Cut`."""
    year = f" ({row['year']})" if row["year"] is not None and row["season"] is None else ""
    season = f", season {row['season']}" if row["season"] is not None else ""
    edition = f", {row['edition']}" if row.get("edition") else ""
    return f"{row['name']}{year}{season}{edition}"


def say_item(shown: dict[str, Any]) -> None:
    item = shown["item"]
    say(f"Item {item['id']}: {called(item)}, {item['state']}. {shown['next']}")
    for note in shown["notes"]:
        say(note)


async def say_whole(shown: dict[str, Any]) -> None:
    item = shown["item"]
    print_facts(
        {
            "id": item["id"],
            "what": called(item),
            "state": "given up" if item["given_up"] else item["state"],
            "done": f"{item['progress']:.0%}",
            "automatic": item["automatic"],
            "library": item["library"],
            "skips": item["skips"],
            "asks before": item["approvals"],
            "made in": item["folder"],
            "next": shown["next"],
        }
    )
    for note in shown["notes"]:
        say(note)
    for disc in shown["discs"]:
        say(
            f"\nDisc {disc['number'] or '?'} (id {disc['id']}), {disc['kind']}, {disc['state']} {disc['label'] or ''}".rstrip()
        )
        columns: dict[str, Callable[[dict[str, Any]], Any]] = {
            "title": lambda row: row["number"],
            "role": lambda row: row["role"],
            "chosen": lambda row: row["selected"],
            "episodes": lambda row: row["episodes"],
            "minutes": lambda row: round(row["duration_seconds"] / 60) if row["duration_seconds"] else None,
            "name": lambda row: row["name"],
            "behind it": lambda row: row["done"],
            "done": lambda row: f"{row['progress']:.0%}",
        }
        await print_rows(disc["titles"], False, columns, nothing="No titles are known.")
    if shown["jobs"]:
        say("")
        await print_rows(
            shown["jobs"],
            False,
            {
                "job": lambda row: row["id"],
                "stage": lambda row: row["stage"],
                "state": lambda row: row["state"],
                "done": lambda row: f"{row['progress']:.0%}" if row["progress"] is not None else None,
                "why": lambda row: row["why"],
            },
        )
    say("")
    await print_rows(
        shown["transitions"],
        False,
        {
            "at": lambda row: row["at"][:19],
            "from": lambda row: row["from_state"],
            "to": lambda row: row["to_state"],
            "by": lambda row: f"{row['actor']} ({row['trigger']})",
            "notes": lambda row: row["notes"],
        },
    )

"""`mediastead discs`: what lies in drives and folders, and what its titles are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .calling import Api, call
from .output import json_option, print_json, print_rows, say
from .values import EpisodeNumbers

DISCS = "/v1/discs"
LIKELY = 0.1
"""Candidates that are less probable were only found because something was looked for (`pipeline.discs.guessing`)."""
SURE = 0.9
"""Of titles that are less sure it is told why they are taken for what they are."""
ROLES = ("feature", "episode", "extra", "play_all", "duplicate", "short")


@click.group()
def discs() -> None:
    """Discs in drives, images and folders (settings `disc_drives`, `disc_folders`), and the titles on them."""


@discs.command("list")
@click.option("--item", type=click.IntRange(1), help="Only of this pipeline item.")
@click.option("--state", type=click.Choice(["pending", "reading", "ripping", "ripped", "failed", "rejected"]))
@click.option("--inserted", is_flag=True, help="Only what lies there now.")
@json_option
def list_(item: int | None, state: str | None, inserted: bool, as_json: bool) -> None:
    """List discs that were seen or declared, newest first."""

    async def work(api: Api) -> None:
        rows = api.each(DISCS, item=item, state=state, inserted="true" if inserted else None)
        columns: dict[str, Callable[[dict[str, Any]], Any]] = {
            "id": lambda row: row["id"],
            "label": lambda row: row["label"],
            "is": lambda row: (_called(row) or "") + ("" if _is_sure(row) or not _called(row) else "?"),
            "disc": lambda row: row["number"],
            "kind": lambda row: row["kind"],
            "state": lambda row: row["state"],
            "there": lambda row: row["source"] if row["inserted"] else None,
            "titles": lambda row: row["titles"],
            "why": lambda row: row["error"],
        }
        await print_rows(rows, as_json, columns, nothing="No disc was seen yet.")

    call(work)


@discs.command()
@click.argument("disc_id", metavar="ID", type=click.IntRange(1))
@json_option
def show(disc_id: int, as_json: bool) -> None:
    """Show a disc, its titles, and what they are taken for."""

    async def work(api: Api) -> None:
        await _print(await api.get(f"{DISCS}/{disc_id}"), as_json)

    call(work)


@discs.command()
@click.argument("path", metavar="PATH")
@json_option
def add(path: str, as_json: bool) -> None:
    """Read PATH now: an image, a VIDEO_TS or BDMV folder, or a drive of the server."""
    here = str(Path(path).absolute())

    async def work(api: Api) -> None:
        # A server has its own folders: there the path is taken as it stands.
        await _print(await api.post(f"{DISCS}/read", {"path": path if api.remote else here}), as_json)

    call(work)


@discs.command("set-title")
@click.argument("disc_id", metavar="ID", type=click.IntRange(1))
@click.argument("title", metavar="TITLE", type=click.IntRange(0))
@click.option("--role", type=click.Choice(ROLES))
@click.option("--episode", "episodes", type=EpisodeNumbers(), help="S01E02, or S01E02-E03 for several.")
@click.option("--name", help="What its file is to be called, without suffix.")
@click.option("--select/--leave", "selected", default=None, help="Whether it is to be ripped.")
@json_option
def set_title(
    disc_id: int,
    title: int,
    role: str | None,
    episodes: list[dict[str, int]] | None,
    name: str | None,
    selected: bool | None,
    as_json: bool,
) -> None:
    """Say what TITLE is, and whether it is to be ripped. The other titles of the season follow."""
    change: dict[str, Any] = {"number": title, "role": role, "name": name, "selected": selected}
    if episodes:
        change |= {"season": episodes[0]["season"], "episodes": [each["number"] for each in episodes]}
    said = {key: value for key, value in change.items() if value is not None}
    if len(said) == 1:
        raise click.UsageError("say something of the title: --role, --episode, --name, --select or --leave")

    async def work(api: Api) -> None:
        await _print(await api.patch(f"{DISCS}/{disc_id}/titles", {"titles": [said]}), as_json)

    call(work)


@discs.command("set")
@click.argument("disc_id", metavar="ID", type=click.IntRange(1))
@click.option("--number", required=True, type=click.IntRange(1), help="Which disc of its item it is.")
@json_option
def set_(disc_id: int, number: int, as_json: bool) -> None:
    """Say which disc of its season or film ID is; its titles follow."""

    async def work(api: Api) -> None:
        await _print(await api.patch(f"{DISCS}/{disc_id}", {"number": number}), as_json)

    call(work)


@discs.command()
@click.option("--item", "item_id", required=True, type=click.IntRange(1), help="The pipeline item that it belongs to.")
@click.option("--number", required=True, type=click.IntRange(1))
@click.option("--kind", type=click.Choice(["dvd", "bluray"]), default="dvd", show_default=True)
@click.option("--state", type=click.Choice(["pending", "ripped", "failed"]), default="pending", show_default=True)
@click.option("--label", help="The name of its volume.")
@json_option
def declare(item_id: int, number: int, kind: str, state: str, label: str | None, as_json: bool) -> None:
    """Say that an item has a disc that was not seen here."""
    body: dict[str, Any] = {"item_id": item_id, "number": number, "kind": kind, "state": state}
    body |= {"label": label} if label else {}

    async def work(api: Api) -> None:
        await _print(await api.post(DISCS, body), as_json)

    call(work)


@discs.command()
@click.argument("disc_id", metavar="ID", type=click.IntRange(1))
@click.option("--words", default="", help="Why.")
@json_option
def reject(disc_id: int, words: str, as_json: bool) -> None:
    """Do not want ID: nothing of it is ripped, and it takes no episodes."""
    _ask(disc_id, "reject", {"words": words}, as_json)


@discs.command()
@click.argument("disc_id", metavar="ID", type=click.IntRange(1))
@json_option
def again(disc_id: int, as_json: bool) -> None:
    """Have ID read or ripped once more, after it failed, was ripped or was rejected."""
    _ask(disc_id, "again", None, as_json)


@discs.command()
@click.argument("disc_id", metavar="ID", type=click.IntRange(1))
@json_option
def eject(disc_id: int, as_json: bool) -> None:
    """Open the drive in which ID lies, on whichever host that is. It opens at once or not at all."""
    _ask(disc_id, "eject", None, as_json)


def _ask(disc_id: int, what: str, body: object, as_json: bool) -> None:
    async def work(api: Api) -> None:
        await _print(await api.post(f"{DISCS}/{disc_id}/{what}", body), as_json)

    call(work)


async def _print(shown: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(shown)
        return
    disc = shown["disc"]
    number = f", disc {disc['number']}" if disc["number"] is not None else ""
    say(f"Disc {disc['id']}: {disc['label'] or 'without a label'} ({disc['kind']}, {disc['state']}){number}")
    if called := _called(disc):
        say(f"It is taken for {called}." if _is_sure(disc) else f"It may be {called}.")
    if disc["guess"] and disc["guess"].get("words"):
        say(disc["guess"]["words"])
    columns: dict[str, Callable[[dict[str, Any]], Any]] = {
        "title": lambda row: row["number"],
        "length": lambda row: _length(row["duration"]),
        "chapters": lambda row: row["chapters"],
        "is": lambda row: row["role"],
        "episodes": lambda row: " ".join(f"E{each:02}" for each in row["episodes"]),
        "sure": lambda row: f"{row['confidence']:.0%}" if row["confidence"] is not None else None,
        "why": lambda row: row["why"] if row["confidence"] is not None and row["confidence"] < SURE else None,
        "rip": lambda row: "yes" if row["selected"] else None,
        "name": lambda row: row["name"],
    }
    await print_rows(shown["titles"], False, columns, nothing="It has no titles.")
    for note in shown["notes"]:
        say(note)
    for may_be in _choices(disc):
        say(may_be)


def _is_sure(disc: dict[str, Any]) -> bool:
    guess: dict[str, Any] = disc["guess"] or {}
    return bool(guess.get("subject") or guess.get("sure"))


def _choices(disc: dict[str, Any]) -> list[str]:
    """What to say so that an item is made of it as what it may be."""
    guess: dict[str, Any] = disc["guess"] or {}
    if disc["item_id"] is not None or guess.get("subject"):
        return []
    season = f" --season {guess['season']}" if guess.get("season") is not None else ""
    said: list[str] = []
    for each in guess.get("candidates", [])[:3]:
        if each["probability"] >= LIKELY:
            year = f" ({each['year']})" if each.get("year") else ""
            add = f"mediastead pipeline add --type {each['type']} --tmdb-id {each['tmdb_id']}"
            add += f"{season if each['type'] == 'series' else ''} --disc {disc['id']}"
            said.append(f"{each['title']}{year}, {each['probability']:.0%}: {add}")
    return said


def _called(row: dict[str, Any]) -> str | None:
    guess: dict[str, Any] = row["guess"] or {}
    what: dict[str, Any] = guess.get("subject") or guess
    if not what.get("title"):
        return None
    year = f" ({what['year']})" if what.get("year") else ""
    season = f", season {what['season']}" if what.get("season") is not None else ""
    return f"{what['title']}{year}{season}"


def _length(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"

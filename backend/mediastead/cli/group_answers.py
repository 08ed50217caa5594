"""`mediastead unmatched match-group` and `accept-group`: one answer for all files of a group."""

import csv
import re
from pathlib import Path
from typing import Any

import click

from .calling import Api, CommandFailed, call
from .output import json_option, print_json, print_table, say
from .values import EpisodeNumbers, numbers, title_of, title_options

QUESTIONS = "/v1/unmatched-files"
AT_ONCE = 500
"""Answers in one request and so in one transaction; the API takes no more."""


@click.command("match-group")
@click.argument("group")
@title_options
@click.option("--season", type=click.IntRange(0), help="Of the numbers in the names; left out: those without a season.")
@click.option("--to-season", type=click.IntRange(0), help="The provider's season that those numbers are of.")
@click.option("--offset", type=int, help="What is added to those numbers; with --to-season.")
@click.option(
    "--table",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file with a line for each number: what the name says, what it is (S02E01,S01E14).",
)
@click.option("--order", help="The files count by this order of the series; `items orders` lists them.")
@click.option("--only", type=click.IntRange(1), multiple=True, metavar="ID", help="Of these questions alone.")
@click.option("--except", "leave_out", type=click.IntRange(1), multiple=True, metavar="ID", help="But not of these.")
@click.option("--once", is_flag=True, help="Not for later files.")
@click.option("--preview", is_flag=True, help="Only show what each file would be.")
@json_option
def match_group(
    group: str,
    item_id: int | None,
    tmdb_id: int | None,
    type_: str | None,
    season: int | None,
    to_season: int | None,
    offset: int | None,
    table: Path | None,
    order: str | None,
    only: tuple[int, ...],
    leave_out: tuple[int, ...],
    once: bool,
    preview: bool,
    as_json: bool,
) -> None:
    """Say what the files of a group are: all of one title, each with the episodes that its name says.

    Where the names count otherwise than the provider, tell how: with an offset, a table, or one of the provider's orders.
    """
    answer: dict[str, Any] = title_of(item_id=item_id, tmdb_id=tmdb_id, type_=type_)
    if to_season is None and (season is not None or offset is not None):
        raise click.UsageError("Say with --to-season which season of the provider's the numbers are of")
    shifts = [] if to_season is None else [{"season": season, "to_season": to_season, "add": offset or 0}]
    rows = rows_of(table) if table else []
    if shifts or rows:
        answer["numbering"] = {"shifts": shifts, "rows": rows}
    if order:
        answer["order"] = order
    if only:
        answer["only"] = list(only)
    answer |= {"except": list(leave_out), "remember": not once}

    async def work(api: Api) -> None:
        seen = await api.post(f"{QUESTIONS}/groups/{group}/preview", {**answer})
        if preview:
            print_json(seen) if as_json else _say_preview(seen)
            return
        done = await api.post(f"{QUESTIONS}/groups/{group}/match", {**answer, "seen": seen["seen"]})
        _say_results(done["results"], as_json)
        if not as_json and done["asked_again"]:
            say(f"{done['asked_again']} files elsewhere are identified by it as well.")

    call(work)


@click.command("accept-group")
@click.argument("group")
@json_option
def accept_group(group: str, as_json: bool) -> None:
    """Match each file of a group to what is proposed for it; `unmatched groups` shows that."""

    async def work(api: Api) -> None:
        rows = [row async for row in api.each(QUESTIONS, group=group)]
        if not rows:
            raise CommandFailed(f"there is no group {group} with open questions; list `mediastead unmatched groups`.")
        answers = [_accepted(row) for row in rows if row["ready"]]
        if not answers:
            raise CommandFailed("nothing whole is proposed for the files of this group: use `unmatched match-group`.")
        results: list[dict[str, Any]] = []
        for start in range(0, len(answers), AT_ONCE):
            lot = {"answers": answers[start : start + AT_ONCE]}
            results += (await api.post(f"{QUESTIONS}/match", lot))["results"]
        _say_results(results, as_json)
        if not as_json and len(rows) > len(answers):
            say(f"{len(rows) - len(answers)} files of the group have no whole proposal and stay in the queue.")

    call(work)


def _accepted(row: dict[str, Any]) -> dict[str, Any]:
    proposed = row["proposed"]
    return {"id": row["id"], **{key: proposed[key] for key in ("type", "tmdb_id", "role", "episodes")}}


def rows_of(table: Path) -> list[dict[str, Any]]:
    """`S02E01,S01E14` a line; a heading and empty lines are passed over. Raises `click.UsageError`."""
    episode = EpisodeNumbers()
    rows: list[dict[str, Any]] = []
    with table.open(newline="", encoding="utf-8-sig") as lines:
        for place, line in enumerate(csv.reader(lines), 1):
            cells = [cell.strip() for cell in line]
            if not any(cells) or (place == 1 and not any(re.search(r"\d", cell) for cell in cells)):
                continue
            if not any(cells[1:]):
                raise click.UsageError(
                    f"{table}, line {place}: write what the name says and what it is, as S02E01,S01E14"
                )
            try:
                to = [one for cell in cells[1:] if cell for one in episode.convert(cell, None, None)]
                rows.append(_said(cells[0]) | {"to": to})
            except click.BadParameter as error:
                raise click.UsageError(f"{table}, line {place}: {error.message}") from None
    return rows


def _said(cell: str) -> dict[str, Any]:
    if cell.isdecimal() and len(cell) < 8:
        return {"season": None, "number": int(cell)}
    (one,) = EpisodeNumbers().convert(cell, None, None)[:1]
    return one


def _say_preview(seen: dict[str, Any]) -> None:
    year = f" ({seen['title']['year']})" if seen["title"]["year"] else ""
    by = f', counted by "{seen["order"]}"' if seen["order"] else ""
    say(f"{seen['title']['title']}{year}{by}: settles {seen['settles']} files, {seen['left']} stay in the queue")
    lines = [
        [
            str(file["id"]),
            file["path"],
            file["says"],
            numbers(file["episodes"]) or ("" if file["problem"] else file["role"]),
            ", ".join(each["title"] for each in file["episodes"] if each["title"]),
            file["problem"] or ("another episode may be meant" if file["unsure"] else ""),
        ]
        for file in seen["files"]
    ]
    print_table(["id", "path", "says", "is", "title", "note"], lines)


def _say_results(results: list[dict[str, Any]], as_json: bool) -> None:
    failed = [result for result in results if result["status"] == "failed"]
    for result in results:
        if as_json:
            print_json(result)
    if not as_json:
        say(f"{len(results) - len(failed)} files were matched.")
    if failed:
        reasons = "; ".join(f"{result['id']}: {result['error']['detail']}" for result in failed[:5])
        more = f"; and {len(failed) - 5} more" if len(failed) > 5 else ""
        raise CommandFailed(f"{len(failed)} of {len(results)} could not be answered: {reasons}{more}")

"""`mediastead matching`: what the matcher as it is now would make of past decisions, and accepting that."""

import asyncio
from typing import Any

import click

from .calling import Api, CommandFailed, Refused, call, pauses
from .output import json_option, print_json, print_rows, say, warn
from .values import library_called, library_id_of, numbers

REPLAYS = "/v1/replays"
EXAMPLES = 3
"""Of each kind, in the summary."""
OPEN = ("queued", "running")
POLITE = 15.0
"""Seconds that a cancelled replay gets to end its batch."""

KINDS = {
    "would_match": "would be matched",
    "other_title": "would be matched to another title",
    "other_episodes": "would be matched to other episodes",
    "other_details": "would get another role, part or edition",
    "would_queue": "would become questions",
    "would_ignore": "would be ignored",
    "other_question": "would be asked about otherwise",
    "unanswerable": "cannot be decided without asking the provider anew",
}
"""Each kind of change in words, in the order of the summary."""
NOT_COMPARED = {
    "settled_since": "were answered by a person or changed since, and are left as they are",
    "without_inputs": "were decided by a version that did not keep what it went by; "
    "`mediastead unmatched refresh ID` has a question decided anew",
    "failed": "could not be decided again because of an error, which the log tells",
}


@click.group()
def matching() -> None:
    """Past decisions made again with the matcher as it is now, without network. Nothing changes until you accept it."""


@matching.command()
@click.option("--library", help="Only of this library.")
@click.option(
    "--threshold", type=click.FloatRange(0.5, 1), help="Match from this probability on, instead of the setting."
)
@json_option
def replay(library: str | None, threshold: float | None, as_json: bool) -> None:
    """Show what the matcher as it is now would decide otherwise. Applies nothing."""

    async def work(api: Api) -> None:
        asked = {"library_id": await library_id_of(api, library), "threshold": threshold}
        begun = await api.post(REPLAYS, {key: value for key, value in asked.items() if value is not None})
        ended = await _follow(api, begun, as_json)
        if as_json:
            print_json(ended)
        else:
            await _say_summary(api, ended)
        if ended["state"] != "completed":
            raise CommandFailed(
                f"replay {ended['id']} is {ended['state']}: `mediastead matching resume {ended['id']}` goes on where it stopped."
            )

    call(work, background="work")


@matching.command()
@click.argument("replay_id", metavar="REPLAY", type=click.IntRange(1))
@json_option
def resume(replay_id: int, as_json: bool) -> None:
    """Go on with a replay that was stopped or interrupted."""

    async def work(api: Api) -> None:
        ended = await _follow(api, await api.post(f"{REPLAYS}/{replay_id}/resume"), as_json)
        print_json(ended) if as_json else await _say_summary(api, ended)

    call(work, background="work")


@matching.command()
@click.option("--library", help="Only those that were of this library alone.")
@json_option
def replays(library: str | None, as_json: bool) -> None:
    """List replays, newest first."""

    async def work(api: Api) -> None:
        of = (await library_called(api, library))["id"] if library else None
        await print_rows(
            api.each(REPLAYS, library=of),
            as_json,
            {
                "id": lambda row: row["id"],
                "library": lambda row: row["library"] or "all",
                "state": lambda row: row["state"],
                "started": lambda row: row["started_at"][:16].replace("T", " "),
                "by": lambda row: row["asked_by"],
                "files": lambda row: f"{row['counts'].get('looked_at', 0)} of {row['counts'].get('total', '?')}",
                "changes": lambda row: _changes(row["counts"]),
            },
            nothing="No replays; `mediastead matching replay` makes one.",
        )

    call(work)


@matching.command()
@click.argument("replay_id", metavar="REPLAY", type=click.IntRange(1))
@click.option("--kind", type=click.Choice(list(KINDS)), help="Only changes of this kind.")
@json_option
def changes(replay_id: int, kind: str | None, as_json: bool) -> None:
    """List what a replay would change."""

    async def work(api: Api) -> None:
        await print_rows(
            api.each(f"{REPLAYS}/{replay_id}/changes", kind=kind),
            as_json,
            {
                "id": lambda row: row["id"],
                "kind": lambda row: row["kind"],
                "library": lambda row: row["library"],
                "path": lambda row: row["path"],
                "before": lambda row: _in_words(row["before"], _look_alike(row)),
                "after": lambda row: _after(row, _look_alike(row)),
                "accepted": lambda row: row["accepted_by"],
            },
            nothing="No changes.",
        )

    call(work)


@matching.command()
@click.argument("replay_id", metavar="REPLAY", type=click.IntRange(1))
@click.option("--kind", type=click.Choice([kind for kind in KINDS if kind != "unanswerable"]), help="All of this kind.")
@click.option(
    "--change", "ids", multiple=True, type=click.IntRange(1), metavar="ID", help="May be given several times."
)
@click.option("--all", "everything", is_flag=True, help="All changes.")
@json_option
def accept(replay_id: int, kind: str | None, ids: tuple[int, ...], everything: bool, as_json: bool) -> None:
    """Apply changes of a replay, where the file still is what the replay saw."""
    if (kind is not None) + bool(ids) + everything != 1:
        raise click.UsageError("Say what you accept: either --kind, or --change, or --all")

    async def work(api: Api) -> None:
        accepted, refused = 0, list[dict[str, Any]]()
        for asked in _lots(ids) if ids else [{"kind": kind} if kind else {"all": True}]:
            after: int | None = 0
            while after is not None:
                body = asked if ids else {**asked, "after": after}
                result = await api.post(f"{REPLAYS}/{replay_id}/accept", body)
                accepted, after = accepted + result["accepted"], result["next"]
                refused += result["not_accepted"]
                if as_json:
                    print_json(result)
        if not as_json:
            say(f"{accepted} changes were applied.")
        if refused:
            reasons = "; ".join(f"change {each['change_id']}: {each['error']['detail']}" for each in refused[:5])
            more = f"; and {len(refused) - 5} more" if len(refused) > 5 else ""
            raise CommandFailed(f"{len(refused)} changes could not be applied: {reasons}{more}")

    call(work)


def _lots(ids: tuple[int, ...]) -> list[dict[str, Any]]:
    return [{"changes": list(ids[start : start + 500])} for start in range(0, len(ids), 500)]


async def _follow(api: Api, begun: dict[str, Any], quiet: bool) -> dict[str, Any]:
    """The replay once it has ended. Whoever stops waiting stops one that he began."""
    from .progress import progress

    current = begun
    waits = pauses()
    try:
        with progress(quiet=quiet) as shown:
            while current["state"] in OPEN:
                counts = current["counts"]
                shown.identifying(max(0, counts.get("total", 0) - counts.get("looked_at", 0)), "deciding anew")
                await asyncio.sleep(next(waits))
                current = await api.get(f"{REPLAYS}/{current['id']}")
    except asyncio.CancelledError:
        await _stop(api, current["id"])
        raise
    return current


async def _stop(api: Api, replay_id: int) -> None:
    try:
        current = await api.post(f"{REPLAYS}/{replay_id}/cancel")
        waits = pauses()
        async with asyncio.timeout(POLITE):
            while current["state"] in OPEN:
                await asyncio.sleep(next(waits))
                current = await api.get(f"{REPLAYS}/{replay_id}")
        warn(f"Stopped; `mediastead matching resume {replay_id}` goes on where it was.")
    except (Refused, TimeoutError) as error:
        warn(
            f"the replay could not be stopped politely ({error or 'it takes too long'}); it will count as interrupted."
        )


async def _say_summary(api: Api, ended: dict[str, Any]) -> None:
    counts, replay_id = ended["counts"], ended["id"]
    say(
        f"Replay {replay_id}: {counts.get('looked_at', 0)} decisions made again, "
        f"{counts.get('same', 0)} come to the same."
    )
    for kind, words in KINDS.items():
        if not counts.get(kind):
            continue
        say(f"\n{counts[kind]} {words} ({kind})")
        page = await api.get(f"{REPLAYS}/{replay_id}/changes", kind=kind, limit=EXAMPLES)
        for change in page["items"]:
            say(f"  {change['path']}\n    {_before_and_after(change)}")
    for name, words in NOT_COMPARED.items():
        if counts.get(name):
            say(f"\n{counts[name]} {words}.")
    if _changes(counts):
        say(
            f"\nNothing was changed. `mediastead matching changes {replay_id}` lists all, "
            f"`mediastead matching accept {replay_id} --kind KIND` applies those of a kind."
        )


def _changes(counts: dict[str, int]) -> int:
    return sum(counts.get(kind, 0) for kind in KINDS if kind != "unanswerable")


def _before_and_after(change: dict[str, Any]) -> str:
    ids = _look_alike(change)
    return f"{_in_words(change['before'], ids)}  ->  {_after(change, ids)}"


def _look_alike(change: dict[str, Any]) -> bool:
    """Whether both are called the same and are different titles, so that only the ids tell them apart."""
    before: dict[str, Any] = change["before"]
    after: dict[str, Any] = change["after"] or {}
    same = all(before.get(key) == after.get(key) for key in ("title", "year"))
    return same and any(before.get(key) != after.get(key) for key in ("type", "tmdb_id"))


def _after(change: dict[str, Any], ids: bool) -> str:
    return _in_words(change["after"], ids) if change["after"] else f"not known: {change['missing']}"


def _in_words(taken: dict[str, Any], ids: bool) -> str:
    """What a file is taken for, on one line; `ids`: with that of the title."""
    state = taken["identification"]
    if state == "ignored":
        return f"ignored: {taken.get('rule')}"
    if state == "unmatched":
        suggestions: list[str] = taken.get("suggestions") or []
        suggested = ", ".join(suggestions[:2])
        return f"{taken.get('reason')}" + (f": {suggested}" if suggested else "")
    year = f" ({taken['year']})" if taken.get("year") else ""
    details = [f"[{taken.get('type')} {taken.get('tmdb_id')}]" if ids else None]
    details += [numbers(taken.get("episodes") or []), taken.get("edition")]
    details.append(f"part {taken['part']}" if taken.get("part") else None)
    details.append(taken["role"] if taken.get("role") in ("extra", "sample") else None)
    sure = f", {taken['probability']:.3f}" if taken.get("probability") is not None else ""
    return " ".join([f"{taken.get('title')}{year}", *filter(None, details)]) + sure

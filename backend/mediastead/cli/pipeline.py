"""`mediastead pipeline`: films and seasons that are being made, from disc to library."""

from collections.abc import Callable
from typing import Any

import click

from .calling import Api, CommandFailed, call
from .output import json_option, print_json, print_rows, say
from .pipeline_shown import called, say_item, say_whole
from .values import library_called

ITEMS = "/v1/pipeline-items"
STAGES = ["rip", "remux", "transcode", "organize"]
KINDS = ["disc_preview", "remux_review", "organize_confirm"]

AN_ITEM = click.argument("item_id", metavar="ITEM", type=click.IntRange(1))
APPROVALS = click.option(
    "--approval",
    "approvals",
    multiple=True,
    type=click.Choice(KINDS),
    help="Ask before going on; repeatable. Where none is given, those of the setting `approvals`.",
)
OTHER_APPROVALS = click.option(
    "--approval",
    "approvals",
    multiple=True,
    type=click.Choice(KINDS),
    help="Ask before going on, in place of what is asked now; repeatable.",
)


@click.group()
def pipeline() -> None:
    """Make films and seasons of discs, or of files that are to be transcoded anew."""


@pipeline.command("list")
@click.option("--all", "all_", is_flag=True, help="Also what is in its library, or was given up.")
@click.option("--library", help="Only for this one.")
@json_option
def list_(all_: bool, library: str | None, as_json: bool) -> None:
    """List what is being made, what waits for an answer first."""

    async def work(api: Api) -> None:
        of = (await library_called(api, library))["id"] if library else None
        columns: dict[str, Callable[[dict[str, Any]], Any]] = {
            "id": lambda row: row["id"],
            "what": called,
            "state": lambda row: "given up" if row["given_up"] else row["state"],
            "done": lambda row: f"{row['progress']:.0%}",
            "asks": lambda row: row["pending_approvals"],
            "blocked": lambda row: row["blocked"],
        }
        rows = [row async for row in api.each(ITEMS, all="true" if all_ else None, library=of)]
        rows.sort(key=lambda row: not row["pending_approvals"])
        await print_rows(rows, as_json, columns, nothing="Nothing is being made: `mediastead pipeline add --help`.")

    call(work)


@pipeline.command()
@AN_ITEM
@json_option
def show(item_id: int, as_json: bool) -> None:
    """Show ITEM with its discs, titles, jobs and transitions, and what is next."""

    async def work(api: Api) -> None:
        shown = await api.get(f"{ITEMS}/{item_id}")
        print_json(shown) if as_json else await say_whole(shown)

    call(work)


@pipeline.command()
@click.argument("name", required=False)
@click.option("--type", "type_", type=click.Choice(["movie", "series"]))
@click.option("--year", type=click.IntRange(1870, 2200))
@click.option("--tmdb-id", type=click.IntRange(1), help="The title's id at TMDB; goes with --type.")
@click.option("--item-id", type=click.IntRange(1), help="The title's id here.")
@click.option("--season", type=click.IntRange(0))
@click.option("--edition", help="Such as Director's Cut.")
@click.option("--library", help="Where it is to go.")
@click.option("--preset", help="How it is to be transcoded.")
@click.option("--auto", is_flag=True, help="Go on by itself, up to the next approval.")
@APPROVALS
@click.option("--no-approvals", is_flag=True, help="Ask nothing at all.")
@click.option("--disc", "disc_id", type=click.IntRange(1), help="The disc that it is made from.")
@click.option("--disc-number", type=click.IntRange(1), help="Which disc of the season that is.")
@json_option
def add(
    name: str | None,
    type_: str | None,
    library: str | None,
    auto: bool,
    approvals: tuple[str, ...],
    no_approvals: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Make a film or a season: by NAME and --type, by --tmdb-id and --type, by --item-id, or as --disc is taken for, where that
    is sure."""
    if all(each is None for each in (name, given["tmdb_id"], given["item_id"], given["disc_id"])):
        raise click.UsageError("Say what it is: a NAME with --type, or --tmdb-id with --type, or --item-id, or --disc")
    if name is not None and type_ is None and given["item_id"] is None:
        raise click.UsageError("Say with --type whether that is a movie or a series")

    async def work(api: Api) -> None:
        body: dict[str, Any] = {"name": name, "type": type_, "automatic": auto, **given}
        body["library_id"] = (await library_called(api, library))["id"] if library else None
        body["approvals"] = _asked(approvals, no_approvals)
        shown = await api.post(ITEMS, {key: value for key, value in body.items() if value is not None})
        print_json(shown) if as_json else say_item(shown)

    call(work)


@pipeline.command("add-disc")
@AN_ITEM
@click.argument("disc_id", metavar="DISC", type=click.IntRange(1))
@click.option("--number", type=click.IntRange(1), help="Which disc of the season it is.")
@json_option
def add_disc(item_id: int, disc_id: int, number: int | None, as_json: bool) -> None:
    """Put a further DISC to ITEM."""

    async def work(api: Api) -> None:
        body = {"disc_id": disc_id} | ({"number": number} if number is not None else {})
        shown = await api.post(f"{ITEMS}/{item_id}/discs", body)
        print_json(shown) if as_json else say_item(shown)

    call(work)


@pipeline.command("add-files")
@click.argument("library")
@click.option("--preset", required=True, help="How they are to be transcoded.")
@click.option("--file", "file_ids", multiple=True, type=click.IntRange(1), metavar="ID", help="Only this; repeatable.")
@click.option("--item-id", type=click.IntRange(1), help="Only files of this title.")
@click.option("--video-codec", help="Only with this one, such as mpeg2 or h264.")
@click.option("--resolution", help="Only of this one, such as 1080p.")
@click.option("--words", help="Only with these words in their names.")
@click.option("--larger-than", type=click.IntRange(0), metavar="BYTES", help="Only larger ones.")
@click.option("--auto", is_flag=True, help="Go on by themselves, up to the next approval.")
@APPROVALS
@click.option("--no-approvals", is_flag=True, help="Ask nothing at all.")
@click.option("--dry-run", is_flag=True, help="Only say what would be made.")
@json_option
def add_files(
    library: str,
    file_ids: tuple[int, ...],
    auto: bool,
    approvals: tuple[str, ...],
    no_approvals: bool,
    dry_run: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Transcode files of LIBRARY anew; each result replaces its original, which goes to the trash."""

    async def work(api: Api) -> None:
        body: dict[str, Any] = {"library_id": (await library_called(api, library))["id"], **given}
        body |= {"automatic": auto, "approvals": _asked(approvals, no_approvals), "preview": dry_run}
        body |= {"file_ids": list(file_ids)} if file_ids else {}
        made = await api.post(f"{ITEMS}/from-files", {key: value for key, value in body.items() if value is not None})
        if as_json:
            print_json(made)
            return
        columns: dict[str, Callable[[dict[str, Any]], Any]] = {
            "what": called,
            "files": lambda row: len(row["file_ids"]),
            "bytes": lambda row: row["bytes"],
        }
        await print_rows(made["groups"], False, columns, nothing="Nothing is to be made.")
        for unused in made["unused"]:
            say(f"{unused['path']}: {unused['reason']}")
        for item in made["items"]:
            go = "It goes on by itself." if auto else f"Start it: mediastead pipeline start {item['id']}."
            say(f"Item {item['id']}: {called(item)}. {go}")
        if made["more"]:
            say("There are more such files: say it again when these are done.")

    call(work)


@pipeline.command("set")
@AN_ITEM
@click.option("--library", help="Where it is to go.")
@click.option("--preset", help="How it is to be transcoded from now on.")
@click.option("--tmdb-id", type=click.IntRange(1), help="Which title it is, by its id at TMDB.")
@click.option("--item-id", "media_item_id", type=click.IntRange(1), help="Which title it is, by its id here.")
@OTHER_APPROVALS
@click.option("--no-approvals", is_flag=True, help="Ask nothing any more.")
@json_option
def set_(
    item_id: int,
    library: str | None,
    approvals: tuple[str, ...],
    no_approvals: bool,
    as_json: bool,
    preset: str | None,
    tmdb_id: int | None,
    media_item_id: int | None,
) -> None:
    """Change where ITEM goes, what it is, how it is made, and what is asked."""

    async def work(api: Api) -> None:
        body: dict[str, Any] = {"preset": preset, "tmdb_id": tmdb_id, "item_id": media_item_id}
        body["library_id"] = (await library_called(api, library))["id"] if library else None
        body["approvals"] = _asked(approvals, no_approvals)
        body = {key: value for key, value in body.items() if value is not None}
        if not body:
            raise CommandFailed("say what is to be changed; see mediastead pipeline set --help.")
        shown = await api.patch(f"{ITEMS}/{item_id}", body)
        print_json(shown) if as_json else say_item(shown)

    call(work)


@pipeline.command()
@AN_ITEM
@click.option("--stage", type=click.Choice(STAGES), help="Which one; else the first that is ready.")
@click.option("--again", is_flag=True, help="Also what has that stage behind it.")
@click.option(
    "--replace", is_flag=True, help="What is organized takes the place of what lies there, which goes to the trash."
)
@json_option
def start(item_id: int, stage: str | None, again: bool, replace: bool, as_json: bool) -> None:
    """Start a stage of ITEM, or try again what failed or was cancelled."""
    if again and stage is None:
        raise click.UsageError("Say with --stage what is to be done again")

    async def work(api: Api) -> None:
        body: dict[str, Any] = {"again": again, "replace": replace} | ({"stage": stage} if stage else {})
        begun = await api.post(f"{ITEMS}/{item_id}/start", body)
        if as_json:
            print_json(begun)
            return
        jobs = ", ".join(map(str, begun["jobs"])) or "none that is worth it"
        say(f"Jobs: {jobs}. How far they are: mediastead pipeline show {item_id}.")

    call(work)


@pipeline.command()
@AN_ITEM
@click.argument("stage", type=click.Choice(STAGES))
@json_option
def skip(item_id: int, stage: str, as_json: bool) -> None:
    """Let ITEM go on without STAGE."""
    _post(item_id, "skip", {"stage": stage}, as_json)


@pipeline.command()
@AN_ITEM
@click.option("--off", is_flag=True, help="From now on a person starts each stage.")
@json_option
def auto(item_id: int, off: bool, as_json: bool) -> None:
    """Let ITEM go on by itself, up to the next approval."""

    async def work(api: Api) -> None:
        shown = await api.patch(f"{ITEMS}/{item_id}", {"automatic": not off})
        print_json(shown) if as_json else say_item(shown)

    call(work)


@pipeline.command()
@AN_ITEM
@json_option
def cancel(item_id: int, as_json: bool) -> None:
    """Stop what is at work for ITEM; it stays, and goes on with `start`."""

    async def work(api: Api) -> None:
        cancelled = await api.post(f"{ITEMS}/{item_id}/cancel")
        if as_json:
            print_json(cancelled)
            return
        jobs = ", ".join(map(str, cancelled["jobs"]))
        said = f"Jobs that end now: {jobs}." if jobs else "Nothing was at work."
        say(f"{said} Go on: mediastead pipeline start {item_id}; or end it: mediastead pipeline give-up {item_id}.")

    call(work)


@pipeline.command("give-up")
@AN_ITEM
@click.option("--why", help="In words, for whoever looks later.")
@json_option
def give_up(item_id: int, why: str | None, as_json: bool) -> None:
    """End ITEM before it is in a library. Its files stay where they are."""
    _post(item_id, "give-up", {"words": why} if why else {}, as_json)


@pipeline.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be taken up.")
@json_option
def recover(dry_run: bool, as_json: bool) -> None:
    """Take up folders of the staging roots that the database does not know, so that nothing is ripped twice."""

    async def work(api: Api) -> None:
        recovered = await api.post(f"{ITEMS}/recover", {"dry_run": dry_run})
        if as_json:
            print_json(recovered)
            return
        columns: dict[str, Callable[[dict[str, Any]], Any]] = {
            "folder": lambda row: row["folder"],
            "what": lambda row: row["name"],
            "item": lambda row: row["item_id"],
            "says": lambda row: row["words"],
        }
        await print_rows(recovered["items"], False, columns, nothing="The database knows all that lies there.")
        if dry_run and recovered["items"]:
            say("Nothing was changed: say it without --dry-run to take them up.")

    call(work)


@pipeline.command()
@click.argument("item_ids", metavar="[ITEM]...", nargs=-1, type=click.IntRange(1))
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@json_option
def clear(item_ids: tuple[int, ...], dry_run: bool, as_json: bool) -> None:
    """Delete what was made on the way for ITEMs that are in their library; without any, of all whose time has come."""

    async def work(api: Api) -> None:
        body: dict[str, Any] = {"dry_run": dry_run} | ({"item_ids": list(item_ids)} if item_ids else {})
        cleared = await api.post(f"{ITEMS}/clear", body)
        if as_json:
            print_json(cleared)
            return
        columns: dict[str, Callable[[dict[str, Any]], Any]] = {
            "item": lambda row: row["item_id"],
            "what": lambda row: row["name"],
            "folders": lambda row: len(row["folders"]),
            "says": lambda row: row["words"],
        }
        await print_rows(cleared["items"], False, columns, nothing="There is nothing to clear away.")

    call(work)


def _post(item_id: int, what: str, body: dict[str, Any], as_json: bool) -> None:
    async def work(api: Api) -> None:
        shown = await api.post(f"{ITEMS}/{item_id}/{what}", body)
        print_json(shown) if as_json else say_item(shown)

    call(work)


def _asked(approvals: tuple[str, ...], none: bool) -> list[str] | None:
    """What is asked, as the API takes it; None where nobody said."""
    return [] if none else (list(approvals) or None)

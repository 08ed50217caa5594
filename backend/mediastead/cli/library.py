"""`mediastead library`: the folders that are looked after."""

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from .calling import Api, call
from .naming import name_files
from .output import json_option, print_json, print_rows, say
from .recording import record_library
from .removal import remove_library
from .values import all_libraries, library_called, waits_for

KIND = click.Choice(["movies", "series", "mixed"])
INTERVAL = click.IntRange(min=0)


Command = TypeVar("Command", bound=Callable[..., Any])


def inbox_options(command: Command) -> Command:
    """The options that make a library an inbox."""
    how = "How they come there; link copies where the disk can make no links."
    command = click.option("--bring", type=click.Choice(["link", "copy", "move"]), help=how)(command)
    into = "It is an inbox: its files are to be brought into the library NAME (`bring-in plan`)."
    return click.option("--inbox-for", metavar="NAME", help=into)(command)


@click.group()
def library() -> None:
    """The folders that are looked after."""


@library.command()
@click.argument("path")
@click.option("--kind", type=KIND, required=True, help="What is in it.")
@click.option("--name", help="The folder's name, where not given.")
@click.option("--interval", type=INTERVAL, metavar="MINUTES", help="Minutes between scans; 0 for only when asked.")
@click.option("--exclude", "excluded", multiple=True, metavar="PATTERN", help="Leave out what fits, as in .gitignore.")
@inbox_options
@json_option
def add(
    path: str,
    kind: str,
    name: str | None,
    interval: int | None,
    excluded: tuple[str, ...],
    inbox_for: str | None,
    bring: str | None,
    as_json: bool,
) -> None:
    """Look after the folder PATH (of the server, where --server is given)."""

    async def work(api: Api) -> None:
        inbox = await _inbox(api, inbox_for, bring)
        root = path if api.remote else absolute
        body: dict[str, Any] = {"root": root, "kind": kind, "name": name or os.path.basename(root.rstrip("/")) or root}
        added = await api.post("/v1/libraries", body | inbox | _schedule(interval) | _patterns(excluded))
        if as_json:
            print_json(added)
        else:
            say(f'Added {added["name"]}; `mediastead scan "{added["name"]}"` looks at it now.')

    absolute = os.path.abspath(path)
    call(work)


@library.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List all libraries with what is known of their files."""

    async def work(api: Api) -> None:
        await print_rows(
            await all_libraries(api),
            as_json,
            {
                "id": lambda row: row["id"],
                "name": lambda row: row["name"],
                "kind": lambda row: row["kind"],
                "root": lambda row: row["root"],
                "every": lambda row: f"{row['scan_interval_minutes']} min" if row["scan_interval_minutes"] else "asked",
                "present": lambda row: row["counts"]["by_presence"].get("present", 0),
                "missing": lambda row: row["counts"]["by_presence"].get("missing", 0),
                "unknown": lambda row: row["counts"]["by_presence"].get("unknown", 0),
                "rotted": lambda row: row["counts"]["rotted"] or None,
                "doubted": lambda row: row["counts"]["doubted"] or None,
                "pending": lambda row: row["counts"]["pending"]["total"],
                "waits for": lambda row: waits_for(row["counts"]["pending"]["waiting_for"]),
                "records": _records,
                "trouble": trouble,
            },
            nothing="No libraries yet; `mediastead library add PATH --kind movies` adds one.",
        )

    call(work)


@library.command("set")
@click.argument("name")
@click.option("--name", "new_name", metavar="NAME", help="Call it so.")
@click.option("--kind", type=KIND)
@click.option("--interval", type=INTERVAL, metavar="MINUTES", help="Minutes between scans; 0 for only when asked.")
@click.option(
    "--exclude", "excluded", multiple=True, metavar="PATTERN", help="Leave out what fits; replaces the patterns."
)
@click.option("--exclude-nothing", is_flag=True, help="Take all patterns away.")
@click.option(
    "--preview",
    is_flag=True,
    help="Change nothing; show what --exclude would hide, and what --naming would call files.",
)
@click.option(
    "--record",
    type=click.Choice(["nfo", "xattr", "off"]),
    help="Write what files are taken for beside them: NFO files, extended attributes, or not at all.",
)
@click.option(
    "--naming",
    metavar="plex|jellyfin|kodi|TEMPLATE",
    help="How `organize` is to call its files, with an example of each kind; no file is touched.",
)
@inbox_options
@click.option("--no-inbox", is_flag=True, help="It is no inbox any more.")
@click.option("--file-mode", metavar="OCTAL|parent", help="Mode of files that are put into it, such as 664.")
@click.option("--folder-mode", metavar="OCTAL|parent", help="Mode of folders that are made in it, such as 2775.")
@click.option("--group", metavar="NAME|parent", help="Group of both; parent: like the folder above.")
@click.option("--root", metavar="PATH", help="Where it lies now; what is known of the files stays.")
@click.option("--accept-root", is_flag=True, help="What lies in the root now is the library, though its marker is not.")
@json_option
def set_(
    name: str,
    new_name: str | None,
    kind: str | None,
    interval: int | None,
    excluded: tuple[str, ...],
    exclude_nothing: bool,
    preview: bool,
    record: str | None,
    naming: str | None,
    inbox_for: str | None,
    bring: str | None,
    no_inbox: bool,
    file_mode: str | None,
    folder_mode: str | None,
    group: str | None,
    root: str | None,
    accept_root: bool,
    as_json: bool,
) -> None:
    """Change the library NAME."""
    said = {"name": new_name, "kind": kind, "accept_root": accept_root or None}
    change: dict[str, Any] = {key: value for key, value in said.items() if value is not None}
    change |= {} if record is None else {"record_form": None if record == "off" else record}
    change |= _schedule(interval) | _patterns(excluded) | ({"exclude_patterns": []} if exclude_nothing else {})
    change |= {"bring_into_id": None} if no_inbox else {}
    access = {"file_mode": file_mode, "folder_mode": folder_mode, "group": group}
    change |= {name: None if value == "parent" else value for name, value in access.items() if value is not None}
    if not (change or root or naming or inbox_for or bring):
        raise click.UsageError(
            "Say what to change: --name, --kind, --interval, --exclude, --record, --naming, --inbox-for, --bring, --no-inbox, "
            "--file-mode, --folder-mode, --group, --root, --accept-root"
        )
    if preview and not (excluded or naming):
        raise click.UsageError(
            "--preview shows what --exclude PATTERN would hide or what --naming would call files: give one of them as well"
        )
    absolute = os.path.abspath(root) if root else None

    async def work(api: Api) -> None:
        found = await library_called(api, name)
        change.update(await _inbox(api, inbox_for, bring))
        if preview:
            if excluded:
                hidden = await api.post(f"/v1/libraries/{found['id']}/exclude-preview", {"exclude_patterns": excluded})
                print_json(hidden) if as_json else _say_hidden(hidden)
            if naming:
                await name_files(api, found, naming, preview, as_json)
            return
        if root:
            change["root"] = root if api.remote else absolute
        if naming:  # first, since it may be refused
            await name_files(api, found, naming, preview, as_json)
        if change:
            changed = await api.patch(f"/v1/libraries/{found['id']}", change)
            print_json(changed) if as_json else say(f"Changed {changed['name']}.")

    call(work)


@library.command()
@click.argument("name")
@click.option("--as", "form", type=click.Choice(["nfo", "xattr"]), help="How; as the library is set, where not given.")
@click.option("--preview", is_flag=True, help="Write nothing; list what would be written.")
@json_option
def record(name: str, form: str | None, preview: bool, as_json: bool) -> None:
    """Write what the files of the library NAME are taken for beside them, now and once."""
    call(lambda api: record_library(api, name, form, preview, as_json))


@library.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Forget the library NAME with all that is known of its files. The files themselves stay."""
    if not yes:
        click.confirm(
            f"What is known of the files in {name} is forgotten; the files stay. Go on?", abort=True, err=True
        )

    async def work(api: Api) -> None:
        found = await library_called(api, name)
        left = [each async for each in api.each("/v1/trash", library=found["id"])]
        await remove_library(api, found)
        say(f"Forgot {found['name']}; its files are untouched.")
        if left:
            size = sum(each["size"] for each in left)
            say(
                f"{len(left)} of its files ({size} bytes) are in the trash on its disk, and nobody deletes them any more: see to "
                f"{trash_folders(found['root'], left)} yourself."
            )

    call(work, background="work")


def trash_folders(root: str, left: Sequence[dict[str, Any]]) -> str:
    """Where these things lie; what is mounted in a library has a trash of its own."""
    folders = sorted({each["path_in_trash"].rpartition("/")[0] for each in left})
    return " and ".join(f"{root}/{folder}" for folder in folders)


def _records(row: dict[str, Any]) -> str | None:
    """`nfo: 120, 3 failed, 7 to go`."""
    counts = row["records"]
    if counts is None:
        return None
    told = [f"{row['record_form']}: {counts['written']}"]
    told += [f"{counts['failed']} failed"] if counts["failed"] else []
    told += [f"{counts['waiting']} to go"] if counts["waiting"] else []
    return ", ".join(told)


def trouble(row: dict[str, Any]) -> str | None:
    """What is the matter with a library, in words."""
    unheard = row["watching"] if row["watching"] != "watched" else None
    if row["removing_since"]:
        return "being removed"
    return row["unavailable_reason"] or row["away"] or _left_by_scan(row) or unheard


def _left_by_scan(row: dict[str, Any]) -> str | None:
    """What its last scan asks, or could not look into."""
    last: dict[str, Any] = row["last_scan"] or {}
    scan = f'`mediastead scan "{row["name"]}"'
    match last.get("outcome"):
        case "needs_confirmation":
            many = last["counts"].get("would_miss", "many")
            return f"{many} files at once would become missing: {scan} --confirm` if they are really gone, or --discard"
        case "completed_with_gaps":
            gaps = [f"{gap['path'] or 'the root'} ({gap['reason']})" for gap in last["gaps"]]
            more = f" and {len(gaps) - 3} more" if len(gaps) > 3 else ""
            return f"could not be looked into: {', '.join(gaps[:3])}{more}"
        case _:
            return None


def _say_hidden(hidden: dict[str, Any]) -> None:
    say(f"{hidden['files']} of {hidden['of']} files would be hidden; nothing was changed.")
    for tree in hidden["trees"]:
        say(f"  {tree['path']}: {tree['files']} files, by {tree['rule']}")


async def _inbox(api: Api, inbox_for: str | None, bring: str | None) -> dict[str, Any]:
    said: dict[str, Any] = {"bring_into_id": (await library_called(api, inbox_for))["id"]} if inbox_for else {}
    return said | ({"bring_how": bring} if bring else {})


def _schedule(interval: int | None) -> dict[str, Any]:
    return {} if interval is None else {"scan_interval_minutes": interval or None}


def _patterns(excluded: tuple[str, ...]) -> dict[str, Any]:
    return {"exclude_patterns": list(excluded)} if excluded else {}

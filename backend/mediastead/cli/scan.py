"""`mediastead scan`: look at libraries now, and wait until what is new was identified."""

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import click

from .calling import Api, CommandFailed, Refused, call, pauses
from .output import json_option, print_json, say, warn
from .recording import write_records
from .values import all_libraries, library_called

if TYPE_CHECKING:
    from .progress import Progress

PATIENCE_WITH_GROWING = 3.0
"""Seconds without progress after which files that are still being written are left to a later look."""
PATIENCE = 180.0
"""Seconds without progress after which nothing more is waited for; a provider that limits takes less for a batch."""
POLITE = 15.0
"""Seconds that a cancelled scan gets to end its batch."""


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option(
    "--confirm", is_flag=True, help="The many files that a scan missed are really gone: look again without limit."
)
@click.option("--discard", is_flag=True, help="Leave everything as it was before the scan that missed many files.")
@click.option(
    "--accept-disk",
    metavar="FOLDER",
    help="What lies in this mount point of the library now is right, whichever disk that is, or none.",
)
@json_option
def scan(names: tuple[str, ...], confirm: bool, discard: bool, accept_disk: str | None, as_json: bool) -> None:
    """Look at the libraries NAME (all, where none is given), and identify what is new."""
    if confirm and discard:
        raise click.UsageError("Either --confirm or --discard")
    if accept_disk is not None:
        if len(names) != 1:
            raise click.UsageError("--accept-disk is for one library: name it")
        call(lambda api: _accept_disk(api, names[0], accept_disk))
    call(
        lambda api: scan_libraries(api, names, "confirm" if confirm else "discard" if discard else None, as_json),
        background="work",
    )


async def scan_libraries(
    api: Api, names: tuple[str, ...] = (), answer: str | None = None, as_json: bool = False
) -> None:
    """Scan them (all, where none is named) and wait. Raises `CommandFailed` where something is left for a person to do."""
    from .progress import progress

    libraries = [await library_called(api, name) for name in names] or await all_libraries(api)
    if not libraries:
        raise CommandFailed("there is no library yet; add one with `mediastead library add PATH --kind movies`.")
    scans = await _begun(api, libraries, answer)
    with progress(quiet=as_json) as shown:
        followed = await asyncio.gather(*(_follow(api, library, begun, shown) for library, begun in scans))
        waiting = await identified(api, [library for library, _ in scans], shown)
    troubles: list[str] = []
    for (library, _), ended in zip(scans, followed, strict=True):
        if as_json:
            print_json(ended)
        else:
            say(_in_words(library, ended))
        if trouble := _trouble(library, ended):
            troubles.append(trouble)
    if not as_json:
        say(_counted([await api.get(f"/v1/libraries/{library['id']}") for library, _ in scans]))
    if waiting:
        warn(waiting)
    if not api.remote:  # a server does it by itself; this process ends before its background comes to it
        for library in libraries:
            if library["record_form"] and (left := await write_records(api, library)):
                warn(f"{library['name']}: {left}")
    if troubles:
        raise CommandFailed(" ".join(troubles))


async def _accept_disk(api: Api, name: str, folder: str) -> None:
    library = await library_called(api, name)
    await api.post(f"/v1/libraries/{library['id']}/accepted-disks", {"path": folder})


async def _begun(
    api: Api, libraries: list[dict[str, Any]], answer: str | None
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each library with the scan to follow: a new one, the one that runs already, or what came of the answer."""
    if answer is None:
        return [(library, await api.post(f"/v1/libraries/{library['id']}/scans")) for library in libraries]
    begun: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for library in libraries:
        async for each in api.each("/v1/scans", library=library["id"]):
            if each["outcome"] == "needs_confirmation":
                begun.append((library, await api.post(f"/v1/scans/{each['id']}/{answer}")))
                break
    if not begun:
        raise CommandFailed("no scan waits for an answer; `mediastead scan` makes a new one.")
    return begun


async def _follow(api: Api, library: dict[str, Any], begun: dict[str, Any], shown: "Progress") -> dict[str, Any]:
    """The scan once it has ended, or the one that took its place where its process died."""
    current, joined = begun, begun["phase"] != "queued"
    waits = pauses()
    try:
        while True:
            shown.scanning(library["name"], current)
            if current["phase"] != "finished":
                await asyncio.sleep(next(waits))
                current = await api.get(f"/v1/scans/{current['id']}")
                continue
            newest = (await api.get("/v1/scans", library=library["id"], limit=1))["items"][0]
            if current["outcome"] != "interrupted" or newest["id"] == current["id"]:
                shown.scanned(library["name"], current)
                return current
            current = newest
    except asyncio.CancelledError:
        # A scan that somebody else began on a server is not ours to stop.
        if current["phase"] != "finished" and not (api.remote and joined):
            await _cancel(api, current["id"])
        raise


async def _cancel(api: Api, scan_id: int) -> None:
    try:
        current = await api.post(f"/v1/scans/{scan_id}/cancel")
        waits = pauses()
        async with asyncio.timeout(POLITE):
            while current["phase"] != "finished":
                await asyncio.sleep(next(waits))
                current = await api.get(f"/v1/scans/{scan_id}")
    except (Refused, TimeoutError) as error:
        warn(f"the scan could not be stopped politely ({error or 'it takes too long'}); it will count as interrupted.")


async def identified(
    api: Api, libraries: list[dict[str, Any]], shown: "Progress", *, patience: float = PATIENCE
) -> str | None:
    """Wait until every pending file of these libraries was tried; gives what the rest waits for, in words."""
    loop = asyncio.get_running_loop()
    least, progressed_at = sys.maxsize, loop.time()
    waits = pauses()
    while True:
        states = [await api.get(f"/v1/libraries/{library['id']}") for library in libraries]
        waiting = [state["counts"]["pending"] for state in states]
        pending, settling = sum(each["total"] for each in waiting), sum(each["settling"] for each in waiting)
        shown.identifying(pending)
        if pending == 0:
            return None
        away = sum(each["out_of_reach"] for each in waiting)
        if away >= pending:
            return _out_of_reach(away, states)
        for each in waiting:
            if each["waiting_for"] is not None:
                return f"{pending} files wait for the provider: {each['waiting_for']['detail']}"
        if pending < least:
            least, progressed_at = pending, loop.time()
        waited = loop.time() - progressed_at
        if pending <= settling + away and waited > PATIENCE_WITH_GROWING:
            growing = "are still being written; they are identified once they stop growing and somebody scans."
            return f"{settling} files {growing}" + (f" {_out_of_reach(away, states)}" if away else "")
        if waited > patience:
            return (
                f"{pending} files still wait, and for {patience:.0f} seconds none of them could be identified: their disk may "
                "not answer. They stay pending, and are tried again by a server or the next scan."
            )
        await asyncio.sleep(next(waits))


def _out_of_reach(count: int, libraries: list[dict[str, Any]]) -> str:
    reasons = [f"{each['name']}: {each['unavailable_reason']}" for each in libraries if each["unavailable_reason"]]
    why = " ".join(reasons) or "Their folders could not be looked into."
    return f"{count} files lie where nobody can look now, and are identified once they are there again. {why}"


def _in_words(library: dict[str, Any], ended: dict[str, Any]) -> str:
    counts = ended["counts"]
    told = [f"{counts.get('files', 0)} files in {counts.get('folders', 0)} folders"]
    told += [
        f"{counts[name]} {name}"
        for name in ("new", "changed", "moved", "back", "missing", "hidden")
        if counts.get(name)
    ]
    return f"{library['name']}: {ended['outcome'].replace('_', ' ')}; {', '.join(told)}"


def _counted(libraries: list[dict[str, Any]]) -> str:
    """What the files of these libraries are, all together, and what to do about the questions."""
    states = [each["counts"]["by_identification"] for each in libraries]
    counts = {state: sum(each[state] for each in states) for state in states[0]}
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "no files"
    return told + (". `mediastead unmatched groups` shows the questions." if counts["unmatched"] else ".")


def _strange(name: str, gaps: list[dict[str, Any]]) -> str:
    """What to do where the person changed the disk, or took it off for good."""
    disks = [gap["path"] for gap in gaps if "mounted here" in gap["reason"] and gap["path"]]
    if not disks:
        return ""
    return f' If what lies in {disks[0]} now is right: `mediastead scan "{name}" --accept-disk "{disks[0]}"`.'


def _trouble(library: dict[str, Any], ended: dict[str, Any]) -> str | None:
    """A sentence with what to do, where the scan did not see everything; else None."""
    name, outcome, error = library["name"], ended["outcome"], ended["error"] or ""
    match outcome:
        case "completed" | "discarded" | "confirmed":
            return None
        case "completed_with_gaps":
            gaps = ", ".join(f"{gap['path'] or 'the root'} ({gap['reason']})" for gap in ended["gaps"][:5])
            more = f" and {len(ended['gaps']) - 5} more" if len(ended["gaps"]) > 5 else ""
            return (
                f"{name}: these folders could not be looked into, and what lies in them keeps its state: {gaps}{more}; "
                "mend them and scan again."
            ) + _strange(name, ended["gaps"])
        case "needs_confirmation":
            return (
                f"{name}: {ended['counts'].get('would_miss', 'many')} files at once would become missing, so nothing was "
                f'written of that: look whether the disk is there; then `mediastead scan "{name}" --confirm` if they are really '
                "gone, or --discard."
            )
        case "root_unavailable":
            return f"{name}: its root cannot be looked at ({error.rstrip('.')}); mount it and scan again."
        case _:
            return f"{name}: the scan ended as {outcome.replace('_', ' ')} ({error.rstrip('.')}); scan again."

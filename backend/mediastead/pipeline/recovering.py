"""Folders of the staging roots that the database does not know become items again: what is in them is not ripped twice.

A folder with `.pipeline/metadata.json` says itself what it is, with its discs and titles; of each title as much is behind it as
there are files. One that has only attempts (`.rip/`), or files and the markers of a script, is named by its path, and each
job in it is a disc: nobody knows whether those files are whole, so a person is asked before they go on and before they go into a
library.
"""

import asyncio
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..db.text import shown
from .approvals.models import ApprovalKind
from .discs.models import Disc, DiscKind, DiscState, DiscTitle
from .flow import advance
from .items import queries
from .items import service as items
from .items.errors import InvalidItem, ItemExists
from .items.locking import lock_item
from .items.models import ItemType, Trigger
from .items.service import NewItem
from .items.states import STAGES, is_behind, parted, skipped
from .jobs.models import Stage
from .jobs.numbering import number_above
from .marked_files import files_of
from .marking import FORM
from .rules import Rules
from .schemas import Recovered, RecoveredItem
from .stages.markers import ATTEMPTS, Markers, highest_job_beneath, item_directories, read_markers
from .written import Written, WrittenDisc, WrittenTitle, read_written

ATTEMPT = re.compile(r"(\d{1,18})-(\d{1,9})")
MEDIA = (".mkv", ".mp4", ".m4v", ".vob", ".m2ts", ".ts")


class Orphan(Struct, frozen=True, kw_only=True):
    """A folder, and what lies in it."""

    folder: bytes
    root: str
    markers: Markers
    written: Written | None
    """What its metadata says, where that is as it was written."""
    there: Mapping[str, bytes]
    """Where the files lie that its metadata names (in hex), of those that are there. Absolute."""
    ripped: list[list[tuple[bytes, int]]]
    """By job, the media files of its last attempt that has any, with their sizes; where there is none, those that were marked."""
    done: Stage = Stage.RIP
    """What made them."""


async def recover(database: Database, clock: Clock, rules: Rules, actor: str, *, dry_run: bool) -> Recovered:
    """Take up what the database lost; with `dry_run` only say what would be."""
    orphans = [each for root in rules.staging_roots for each in await asyncio.to_thread(_look_in, root)]
    found: list[RecoveredItem] = []
    if not dry_run and (highest := await asyncio.to_thread(highest_job_beneath, rules.staging_roots)):
        async with database.write() as session:
            await number_above(session, highest)
    for orphan in orphans:
        async with database.write() as session:
            told = await _take_up(session, clock.now(), rules, actor, orphan, dry_run=dry_run)
        if told is not None:
            found.append(told)
    return Recovered(dry_run=dry_run, items=found)


def disc_of_files(
    number: int, files: list[tuple[bytes, int]], done: Stage = Stage.RIP
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(row of a disc that was ripped, rows of its titles): files of which nobody says what they are, with their sizes."""
    titles: list[dict[str, Any]] = [
        {
            "number": place,
            "facts": {"number": place, "duration": 0.0, "size": size},
            "selected": True,
            "episodes": [],
            "name": Path(shown(file)).stem,
            "done": done.value,
            "file": file,
        }
        for place, (file, size) in enumerate(files, 1)
    ]
    return {"number": number, "kind": DiscKind.DVD, "state": DiscState.RIPPED, "facts": {}}, titles


async def _take_up(
    session: AsyncSession, now: datetime, rules: Rules, actor: str, orphan: Orphan, *, dry_run: bool
) -> RecoveredItem | None:
    """None where the database knows the folder, or nothing is left to be done with it."""
    if await queries.is_known_folder(session, orphan.folder):
        return None
    metadata = orphan.markers.metadata
    if metadata is not None and metadata.get("form") == FORM:
        if metadata.get("ended"):
            return None
        if (written := orphan.written) is None:
            words = "its metadata.json is not as it was written: correct it, or take it away to go by the files alone"
            return RecoveredItem(folder=shown(orphan.folder), name="", item_id=None, words=words)
        if any(disc.kind is DiscKind.FILES for disc in written.discs):
            words = "it is made of files of a library: have those made anew (`mediastead pipeline add-files`)"
            return RecoveredItem(folder=shown(orphan.folder), name=written.name, item_id=None, words=words)
        wanted = [disc for disc in written.discs if disc.state is not DiscState.REJECTED]
        new, discs = await _said(session, written), [_disc_said(disc, orphan) for disc in wanted]
    elif orphan.ripped:
        new = _named(orphan)
        discs = [disc_of_files(number, files, orphan.done) for number, files in enumerate(orphan.ripped, 1)]
    elif Stage.ORGANIZE in orphan.markers.done:
        return None
    else:
        return RecoveredItem(
            folder=shown(orphan.folder), name="", item_id=None, words="neither metadata.json nor ripped files are in it"
        )
    titles = sum(title["done"] is not None for _, its in discs for title in its)
    words = f"{len(discs)} discs, {titles} titles with files"
    if dry_run:
        return RecoveredItem(folder=shown(orphan.folder), name=new.name, item_id=None, words=words)
    try:
        item_id = await items.make_item(session, now, actor, new, orphan.root, folder=orphan.folder)
    except (ItemExists, InvalidItem) as refused:
        return RecoveredItem(folder=shown(orphan.folder), name=new.name, item_id=None, words=refused.detail)
    for disc, its in discs:
        row = {**disc, "item_id": item_id, "created_at": now}
        disc_id = (await session.execute(insert(Disc).returning(Disc.id), row)).scalar_one()
        for title in its:
            await session.execute(insert(DiscTitle), {**title, "disc_id": disc_id})
    item = await lock_item(session, item_id)
    for stage in STAGES:
        if any(is_behind(Stage(title["done"]), stage) for _, its in discs for title in its if title["done"]):
            await items.set_begun(
                session, now, item, stage, Trigger.MANUAL, actor, "its files were found in the staging folder"
            )
    await advance(session, now, rules, item_id)
    return RecoveredItem(folder=shown(orphan.folder), name=new.name, item_id=item_id, words=words)


async def _said(session: AsyncSession, written: Written) -> NewItem:
    tmdb_id, library = written.tmdb_id, written.library
    return NewItem(
        type=written.type,
        name=written.name,
        year=written.year,
        season=written.season,
        edition=written.edition,
        media_item_id=await queries.title_with(session, written.type, tmdb_id) if tmdb_id is not None else None,
        library_id=await queries.library_named(session, library) if library else None,
        requires=tuple(parted(written.approvals)),
        skips=tuple(skipped(written.skips)),
    )


def _disc_said(disc: WrittenDisc, orphan: Orphan) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    titles = [_title_said(title, orphan) for title in disc.titles]
    is_ripped = bool(titles) and all(title["done"] is not None for title in titles)
    row = {
        "number": disc.number,
        "kind": disc.kind,
        "state": DiscState.RIPPED if is_ripped else DiscState.PENDING,
        "label": disc.label,
        "fingerprint": bytes.fromhex(disc.fingerprint) if disc.fingerprint else None,
        "facts": disc.facts,
    }
    return row, titles


def _title_said(title: WrittenTitle, orphan: Orphan) -> dict[str, Any]:
    file, done = orphan.there.get(title.file or ""), title.done
    # What was organized lies in a library now, and is not missed here.
    if file is None and not is_behind(done, Stage.ORGANIZE):
        done = None
    return {
        "number": title.number,
        "facts": title.told,
        "role": title.role,
        "selected": True,
        "season": title.season,
        "episodes": title.episodes,
        "name": title.name,
        "by_hand": title.by_hand,
        "done": done.value if done else None,
        "file": file,
    }


def _named(orphan: Orphan) -> NewItem:
    """By its path: `Firefly/Season 01`, `Alien (1979)`."""
    path = Path(shown(orphan.folder))
    season = re.fullmatch(r"(?i)season (\d{1,4})", path.name)
    name = path.parent.name if season else path.name
    edition = re.search(r" \{edition-(.+)\}$", name)
    name = name[: edition.start()] if edition else name
    year = re.search(r" \((\d{4})\)$", name)
    return NewItem(
        type=ItemType.SERIES if season or not year else ItemType.MOVIE,
        name=name[: year.start()] if year else name,
        year=int(year[1]) if year else None,
        season=int(season[1]) if season else None,
        edition=edition[1] if edition else "",
        requires=(ApprovalKind.REMUX_REVIEW.value, ApprovalKind.ORGANIZE_CONFIRM.value),
    )


def _look_in(root: str) -> list[Orphan]:
    """Blocks."""
    folder = os.fsencode(root)
    if not os.path.isdir(folder):
        return []
    return [_look_at(root, each) for each in item_directories(folder)]


def _look_at(root: str, folder: bytes) -> Orphan:
    markers = read_markers(folder)
    written: Written | None = None
    if markers.metadata is not None and markers.metadata.get("form") == FORM:
        with suppress(ValueError):  # which is told when it is taken up
            written = read_written(markers.metadata)
    said = [title.file for disc in written.discs for title in disc.titles if title.file] if written else []
    there = {file: found for file in said if (found := _where(folder, bytes.fromhex(file))) is not None}
    ripped, done = list(_ripped(folder)), Stage.RIP
    if not ripped and markers.metadata is None and Stage.ORGANIZE not in markers.done and markers.done:
        done = max(markers.done, key=STAGES.index)
        ripped = [marked] if (marked := _marked(folder, markers, done)) else []
    return Orphan(folder=folder, root=root, markers=markers, written=written, there=there, ripped=ripped, done=done)


def _where(folder: bytes, file: bytes) -> bytes | None:
    """Where a file is now that was made in the folder: the staging root may be mounted elsewhere than it was. None where it is
    not there, and for what lies elsewhere, which nobody made for the item."""
    places = [folder + file[place:] for name in ATTEMPTS if (place := file.rfind(b"/" + name + b"/")) >= 0]
    beneath = os.path.normpath(folder) + b"/"
    for each in (file, *places):
        if os.path.normpath(each).startswith(beneath) and os.path.isfile(each):
            return each
    return None


def _marked(folder: bytes, markers: Markers, stage: Stage) -> list[tuple[bytes, int]]:
    """The media files that a script laid into the folder before it marked a stage, and after it marked the one before."""
    found = files_of(folder, markers.done[stage].written)
    former = [each.written for each in markers.done.values() if STAGES.index(each.stage) < STAGES.index(stage)]
    newer = [each for each in found if former and each.written > max(former)]
    return [(each.path, each.size) for each in newer or found]


def _ripped(folder: bytes) -> Iterable[list[tuple[bytes, int]]]:
    attempts: dict[int, list[tuple[int, list[tuple[bytes, int]]]]] = {}
    rips = Path(os.fsdecode(folder)) / ".rip"
    for each in sorted(rips.iterdir()) if rips.is_dir() else ():
        if found := ATTEMPT.fullmatch(each.name):
            its = [file for file in sorted(each.iterdir()) if file.suffix.lower() in MEDIA and file.is_file()]
            files = [(os.fsencode(file), file.stat().st_size) for file in its]
            if files:
                attempts.setdefault(int(found[1]), []).append((int(found[2]), files))
    for _, its in sorted(attempts.items()):
        yield max(its)[1]

"""The counts of libraries say what one counts by looking at each file."""

import random
from collections import Counter

from sqlalchemy import insert, select, update

from mediastead.db.engine import Database
from mediastead.files.counts import FileCounts, counts_by_library
from mediastead.files.models import MediaFile, MediaFileState
from mediastead.files.schemas import SettlingWait
from mediastead.files.shown import files_shown
from mediastead.files.types import Identification, Presence
from mediastead.libraries.models import Library

from .shelf import MATRIX, MOMENT, Shelf

SEED = 11


async def filled(database: Database) -> dict[str, int]:
    """Three libraries of all sorts of files, behind gaps and not, one of them out of reach; and one that is empty."""
    shelf, dice = Shelf(database), random.Random(SEED)
    item = await shelf.item(MATRIX)
    away = {"unavailable_since": MOMENT, "unavailable_reason": "not mounted"}
    libraries = {
        name: await shelf.library(name, **(away if name == "away" else {})) for name in ("a", "b", "away", "empty")
    }
    files, states = [], []
    for name in ("a", "b", "away"):
        folders = [
            await shelf.folder(libraries[name], path, **({"gap_since": MOMENT} if path == b"gap" else {}))
            for path in (b"", b"gap")
        ]
        for number in range(120):
            identification = dice.choice(list(Identification))
            presence = dice.choice([Presence.PRESENT, Presence.PRESENT, Presence.MISSING])
            files.append(
                {
                    "id": len(files) + 1,
                    "library_id": libraries[name],
                    "folder_id": dice.choice(folders),
                    "name": b"%d.mkv" % number,
                    "search_text": str(number),
                    "media_item_id": item if identification is Identification.MATCHED else None,
                    "ignore_rule": "a rule" if identification is Identification.IGNORED else None,
                    "identification": identification,
                    "hidden": presence is Presence.MISSING and dice.random() < 0.3,
                    "created_at": MOMENT,
                }
            )
            states.append(
                {
                    "file_id": len(files),
                    "presence": presence,
                    "size": 1,
                    "mtime_ns": 1,
                    "inode": len(files),
                    "device": 1,
                    "missing_since": MOMENT if presence is Presence.MISSING else None,
                    "unsettled_since": MOMENT if dice.random() < 0.3 else None,
                }
            )
    async with database.write() as session:
        await session.execute(insert(MediaFile), files)
        await session.execute(insert(MediaFileState), states)
    return libraries


async def counted_one_by_one(database: Database, library_id: int) -> FileCounts:
    async with database.read() as session:
        ids = (
            await session.execute(select(MediaFile.id).where(MediaFile.library_id == library_id, ~MediaFile.hidden))
        ).scalars()
        files = await files_shown(session, ids.all())
        states = dict((await session.execute(select(MediaFileState.file_id, MediaFileState.unsettled_since))).all())
    counts = FileCounts()
    counts.by_presence |= Counter(file.presence for file in files)
    counts.by_identification |= Counter(file.identification for file in files if file.presence is not Presence.MISSING)
    counts.missing_by_identification |= Counter(
        file.identification for file in files if file.presence is Presence.MISSING
    )
    counts.settling = sum(
        file.identification is Identification.PENDING
        and file.presence is not Presence.MISSING
        and states[file.id] is not None
        for file in files
    )
    counts.out_of_reach = sum(
        file.identification is Identification.PENDING and file.presence is Presence.UNKNOWN for file in files
    )
    assert counts.settling >= sum(isinstance(file.waiting_for, SettlingWait) for file in files)
    return counts


async def test_the_counts_are_those_of_the_files_one_by_one(database: Database) -> None:
    libraries = await filled(database)
    async with database.read() as session:
        counts = await counts_by_library(session)
        some = await counts_by_library(session, [libraries["b"], libraries["empty"]])
    wanted = {libraries[name]: await counted_one_by_one(database, libraries[name]) for name in ("a", "b", "away")}
    assert counts == wanted
    assert all(
        min(each.by_presence["missing"], each.by_presence["unknown"], each.settling, each.out_of_reach) > 0
        for each in counts.values()
    )
    assert counts[libraries["away"]].by_presence["present"] == 0 < counts[libraries["a"]].by_presence["present"]
    assert some == {libraries["b"]: wanted[libraries["b"]]}


async def test_they_follow_when_a_library_is_back(database: Database) -> None:
    libraries = await filled(database)
    async with database.write() as session:
        await session.execute(update(Library).values(unavailable_since=None, unavailable_reason=None))
    async with database.read() as session:
        counts = await counts_by_library(session, [libraries["away"]])
    assert counts == {libraries["away"]: await counted_one_by_one(database, libraries["away"])}
    assert counts[libraries["away"]].by_presence["present"] > 0

"""What a rescan of a library of 100,000 real files asks and writes: unchanged, of 20,000 of its folders, and with a third gone.

    python bench/rescans.py URL FOLDER [FILES]

URL: a database whose schema is made already, beside whatever else it holds; a library "Rescanned" is added. FOLDER: empty; ten
empty files a folder are made in it. Prints seconds of the processor, and statements by what they do.
"""

import asyncio
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert

import mediastead.schema  # noqa: F401 - all tables, which refer to each other
from mediastead.clock import SystemClock
from mediastead.db.engine import Database
from mediastead.libraries.models import Library, LibraryKind, Scan, ScanPhase
from mediastead.scanning.inventory import Inventory, ScanTask
from mediastead.scanning.scope import Scope, ScopeFolder

IN_A_FOLDER = 5


async def rescan(database: Database, library_id: int, what: str, scope: Scope | None = None) -> None:
    clock = SystemClock()
    async with database.write() as session:
        row = {
            "library_id": library_id,
            "trigger": "manual",
            "requested_by": "bench",
            "requested_at": clock.now(),
            "phase": ScanPhase.INVENTORY,
            "counts": {},
            "gaps": [],
            "hidden": [],
        }
        scan_id = (await session.execute(insert(Scan).values(row).returning(Scan.id))).scalar_one()
    asked: Counter[str] = Counter()

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        words = statement.split()
        asked[words[0] if words[0] in ("SELECT", "WITH") else " ".join(words[:3])] += 1

    engines = {database.engine.sync_engine, database._writing.sync_engine}  # pyright: ignore[reportPrivateUsage] - to count
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    start, work = time.perf_counter(), time.process_time()
    ending = await Inventory(database, clock, ScanTask(scan_id, library_id, False, scope)).run()
    took = f"{time.perf_counter() - start:.1f} s, {time.process_time() - work:.1f} s of the processor"
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    told = {name: count for name, count in ending.columns["counts"].items() if count}  # type: ignore[attr-defined]  # they are JSON: counts by name
    print(f"{what}: {took}; {ending.outcome} {told}; {dict(asked)}", flush=True)
    async with database.write() as session:
        scan = await session.get_one(Scan, scan_id)
        scan.phase, scan.outcome = ScanPhase.FINISHED, ending.outcome


async def measure(url: str, root: Path, files: int) -> None:
    database = Database(url)
    folders = files // IN_A_FOLDER
    for folder in range(folders):
        path = root / f"Title {folder} (1999)"
        path.mkdir()
        for number in range(IN_A_FOLDER):
            (path / f"Title {folder} {number}.mkv").touch()
    async with database.write() as session:
        row = {"name": "Rescanned", "root": bytes(root), "kind": LibraryKind.MIXED, "exclude_patterns": []}
        added = insert(Library).values(row | {"created_at": SystemClock().now()}).returning(Library.id)
        library_id = (await session.execute(added)).scalar_one()
    await rescan(database, library_id, "first")
    await rescan(database, library_id, "unchanged")
    some = Scope(ScopeFolder(b"Title %d (1999)" % folder, True) for folder in range(min(20_000, folders)))
    await rescan(database, library_id, "some folders, unchanged", some)
    for folder in range(0, folders, 3):
        for number in range(IN_A_FOLDER):
            (root / f"Title {folder} (1999)" / f"Title {folder} {number}.mkv").unlink()
    await rescan(database, library_id, "a third gone")
    await database.dispose()


if __name__ == "__main__":
    asyncio.run(measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 100_000))

"""How long what people ask of a large library takes, on a database that `shelves.py` has filled.

    python bench/shelves_asked.py URL [--cold] [--explain] [PART OF A NAME ...]

Of each the first time and the best of three more, in milliseconds of the clock and of the processor (with the database server's,
where it runs here), and how many statements it took. `--cold` has the system forget the database's files before each first time.
`--explain` prints how the database goes about each statement that takes more than 20 ms.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.ext.asyncio import AsyncSession

from mediastead.browsing.listing import ItemFilter, ItemSort
from mediastead.browsing.service import (
    file_detail,
    item_detail,
    items,
    libraries,
    library,
    missing_files,
    seasons_shown,
)
from mediastead.browsing.story import file_story
from mediastead.catalog.types import ItemType
from mediastead.db.engine import Database
from mediastead.files.contents import ContentFilter
from mediastead.files.listing import FileFilter, FileSort, files_page
from mediastead.files.queries import ImportFilter, imports_page
from mediastead.files.types import Identification, ImportMethod, Presence, Role, UnmatchedReason
from mediastead.history.queries import OperationFilter, operations_page
from mediastead.organizing.queries import groups_page as plan_groups_page
from mediastead.organizing.queries import organizing_view, organizings_page
from mediastead.scanning.scans import scans
from mediastead.unmatched.listing import QuestionFilter, questions_page
from mediastead.unmatched.schemas import QuestionStatus
from mediastead.unmatched.showing import groups_shown, queue_summary

Ask = Callable[[AsyncSession], Awaitable[Any]]
TODAY = datetime(2026, 3, 1, tzinfo=UTC).date()
REPEATED = int(os.environ.get("REPEATED", "4"))
SMALL, LARGE = 6, 3
"""Libraries with 4 % and 42 % of the files."""


def files(sort: FileSort = FileSort.NAME, *, descending: bool = False, pages: int = 1, **which: Any) -> Ask:
    async def ask(session: AsyncSession) -> None:
        cursor = None
        for _ in range(pages):
            page = await files_page(session, FileFilter(**which), sort=sort, descending=descending, cursor=cursor)
            cursor = page.next

    return ask


def holding(sort: FileSort = FileSort.NAME, library_id: int | None = None, **content: Any) -> Ask:
    return files(sort, library_id=library_id, content=ContentFilter(**content))


def gone(**more: Any) -> Ask:
    async def ask(session: AsyncSession) -> None:
        await missing_files(session, await files_page(session, FileFilter(presence=Presence.MISSING, **more)))

    return ask


def titles(sort: ItemSort = ItemSort.TITLE, *, descending: bool = False, **which: Any) -> Ask:
    asked = ItemFilter(**which)
    return lambda session: items(session, asked, TODAY, sort=sort, descending=descending, cursor=None, limit=50)


def groups(pages: int = 1, **which: Any) -> Ask:
    async def ask(session: AsyncSession) -> None:
        cursor = None
        for _ in range(pages):
            page = await groups_shown(session, QuestionFilter(**which), cursor=cursor, limit=50, most_files=100)
            cursor = page.next

    return ask


def questions(**which: Any) -> Ask:
    return lambda session: questions_page(session, QuestionFilter(**which))


def imports(**which: Any) -> Ask:
    return lambda session: imports_page(session, ImportFilter(**which))


async def longest_series(session: AsyncSession) -> None:
    query = "SELECT item_id FROM season WHERE number = (SELECT max(number) FROM season) LIMIT 1"
    item_id = (await session.execute(text(query))).scalar_one()
    await item_detail(session, item_id, TODAY)
    await seasons_shown(session, item_id, TODAY)


ASKED: dict[str, Ask] = {
    "newest files": files(FileSort.ADDED, descending=True),
    "files by name": files(),
    "files by name, the tenth page": files(pages=10),
    "files by size": files(FileSort.SIZE, descending=True),
    "files of a library": files(library_id=LARGE),
    "files of a library by size": files(FileSort.SIZE, library_id=SMALL),
    "files of a folder": files(folder_id=100),
    "files of an item": files(item_id=100),
    "pending files": files(identification=Identification.PENDING),
    "unmatched files": files(identification=Identification.UNMATCHED),
    "unmatched files of a library": files(identification=Identification.UNMATCHED, library_id=LARGE),
    "matched files of a library": files(identification=Identification.MATCHED, library_id=LARGE),
    "dismissed files by size": files(FileSort.SIZE, identification=Identification.DISMISSED),
    "ignored files": files(identification=Identification.IGNORED),
    "extras": files(role=Role.EXTRA),
    "extras of a library without": files(role=Role.EXTRA, library_id=LARGE),
    "episodes of a library without": files(role=Role.EPISODE, library_id=1),
    "samples, none": files(role=Role.SAMPLE),
    "present files": files(presence=Presence.PRESENT),
    "present files of a library by size": files(FileSort.SIZE, presence=Presence.PRESENT, library_id=LARGE),
    "files out of reach, none": files(presence=Presence.UNKNOWN),
    "missing": gone(),
    "missing, in a library": gone(library_id=LARGE),
    "missing, in a small library": gone(library_id=SMALL),
    "missing and unmatched": gone(identification=Identification.UNMATCHED),
    "missing, a word": gone(words="night 4203"),
    "missing extras": files(presence=Presence.MISSING, role=Role.EXTRA),
    "missing by size": files(FileSort.SIZE, presence=Presence.MISSING),
    "2160p, a nineteenth": holding(resolution="2160p"),
    "2160p of a library": holding(resolution="2160p", library_id=SMALL),
    "2160p by size": holding(FileSort.SIZE, resolution="2160p"),
    "av1, one in 5,000": holding(video_codec="av1"),
    "HDR, one in 200": holding(hdr=True),
    "Finnish, one in 2,000": holding(audio_language="fi"),
    "Finnish, in a library": holding(audio_language="fi", library_id=LARGE),
    "German subtitles": holding(subtitle_language="de"),
    "2160p and Finnish": holding(resolution="2160p", audio_language="fi"),
    "720p, av1 and HDR, none": holding(resolution="720p", video_codec="av1", hdr=True),
    "8K, none": holding(resolution="4320p"),
    "no HDR, nearly all": holding(hdr=False),
    "duplicates": holding(duplicates=True),
    "duplicates, in a library": holding(duplicates=True, library_id=LARGE),
    "duplicates, in a small library": holding(duplicates=True, library_id=SMALL),
    "duplicates by size": holding(FileSort.SIZE, duplicates=True),
    "duplicates in 2160p": holding(duplicates=True, resolution="2160p"),
    "rotted": files(rotted=True),
    "rotted, in a library": files(rotted=True, library_id=LARGE),
    "doubted": files(doubted=True),
    "a word of all files": files(words="mkv"),
    "a word of all files, in a library": files(words="mkv", library_id=SMALL),
    "two words of all files": files(words="1080p grp"),
    "a word of some": files(words="night"),
    "two words of few": files(words="night river winter"),
    "a common and a rare word": files(words="1080p kakaka"),
    "a word of none": files(words="xyzzy"),
    "a word, by size": files(FileSort.SIZE, words="night"),
    "one file": lambda session: file_detail(session, 3001, "tmdb"),
    "one file's story": lambda session: file_story(session, 3000),
    "libraries": lambda session: libraries(session, "tmdb", watched=True),
    "one library": lambda session: library(session, SMALL, "tmdb", watched=True),
    "items": titles(),
    "items by year": titles(ItemSort.YEAR, descending=True),
    "newest items": titles(ItemSort.ADDED, descending=True),
    "series": titles(type=ItemType.SERIES),
    "films by year": titles(ItemSort.YEAR, type=ItemType.MOVIE),
    "items of a library": titles(library_id=LARGE),
    "items of a small library": titles(library_id=SMALL),
    "items, a word": titles(words="night"),
    "items, a word of none": titles(words="xyzzy"),
    "items with gaps": titles(missing=True),
    "series with gaps": titles(missing=True, type=ItemType.SERIES),
    "films with gaps": titles(missing=True, type=ItemType.MOVIE),
    "films with gaps, in a small library": titles(missing=True, type=ItemType.MOVIE, library_id=SMALL),
    "doubled items": titles(doubled=True),
    "doubled series": titles(doubled=True, type=ItemType.SERIES),
    "doubled in a small library": titles(doubled=True, library_id=SMALL),
    "items that are gone, none": titles(gone=True),
    "one item with versions": lambda session: item_detail(session, 100, TODAY),
    "the longest series": longest_series,
    "questions": questions(),
    "questions of a reason": questions(reason=UnmatchedReason.AMBIGUOUS),
    "questions of a reason, none": questions(reason=UnmatchedReason.REPLACED),
    "questions of a library": questions(library_id=SMALL),
    "questions, a word": questions(words="night"),
    "settled questions": questions(status=QuestionStatus.MATCHED),
    "groups": groups(),
    "groups, two pages": groups(2),
    "groups of a library": groups(library_id=SMALL),
    "groups of a reason": groups(reason=UnmatchedReason.AMBIGUOUS),
    "queue summary": lambda session: queue_summary(session, "tmdb"),
    "imports": imports(),
    "imports of a library": imports(library_id=SMALL),
    "imports by hand": imports(method=ImportMethod.MANUAL_MATCH),
    "imports by the pipeline, none": imports(method=ImportMethod.PIPELINE),
    "failed imports": imports(success=False),
    "failed imports by hand, none": imports(success=False, method=ImportMethod.MANUAL_MATCH),
    "failed imports of a library": imports(success=False, library_id=SMALL),
    "imports by hand of a library": imports(method=ImportMethod.MANUAL_MATCH, library_id=SMALL),
    "imports by copy of a library, none": imports(method=ImportMethod.COPY, library_id=LARGE),
    "organizings": lambda session: organizings_page(session, None, cursor=None, limit=50),
    "organizings of a library": lambda session: organizings_page(session, SMALL, cursor=None, limit=50),
    "an organizing of many groups": lambda session: organizing_view(session, 150),
    "its groups": lambda session: plan_groups_page(session, 150, [], cursor=None, limit=50),
    "scans": lambda session: scans(session, None, None, 51),
    "scans of a library": lambda session: scans(session, LARGE, None, 51),
    "operations": lambda session: operations_page(session, OperationFilter(), cursor=None, limit=50),
    "operations of a file": lambda session: operations_page(
        session, OperationFilter(file_id=3000), cursor=None, limit=50
    ),
    "operations taken back, none": lambda session: operations_page(
        session, OperationFilter(undone=True), cursor=None, limit=50
    ),
}


async def measure(url: str, wanted: list[str], *, cold: bool, explain: bool) -> None:
    database = Database(url)
    print(f"{'':38} {'first':>8} {'best':>8} {'cpu':>8}  statements")
    for name, ask in ASKED.items():
        if wanted and not any(part in name for part in wanted):
            continue
        if cold:
            await database.dispose()
            _forget_files(database)
        runs = [await _once(database, ask) for _ in range(REPEATED)]
        best, cpu = min(run[0] for run in runs[1:]), min(run[1] for run in runs[1:])
        print(f"{name:38} {runs[0][0]:8.1f} {best:8.1f} {cpu:8.1f}  {runs[0][2]:3}", flush=True)
        if explain:
            await _explain(database, ask)
    await database.dispose()


async def _once(database: Database, ask: Ask) -> tuple[float, float, int]:
    """Milliseconds by the clock and of the processor, and statements."""
    with _noted(database) as seen:
        async with database.read() as session:
            server = (
                None if database.is_sqlite else (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            )
            seen.clear()
            start, work = time.perf_counter(), _work(server)
            await ask(session)
            return 1000 * (time.perf_counter() - start), 1000 * (_work(server) - work), len(seen)


def _work(server: int | None) -> float:
    """Seconds of the processor: ours, and the server process's."""
    ticks = 0.0
    with contextlib.suppress(OSError):
        if server is not None:
            fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
            ticks = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return time.process_time() + ticks


@contextlib.contextmanager
def _noted(database: Database) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    engine: Engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _forget_files(database: Database) -> None:
    """Out of the system's memory, as far as it follows the advice; what PostgreSQL itself keeps stays."""
    path = database.sqlite_path
    host = Path(str(database.url.query.get("host", "/nowhere")))
    for file in [path] if path else [file for file in host.rglob("base/**/*") if file.is_file()]:
        descriptor = os.open(file, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


async def _explain(database: Database, ask: Ask) -> None:
    with _noted(database) as seen:
        async with database.read() as session:
            await ask(session)
    how = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF) "
    async with database.read() as session:
        connection = await session.connection()
        for statement, parameters in seen:
            start = time.perf_counter()
            (await connection.exec_driver_sql(statement, parameters)).all()
            took = 1000 * (time.perf_counter() - start)
            if took > 20:
                print(f"  -- {took:.1f} ms: {' '.join(statement.split())[:2000]} {str(parameters)[:200]}")
                for row in (await connection.exec_driver_sql(how + statement, parameters)).all():
                    print("    ", row[-1])


if __name__ == "__main__":
    given = [word for word in sys.argv[2:] if not word.startswith("--")]
    asyncio.run(measure(sys.argv[1], given, cold="--cold" in sys.argv, explain="--explain" in sys.argv))

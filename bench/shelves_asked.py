"""How long what people ask of a large library takes, on a database that `shelves.py` has filled.

    python bench/shelves_asked.py URL [EXPLAIN]

The best of three of each, in milliseconds, beside that of a page of the newest files as the measure of the machine. Anything as
a second argument prints how the database goes about it as well.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.ext.asyncio import AsyncSession

from mediastead.browsing.service import libraries, missing_files
from mediastead.db.engine import Database
from mediastead.files.contents import ContentFilter
from mediastead.files.listing import FileFilter, FileSort, files_page
from mediastead.files.types import Presence
from mediastead.unmatched.listing import QuestionFilter
from mediastead.unmatched.showing import groups_shown, queue_summary

Ask = Callable[[AsyncSession], Awaitable[Any]]


async def second_page_of_groups(session: AsyncSession) -> None:
    first = await groups_shown(session, QuestionFilter(), cursor=None, limit=50, most_files=100)
    await groups_shown(session, QuestionFilter(), cursor=first.next, limit=50, most_files=100)


def said(words: str, **more: Any) -> Ask:
    return lambda session: files_page(session, FileFilter(words=words, **more))


def holding(library_id: int | None = None, sort: FileSort = FileSort.NAME, **content: Any) -> Ask:
    which = FileFilter(library_id=library_id, content=ContentFilter(**content))
    return lambda session: files_page(session, which, sort=sort)


def gone(**more: Any) -> Ask:
    async def ask(session: AsyncSession) -> None:
        await missing_files(session, await files_page(session, FileFilter(presence=Presence.MISSING, **more)))

    return ask


ASKED: dict[str, Ask] = {
    "newest files": lambda session: files_page(session, FileFilter(), sort=FileSort.ADDED, descending=True),
    "groups": lambda session: groups_shown(session, QuestionFilter(), cursor=None, limit=50, most_files=100),
    "groups, two pages": second_page_of_groups,
    "queue summary": lambda session: queue_summary(session, "tmdb"),
    "libraries": lambda session: libraries(session, "tmdb"),
    "all counted": lambda session: session.execute(text("SELECT count(*) FROM media_file")),
    "2160p, a nineteenth": holding(resolution="2160p"),
    "av1, one in 5,000": holding(video_codec="av1"),
    "HDR, one in 200": holding(hdr=True),
    "Finnish, one in 2,000": holding(audio_language="fi"),
    "2160p and Finnish": holding(resolution="2160p", audio_language="fi"),
    "8K, none": holding(resolution="4320p"),
    "no HDR, nearly all": holding(hdr=False),
    "duplicates": holding(duplicates=True),
    "duplicates, in a library": holding(duplicates=True, library_id=2),
    "duplicates by size": holding(duplicates=True, sort=FileSort.SIZE),
    "rotted": lambda session: files_page(session, FileFilter(rotted=True)),
    "doubted": lambda session: files_page(session, FileFilter(doubted=True)),
    "missing": gone(),
    "missing, in a library": gone(library_id=2),
    "missing, a word": gone(words="night 4203"),
    "a word of all files": said("1080p"),
    "a word of all files, in a library": said("1080p", library_id=2),
    "two words of all files": said("1080p x264"),
    "a word of a sixth": said("night"),
    "two words of few": said("night 4211"),
    "a common and a rare word": said("1080p 4211"),
}


async def measure(url: str, explain: bool) -> None:
    database = Database(url)
    unit = 0.0
    for name, ask in ASKED.items():
        times: list[float] = []
        for _ in range(3):
            async with database.read() as session:
                start = time.perf_counter()
                await ask(session)
                times.append(1000 * (time.perf_counter() - start))
        unit = unit or min(times)
        print(f"{name:36} {min(times):9.1f} ms {min(times) / unit:8.1f} times", flush=True)
        if explain:
            await _explain(database, ask)
    await database.dispose()


async def _explain(database: Database, ask: Ask) -> None:
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    engine: Engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    async with database.read() as session:
        await ask(session)
    event.remove(engine, "before_cursor_execute", note)
    how = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN ANALYZE "
    async with database.read() as session:
        connection = await session.connection()
        for statement, parameters in seen:
            start = time.perf_counter()
            (await connection.exec_driver_sql(statement, parameters)).all()
            print(f"  -- {1000 * (time.perf_counter() - start):.1f} ms: {' '.join(statement.split())[:300]}")
            for row in (await connection.exec_driver_sql(how + statement, parameters)).all():
                print("    ", row[-1])


if __name__ == "__main__":
    asyncio.run(measure(sys.argv[1], len(sys.argv) > 2))

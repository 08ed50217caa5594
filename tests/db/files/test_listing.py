"""The lists of files: every filter and sort gives each file once, in order, and a page of it uses an index."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, select, text, update

from mediastead.db.engine import Database
from mediastead.files.content_models import MediaFileStream
from mediastead.files.contents import ContentFilter, holds
from mediastead.files.duplicates import note_alike
from mediastead.files.listing import FileFilter, FileSort, files_page
from mediastead.files.models import Folder, MediaFile, MediaFileState
from mediastead.files.schemas import FileShown, ProviderWait, moment
from mediastead.files.types import Identification, Presence, Role, StreamKind
from mediastead.http.errors import InvalidCursor
from mediastead.libraries.models import Library

from .shelf import MATRIX, MOMENT, Shelf, ignored, series, sure


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


async def listed(database: Database, *, limit: int = 3, provider: Any = None, **asked: Any) -> list[FileShown]:
    """All files of a list, page by page."""
    options = {name: asked.pop(name) for name in ("sort", "descending", "decisions", "few") if name in asked}
    files: list[FileShown] = []
    cursor = None
    while True:
        async with database.read() as session:
            page = await files_page(
                session, FileFilter(**asked), cursor=cursor, limit=limit, provider=provider, **options
            )
        files += page.items
        assert len(page.items) <= limit
        if page.next is None:
            return files
        assert len(page.items) == limit
        cursor = page.next


async def paths(database: Database, **asked: Any) -> list[str]:
    return [file.path for file in await listed(database, **asked)]


@pytest.mark.parametrize("descending", [False, True])
async def test_sorted_pages_give_every_file_once(database: Database, shelf: Shelf, descending: bool) -> None:
    library = await shelf.library()
    made: list[tuple[str, int, int]] = []
    for number, name in enumerate(["b.mkv", "Ä.mkv", "a.mkv", "B.mkv", "z z.mkv", "10.mkv", "9.mkv", "Zz.mkv"]):
        file = await shelf.file(library, f"{number}/{name}", size=number % 3)
        made.append((f"{number}/{name}", file, number % 3))
    by_name = ["5/10.mkv", "6/9.mkv", "1/Ä.mkv", "2/a.mkv", "0/b.mkv", "3/B.mkv", "4/z z.mkv", "7/Zz.mkv"]
    expected = {
        FileSort.NAME: by_name,
        FileSort.ADDED: [path for path, _, _ in made],
        FileSort.SIZE: [path for path, file, size in sorted(made, key=lambda each: (each[2], each[1]))],
    }
    for sort, ordered in expected.items():
        wanted = ordered[::-1] if descending else ordered
        for limit in (1, 3, 8, 50):
            assert await paths(database, sort=sort, descending=descending, limit=limit) == wanted


async def test_a_page_goes_on_after_the_last_row_whatever_came_or_went(database: Database, shelf: Shelf) -> None:
    library = await shelf.library()
    for name in "bdf":
        await shelf.file(library, f"{name}.mkv")
    async with database.read() as session:
        page = await files_page(session, FileFilter(), limit=2)
    await shelf.file(library, "a.mkv")
    await shelf.file(library, "e.mkv")
    async with database.read() as session:
        rest = await files_page(session, FileFilter(), limit=5, cursor=page.next)
    assert [file.path for file in rest.items] == ["e.mkv", "f.mkv"]


async def test_the_cursor_of_another_sort_is_refused(database: Database, shelf: Shelf) -> None:
    library = await shelf.library()
    for name in "ab":
        await shelf.file(library, name)
    async with database.read() as session:
        page = await files_page(session, FileFilter(), limit=1)
        with pytest.raises(InvalidCursor):
            await files_page(session, FileFilter(), sort=FileSort.SIZE, cursor=page.next)


async def test_each_filter_gives_what_it_says(database: Database, shelf: Shelf) -> None:
    films, shows = await shelf.library("Films"), await shelf.library("Shows")
    matrix = await shelf.file(films, "The Matrix (1999)/The.Matrix.mkv")
    await shelf.decide(matrix, sure(MATRIX), MATRIX)
    sample = await shelf.file(films, "The Matrix (1999)/Sample/s.mkv")
    await shelf.decide(sample, ignored(Role.SAMPLE))
    facts = series()
    episode = await shelf.file(shows, "Long Winter/S01E02.mkv", presence=Presence.MISSING)
    await shelf.decide(episode, sure(facts, (1, 2)), facts)
    await shelf.file(shows, "Long Winter Two/x.mkv")
    await shelf.file(shows, "Long Winter/forgotten.mkv", presence=Presence.MISSING, hidden=True)
    assert await paths(database, library_id=shows) == ["Long Winter/S01E02.mkv", "Long Winter Two/x.mkv"]
    assert await paths(database, library_id=shows + 100) == []
    assert await paths(database, identification=Identification.PENDING) == ["Long Winter Two/x.mkv"]
    assert await paths(database, identification=Identification.IGNORED) == ["The Matrix (1999)/Sample/s.mkv"]
    assert await paths(database, presence=Presence.MISSING) == ["Long Winter/S01E02.mkv"]
    assert len(await paths(database, presence=Presence.PRESENT)) == 3
    assert await paths(database, role=Role.SAMPLE) == ["The Matrix (1999)/Sample/s.mkv"]
    assert await paths(database, item_id=(await shelf.item_by_tmdb(603)).id) == ["The Matrix (1999)/The.Matrix.mkv"]
    folder = await shelf.folder(films, b"The Matrix (1999)")
    assert len(await paths(database, folder_id=folder)) == 2
    assert await paths(database, folder_id=await shelf.folder(shows, b"Long Winter")) == ["Long Winter/S01E02.mkv"]
    assert len(await paths(database, folder_id=await shelf.folder(shows, b""))) == 2
    assert await paths(database, folder_id=folder + 1000) == []
    both = await paths(database, library_id=shows, presence=Presence.MISSING, role=Role.EPISODE)
    assert both == ["Long Winter/S01E02.mkv"]


async def test_a_folder_deeper_than_what_is_indexed_of_its_path_gives_what_lies_beneath(
    database: Database, shelf: Shelf
) -> None:
    library = await shelf.library()
    deep = b"/".join([b"\xff" * 90] * 5)
    inside = await shelf.file(library, deep + b"/a/x.mkv")
    await shelf.file(library, deep + b"b/y.mkv")
    files = await listed(database, folder_id=await shelf.folder(library, deep))
    assert [file.id for file in files] == [inside]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("matrix", ["a", "b"]),
        ("MATR", ["a", "b"]),
        ("matrix 1999", ["a"]),
        ("trix", []),
        ("amelie", ["c"]),
        ("Amélie poul", ["c"]),
        ("x265 matrix", ["b"]),
        ("s01e02", ["d"]),
        ("s01", ["d"]),
        ("東京", ["e"]),
        ("'\" OR * NEAR( -- ; :* & | !", []),
        ("!!!", ["a", "b", "c", "d", "e"]),
        ("", ["a", "b", "c", "d", "e"]),
        ("matrix and more " + "word " * 50, []),
    ],
)
async def test_words_are_found_by_their_beginnings_in_name_or_folder(
    database: Database, shelf: Shelf, words: str, found: list[str]
) -> None:
    library = await shelf.library()
    names = {
        "a": "The Matrix (1999)/The.Matrix.mkv",
        "b": "x265/Matrix.Reloaded.2003.mkv",
        "c": "Le Fabuleux Destin d'Amélie Poulain/film.mkv",
        "d": "Dark/S01E02.mkv",
        "e": "東京物語/movie.mkv",
    }
    for name in names.values():
        await shelf.file(library, name)
    assert sorted(await paths(database, words=words)) == sorted(names[each] for each in found)


async def test_a_renamed_folder_is_found_by_its_new_name_only(database: Database, shelf: Shelf) -> None:
    library = await shelf.library()
    await shelf.file(library, "Old Name/x.mkv")
    async with database.write() as session:
        await session.execute(text("UPDATE folder SET search_text = 'new name'"))
    assert (len(await paths(database, words="old")), len(await paths(database, words="new"))) == (0, 1)


async def test_what_cannot_be_looked_at_now_is_unknown_and_not_present(database: Database, shelf: Shelf) -> None:
    near = await shelf.library("Near")
    far = await shelf.library("Far", unavailable_since=MOMENT, unavailable_reason="not mounted")
    await shelf.folder(near, b"locked", gap_since=MOMENT, gap_reason="permission denied")
    for library, path, presence in (
        (near, "open/a.mkv", Presence.PRESENT),
        (near, "locked/b.mkv", Presence.PRESENT),
        (near, "locked/c.mkv", Presence.MISSING),
        (far, "d.mkv", Presence.PRESENT),
        (far, "e.mkv", Presence.MISSING),
    ):
        await shelf.file(library, path, presence=presence)
    assert await paths(database, presence=Presence.PRESENT) == ["open/a.mkv"]
    assert await paths(database, presence=Presence.UNKNOWN) == ["locked/b.mkv", "d.mkv"]
    assert await paths(database, presence=Presence.MISSING) == ["locked/c.mkv", "e.mkv"]
    shown = {file.path: file.presence.value for file in await listed(database)}
    assert shown == {
        "open/a.mkv": "present",
        "locked/b.mkv": "unknown",
        "locked/c.mkv": "missing",
        "d.mkv": "unknown",
        "e.mkv": "missing",
    }


async def test_a_file_is_shown_with_all_that_lists_show(database: Database, shelf: Shelf) -> None:
    library, facts = await shelf.library("Shows"), series()
    file = await shelf.file(library, b"Long Winter/S01E02-E03 \xff.mkv", size=7, mtime_ns=1_700_000_000_123_456_789)
    await shelf.decide(file, sure(facts, (1, 3), (1, 2), part=1, edition="Uncut"), facts)
    (shown,) = await listed(database, decisions=True)
    assert (shown.library, shown.library_id, shown.path) == ("Shows", library, "Long Winter/S01E02-E03 \ufffd.mkv")
    assert shown.item is not None
    assert (shown.item.type, shown.item.tmdb_id, shown.item.title, shown.item.year) == (
        "series",
        1399,
        "Long Winter",
        2025,
    )
    assert [(each.season, each.number) for each in shown.episodes] == [(1, 2), (1, 3)]
    assert (shown.part, shown.edition, shown.size, shown.version) == (1, "Uncut", 7, 2)
    assert shown.mtime == datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)
    assert isinstance(shown.decision, dict)
    assert shown.decision["outcome"] == "match"


async def test_a_pending_file_says_what_it_waits_for(database: Database, shelf: Shelf) -> None:
    library = await shelf.library()
    await shelf.file(library, "a.mkv")
    await shelf.file(library, "b.mkv", unsettled_since=MOMENT)
    await shelf.file(library, "c.mkv", presence=Presence.MISSING)
    await shelf.decide(await shelf.file(library, "d.mkv"), sure(MATRIX), MATRIX)
    wait = ProviderWait(provider="tmdb", trouble="down", detail="wait", retry_at=MOMENT)
    waits = [file.waiting_for for file in await listed(database, provider=wait)]
    assert [type(each).__name__ for each in waits] == ["ProviderWait", "SettlingWait", "NoneType", "NoneType"]
    assert (await listed(database))[0].waiting_for is None


def test_every_time_that_can_be_stored_can_be_shown() -> None:
    assert [moment(each).year for each in (-(2**63), 0, 2**63 - 1)] == [1677, 1970, 2262]


def wanted_plans() -> list[tuple[dict[str, Any], FileSort]]:
    """Filters and sorts of which no page may look at all files, or sort them."""
    name, added, size = FileSort.NAME, FileSort.ADDED, FileSort.SIZE
    return [
        ({}, name),
        ({}, added),
        ({}, size),
        ({"library_id": 1}, name),
        ({"library_id": 1}, added),
        ({"identification": Identification.UNMATCHED}, name),
        ({"identification": Identification.UNMATCHED}, added),
        ({"role": Role.EXTRA}, name),
        ({"role": Role.EXTRA}, added),
        ({"presence": Presence.MISSING}, size),
    ]


@pytest.mark.parametrize("descending", [False, True])
async def test_a_page_walks_an_index_and_sorts_nothing(
    database: Database, shelf: Shelf, descending: bool, request: pytest.FixtureRequest
) -> None:
    library = await shelf.library()
    for number in range(3):
        await shelf.file(library, f"{number}.mkv")
    statements: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", keep)
    request.addfinalizer(lambda: event.remove(database.engine.sync_engine, "before_cursor_execute", keep))
    for asked, sort in wanted_plans():
        async with database.read() as session:
            first = await files_page(session, FileFilter(**asked), sort=sort, descending=descending, limit=1)
            cursor = first.next
            if cursor is None:
                cursor = (await files_page(session, FileFilter(), sort=sort, descending=descending, limit=1)).next
            statements.clear()
            await files_page(session, FileFilter(**asked), sort=sort, descending=descending, cursor=cursor, limit=1)
        statement, parameters = next(each for each in statements if "LIMIT" in each[0])
        plan = await plan_of(database, statement, parameters)
        assert "TEMP B-TREE" not in plan, (asked, sort, plan)
        assert "Sort" not in plan, (asked, sort, plan)
        assert "SCAN media_file\n" not in plan, (asked, sort, plan)
        assert "Seq Scan on media_file " not in plan, (asked, sort, plan)


@pytest.mark.parametrize("descending", [False, True])
async def test_what_a_filter_leaves_is_the_same_whether_it_is_little_or_much(
    database: Database, shelf: Shelf, descending: bool
) -> None:
    library, other = await shelf.library(), await shelf.library("Other")
    for number in range(12):
        presence = Presence.MISSING if number % 3 == 0 else Presence.PRESENT
        path = f"{number % 4}/{number * 7 % 12}.mkv"
        await shelf.file(other if number == 5 else library, path, size=number % 5, presence=presence, role=Role.EXTRA)
    asked: list[dict[str, Any]] = [
        {"role": Role.EXTRA},
        {"library_id": library, "presence": Presence.MISSING},
        {"library_id": library, "identification": Identification.PENDING},
        {"presence": Presence.PRESENT, "role": Role.EXTRA},
        {"words": "mkv"},
        {"words": "mk", "library_id": library},
    ]
    for sort in FileSort:
        for each in asked:
            lists: list[list[str]] = []
            for few in (0, 5000):
                lists.append(await paths(database, sort=sort, descending=descending, few=few, **each))
            assert lists[0] == lists[1]
            assert len(lists[0]) >= 4


@pytest.mark.parametrize("few", [0, 5000])
async def test_files_that_hold_the_same_are_listed_in_every_order_until_one_of_them_changes(
    database: Database, shelf: Shelf, few: int
) -> None:
    library = await shelf.library()
    ids = [await shelf.file(library, f"{number}.mkv", size=7) for number in range(4)]
    content = ContentFilter(duplicates=True)
    for file_id, fingerprint in zip(ids, (b"a" * 16, b"b" * 16, b"a" * 16, b""), strict=True):
        async with database.write() as session:
            taken = update(MediaFileState).where(MediaFileState.file_id == file_id)
            await session.execute(taken.values(fingerprint=fingerprint))
            await note_alike(session, [file_id])
    for sort in FileSort:
        assert await paths(database, sort=sort, few=few, content=content) == ["0.mkv", "2.mkv"]
    async with database.write() as session:
        changed = update(MediaFileState).where(MediaFileState.file_id == ids[2])
        await session.execute(changed.values(fingerprint=None))
    for sort in FileSort:
        assert await paths(database, sort=sort, few=few, content=content) == []


@pytest.mark.parametrize("few", [0, 5000])
async def test_files_in_a_language_are_the_same_whether_they_are_found_or_tested(
    database: Database, shelf: Shelf, few: int
) -> None:
    library = await shelf.library()
    for number, language in enumerate(("en", "en-gb", "eng", "de", None)):
        file_id = await shelf.file(library, f"{number}.mkv")
        async with database.write() as session:
            row = {"file_id": file_id, "number": 0, "language": language, "forced": False, "default": True}
            await session.execute(insert(MediaFileStream), row | {"kind": StreamKind.AUDIO})
    assert await paths(database, few=few, content=ContentFilter(audio_language="en")) == ["0.mkv", "1.mkv"]
    assert await paths(database, few=few, content=ContentFilter(subtitle_language="en")) == []


async def test_a_test_of_a_language_looks_at_the_streams_of_one_file(database: Database) -> None:
    async with database.read() as session:
        (tested,) = await holds(session, ContentFilter(audio_language="en"), walking=True)
        statement = select(MediaFile.id).where(tested)
        compiled = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = await plan_of(database, str(compiled), ())
    # PostgreSQL knows how many rows there are; here there are none.
    assert not database.is_sqlite or "media_file_stream_language" not in plan, plan


async def plan_of(database: Database, statement: str, parameters: Any) -> str:
    async with database.engine.connect() as connection:
        if database.is_sqlite:
            rows = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
        else:
            # Three rows are read fastest by looking at all; the question is what many rows allow.
            for setting in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
                await connection.exec_driver_sql(f"SET LOCAL {setting} = off")
            rows = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).all()
    return "\n".join(str(row[-1]) for row in rows) + "\n"


async def test_removing_a_library_takes_its_files_out_of_the_search(database: Database, shelf: Shelf) -> None:
    library = await shelf.library()
    await shelf.file(library, "Folder/word.mkv")
    async with database.write() as session:
        await session.execute(delete(Library).where(Library.id == library))
    assert await paths(database, words="word") == []
    async with database.read() as session:
        for table in (MediaFile, Folder):
            assert (await session.execute(select(table.id))).all() == []

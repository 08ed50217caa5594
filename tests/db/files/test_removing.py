"""A library is forgotten piece by piece, by whoever is there, and nobody looks into it meanwhile."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import func, insert, select, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.files import removing
from mediastead.files.models import FileEvent, Folder, MediaFile, MediaFileImport
from mediastead.files.queries import ImportFilter, import_detail, imports_page
from mediastead.files.removing import Remover, remove_all
from mediastead.files.schemas import ImportDetail
from mediastead.files.types import Happened
from mediastead.libraries.errors import LibraryBusy
from mediastead.libraries.lock import library_lock, organizing_lock
from mediastead.libraries.models import Library
from mediastead.libraries.service import begin_removal
from mediastead.operations.models import Operation
from mediastead.organizing.models import Organizing, OrganizingGroup

from ..scanning.shelf import Shelf, make_shelf


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "AT_ONCE", 3)
    monkeypatch.setattr(removing, "PAUSE_SECONDS", 0)


@pytest.fixture
async def shelf(database: Database, clock: SetClock, tmp_path: Path) -> Shelf:

    shelf = await make_shelf(database, clock, tmp_path / "films")
    for number in range(8):
        shelf.put(f"f{number}/a.mkv")
    await shelf.scan()
    return shelf


async def counted(database: Database, library_id: int) -> dict[str, int]:
    async with database.read() as session:
        found: dict[str, int] = {}
        for table in (MediaFile, Folder):
            query = select(func.count()).where(table.library_id == library_id)
            found[table.__tablename__] = (await session.execute(query)).scalar_one()
        return found


async def begin(shelf: Shelf) -> None:
    async with shelf.database.write() as session:
        await begin_removal(session, shelf.clock.now(), "somebody", shelf.library_id)


async def test_nothing_is_left_of_a_removed_library_but_its_files_and_the_operation(
    shelf: Shelf, database: Database, clock: SetClock, tmp_path: Path
) -> None:

    other = await make_shelf(database, clock, tmp_path / "others")
    other.put("a.mkv")
    await other.scan()
    async with database.write() as session:
        await session.execute(
            insert(FileEvent).values(
                file_id=await shelf.id_of("f1/a.mkv"),
                at=clock.now(),
                what=Happened.BACK,
                by="scan",
                library_id=shelf.library_id,
                path=b"f1/a.mkv",
            )
        )
    await begin(shelf)
    assert await remove_all(database, clock, shelf.library_id, asyncio.Event())
    assert await counted(database, shelf.library_id) == {"media_file": 0, "folder": 0}
    assert (await counted(database, other.library_id))["media_file"] == 1
    async with database.read() as session:
        assert await session.get(Library, shelf.library_id) is None
        assert (await session.execute(select(func.count()).select_from(FileEvent))).scalar_one() == 0
        operation = (await session.execute(select(Operation).where(Operation.kind == "library_removed"))).scalar_one()
    assert (operation.actor, operation.before["library"]["name"]) == ("somebody", "films")
    assert {path.name for path in shelf.root.iterdir()} == {f"f{number}" for number in range(8)}


async def test_how_its_files_came_in_stays_told_with_what_the_library_was_called(
    shelf: Shelf, database: Database, clock: SetClock
) -> None:
    file_id = await shelf.id_of("f1/a.mkv")
    told = {"library_id": shelf.library_id, "source_path": b"/in/a.mkv", "actor": "anna", "at": clock.now()}
    came = {"method": "copy", "success": True, "evidence": {"title": "Alien"}, "file_id": file_id, "error": None}
    failed = {"method": "move", "success": False, "evidence": {}, "file_id": None, "error": "No room."}
    async with database.write() as session:
        await session.execute(insert(MediaFileImport), [told | came, told | failed])
    before = await imports(database)
    assert [(each.success, each.library, each.library_removed) for each in before] == [
        (False, "films", None),
        (True, "films", None),
    ]
    await begin(shelf)
    clock.advance(timedelta(hours=1))
    assert await remove_all(database, clock, shelf.library_id, asyncio.Event())
    now = {"library_removed": clock.now(), "now_at": None}
    assert await imports(database) == [structs.replace(each, **now) for each in before]


async def imports(database: Database) -> list[ImportDetail]:
    async with database.read() as session:
        page = await imports_page(session, ImportFilter())
        found = [await import_detail(session, each.id) for each in page.items]
    return [each for each in found if each is not None]


async def test_what_was_begun_is_gone_on_with_after_a_stop(shelf: Shelf, database: Database, clock: SetClock) -> None:
    await begin(shelf)
    stop = asyncio.Event()
    stop.set()
    assert not await remove_all(database, clock, shelf.library_id, stop)
    assert (await counted(database, shelf.library_id))["media_file"] == 8
    stop.clear()
    running = asyncio.create_task(Remover(database, clock).run(stop))
    for _ in range(400):
        async with database.read() as session:
            if await session.get(Library, shelf.library_id) is None:
                break
        await asyncio.sleep(0.05)
    assert await counted(database, shelf.library_id) == {"media_file": 0, "folder": 0}
    stop.set()
    await running


async def test_nobody_scans_a_library_that_is_being_removed(shelf: Shelf, database: Database, clock: SetClock) -> None:
    await begin(shelf)
    async with library_lock(database, shelf.library_id).hold() as held:
        assert not held
    async with organizing_lock(database, shelf.library_id).hold() as held:
        assert held
        assert not await remove_all(database, clock, shelf.library_id, asyncio.Event()), "another is at it"


async def test_a_library_whose_files_are_between_two_places_is_not_removed(shelf: Shelf, clock: SetClock) -> None:
    async with shelf.database.write() as session:
        organizing = {"library_id": shelf.library_id, "kind": "rename", "state": "applying", "actor": "x", "counts": {}}
        made = insert(Organizing).values(**organizing, created_at=clock.now()).returning(Organizing.id)
        group = {"open_library_id": shelf.library_id, "state": "stuck", "epoch": 1, "attempts": 3, "backwards": False}
        await session.execute(
            insert(OrganizingGroup).values(**group, organizing_id=(await session.execute(made)).scalar_one())
        )
    with pytest.raises(LibraryBusy, match="organize list"):
        await begin(shelf)
    async with shelf.database.write() as session:
        await session.execute(update(OrganizingGroup).values(open_library_id=None, state="done"))
    await begin(shelf)

"""What happened to a file is told from the beginning, and nothing of it is rewritten."""

from mediastead.browsing.story import StoryEntry, file_story
from mediastead.files.forgetting import forget_files

from .shelf import Shelf


async def told(shelf: Shelf, file_id: int) -> list[StoryEntry]:
    async with shelf.database.read() as session:
        return (await file_story(session, file_id)).entries


async def test_a_file_tells_where_it_was_found_moved_missed_and_came_back(shelf: Shelf, other_shelf: Shelf) -> None:
    shelf.put("a/one.mkv")
    await shelf.scan()
    file_id = await shelf.id_of("a/one.mkv")
    shelf.move("a/one.mkv", "b/two.mkv")
    await shelf.scan()
    shelf.move("b/two.mkv", "kept", other_shelf)
    gone = await shelf.scan()
    other_shelf.move("kept", "b/two.mkv", shelf)
    await shelf.scan()
    shelf.put("b/two.mkv", b"another content")
    await shelf.scan()
    before = await told(shelf, file_id)
    shelf.move("b/two.mkv", "three.mkv", other_shelf)
    await other_shelf.scan()
    entries = await told(shelf, file_id)
    assert [(entry.what, entry.says) for entry in entries] == [
        ("found", "Found at films: a/one.mkv."),
        ("moved", "Moved from films: a/one.mkv to films: b/two.mkv."),
        ("missing", "Missing from films: b/two.mkv."),
        ("back", "Back at films: b/two.mkv."),
        ("replaced", "Replaced at films: b/two.mkv: 1 bytes -> 15 bytes."),
        ("moved", "Moved from films: b/two.mkv to series: three.mkv."),
    ]
    assert entries[:-1] == before
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert (entries[2].scan_id, entries[2].by) == (gone.id, "scan")


async def test_a_file_that_was_forgotten_tells_that_when_it_is_back(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    shelf.put("b.mkv")
    await shelf.scan()
    file_id, other = await shelf.id_of("a.mkv"), await shelf.id_of("b.mkv")
    shelf.remove("b.mkv")
    shelf.move("a.mkv", "../kept")
    await shelf.scan()
    async with shelf.database.write() as session:
        await forget_files(session, shelf.clock.now(), "anna", [other])
    async with shelf.database.write() as session:
        await forget_files(session, shelf.clock.now(), "anna", [file_id])
    shelf.move("../kept", "a.mkv")
    await shelf.scan()
    assert await shelf.id_of("a.mkv") == file_id
    assert [(entry.what, entry.by) for entry in await told(shelf, file_id)] == [
        ("found", "scan"),
        ("missing", "scan"),
        ("forget", "anna"),
        ("back", "scan"),
    ]


async def test_files_that_change_places_each_tell_their_own_move(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    shelf.put("b.mkv")
    await shelf.scan()
    one, two = await shelf.id_of("a.mkv"), await shelf.id_of("b.mkv")
    shelf.move("a.mkv", "aside")
    shelf.move("b.mkv", "a.mkv")
    shelf.move("aside", "b.mkv")
    await shelf.scan()
    assert [entry.says for entry in await told(shelf, one)][1:] == ["Moved from films: a.mkv to films: b.mkv."]
    assert [entry.says for entry in await told(shelf, two)][1:] == ["Moved from films: b.mkv to films: a.mkv."]

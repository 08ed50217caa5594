"""A file that two rows were known by at different times stays the one that it was last."""

from .shelf import Shelf


async def test_a_file_that_moves_on_stays_what_it_became_while_its_former_library_was_away(
    shelf: Shelf, other_shelf: Shelf
) -> None:
    other_shelf.put("film.mkv")
    await other_shelf.scan()
    former = await other_shelf.id_of("film.mkv")
    other_shelf.move("film.mkv", "film.mkv", shelf)
    away = other_shelf.root.rename(other_shelf.root.with_name("away"))
    other_shelf.root.mkdir()
    await shelf.scan()  # that it left its former library cannot be told, so it is a new file
    now = await shelf.id_of("film.mkv")
    assert now != former
    other_shelf.root.rmdir()
    away.rename(other_shelf.root)
    await other_shelf.scan()
    assert former in await other_shelf.missing()

    shelf.move("film.mkv", "elsewhere/film.mkv")
    await shelf.scan()
    assert await shelf.present() == {b"elsewhere/film.mkv": now}
    assert former in await other_shelf.missing()

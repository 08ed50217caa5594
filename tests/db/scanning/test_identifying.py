"""What identification makes of files that are claimed together."""

from sqlalchemy import select

from mediastead.catalog.models import MediaItem
from mediastead.events.wake import Wake
from mediastead.files.models import MediaFile
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.parsing import Parser
from mediastead.scanning.claims import own_slot
from mediastead.scanning.identify import Identifier

from .shelf import Shelf

THE_MATRIX, MEMENTO = 603, 77


async def test_the_same_path_in_two_libraries_has_in_each_the_nfo_that_lies_beside_it(
    shelf: Shelf, other_shelf: Shelf
) -> None:
    for library, tmdb_id in ((shelf, THE_MATRIX), (other_shelf, MEMENTO)):
        library.put("film/film.mkv")
        library.put("film/film.nfo", f"https://www.themoviedb.org/movie/{tmdb_id}".encode())
        await library.scan()
    async with Parser(workers=1) as parser, own_slot(shelf.database) as owner:
        await Identifier(shelf.database, shelf.clock, parser, BundledCatalogue(), Wake(), threshold=0.95).batch(owner)
    async with shelf.database.read() as session:
        query = select(MediaFile.library_id, MediaItem.tmdb_id).join(MediaItem)
        found = {tuple(row) for row in await session.execute(query)}
    assert found == {(shelf.library_id, THE_MATRIX), (other_shelf.library_id, MEMENTO)}

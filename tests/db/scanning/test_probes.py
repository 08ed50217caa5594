"""How long a file plays is looked at only where it would decide, once for the file as it is, and kept."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from mediastead.catalog.models import MediaItem
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.files.content_models import MediaFileProbe
from mediastead.files.models import MediaFile
from mediastead.files.types import Identification
from mediastead.libraries.models import LibraryKind
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.parsing import Parser
from mediastead.probing import Content, Prober
from mediastead.scanning.claims import own_slot
from mediastead.scanning.identify import Identifier

from .shelf import Shelf, make_shelf


class Saying(Prober):
    """A prober that says the same of every file, and notes which it was asked about."""

    def __init__(self, content: Content) -> None:
        super().__init__()
        self._content = content
        self.asked: list[bytes] = []

    async def probe(self, path: bytes) -> Content:
        self.asked.append(path.rpartition(b"/")[2])
        return self._content


@pytest.fixture
async def parser() -> AsyncGenerator[Parser]:
    async with Parser(workers=1) as parser:
        yield parser


async def identify(shelf: Shelf, parser: Parser, prober: Prober) -> None:
    identifier = Identifier(
        shelf.database, shelf.clock, parser, BundledCatalogue(), Wake(), threshold=0.95, prober=prober
    )
    async with own_slot(shelf.database) as owner:
        while await identifier.batch(owner):
            pass


async def taken_for(shelf: Shelf) -> dict[bytes, tuple[str, int | None]]:
    query = select(MediaFile.name, MediaFile.identification, MediaItem.tmdb_id).outerjoin(
        MediaItem, MediaItem.id == MediaFile.media_item_id
    )
    async with shelf.database.read() as session:
        return {name: (identification.value, item) for name, identification, item in await session.execute(query)}


async def test_only_the_file_that_its_duration_decides_is_looked_at(
    database: Database, clock: SetClock, parser: Parser, tmp_path: Path
) -> None:
    shelf = await make_shelf(database, clock, tmp_path / "films", kind=LibraryKind.MOVIES)
    for name in ("The Avengers.mkv", "The Matrix (1999).mkv", "MVI_1234.AVI"):
        shelf.put(name)
    await shelf.scan()
    prober = Saying(Content(duration_ms=89 * 60_000))
    await identify(shelf, parser, prober)
    assert prober.asked == [b"The Avengers.mkv"]
    assert (await taken_for(shelf))[b"The Avengers.mkv"] == ("matched", 9320)


async def test_content_that_says_nothing_is_not_read_twice_until_the_file_changes(
    database: Database, clock: SetClock, parser: Parser, tmp_path: Path
) -> None:
    shelf = await make_shelf(database, clock, tmp_path / "films", kind=LibraryKind.MOVIES)
    shelf.put("The Avengers.mkv")
    await shelf.scan()
    silence = "there is neither picture nor sound in it"
    silent = Saying(Content(error=silence))
    for _ in range(2):
        await identify(shelf, parser, silent)
        async with database.write() as session:
            await session.execute(update(MediaFile).values(identification=Identification.PENDING))
    assert silent.asked == [b"The Avengers.mkv"]
    async with database.write() as session:
        assert (await session.execute(select(MediaFileProbe.error))).scalar_one() == silence
        await session.execute(update(MediaFileProbe).values(size=MediaFileProbe.size + 1))
    await identify(shelf, parser, silent)
    assert len(silent.asked) == 2

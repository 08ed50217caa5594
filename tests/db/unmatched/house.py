"""A library in which persons answer, with identification beside them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from mediastead.catalog.types import ItemType
from mediastead.events.wake import Wake
from mediastead.files.models import MediaFile
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.parsing.nfo import NfoFacts
from mediastead.parsing.parsed import ParsedPath
from mediastead.scanning.claims import own_slot
from mediastead.scanning.identify import Identifier
from mediastead.unmatched.corrections import match_file, unmatch_file
from mediastead.unmatched.models import RememberedAnswer
from mediastead.unmatched.remembering import Holding
from mediastead.unmatched.revoking import revoke
from mediastead.unmatched.schemas import EpisodeAsked, FileMatch, FileUnmatch
from mediastead.unmatched.titles import prepare

from ...unit.parsing.reading_paths import read
from ..scanning.shelf import Shelf

BREAKING_BAD, DEXTER = 1396, 1405
MATRIX, FIGHT_CLUB = 603, 550


class InThisProcess:
    """Parses as `parsing.Parser` does, without its processes."""

    async def parse(
        self, paths: Sequence[str], *, nfo: Mapping[str, Sequence[NfoFacts]] | None = None
    ) -> list[ParsedPath]:
        return [read(path) for path in paths]


class House:
    """A library on disk, a catalogue that counts what it is asked, and identification that runs when it is told to."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf, self.database, self.clock = shelf, shelf.database, shelf.clock
        self.provider = BundledCatalogue()
        parser: Any = InThisProcess()
        self.identifier = Identifier(self.database, self.clock, parser, self.provider, Wake(), threshold=0.95)

    async def scan(self) -> None:
        await self.shelf.scan()
        await self.identify()

    async def identify(self) -> int:
        """Until nothing is pending; how often the catalogue was asked."""
        before = self.provider.calls
        self.clock.advance(timedelta(seconds=1))
        async with own_slot(self.database) as owner:
            while await self.identifier.batch(owner):
                pass
        return self.provider.calls - before

    async def add(self, *paths: str) -> None:
        for path in paths:
            self.shelf.put(path)
        await self.scan()

    async def file(self, path: str) -> MediaFile:
        file_id = await self.shelf.id_of(path)
        async with self.database.read() as session:
            return (await session.execute(select(MediaFile).where(MediaFile.id == file_id))).scalar_one()

    async def state(self, *paths: str) -> list[str]:
        return [(await self.file(path)).identification.value for path in paths]

    async def answer(
        self, path: str, tmdb_id: int, *episode: int, type: ItemType = ItemType.SERIES, remember: bool = True
    ) -> list[Holding]:
        self.clock.advance(timedelta(seconds=1))
        file = await self.file(path)
        numbers = [EpisodeAsked(*episode)] if episode else []
        answer = FileMatch(type=type, tmdb_id=tmdb_id, episodes=numbers, version=file.version, remember=remember)
        prepared = await prepare(self.database, self.provider, [answer])
        async with self.database.write() as session:
            return await match_file(session, self.clock.now(), "anna", file.id, answer, prepared)

    async def revoke(self, answer_id: int, *, also_files: bool = False) -> None:
        self.clock.advance(timedelta(seconds=1))
        async with self.database.write() as session:
            await revoke(session, self.clock.now(), "ben", answer_id, also_files=also_files)

    async def unmatch(self, path: str) -> int | None:
        file = await self.file(path)
        async with self.database.write() as session:
            followed = await unmatch_file(session, self.clock.now(), "anna", file.id, FileUnmatch(version=file.version))
        return followed.id if followed else None

    async def answers(self) -> list[tuple[int, str, str | None]]:
        query = select(RememberedAnswer.id, RememberedAnswer.holds, RememberedAnswer.revoked_by)
        async with self.database.read() as session:
            rows = (await session.execute(query.order_by(RememberedAnswer.id))).all()
        return [(row[0], row[1].value, row[2]) for row in rows]

    async def rows(self, table: Any, *where: Any) -> Sequence[Any]:
        async with self.database.read() as session:
            return (await session.execute(select(*table.__table__.columns).where(*where))).all()

"""What a file is taken for does not depend on the order of files, the size of batches, on who decides beside it, nor on what was
decided before."""

import asyncio
import random
import shutil
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.db.text import shown
from mediastead.events.wake import Wake
from mediastead.files.models import Folder, MediaFile, MediaFileDecision
from mediastead.files.paths import joined
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.parsing import Parser
from mediastead.scanning.claims import own_slot
from mediastead.scanning.identify import Identifier

from ...golden.cases import NAMES, cases_of
from .shelf import Shelf, make_shelf

PATHS = (
    *[case.path for name in NAMES for case in cases_of(name)][::25],
    *(f"Breaking Bad/Season 2/Breaking Bad - 2x{number:02}.mkv" for number in range(1, 16)),
    *(f"Overlord/[HarbourSubs] Overlord - {number:02}.mkv" for number in range(11, 17)),
    *(f"DCIM/MVI_{number}.AVI" for number in range(1234, 1240)),
    "The Village Choir/Season 1/The Village Choir - S01E01.mkv",
    "The Village Choir/Season 1/The Village Choir - S01E02.mkv",
    "Cinderella/Cinderella.mkv",
    "Cinderella/Trailers/teaser.mp4",
    "Gravity (2013)/Gravity (2013).mkv",
    "Gravity (2013)/trailer.mp4",
)
"""Some of the golden set, and folders in which files have something to do with each other."""

Decisions = dict[str, Any]
"""By path: identification, role and the decision as it is kept."""


@pytest.fixture
async def parser() -> AsyncGenerator[Parser]:
    async with Parser(workers=1) as parser:
        yield parser


class Look:
    """A library on a database of its own, of which batches of a given size are identified."""

    def __init__(self, shelf: Shelf, parser: Parser, batch_size: int) -> None:
        self.shelf = shelf
        self.identifiers = [
            Identifier(
                shelf.database, shelf.clock, parser, BundledCatalogue(), Wake(), threshold=0.95, batch_size=batch_size
            )
            for _ in range(2)
        ]

    async def add(self, paths: Sequence[str]) -> None:
        for path in paths:
            if path.endswith(("/VIDEO_TS", "/BDMV")):
                path += "/x.bin"
            self.shelf.put(path)
        await self.shelf.scan()

    async def identify(self, at_once: int = 1) -> None:
        """Until nothing is left to do."""

        async def work(identifier: Identifier) -> None:
            async with own_slot(self.shelf.database) as owner:
                while await identifier.batch(owner):
                    pass

        await asyncio.gather(*map(work, self.identifiers[:at_once]))

    async def decisions(self) -> Decisions:
        query = (
            select(Folder.path, MediaFile.name, MediaFile.identification, MediaFile.role, MediaFileDecision.body)
            .join(Folder, Folder.id == MediaFile.folder_id)
            .join(MediaFileDecision, MediaFileDecision.file_id == MediaFile.id)
        )
        async with self.shelf.database.read() as session:
            return {
                shown(joined(folder, name)): (identification, role, msgspec.json.decode(body))
                for folder, name, identification, role, body in await session.execute(query)
            }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_files_are_decided_alike_in_whatever_order_and_company(
    database: Database, sqlite_template: Path, clock: SetClock, parser: Parser, tmp_path: Path
) -> None:
    async def another(name: str, batch_size: int) -> Look:
        path = tmp_path / f"{name}.db"
        shutil.copy(sqlite_template, path)
        other = Database(f"sqlite+aiosqlite:///{path}")
        others.append(other)
        return Look(await make_shelf(other, clock, tmp_path / name), parser, batch_size)

    others: list[Database] = []
    try:
        first = Look(await make_shelf(database, clock, tmp_path / "first"), parser, 100)
        await first.add(PATHS)
        await first.identify()
        expected = await first.decisions()
        assert len(expected) == len(PATHS)
        assert {one for one, _, _ in expected.values()} == {"matched", "unmatched", "ignored"}

        backwards = await another("backwards", 7)
        await backwards.add(PATHS[::-1])
        await backwards.identify()
        assert await backwards.decisions() == expected

        # Two at once, in batches of three, the files in no order
        shuffled = await another("shuffled", 3)
        await shuffled.add(random.Random(4).sample(PATHS, len(PATHS)))
        await shuffled.identify(at_once=2)
        assert await shuffled.decisions() == expected

        # Half of the folders on one day, the others on another
        folders = sorted({path.split("/")[0] for path in PATHS})
        later = set(folders[1::2])
        halves = await another("halves", 20)
        await halves.add([path for path in PATHS if path.split("/")[0] in later])
        await halves.identify()
        await halves.add([path for path in PATHS if path.split("/")[0] not in later])
        await halves.identify()
        assert await halves.decisions() == expected
    finally:
        for other in others:
            await other.dispose()

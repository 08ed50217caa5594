"""Rows for tests: a library with folders and files, items with episodes, and questions, each made by one call."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from mediastead.catalog.models import Episode, MediaItem, Season
from mediastead.catalog.types import ItemType
from mediastead.db.engine import Database
from mediastead.db.text import folded, shown
from mediastead.files.models import Folder, MediaFile, MediaFileImport, MediaFileState
from mediastead.files.paths import path_hash
from mediastead.files.types import Identification, Presence
from mediastead.libraries.models import Library, LibraryKind
from mediastead.matching.decision import Decision, EpisodeNumber, Evidence, Outcome, Suggestion
from mediastead.metadata.facts import EpisodeFacts, ItemFacts, SeasonFacts
from mediastead.metadata.items import store_item
from mediastead.unmatched.models import RejectedMatch, UnmatchedFile
from mediastead.unmatched.recording import FileOutcome, record_outcomes

MOMENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

MATRIX = ItemFacts(type=ItemType.MOVIE, tmdb_id=603, title="The Matrix", year=1999, release_date=date(1999, 3, 31))
SIGNS = ItemFacts(type=ItemType.MOVIE, tmdb_id=2675, title="Signs", year=2002, release_date=date(2002, 8, 2))


def series(tmdb_id: int = 1399, episodes: int = 8, title: str = "Long Winter", specials: int = 0) -> ItemFacts:
    """Season 1 with so many episodes, one a week from 2025-01-01 on."""
    first = date(2025, 1, 1)
    seasons = [
        SeasonFacts(
            number=number,
            episodes=tuple(
                EpisodeFacts(number=one, title=f"Part {one}", air_date=first + timedelta(weeks=one))
                for one in range(1, count + 1)
            ),
        )
        for number, count in ((0, specials), (1, episodes))
        if count
    ]
    return ItemFacts(type=ItemType.SERIES, tmdb_id=tmdb_id, title=title, year=2025, seasons=tuple(seasons))


class Shelf:
    """Fills a database, each call in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._folders: dict[tuple[int, bytes], int] = {}

    async def library(self, name: str = "Films", **values: Any) -> int:
        row = {
            "name": name,
            "root": b"/media/" + name.encode(),
            "kind": LibraryKind.MIXED,
            "exclude_patterns": [],
            "created_at": MOMENT,
        }
        return await self._insert(Library, row | values)

    async def folder(self, library_id: int, path: bytes, **values: Any) -> int:
        known = self._folders.get((library_id, path))
        if known is None:
            row = {
                "library_id": library_id,
                "path": path,
                "path_hash": path_hash(path),
                "search_text": folded(shown(path)),
                "mount_point": False,
            }
            known = self._folders[library_id, path] = await self._insert(Folder, row | values)
        return known

    async def file(
        self,
        library_id: int,
        path: str | bytes,
        *,
        presence: Presence = Presence.PRESENT,
        size: int = 1000,
        **values: Any,
    ) -> int:
        raw = path.encode() if isinstance(path, str) else path
        folder, _, name = raw.rpartition(b"/")
        row = {
            "library_id": library_id,
            "folder_id": await self.folder(library_id, folder),
            "name": name,
            "search_text": folded(shown(name)),
            "identification": Identification.PENDING,
            "created_at": MOMENT,
        }
        state = {name: values.pop(name) for name in ("mtime_ns", "unsettled_since") if name in values}
        file_id = await self._insert(MediaFile, row | values)
        missing = MOMENT if presence is Presence.MISSING else None
        async with self.database.write() as session:
            where = {"file_id": file_id, "presence": presence, "size": size, "missing_since": missing}
            disk = {"mtime_ns": 1_700_000_000_000_000_000, "inode": file_id, "device": 1}
            await session.execute(insert(MediaFileState), where | disk | state)
        return file_id

    async def item(self, facts: ItemFacts) -> int:
        async with self.database.write() as session:
            return (await store_item(session, facts, MOMENT)).item_id

    async def decide(
        self, file_id: int, decision: Decision, facts: ItemFacts | None = None, **values: Any
    ) -> list[int]:
        """What identification decided about a file, recorded as the identifier does; gives what was skipped."""
        file = await self.row(file_id)
        async with self.database.write() as session:
            stored = await store_item(session, facts, MOMENT) if facts else None
            outcome = FileOutcome(
                file_id=file_id,
                version_seen=values.pop("version_seen", file.version),
                decision=decision,
                stored=stored,
                group_key=values.pop("group_key", f"group of {file_id}"),
                source_path=b"/media/" + file.name,
                **values,
            )
            return await record_outcomes(session, values.get("now", MOMENT), [outcome])

    async def question(self, file_id: int, decision: Decision | None = None, **values: Any) -> int:
        """An open question about a pending file; gives its id."""
        assert await self.decide(file_id, decision or unsure(), **values) == []
        return (await self.questions(file_id))[-1].id

    async def row(self, file_id: int) -> Any:
        async with self.database.read() as session:
            return (await session.execute(select(*MediaFile.__table__.columns).where(MediaFile.id == file_id))).one()

    async def questions(self, file_id: int) -> Sequence[Any]:
        query = select(*UnmatchedFile.__table__.columns).where(UnmatchedFile.file_id == file_id)
        return await self._all(query.order_by(UnmatchedFile.id))

    async def imports(self, file_id: int) -> Sequence[Any]:
        query = select(*MediaFileImport.__table__.columns).where(MediaFileImport.file_id == file_id)
        return await self._all(query.order_by(MediaFileImport.id))

    async def rejections(self, file_id: int) -> Sequence[Any]:
        return await self._all(select(*RejectedMatch.__table__.columns).where(RejectedMatch.file_id == file_id))

    async def episode_ids(self, item_id: int) -> dict[tuple[int, int], int]:
        query = select(Season.number, Episode.number, Episode.id).join(Episode, Episode.season_id == Season.id)
        return {(row[0], row[1]): row[2] for row in await self._all(query.where(Season.item_id == item_id))}

    async def item_by_tmdb(self, tmdb_id: int) -> Any:
        return (await self._all(select(*MediaItem.__table__.columns).where(MediaItem.tmdb_id == tmdb_id)))[0]

    async def _all(self, query: Any) -> Sequence[Any]:
        async with self.database.read() as session:
            return (await session.execute(query)).all()

    async def _insert(self, table: Any, row: dict[str, Any]) -> int:
        async with self.database.write() as session:
            return (await session.execute(insert(table).returning(table.id), row)).scalar_one()


def suggestion(facts: ItemFacts, *episodes: tuple[int, int], probability: float = 0.5) -> Suggestion:
    return Suggestion(
        type=facts.type,
        tmdb_id=facts.tmdb_id,
        title=facts.title,
        year=facts.year,
        episodes=tuple(EpisodeNumber(*each) for each in episodes),
        probability=probability,
        evidence=(Evidence(name="title", weight=1.5, detail="it is the title"),),
    )


def sure(facts: ItemFacts, *episodes: tuple[int, int], **values: Any) -> Decision:
    return Decision(
        outcome=Outcome.MATCH, probability=0.999, item=suggestion(facts, *episodes, probability=0.999), **values
    )


def unsure(*facts: ItemFacts, **values: Any) -> Decision:
    from mediastead.files.types import UnmatchedReason

    said = {"reason": UnmatchedReason.LOW_CONFIDENCE, "would_match_if": "A year in the folder name decides."}
    return Decision(outcome=Outcome.NO_MATCH, suggestions=tuple(suggestion(each) for each in facts), **(said | values))


def ignored(role: Any, rule: str = 'folder "Extras"') -> Decision:
    return Decision(outcome=Outcome.IGNORE, ignore_rule=rule, role=role)

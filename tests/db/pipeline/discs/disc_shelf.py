"""Discs, an item and a season for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update

from mediastead.catalog.types import ItemType
from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.metadata.facts import EpisodeFacts, ItemFacts, SeasonFacts
from mediastead.metadata.items import store_item
from mediastead.pipeline.discs import queries, service
from mediastead.pipeline.discs.correcting import set_titles
from mediastead.pipeline.discs.facts import DiscFacts, Reader, Seen, TitleFacts
from mediastead.pipeline.discs.guess import Subject
from mediastead.pipeline.discs.models import Disc, DiscKind, DiscTitle
from mediastead.pipeline.discs.schemas import DiscShown, TitleChange
from mediastead.pipeline.discs.seeing import record_seen
from mediastead.pipeline.discs.showing import show
from mediastead.pipeline.hosts.models import Host, HostState
from mediastead.pipeline.items.models import ItemState, PipelineItem
from mediastead.pipeline.items.models import ItemType as PipelineType
from mediastead.pipeline.items.service import NewItem, make_item

MOMENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_disc(
    name: str, *minutes: float, source: bytes = b"/dev/sr0", label: str | None = None, error: str | None = None
) -> Seen:
    """A DVD with titles of such lengths; the same name is the same pressing."""
    titles = tuple(
        TitleFacts(number=at, duration=each * 60 + 5, segments=(f"{name}:{at}",))
        for at, each in enumerate(minutes, start=1)
    )
    facts = DiscFacts(kind=DiscKind.DVD, reader=Reader.LSDVD, label=label, titles=titles)
    return Seen(
        source=source,
        kind=DiscKind.DVD,
        label=label,
        fingerprint=name.encode().ljust(16, b"."),
        facts=facts if titles else None,
        error=error,
    )


class DiscShelf:
    """Each call is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def host(self, name: str = "attic") -> int:
        row: dict[str, Any] = {
            "name": name,
            "state": HostState.ENABLED,
            "limits": {},
            "path_map": [],
            "commands": {},
            "free_bytes": {},
            "created_at": MOMENT,
        }
        async with self.database.write() as session:
            return (await session.execute(insert(Host).values(row).returning(Host.id))).scalar_one()

    async def item(
        self, name: str = "Firefly", type: PipelineType = PipelineType.SERIES, season: int | None = 1
    ) -> int:
        async with self.database.write() as session:
            return await make_item(session, MOMENT, "anna", NewItem(type=type, name=name, season=season), "/staging")

    async def end(self, item_id: int, state: ItemState) -> None:
        ended = {"state": state, "ended_at": MOMENT}
        async with self.database.write() as session:
            await session.execute(update(PipelineItem).where(PipelineItem.id == item_id).values(ended))

    async def series(self, minutes: Sequence[int | None], title: str = "Firefly") -> int:
        episodes = tuple(
            EpisodeFacts(number=at, title=f"Part {at} of it", runtime=each) for at, each in enumerate(minutes, start=1)
        )
        facts = ItemFacts(
            type=ItemType.SERIES,
            tmdb_id=1437,
            title=title,
            year=2002,
            runtime=44,
            seasons=(SeasonFacts(number=1, episodes=episodes),),
        )
        async with self.database.write() as session:
            return (await store_item(session, facts, MOMENT)).item_id

    async def see(self, host_id: int | None, seen: Seen) -> int | None:
        async with self.database.write() as session:
            return await record_seen(session, MOMENT, host_id, seen)

    async def place(self, disc_id: int, item_id: int, subject: Subject, number: int | None = None) -> None:
        async with self.database.write() as session:
            await service.place(session, MOMENT, disc_id, item_id, number, subject)

    async def correct(self, disc_id: int, *changes: TitleChange) -> None:
        async with self.database.write() as session:
            await set_titles(session, MOMENT, "anna", disc_id, changes)

    async def again(self, disc_id: int) -> None:
        async with self.database.write() as session:
            await service.again(session, MOMENT, "anna", disc_id)

    async def set_disc(self, disc_id: int, **values: Any) -> None:
        async with self.database.write() as session:
            await session.execute(update(Disc).where(Disc.id == disc_id).values(values))

    async def set_titles(self, disc_id: int, **values: Any) -> None:
        async with self.database.write() as session:
            await session.execute(update(DiscTitle).where(DiscTitle.disc_id == disc_id).values(values))

    async def show(self, disc_id: int) -> DiscShown:
        async with self.database.read() as session:
            return await show(session, disc_id)

    async def the_disc(self, disc_id: int) -> Disc:
        async with self.database.read() as session:
            disc = await queries.disc(session, disc_id)
        assert disc is not None
        return disc

    async def inserted(self) -> set[str]:
        """The names of what lies somewhere."""
        async with self.database.read() as session:
            sources = (await session.execute(select(Disc.source).where(Disc.inserted))).scalars()
            return {source.decode().rpartition("/")[2] for source in sources if source is not None}

    async def discs(self) -> int:
        async with self.database.read() as session:
            return len((await session.execute(select(Disc.id))).all())

    async def episodes(self, disc_id: int) -> list[list[int]]:
        return [title.episodes for title in (await self.show(disc_id)).titles]

    async def events(self) -> list[str]:
        async with self.database.read() as session:
            kinds = (await session.execute(select(Event.kind).order_by(Event.id))).scalars()
            return [kind for kind in kinds if kind.startswith("disc.")]

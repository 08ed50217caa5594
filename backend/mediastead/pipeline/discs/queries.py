"""What is asked of the discs' tables, and of the catalog for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, cast, column, func, or_, select, table
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ...catalog.models import Episode, MediaItem, Season
from ...db.text import shown
from ...http.paging import Page, decode_cursor, page_of
from ..hosts.models import Host, HostState
from ..hosts.queries import HEARD, own_host_id
from ..jobs.models import JobState, Stage, StageJob
from .guess import Guess
from .likelihood import EpisodeKnown, SeasonKnown
from .models import Disc, DiscKind, DiscSeen, DiscState, DiscTitle
from .schemas import DiscView
from .stored import guess_of


class Reported(NamedTuple):
    """A row of `DiscSeen`."""

    id: int
    host_id: int
    seen: str
    """JSON, of whatever kind and depth."""


class AtWork(NamedTuple):
    """A job that a host, or the server, is at now; or that brought a title into a library, and nothing followed from it yet."""

    id: int
    stage: Stage
    title_id: int | None
    """None for a rip, which is of the disc."""


async def disc(session: AsyncSession, disc_id: int, *, lock: bool = False) -> Disc | None:
    """As it is now; `lock`: nobody else changes it until this transaction ends."""
    query = select(Disc).where(Disc.id == disc_id).execution_options(populate_existing=True)
    return (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def lock_item_of(session: AsyncSession, item_id: int) -> None:
    """As `items.locking.lock_item`, whose room stands above this one."""
    await session.execute(select(_ITEM.c.id).where(_ITEM.c.id == item_id).with_for_update())


_ITEM = table("pipeline_item", column("id"))


async def discs_of(session: AsyncSession, item_id: int) -> list[Disc]:
    """Of an item, in the order of their numbers."""
    query = (
        select(Disc)
        .where(Disc.item_id == item_id)
        .order_by(Disc.number.is_(None), Disc.number, Disc.id)
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(query)).scalars())


async def discs_elsewhere(session: AsyncSession, disc_ids: Sequence[int], item_id: int) -> list[Disc]:
    """Those of them that belong to other items."""
    query = select(Disc).where(Disc.id.in_(disc_ids), Disc.item_id != item_id).order_by(Disc.id)
    return list((await session.execute(query.execution_options(populate_existing=True))).scalars())


async def titles_of(session: AsyncSession, disc_ids: Sequence[int]) -> dict[int, list[DiscTitle]]:
    """By disc, in the order of their numbers."""
    found: dict[int, list[DiscTitle]] = {disc_id: [] for disc_id in disc_ids}
    query = (
        select(DiscTitle)
        .where(DiscTitle.disc_id.in_(disc_ids))
        .order_by(DiscTitle.disc_id, DiscTitle.number)
        .execution_options(populate_existing=True)
    )
    for title in (await session.execute(query)).scalars():
        found[title.disc_id].append(title)
    return found


async def title(session: AsyncSession, title_id: int) -> DiscTitle | None:
    return await session.get(DiscTitle, title_id, populate_existing=True)


async def disc_with_number(session: AsyncSession, item_id: int, number: int) -> Disc | None:
    query = select(Disc).where(Disc.item_id == item_id, Disc.number == number)
    return (await session.execute(query)).scalar_one_or_none()


async def known_by(session: AsyncSession, fingerprint: bytes) -> Disc | None:
    """The disc that has this fingerprint; of several the one that belongs to an item, else the newest."""
    query = (
        select(Disc)
        .where(Disc.fingerprint == fingerprint)
        .order_by(Disc.item_id.is_(None), Disc.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def lying_at(session: AsyncSession, host_id: int | None, source: bytes) -> list[Disc]:
    """What was there when the host looked last."""
    query = select(Disc).where(Disc.host_id.is_not_distinct_from(host_id), Disc.source == source, Disc.inserted)
    return list((await session.execute(query.execution_options(populate_existing=True))).scalars())


async def has_jobs(session: AsyncSession, disc_id: int, states: Sequence[JobState] | None = None) -> bool:
    query = select(StageJob.id).where(StageJob.disc_id == disc_id).limit(1)
    if states is not None:
        query = query.where(StageJob.state.in_(states))
    return (await session.execute(query)).first() is not None


async def at_work(session: AsyncSession, disc_id: int) -> list[AtWork]:
    """What is made of it now."""
    query = select(StageJob.id, StageJob.stage, StageJob.title_id).order_by(StageJob.id)
    running = query.where(StageJob.disc_id == disc_id, or_(StageJob.state == JobState.RUNNING, _BROUGHT))
    return [AtWork(*row) for row in await session.execute(running)]


async def being_organized(session: AsyncSession, item_id: int) -> set[int]:
    """The titles of an item that are being brought into a library now, or were at this moment."""
    query = select(StageJob.title_id).where(
        StageJob.item_id == item_id,
        StageJob.stage == Stage.ORGANIZE,
        or_(StageJob.state == JobState.RUNNING, _BROUGHT),
    )
    return {title_id for title_id in (await session.execute(query)).scalars() if title_id is not None}


_BROUGHT = and_(StageJob.stage == Stage.ORGANIZE, StageJob.state == JobState.COMPLETED, StageJob.settled.is_(False))
"""The file lies in a library already, and its title does not say so yet."""


async def is_being_ripped(session: AsyncSession, disc_id: int) -> bool:
    """Whether somebody reads it now. What is made of its titles afterwards needs it no more."""
    running = StageJob.disc_id == disc_id, StageJob.stage == Stage.RIP, StageJob.state == JobState.RUNNING
    return (await session.execute(select(StageJob.id).where(*running).limit(1))).first() is not None


async def lying_on(session: AsyncSession, host_id: int) -> list[tuple[int, bytes]]:
    """(disc, source): what was there when the host looked last."""
    query = select(Disc.id, Disc.source).where(Disc.host_id == host_id, Disc.inserted, Disc.kind != DiscKind.FILES)
    return [(disc_id, source) for disc_id, source in await session.execute(query) if source is not None]


async def expected_on(session: AsyncSession, host_id: int) -> list[bytes]:
    """Where discs lay that somebody waits for, and nothing lies now."""
    other = aliased(Disc)
    taken = select(other.id).where(other.host_id == host_id, other.source == Disc.source, other.inserted).exists()
    query = (
        select(Disc.source)
        .where(
            Disc.host_id == host_id,
            Disc.inserted.is_(False),
            Disc.kind != DiscKind.FILES,
            Disc.state.in_((DiscState.PENDING, DiscState.RIPPING)),
            ~taken,
        )
        .distinct()
    )
    return [source for source in (await session.execute(query)).scalars() if source is not None]


async def to_guess(session: AsyncSession, limit: int) -> list[Disc]:
    """Discs that were read and of which nobody knows yet what they are."""
    query = (
        select(Disc)
        .where(
            Disc.item_id.is_(None),
            Disc.guess.is_(None),
            Disc.state == DiscState.PENDING,
            Disc.kind != DiscKind.FILES,
            Disc.fingerprint.is_not(None),
        )
        .order_by(Disc.id)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def to_read(session: AsyncSession, host_id: int | None) -> list[bytes]:
    """Sources on this host that a person wants to have read once more."""
    with_titles = select(DiscTitle.id).where(DiscTitle.disc_id == Disc.id).exists()
    query = select(Disc.source).where(
        Disc.host_id.is_not_distinct_from(host_id),
        Disc.state == DiscState.PENDING,
        Disc.inserted,
        Disc.kind != DiscKind.FILES,
        Disc.source.is_not(None),
        ~with_titles,
    )
    return [source for source in (await session.execute(query)).scalars() if source is not None]


async def reported(session: AsyncSession, limit: int) -> list[Reported]:
    """What hosts said that they saw, and nobody has recorded; the oldest first."""
    query = select(DiscSeen.id, DiscSeen.host_id, cast(DiscSeen.seen, Text)).order_by(DiscSeen.id).limit(limit)
    return [Reported(*row) for row in await session.execute(query)]


async def is_removed(session: AsyncSession, host_id: int) -> bool:
    """Whether the host was removed; where not, it is not before this transaction ends."""
    state = select(Host.state).where(Host.id == host_id).with_for_update(read=True)
    return (await session.execute(state)).scalar_one_or_none() in (None, HostState.REMOVED)


async def is_server(session: AsyncSession, host_id: int) -> bool:
    """Whether it is the server's own host."""
    return await own_host_id(session) == host_id


async def is_alive(session: AsyncSession, host_id: int, now: datetime) -> bool:
    """Whether it is another machine than the server's, and was heard of lately."""
    living = (Host.role_name.is_not(None), Host.state != HostState.REMOVED, Host.last_seen_at > now - HEARD)
    return (await session.execute(select(Host.id).where(Host.id == host_id, *living))).first() is not None


async def hosts_elsewhere(session: AsyncSession) -> dict[int, list[str] | None]:
    """Other machines than the server's: what each was told to read again."""
    query = select(Host.id, Host.read_again).where(Host.role_name.is_not(None), Host.state != HostState.REMOVED)
    return {row.id: row.read_again for row in await session.execute(query)}


async def unplaced(session: AsyncSession) -> list[Disc]:
    """Discs that are there, were read and looked into, and belong to no item."""
    query = (
        select(Disc)
        .where(Disc.item_id.is_(None), Disc.guess.is_not(None), Disc.state == DiscState.PENDING, Disc.inserted)
        .order_by(Disc.id)
    )
    return list((await session.execute(query)).scalars())


async def season_known(session: AsyncSession, media_item_id: int, number: int) -> SeasonKnown:
    """What the catalog knows of a season."""
    usual = (await session.execute(select(MediaItem.runtime).where(MediaItem.id == media_item_id))).scalar_one_or_none()
    query = (
        select(Episode.number, Episode.runtime, Episode.title)
        .join(Season, Season.id == Episode.season_id)
        .where(Season.item_id == media_item_id, Season.number == number)
        .order_by(Episode.number)
    )
    episodes = tuple(
        EpisodeKnown(number, float(runtime) if runtime else None, title)
        for number, runtime, title in await session.execute(query)
    )
    return SeasonKnown(number=number, episodes=episodes, usual_minutes=float(usual) if usual else None)


async def film_minutes(session: AsyncSession, media_item_id: int) -> float | None:
    runtime = (
        await session.execute(select(MediaItem.runtime).where(MediaItem.id == media_item_id))
    ).scalar_one_or_none()
    return float(runtime) if runtime else None


async def discs_page(
    session: AsyncSession,
    *,
    item_id: int | None,
    state: DiscState | None,
    inserted: bool | None,
    cursor: str | None,
    limit: int,
) -> Page[DiscView]:
    """Newest first."""
    query = _views().order_by(Disc.id.desc()).limit(limit + 1)
    if item_id is not None:
        query = query.where(Disc.item_id == item_id)
    if state is not None:
        query = query.where(Disc.state == state)
    if inserted is not None:
        query = query.where(Disc.inserted.is_(inserted))
    if cursor is not None:
        query = query.where(Disc.id < decode_cursor(cursor, int)[0])
    rows: list[Any] = list((await session.execute(query)).all())
    return page_of([_view(row[0], row[1]) for row in rows], limit, lambda view: (view.id,))


async def disc_view(session: AsyncSession, disc_id: int) -> DiscView | None:
    row: Any = (await session.execute(_views().where(Disc.id == disc_id))).one_or_none()
    return _view(row[0], row[1]) if row else None


def _views() -> Any:
    titles = select(func.count()).where(DiscTitle.disc_id == Disc.id).scalar_subquery()
    return select(Disc, titles)


def _view(disc: Disc, titles: int) -> DiscView:
    return DiscView(
        id=disc.id,
        item_id=disc.item_id,
        number=disc.number,
        kind=disc.kind,
        state=disc.state,
        host_id=disc.host_id,
        source=shown(disc.source) if disc.source is not None else None,
        inserted=disc.inserted,
        label=disc.label,
        fingerprint=disc.fingerprint.hex() if disc.fingerprint else None,
        titles=titles,
        guess=_shown_guess(disc),
        error=disc.error,
        seen_at=disc.seen_at,
        created_at=disc.created_at,
    )


def _shown_guess(disc: Disc) -> Guess | None:
    guess = guess_of(disc)
    return guess if guess.guessed or guess.subject else None

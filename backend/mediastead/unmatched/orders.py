"""The order in which the files of a series count its episodes: offered by the provider, chosen by a person, remembered.

Names of files are read by the chosen order from then on. What is matched already is changed only where a person asks for
it, after a look at what would change.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import structlog
from msgspec import Struct, structs
from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.queries import StoredFacts, item_by_id
from ..catalog.types import ItemType
from ..clock import Clock
from ..db.engine import Database
from ..db.text import shown
from ..errors import MediasteadError
from ..events.outbox import record
from ..files.identification import take_for
from ..files.queries import LockedFile, locked_files
from ..files.types import Identification, Role
from ..matching.decision import EpisodeNumber
from ..matching.meaning import episodes_meant
from ..matching.numbering import Located
from ..matching.renumbering import Recount, Renumbering, renumbering_of
from ..matching.said import said_numbers
from ..metadata.errors import NoSuchItem, OrderNotFound, ProviderMisbehaved, ProviderUnavailable
from ..metadata.facts import ItemFacts, Order
from ..metadata.provider import CatalogProvider
from ..operations.service import record_operation
from .episodes import facts_stored, named, titles_in
from .errors import NoOtherOrders
from .folder_neighbours import note_counted_otherwise
from .matches import Match, checked_match, write_matches
from .models import SeriesOrder
from .numbered import (
    BY_ORDER,
    ChosenOrder,
    SeriesFile,
    asked_of_series,
    chosen_order,
    files_of_series,
    orders_to_refresh,
)
from .order_schemas import OrderAnswer, OrderChosen, OrderedFile, OrderOffered, OrderPreview, OrdersShown
from .schemas import EpisodeAsked, MatchAnswer
from .standing import kept_before
from .titles import TitleRef, stored_titles, title_of
from .types import ReadPaths
from .verdicts import kept

MOST = 5000
"""Files of one series that are looked at; the longest-running ones have some 15,000 episodes, the usual ones below 200."""
AT_ONCE = 50
"""Orders that are refreshed in one go."""
ORDER = "order"
"""Under this an operation keeps the order of a series."""
BY_CHOICE = "by the order that you chose"

log = structlog.stdlib.get_logger(__name__)


class Meant(Struct, frozen=True, kw_only=True):
    """What an order makes of one file."""

    file: SeriesFile
    says: str
    located: Located

    @property
    def change(self) -> str:
        """As `OrderedFile.change` tells it."""
        if self.file.question_id is not None:
            return "would_match" if self.located.episodes else "none"
        if not self.located.episodes or self.located.episodes == self.file.episodes:
            return "none"
        return "kept" if self.file.settled else "other_episodes"


class Considered(Struct, frozen=True, kw_only=True):
    """An order with all that it means for the files of a series, as of the moment it was looked at."""

    item: StoredFacts
    facts: ItemFacts
    order: Order | None
    """None is the provider's own."""
    numbering: Renumbering
    files: list[Meant]

    def of(self, change: str) -> list[Meant]:
        return [each for each in self.files if each.change == change]


async def orders_shown(database: Database, provider: CatalogProvider, item_id: int) -> OrdersShown:
    """What the provider offers for a series, and what is chosen. Raises `NoSuchItem`, `NoOtherOrders`, `ProviderUnavailable`."""
    async with database.read() as session:
        item = await _series(session, item_id)
        chosen = await chosen_order(session, item_id)
    offered = await provider.orders(item.tmdb_id or 0)
    names = OrderOffered.__struct_fields__
    return OrdersShown(
        item_id=item_id,
        chosen=_chosen(chosen),
        offered=[OrderOffered(**{name: getattr(each, name) for name in names}) for each in offered],
    )


async def consider(
    database: Database, provider: CatalogProvider, read_paths: ReadPaths, item_id: int, group_id: str | None
) -> Considered:
    """What an order would mean for the files of a series. Opens its own read transaction; changes nothing.

    Raises `NoSuchItem`, `NoOtherOrders`, `OrderNotFound`, `ProviderUnavailable`.
    """
    async with database.read() as session:
        item = await _series(session, item_id)
        facts = await facts_stored(session, item)
        files = await files_of_series(session, item_id, MOST)
        files += await asked_of_series(session, item.tmdb_id or 0, MOST)
    order = await order_of(provider, item.tmdb_id or 0, group_id) if group_id is not None else None
    numbering = renumbering_of(order.parts) if order else Renumbering()
    recount = Recount(numbering, BY_CHOICE) if order else None
    meant: list[Meant] = []
    read = await read_paths([(file.root, file.path) for file in files])
    for file, parsed in zip(files, read, strict=True):
        located = await asyncio.to_thread(episodes_meant, parsed, facts, recount)
        meant.append(Meant(file=file, says=said_numbers(parsed).in_words(), located=located))
    return Considered(item=item, facts=facts, order=order, numbering=numbering, files=meant)


async def order_of(provider: CatalogProvider, tmdb_id: int, group_id: str) -> Order:
    """One of the orders that the provider has for this series, whole. Raises `OrderNotFound`."""
    if not any(each.group_id == group_id for each in await provider.orders(tmdb_id)):
        raise OrderNotFound(f"{provider.name} offers no order {group_id} for this series; list its orders.")
    return await provider.order(group_id)


def preview(considered: Considered, limit: int) -> OrderPreview:
    """For people; with up to `limit` files."""
    weight = {"other_episodes": 0, "would_match": 1, "kept": 2, "none": 3}
    ordered = sorted(considered.files, key=lambda each: (weight[each.change], each.file.path, each.file.file_id))
    titles = titles_in(considered.facts)
    return OrderPreview(
        item_id=considered.item.id,
        name=considered.order.name if considered.order else None,
        changing=len(considered.of("other_episodes")),
        kept=len(considered.of("kept")),
        asked=len(considered.of("would_match")),
        left=sum(each.file.question_id is not None for each in considered.of("none")),
        files=[_shown(each, titles) for each in ordered[:limit]],
    )


async def choose(
    session: AsyncSession, now: datetime, actor: str, considered: Considered, *, apply_to_matched: bool
) -> OrderAnswer:
    """Remember an order for a series, or that it is the provider's own again; files in the queue are identified again by it.

    With `apply_to_matched` the matched files that it means other episodes for get them, in the same operation; one that
    was changed since the order was considered, and what a person said of single files, stays as it is.
    """
    changing = considered.of("other_episodes")
    asked = [each for each in considered.files if each.file.question_id is not None]
    seen = {each.file.file_id: each for each in [*asked, *(changing if apply_to_matched else [])]}
    locked = await locked_files(session, seen)
    item_id = considered.item.id
    former = await chosen_order(session, item_id)
    matches = await _matches(session, now, considered, [locked[each] for each in locked if _is_due(locked[each], seen)])
    evidence = {BY_ORDER: considered.order.name if considered.order else None}
    was = await kept_before(session, [match.verdict.file for match in matches])
    before, after = await write_matches(session, now, actor, matches, was, evidence) if matches else ({}, {})
    chosen = await keep(session, now, actor, item_id, considered.order, considered.numbering)
    waiting = [file for file in locked.values() if file.identification is Identification.UNMATCHED]
    again = [kept(file, Identification.PENDING) for file in waiting]
    await take_for(session, now, actor, again)
    operation_id = await record_operation(
        session,
        now,
        actor,
        "order",
        _summary(considered, len(matches)),
        before | {ORDER: as_kept(item_id, former)},
        after | {ORDER: as_kept(item_id, chosen)},
    )
    record(session, now, "item.order", item_id=item_id, group_id=chosen.group_id if chosen else None, actor=actor)
    return OrderAnswer(
        item_id=item_id,
        chosen=_chosen(chosen),
        changed=len(matches),
        would_change=len(changing) - len(matches),
        asked_again=len(again),
        operation_id=operation_id,
    )


def as_kept(item_id: int, order: ChosenOrder | None) -> dict[str, Any]:
    """The order of a series as an operation keeps it."""
    return {"item_id": item_id, "order": msgspec.to_builtins(order) if order else None}


async def choose_with(
    session: AsyncSession, now: datetime, actor: str, item: StoredFacts, order: Order, *, part_of: int
) -> None:
    """Remember an order for a series with an answer for some of its files, as a part of that operation."""
    former = await chosen_order(session, item.id)
    chosen = await keep(session, now, actor, item.id, order, renumbering_of(order.parts))
    before, after = {ORDER: as_kept(item.id, former)}, {ORDER: as_kept(item.id, chosen)}
    summary = f'{item.title} is counted by "{order.name}"'
    await record_operation(session, now, actor, "order", summary, before, after, part_of=part_of)


async def keep(
    session: AsyncSession, now: datetime, actor: str, item_id: int, order: Order | None, numbering: Renumbering
) -> ChosenOrder | None:
    """Write the order of a series, in place of the one before; None removes it."""
    chosen = None
    if order is not None:
        chosen = ChosenOrder(
            item_id=item_id,
            group_id=order.group_id,
            name=order.name,
            numbering=numbering,
            chosen_by=actor,
            chosen_at=now,
        )
    await put_order(session, now, item_id, chosen)
    return chosen


async def put_order(session: AsyncSession, now: datetime, item_id: int, chosen: ChosenOrder | None) -> None:
    """Make this the order of a series; None is the provider's own."""
    await note_counted_otherwise(session, now, [item_id])
    await session.execute(delete(SeriesOrder).where(SeriesOrder.item_id == item_id))
    if chosen is not None:
        stored = structs.asdict(chosen) | {"numbering": msgspec.to_builtins(chosen.numbering), "refreshed_at": now}
        await session.execute(insert(SeriesOrder), stored)


async def refresh_orders(database: Database, provider: CatalogProvider, clock: Clock) -> int:
    """Bring the chosen orders up to date whose series were refreshed since; gives how many were looked at.

    An order that the provider no longer has stays as it was: files were named by it. Where the provider cannot be asked
    nothing happens, and the next call tries again.
    """
    async with database.read() as session:
        due = await orders_to_refresh(session, AT_ONCE)
    for item_id, group_id in due:
        try:
            numbering = renumbering_of((await provider.order(group_id)).parts)
        except ProviderUnavailable:
            return 0
        except (OrderNotFound, ProviderMisbehaved) as error:
            log.warning("an order was not refreshed", item_id=item_id, group_id=group_id, error=error.detail)
            numbering = None
        values: dict[str, object] = {"refreshed_at": clock.now()}
        if numbering is not None:
            values["numbering"] = msgspec.to_builtins(numbering)
        async with database.write() as session:
            mine = (SeriesOrder.item_id == item_id, SeriesOrder.group_id == group_id)
            await session.execute(update(SeriesOrder).where(*mine).values(**values))
    return len(due)


async def _series(session: AsyncSession, item_id: int) -> StoredFacts:
    item = await item_by_id(session, item_id)
    if item is None:
        raise NoSuchItem(item_id)
    if item.type is not ItemType.SERIES:
        raise NoOtherOrders(f'"{item.title}" is a film: only series are counted in orders.')
    if item.tmdb_id is None:
        raise NoOtherOrders(
            f'"{item.title}" was made by hand: link it to a TMDB id first, then it has the orders of that.'
        )
    return item


def _is_due(file: LockedFile, seen: dict[int, Meant]) -> bool:
    meant = seen[file.id]
    return (
        meant.file.question_id is None
        and file.identification is Identification.MATCHED
        and file.version == meant.file.version
    )


async def _matches(
    session: AsyncSession, now: datetime, considered: Considered, files: Sequence[LockedFile]
) -> list[Match]:
    """The files with the episodes that the order means; those are left out whose item or episodes are gone by now."""
    if not files:
        return []
    answer = MatchAnswer(item_id=considered.item.id)
    ref = TitleRef(considered.item.id, None, None)
    title = title_of(answer, await stored_titles(session, now, {ref: None}, [answer]))
    meant = {each.file.file_id: each.located.episodes for each in considered.files}
    matches: list[Match] = []
    for file in files:
        episodes = [EpisodeAsked(each.season, each.number) for each in meant[file.id]]
        held = MatchAnswer(item_id=title.item_id, episodes=episodes, role=Role.EPISODE)
        try:
            matches.append(checked_match(file, held, title))
        except MediasteadError as error:
            log.info("an order was not applied to a file", file_id=file.id, error=error.detail)
    return [match for match in matches if not match.changes_nothing]


def _summary(considered: Considered, files: int) -> str:
    order = f'"{considered.order.name}"' if considered.order else "the provider's own order"
    applied = f", and {files} files got other episodes" if files else ""
    return f"{considered.item.title} is counted by {order}{applied}"


def _chosen(order: ChosenOrder | None) -> OrderChosen | None:
    if order is None:
        return None
    return OrderChosen(**{name: getattr(order, name) for name in OrderChosen.__struct_fields__})


def _shown(meant: Meant, titles: dict[EpisodeNumber, str | None]) -> OrderedFile:
    missing = meant.located.missing
    return OrderedFile(
        file_id=meant.file.file_id,
        question_id=meant.file.question_id,
        path=shown(meant.file.path),
        says=meant.says,
        before=named(meant.file.episodes, titles),
        after=named(meant.located.episodes or meant.file.episodes, titles),
        change=meant.change,
        problem=f"The series {missing}." if missing else None,
    )

"""A person says what items are at the provider now: many at once, all that refers to them goes along.

Everything is checked before the first item is touched, so that what is refused for one item does not depend on how far the
others have come.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct, structs
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.queries import (
    EpisodeKey,
    StoredFacts,
    episode_ids,
    external_ids_of,
    item_ids_of,
    items_locked,
)
from ..catalog.types import ItemType
from ..clock import Clock
from ..db.engine import Database
from ..errors import Conflict, InvalidRequest, MediasteadError
from ..files.identification import take_for
from ..files.queries import LockedFile, locked_files
from ..files.types import Identification, UnmatchedReason
from ..http.problems import problem_data
from ..metadata.errors import IdOfAnotherTitle, NoSuchItem
from ..metadata.facts import ItemFacts
from ..metadata.gone import is_another_title
from ..metadata.linking import link_item
from ..metadata.provider import Provider
from ..metadata.queries import files_of, held_episodes
from .errors import EpisodesLacking, NotTheSameKind, RemappedTogether
from .models import RejectedMatch
from .queries import rejections_by_item
from .questions import Asked, ask, keyed
from .remap_schemas import LackingFile, ManyRemapped, ManyRemaps, Remap, RemapOutcome, RemapResult
from .schemas import EpisodeAsked
from .service import kept, note, on_new_episodes
from .standing import kept_before

AT_ONCE = 4
"""Titles that are asked for at the same time."""
LISTED = 200
"""Files of one item that are named because the title lacks their episodes; the number is told of all."""

FOR_GOOD = (
    "Two items that become one cannot be parted again by taking it back, since nothing tells which answer was for which of them. "
    "If they are not the same, match the files of this one to the title that they are instead (`mediastead files match`)."
)

TitleKey: TypeAlias = tuple[ItemType, int]
Told: TypeAlias = Mapping[TitleKey, ItemFacts | MediasteadError]


async def remap_items(
    database: Database, provider: Provider, clock: Clock, actor: str, asked: ManyRemaps
) -> ManyRemapped:
    """Make each item the title that is named: it gets that id, or is merged into the item that has it already.

    What goes wrong with one item is told with it, and the others are remapped. A preview does the same and takes it back before
    anybody sees it, so that it tells exactly what would be done. Opens its own transactions.
    """
    ids = [remap.item_id for remap in asked.remaps]
    if len(set(ids)) != len(ids):
        raise InvalidRequest("The same item is remapped twice; name each item once.")
    told = await _ask(provider, {(remap.type, remap.tmdb_id) for remap in asked.remaps})
    results: list[RemapResult] = []
    try:
        async with database.write() as session:
            results = await _remap(session, clock.now(), actor, asked, told)
            if asked.preview:
                raise _OnlyPreview
    except _OnlyPreview:
        pass
    except IntegrityError:
        # On PostgreSQL somebody may add one of the titles, or match a file to one of the items, while we look.
        raise Conflict("Somebody changed one of the items or titles at the same moment; try again.") from None
    return ManyRemapped(preview=asked.preview, results=results)


class _OnlyPreview(Exception):
    """Ends the transaction of a preview without a trace."""


class _Plan(Struct, kw_only=True):
    """One item on its way to another id."""

    remap: Remap
    item: StoredFacts | None
    facts: ItemFacts | None = None
    holder_id: int | None = None
    """The item that has the id now, if any."""
    files: list[LockedFile] = []
    held: dict[int, set[EpisodeKey]] = {}
    """By file."""
    lacking: list[LockedFile] = []
    """Files that hold an episode which the title lacks."""
    error: MediasteadError | None = None

    @property
    def key(self) -> TitleKey:
        return self.remap.type, self.remap.tmdb_id

    @property
    def changes_nothing(self) -> bool:
        """The item is that title, and nothing else was said of it since."""
        return self.item is not None and self.item.tmdb_id == self.remap.tmdb_id and self.item.gone_since is None


async def _ask(provider: Provider, keys: set[TitleKey]) -> Told:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(key: TitleKey) -> ItemFacts | MediasteadError:
        async with gate:
            try:
                return await provider.item(*key)
            except MediasteadError as error:
                return error

    ordered = sorted(keys)
    return dict(zip(ordered, await asyncio.gather(*map(one, ordered)), strict=True))


async def _remap(session: AsyncSession, now: datetime, actor: str, asked: ManyRemaps, told: Told) -> list[RemapResult]:
    # Files before items, each in order of their ids, as everybody who changes what a file is taken for does it.
    of_item = {remap.item_id: await files_of(session, remap.item_id) for remap in asked.remaps}
    files = await locked_files(session, [file_id for some in of_item.values() for file_id in some])
    holders = await item_ids_of(session, told)
    items = await items_locked(session, {*of_item, *holders.values()})
    plans: list[_Plan] = []
    for remap in asked.remaps:
        plan = _Plan(remap=remap, item=items.get(remap.item_id), holder_id=holders.get((remap.type, remap.tmdb_id)))
        plan.files = [files[file_id] for file_id in of_item[remap.item_id] if file_id in files]
        plan.error = await _check(session, plan, told[plan.key], queue_the_rest=asked.queue_the_rest)
        plans.append(plan)
    await _check_holders(session, plans, items)
    results: dict[int, RemapResult] = {}
    for plan in _in_order(plans):
        results[plan.remap.item_id] = await _carry_out(session, now, actor, plan)
    return [results.get(plan.remap.item_id) or _refused(plan) for plan in plans]


async def _check(
    session: AsyncSession, plan: _Plan, told: ItemFacts | MediasteadError, *, queue_the_rest: bool
) -> MediasteadError | None:
    """What speaks against a remap by itself; fills in the rest of the plan."""
    item, remap = plan.item, plan.remap
    if item is None:
        return NoSuchItem(remap.item_id)
    if item.type is not remap.type:
        return NotTheSameKind(item.id, item.title, item.type.value, remap.type.value)
    if isinstance(told, MediasteadError):
        return told
    plan.facts = told
    if plan.changes_nothing:
        return None
    places = {episode_id: key for key, episode_id in (await episode_ids(session, item.id)).items()}
    plan.held = {file.id: {places[each] for each in file.episode_ids if each in places} for file in plan.files}
    there = {(season.number, episode.number) for season in told.seasons for episode in season.episodes}
    if plan.holder_id not in (None, item.id):
        # What the other item has beyond the provider's, because files hold it, is an episode that a person vouched for.
        theirs = await episode_ids(session, plan.holder_id)
        own = await held_episodes(session, theirs.values())
        there |= {key for key, episode_id in theirs.items() if episode_id in own}
    plan.lacking = [file for file in plan.files if plan.held[file.id] - there]
    if plan.lacking and not queue_the_rest:
        return EpisodesLacking(told.title, len(plan.lacking))
    return None


async def _check_holders(session: AsyncSession, plans: Sequence[_Plan], items: Mapping[int, StoredFacts]) -> None:
    """Refuse what would be merged into an item that is not, or does not stay, the title that is meant."""
    by_item = {plan.remap.item_id: plan for plan in plans}
    for plan in plans:
        holder = items.get(plan.holder_id or 0)
        if plan.error or plan.facts is None or holder is None or holder.id in by_item:
            continue
        if is_another_title(holder, await external_ids_of(session, holder.id), plan.facts):
            plan.error = IdOfAnotherTitle(
                f"Item {holder.id}, {holder.title}, had this id before the provider gave it to another title: remap that item "
                "in the same request.",
                item_id=holder.id,
            )
    refused = True
    while refused:
        refused = False
        for plan in plans:
            holder = by_item.get(plan.holder_id or 0)
            if plan.error is None and holder is not None and holder is not plan and holder.error is not None:
                plan.error = RemappedTogether(
                    f"Item {holder.remap.item_id} has this id and is to be remapped as well, which was refused: see there.",
                    item_id=holder.remap.item_id,
                )
                refused = True


def _in_order(plans: Sequence[_Plan]) -> list[_Plan]:
    """Those that can be carried out, an item that gives up its id before the one that takes it. Refuses circles."""
    waiting = sorted((plan for plan in plans if plan.error is None), key=lambda plan: plan.key)
    ordered: list[_Plan] = []
    while waiting:
        here = {plan.remap.item_id: plan for plan in waiting}
        ready = [plan for plan in waiting if here.get(plan.holder_id or 0) in (None, plan)]
        for plan in waiting if not ready else ():
            plan.error = RemappedTogether(
                "These items would take each other's ids in a circle; remap them one at a time."
            )
        if not ready:
            break
        ordered += ready
        waiting = [plan for plan in waiting if plan not in ready]
    return ordered


async def _carry_out(session: AsyncSession, now: datetime, actor: str, plan: _Plan) -> RemapResult:
    item, facts = plan.item, plan.facts
    assert item is not None and facts is not None  # checked
    if plan.changes_nothing:
        return _result(plan, RemapOutcome.UNCHANGED, item.id)
    await _queue(session, now, actor, plan, facts)
    stored = await link_item(session, now, actor, item.id, facts)
    if item.type is ItemType.SERIES and item.tmdb_id not in (None, facts.tmdb_id):
        # Their question was whether that id gets new episodes; it never will.
        await on_new_episodes(session, now, item.tmdb_id)
    await _lift_rejections(session, plan, stored.item_id)
    if stored.item_id != item.id:
        return structs.replace(_result(plan, RemapOutcome.MERGED, stored.item_id), for_good=FOR_GOOD)
    same = item.tmdb_id == facts.tmdb_id
    return _result(plan, RemapOutcome.ACCEPTED if same else RemapOutcome.CHANGED, stored.item_id)


async def _queue(session: AsyncSession, now: datetime, actor: str, plan: _Plan, facts: ItemFacts) -> None:
    """Put the files of which the title lacks an episode into the queue."""
    if not plan.lacking:
        return
    verdicts = [kept(file, Identification.UNMATCHED) for file in plan.lacking]
    was = await kept_before(session, plan.lacking)
    await take_for(session, now, actor, verdicts)
    questions = [
        Asked(
            file_id=file.id,
            reason=UnmatchedReason.EPISODE_NOT_FOUND,
            would_match_if=f"It was {_numbers(plan.held[file.id])} of item {plan.remap.item_id} before that was remapped to "
            f"{facts.title}, which has no such episode: say which it is, or wait until the provider adds it.",
            group_key=keyed(f"remapped item {plan.remap.item_id} to {facts.type.value} {facts.tmdb_id}"),
            series_tmdb_id=facts.tmdb_id,
        )
        for file in plan.lacking
    ]
    await ask(session, now, questions)
    await note(session, now, actor, "unmatch", "put into the queue, as the title lacks its episode", was, verdicts)


async def _lift_rejections(session: AsyncSession, plan: _Plan, item_id: int) -> None:
    """A person says that the files are the title: what was rejected of it for them holds no longer."""
    queued = {file.id for file in plan.lacking}
    going = [file.id for file in plan.files if file.id not in queued]
    if not going:
        return
    lifted: list[int] = []
    for (file_id, rejected_item), rejections in (await rejections_by_item(session, going)).items():
        if rejected_item == item_id:
            lifted += [each.id for each in rejections if each.episodes is None or plan.held[file_id] <= each.episodes]
    if lifted:
        await session.execute(delete(RejectedMatch).where(RejectedMatch.id.in_(lifted)))


def _refused(plan: _Plan) -> RemapResult:
    error = problem_data(plan.error) if plan.error else None
    return structs.replace(_result(plan, RemapOutcome.REFUSED, None), error=error)


def _result(plan: _Plan, outcome: RemapOutcome, into: int | None) -> RemapResult:
    done = outcome is not RemapOutcome.REFUSED
    return RemapResult(
        item_id=plan.remap.item_id,
        type=plan.remap.type,
        tmdb_id=plan.remap.tmdb_id,
        outcome=outcome,
        title=plan.facts.title if plan.facts else None,
        year=plan.facts.year if plan.facts else None,
        into_item_id=into,
        files=len(plan.files) - len(plan.lacking),
        queued=len(plan.lacking) if done else 0,
        lacking=[
            LackingFile(
                file_id=file.id,
                path=file.shown_path,
                episodes=[EpisodeAsked(season, number) for season, number in sorted(plan.held[file.id])],
            )
            for file in plan.lacking[:LISTED]
        ],
    )


def _numbers(keys: set[EpisodeKey]) -> str:
    return ", ".join(f"S{season:02}E{number:02}" for season, number in sorted(keys))

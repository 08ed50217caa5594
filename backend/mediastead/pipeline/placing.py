"""Discs come to items, and go through their states with the jobs of the item. All of it under the item's lock."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.types import ItemType as MediaType
from .discs import queries as discs_known
from .discs import service as discs
from .discs.errors import DiscIsTaken, NoSuchDisc
from .discs.guess import Subject
from .discs.models import Disc, DiscKind, DiscState
from .discs.states import ALLOWED
from .items import queries
from .items.models import PipelineItem
from .jobs.states import OPEN


async def subject_of(session: AsyncSession, item: PipelineItem) -> Subject:
    """What the titles of an item's discs are assigned and named by."""
    library = await queries.library(session, item.library_id) if item.library_id is not None else None
    is_season = item.media_item_id is not None and item.season is not None
    earlier = await queries.discs_in_library(session, item) if is_season else []
    return Subject(
        type=MediaType(item.type.value),
        title=item.name,
        year=item.year,
        season=item.season,
        media_item_id=item.media_item_id,
        edition=item.edition,
        naming=library.naming_template if library is not None else None,
        earlier=tuple(earlier),
    )


async def put_disc(session: AsyncSession, now: datetime, item: PipelineItem, disc_id: int, number: int | None) -> None:
    """The disc belongs to the item from now on. Raises `NoSuchDisc`, `DiscIsTaken`, `NumberTaken`."""
    disc = await discs_known.disc(session, disc_id)
    if disc is None:
        raise NoSuchDisc(disc_id)
    if disc.kind is DiscKind.FILES:
        raise DiscIsTaken(
            f"Disc {disc_id} is none: it stands for files of a library in item {disc.item_id}. Have them made anew with "
            "`mediastead pipeline add-files`."
        )
    rejected = disc.state is DiscState.REJECTED and not await discs_known.has_jobs(session, disc_id, OPEN)
    if disc.item_id is not None and disc.item_id != item.id and not rejected:
        other = await queries.item(session, disc.item_id)
        if other is not None and other.ended_at is None:
            raise DiscIsTaken(
                f"Disc {disc_id} belongs to item {other.id}: reject it there first (`mediastead discs reject {disc_id}`), "
                f"give that item up (`mediastead pipeline give-up {other.id}`), or take another disc."
            )
    await discs.place(session, now, disc_id, item.id, number, await subject_of(session, item))


async def lead_disc(
    session: AsyncSession, now: datetime, disc: Disc, state: DiscState, error: str | None = None
) -> None:
    """The disc is in that state from now on, by whatever way leads there. One that a person rejected stays so."""
    if disc.state is DiscState.REJECTED or disc.state is state:
        return
    if state not in ALLOWED[disc.state]:
        await discs.move(session, now, disc.id, DiscState.PENDING)
    await discs.move(session, now, disc.id, state, error)

"""Discs come to items, and people say what their titles are. All of it under the item's lock; `discs` assigns the titles."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, convert
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.types import ItemType
from .approvals.prompts import TitleChanged
from .discs import queries as discs
from .discs import service
from .discs.errors import DiscIsTaken, InvalidTitles, NoSuchDisc
from .discs.facts import TitleFacts
from .discs.guess import Subject
from .discs.models import TitleRole
from .discs.schemas import FileTitle as MadeAnew
from .discs.schemas import TitleChange
from .items import queries
from .items.models import PipelineItem


class FileTitle(Struct, frozen=True, kw_only=True):
    """A file of a library that is to be made anew: a title of a disc that is none."""

    media_file_id: int
    path: bytes
    """Absolute."""
    name: str
    size: int
    duration: float | None
    season: int | None
    episodes: tuple[int, ...]
    role: TitleRole


async def place(session: AsyncSession, now: datetime, item: PipelineItem, disc_id: int, number: int | None) -> None:
    """The disc belongs to a locked item from now on. Without a number it gets that of its label; a season's disc of which the
    label does not say it has none, and its titles are not sure, until a person does. Raises `NoSuchDisc`, `DiscIsTaken`,
    `NumberTaken`."""
    disc = await discs.disc(session, disc_id, lock=True)
    if disc is None:
        raise NoSuchDisc(disc_id)
    if disc.item_id is not None and disc.item_id != item.id:
        other = await queries.item(session, disc.item_id)
        if other is not None and other.ended_at is None:
            raise DiscIsTaken(
                f"Disc {disc_id} belongs to item {disc.item_id}: give that up first, or take another disc.",
                disc_id=disc_id,
            )
    await service.place(session, now, disc_id, item.id, number, await subject_of(session, item))


async def assign_again(session: AsyncSession, now: datetime, item: PipelineItem) -> None:
    """More is known of a locked item, or it goes to another library: its titles are assigned and named anew."""
    await service.set_subject(session, now, item.id, await subject_of(session, item))


async def reject(session: AsyncSession, now: datetime, actor: str, disc_id: int, words: str) -> None:
    """A person does not want the disc."""
    await service.reject(session, now, actor, disc_id, words)


async def set_titles(
    session: AsyncSession, now: datetime, actor: str, disc_id: int, changes: Sequence[TitleChanged]
) -> None:
    """A person says what titles are; the rest of the item's discs follows. Raises `InvalidTitles`, `NoSuchTitle`."""
    said: list[TitleChange] = []
    for change in changes:
        if change.role is not None and change.role not in list(TitleRole):
            raise InvalidTitles(f"There is no role {change.role!r}; the roles are: {', '.join(TitleRole)}.")
        said.append(convert(change, TitleChange, from_attributes=True))
    await service.set_titles(session, now, actor, disc_id, said)


async def add_files(session: AsyncSession, now: datetime, item: PipelineItem, files: Sequence[FileTitle]) -> int:
    """Files of a library become the titles of a disc that is none, of a new item. They are ripped: they lie there."""
    titles = [
        MadeAnew(
            media_file_id=each.media_file_id,
            file=each.path,
            facts=TitleFacts(number=0, duration=each.duration or 0.0, size=each.size),
            role=each.role,
            season=each.season,
            episodes=each.episodes,
            name=each.name,
        )
        for each in files
    ]
    return await service.add_files(session, now, item.id, titles, await subject_of(session, item))


async def subject_of(session: AsyncSession, item: PipelineItem) -> Subject:
    """What titles are assigned and named by."""
    media = await queries.media_item(session, item.media_item_id) if item.media_item_id is not None else None
    library = await queries.library(session, item.library_id) if item.library_id is not None else None
    return Subject(
        type=ItemType(item.type.value),
        title=media.title if media is not None else item.name,
        year=media.year if media is not None else item.year,
        season=item.season,
        media_item_id=item.media_item_id,
        edition=item.edition,
        naming=library.naming_template if library is not None else None,
    )

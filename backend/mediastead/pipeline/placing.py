"""Discs come to items, and people say what their titles are. All of it under the item's lock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import Conflict, InvalidRequest, NotFound
from ..events import outbox
from .approvals.prompts import TitleChanged
from .discs.models import Disc, DiscKind, DiscState, DiscTitle, TitleRole
from .items.models import PipelineItem
from .jobs.models import Stage


class NoSuchDisc(NotFound):
    slug = "no-such-disc"
    title = "There is no such disc"

    def __init__(self, disc_id: int) -> None:
        super().__init__(f"There is no disc {disc_id}; list /v1/discs.", disc_id=disc_id)


class DiscIsTaken(Conflict):
    slug = "disc-is-taken"
    title = "The disc belongs to another item"


class InvalidTitles(InvalidRequest):
    slug = "invalid-disc-titles"
    title = "The disc's titles cannot be so"


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
    """The disc belongs to a locked item from now on, as the disc with that number, or the next. Raises `NoSuchDisc`,
    `DiscIsTaken`."""
    disc = await session.get(Disc, disc_id, populate_existing=True, with_for_update=True)
    if disc is None:
        raise NoSuchDisc(disc_id)
    if disc.item_id is not None and disc.item_id != item.id:
        other = await session.get(PipelineItem, disc.item_id)
        if other is not None and other.ended_at is None:
            raise DiscIsTaken(
                f"Disc {disc_id} belongs to item {disc.item_id}: give that up first, or take another disc."
            )
    numbers = set(
        (await session.execute(select(Disc.number).where(Disc.item_id == item.id, Disc.id != disc_id))).scalars()
    )
    if number is None:
        number = next(each for each in range(1, len(numbers) + 2) if each not in numbers)
    elif number in numbers:
        raise DiscIsTaken(f"Item {item.id} has a disc {number} already: give another number.")
    state = DiscState.PENDING if disc.item_id != item.id or disc.state is DiscState.REJECTED else disc.state
    values: dict[str, Any] = {"item_id": item.id, "number": number, "state": state, "error": None}
    await session.execute(update(Disc).where(Disc.id == disc_id).values(**values))
    # Under a former item it may have been ripped: this one begins at the beginning.
    if disc.item_id != item.id:
        await session.execute(update(DiscTitle).where(DiscTitle.disc_id == disc_id).values(done=None, file=None))
    outbox.record(session, now, "disc.changed", disc_id=disc_id, item_id=item.id)


async def reject(session: AsyncSession, now: datetime, disc_id: int, words: str) -> None:
    """A person does not want the disc."""
    await session.execute(update(Disc).where(Disc.id == disc_id).values(state=DiscState.REJECTED, error=words))
    outbox.record(session, now, "disc.changed", disc_id=disc_id, state=DiscState.REJECTED.value)


async def set_titles(session: AsyncSession, now: datetime, disc_id: int, changes: Sequence[TitleChanged]) -> None:
    """A person says what titles are. Raises `InvalidTitles`."""
    query = select(DiscTitle.number).where(DiscTitle.disc_id == disc_id)
    known = set((await session.execute(query)).scalars())
    for change in changes:
        if change.number not in known:
            raise InvalidTitles(f"The disc has no title {change.number}; it has: {', '.join(map(str, sorted(known)))}.")
        values: dict[str, Any] = {
            name: getattr(change, name)
            for name in ("season", "episodes", "selected", "name")
            if getattr(change, name) is not None
        }
        if change.role is not None:
            if change.role not in list(TitleRole):
                raise InvalidTitles(f"There is no role {change.role!r}; the roles are: {', '.join(TitleRole)}.")
            values["role"] = TitleRole(change.role)
        which = update(DiscTitle).where(DiscTitle.disc_id == disc_id, DiscTitle.number == change.number)
        await session.execute(which.values(by_hand=True, **values))
    outbox.record(session, now, "disc.changed", disc_id=disc_id, titles=len(changes))


async def add_files(session: AsyncSession, now: datetime, item: PipelineItem, files: Sequence[FileTitle]) -> int:
    """Files of a library become the titles of a disc that is none, of a new item. They are ripped: they lie there."""
    row: dict[str, Any] = {
        "item_id": item.id,
        "number": 1,
        "kind": DiscKind.FILES,
        "state": DiscState.RIPPED,
        "inserted": True,
        "facts": {},
        "created_at": now,
    }
    disc_id = (await session.execute(insert(Disc).returning(Disc.id), row)).scalar_one()
    titles: list[dict[str, Any]] = [
        {
            "disc_id": disc_id,
            "number": number,
            "media_file_id": each.media_file_id,
            "facts": {"duration": each.duration, "size": each.size},
            "role": each.role,
            "selected": True,
            "season": each.season,
            "episodes": list(each.episodes),
            "name": each.name,
            "confidence": 1.0,
            "by_hand": True,
            "done": Stage.RIP.value,
            "file": each.path,
        }
        for number, each in enumerate(files, 1)
    ]
    await session.execute(insert(DiscTitle), titles)
    return disc_id

"""What can be asked for of discs: declared, put to an item, rejected, begun again. Nothing here commits.

Whoever calls for a disc of an item holds that item's lock (`items.locking.lock_item`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import delete, insert, null, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...catalog.types import ItemType
from ...events.outbox import record
from ..jobs.states import OPEN
from . import queries
from .errors import DiscIsElsewhere, InvalidTitles, NoSuchDisc, NumberTaken
from .guess import Guess, Subject
from .labels import printable
from .models import Disc, DiscKind, DiscState, DiscTitle
from .reassigning import forget_names, reassign
from .schemas import FileTitle, NewDisc
from .states import move_state
from .stored import as_json, guess_of

DECLARED = (DiscState.PENDING, DiscState.RIPPED, DiscState.FAILED)


async def declare(session: AsyncSession, now: datetime, actor: str, new: NewDisc) -> int:
    """A disc that a person says there is; its id. Raises `NumberTaken`, `InvalidTitles`."""
    if new.state not in DECLARED or new.kind is DiscKind.FILES:
        raise InvalidTitles("A disc of kind dvd or bluray can be declared, as pending, ripped or failed.")
    await _free_number(session, new.item_id, new.number)
    if (other := await queries.disc_with_number(session, new.item_id, new.number)) is not None:
        raise NumberTaken(new.item_id, new.number, other.id)
    subject = await _subject_of(session, new.item_id)
    row: dict[str, Any] = {
        "item_id": new.item_id,
        "number": new.number,
        "kind": new.kind,
        "state": new.state,
        "label": printable(new.label),
        "facts": {},
        "guess": as_json(Guess(subject=subject)) if subject else null(),
        "error": f"declared as failed by {actor}" if new.state is DiscState.FAILED else None,
        "created_at": now,
    }
    disc_id = (await session.execute(insert(Disc).returning(Disc.id), row)).scalar_one()
    record(session, now, "disc.declared", disc_id=disc_id, item_id=new.item_id, actor=actor)
    return disc_id


async def place(
    session: AsyncSession, now: datetime, disc_id: int, item_id: int, number: int | None, subject: Subject
) -> None:
    """The disc belongs to the item from now on, and takes the place of one that was declared with its number.

    Without a number it gets that of its label, where no other disc of the item has it; a film's only disc is its first. One that
    was rejected gives its number up. All discs of the item are assigned anew. Raises `NoSuchDisc`, `NumberTaken`.
    """
    disc = await _locked(session, disc_id)
    guess = guess_of(disc)
    others = [
        each
        for each in await queries.discs_of(session, item_id)
        if each.id != disc_id and each.state is not DiscState.REJECTED
    ]
    if number is None:
        number = disc.number if disc.item_id == item_id else guess.number
        if number is None and subject.type is ItemType.MOVIE and not others:
            number = 1
        if (taken := next((each for each in others if each.number == number), None)) and not _only_declared(taken):
            number = None
    state, error = disc.state, disc.error
    if number is not None:
        await _free_number(session, item_id, number)
    if number is not None and (declared := next((each for each in others if each.number == number), None)):
        if not _only_declared(declared) or await queries.has_jobs(session, declared.id):
            raise NumberTaken(item_id, number, declared.id)
        if disc.state is DiscState.PENDING:
            state, error = declared.state, declared.error
        await session.execute(delete(Disc).where(Disc.id == declared.id))
    if disc.item_id != item_id:
        # Under a former item it may have been ripped: this one begins at the beginning.
        state, error = (DiscState.PENDING, None) if disc.item_id is not None else (state, error)
        fresh = {"done": None, "file": None, "by_hand": False}
        await session.execute(update(DiscTitle).where(DiscTitle.disc_id == disc_id).values(**fresh))
    values: dict[str, Any] = {"item_id": item_id, "number": number, "state": state, "error": error}
    values["guess"] = as_json(structs.replace(guess, subject=subject))
    await session.execute(update(Disc).where(Disc.id == disc_id).values(**values))
    record(session, now, "disc.changed", disc_id=disc_id, item_id=item_id, number=number)
    await reassign(session, now, item_id)


async def set_subject(session: AsyncSession, now: datetime, item_id: int, subject: Subject) -> None:
    """The item is another one now, goes elsewhere, or more is known of it: its discs are assigned and named anew."""
    for disc in await queries.discs_of(session, item_id):
        await forget_names(session, disc)
        guess = structs.replace(guess_of(disc), subject=subject)
        await session.execute(update(Disc).where(Disc.id == disc.id).values(guess=as_json(guess)))
    await reassign(session, now, item_id)


async def unplace(session: AsyncSession, now: datetime, disc_id: int) -> None:
    """The disc belongs to no item any more. Raises `NoSuchDisc`."""
    disc = await _locked(session, disc_id)
    item_id = disc.item_id
    guess = structs.replace(guess_of(disc), subject=None, why={})
    values: dict[str, Any] = {"item_id": None, "number": None, "guess": as_json(guess) if guess.guessed else null()}
    await session.execute(update(Disc).where(Disc.id == disc_id).values(**values))
    record(session, now, "disc.changed", disc_id=disc_id, item_id=None)
    if item_id is not None:
        await reassign(session, now, item_id)


async def add_files(
    session: AsyncSession, now: datetime, item_id: int, files: Sequence[FileTitle], subject: Subject
) -> int:
    """Files of a library that are to be made anew, as a disc that is none: its id. Its titles are ripped, they lie there."""
    row: dict[str, Any] = {
        "item_id": item_id,
        "number": 1,
        "kind": DiscKind.FILES,
        "state": DiscState.RIPPED,
        "inserted": True,
        "facts": {},
        "guess": as_json(Guess(subject=subject)),
        "created_at": now,
    }
    disc_id = (await session.execute(insert(Disc).returning(Disc.id), row)).scalar_one()
    titles = [
        {
            "disc_id": disc_id,
            "number": number,
            "media_file_id": each.media_file_id,
            "facts": as_json(structs.replace(each.facts, number=number)),
            "role": each.role,
            "selected": True,
            "season": each.season,
            "episodes": list(each.episodes),
            "name": each.name,
            "confidence": 1.0,
            "by_hand": True,
            "done": "rip",
            "file": each.file,
        }
        for number, each in enumerate(files, start=1)
    ]
    await session.execute(insert(DiscTitle).execution_options(render_nulls=True), titles)
    record(session, now, "disc.changed", disc_id=disc_id, item_id=item_id)
    return disc_id


async def move(session: AsyncSession, now: datetime, disc_id: int, state: DiscState, error: str | None = None) -> None:
    """Raises `NoSuchDisc`, `DiscIsElsewhere`."""
    disc = await _locked(session, disc_id)
    await move_state(session, disc_id, disc.state, state, error=error)
    record(session, now, "disc.changed", disc_id=disc_id, state=state.value)


async def again(session: AsyncSession, now: datetime, actor: str, disc_id: int) -> None:
    """A person wants it read or ripped once more: what was made of its titles no longer counts.

    Raises `NoSuchDisc`, and `DiscIsElsewhere` where it is at work.
    """
    disc = await _locked(session, disc_id)
    if disc.kind is DiscKind.FILES or await queries.has_jobs(session, disc_id, OPEN):
        raise DiscIsElsewhere(
            f"Disc {disc_id} is being worked on: cancel its jobs first (`mediastead jobs list`).", disc_id=disc_id
        )
    if disc.state is not DiscState.PENDING:
        await move_state(session, disc_id, disc.state, DiscState.PENDING, error=None)
    else:
        await session.execute(update(Disc).where(Disc.id == disc_id).values(error=None))
    await session.execute(update(DiscTitle).where(DiscTitle.disc_id == disc_id).values(done=None, file=None))
    record(session, now, "disc.changed", disc_id=disc_id, state=DiscState.PENDING.value, actor=actor)
    if disc.item_id is not None:
        await reassign(session, now, disc.item_id)


async def reject(session: AsyncSession, now: datetime, actor: str, disc_id: int, words: str) -> None:
    """A person does not want it. Raises `NoSuchDisc`, `DiscIsElsewhere`."""
    disc = await _locked(session, disc_id)
    if disc.state is DiscState.REJECTED:
        return
    error = f"rejected by {actor}" + (f": {words}" if words else "")
    await move_state(session, disc_id, disc.state, DiscState.REJECTED, error=error)
    record(session, now, "disc.changed", disc_id=disc_id, state=DiscState.REJECTED.value, actor=actor)
    if disc.item_id is not None:
        await reassign(session, now, disc.item_id)


async def record_guess(session: AsyncSession, now: datetime, disc_id: int, guess: Guess) -> None:
    """What the disc may be; nothing where it came to an item meanwhile."""
    disc = await queries.disc(session, disc_id, lock=True)
    if disc is None or disc.item_id is not None:
        return
    await session.execute(update(Disc).where(Disc.id == disc_id).values(guess=as_json(guess)))
    record(session, now, "disc.guessed", disc_id=disc_id, sure=guess.sure)


async def _locked(session: AsyncSession, disc_id: int) -> Disc:
    disc = await queries.disc(session, disc_id, lock=True)
    if disc is None:
        raise NoSuchDisc(disc_id)
    return disc


async def _free_number(session: AsyncSession, item_id: int, number: int) -> None:
    """A disc that was rejected keeps no number from the right one."""
    rejected = update(Disc).where(Disc.item_id == item_id, Disc.number == number, Disc.state == DiscState.REJECTED)
    await session.execute(rejected.values(number=None))


async def _subject_of(session: AsyncSession, item_id: int) -> Subject | None:
    discs = await queries.discs_of(session, item_id)
    return next((subject for disc in discs if (subject := guess_of(disc).subject)), None)


def _only_declared(disc: Disc) -> bool:
    return disc.fingerprint is None and disc.seen_at is None and disc.kind is not DiscKind.FILES

"""A person's answer for one file is kept for those that are read the same, now and later; and taken back.

Whoever remembers an answer holds the lock of `deciding`, whoever records decisions shares it. So a question either is open
already when the answer looks for it, or is decided by a process that saw the answer.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.types import ItemType
from ..events.outbox import record
from ..files.identification import take_for
from ..files.queries import locked_files
from ..files.types import Identification, Role
from ..matching.recall import Kind, kind_of
from ..matching.renumbering import Renumbering
from ..operations.service import record_operation
from .answer_changes import Changes
from .folder_neighbours import note_counted_otherwise
from .matches import Match
from .models import RememberedAnswer
from .remembered import Asking, Remembered, answer_by_id, answers_holding, ground_of, live_answers
from .remembered_files import (
    TitleSaid,
    files_to_ask_again,
    matched_otherwise,
    titles_said,
)
from .siblings import Follower, examples_in, followers
from .types import Holds
from .verdicts import kept

AT_ONCE = 500
"""Files that are set pending with an answer; identification goes on with the next ones (`ask_more`)."""
ANSWERS = "answers"
"""Under this an operation keeps what it did with answers (`answer_moves.AnswerMoves`)."""
SUPERSEDED = "superseded"
"""Who revoked an answer that a later one contradicts."""
DECIDING = 0x4D45_4449_4153_5446
"""Any number that no other advisory lock uses."""


class Holding(Struct, frozen=True, kw_only=True):
    """An answer that is remembered from now on, or was already."""

    answer: Remembered
    asked_again: int
    """Files whose questions it answers: they are pending now, and identification settles them by the answer."""
    followers: list[Follower]
    """Of those, where it tells how they count: what it makes of each."""
    matched_otherwise: int
    """Files that are read the same where it holds, and are matched to another title: they stay as they are."""


async def remember(
    session: AsyncSession,
    now: datetime,
    actor: str,
    matches: Sequence[Match],
    *,
    numbering: Renumbering | None = None,
    part_of: int | None = None,
) -> list[Holding]:
    """Keep the answers that `matches` are for all files that are read the same; give those that hold from now on.

    To be called after `record_matches`, in the same transaction: the files are locked. One answer is kept for each title as
    it was read, library and item. `numbering` says how such files count the episodes of the item; without it, that of an
    answer that is remembered already stays. Nothing is kept of extras and samples, of items without an id of the provider,
    and of files whose names say no title (`matching.recall`). `part_of` is the operation of the matches.

    An answer for another item than one that held for the file takes its place; where the older one was given in another
    folder, the title means different things there and here, and each holds in its own folder only.
    """
    said = await titles_said(session, [match.verdict.file.id for match in matches])
    fit = [(match, said[match.verdict.file.id]) for match in matches if _can_hold(match, said)]
    if not fit:
        return []
    await deciding(session, alone=True)
    libraries = sorted({match.verdict.file.library_id for match, _ in fit})
    live = await live_answers(session, libraries, sorted({read.key for _, read in fit}))
    examples = await examples_in(session, [match for match, _ in fit]) if numbering is None else {}
    changes = Changes(live)
    for match, read in fit:
        if not _contradicted_beside(match, read, fit):
            elsewhere, example = _means_others_elsewhere(match, read, fit), examples.get(match.verdict.file.id)
            changes.keep(match, read, numbering=numbering, example=example, elsewhere=elsewhere)
    ids = await _write(session, now, actor, changes, part_of)
    holding: list[Holding] = []
    for answer_id in ids:
        answer = await answer_by_id(session, answer_id)
        if answer is not None:
            again = await ask_again(session, now, actor, answer)
            others = await matched_otherwise(session, answer)
            told = await followers(session, answer, again)
            holding.append(Holding(answer=answer, asked_again=len(again), followers=told, matched_otherwise=others))
    return holding


async def deciding(session: AsyncSession, *, alone: bool) -> None:
    """Keep answers from being remembered or revoked until the transaction ends; `alone`: also decisions from being written.

    The last lock of a transaction: after it, files are only locked with `skip_locked`. On SQLite, who writes is alone.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
        await session.execute(select(lock(DECIDING)))


async def ask_more(session: AsyncSession, now: datetime, actor: str, answer_ids: Iterable[int]) -> None:
    """Set the next files pending whose questions these answers settle: there are more than one transaction should hold."""
    for answer_id in sorted(set(answer_ids)):
        answer = await answer_by_id(session, answer_id)
        if answer is not None and answer.revoked_at is None:
            await ask_again(session, now, actor, answer)


async def considered_otherwise(session: AsyncSession, seen: Sequence[tuple[Asking, int | None]]) -> set[int]:
    """Files for which another answer holds by now than the one (by id) that was considered. Shares the lock."""
    await deciding(session, alone=False)
    held = await answers_holding(session, [asking for asking, _ in seen])
    now_held = {file_id: answer.id for file_id, answer in held.items()}
    return {asking.file_id for asking, answer_id in seen if now_held.get(asking.file_id) != answer_id}


async def ask_again(
    session: AsyncSession, now: datetime, actor: str, answer: Remembered, *, apart: Collection[int] = ()
) -> list[int]:
    """Set those files pending that were asked about before this answer held, but for those `apart`; gives their ids."""
    # Skipped is what somebody else changes right now: it is decided by somebody who sees the answer, or comes with the next.
    files = await locked_files(
        session, await files_to_ask_again(session, answer, AT_ONCE + len(apart)), skip_locked=True
    )
    asked = [file for file in files.values() if file.identification is Identification.UNMATCHED]
    waiting = [file for file in asked if file.id not in apart]
    await take_for(session, now, actor, [kept(file, Identification.PENDING) for file in waiting])
    return [file.id for file in waiting]


def _can_hold(match: Match, said: dict[int, TitleSaid]) -> bool:
    read = said.get(match.verdict.file.id)
    if read is None or match.title.tmdb_id is None or match.verdict.role not in (Role.FEATURE, Role.EPISODE):
        return False
    # A name with the number of an episode that turns out to be a film's (`Open Season 2`) says nothing of other numbers.
    return (kind_of(read.key) is Kind.EPISODES) is (match.title.type is ItemType.SERIES)


def _is_beside(read: TitleSaid, other: TitleSaid) -> bool:
    return read.key == other.key and ground_of(read.folder, read.key).covers(other.folder)


def _contradicted_beside(match: Match, read: TitleSaid, fit: Sequence[tuple[Match, TitleSaid]]) -> bool:
    """Whether the same request says something else of a file that is read the same in the same place."""
    return any(
        other.title.item_id != match.title.item_id and _is_beside(read, at) for other, at in _same(match, read, fit)
    )


def _means_others_elsewhere(match: Match, read: TitleSaid, fit: Sequence[tuple[Match, TitleSaid]]) -> bool:
    return any(other.title.item_id != match.title.item_id for other, _ in _same(match, read, fit))


def _same(match: Match, read: TitleSaid, fit: Sequence[tuple[Match, TitleSaid]]) -> list[tuple[Match, TitleSaid]]:
    library = match.verdict.file.library_id
    return [(other, at) for other, at in fit if at.key == read.key and other.verdict.file.library_id == library]


async def _write(session: AsyncSession, now: datetime, actor: str, changes: Changes, part_of: int | None) -> list[int]:
    """Give the ids of the answers that hold, those that were known before included."""
    await revoke_rows(session, now, SUPERSEDED, changes.superseded)
    if counted := {new.item_id for new in changes.new if new.numbering}:
        await note_counted_otherwise(session, now, counted)
    if changes.narrowed:
        narrow = update(RememberedAnswer).where(RememberedAnswer.id.in_(changes.narrowed))
        await session.execute(narrow.values(holds=Holds.FOLDER))
    ids: list[int] = []
    for new in changes.new:
        values = {
            "library_id": new.file.library_id,
            "file_id": new.file.id,
            "title": new.read.title,
            "title_hash": new.read.key,
            "holds": new.holds,
            "item_id": new.item_id,
            "numbering": msgspec.to_builtins(new.numbering) if new.numbering else None,
            "by": actor,
            "at": now,
        }
        ids.append(
            (await session.execute(insert(RememberedAnswer).returning(RememberedAnswer.id), values)).scalar_one()
        )
        told = {name: values[name] for name in ("library_id", "item_id", "title")}
        record(session, now, "answer.remembered", answer_id=ids[-1], actor=actor, **told)
    if ids:
        first = changes.new[0].read.title
        summary = f'the answer for "{first}" was remembered' + (f", with {len(ids) - 1} more" if len(ids) > 1 else "")
        moves = {"made": ids, "superseded": changes.superseded, "narrowed": changes.narrowed}
        await record_operation(session, now, actor, "remember", summary, {}, {ANSWERS: moves}, part_of=part_of)
    return [*changes.known, *ids]


async def revoke_rows(session: AsyncSession, now: datetime, by: str, answer_ids: Sequence[int]) -> None:
    if answer_ids:
        numbered = select(RememberedAnswer.item_id).where(
            RememberedAnswer.id.in_(answer_ids), RememberedAnswer.numbering.is_not(None)
        )
        counted = {item_id for item_id in (await session.execute(numbered)).scalars() if item_id is not None}
        if counted:
            await note_counted_otherwise(session, now, counted)
        over = update(RememberedAnswer).where(RememberedAnswer.id.in_(answer_ids))
        await session.execute(over.values(revoked_by=by, revoked_at=now))

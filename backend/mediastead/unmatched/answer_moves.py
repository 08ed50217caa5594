"""What operations did with remembered answers and dismissed folders, and the same backwards."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from msgspec import Struct, structs
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..events.outbox import record
from .dismissed import Dismissed, dismissed_by_id
from .dismissing import bring_back, settle_beneath
from .models import DismissedFolder, RememberedAnswer
from .remembered import Remembered, answer_by_id, live_answers
from .remembering import SUPERSEDED, ask_again, revoke_rows
from .revoking import let_go
from .types import Holds


class AnswerMoves(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Ids of remembered answers, by what was done with them."""

    made: list[int] = []
    revoked: list[int] = []
    unrevoked: list[int] = []
    """In force again after a person had revoked them."""
    superseded: list[int] = []
    reinstated: list[int] = []
    """In force again after another answer had superseded them."""
    narrowed: list[int] = []
    """From the whole library to their own folder."""
    widened: list[int] = []

    @property
    def backwards(self) -> "AnswerMoves":
        """What takes it back. An answer that was made is not removed, but revoked."""
        return AnswerMoves(
            revoked=[*self.made, *self.unrevoked],
            unrevoked=self.revoked,
            superseded=self.reinstated,
            reinstated=self.superseded,
            narrowed=self.widened,
            widened=self.narrowed,
        )


class FolderMoves(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Ids of dismissed folders, by what was done with them."""

    made: list[int] = []
    revoked: list[int] = []
    unrevoked: list[int] = []

    @property
    def backwards(self) -> "FolderMoves":
        return FolderMoves(revoked=[*self.made, *self.unrevoked], unrevoked=self.revoked)


def all_answers(moves: Iterable[AnswerMoves]) -> AnswerMoves:
    """Those of several operations together."""
    those = list(moves)
    return AnswerMoves(
        **{name: [each for one in those for each in getattr(one, name)] for name in AnswerMoves.__struct_fields__}
    )


def all_folders(moves: Iterable[FolderMoves]) -> FolderMoves:
    those = list(moves)
    return FolderMoves(
        **{name: [each for one in those for each in getattr(one, name)] for name in FolderMoves.__struct_fields__}
    )


class Blocked(Struct, frozen=True):
    """An answer that cannot be brought to where it was."""

    answer_id: int
    why: str


async def what_blocks(session: AsyncSession, moves: AnswerMoves) -> list[Blocked]:
    """What of these moves cannot be made because of later answers. To be called under the lock of `remembering.deciding`.

    An answer that a person revoked since is not in the way: nothing is left to be done about it.
    """
    blocked: list[Blocked] = []
    for answer_id in moves.revoked:
        answer = await answer_by_id(session, answer_id)
        if answer is not None and answer.revoked_by == SUPERSEDED:
            blocked.append(Blocked(answer_id, f'the answer for "{answer.title}" was replaced by a later one'))
    going = {*moves.revoked, *moves.superseded}
    for answer_id in (*moves.unrevoked, *moves.reinstated):
        answer = await answer_by_id(session, answer_id)
        if answer is None or answer.revoked_at is None:
            continue
        live = await live_answers(session, [answer.library_id], [answer.title_hash])
        other = next((each for each in live if each.id not in going and _contradicts(each, answer)), None)
        if other is not None:
            blocked.append(Blocked(answer_id, f'for "{answer.title}" {other.in_words} holds by now'))
    return blocked


def _contradicts(live: Remembered, back: Remembered) -> bool:
    if live.item_id == back.item_id:
        return False
    return back.folder is None or live.covers(back.folder) or (live.folder is not None and back.covers(live.folder))


async def move_answers(
    session: AsyncSession, now: datetime, actor: str, moves: AnswerMoves, *, put_back: Collection[int] = ()
) -> AnswerMoves:
    """Make these moves where they are still to be made; gives those that were. Under the lock of `remembering.deciding`.

    Files that follow an answer which is revoked are asked about again. `put_back`: files that are what they were while the
    answers held that hold again: nothing is new to them.
    """
    revoked = await _those(session, moves.revoked, live=True)
    superseded = await _those(session, moves.superseded, live=True)
    unrevoked = await _those(session, moves.unrevoked, live=False)
    reinstated = await _those(session, moves.reinstated, live=False)
    narrowed = [each.id for each in await _those(session, moves.narrowed, live=True) if each.holds is Holds.LIBRARY]
    widened = [each.id for each in await _those(session, moves.widened, live=True) if each.holds is Holds.FOLDER]
    for answer in revoked:
        await let_go(session, now, actor, answer, also_files=True)
    await revoke_rows(session, now, SUPERSEDED, [each.id for each in superseded])
    await _set(session, [each.id for each in (*unrevoked, *reinstated)], revoked_by=None, revoked_at=None)
    await _set(session, narrowed, holds=Holds.FOLDER)
    await _set(session, widened, holds=Holds.LIBRARY)
    for answer in (*unrevoked, *reinstated):
        told = {"library_id": answer.library_id, "item_id": answer.item_id, "title": answer.title}
        record(session, now, "answer.remembered", answer_id=answer.id, actor=actor, **told)
        # As if it were given now: files that were asked about while it did not hold are to hear it.
        await ask_again(session, now, actor, structs.replace(answer, at=now), apart=put_back)
    return AnswerMoves(
        revoked=[each.id for each in revoked],
        unrevoked=[each.id for each in unrevoked],
        superseded=[each.id for each in superseded],
        reinstated=[each.id for each in reinstated],
        narrowed=narrowed,
        widened=widened,
    )


async def _those(session: AsyncSession, answer_ids: Sequence[int], *, live: bool) -> list[Remembered]:
    found = [await answer_by_id(session, answer_id) for answer_id in answer_ids]
    return [each for each in found if each is not None and (each.revoked_at is None) is live]


async def _set(session: AsyncSession, answer_ids: Sequence[int], **values: object) -> None:
    if answer_ids:
        await session.execute(update(RememberedAnswer).where(RememberedAnswer.id.in_(answer_ids)).values(**values))


async def move_folders(session: AsyncSession, now: datetime, actor: str, moves: FolderMoves) -> FolderMoves:
    """Make these moves where they are still to be made; gives those that were. Under the lock of `remembering.deciding`.

    What a folder dismissed is asked about again with it, and the other way round.
    """
    revoked: list[int] = []
    unrevoked: list[int] = []
    for dismissed in await _folders(session, moves.revoked):
        if dismissed.revoked_at is None:
            await _set_folder(session, dismissed.id, actor, now)
            await bring_back(session, now, actor, dismissed)
            told = {"library_id": dismissed.library_id, "actor": actor}
            record(session, now, "folder.asked_about", dismissed_id=dismissed.id, **told)
            revoked.append(dismissed.id)
    for dismissed in await _folders(session, moves.unrevoked):
        if dismissed.revoked_at is not None:
            await _set_folder(session, dismissed.id, None, None)
            await settle_beneath(session, now, actor, dismissed)
            told = {"library_id": dismissed.library_id, "actor": actor}
            record(session, now, "folder.dismissed", dismissed_id=dismissed.id, **told)
            unrevoked.append(dismissed.id)
    return FolderMoves(revoked=revoked, unrevoked=unrevoked)


async def _folders(session: AsyncSession, dismissed_ids: Sequence[int]) -> list[Dismissed]:
    found = [await dismissed_by_id(session, dismissed_id) for dismissed_id in dismissed_ids]
    return [each for each in found if each is not None]


async def _set_folder(session: AsyncSession, dismissed_id: int, by: str | None, at: datetime | None) -> None:
    over = update(DismissedFolder).where(DismissedFolder.id == dismissed_id)
    await session.execute(over.values(revoked_by=by, revoked_at=at))

"""Files that lean on their neighbours are decided again when those have changed.

A folder in which something changed is looked at once, when none of its files is waiting to be decided any more, however
many batches that took. Then what each file heard is compared with what there is to hear: where that is the same, as in every
folder in which nothing but the numbers grew, nothing happens.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Select, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.folder_changes import note_changed
from ..files.identification import take_for
from ..files.models import FolderChange, MediaFile, MediaFileDecision, MediaFileState
from ..files.queries import LockedFile, locked_files
from ..files.types import Identification, Presence, UnmatchedReason
from ..matching.neighbours import told
from .folder_neighbours import neighbours_by_folder
from .questions import Asked, ask, keyed
from .verdicts import kept
from .wording import SCAN

FOLDERS = 200
"""Changes that one transaction looks at."""
FILES = 500
"""Files that one transaction sets pending; the folder of the others stays noted."""
ROUNDS = 20
"""In one transaction at the end of a library; what is left then is done bit by bit."""
PATIENCE = timedelta(minutes=10)
"""After so long a folder is looked at though files in it still wait: some cannot be decided for days."""


async def anything_to_reconsider(session: AsyncSession, now: datetime) -> bool:
    """Asked first, so that an idle process writes nothing."""
    return (await session.execute(_ready(now).limit(1))).first() is not None


async def reconsider(session: AsyncSession, now: datetime) -> bool:
    """Set those files pending that heard something else of their neighbours than is to be heard now; False if no folder changed.

    A match that leaned on them is taken back to the queue first, where it stays until it is decided again. What is missing or
    changed by somebody else right now is left for later.
    """
    changes = (await session.execute(_ready(now).limit(FOLDERS).with_for_update(skip_locked=True))).all()
    if not changes:
        return False
    folder_ids = sorted({folder_id for _, folder_id in changes})
    # From here on is seen what those did who noted the changes: they have committed.
    due = await _due(session, folder_ids)
    now_due = due[:FILES]
    files = await locked_files(session, [each.file_id for each in now_due], skip_locked=True)
    later = {each.folder_id for each in due if each not in now_due or each.file_id not in files}
    await session.execute(delete(FolderChange).where(FolderChange.id.in_([change for change, _ in changes])))
    await note_changed(session, now, later)
    await _ask_again(session, now, list(files.values()))
    return True


async def reconsider_finished(session: AsyncSession, now: datetime, library_ids: Iterable[int]) -> None:
    """Reconsider all folders as soon as nothing of a library waits to be decided.

    To be called in the transaction that decides its last file: whoever waits for the end sees none while a file that leans on
    its neighbours is still to be decided again.
    """
    for library_id in sorted(library_ids):
        waiting = (
            select(MediaFile.id)
            .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
            .where(
                MediaFile.library_id == library_id,
                MediaFile.identification == Identification.PENDING,
                MediaFileState.presence == Presence.PRESENT,
            )
            .limit(1)
        )
        if (await session.execute(waiting)).first() is None:
            await _reconsider_all(session, now)
            return


async def _reconsider_all(session: AsyncSession, now: datetime) -> None:
    for _ in range(ROUNDS):
        if not await anything_to_reconsider(session, now):
            return
        await reconsider(session, now)


def _ready(now: datetime) -> Select[int, int]:
    waiting = (
        select(MediaFile.id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(
            MediaFile.folder_id == FolderChange.folder_id,
            MediaFile.identification == Identification.PENDING,
            MediaFileState.presence == Presence.PRESENT,
        )
    )
    done = or_(~exists(waiting), FolderChange.at <= now - PATIENCE)
    return select(FolderChange.id, FolderChange.folder_id).where(done).order_by(FolderChange.id)


class _Leaning(Struct, frozen=True):
    """A file whose decision heard its neighbours, or would have heard them."""

    file_id: int
    folder_id: int
    heard: str


async def _due(session: AsyncSession, folder_ids: Sequence[int]) -> list[_Leaning]:
    query = (
        select(MediaFile.id, MediaFile.folder_id, MediaFileDecision.neighbours)
        .join(MediaFileDecision, MediaFileDecision.file_id == MediaFile.id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(
            MediaFile.folder_id.in_(folder_ids),
            MediaFile.identification.in_([Identification.UNMATCHED, Identification.MATCHED]),
            MediaFileDecision.neighbours.is_not(None),
            MediaFileState.presence == Presence.PRESENT,
            ~MediaFile.hidden,
        )
        .order_by(MediaFile.id)
    )
    leaning = [_Leaning(*row) for row in await session.execute(query)]
    to_hear = await neighbours_by_folder(session, folder_ids) if leaning else {}
    return [each for each in leaning if each.heard != told(to_hear.get(each.folder_id, ()))]


async def _ask_again(session: AsyncSession, now: datetime, files: Sequence[LockedFile]) -> None:
    matched = [file for file in files if file.identification is Identification.MATCHED]
    if matched:
        await take_for(session, now, SCAN, [kept(file, Identification.UNMATCHED) for file in matched])
        await ask(session, now, [_question(file) for file in matched])
    queued = await locked_files(session, [file.id for file in files])
    waiting = [file for file in queued.values() if file.identification is Identification.UNMATCHED]
    await take_for(session, now, SCAN, [kept(file, Identification.PENDING) for file in waiting])


def _question(file: LockedFile) -> Asked:
    return Asked(
        file_id=file.id,
        reason=UnmatchedReason.LOW_CONFIDENCE,
        would_match_if="It was matched by what the other files in its folder are, and those have changed: an answer decides.",
        group_key=keyed(f"neighbours changed in folder {file.folder_id}"),
    )

"""A person says of a folder that nobody needs to know what is in it, now and later; and takes that back.

Files that are matched stay matched. What comes later is dismissed by identification, without asking anybody.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..events.outbox import record
from ..files.identification import Verdict, take_for
from ..files.queries import locked_files
from ..files.types import Identification, Resolution, UnmatchedReason
from ..matching.known import FolderDismissed
from ..operations.queries import latest_operation
from ..operations.service import record_operation
from .dismissed import (
    Dismissed,
    Place,
    asked_beneath,
    asked_beneath_count,
    covering,
    dismissed_by_id,
    in_force,
    places_of,
    questions_settled_by,
)
from .errors import AnswerIncomplete, DismissalRevoked, DismissalUnknown, QuestionUnknown
from .models import DismissedFolder
from .queries import questions_by_id
from .questions import Asked, ask, reopen, settle
from .remembering import deciding
from .standing import kept_before
from .verdicts import kept

DISMISS_FOLDER = "dismiss_folder"
"""Kind of the operation."""
DISMISSED = "dismissed_folder"
"""Under this an operation names the dismissed folder."""
AT_ONCE = 2000
"""Questions that one request settles."""


class FolderAnswered(Struct, frozen=True, kw_only=True):
    """A folder that is dismissed from now on, or was already."""

    dismissed: Dismissed
    settled: int
    """Open questions that were settled by this request."""
    left: int
    """Open questions in it that a further request settles."""


async def dismiss_folder(session: AsyncSession, now: datetime, actor: str, question_id: int) -> FolderAnswered:
    """Dismiss the folder in which the file of a question lies, whatever became of the question, and all beneath it.

    Raises `QuestionUnknown`, and `AnswerIncomplete` for the root of a library.
    """
    known = (await questions_by_id(session, [question_id])).get(question_id)
    place = (await places_of(session, [known.file_id])).get(known.file_id) if known else None
    if place is None:
        raise QuestionUnknown(f"There is no question {question_id}; list /v1/unmatched-files.")
    if not place.path:
        raise AnswerIncomplete(
            "The file lies in the root of its library, and everything is beneath that: dismiss the file alone, or leave it "
            "out by an exclude pattern of the library."
        )
    asked = await asked_beneath(session, place, AT_ONCE)
    files = await locked_files(session, asked, skip_locked=True)
    await deciding(session, alone=True)
    dismissed = covering(await in_force(session, [place.library_id]), place.library_id, place.path)
    waiting = [file for file in files.values() if file.identification is Identification.UNMATCHED]
    verdicts = [kept(file, Identification.DISMISSED) for file in waiting]
    done = await kept_before(session, waiting), _after(verdicts)
    if dismissed is not None:
        first = await latest_operation(session, DISMISS_FOLDER, DISMISSED, dismissed.id)
        if verdicts:
            summary = f'{len(verdicts)} more files in the folder "{shown(place.path)}" were dismissed'
            await record_operation(session, now, actor, DISMISS_FOLDER, summary, *done, part_of=first)
    else:
        file_id = known.file_id if known else None
        values = {"library_id": place.library_id, "file_id": file_id, "path": place.path, "by": actor, "at": now}
        new = (await session.execute(insert(DismissedFolder).returning(DismissedFolder.id), values)).scalar_one()
        record(session, now, "folder.dismissed", dismissed_id=new, library_id=place.library_id, actor=actor)
        summary = f'what is in the folder "{shown(place.path)}" is dismissed, now and later'
        made = {DISMISSED: new, "folders": {"made": [new]}}
        await record_operation(session, now, actor, DISMISS_FOLDER, summary, done[0], done[1] | made)
        dismissed = await _known(session, new)
    await take_for(session, now, actor, verdicts)
    await settle_dismissed(session, now, [(verdict, dismissed.id) for verdict in verdicts])
    return FolderAnswered(dismissed=dismissed, settled=len(verdicts), left=await asked_beneath_count(session, place))


async def settle_beneath(session: AsyncSession, now: datetime, actor: str, dismissed: Dismissed) -> None:
    """Dismiss what is asked about in a folder that is dismissed again, `AT_ONCE` files at most."""
    place = Place(dismissed.library_id, dismissed.path)
    files = await locked_files(session, await asked_beneath(session, place, AT_ONCE), skip_locked=True)
    waiting = [file for file in files.values() if file.identification is Identification.UNMATCHED]
    verdicts = [kept(file, Identification.DISMISSED) for file in waiting]
    await take_for(session, now, actor, verdicts)
    await settle_dismissed(session, now, [(verdict, dismissed.id) for verdict in verdicts])


async def settle_dismissed(session: AsyncSession, now: datetime, done: Sequence[tuple[Verdict, int]]) -> None:
    """Settle the questions of files that are dismissed with their folder: the verdict, the dismissed folder's id.

    They are found again by their group (`Dismissed.key`).
    """
    for dismissed_id in sorted({each for _, each in done}):
        dismissed = await _known(session, dismissed_id)
        verdicts = [verdict for verdict, each in done if each == dismissed_id]
        await ask(session, now, [_question(verdict, dismissed) for verdict in verdicts])
        versions = {verdict.file.id: verdict.version for verdict in verdicts}
        await settle(session, now, versions, Resolution.DISMISSED, dismissed.by)


async def dismissed_with(session: AsyncSession, folders: Mapping[int, tuple[int, bytes]]) -> dict[int, FolderDismissed]:
    """By file id, the dismissed folder in which a file lies; `folders` gives library and folder (relative to the root)."""
    dismissed = await in_force(session, sorted({library_id for library_id, _ in folders.values()}))
    found: dict[int, FolderDismissed] = {}
    for file_id, (library_id, folder) in folders.items() if dismissed else ():
        if each := covering(dismissed, library_id, folder):
            found[file_id] = FolderDismissed(id=each.id, by=each.by, detail=each.in_words)
    return found


async def freed(session: AsyncSession, verdict: Verdict) -> Verdict:
    """The verdict on a file that a person brings back: its dismissed folder, if it lies in one, no longer holds for it."""
    place = (await places_of(session, [verdict.file.id])).get(verdict.file.id)
    held = await dismissed_with(session, {verdict.file.id: (place.library_id, place.path)}) if place else {}
    return structs.replace(verdict, rule_lifted=True) if held else verdict


async def revoke_dismissal(
    session: AsyncSession, now: datetime, actor: str, dismissed_id: int, *, also_files: bool
) -> Dismissed:
    """Take it back: it holds for nothing that comes later. `also_files`: what was dismissed by it is asked about again.

    Raises `DismissalUnknown` and `DismissalRevoked`.
    """
    await deciding(session, alone=True)
    dismissed = await _known(session, dismissed_id)
    if dismissed.revoked_at is not None:
        raise DismissalRevoked(dismissed_id, dismissed.revoked_by, dismissed.revoked_at)
    over = update(DismissedFolder).where(DismissedFolder.id == dismissed_id)
    await session.execute(over.values(revoked_by=actor, revoked_at=now))
    before, after = await bring_back(session, now, actor, dismissed) if also_files else ([], [])
    record(session, now, "folder.asked_about", dismissed_id=dismissed_id, library_id=dismissed.library_id, actor=actor)
    summary = f'what comes into the folder "{shown(dismissed.path)}" is no longer dismissed'
    if before:
        summary += f", and {len(before)} files in it are asked about again"
    made = {DISMISSED: dismissed_id, "folders": {"revoked": [dismissed_id]}, "files": after}
    await record_operation(session, now, actor, "revoke_dismissal", summary, {"files": before}, made)
    return structs.replace(dismissed, revoked_by=actor, revoked_at=now)


KeptFiles = list[dict[str, Any]]
"""As an operation keeps them."""


async def bring_back(
    session: AsyncSession, now: datetime, actor: str, dismissed: Dismissed
) -> tuple[KeptFiles, KeptFiles]:
    """What it dismissed goes into the queue, and is pending at once, so that it is looked at with what is known by now.

    Gives what an operation keeps of the files before and after.
    """
    before: KeptFiles = []
    after: KeptFiles = []
    while questions := await questions_settled_by(session, dismissed, AT_ONCE):
        files = list((await locked_files(session, questions, skip_locked=True)).values())
        if not files:
            break
        before += (await kept_before(session, files))["files"]
        await take_for(session, now, actor, [kept(file, Identification.UNMATCHED) for file in files])
        for file in files:
            await reopen(session, questions[file.id])
        queued = await locked_files(session, [file.id for file in files])
        again = [kept(file, Identification.PENDING) for file in queued.values()]
        await take_for(session, now, actor, again)
        after += _after(again)["files"]
    return before, after


def _after(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {"files": [{"id": verdict.file.id, "version": verdict.version} for verdict in verdicts]}


async def _known(session: AsyncSession, dismissed_id: int) -> Dismissed:
    dismissed = await dismissed_by_id(session, dismissed_id)
    if dismissed is None:
        raise DismissalUnknown(f"There is no dismissed folder {dismissed_id}; list /v1/dismissed-folders.")
    return dismissed


def _question(verdict: Verdict, dismissed: Dismissed) -> Asked:
    return Asked(
        file_id=verdict.file.id,
        reason=UnmatchedReason.NO_MATCH,
        would_match_if=f"It was dismissed, as {dismissed.in_words}.",
        group_key=dismissed.key,
    )

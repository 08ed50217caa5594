"""What identification decided about a batch of files, written in one transaction: matches, questions, ignored files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.types import ItemType
from ..files.identification import Verdict, take_for
from ..files.models import MediaFileDecision, MediaFileImport
from ..files.queries import LockedFile, locked_files
from ..files.types import Identification, ImportMethod, Resolution, Role, UnmatchedReason
from ..matching.decision import Decision, Outcome, Recorded, Suggestion
from ..matching.known import FolderDismissed
from ..matching.neighbours import as_stored
from ..matching.recall import Recall
from ..metadata.items import StoredItem
from ..operations.service import record_operation
from .dismissing import dismissed_with, settle_dismissed
from .neighbours import ask_again_around, ask_again_left_behind
from .questions import Asked, ask, keyed, settle
from .recorded import import_of, note_records, note_rejections
from .remembered import Asking
from .remembering import considered_otherwise
from .standing import kept_before
from .wording import SCAN, reason_in_words


class FileOutcome(Struct, frozen=True, kw_only=True):
    """What was decided about one file."""

    file_id: int
    version_seen: int
    decision: Decision
    stored: StoredItem | None = None
    """For a match: the item, stored in the same transaction."""
    group_key: str
    """`matching.grouping`; for a question."""
    proposed: dict[str, Any] | None = None
    """{"type", "tmdb_id", "role", "episodes"}; for a question."""
    said: dict[str, Any] | None = None
    """`matching.numbering.SaidNumbers`; for a question."""
    source_path: bytes
    """Absolute."""
    asking: Asking | None = None
    """Under which keys remembered answers hold for it; None where its names say no title."""
    folder: bytes | None = None
    """In which it lay when it was decided, relative to the root; None where that did not matter."""
    dismissed: FolderDismissed | None = None
    """The dismissed folder that it was decided by."""
    recall: Recall | None = None
    answer_id: int | None = None
    """The remembered answer that held for it when it was decided."""
    inputs: str | None = None
    """What it was decided by (`matching.inputs.Inputs`), as JSON."""
    beside: Recorded | None = None
    """The record that was read beside it, followed or not."""


async def record_outcomes(session: AsyncSession, now: datetime, outcomes: Sequence[FileOutcome]) -> list[int]:
    """Write what was decided about up to some 200 files, and give the ids of those that were skipped.

    Skipped is a file that is no longer pending or has another version than was seen (a person or another process was
    faster), one that a rule would ignore although a person lifted the rules for it, and one for which another remembered
    answer holds by now.
    """
    files = await locked_files(session, [outcome.file_id for outcome in outcomes])
    due = [
        (files[outcome.file_id], outcome)
        for outcome in outcomes
        if outcome.file_id in files and _applies(files[outcome.file_id], outcome)
    ]
    answered = [(each.asking, each.answer_id) for _, each in due if each.asking and _goes_by_answers(each)]
    late = await considered_otherwise(session, answered)
    late |= await _dismissed_otherwise(session, due)
    due = [(file, outcome) for file, outcome in due if file.id not in late]
    await _write(session, now, SCAN, due)
    written = {file.id for file, _ in due}
    return [outcome.file_id for outcome in outcomes if outcome.file_id not in written]


async def _dismissed_otherwise(session: AsyncSession, due: Sequence[tuple[LockedFile, FileOutcome]]) -> set[int]:
    """Files of which the folder is dismissed by now, or no longer. Shares the lock of `considered_otherwise`."""
    folders = {
        file.id: (file.library_id, outcome.folder)
        for file, outcome in due
        if outcome.folder is not None and not file.rule_lifted and outcome.decision.recorded is None
    }
    held = await dismissed_with(session, folders) if folders else {}
    seen = {file.id: outcome.dismissed for file, outcome in due if file.id in folders}
    return {file_id for file_id, dismissed in seen.items() if (held.get(file_id) is None) is not (dismissed is None)}


async def record_accepted(
    session: AsyncSession, now: datetime, actor: str, outcomes: Sequence[FileOutcome]
) -> int | None:
    """Write decisions that a person accepted, about files that need not be pending: the one way in which what is matched
    becomes something else by a decision. Gives the operation that they are, None where there are none.

    The files must have been locked in this transaction and still have the versions that were seen.
    """
    files = await locked_files(session, [outcome.file_id for outcome in outcomes])
    due = [(files[outcome.file_id], outcome) for outcome in outcomes]
    if not due:
        return None
    before = await kept_before(session, [file for file, _ in due], decided_anew=[file.id for file, _ in due])
    verdicts = await _write(session, now, actor, due)
    first, count = due[0][0].shown_path, len(due)
    summary = f"{first} was decided anew" if count == 1 else f"{count} files were decided anew, the first {first}"
    after = {"files": [{"id": verdict.file.id, "version": verdict.version} for verdict in verdicts]}
    return await record_operation(session, now, actor, "accept_replay", summary, before, after)


async def record_replaced(session: AsyncSession, now: datetime, outcomes: Sequence[FileOutcome]) -> None:
    """Matches of identification that do not hold for what lies at the files' place now: each becomes a question.

    The files must have been locked in this transaction and still have the versions that were seen.
    """
    files = await locked_files(session, [outcome.file_id for outcome in outcomes])
    verdicts = await _write(session, now, SCAN, [(files[outcome.file_id], outcome) for outcome in outcomes])
    await ask_again_left_behind(session, now, SCAN, verdicts)


async def _write(
    session: AsyncSession, now: datetime, actor: str, due: Sequence[tuple[LockedFile, FileOutcome]]
) -> list[Verdict]:
    verdicts = [_verdict(file, outcome) for file, outcome in due]
    await take_for(session, now, actor, verdicts)
    await _keep_decisions(session, now, [outcome for _, outcome in due])
    imports = [_import(file, outcome, now, actor) for file, outcome in due if outcome.decision.outcome in TRIED]
    if imports:
        await session.execute(insert(MediaFileImport), imports)
    await ask(session, now, [_question(outcome) for _, outcome in due if outcome.decision.outcome is Outcome.NO_MATCH])
    for to, resolution in (
        (Identification.MATCHED, Resolution.MATCHED),
        (Identification.IGNORED, Resolution.WITHDRAWN),
    ):
        versions = {verdict.file.id: verdict.version for verdict in verdicts if verdict.to is to}
        await settle(session, now, versions, resolution, actor)
    with_folder = zip(verdicts, (outcome.dismissed for _, outcome in due), strict=True)
    dismissed = [(verdict, each.id) for verdict, each in with_folder if each and verdict.to is Identification.DISMISSED]
    await settle_dismissed(session, now, dismissed)
    read = list(zip(verdicts, (outcome.decision.recorded or outcome.beside for _, outcome in due), strict=True))
    await note_rejections(session, now, [(verdict, beside) for verdict, beside in read if beside and beside.rejected])
    followed = [outcome.decision.recorded is not None for _, outcome in due]
    said = [each for each, whether in zip(read, followed, strict=True) if whether]
    await note_records(session, now, [(verdict, recorded) for verdict, recorded in said if recorded])
    await ask_again_around(session, now, actor, verdicts)
    return verdicts


TRIED = (Outcome.MATCH, Outcome.NO_MATCH)
"""What counts as an attempt to bring a file in."""


def _applies(file: LockedFile, outcome: FileOutcome) -> bool:
    if file.identification is not Identification.PENDING or file.version != outcome.version_seen:
        return False
    return not (outcome.decision.outcome is Outcome.IGNORE and file.rule_lifted)


def _goes_by_answers(outcome: FileOutcome) -> bool:
    """Whether an answer that came or went meanwhile changes what was decided."""
    return outcome.answer_id is not None or outcome.decision.outcome is Outcome.NO_MATCH


def _verdict(file: LockedFile, outcome: FileOutcome) -> Verdict:
    decision = outcome.decision
    # What the name says of part, edition and role is kept without a match as well: it is what an answer begins with.
    said: dict[str, Any] = {"part": decision.part, "edition": decision.edition, "role": decision.role}
    if decision.outcome is Outcome.NO_MATCH:
        return Verdict(file=file, to=Identification.UNMATCHED, **said)
    if decision.outcome is Outcome.IGNORE:
        return Verdict(file=file, to=Identification.IGNORED, ignore_rule=decision.ignore_rule or "a rule", **said)
    if decision.outcome is Outcome.DISMISS:
        return Verdict(file=file, to=Identification.DISMISSED, **said)
    item, stored = decision.item or decision.recorded, outcome.stored
    if item is None or stored is None:
        raise ValueError(f"file {file.id} was matched without an item")
    said["role"] = decision.role or (Role.FEATURE if item.type is ItemType.MOVIE else Role.EPISODE)
    episodes = tuple(stored.episodes[each.season, each.number] for each in item.episodes)
    return Verdict(file=file, to=Identification.MATCHED, item_id=stored.item_id, episode_ids=episodes, **said)


async def _keep_decisions(session: AsyncSession, now: datetime, outcomes: Sequence[FileOutcome]) -> None:
    """The latest decision of a file replaces the one before; what was known then stands in its imports."""
    if not outcomes:
        return
    ids = [outcome.file_id for outcome in outcomes]
    await session.execute(delete(MediaFileDecision).where(MediaFileDecision.file_id.in_(ids)))
    rows = [
        {
            "file_id": each.file_id,
            "decided_at": now,
            "body": msgspec.json.encode(each.decision).decode(),
            "title": each.recall.title if each.recall else None,
            "title_hash": each.recall.key if each.recall else None,
            "remembered_answer_id": each.answer_id,
            "inputs": each.inputs,
            "neighbours": as_stored(each.decision),
        }
        for each in outcomes
    ]
    await session.execute(insert(MediaFileDecision), rows)


def _import(file: LockedFile, outcome: FileOutcome, now: datetime, actor: str) -> dict[str, Any]:
    decision = outcome.decision
    matched = decision.outcome is Outcome.MATCH
    best = decision.item or next(iter(decision.suggestions), None)
    error = None if matched else reason_in_words(decision.reason or UnmatchedReason.NO_MATCH, decision.would_match_if)
    return {
        "file_id": file.id,
        "library_id": file.library_id,
        "method": ImportMethod.SCAN,
        "source_path": outcome.source_path,
        "success": matched,
        "error": error,
        "evidence": _evidence(best, outcome.answer_id if matched else None) if best else {},
        "actor": actor,
        "at": now,
    } | (import_of(decision.recorded) if decision.recorded else {})


def _evidence(suggestion: Suggestion, answer_id: int | None) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(suggestion)
    return data if answer_id is None else data | {"remembered_answer_id": answer_id}


def _question(outcome: FileOutcome) -> Asked:
    decision = outcome.decision
    reason = decision.reason or UnmatchedReason.NO_MATCH
    series = [each.tmdb_id for each in decision.suggestions if each.type is ItemType.SERIES]
    return Asked(
        file_id=outcome.file_id,
        reason=reason,
        would_match_if=decision.would_match_if,
        group_key=keyed(outcome.group_key),
        proposed=outcome.proposed,
        said=outcome.said,
        series_tmdb_id=series[0] if series and reason is UnmatchedReason.EPISODE_NOT_FOUND else None,
    )

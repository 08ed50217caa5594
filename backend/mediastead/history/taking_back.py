"""One operation is taken back, with all that was done with it, in the caller's one transaction.

What it changed has to be as it left it. A file of which something was said since keeps the whole from being taken back, unless
whoever asks takes those that can: it is named together with the later operation, which can be taken back first. An operation
that was taken back no longer counts as later: what it left is the same again as what was there before it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.queries import item_by_id
from ..events.outbox import record
from ..files.forgetting import FORGOTTEN, Listing, put_back_forgotten
from ..files.identification import take_for
from ..files.queries import LockedFile, locked_files
from ..files.types import Identification
from ..operations.service import UNDONE, mark_taken_back, record_operation
from ..unmatched.answer_moves import (
    AnswerMoves,
    FolderMoves,
    all_answers,
    all_folders,
    move_answers,
    move_folders,
    what_blocks,
)
from ..unmatched.numbered import ChosenOrder, asked_of_series, chosen_order
from ..unmatched.orders import MOST, ORDER, as_kept, put_order
from ..unmatched.remembering import ANSWERS, deciding
from ..unmatched.taking_back import Back, FormerFile, lost_titles, put_back_rejections, put_files_back
from ..unmatched.verdicts import kept
from . import queries
from .errors import DependedOn
from .queries import ChangedFile, Whole
from .schemas import LISTED, Against, FileBack, told
from .undoable import UNDO

FOLDERS = "folders"


class TakenBack(Struct, frozen=True, kw_only=True):
    operation_id: int | None
    """None where there was nothing left to take back."""
    backs: list[Back]
    also: list[str]
    against: list[Against]


async def take_back(
    session: AsyncSession, now: datetime, actor: str, operations: Sequence[Whole], *, those_that_can: bool
) -> TakenBack:
    """Take back `operations`: one, and those that were done with it. Raises `DependedOn`."""
    of_itself = operations[0]
    changed = await queries.changed_files(session, [each.id for each in operations])
    files = await locked_files(session, {each.file_id for each in changed})
    await deciding(session, alone=True)
    backs, against = await _files_to_put_back(session, of_itself.id, changed, files)
    answers = all_answers(_moves(each, ANSWERS, AnswerMoves) for each in operations).backwards
    blocked = {each.answer_id: each for each in await what_blocks(session, answers)}
    later = await queries.superseded_by(session, blocked, of_itself.id) if blocked else {}
    against += [Against(why=each.why, operation_id=later.get(each.answer_id)) for each in blocked.values()]
    named = await queries.followers_named(session, answers.revoked, of_itself.id)
    against += [
        Against(file_id=each.file_id, path=each.path, why=each.why, operation_id=each.operation_id) for each in named
    ]
    stay = {*blocked, *(each.answer_id for each in named)}
    order = next((each for each in operations if ORDER in each.before), None)
    if order is not None and (why := await _order_is_another(session, order)) is not None:
        against.append(Against(why=why))
        order = None
    if against and not those_that_can:
        raise depended_on(of_itself.id, against, len(against))
    allowed = {
        name: [each for each in getattr(answers, name) if each not in stay] for name in AnswerMoves.__struct_fields__
    }
    return await _carry_out(session, now, actor, operations, backs, AnswerMoves(**allowed), order, against)


async def _carry_out(
    session: AsyncSession,
    now: datetime,
    actor: str,
    operations: Sequence[Whole],
    backs: Sequence[Back],
    answers: AnswerMoves,
    order: Whole | None,
    against: list[Against],
) -> TakenBack:
    of_itself = operations[0]
    before: dict[str, Any] = {}
    after: dict[str, Any] = {UNDONE: [each.id for each in operations]}
    before["files"], after["files"] = await put_files_back(session, now, actor, of_itself.id, backs)
    made = [each for operation in operations for each in operation.after.get("rejections", ())]
    lifted = [each for operation in operations for each in operation.before.get("rejections", ())]
    ids = [back.file.id for back in backs]
    before["rejections"], after["rejections"] = await put_back_rejections(session, ids, made, lifted)
    done = await move_answers(session, now, actor, answers, put_back=ids)
    after[ANSWERS] = msgspec.to_builtins(done)
    folders = all_folders(_moves(each, FOLDERS, FolderMoves) for each in operations).backwards
    folders = await move_folders(session, now, actor, folders)
    after[FOLDERS] = msgspec.to_builtins(folders)
    listing = await put_back_forgotten(session, now, actor, [_moves(each, FORGOTTEN, Listing) for each in operations])
    after[FORGOTTEN] = msgspec.to_builtins(listing)
    also = _in_words(done, folders, listing)
    if order is not None:
        before[ORDER], after[ORDER] = await _put_order(session, now, actor, order)
        also.append("the order in which the series is counted is the former one")
    summary = f"taken back: {of_itself.summary}"
    undo_id = await record_operation(session, now, actor, UNDO, summary, before, after)
    await mark_taken_back(session, [each.id for each in operations], undo_id)
    record(session, now, "operation.undone", operation_id=of_itself.id, undone_by=undo_id, actor=actor)
    return TakenBack(operation_id=undo_id, backs=list(backs), also=also, against=against)


async def _files_to_put_back(
    session: AsyncSession, operation_id: int, changed: Sequence[ChangedFile], files: Mapping[int, LockedFile]
) -> tuple[list[Back], list[Against]]:
    first: dict[int, ChangedFile] = {}
    last: dict[int, ChangedFile] = {}
    for each in changed:
        first.setdefault(each.file_id, each)
        last[each.file_id] = each
    former = {file_id: msgspec.convert(each.before, FormerFile) for file_id, each in first.items()}
    again = await queries.given_back(session, sorted({each.operation_id for each in changed}))
    since = [
        file_id
        for file_id, each in last.items()
        if file_id in files and not _as_left(each.version_after, files[file_id].version, again.get(file_id, {}))
    ]
    later = await queries.later_operations(session, since, operation_id) if since else {}
    named = await queries.named_since(session, sorted({each.operation_id for each in changed}), operation_id)
    lost = await lost_titles(session, former)
    backs: list[Back] = []
    against: list[Against] = []
    for file_id, each in first.items():
        file = files.get(file_id)
        if file is None:
            against.append(Against(file_id=file_id, why="the file is no longer known"))
        elif "standing" not in each.before:
            why = "an older version recorded it, and did not keep its question: answer for the file itself"
            against.append(Against(file_id=file_id, path=file.shown_path, why=why))
        elif file_id in since:
            by = later.get(file_id)
            why = f"operation {by.operation_id} came later: {by.summary}" if by else _by_itself(file)
            against.append(
                Against(file_id=file_id, path=file.shown_path, why=why, operation_id=by.operation_id if by else None)
            )
        elif file_id in named and file.identification is Identification.MATCHED:
            by_id = named[file_id].operation_id
            against.append(Against(file_id=file_id, path=file.shown_path, why=named[file_id].why, operation_id=by_id))
        elif file_id in lost:
            why = "the title or an episode that it was matched to is no longer in the catalog"
            against.append(Against(file_id=file_id, path=file.shown_path, why=why))
        else:
            backs.append(Back(file=file, former=former[file_id], version_before=each.version_before))
    return backs, against


def _as_left(version: int | None, now: int, same: Mapping[int, int]) -> bool:
    """Whether a file is as an operation left it: since then, at most what came later was taken back."""
    return version is not None and _first_of(now, same) == _first_of(version, same)


def _first_of(version: int, same: Mapping[int, int]) -> int:
    while version in same:
        version = same[version]
    return version


def _by_itself(file: LockedFile) -> str:
    return f"it was identified again since, and is {file.identification.value}: answer for the file itself"


async def _order_is_another(session: AsyncSession, operation: Whole) -> str | None:
    made = operation.after[ORDER]
    now = await chosen_order(session, made["item_id"])
    item = await item_by_id(session, made["item_id"])
    if item is None:
        return "the series is no longer in the catalog"
    chosen = made["order"]["group_id"] if made["order"] else None
    if (now.group_id if now else None) == chosen:
        return None
    return f"another order was chosen for {item.title} since: choose the order that is to hold"


async def _put_order(
    session: AsyncSession, now: datetime, actor: str, operation: Whole
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The former order of the series; what waits in the queue for the episodes of this one is identified again by it."""
    item_id = operation.before[ORDER]["item_id"]
    item = await item_by_id(session, item_id)
    current = await chosen_order(session, item_id)
    former = operation.before[ORDER]["order"]
    order = msgspec.convert(former, ChosenOrder) if former else None
    await put_order(session, now, item_id, order)
    waiting = await asked_of_series(session, item.tmdb_id, MOST) if item and item.tmdb_id else []
    files = await locked_files(session, [each.file_id for each in waiting], skip_locked=True)
    again = [
        kept(file, Identification.PENDING) for file in files.values() if file.identification is Identification.UNMATCHED
    ]
    await take_for(session, now, actor, again)
    record(session, now, "item.order", item_id=item_id, group_id=order.group_id if order else None, actor=actor)
    return as_kept(item_id, current), as_kept(item_id, order)


def _moves(operation: Whole, name: str, form: type[Any]) -> Any:
    return msgspec.convert(operation.after.get(name, {}), form)


def _in_words(answers: AnswerMoves, folders: FolderMoves, listing: Listing) -> list[str]:
    words = {
        "remembered answers that hold no more, and what followed them is asked about again": answers.revoked,
        "remembered answers that hold again": [*answers.unrevoked, *answers.reinstated],
        "remembered answers that are replaced again": answers.superseded,
        "remembered answers that hold in their folder only": answers.narrowed,
        "remembered answers that hold in the whole library again": answers.widened,
        "folders that are no longer dismissed, and what they dismissed is asked about again": folders.revoked,
        "folders that are dismissed again": folders.unrevoked,
        "missing files that are listed again": listing.listed,
        "missing files that are forgotten again": listing.hidden,
    }
    return [f"{what}: {len(ids)}" for what, ids in words.items() if ids]


def depended_on(operation_id: int, against: list[Against], count: int) -> DependedOn:
    first = against[0]
    where = f"{first.path}: " if first.path else ""
    more = f" (and {count - 1} more)" if count > 1 else ""
    return DependedOn(
        f"Operation {operation_id} was not taken back: {where}{first.why}{more}. Take back what came later first, or take back "
        "those parts that can be (`--those-that-can`).",
        conflicts=told(against),
        count=count,
    )


def files_back(backs: Sequence[Back], titles: Mapping[int | None, str]) -> list[FileBack]:
    """The first ones, for people."""
    return [
        FileBack(
            file_id=back.file.id,
            path=back.file.shown_path,
            was=back.file.identification,
            becomes=back.former.identification,
            item_id=back.former.media_item_id,
            title=titles.get(back.former.media_item_id),
        )
        for back in backs[:LISTED]
    ]

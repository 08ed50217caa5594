"""Gathers what is known about claimed files beside their names, for the decisions about them."""

from collections.abc import Sequence

from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..matching.decision import Recorded
from ..matching.known import Answered, Known
from ..matching.recall import recall_of
from ..parsing.parsed import ParsedPath
from ..unmatched.dismissing import dismissed_with
from ..unmatched.folder_neighbours import neighbours_at
from ..unmatched.numbered import orders_in_force
from ..unmatched.queries import rejections_of
from ..unmatched.remembered import Asking, Remembered, answers_holding
from .claims import ClaimedFile


async def known_about(session: AsyncSession, files: Sequence[tuple[ClaimedFile, ParsedPath]]) -> dict[int, Known]:
    """By file id, for each of `files`."""
    orders = await orders_in_force(session)
    rejected = await rejections_of(session, [file.file_id for file, _ in files])
    asking = {file.file_id: asking_of(file, parsed) for file, parsed in files}
    held = await answers_holding(session, [each for each in asking.values() if each])
    # In a dismissed folder nothing else is asked, and no answer is followed.
    places = {file.file_id: (file.library_id, file.folder) for file, _ in files if not file.rule_lifted}
    dismissed = await dismissed_with(session, places)
    folders = {(file.library_id, file.folder) for file, _ in files}
    around = await neighbours_at(session, folders, but=[file.file_id for file, _ in files])
    return {
        file.file_id: Known(
            kind=file.kind.value,
            rejected=tuple(rejected.get(file.file_id, ())),
            answered=answered_by(held[file.file_id], file, parsed)
            if file.file_id in held and file.file_id not in dismissed
            else None,
            dismissed=dismissed.get(file.file_id),
            orders=orders,
            neighbours=around.get((file.library_id, file.folder), ()),
        )
        for file, parsed in files
    }


def with_record(known: Known, recorded: Recorded | None) -> Known:
    """The same with what was read beside the file. What the record says that the file is not holds in any case."""
    if recorded is None:
        return known
    rejected = dict.fromkeys((*known.rejected, *(each.forbidden for each in recorded.rejected)))
    return structs.replace(known, recorded=recorded, rejected=tuple(rejected))


def asking_of(file: ClaimedFile, parsed: ParsedPath) -> Asking | None:
    """None where the names say no title under which an answer could be remembered."""
    recall = recall_of(parsed)
    if recall is None:
        return None
    return Asking(
        file_id=file.file_id,
        library_id=file.library_id,
        folder=file.folder,
        keys=recall.keys,
        year=recall.year,
        yearless=recall.yearless,
    )


def answered_by(answer: Remembered, file: ClaimedFile, parsed: ParsedPath) -> Answered | None:
    """The answer as matching goes by it; None for a title that the provider has not."""
    if answer.tmdb_id is None:
        return None
    recall = recall_of(parsed)
    return Answered(
        id=answer.id,
        type=answer.type,
        tmdb_id=answer.tmdb_id,
        numbering=answer.numbering_in(file.folder),
        without_ids=bool(parsed.ids) and (recall is None or answer.title_hash not in recall.with_ids),
        detail=answer.in_words,
    )

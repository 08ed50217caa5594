"""What a person says about a file itself, whatever it is taken for; each answer names the version of the file it saw."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import structs, to_builtins
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.identification import take_for
from ..files.queries import LockedFile, locked_files
from ..files.shown import episodes_of
from ..files.types import Identification, Resolution, UnmatchedReason
from .dismissing import freed
from .errors import AnswerIncomplete, FileUnknown, NothingToRestore, StaleVersion
from .folder_neighbours import stand_by_themselves
from .matches import checked_match, record_matches
from .models import RejectedMatch
from .queries import latest_question_of
from .questions import Asked, ask, keyed, reopen
from .remembered import Remembered, answer_by_id
from .remembered_files import followed_answers
from .remembering import Holding, remember
from .schemas import EpisodeAsked, FileMatch, FileUnmatch
from .service import note
from .standing import kept_before
from .titles import Prepared, stored_titles, title_of
from .verdicts import kept


async def match_file(
    session: AsyncSession, now: datetime, actor: str, file_id: int, answer: FileMatch, prepared: Prepared
) -> list[Holding]:
    """Say what a file is, from any state; for a matched one that corrects it. An open question about it is settled.

    Gives what is remembered of it for others.
    """
    file = await _current(session, file_id, answer.version)
    titles = await stored_titles(session, now, prepared, [answer])
    match = checked_match(file, answer, title_of(answer, titles))
    operation_id = await record_matches(session, now, actor, [match])
    return await remember(session, now, actor, [match] if answer.remember else [], part_of=operation_id)


async def unmatch_file(
    session: AsyncSession, now: datetime, actor: str, file_id: int, answer: FileUnmatch
) -> Remembered | None:
    """Put a file into the queue. What it was matched to, or only those episodes of it, is never suggested for it again.

    Gives the remembered answer that it was matched by, if any. That holds on for other files until it is revoked.
    """
    file = await _current(session, file_id, answer.version)
    followed = (await followed_answers(session, [file_id])).get(file_id)
    said = sorted(set(answer.episodes))
    was = await kept_before(session, [file])
    rejections: list[dict[str, Any]] = []
    if file.media_item_id is None:
        if said:
            raise AnswerIncomplete(f"File {file_id} is matched to nothing, so that no episodes of it can be wrong.")
    else:
        await _check_held(session, file, said)
        episodes = [[each.season, each.number] for each in said] or None
        rejected = {"file_id": file_id, "item_id": file.media_item_id, "episodes": episodes, "by": actor, "at": now}
        await session.execute(insert(RejectedMatch), rejected)
        rejections.append(to_builtins(rejected))
    await stand_by_themselves(session, now, [file_id])
    if file.identification is Identification.UNMATCHED:
        return None  # it is in the queue already
    verdict = kept(file, Identification.UNMATCHED)
    if file.identification is Identification.IGNORED:
        verdict = structs.replace(verdict, rule_lifted=True)
    await take_for(session, now, actor, [verdict])
    await ask(session, now, [_question_about(file)])
    await note(session, now, actor, "unmatch", "put into the queue", was, [verdict], rejections)
    return await answer_by_id(session, followed) if followed is not None else None


async def restore_file(session: AsyncSession, now: datetime, actor: str, file_id: int, version: int) -> None:
    """Bring a dismissed file back into the queue; lift the rule for an ignored one and have it identified."""
    file = await _current(session, file_id, version)
    was = await kept_before(session, [file])
    match file.identification:
        case Identification.DISMISSED:
            verdict = await freed(session, kept(file, Identification.UNMATCHED))
            await take_for(session, now, actor, [verdict])
            latest = await latest_question_of(session, file_id)
            if latest is not None and latest.resolution is Resolution.DISMISSED:
                await reopen(session, latest.id)
            else:
                await ask(session, now, [_question_about(file)])
            await note(session, now, actor, "restore", "asked about again", was, [verdict])
        case Identification.IGNORED:
            verdict = structs.replace(kept(file, Identification.PENDING), rule_lifted=True)
            await take_for(session, now, actor, [verdict])
            await note(session, now, actor, "restore", "freed from the rule that ignored it", was, [verdict])
        case Identification.PENDING | Identification.UNMATCHED | Identification.MATCHED as state:
            raise NothingToRestore(
                f"File {file_id} is {state.value}: only dismissed and ignored files can be restored. {_INSTEAD[state]}",
                identification=state.value,
                version=file.version,
            )


_INSTEAD = {
    Identification.PENDING: "It will be identified by itself.",
    Identification.UNMATCHED: "It is in the queue; answer its question.",
    Identification.MATCHED: "Unmatch it if the match is wrong.",
}


def _question_about(file: LockedFile) -> Asked:
    """A question that a person raised. Files of one folder with the same rejected title are likely settled together."""
    key = f"rejected in folder {file.folder_id}: item {file.media_item_id or 'none'}"
    if file.media_item_id is None:
        would_match_if = "A person put it into the queue: an answer decides."
    else:
        would_match_if = (
            "Its match was rejected: an answer decides, or an id ({tmdb-...}) in the folder name and a refresh."
        )
    return Asked(
        file_id=file.id,
        reason=UnmatchedReason.REJECTED,
        would_match_if=would_match_if,
        group_key=keyed(key),
    )


async def _check_held(session: AsyncSession, file: LockedFile, said: Sequence[EpisodeAsked]) -> None:
    held = (await episodes_of(session, [file.id])).get(file.id, [])
    wrong = {(each.season, each.number) for each in said} - {(each.season, each.number) for each in held}
    if wrong:
        has = ", ".join(f"S{each.season:02}E{each.number:02}" for each in held) or "no episodes"
        raise AnswerIncomplete(f'File {file.id} holds {has}; "episodes" names those of them that it does not hold.')


async def _locked(session: AsyncSession, file_id: int) -> LockedFile:
    file = (await locked_files(session, [file_id])).get(file_id)
    if file is None:
        raise FileUnknown(f"There is no file {file_id}; list /v1/media-files.")
    return file


async def _current(session: AsyncSession, file_id: int, version: int) -> LockedFile:
    file = await _locked(session, file_id)
    if file.version != version:
        raise StaleVersion(file, version)
    return file

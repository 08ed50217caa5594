"""A person accepts what a replay proposes: it is recorded as identification records, as one operation of that person."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import MediasteadError
from ..files.queries import LockedFile, locked_files
from ..http.problems import problem_data
from ..matching.decision import Outcome
from ..metadata.items import StoredItem
from ..unmatched.errors import FileUnknown, NoSuchEpisode, StaleVersion
from ..unmatched.recording import FileOutcome, record_accepted
from ..unmatched.schemas import EpisodeAsked, MatchAnswer
from ..unmatched.titles import Prepared, Title, TitleRef, stored_titles, title_of
from .errors import AcceptWhat, AlreadyAccepted, ChangeUnknown, NothingProposed
from .models import ChangeKind, ReplayChange
from .queries import Chosen, chosen_by_id, open_changes
from .schemas import MOST_ACCEPTED, AcceptRequest, AcceptResult, NotAccepted
from .service import shown


class Selection(Struct, frozen=True):
    """The changes that one request is about."""

    chosen: list[Chosen]
    unknown: list[int]
    """Ids that this replay does not have."""
    next: int | None


async def select_changes(session: AsyncSession, replay_id: int, asked: AcceptRequest) -> Selection:
    """Raises `ReplayNotFound`, and `AcceptWhat` unless the request says in exactly one way which changes it is about."""
    await shown(session, replay_id)
    if (asked.changes is not None) + (asked.kind is not None) + asked.all != 1:
        raise AcceptWhat('Say which changes you accept: either "changes" with their ids, or a "kind", or "all": true.')
    if asked.kind is ChangeKind.UNANSWERABLE:
        raise AcceptWhat("What could not be decided again proposes nothing; have these files identified again instead.")
    if asked.changes is not None:
        chosen = await chosen_by_id(session, replay_id, asked.changes)
        return Selection(chosen, sorted(set(asked.changes) - {each.id for each in chosen}), None)
    rows = await open_changes(session, replay_id, asked.kind, asked.after, MOST_ACCEPTED + 1)
    chosen = rows[:MOST_ACCEPTED]
    return Selection(chosen, [], chosen[-1].id if len(rows) > MOST_ACCEPTED else None)


def titles_named(selection: Selection) -> list[MatchAnswer]:
    """The titles that must be known before the changes are written, for `unmatched.titles.prepare`."""
    return [answer for each in selection.chosen if (answer := _answer(each)) is not None]


async def accept(
    session: AsyncSession, now: datetime, actor: str, selection: Selection, prepared: Prepared
) -> AcceptResult:
    """Apply the changes to the files that still are what the replay saw; of each other one the result says why not."""
    files = await locked_files(session, [each.file_id for each in selection.chosen])
    titles = await stored_titles(session, now, prepared, titles_named(selection))
    due: list[FileOutcome] = []
    accepted: list[int] = []
    refused = [
        NotAccepted(change_id=each, file_id=None, error=problem_data(_unknown(each))) for each in selection.unknown
    ]
    for each in selection.chosen:
        try:
            due.append(_outcome(each, files.get(each.file_id), titles))
            accepted.append(each.id)
        except MediasteadError as error:
            refused.append(NotAccepted(change_id=each.id, file_id=each.file_id, error=problem_data(error)))
    operation_id = await record_accepted(session, now, actor, due)
    marked = update(ReplayChange).where(ReplayChange.id.in_(accepted)).values(accepted_by=actor, accepted_at=now)
    await session.execute(marked)
    return AcceptResult(accepted=len(accepted), not_accepted=refused, operation_id=operation_id, next=selection.next)


def _outcome(
    change: Chosen, file: LockedFile | None, titles: Mapping[TitleRef, Title | MediasteadError]
) -> FileOutcome:
    if change.accepted_at is not None:
        raise AlreadyAccepted(f"Change {change.id} was accepted before; look at file {change.file_id}.")
    if file is None:
        raise FileUnknown(f"There is no file {change.file_id} any more; ask for a new replay.")
    if file.version != change.version:
        raise StaleVersion(file, change.version)
    proposal = change.proposal
    if proposal.decision is None:
        raise NothingProposed(
            f"File {file.id} could not be decided again: have it identified again, which asks the provider."
        )
    answer = _answer(change)
    return FileOutcome(
        file_id=file.id,
        version_seen=change.version,
        decision=proposal.decision,
        stored=_stored(title_of(answer, titles), answer) if answer is not None else None,
        group_key=proposal.group_key,
        proposed=proposal.proposed,
        said=proposal.said,
        recall=proposal.recall,
        answer_id=proposal.answer_id,
        source_path=file.path,
        inputs=proposal.inputs,
    )


def _stored(title: Title, answer: MatchAnswer) -> StoredItem:
    gone = [each for each in answer.episodes if (each.season, each.number) not in title.episodes]
    if gone:
        named = ", ".join(f"S{each.season:02}E{each.number:02}" for each in gone)
        raise NoSuchEpisode(
            f'"{title.name}" has no {named} any more, although it had when the file was identified: have it identified again.'
        )
    return StoredItem(item_id=title.item_id, episodes=title.episodes)


def _answer(change: Chosen) -> MatchAnswer | None:
    """The title of a match, as an answer would name it."""
    decision = change.proposal.decision
    if decision is None or decision.outcome is not Outcome.MATCH or decision.item is None:
        return None
    episodes = [EpisodeAsked(each.season, each.number) for each in decision.item.episodes]
    return MatchAnswer(type=decision.item.type, tmdb_id=decision.item.tmdb_id, episodes=episodes)


def _unknown(change_id: int) -> ChangeUnknown:
    return ChangeUnknown(f"This replay has no change {change_id}; list its changes.")

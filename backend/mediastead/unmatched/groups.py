"""One answer for a whole group of the queue: what it would make of each file, and the same written in one transaction.

The answer names a title; each file gets the episodes that its name says, turned into the provider's numbers by a table, by
offsets, or by one of the provider's orders. What the answer makes of the files is worked out before the transaction; it is
written only where the group still is what the preview showed.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.queries import StoredFacts, item_by_id, item_ids_of
from ..catalog.types import ItemType
from ..db.engine import Database
from ..db.text import shown
from ..errors import MediasteadError
from ..files.types import Role
from ..http.problems import problem_data
from ..matching.decision import EpisodeNumber
from ..matching.meaning import episodes_meant
from ..matching.numbering import Located, Reckoning
from ..matching.renumbering import Recount, renumbering_of
from ..matching.said import SaidNumbers, said_numbers
from ..metadata.errors import NoSuchItem
from ..metadata.facts import ItemFacts, Order
from ..metadata.provider import CatalogProvider
from .episodes import facts_stored, named, titles_in
from .errors import AnswerIncomplete, GroupChanged, GroupUnknown, NoSuchEpisode
from .group_schemas import MOST, GroupAnswer, GroupAnswered, GroupMatch, GroupPreview, GroupTitle, PreviewedFile
from .numbered import AskedFile, ChosenOrder, asked_files, chosen_order
from .orders import BY_CHOICE, choose_with, order_of
from .schemas import AnswerResult, EpisodeAsked, MatchAnswer, QuestionMatch
from .service import match_questions
from .titles import Prepared, TitleRef, ref_of
from .types import ReadPaths

BY_ANSWER = "by your answer"


class Target(Struct, frozen=True, kw_only=True):
    """The title of an answer."""

    ref: TitleRef
    item_id: int | None
    """None where it is new to the catalog."""
    facts: ItemFacts
    told: ItemFacts | None
    """The same from the provider, to be stored; None where the catalog has all that is needed."""


class Told(Struct, frozen=True, kw_only=True):
    """What an answer makes of one file."""

    file: AskedFile
    says: str
    role: Role
    episodes: tuple[EpisodeNumber, ...] = ()
    unsure: bool = False
    problem: MediasteadError | None = None


class Worked(Struct, frozen=True, kw_only=True):
    """An answer for a group, worked out."""

    group: str
    seen: str
    target: Target
    order: Order | None
    """Chosen with the answer."""
    order_name: str | None
    files: list[Told]
    others: int
    """Files of the group that the answer is not for."""

    @property
    def left(self) -> int:
        return self.others + sum(each.problem is not None for each in self.files)


async def work_out(
    database: Database, provider: CatalogProvider, read_paths: ReadPaths, group: str, answer: GroupAnswer
) -> Worked:
    """What an answer makes of the files of a group. Opens its own read transactions; changes nothing.

    Raises `GroupUnknown`, `AnswerIncomplete`, `NoSuchItem`, `ItemNotFound`, `OrderNotFound`, `ProviderUnavailable`.
    """
    _check(answer)
    ref = ref_of(_title_alone(answer))
    async with database.read() as session:
        files = await asked_files(session, group)
        item = await _item(session, ref)
        facts = await facts_stored(session, item) if item else None
        chosen = await chosen_order(session, item.id) if item else None
    if not files:
        raise GroupUnknown(f"There is no group {group} with open questions; list /v1/unmatched-files/groups.")
    meant = _meant(files, answer)
    target = await _target(provider, ref, item, facts)
    if target.facts.type is ItemType.MOVIE and (answer.numbering or answer.order):
        raise AnswerIncomplete(f'"{target.facts.title}" is a film and has no numbers; leave numbering and order out.')
    order = await order_of(provider, target.facts.tmdb_id, answer.order) if answer.order else None
    recount = _recount(answer, order, chosen)
    read = await _read_again(read_paths, meant)
    told = [_told(file, read[file.question_id], target.facts, recount) for file in meant]
    lacking = any(isinstance(each.problem, NoSuchEpisode) for each in told)
    if lacking and item is not None and item.tmdb_id is not None and target.told is None:
        # The provider may have got episodes since the catalog was last refreshed.
        target = await _asked_anew(provider, target, item.type, item.tmdb_id)
        told = [_told(file, read[file.question_id], target.facts, recount) for file in meant]
    by_order = order.name if order else chosen.name if chosen and not answer.numbering else None
    return Worked(
        group=group,
        seen=digest(files),
        target=target,
        order=order,
        order_name=by_order,
        files=told,
        others=len(files) - len(meant),
    )


def preview(worked: Worked, limit: int) -> GroupPreview:
    """For people; with up to `limit` files, those with a problem first."""
    facts, titles = worked.target.facts, titles_in(worked.target.facts)
    ordered = sorted(worked.files, key=lambda each: (each.problem is None, not each.unsure, each.file.path))
    return GroupPreview(
        group=worked.group,
        seen=worked.seen,
        title=GroupTitle(
            type=facts.type,
            tmdb_id=facts.tmdb_id or None,
            item_id=worked.target.item_id,
            title=facts.title,
            year=facts.year,
        ),
        order=worked.order_name,
        settles=sum(each.problem is None for each in worked.files),
        left=worked.left,
        files=[
            PreviewedFile(
                id=each.file.question_id,
                file_id=each.file.file_id,
                path=shown(each.file.path),
                says=each.says,
                role=each.role,
                episodes=named(each.episodes, titles),
                unsure=each.unsure,
                problem=each.problem.detail if each.problem else None,
            )
            for each in ordered[:limit]
        ],
    )


async def match_group(
    session: AsyncSession, now: datetime, actor: str, worked: Worked, answer: GroupMatch
) -> GroupAnswered:
    """Write an answer as it was worked out. Raises `GroupChanged` where the group is no longer what was seen."""
    there = digest(await asked_files(session, worked.group))
    if there != answer.seen or worked.seen != answer.seen:
        raise GroupChanged(
            "Files joined this group, left it or were renamed since the preview; look at the preview again.", seen=there
        )
    fit = [each for each in worked.files if each.problem is None]
    answers = [_as_answer(each, worked.target, answer) for each in fit]
    prepared: Prepared = {worked.target.ref: worked.target.told}
    numbering = answer.numbering.renumbering() if answer.numbering else None
    done = await match_questions(session, now, actor, answers, prepared, numbering)
    if worked.order is not None and done.operation_id is not None:
        item = await _item(session, worked.target.ref)
        if item is not None:
            await choose_with(session, now, actor, item, worked.order, part_of=done.operation_id)
    errors = {each.file.question_id: error for each, error in zip(fit, done.errors, strict=True)}
    errors |= {each.file.question_id: each.problem for each in worked.files if each.problem}
    results = [_result(each.file.question_id, errors[each.file.question_id]) for each in worked.files]
    left = worked.others + sum(error is not None for error in errors.values())
    again = sum(holding.asked_again for holding in done.holding)
    return GroupAnswered(results=results, left=left, asked_again=again, operation_id=done.operation_id)


def digest(files: Sequence[AskedFile]) -> str:
    """Stands for the questions of a group with all that an answer goes by: other files or names give another one."""
    told = [[each.question_id, each.role, msgspec.to_builtins(each.said), shown(each.path)] for each in files]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:16]


def _check(answer: GroupAnswer) -> None:
    if answer.numbering is not None and answer.order is not None:
        raise AnswerIncomplete("Say how the files count either by numbering or by an order, not by both.")


def _title_alone(answer: GroupAnswer) -> MatchAnswer:
    return MatchAnswer(item_id=answer.item_id, type=answer.type, tmdb_id=answer.tmdb_id)


def _meant(files: Sequence[AskedFile], answer: GroupAnswer) -> list[AskedFile]:
    """The files that the answer is for."""
    only = set(answer.only) if answer.only is not None else None
    without = set(answer.leave_out)
    meant = [each for each in files if each.question_id not in without and (only is None or each.question_id in only)]
    if not meant:
        raise AnswerIncomplete("The answer is for none of the group's open questions; look at the group again.")
    if len(meant) > MOST:
        raise AnswerIncomplete(
            f"The answer is for {len(meant)} files, and one answer settles {MOST} at most: "
            'name some of the questions in "only", then the others.'
        )
    return meant


async def _item(session: AsyncSession, ref: TitleRef) -> StoredFacts | None:
    item_id = ref.item_id
    if ref.type is not None and ref.tmdb_id is not None:
        item_id = (await item_ids_of(session, [(ref.type, ref.tmdb_id)])).get((ref.type, ref.tmdb_id))
    return await item_by_id(session, item_id) if item_id is not None else None


async def _target(
    provider: CatalogProvider, ref: TitleRef, item: StoredFacts | None, facts: ItemFacts | None
) -> Target:
    if item is not None and facts is not None:
        return Target(ref=ref, item_id=item.id, facts=facts, told=None)
    if ref.type is None or ref.tmdb_id is None:
        raise NoSuchItem(ref.item_id)
    told = await provider.item(ref.type, ref.tmdb_id)
    return Target(ref=ref, item_id=None, facts=told, told=told)


async def _asked_anew(provider: CatalogProvider, target: Target, type: ItemType, tmdb_id: int) -> Target:
    try:
        told = await provider.item(type, tmdb_id)
    except MediasteadError:
        return target
    more = titles_in(told).keys() - titles_in(target.facts).keys()
    return structs.replace(target, facts=told, told=told) if more else target


def _recount(answer: GroupAnswer, order: Order | None, chosen: ChosenOrder | None) -> Recount | None:
    if answer.numbering is not None:
        return Recount(answer.numbering.renumbering(), BY_ANSWER)
    if order is not None:
        return Recount(renumbering_of(order.parts), BY_CHOICE)
    return Recount(chosen.numbering, BY_CHOICE) if chosen else None


async def _read_again(read_paths: ReadPaths, files: Sequence[AskedFile]) -> dict[int, SaidNumbers]:
    """What names say, by question; read now where the question does not keep it."""
    unread = [each for each in files if each.said is None]
    read = await read_paths([(each.root, each.path) for each in unread]) if unread else []
    found = {each.question_id: each.said for each in files if each.said is not None}
    return found | {each.question_id: said_numbers(parsed) for each, parsed in zip(unread, read, strict=True)}


def _told(file: AskedFile, said: SaidNumbers, facts: ItemFacts, recount: Recount | None) -> Told:
    beside = file.role if file.role in (Role.EXTRA, Role.SAMPLE) else None
    words = said.in_words()
    if facts.type is ItemType.MOVIE or beside:
        return Told(file=file, says=words, role=beside or Role.FEATURE)
    located = episodes_meant(said.parsed(shown(file.path)), facts, recount)
    problem = None if located.episodes else _no_episodes(located, facts)
    return Told(
        file=file,
        says=words,
        role=Role.EPISODE,
        episodes=located.episodes,
        unsure=located.reckoning is Reckoning.GUESSED,
        problem=problem,
    )


def _no_episodes(located: Located, facts: ItemFacts) -> MediasteadError:
    if located.missing:
        return NoSuchEpisode(
            f'"{facts.title}" {located.missing}. An offset or a table of numbers may tell which is meant.'
        )
    return AnswerIncomplete("The name says no episode: answer this file by itself, with its episodes.")


def _as_answer(told: Told, target: Target, answer: GroupAnswer) -> QuestionMatch:
    return QuestionMatch(
        id=told.file.question_id,
        item_id=target.ref.item_id,
        type=target.ref.type,
        tmdb_id=target.ref.tmdb_id,
        episodes=[EpisodeAsked(each.season, each.number) for each in told.episodes],
        role=told.role,
        remember=answer.remember,
    )


def _result(question_id: int, error: MediasteadError | None) -> AnswerResult:
    if error is None:
        return AnswerResult(id=question_id, status="matched")
    return AnswerResult(id=question_id, status="failed", error=problem_data(error))

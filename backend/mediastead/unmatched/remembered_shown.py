"""The remembered answers as people look at them."""

from collections.abc import Sequence

from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.schemas import ItemBrief
from ..files.shown import files_shown
from ..http.paging import Page
from ..matching.decision import EpisodeNumber
from .errors import AnswerUnknown
from .remembered import AnswerFilter, Remembered, answer_by_id, answers_page
from .remembered_files import files_matched_by, files_matched_with, held_counts, matched_with_counts
from .remembering import Holding
from .schemas import AnswerHolding, EpisodeAsked, FollowingFile, RememberedAnswerDetail, RememberedAnswerShown
from .siblings import Follower

NAMED = 3
"""Files that words name; all of them are listed beside."""
FILES_OF_AN_ANSWER = 200
"""That are shown with it; the list of files gives all of its item."""


async def answers_shown(
    session: AsyncSession, which: AnswerFilter, *, cursor: str | None, limit: int
) -> Page[RememberedAnswerShown]:
    """One page of remembered answers, the latest first, each with how many files it decided or was given for."""
    page = await answers_page(session, which, cursor=cursor, limit=limit)
    counts = await held_counts(session, [answer.id for answer in page.items])
    said = await matched_with_counts(session, page.items)
    shown = [answer_shown(answer, counts.get(answer.id), said.get(answer.id, 0)) for answer in page.items]
    return Page(shown, page.next)


async def answer_detail(session: AsyncSession, answer_id: int) -> RememberedAnswerDetail:
    """One answer with the first files that were matched by it or with it; raises `AnswerUnknown`."""
    answer = await answer_by_id(session, answer_id)
    if answer is None:
        raise AnswerUnknown(f"There is no remembered answer {answer_id}; list /v1/remembered-answers.")
    counts = (await held_counts(session, [answer_id])).get(answer_id)
    files = await files_shown(session, await files_matched_by(session, answer, limit=FILES_OF_AN_ANSWER))
    ids = await files_matched_with(session, answer, limit=FILES_OF_AN_ANSWER)
    by_person = await files_shown(session, ids)
    said = (await matched_with_counts(session, [answer])).get(answer_id, 0)
    shown = structs.asdict(answer_shown(answer, counts, said))
    return RememberedAnswerDetail(
        **shown,
        files=sorted(files, key=lambda file: file.id),
        files_by_person=sorted(by_person, key=lambda file: file.id),
    )


def answer_shown(answer: Remembered, held: dict[str, int] | None = None, by_person: int = 0) -> RememberedAnswerShown:
    return RememberedAnswerShown(
        id=answer.id,
        library_id=answer.library_id,
        title=answer.title,
        holds=answer.holds,
        item=ItemBrief(
            id=answer.item_id, type=answer.type, tmdb_id=answer.tmdb_id, title=answer.name, year=answer.year
        ),
        numbering=answer.numbering,
        numbering_in_words=answer.counted.in_words() if answer.counted else None,
        file_id=answer.file_id,
        given_for=answer.given_for,
        by=answer.by,
        at=answer.at,
        revoked_by=answer.revoked_by,
        revoked_at=answer.revoked_at,
        held=held or {},
        by_person=by_person,
    )


def holding_shown(holding: Sequence[Holding]) -> list[AnswerHolding]:
    """What is remembered of an answer, as its response tells it."""
    return [
        AnswerHolding(
            id=each.answer.id,
            title=each.answer.title,
            holds=each.answer.holds,
            item_id=each.answer.item_id,
            asked_again=each.asked_again,
            following=[_following(one) for one in each.followers],
            matched_otherwise=each.matched_otherwise,
            detail=_in_words(each),
        )
        for each in holding
    ]


def _following(follower: Follower) -> FollowingFile:
    return FollowingFile(
        file_id=follower.file_id,
        path=follower.path,
        says=follower.says,
        episodes=[EpisodeAsked(each.season, each.number) for each in follower.episodes],
        problem=follower.problem,
    )


def _followers_in_words(followers: Sequence[Follower]) -> str:
    """` 11 of them follow: 14 is S02E02, 15 is S02E03, ... 1 stays in the queue: 40, as it has 36 episodes in all.`"""
    follow = [each for each in followers if each.episodes]
    left = [each for each in followers if each.problem]
    words = ""
    if follow:
        verb = "follows" if len(follow) == 1 else "follow"
        some = [f"{each.says} is {' '.join(map(_place, each.episodes))}" for each in follow[:NAMED]]
        words += f" {len(follow)} of them {verb}: {', '.join(some)}{', ...' if len(follow) > NAMED else ''}."
    if left:
        verb = "stays" if len(left) == 1 else "stay"
        some = [f"{each.says or each.path}, as {_why(each)}" for each in left[:NAMED]]
        words += f" {len(left)} {verb} in the queue: {'; '.join(some)}{'; ...' if len(left) > NAMED else ''}."
    return words


def _why(follower: Follower) -> str:
    problem = follower.problem or ""
    return f"it {problem}" if problem.startswith("has ") else problem


def _place(at: EpisodeNumber) -> str:
    return f"S{at.season:02}E{at.number:02}"


def _in_words(holding: Holding) -> str:
    answer = holding.answer
    where = "in this library" if answer.holds.value == "library" else "in this folder"
    words = f'Files that are read as "{answer.title}" {where} are "{answer.name}" from now on.'
    if answer.counted:
        words += f" They are counted so: {answer.counted.in_words()}."
    if again := holding.asked_again:
        files = (
            "1 more file that is read the same is" if again == 1 else f"{again} more files that are read the same are"
        )
        words += f" {files} identified anew."
    words += _followers_in_words(holding.followers)
    if holding.matched_otherwise:
        words += f" {holding.matched_otherwise} such files are matched to another title and stay so: correct them one by one."
    return words

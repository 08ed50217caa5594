"""The remembered answers as people look at them."""

from collections.abc import Sequence

from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.listing import files_shown
from ..files.schemas import ItemBrief
from ..http.paging import Page
from .errors import AnswerUnknown
from .remembered import AnswerFilter, Remembered, answer_by_id, answers_page
from .remembered_files import files_matched_by, held_counts
from .remembering import Holding
from .schemas import AnswerHolding, RememberedAnswerDetail, RememberedAnswerShown

FILES_OF_AN_ANSWER = 200
"""That are shown with it; the list of files gives all of its item."""


async def answers_shown(
    session: AsyncSession, which: AnswerFilter, *, cursor: str | None, limit: int
) -> Page[RememberedAnswerShown]:
    """One page of remembered answers, the latest first, each with how many files it decided."""
    page = await answers_page(session, which, cursor=cursor, limit=limit)
    counts = await held_counts(session, [answer.id for answer in page.items])
    return Page([answer_shown(answer, counts.get(answer.id)) for answer in page.items], page.next)


async def answer_detail(session: AsyncSession, answer_id: int) -> RememberedAnswerDetail:
    """One answer with the first files that were matched by it; raises `AnswerUnknown`."""
    answer = await answer_by_id(session, answer_id)
    if answer is None:
        raise AnswerUnknown(f"There is no remembered answer {answer_id}; list /v1/remembered-answers.")
    counts = (await held_counts(session, [answer_id])).get(answer_id)
    files = await files_shown(session, await files_matched_by(session, answer, limit=FILES_OF_AN_ANSWER))
    shown = structs.asdict(answer_shown(answer, counts))
    return RememberedAnswerDetail(**shown, files=sorted(files, key=lambda file: file.id))


def answer_shown(answer: Remembered, held: dict[str, int] | None = None) -> RememberedAnswerShown:
    return RememberedAnswerShown(
        id=answer.id,
        library_id=answer.library_id,
        title=answer.title,
        holds=answer.holds,
        item=ItemBrief(
            id=answer.item_id, type=answer.type, tmdb_id=answer.tmdb_id, title=answer.name, year=answer.year
        ),
        numbering=answer.numbering,
        file_id=answer.file_id,
        given_for=answer.given_for,
        by=answer.by,
        at=answer.at,
        revoked_by=answer.revoked_by,
        revoked_at=answer.revoked_at,
        held=held or {},
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
            matched_otherwise=each.matched_otherwise,
            detail=_in_words(each),
        )
        for each in holding
    ]


def _in_words(holding: Holding) -> str:
    answer = holding.answer
    where = "in this library" if answer.holds.value == "library" else "in this folder"
    words = f'Files that are read as "{answer.title}" {where} are "{answer.name}" from now on.'
    if holding.asked_again:
        words += f" {holding.asked_again} open questions are settled by it now."
    if holding.matched_otherwise:
        words += f" {holding.matched_otherwise} such files are matched to another title and stay so: correct them one by one."
    return words

"""Which files a remembered answer holds for, and which it decided."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, String, and_, exists, func, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.models import Folder, MediaFile, MediaFileDecision, MediaFileImport
from ..files.queries import within
from ..files.types import Identification, ImportMethod, UnmatchedReason
from .models import RememberedAnswer, UnmatchedFile
from .remembered import Remembered
from .types import Holds

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


class TitleSaid(Struct, frozen=True):
    """What a file's names read when it was last decided about."""

    title: str
    key: bytes
    folder: bytes
    ambiguous: bool
    """Whether several titles fit equally well, so that a file elsewhere may be another one of them."""


async def titles_said(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, TitleSaid]:
    """By file id; files whose names say nothing that another's could say too are left out."""
    question = and_(UnmatchedFile.file_id == MediaFile.id, UnmatchedFile.reason == UnmatchedReason.AMBIGUOUS)
    query = (
        select(
            MediaFile.id,
            MediaFileDecision.title,
            MediaFileDecision.title_hash,
            Folder.path,
            select(UnmatchedFile.id).where(question).exists(),
        )
        .join(MediaFileDecision, MediaFileDecision.file_id == MediaFile.id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .where(MediaFile.id.in_(file_ids), MediaFileDecision.title_hash.is_not(None))
    )
    rows = (await session.execute(query)).all()
    return {row[0]: TitleSaid(row[1] or "", row[2] or b"", row[3], row[4]) for row in rows}


def _read_the_same(answer: Remembered) -> ColumnElement[bool]:
    """Files that are read as the one it was given for, where it holds."""
    same = and_(MediaFileDecision.title_hash == answer.title_hash, MediaFile.library_id + 0 == answer.library_id)
    if answer.holds is Holds.LIBRARY:
        return same
    ground = answer.ground
    if ground is None:
        return and_(same, MediaFile.id == answer.file_id)
    here = Folder.path == ground.path
    return and_(same, within(answer.library_id, ground.path) if ground.beneath else here)


def _files() -> AnySelect:
    """Files by what was decided about them.

    "+ 0" here and `_are` below leave SQLite one order of the tables: from the few decisions to their files. It keeps no
    statistics here, and was seen to walk through all files of a library.
    """
    return (
        select(MediaFile.id)
        .select_from(MediaFileDecision)
        .join(MediaFile, MediaFile.id == MediaFileDecision.file_id + 0)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .where(~MediaFile.hidden)
    )


def _are(identification: Identification) -> ColumnElement[bool]:
    return type_coerce(MediaFile.identification, String).concat("") == identification.value


async def files_to_ask_again(session: AsyncSession, answer: Remembered, limit: int) -> list[int]:
    """Unmatched files for which the answer holds and that were decided about before it was given, `limit` at most."""
    undecided = or_(
        MediaFileDecision.remembered_answer_id.is_(None), MediaFileDecision.remembered_answer_id != answer.id
    )
    query = _files().where(
        _read_the_same(answer),
        _are(Identification.UNMATCHED),
        MediaFileDecision.decided_at <= answer.at,
        undecided,
    )
    return list((await session.execute(query.order_by(MediaFileDecision.file_id).limit(limit))).scalars())


async def matched_otherwise(session: AsyncSession, answer: Remembered) -> int:
    """Files for which the answer would hold, and that are matched to another title."""
    query = _files().where(
        _read_the_same(answer),
        _are(Identification.MATCHED),
        MediaFile.media_item_id != answer.item_id,
    )
    return (await session.execute(select(func.count()).select_from(query.subquery()))).scalar_one()


def _followers(answer: Remembered) -> AnySelect:
    return _files().where(MediaFileDecision.remembered_answer_id == answer.id)


async def files_matched_by(session: AsyncSession, answer: Remembered, *, after: int = 0, limit: int = 500) -> list[int]:
    """Files that identification matched by this answer and that nobody corrected since, from the id `after` on."""
    query = _followers(answer).where(
        _are(Identification.MATCHED),
        MediaFile.media_item_id + 0 == answer.item_id,
        MediaFileDecision.file_id > after,
    )
    return list((await session.execute(query.order_by(MediaFileDecision.file_id).limit(limit))).scalars())


def _by_a_person() -> ColumnElement[bool]:
    """Files that a person matched to the item of an answer while it was given or in force, and not by identification."""
    said = and_(
        MediaFileImport.file_id == MediaFile.id,
        MediaFileImport.method == ImportMethod.MANUAL_MATCH,
        MediaFileImport.at >= RememberedAnswer.at,
        or_(RememberedAnswer.revoked_at.is_(None), MediaFileImport.at <= RememberedAnswer.revoked_at),
    )
    return and_(
        _are(Identification.MATCHED),
        MediaFile.media_item_id + 0 == RememberedAnswer.item_id,
        MediaFileDecision.remembered_answer_id.is_(None),
        exists(select(MediaFileImport.id).where(said)),
    )


async def files_matched_with(session: AsyncSession, answer: Remembered, *, limit: int) -> list[int]:
    """Files that a person matched with this answer, by id."""
    its_own = _files().join(RememberedAnswer, RememberedAnswer.id == answer.id)
    query = its_own.where(_read_the_same(answer), _by_a_person())
    return list((await session.execute(query.order_by(MediaFileDecision.file_id).limit(limit))).scalars())


async def matched_with_counts(session: AsyncSession, answers: Sequence[Remembered]) -> dict[int, int]:
    """By answer id, how many files a person matched with it."""
    known = {answer.id: answer for answer in answers}
    query = (
        select(RememberedAnswer.id, Folder.path, func.count())
        .join(MediaFileDecision, MediaFileDecision.title_hash == RememberedAnswer.title_hash)
        .join(MediaFile, MediaFile.id == MediaFileDecision.file_id + 0)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .where(RememberedAnswer.id.in_(known), MediaFile.library_id + 0 == RememberedAnswer.library_id)
        .where(~MediaFile.hidden, _by_a_person())
        .group_by(RememberedAnswer.id, Folder.path)
    )
    counts: dict[int, int] = {}
    for answer_id, folder, count in await session.execute(query):
        if known[answer_id].covers(folder):
            counts[answer_id] = counts.get(answer_id, 0) + count
    return counts


async def files_asked_by(session: AsyncSession, answer: Remembered) -> list[int]:
    """Files in the queue for which this answer held, such as episodes that the series does not have."""
    query = _followers(answer).where(_are(Identification.UNMATCHED))
    return list((await session.execute(query.order_by(MediaFileDecision.file_id))).scalars())


async def followed_answers(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, int]:
    """By file id, the remembered answer that the file's match follows; files that follow none are left out."""
    query = (
        select(MediaFileDecision.file_id, RememberedAnswer.id)
        .join(MediaFile, MediaFile.id == MediaFileDecision.file_id)
        .join(RememberedAnswer, RememberedAnswer.id == MediaFileDecision.remembered_answer_id)
        .where(MediaFile.id.in_(file_ids), MediaFile.media_item_id == RememberedAnswer.item_id)
    )
    return dict((await session.execute(query)).all())


async def held_counts(session: AsyncSession, answer_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """By answer id, how many files were decided by it, by what they are taken for now."""
    query = (
        select(MediaFileDecision.remembered_answer_id, MediaFile.identification, func.count())
        .join(MediaFile, MediaFile.id == MediaFileDecision.file_id)
        .where(MediaFileDecision.remembered_answer_id.in_(answer_ids), ~MediaFile.hidden)
        .group_by(MediaFileDecision.remembered_answer_id, MediaFile.identification)
    )
    counts: dict[int, dict[str, int]] = {}
    for answer_id, identification, count in await session.execute(query):
        counts.setdefault(answer_id or 0, {})[identification.value] = count
    return counts

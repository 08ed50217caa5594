"""What a person answers to the questions of the queue, one by one or many at once.

The titles that answers name are prepared before the transaction (`titles.prepare`); all else happens in the caller's one
transaction. Of many answers each has its own result, and one file's conflict keeps no other from being written.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import MediasteadError
from ..files.identification import Verdict, take_for
from ..files.queries import LockedFile, locked_files
from ..files.types import Identification, Resolution
from ..matching.renumbering import Renumbering
from ..operations.service import record_operation
from .dismissing import freed
from .errors import AnsweredTwice, MovedOn, NothingToRestore, QuestionSettled, QuestionUnknown
from .matches import Match, checked_match, record_matches
from .queries import KnownQuestion, files_waiting_for_episodes, latest_question_of, questions_by_id
from .questions import reopen, settle
from .remembering import Holding, remember
from .schemas import MatchAnswer, QuestionMatch
from .standing import kept_before
from .titles import Prepared, Title, TitleRef, stored_titles, title_of
from .verdicts import kept
from .wording import SCAN


class Answered(Struct, frozen=True):
    """What became of many answers: for each, in order, what kept it from being written; and the operation that they were."""

    errors: list[MediasteadError | None]
    operation_id: int | None = None
    holding: list[Holding] = []
    """Of those that are matches: what is remembered for other files."""

    def raise_first(self) -> None:
        """For a request with one answer: what kept it from being written is what the request gets."""
        for error in self.errors:
            if error is not None:
                raise error


class AskedAbout(Struct, frozen=True):
    """A question and its file, both locked."""

    question: KnownQuestion
    file: LockedFile

    @property
    def settled(self) -> QuestionSettled | None:
        known = self.question
        if known.resolution is None:
            return None
        return QuestionSettled(known.id, known.resolution, known.resolved_by, known.resolved_at)


async def match_questions(
    session: AsyncSession,
    now: datetime,
    actor: str,
    answers: Sequence[QuestionMatch],
    prepared: Prepared,
    numbering: Renumbering | None = None,
) -> Answered:
    """Say what the files of open questions are. `numbering` is remembered with it: how such files count their episodes."""
    asked = await _asked_about(session, [answer.id for answer in answers])
    titles = await stored_titles(session, now, prepared, answers)
    matches: list[Match] = []
    lasting: list[Match] = []
    errors: list[MediasteadError | None] = []
    for answer, about in zip(answers, asked, strict=True):
        try:
            matches.append(_match(about, answer, titles))
            errors.append(None)
            if answer.remember:
                lasting.append(matches[-1])
        except MediasteadError as error:
            errors.append(error)
    operation_id = await record_matches(session, now, actor, matches)
    holding = await remember(session, now, actor, lasting, numbering=numbering, part_of=operation_id)
    return Answered(errors, operation_id, holding)


async def match_question(
    session: AsyncSession, now: datetime, actor: str, question_id: int, answer: MatchAnswer, prepared: Prepared
) -> list[Holding]:
    """Say what the file of one open question is; gives what is remembered of it for others."""
    named = QuestionMatch(id=question_id, **structs.asdict(answer))
    done = await match_questions(session, now, actor, [named], prepared)
    done.raise_first()
    return done.holding


async def dismiss_questions(session: AsyncSession, now: datetime, actor: str, question_ids: Sequence[int]) -> Answered:
    """Say that nobody needs to know what these files are."""
    verdicts: list[Verdict] = []
    errors: list[MediasteadError | None] = []
    for about in await _asked_about(session, question_ids):
        if isinstance(about, MediasteadError):
            errors.append(about)
            continue
        errors.append(about.settled)
        if about.settled is None:
            verdicts.append(kept(about.file, Identification.DISMISSED))
    if not verdicts:
        return Answered(errors)
    was = await kept_before(session, [verdict.file for verdict in verdicts])
    await take_for(session, now, actor, verdicts)
    versions = {verdict.file.id: verdict.version for verdict in verdicts}
    await settle(session, now, versions, Resolution.DISMISSED, actor)
    return Answered(errors, await note(session, now, actor, "dismiss", "dismissed", was, verdicts))


async def refresh_question(session: AsyncSession, now: datetime, actor: str, question_id: int) -> None:
    """Have the file identified again. The question stays open, and is brought up to date if it comes to nothing new."""
    about = await _one(session, question_id)
    if about.settled:
        raise about.settled
    if about.file.identification is Identification.PENDING:
        return  # asked for already
    verdicts = [kept(about.file, Identification.PENDING)]
    was = await kept_before(session, [about.file])
    await take_for(session, now, actor, verdicts)
    await note(session, now, actor, "refresh", "to be identified again", was, verdicts)


async def restore_question(session: AsyncSession, now: datetime, actor: str, question_id: int) -> None:
    """Open a settled question again: the file is unmatched as before, or pending where a rule had ignored it.

    Taking a match back rejects nothing. Raises `MovedOn` where the file was changed since the question was settled.
    """
    about = await _one(session, question_id)
    known, file = about.question, about.file
    if known.resolution is None:
        raise NothingToRestore(f"Question {question_id} is open; answer it.")
    latest = await latest_question_of(session, file.id)
    if latest is None or latest.id != question_id or file.version != known.resolved_version:
        raise MovedOn(
            f"The file was changed since question {question_id} was settled and is {file.identification.value} now; "
            f"answer under the file {file.id} instead.",
            file_id=file.id,
            identification=file.identification.value,
            version=file.version,
            question_id=latest.id if latest else None,
        )
    if known.resolution is Resolution.WITHDRAWN:
        verdict = structs.replace(kept(file, Identification.PENDING), rule_lifted=True)
    else:
        verdict = await freed(session, kept(file, Identification.UNMATCHED))
    was = await kept_before(session, [file])
    await take_for(session, now, actor, [verdict])
    await reopen(session, question_id)
    await note(session, now, actor, "restore", "asked about again", was, [verdict])


async def on_new_episodes(session: AsyncSession, now: datetime, series_tmdb_id: int) -> None:
    """Set those files pending of which the question is that this series lacks their episode.

    For whoever stores new episodes of a series, in the same transaction.
    """
    files = await locked_files(session, await files_waiting_for_episodes(session, series_tmdb_id))
    verdicts = [
        kept(file, Identification.PENDING) for file in files.values() if file.identification is Identification.UNMATCHED
    ]
    await take_for(session, now, SCAN, verdicts)


async def note(
    session: AsyncSession,
    now: datetime,
    actor: str,
    kind: str,
    done: str,
    was: Mapping[str, Any],
    verdicts: Sequence[Verdict],
    rejected: Sequence[Mapping[str, Any]] = (),
) -> int:
    """Record the operation that these verdicts were; gives its id.

    `was` is what `kept_before` said of the files; `rejected` is what was rejected with it.
    """
    first, count = verdicts[0].file.shown_path, len(verdicts)
    summary = f"{first} was {done}" if count == 1 else f"{count} files were {done}, the first {first}"
    after = {"files": [{"id": verdict.file.id, "version": verdict.version} for verdict in verdicts]}
    made = {"rejections": list(rejected)} if rejected else {}
    return await record_operation(session, now, actor, kind, summary, was, after | made)


def _match(
    about: AskedAbout | MediasteadError,
    answer: QuestionMatch,
    titles: Mapping[TitleRef, Title | MediasteadError],
) -> Match:
    if isinstance(about, MediasteadError):
        raise about
    if about.settled:
        raise about.settled
    return checked_match(about.file, answer, title_of(answer, titles))


async def _one(session: AsyncSession, question_id: int) -> AskedAbout:
    (about,) = await _asked_about(session, [question_id])
    if isinstance(about, MediasteadError):
        raise about
    return about


async def _asked_about(session: AsyncSession, question_ids: Sequence[int]) -> list[AskedAbout | MediasteadError]:
    """Questions with their files, locked; in place of one that cannot be answered, why."""
    known = await questions_by_id(session, question_ids)
    files = await locked_files(session, [question.file_id for question in known.values()])
    # Again, now that nobody else can settle them: one that was faster has committed by now.
    known = await questions_by_id(session, question_ids)
    asked: list[AskedAbout | MediasteadError] = []
    seen: set[int] = set()
    for question_id in question_ids:
        question = known.get(question_id)
        if question_id in seen:
            asked.append(AnsweredTwice(f"Question {question_id} is answered twice here; the first answer counts."))
        elif question is None or question.file_id not in files:
            asked.append(QuestionUnknown(f"There is no question {question_id}; list /v1/unmatched-files."))
        else:
            asked.append(AskedAbout(question, files[question.file_id]))
        seen.add(question_id)
    return asked

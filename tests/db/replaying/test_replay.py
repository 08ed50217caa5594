"""The matcher as it is now is run over past decisions: without network, without changing anything until a person accepts."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.files.models import MediaFile, MediaFileDecision
from mediastead.files.types import Identification, UnmatchedReason
from mediastead.history.service import undo
from mediastead.http.permissions import LOCAL
from mediastead.matching.decide import decide
from mediastead.matching.decision import Decision, Outcome
from mediastead.matching.known import Known
from mediastead.metadata.kept import KeptProvider
from mediastead.metadata.models import ApiCache, KeptAnswer
from mediastead.metadata.provider import Provider
from mediastead.operations.models import Operation, OperationFile
from mediastead.parsing.parsed import ParsedPath
from mediastead.parsing.parser import Parser
from mediastead.replaying.models import ChangeKind, Replay, ReplayChange, ReplayState
from mediastead.replaying.schemas import ReplayRequest
from mediastead.replaying.service import move, request_replay, resume_replay
from mediastead.unmatched.models import UnmatchedFile

from ...generators.tree import make_tree
from .house import House

FILMS = (
    "The Matrix (1999)/The.Matrix.1999.mkv",
    "Blade Runner (1982)/Blade Runner (1982) {edition-Final Cut}.mkv",
    "qwertz uiop.mkv",
    "Up.mkv",
    "qwertz uiop/Featurettes/talk.mkv",
)


@pytest.fixture
async def parser() -> AsyncGenerator[Parser]:
    async with Parser(workers=1) as parser:
        yield parser


@pytest.fixture
async def house(database: Database, clock: SetClock, parser: Parser, tmp_path: Path) -> House:
    return House(database, clock, parser, tmp_path / "films")


@pytest.fixture
async def films(house: House) -> House:
    """A few films, identified."""
    for name in FILMS:
        (house.root / name).parent.mkdir(parents=True, exist_ok=True)
        (house.root / name).touch()
    assert await house.identified() == len(FILMS)
    return house


async def never_sure(
    parsed: ParsedPath, provider: Provider, known: Known | None = None, *, threshold: float
) -> Decision:
    """Another matcher: one that takes no title for matched."""
    decision = await decide(parsed, provider, known, threshold=threshold)
    if decision.outcome is not Outcome.MATCH or decision.item is None:
        return decision
    return Decision(
        outcome=Outcome.NO_MATCH,
        reason=UnmatchedReason.LOW_CONFIDENCE,
        suggestions=(decision.item,),
        part=decision.part,
    )


async def curious(parsed: ParsedPath, provider: Provider, known: Known | None = None, *, threshold: float) -> Decision:
    """Another matcher: one that asks what nobody has asked."""
    assert isinstance(provider, KeptProvider)
    await provider.find("imdb", "tt9999999")
    return await decide(parsed, provider, known, threshold=threshold)


async def test_an_unchanged_matcher_comes_to_the_same_over_a_whole_library_without_any_provider(
    house: House, database: Database
) -> None:
    make_tree(house.root, seed=11, files=120)
    decided = await house.identified()
    assert decided > 60
    async with database.write() as session:
        await session.execute(delete(ApiCache))
        before = (await session.execute(select(func.max(MediaFile.version)))).scalar_one()
    replay = await house.replay()
    assert await house.changes(replay) == []
    assert replay.state is ReplayState.COMPLETED
    assert replay.counts == {"total": decided, "looked_at": decided, "same": decided}
    assert max(file.version for file in (await house.files()).values()) == before


async def test_another_threshold_shows_what_would_be_asked_about_and_changes_nothing(films: House) -> None:
    before = {file.id: file.version for file in (await films.files()).values()}
    replay = await films.replay(threshold=1.0)
    changes = await films.changes(replay, ChangeKind.WOULD_QUEUE)
    assert {change.before.title for change in changes} == {"The Matrix", "Blade Runner"}
    (matrix,) = [change for change in changes if change.before.title == "The Matrix"]
    assert matrix.path == "The Matrix (1999)/The.Matrix.1999.mkv"
    assert (matrix.before.identification, matrix.before.tmdb_id) == (Identification.MATCHED, 603)
    assert matrix.after is not None
    assert (matrix.after.identification, matrix.after.suggestions[0]) == (
        Identification.UNMATCHED,
        "The Matrix (1999)",
    )
    assert {file.id: file.version for file in (await films.files()).values()} == before


async def test_what_is_accepted_is_recorded_as_one_operation_of_the_person(films: House, database: Database) -> None:
    replay = await films.replay(matcher=never_sure)
    result = await films.accept(replay, kind=ChangeKind.WOULD_QUEUE)
    assert (result.accepted, result.not_accepted, result.next) == (2, [], None)
    changed = {change.file_id: change for change in await films.changes(replay, ChangeKind.WOULD_QUEUE)}
    for file in (await films.files()).values():
        assert (file.identification is Identification.MATCHED) is False
        assert file.version == (changed[file.id].version + 1 if file.id in changed else 2)
    assert {change.accepted_by for change in changed.values()} == {"anna"}
    async with database.read() as session:
        (operation,) = (await session.execute(select(Operation))).scalars().all()
        before = [row.before for row in (await session.execute(select(OperationFile))).scalars()]
    assert (operation.id, operation.actor, operation.kind) == (result.operation_id, "anna", "accept_replay")
    assert [each["identification"] for each in before] == ["matched", "matched"]
    # And the other way round: what is asked about now would be matched by the usual matcher, and is once that is accepted.
    back = await films.replay()
    assert {change.kind for change in await films.changes(back)} == {ChangeKind.WOULD_MATCH}
    assert (await films.accept(back, all=True)).accepted == 2
    matched = [file for file in (await films.files()).values() if file.identification is Identification.MATCHED]
    assert len(matched) == 2
    assert {file.edition for file in matched} == {None, "Final Cut"}
    assert (await films.replay()).counts["same"] == len(FILMS)


async def test_what_was_accepted_is_taken_back_with_the_decisions_that_it_replaced(
    films: House, database: Database
) -> None:
    async def picture() -> list[tuple[Any, ...]]:
        columns = (MediaFile.identification, MediaFile.media_item_id, MediaFile.edition, MediaFileDecision.body)
        asked = select(UnmatchedFile.file_id).where(UnmatchedFile.resolution.is_(None))
        query = select(MediaFile.id, *columns, MediaFileDecision.inputs).join(
            MediaFileDecision, MediaFileDecision.file_id == MediaFile.id
        )
        async with database.read() as session:
            files = [tuple(row) for row in await session.execute(query.order_by(MediaFile.id))]
            return [*files, tuple(sorted((await session.execute(asked)).scalars()))]

    before = await picture()
    replay = await films.replay(matcher=never_sure)
    result = await films.accept(replay, kind=ChangeKind.WOULD_QUEUE)
    after = await picture()
    assert after != before and result.operation_id is not None
    undone = await undo(database, films.clock, LOCAL, result.operation_id, dry_run=False, those_that_can=False)
    assert undone.count == 2
    assert await picture() == before
    assert (await films.replay()).counts["same"] == len(FILMS)
    assert undone.operation_id is not None
    await undo(database, films.clock, LOCAL, undone.operation_id, dry_run=False, those_that_can=False)
    assert await picture() == after


async def test_only_what_is_named_is_accepted_and_nothing_twice(films: House) -> None:
    replay = await films.replay(matcher=never_sure)
    first, second = await films.changes(replay)
    assert (await films.accept(replay, changes=[first.id])).accepted == 1
    again = await films.accept(replay, changes=[first.id, second.id, 999])
    assert again.accepted == 1
    assert {each.change_id: each.error["type"].rpartition(":")[2] for each in again.not_accepted} == {
        first.id: "change-already-accepted",
        999: "change-unknown",
    }
    assert (await films.accept(replay, all=True)).accepted == 0


async def test_a_file_that_changed_since_is_left_as_it_is_and_told(films: House, database: Database) -> None:
    replay = await films.replay(matcher=never_sure)
    first, second = await films.changes(replay)
    async with database.write() as session:
        await session.execute(update(MediaFile).where(MediaFile.id == first.file_id).values(version=9))
    result = await films.accept(replay, all=True)
    assert result.accepted == 1
    (refused,) = result.not_accepted
    assert (refused.change_id, refused.error["status"]) == (first.id, 409)
    assert "version 9" in refused.error["detail"]
    files = await films.files()
    assert files[first.file_id].identification is Identification.MATCHED
    assert files[second.file_id].identification is Identification.UNMATCHED


async def test_what_needs_an_answer_that_was_never_kept_is_counted_and_says_which(films: House) -> None:
    replay = await films.replay(matcher=curious)
    assert replay.counts["unanswerable"] == len(FILMS)
    change = (await films.changes(replay))[0]
    assert (change.kind, change.after, change.missing) == (
        ChangeKind.UNANSWERABLE,
        None,
        "bundled/find/imdb/tt9999999",
    )
    assert (await films.accept(replay, all=True)).accepted == 0
    (refused,) = (await films.accept(replay, changes=[change.id])).not_accepted
    assert "identified again" in refused.error["detail"]


async def test_decisions_that_lost_their_inputs_or_were_overtaken_by_a_person_are_counted_and_left_alone(
    films: House, database: Database
) -> None:
    files = await films.files()
    matched = sorted(file.id for file in files.values() if file.identification is Identification.MATCHED)
    async with database.write() as session:
        await session.execute(
            update(MediaFileDecision).where(MediaFileDecision.file_id == matched[0]).values(inputs=None)
        )
        await session.execute(update(MediaFile).where(MediaFile.id == matched[1]).values(edition="as a person says"))
    replay = await films.replay(matcher=never_sure)
    assert await films.changes(replay) == []
    assert {name: replay.counts[name] for name in ("same", "without_inputs", "settled_since")} == {
        "same": len(FILMS) - 2,
        "without_inputs": 1,
        "settled_since": 1,
    }


async def test_a_newer_answer_to_the_same_question_stands_in_for_one_that_is_gone(
    films: House, database: Database
) -> None:
    async with database.write() as session:
        about = KeptAnswer.question.contains("the matrix")
        await session.execute(update(KeptAnswer).where(about).values(id=KeptAnswer.id + 1000))
    assert (await films.replay()).counts["same"] == len(FILMS)


async def test_a_cancelled_replay_stops_after_its_batch_and_goes_on_where_it_stopped(
    films: House, database: Database
) -> None:
    async def cancel(
        parsed: ParsedPath, provider: Provider, known: Known | None = None, *, threshold: float
    ) -> Decision:
        async with database.write() as session:
            await session.execute(update(Replay).values(cancel_requested=True))
        return await never_sure(parsed, provider, known, threshold=threshold)

    stopped = await films.replay(matcher=cancel, batch_size=2)
    assert (stopped.state, stopped.counts["looked_at"]) == (ReplayState.STOPPED, 2)
    assert stopped.ended_at is not None
    async with database.write() as session:
        await resume_replay(session, films.clock.now(), stopped.id)
    done = await films.run(stopped.id, matcher=never_sure, batch_size=2)
    assert (done.state, done.counts["looked_at"], done.counts["total"]) == (
        ReplayState.COMPLETED,
        len(FILMS),
        len(FILMS),
    )
    async with database.read() as session:
        listed = list((await session.execute(select(ReplayChange.file_id))).scalars())
    assert len(listed) == len(set(listed)) == 2


async def test_a_replay_whose_process_died_counts_as_interrupted(films: House, database: Database) -> None:
    async with database.write() as session:
        asked = await request_replay(session, films.clock.now(), "anna", ReplayRequest(), 0.95)
        await move(session, films.clock.now(), asked.id, ReplayState.QUEUED, ReplayState.RUNNING)
    dead = await films.run(asked.id)
    assert (dead.state, dead.counts) == (ReplayState.INTERRUPTED, {})

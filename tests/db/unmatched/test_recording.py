"""What identification decided is written once, where it still applies, with question, import, decision and event."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.files.models import MediaFileDecision, MediaFileEpisode
from mediastead.files.types import Identification, ImportMethod, Resolution, Role, UnmatchedReason
from mediastead.matching.decision import Decision, Outcome
from mediastead.unmatched.queries import rejections_of
from mediastead.unmatched.service import on_new_episodes, refresh_question, restore_question

from ..files.shelf import MATRIX, MOMENT, SIGNS, Shelf, ignored, series, sure, unsure


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


async def events_of(database: Database, kind: str) -> list[dict]:
    async with database.read() as session:
        return list((await session.execute(select(Event.data).where(Event.kind == kind).order_by(Event.id))).scalars())


async def test_a_match_is_written_with_item_import_decision_and_event(database: Database, shelf: Shelf) -> None:
    library = await shelf.library()
    file = await shelf.file(library, "The Matrix (1999)/The.Matrix.1999.cd2.mkv")
    assert await shelf.decide(file, sure(MATRIX, part=2, edition="Unrated"), MATRIX) == []
    row = await shelf.row(file)
    item = await shelf.item_by_tmdb(603)
    assert (row.identification, row.media_item_id, row.version) == (Identification.MATCHED, item.id, 2)
    assert (row.role, row.part, row.edition) == (Role.FEATURE, 2, "Unrated")
    (made,) = await shelf.imports(file)
    assert (made.method, made.success, made.error, made.actor) == (ImportMethod.SCAN, True, None, "scan")
    assert made.evidence["tmdb_id"] == 603
    assert made.evidence["evidence"][0]["name"] == "title"
    async with database.read() as session:
        body = (await session.execute(select(MediaFileDecision.body))).scalar_one()
    assert '"outcome":"match"' in body
    assert [each["file_id"] for each in await events_of(database, "file.matched")] == [file]


async def test_the_episodes_of_a_match_are_linked(database: Database, shelf: Shelf) -> None:
    facts = series()
    file = await shelf.file(await shelf.library(), "Long Winter/S01E02-E03.mkv")
    await shelf.decide(file, sure(facts, (1, 2), (1, 3)), facts)
    ids = await shelf.episode_ids((await shelf.item_by_tmdb(1399)).id)
    async with database.read() as session:
        held = (
            await session.execute(select(MediaFileEpisode.episode_id).order_by(MediaFileEpisode.episode_id))
        ).scalars()
        assert list(held) == sorted([ids[1, 2], ids[1, 3]])
    assert (await shelf.row(file)).role is Role.EPISODE


async def test_no_match_opens_a_question_and_notes_the_failed_attempt(shelf: Shelf) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    question = await shelf.question(file, unsure(SIGNS), proposed={"type": "movie", "tmdb_id": 2675})
    (asked,) = await shelf.questions(file)
    assert (asked.id, asked.reason, asked.resolution) == (question, UnmatchedReason.LOW_CONFIDENCE, None)
    assert asked.proposed == {"type": "movie", "tmdb_id": 2675}
    assert asked.found_at == MOMENT
    (tried,) = await shelf.imports(file)
    assert not tried.success
    assert tried.error == "There is a best title, but it is not sure enough. A year in the folder name decides."
    assert tried.evidence["tmdb_id"] == 2675


async def test_a_refreshed_question_keeps_its_id(database: Database, shelf: Shelf, clock: SetClock) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    question = await shelf.question(file)
    async with database.write() as session:
        await refresh_question(session, clock.now(), "anna", question)
    assert (await shelf.row(file)).identification is Identification.PENDING
    await shelf.decide(file, unsure(reason=UnmatchedReason.AMBIGUOUS))
    (asked,) = await shelf.questions(file)
    assert (asked.id, asked.reason) == (question, UnmatchedReason.AMBIGUOUS)
    assert asked.refreshed_at is not None
    assert (await shelf.row(file)).identification is Identification.UNMATCHED


async def test_a_match_settles_the_open_question_for_the_scan(
    database: Database, shelf: Shelf, clock: SetClock
) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    question = await shelf.question(file)
    async with database.write() as session:
        await refresh_question(session, clock.now(), "anna", question)
    await shelf.decide(file, sure(SIGNS), SIGNS)
    (asked,) = await shelf.questions(file)
    assert (asked.resolution, asked.resolved_by) == (Resolution.MATCHED, "scan")
    assert asked.resolved_version == (await shelf.row(file)).version


async def test_ignoring_withdraws_the_open_question_which_can_be_restored(
    database: Database, shelf: Shelf, clock: SetClock
) -> None:
    file = await shelf.file(await shelf.library(), "Signs/Extras/talk.mkv")
    question = await shelf.question(file)
    async with database.write() as session:
        await refresh_question(session, clock.now(), "anna", question)
    await shelf.decide(file, ignored(Role.EXTRA))
    (asked,) = await shelf.questions(file)
    assert asked.resolution is Resolution.WITHDRAWN
    row = await shelf.row(file)
    assert (row.identification, row.ignore_rule, row.role) == (Identification.IGNORED, 'folder "Extras"', Role.EXTRA)
    assert len(await shelf.imports(file)) == 1  # of the question; being ignored is no attempt
    async with database.write() as session:
        await restore_question(session, clock.now(), "anna", question)
    row = await shelf.row(file)
    assert (row.identification, row.rule_lifted, row.ignore_rule) == (Identification.PENDING, True, None)
    assert (await shelf.questions(file))[0].resolution is None


async def test_a_file_that_changed_meanwhile_is_skipped(shelf: Shelf) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv", version=7)
    assert await shelf.decide(file, sure(SIGNS), SIGNS, version_seen=6) == [file]
    row = await shelf.row(file)
    assert (row.identification, row.version) == (Identification.PENDING, 7)
    assert await shelf.imports(file) == []


async def test_a_file_that_is_no_longer_pending_is_skipped(shelf: Shelf) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    await shelf.question(file)
    assert await shelf.decide(file, sure(SIGNS), SIGNS) == [file]
    assert (await shelf.row(file)).identification is Identification.UNMATCHED


async def test_a_file_that_does_not_exist_is_skipped(database: Database, shelf: Shelf) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    from mediastead.unmatched.recording import FileOutcome, record_outcomes

    outcomes = [
        FileOutcome(file_id=each, version_seen=1, decision=unsure(), group_key="g", source_path=b"/x")
        for each in (file, file + 1000)
    ]
    async with database.write() as session:
        assert await record_outcomes(session, MOMENT, outcomes) == [file + 1000]
    assert (await shelf.row(file)).identification is Identification.UNMATCHED


async def test_a_rule_is_not_applied_where_a_person_lifted_it(shelf: Shelf) -> None:
    file = await shelf.file(await shelf.library(), "Signs/sample.mkv", rule_lifted=True)
    assert await shelf.decide(file, ignored(Role.SAMPLE)) == [file]
    assert (await shelf.row(file)).identification is Identification.PENDING


async def test_what_the_name_says_is_kept_for_the_answer(shelf: Shelf) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    await shelf.question(file, unsure(part=2, edition="Extended"))
    row = await shelf.row(file)
    assert (row.part, row.edition, row.role) == (2, "Extended", None)


@pytest.mark.parametrize(
    ("beside", "again"),
    [
        ("Signs (2002)/sample.mkv", True),
        ("Signs (2002)/Featurettes/talk.mkv", True),
        ("Signs (2002) two/talk.mkv", False),
        ("other/talk.mkv", False),
        ("talk.mkv", False),
    ],
)
async def test_extras_are_asked_again_when_a_feature_is_matched_beside_them(
    shelf: Shelf, beside: str, again: bool
) -> None:
    library = await shelf.library()
    extra = await shelf.file(library, beside)
    await shelf.decide(extra, ignored(Role.EXTRA))
    feature = await shelf.file(library, "Signs (2002)/Signs.mkv")
    await shelf.decide(feature, sure(SIGNS), SIGNS)
    expected = Identification.PENDING if again else Identification.IGNORED
    row = await shelf.row(extra)
    assert row.identification is expected
    assert not row.rule_lifted


async def test_extras_of_a_series_are_asked_again_when_a_season_beside_them_is_matched(shelf: Shelf) -> None:
    library, facts = await shelf.library(), series()
    extra = await shelf.file(library, "Long Winter/Extras/talk.mkv")
    await shelf.decide(extra, ignored(Role.EXTRA))
    await shelf.decide(await shelf.file(library, "Long Winter/Season 01/S01E01.mkv"), sure(facts, (1, 1)), facts)
    assert (await shelf.row(extra)).identification is Identification.PENDING


async def test_extras_are_not_asked_again_by_a_further_file_of_a_title_known_there(shelf: Shelf) -> None:
    library, facts = await shelf.library(), series()
    await shelf.decide(await shelf.file(library, "Long Winter/S01E01.mkv"), sure(facts, (1, 1)), facts)
    extra = await shelf.file(library, "Long Winter/talk.mkv")
    await shelf.decide(extra, ignored(Role.EXTRA))
    await shelf.decide(await shelf.file(library, "Long Winter/S01E02.mkv"), sure(facts, (1, 2)), facts)
    assert (await shelf.row(extra)).identification is Identification.IGNORED


async def test_a_matched_extra_does_not_send_others_round(shelf: Shelf) -> None:
    library = await shelf.library()
    one, other = await shelf.file(library, "Signs/a.mkv"), await shelf.file(library, "Signs/b.mkv")
    await shelf.decide(one, ignored(Role.EXTRA))
    await shelf.decide(other, sure(SIGNS, role=Role.EXTRA), SIGNS)
    assert (await shelf.row(one)).identification is Identification.IGNORED


async def test_new_episodes_bring_up_the_files_that_waited_for_them(
    database: Database, shelf: Shelf, clock: SetClock
) -> None:
    library, facts = await shelf.library(), series()
    lacking = unsure(facts, reason=UnmatchedReason.EPISODE_NOT_FOUND)
    waiting = await shelf.file(library, "Long Winter S01E12.mkv")
    question = await shelf.question(waiting, lacking)
    other = await shelf.file(library, "Short Winter S01E12.mkv")
    await shelf.question(other, unsure(series(tmdb_id=7), reason=UnmatchedReason.EPISODE_NOT_FOUND))
    unsure_of_it = await shelf.file(library, "Long.mkv")
    await shelf.question(unsure_of_it, unsure(facts))
    async with database.write() as session:
        await on_new_episodes(session, clock.now(), 1399)
    states = [(await shelf.row(file)).identification for file in (waiting, other, unsure_of_it)]
    assert states == [Identification.PENDING, Identification.UNMATCHED, Identification.UNMATCHED]
    grown = series(episodes=12)
    await shelf.decide(waiting, sure(grown, (1, 12)), grown)
    assert [(each.id, each.resolution) for each in await shelf.questions(waiting)] == [(question, Resolution.MATCHED)]


async def test_a_group_key_longer_than_an_index_entry_is_cut(shelf: Shelf) -> None:
    file = await shelf.file(await shelf.library(), "x.mkv")
    await shelf.question(file, group_key="extras in " + "ä\U0001f3ac/" * 2000)
    (asked,) = await shelf.questions(file)
    assert len(asked.group_key) < 450


async def test_a_match_without_an_item_is_a_mistake_of_the_caller(shelf: Shelf) -> None:
    file = await shelf.file(await shelf.library(), "x.mkv")
    with pytest.raises(ValueError, match="without an item"):
        await shelf.decide(file, Decision(outcome=Outcome.MATCH))
    assert (await shelf.row(file)).identification is Identification.PENDING


async def test_rejections_are_given_as_matching_wants_them(database: Database, shelf: Shelf, clock: SetClock) -> None:
    from mediastead.unmatched.corrections import unmatch_file
    from mediastead.unmatched.schemas import EpisodeAsked, FileUnmatch

    library, facts = await shelf.library(), series()
    film, episode, fresh = [await shelf.file(library, name) for name in ("a.mkv", "b.mkv", "c.mkv")]
    await shelf.decide(film, sure(SIGNS), SIGNS)
    await shelf.decide(episode, sure(facts, (1, 1)), facts)
    async with database.write() as session:
        await unmatch_file(session, clock.now(), "anna", film, FileUnmatch(version=2))
        only = FileUnmatch(version=2, episodes=[EpisodeAsked(1, 1)])
        await unmatch_file(session, clock.now() + timedelta(1), "anna", episode, only)
    async with database.read() as session:
        found = await rejections_of(session, [film, episode, fresh])
    assert [(each.type, each.tmdb_id, each.episodes) for each in found[film]] == [(ItemType.MOVIE, 2675, None)]
    (rejected,) = found[episode]
    assert rejected.forbids(ItemType.SERIES, 1399, rejected.episodes or ())
    assert fresh not in found

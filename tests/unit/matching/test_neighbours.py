"""What the other files of a folder are speaks for a file whose own name is not enough, and for no other."""

import pytest

from mediastead.catalog.types import ItemType
from mediastead.files.types import UnmatchedReason
from mediastead.matching import Decision, Outcome, Rejected, decide
from mediastead.matching.decision import EpisodeNumber, Neighbour
from mediastead.matching.known import Answered, Known
from mediastead.matching.neighbours import as_stored, neighbours_in, told
from mediastead.matching.renumbering import Renumbering, Shift
from mediastead.metadata.facts import ItemFacts

from ..parsing.reading_paths import read
from .provider_in_memory import InMemoryProvider, film, film_path, series

CREEK = series(1, "Hollow Creek", 2009, [12, 12])
OLD, NEW = series(2, "Saltmarsh", 2001, [10, 10]), series(3, "Saltmarsh", 2019, [8])
ANOTHER = series(4, "The Quiet Harbour", 2013, [12, 12])
SERIES, MOVIE = ItemType.SERIES, ItemType.MOVIE


def of(title: ItemFacts, count: int = 8, share: float = 1.0) -> Known:
    return Known(
        kind="series", neighbours=(Neighbour(type=title.type, tmdb_id=title.tmdb_id, share=share, count=count),)
    )


async def decided(path: str, known: Known, *titles: ItemFacts) -> Decision:
    return await decide(read(path), InMemoryProvider(*(titles or (CREEK, OLD, NEW, ANOTHER))), known)


def matched(decision: Decision) -> tuple[int, tuple[EpisodeNumber, ...]]:
    assert decision.outcome is Outcome.MATCH and decision.item is not None, decision.would_match_if
    return decision.item.tmdb_id, decision.episodes


@pytest.mark.parametrize(
    "path",
    [
        "Sunday box/S02E06.mkv",
        "Season 2/S02E06.mkv",
        "Sunday box/Season 2/Episode 6.mkv",
        "Hllw Crk/Hollw Crek S02E06.avi",
        "Sunday box/H0ll0w Cr33k S02E06.avi",
        "Sunday box/hocr.s02e06.720p.mkv",
    ],
)
async def test_a_file_that_does_not_say_the_series_is_of_that_of_the_folders_other_files(path: str) -> None:
    alone = await decided(path, Known(kind="series"))
    assert alone.outcome is Outcome.NO_MATCH and alone.neighbours == ()
    decision = await decided(path, of(CREEK))
    assert matched(decision) == (1, (EpisodeNumber(2, 6),))
    assert decision.item is not None
    (said,) = [each for each in decision.item.evidence if each.name == "neighbours"]
    assert said.weight > 0 and "at least 8 files in this folder, and all of those that are known" in said.detail
    assert decision.neighbours == of(CREEK).neighbours


async def test_one_file_tells_which_of_two_series_of_one_title_is_meant_and_no_more() -> None:
    path = "Saltmarsh/Saltmarsh S01E03.mkv"
    assert (await decided(path, Known(kind="series"))).reason is UnmatchedReason.AMBIGUOUS
    assert matched(await decided(path, of(OLD, 1))) == (2, (EpisodeNumber(1, 3),))
    assert matched(await decided(path, of(NEW, 1))) == (3, (EpisodeNumber(1, 3),))
    assert (await decided("Sunday box/S01E03.mkv", of(OLD, 1))).outcome is Outcome.NO_MATCH


async def test_a_name_that_says_another_title_outweighs_them() -> None:
    decision = await decided("Sunday box/The Quiet Harbour S02E06.mkv", of(CREEK))
    assert matched(decision)[0] == 4 and decision.neighbours is None
    unknown = await decided("Sunday box/Lanterns of Noon S02E06.mkv", of(CREEK))
    assert unknown.outcome is Outcome.NO_MATCH and unknown.neighbours == of(CREEK).neighbours


async def test_what_is_sure_by_itself_does_not_hear_them() -> None:
    provider = InMemoryProvider(CREEK, ANOTHER)
    decision = await decide(read("Hollow Creek/Hollow Creek S02E06.mkv"), provider, of(ANOTHER))
    assert matched(decision)[0] == 1 and decision.neighbours is None
    assert "item series 4" not in provider.asked


async def test_the_episode_has_to_exist() -> None:
    decision = await decided("Sunday box/S02E13.mkv", of(CREEK))
    assert decision.outcome is Outcome.NO_MATCH
    assert not [each for one in decision.suggestions for each in one.evidence if each.name == "neighbours"]


@pytest.mark.parametrize("path", ["Sunday box {tmdb-99}/S02E06.mkv", "Sunday box/S02E06 {tvdb-4}.mkv"])
async def test_a_file_with_an_id_does_not_hear_them(path: str) -> None:
    decision = await decided(path, of(CREEK))
    assert decision.outcome is Outcome.NO_MATCH and decision.neighbours is None


async def test_a_film_does_not_hear_them() -> None:
    decision = await decide(film_path("Unheard Of", 1999), InMemoryProvider(CREEK, film(9, "Heard", 1999)), of(CREEK))
    assert decision.outcome is Outcome.NO_MATCH and decision.neighbours is None


async def test_they_are_not_heard_where_the_episodes_are_counted_otherwise() -> None:
    counted = Renumbering(shifts=(Shift(2, 1, 3),))
    path = "Sunday box/S02E06.mkv"
    by_order = Known(kind="series", orders={1: counted}, neighbours=of(CREEK).neighbours)
    assert (await decided(path, by_order)).outcome is Outcome.NO_MATCH
    answer = Answered(id=1, type=SERIES, tmdb_id=4, detail="an answer")
    answered = Known(kind="series", answered=answer, neighbours=of(CREEK).neighbours)
    assert matched(await decided(path, answered))[0] == 4


async def test_what_a_person_rejected_they_do_not_bring_back() -> None:
    known = Known(kind="series", rejected=(Rejected(SERIES, 1),), neighbours=of(CREEK).neighbours)
    decision = await decided("Sunday box/S02E06.mkv", known)
    assert decision.outcome is Outcome.NO_MATCH and decision.suggestions == ()


async def test_a_series_that_the_provider_no_longer_has_says_nothing() -> None:
    decision = await decided("Sunday box/S02E06.mkv", of(CREEK), ANOTHER)
    assert decision.outcome is Outcome.NO_MATCH and any("no series" in note for note in decision.notes)


async def test_they_are_heard_when_the_questions_for_a_file_are_used_up() -> None:
    provider = InMemoryProvider(CREEK)
    path = "Lantern Hold Weekly Harbours/A Wholly Different Evening Entertainment/H0ll0w Cr33k S02E06.avi"
    assert matched(await decide(read(path), provider, of(CREEK)))[0] == 1


def test_counts_and_shares_are_told_in_few_steps() -> None:
    def steps(**counts: int) -> list[tuple[int, int, float]]:
        keys = {"a": (SERIES, 1), "b": (SERIES, 2), "film": (MOVIE, 1), "unknown": None}
        told = neighbours_in({keys[name]: count for name, count in counts.items()})
        return [(each.tmdb_id, each.count, each.share) for each in told]

    assert steps(a=1) == [(1, 1, 1.0)]
    assert steps(a=3) == steps(a=7) == [(1, 3, 1.0)]
    assert steps(a=8) == steps(a=800) == [(1, 8, 1.0)]
    assert steps(a=9, b=1) == [(1, 8, 0.9)]
    assert steps(a=3, film=1) == steps(a=3, unknown=1) == [(1, 3, 0.75)]
    assert steps(a=2, b=1) == steps(a=5, b=5) == steps(film=5) == steps() == []


def test_what_was_heard_is_compared_with_what_there_is_to_hear() -> None:
    heard = Decision(outcome=Outcome.NO_MATCH, neighbours=of(CREEK).neighbours)
    assert as_stored(heard) == told(of(CREEK).neighbours) != told(of(CREEK, 3).neighbours)
    assert as_stored(Decision(outcome=Outcome.NO_MATCH, neighbours=())) == told(())
    assert as_stored(Decision(outcome=Outcome.NO_MATCH)) is None

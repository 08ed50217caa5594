"""Names that are a title and nothing else: what makes one film of them without a question, and what does not."""

import pytest

from mediastead.files.types import UnmatchedReason
from mediastead.matching import Outcome, decide
from mediastead.matching.known import Known

from ..parsing.reading_paths import read
from .provider_in_memory import InMemoryProvider, film, film_path, series


@pytest.mark.parametrize(
    ("votes", "outcome"), [(9000, Outcome.MATCH), (1500, Outcome.MATCH), (200, Outcome.NO_MATCH), (3, Outcome.NO_MATCH)]
)
async def test_a_single_word_is_a_film_where_many_know_it(votes: int, outcome: Outcome) -> None:
    provider = InMemoryProvider(film(1, "Seafog", 1992, votes=votes))
    assert (await decide(film_path("Seafog"), provider)).outcome is outcome


async def test_a_well_known_film_that_the_word_is_only_a_part_of_does_not_make_it_one() -> None:
    provider = InMemoryProvider(film(1, "The Fog", 1992, votes=9000))
    assert (await decide(film_path("Fog"), provider)).outcome is Outcome.NO_MATCH


async def test_the_number_of_a_sequel_is_as_good_as_a_word() -> None:
    provider = InMemoryProvider(film(1, "Seafog 2", 1992, votes=200))
    assert (await decide(film_path("Seafog 2"), provider)).outcome is Outcome.MATCH


@pytest.mark.parametrize(
    ("known", "unknown", "outcome"),
    [
        (3000, 1, Outcome.MATCH),
        (3000, 19, Outcome.MATCH),
        (3000, 25, Outcome.NO_MATCH),  # known to some
        (300, 15, Outcome.NO_MATCH),  # not so much better known
    ],
)
async def test_a_film_that_hardly_anybody_knows_is_no_rival_to_a_famous_namesake(
    known: int, unknown: int, outcome: Outcome
) -> None:
    provider = InMemoryProvider(
        film(1, "The Long Harbour", 1992, votes=known), film(2, "The Long Harbour", 1954, votes=unknown)
    )
    decision = await decide(film_path("The Long Harbour"), provider)
    assert decision.outcome is outcome
    assert decision.suggestions[0].tmdb_id == 1 if decision.item is None else decision.item.tmdb_id == 1


async def test_the_year_of_the_film_that_hardly_anybody_knows_is_believed() -> None:
    provider = InMemoryProvider(
        film(1, "The Long Harbour", 1992, votes=3000), film(2, "The Long Harbour", 1954, votes=1)
    )
    decision = await decide(film_path("The Long Harbour", 1954), provider)
    assert decision.item is not None
    assert decision.item.tmdb_id == 2


async def test_of_two_series_of_one_name_the_better_known_is_not_taken() -> None:
    provider = InMemoryProvider(
        series(1, "The Long Harbour", 1992, [8], votes=3000), series(2, "The Long Harbour", 1954, [8], votes=1)
    )
    decision = await decide(read("The Long Harbour - S01E02.mkv"), provider)
    assert decision.reason is UnmatchedReason.AMBIGUOUS


async def test_words_that_are_written_together_are_taken_apart_before_anything_else_is_tried() -> None:
    provider = InMemoryProvider(film(1, "Long Harbour", 1992))
    decision = await decide(read("LongHarbour1992.avi"), provider, Known(kind="movies"))
    assert decision.outcome is Outcome.MATCH
    assert len(provider.asked) == 2


async def test_a_part_of_a_short_series_is_an_episode_where_no_film_is_called_so() -> None:
    short = series(1, "The Long Harbour", 1992, [3], votes=5)
    assert (await decide(read("The Long Harbour Part 2.mkv"), InMemoryProvider(short))).outcome is Outcome.MATCH
    both = InMemoryProvider(short, film(2, "The Long Harbour Part 2", 1994, votes=5))
    decision = await decide(read("The Long Harbour Part 2.mkv"), both)
    assert decision.item is None or decision.item.tmdb_id == 2


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("Seafog german dubbed.mkv", Outcome.MATCH),
        ("Seafog full movie.mkv", Outcome.MATCH),
        ("Seafog.mkv", Outcome.NO_MATCH),
    ],
)
async def test_a_word_that_is_offered_to_others_is_nobodys_own_recording(name: str, outcome: Outcome) -> None:
    provider = InMemoryProvider(film(1, "Seafog", 1992, votes=300))
    assert (await decide(read(name), provider)).outcome is outcome

"""Numbers that are counted in another way than the provider counts them."""

from hypothesis import given
from hypothesis import strategies as st

from mediastead.catalog.types import ItemType
from mediastead.matching import EpisodeNumber, Outcome, decide
from mediastead.matching.known import Answered, Known
from mediastead.matching.numbering import Reckoning, locate
from mediastead.matching.renumbering import Recount, Renumbering, Row, Said, Shift, renumbering_of
from mediastead.matching.said import SaidNumbers, said_by, said_numbers
from mediastead.metadata.facts import OrderedEpisode, OrderedPart

from .provider_in_memory import InMemoryProvider, episode_path, series
from .test_numbering import places

SPLIT = series(1, "Show", 2010, [26], specials=2)
"""The provider has one season of 26; discs and fans count two of 13."""
SECOND_IS_LATER = Recount(Renumbering(shifts=(Shift(2, 1, 13),)), "by your answer")
SHOW = series(2, "Show", 2010, [10, 8])


def part(order: int, *at: tuple[int, int], name: str = "") -> OrderedPart:
    episodes = tuple(OrderedEpisode(order=place, season=each[0], number=each[1]) for place, each in enumerate(at))
    return OrderedPart(order=order, name=name, episodes=episodes)


DVD = (part(0, (0, 2), (0, 1)), part(1, (1, 2), (1, 1), (1, 3)), part(2, (2, 1), (1, 4), (2, 2)))


def test_a_shifted_season_is_another_one() -> None:
    found = locate(episode_path("Show", 2, 3), SPLIT, recount=SECOND_IS_LATER)
    assert (found.episodes, found.reckoning, found.by) == (places((1, 16)), Reckoning.RENUMBERED, "by your answer")


def test_what_nothing_is_told_about_is_taken_as_said() -> None:
    found = locate(episode_path("Show", 1, 3), SPLIT, recount=SECOND_IS_LATER)
    assert (found.episodes, found.reckoning) == (places((1, 3)), Reckoning.NUMBERED)
    both = locate(episode_path("Show", seasons=(1, 2), episodes=(13, 1)), SPLIT, recount=SECOND_IS_LATER)
    assert (both.episodes, both.reckoning) == (places((1, 13), (1, 14)), Reckoning.RENUMBERED)


def test_a_shift_beyond_the_end_is_missing_with_the_reason() -> None:
    found = locate(episode_path("Show", 2, 14), SPLIT, recount=SECOND_IS_LATER)
    assert found.episodes == ()
    assert found.missing == "has no episode 27 in season 1, which the name means by your answer"


def test_rows_go_before_shifts_and_may_hold_several_episodes() -> None:
    rows = (Row(2, 13, (EpisodeNumber(0, 1),)), Row(1, 1, places((1, 1), (1, 2))))
    recount = Recount(Renumbering(shifts=(Shift(2, 1, 13),), rows=rows), "by your answer")
    assert locate(episode_path("Show", 2, 13), SPLIT, recount=recount).episodes == places((0, 1))
    assert locate(episode_path("Show", 1, 1), SPLIT, recount=recount).episodes == places((1, 1), (1, 2))
    assert locate(episode_path("Show", 2, 12), SPLIT, recount=recount).episodes == places((1, 25))


def test_numbers_without_a_season_bare_or_absolute_are_renumbered_alike() -> None:
    recount = Recount(Renumbering(shifts=(Shift(None, 2, -10),)), "by your answer")
    for path in (episode_path("Show", None, 12), episode_path("Show", absolute_episodes=(12,))):
        found = locate(path, SHOW, recount=recount)
        assert (found.episodes, found.reckoning) == (places((2, 2)), Reckoning.RENUMBERED)


def test_a_shift_to_below_zero_tells_nothing() -> None:
    recount = Recount(Renumbering(shifts=(Shift(1, 2, -5),)), "by your answer")
    assert locate(episode_path("Show", 1, 3), SHOW, recount=recount).episodes == places((1, 3))


def test_an_order_counts_its_parts_as_seasons_and_through_them() -> None:
    numbering = renumbering_of(DVD)
    assert numbering.places_of(Said(1, 1)) == places((1, 2))
    assert numbering.places_of(Said(1, 3)) is None, "which is as the provider has it"
    assert numbering.places_of(Said(2, 2)) == places((1, 4))
    assert numbering.places_of(Said(0, 1)) == places((0, 2))
    assert numbering.places_of(Said(None, 5)) == places((1, 4))
    assert numbering.places_of(Said(None, 7)) is None


def test_an_order_whose_first_season_has_place_0_counts_one_higher() -> None:
    numbering = renumbering_of((part(0, (1, 2), (1, 1)), part(1, (2, 2), (2, 1))))
    assert numbering.places_of(Said(1, 1)) == places((1, 2))
    assert numbering.places_of(Said(2, 1)) == places((2, 2))


def test_a_number_whose_episode_another_number_has_in_the_order_is_only_a_guess() -> None:
    recount = Recount(renumbering_of(DVD), "by the order that you chose")
    taken = locate(episode_path("Show", 1, 4), SHOW, recount=recount)
    assert (taken.episodes, taken.reckoning) == (places((1, 4)), Reckoning.GUESSED)
    free = locate(episode_path("Show", 2, 8), SHOW, recount=recount)
    assert (free.episodes, free.reckoning) == (places((2, 8)), Reckoning.NUMBERED)


def test_what_a_name_says_is_kept_and_said_in_words() -> None:
    path = episode_path("Show", seasons=(1, 2), episodes=(10, 1))
    kept = said_numbers(path)
    assert kept.in_words() == "S01E10 S02E01" and kept.title == "Show"
    assert said_by(kept.parsed()) == said_by(path) == (Said(1, 10), Said(2, 1))
    assert SaidNumbers(absolute_episodes=(27,)).in_words() == "27"
    assert SaidNumbers().in_words() == ""


async def test_a_decision_goes_by_the_order_that_was_chosen() -> None:
    provider = InMemoryProvider(SPLIT)
    path = episode_path("Show", 2, 3, year=2010)
    lacking = await decide(path, provider, Known(kind="series"))
    assert lacking.outcome is Outcome.NO_MATCH
    decided = await decide(path, provider, Known(kind="series", orders={1: SECOND_IS_LATER.renumbering}))
    assert (decided.outcome, decided.episodes) == (Outcome.MATCH, places((1, 16)))
    assert decided.item is not None
    assert any("by the order that you chose" in each.detail for each in decided.item.evidence)


def test_an_answer_goes_before_an_order_and_holds_for_its_own_title_only() -> None:
    answer = Answered(id=1, type=ItemType.SERIES, tmdb_id=1, numbering=SECOND_IS_LATER.renumbering, detail="")
    known = Known(answered=answer, orders={1: Renumbering(), 2: Renumbering()})
    assert known.recount(ItemType.SERIES, 1) == SECOND_IS_LATER
    assert known.recount(ItemType.SERIES, 2) == Recount(Renumbering(), "by the order that you chose")
    assert known.recount(ItemType.MOVIE, 2) is None and known.recount(ItemType.SERIES, 3) is None


SAID = st.builds(Said, st.none() | st.integers(0, 40), st.integers(0, 2000))
PARTS = st.lists(
    st.tuples(st.integers(0, 9), st.lists(st.tuples(st.integers(0, 9), st.integers(1, 30)), max_size=8)), max_size=6
).map(lambda parts: tuple(part(order, *episodes) for order, episodes in parts))


@given(said=SAID, add=st.integers(-500, 500))
def test_a_shift_back_undoes_a_shift(said: Said, add: int) -> None:
    there = Renumbering(shifts=(Shift(said.season, 3, add),)).places_of(said)
    if there is None:
        assert said.number + add < 0
        return
    (place,) = there
    back = Renumbering(shifts=(Shift(3, said.season or 0, -add),)).places_of(Said(place.season, place.number))
    assert back == (EpisodeNumber(said.season or 0, said.number),)


@given(parts=PARTS)
def test_no_episode_of_an_order_is_lost(parts: tuple[OrderedPart, ...]) -> None:
    numbering = renumbering_of(parts)
    told = {place for row in numbering.rows for place in row.to}
    everything = {EpisodeNumber(one.season, one.number) for each in parts for one in each.episodes}
    as_said = {place for place in everything if numbering.places_of(Said(place.season, place.number)) is None}
    assert everything <= told | as_said
    assert told <= everything


@given(parts=PARTS, episode=st.integers(1, 12), season=st.none() | st.integers(0, 4))
def test_numbering_is_the_same_each_time_and_gives_only_what_there_is(
    parts: tuple[OrderedPart, ...], episode: int, season: int | None
) -> None:
    path = episode_path("Show", season, episode)
    recount = Recount(renumbering_of(parts), "by the order that you chose")
    found = locate(path, SHOW, recount=recount)
    assert found == locate(path, SHOW, recount=Recount(renumbering_of(parts), "by the order that you chose"))
    held = {EpisodeNumber(each.number, one.number) for each in SHOW.seasons for one in each.episodes}
    assert set(found.episodes) <= held
    assert bool(found.episodes) != bool(found.missing)

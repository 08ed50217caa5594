"""What follows from one number for those beside it."""

from hypothesis import given
from hypothesis import strategies as st

from mediastead.matching.decision import EpisodeNumber
from mediastead.matching.following import Followed, follow, learned
from mediastead.matching.known import Answered, Known
from mediastead.matching.numbering import Reckoning, locate
from mediastead.matching.renumbering import Example, Recount, Renumbering, Row, Said
from mediastead.metadata.facts import ItemFacts, ItemType

from .provider_in_memory import episode_path, series
from .test_numbering import places

SHOW = series(2, "Show", 2010, [10, 8, 8], specials=3)


def example(season: int | None, number: int, *to: int) -> Example:
    return Example(season, number, EpisodeNumber(*to))


def followed(season: int | None, number: int, *examples: Example, facts: ItemFacts = SHOW) -> tuple[int, int] | str:
    found = follow(Said(season, number), facts, examples)
    if found is None:
        return "as said"
    return (found.place.season, found.place.number) if found.place else "open"


def test_a_number_that_counts_through_lets_all_others_count_through() -> None:
    counts = example(None, 11, 2, 1)
    assert [followed(None, number, counts) for number in (1, 12, 18, 19, 26)] == [
        (1, 1),
        (2, 2),
        (2, 8),
        (3, 1),
        (3, 8),
    ]
    located = locate(
        episode_path("Show", None, 27), SHOW, recount=Recount(Renumbering(examples=(counts,)), "by your answer")
    )
    assert (located.episodes, located.missing) == ((), "has 26 episodes in all, the name says 27")


def test_a_number_of_the_first_season_tells_nothing_behind_its_end() -> None:
    assert [followed(None, number, example(None, 3, 1, 3)) for number in (10, 11)] == [(1, 10), "as said"]


def test_another_offset_goes_as_far_as_the_season_and_not_below_its_first_episode() -> None:
    offset = example(None, 5, 2, 3)
    assert [followed(None, number, offset) for number in (3, 4, 10, 2)] == [(2, 1), (2, 2), (2, 8), "open"]
    recount = Recount(Renumbering(examples=(offset,)), "by your answer")
    behind = locate(episode_path("Show", None, 11), SHOW, recount=recount)
    assert behind.missing == "has no episode 9 in season 2, which the name means by your answer"
    below = locate(episode_path("Show", None, 2), SHOW, recount=recount)
    assert (below.episodes, below.reckoning) == (places((1, 2)), Reckoning.GUESSED)


def test_numbers_that_are_said_in_another_way_do_not_follow() -> None:
    assert followed(2, 12, example(None, 11, 2, 1)) == "as said"
    assert followed(3, 20, example(2, 11, 2, 1)) == "as said"


def test_of_a_season_only_numbers_follow_that_it_lacks() -> None:
    later = example(2, 11, 2, 1)
    assert [followed(2, number, later) for number in (12, 18, 5)] == [(2, 2), (2, 8), "open"]


def test_two_answers_that_contradict_each_other_leave_it_open() -> None:
    assert followed(None, 8, example(None, 5, 2, 1), example(None, 6, 2, 5)) == "open"
    assert followed(None, 6, example(None, 5, 2, 1), example(None, 6, 2, 5)) == (2, 5)


def test_what_follows_from_another_answer_need_not_be_kept() -> None:
    first, third = example(None, 5, 2, 1), example(None, 20, 3, 1)
    assert learned([first], [example(None, 7, 2, 3), third, example(3, 1, 2, 1)]) == (first, third, example(3, 1, 2, 1))
    assert learned([first], [example(None, 5, 2, 4)]) == (example(None, 5, 2, 4),)


def test_an_order_tells_more_than_single_numbers_do() -> None:
    order = Renumbering(rows=(Row(None, 12, (EpisodeNumber(3, 3),)),))
    answered = Answered(
        id=1,
        type=ItemType.SERIES,
        tmdb_id=2,
        numbering=Renumbering(examples=(example(None, 11, 2, 1),)),
        detail="an answer",
    )
    recount = Known(answered=answered, orders={2: order}).recount(ItemType.SERIES, 2)
    assert locate(episode_path("Show", None, 12), SHOW, recount=recount).episodes == places((3, 3))
    assert locate(episode_path("Show", None, 13), SHOW, recount=recount).episodes == places((2, 3))


@given(
    st.one_of(st.none(), st.integers(0, 4)),
    st.integers(0, 40),
    st.lists(
        st.builds(
            Example,
            st.one_of(st.none(), st.integers(1, 4)),
            st.integers(0, 40),
            st.builds(EpisodeNumber, st.integers(1, 3), st.integers(1, 10)),
        ),
        max_size=4,
    ),
)
def test_what_a_person_said_of_a_number_always_holds(season: int | None, number: int, examples: list[Example]) -> None:
    kept = learned((), examples)
    assert learned(kept, ()) == kept
    for each in kept:
        assert follow(Said(each.season, each.number), SHOW, kept) == Followed(each.to)
    found = follow(Said(season, number), SHOW, kept)
    assert found is None or found.place is None or found.place.number > 0

"""A person's answer for a file that is read the same decides the title, with one look at its facts and no search."""

from mediastead.catalog.types import ItemType
from mediastead.files.types import Role, UnmatchedReason
from mediastead.matching import EpisodeNumber, Outcome, Rejected, decide
from mediastead.matching.known import Answered, Known
from mediastead.matching.renumbering import Renumbering, Shift

from .provider_in_memory import InMemoryProvider, episode_path, film, film_path, series

WINTER = series(7, "Long Winter", 2010, [8, 8])
RIVAL = series(8, "Wntr", 2015, [8])


def answered(type: ItemType = ItemType.SERIES, tmdb_id: int = 7, **more: object) -> Answered:
    given: dict[str, object] = {"id": 3, "detail": "remembered answer 3, by anna on 2026-03-01", **more}
    return Answered(type=type, tmdb_id=tmdb_id, **given)  # type: ignore[arg-type] - each test gives fields by name


async def test_the_answer_is_taken_with_one_question_though_another_title_fits_better() -> None:
    provider = InMemoryProvider(WINTER, RIVAL)
    decision = await decide(episode_path("Wntr", 2, 3), provider, Known(answered=answered()))
    assert decision.outcome is Outcome.MATCH and decision.item is not None
    assert (decision.item.tmdb_id, decision.episodes) == (7, (EpisodeNumber(2, 3),))
    assert provider.asked == ["item series 7"]
    (evidence,) = [each for each in decision.item.evidence if each.name == "answered"]
    assert evidence.weight > 12 and "by anna" in evidence.detail


async def test_it_holds_whatever_threshold_is_set() -> None:
    decision = await decide(
        episode_path("Wntr", 1, 1), InMemoryProvider(WINTER), Known(answered=answered()), threshold=1.0
    )
    assert decision.outcome is Outcome.MATCH


async def test_an_episode_that_the_series_has_not_is_asked_about_with_the_answer_named() -> None:
    provider = InMemoryProvider(WINTER, RIVAL)
    decision = await decide(episode_path("Wntr", 2, 12), provider, Known(answered=answered()))
    assert decision.reason is UnmatchedReason.EPISODE_NOT_FOUND and decision.would_match_if is not None
    assert "has 8 episodes in season 2, the name says 12" in decision.would_match_if
    assert "remembered answer 3, by anna" in decision.would_match_if
    assert provider.asked == ["item series 7"]


async def test_a_number_that_can_be_meant_in_several_ways_is_still_asked_about() -> None:
    decision = await decide(episode_path("Wntr", None, 3), InMemoryProvider(WINTER), Known(answered=answered()))
    assert decision.reason is UnmatchedReason.LOW_CONFIDENCE
    assert [each.tmdb_id for each in decision.suggestions] == [7]


async def test_its_numbering_is_gone_by() -> None:
    counted = Renumbering(shifts=(Shift(None, 2, -8),))
    known = Known(answered=answered(numbering=counted))
    decision = await decide(episode_path("Wntr", None, 11), InMemoryProvider(WINTER), known)
    assert (decision.outcome, decision.episodes) == (Outcome.MATCH, (EpisodeNumber(2, 3),))


async def test_a_rejection_for_this_file_outweighs_an_answer_for_another() -> None:
    provider = InMemoryProvider(WINTER, RIVAL)
    known = Known(answered=answered(), rejected=(Rejected(ItemType.SERIES, 7),))
    decision = await decide(episode_path("Wntr", 1, 3), provider, known)
    assert 7 not in {each.tmdb_id for each in (*decision.suggestions, decision.item) if each}
    only_these = Rejected(ItemType.SERIES, 7, (EpisodeNumber(1, 3),))
    decision = await decide(episode_path("Wntr", 1, 3), provider, Known(answered=answered(), rejected=(only_these,)))
    assert decision.item is None or decision.item.tmdb_id != 7
    decision = await decide(episode_path("Wntr", 1, 4), provider, Known(answered=answered(), rejected=(only_these,)))
    assert decision.item is not None and decision.item.tmdb_id == 7


async def test_an_id_in_the_name_that_says_otherwise_is_believed() -> None:
    provider = InMemoryProvider(WINTER, RIVAL)
    otherwise = Known(answered=answered(without_ids=True))
    decision = await decide(episode_path("Wntr", 1, 3, ids={"tmdb": "8"}), provider, otherwise)
    assert decision.item is not None and decision.item.tmdb_id == 8
    agreeing = await decide(episode_path("Wntr", 1, 3, ids={"tmdb": "7"}), provider, otherwise)
    assert agreeing.item is not None and agreeing.item.tmdb_id == 7
    assert {each.name for each in agreeing.item.evidence} >= {"answered"}


async def test_a_title_that_the_provider_no_longer_has_leaves_the_name_to_decide() -> None:
    provider = InMemoryProvider(RIVAL)
    decision = await decide(episode_path("Wntr", 1, 3), provider, Known(answered=answered()))
    assert decision.item is not None and decision.item.tmdb_id == 8


async def test_an_answer_for_a_film_and_for_the_extras_beside_it() -> None:
    provider = InMemoryProvider(film(1, "Robin Hood", 1973), film(2, "Robin Hood", 2010, votes=9000))
    known = Known(answered=answered(ItemType.MOVIE, 1))
    decision = await decide(film_path("Robin Hood"), provider, known)
    assert decision.item is not None and (decision.item.tmdb_id, decision.role) == (1, Role.FEATURE)
    extra = await decide(film_path("Robin Hood", role=Role.EXTRA), provider, known)
    assert extra.item is not None and (extra.item.tmdb_id, extra.role) == (1, Role.EXTRA)

from typing import Any

from msgspec import structs

from mediastead.catalog.types import ItemType
from mediastead.matching import Decision, Outcome, decide
from mediastead.matching.known import Known
from mediastead.matching.runtime import could_decide

from .provider_in_memory import InMemoryProvider, episode_path, film, film_path, series

MINUTE = 60.0
SHORT, LONG = (
    structs.replace(film(number, "Low Tide", 1967 + number), runtime=minutes) for number, minutes in ((1, 88), (2, 131))
)


async def decided(duration: float | None, **more: Any) -> Decision:
    return await decide(
        film_path("Low Tide", **more), InMemoryProvider(SHORT, LONG), Known(kind="movies", duration=duration)
    )


def matched(decision: Decision) -> int | None:
    return decision.item.tmdb_id if decision.item else None


async def test_two_films_of_one_title_are_told_apart_by_how_long_the_file_plays() -> None:
    undecided = await decided(None)
    assert undecided.outcome is Outcome.NO_MATCH and could_decide(undecided, film_path("Low Tide"))
    assert matched(await decided(131 * MINUTE + 40)) == 2
    assert matched(await decided(88 * MINUTE)) == 1


async def test_a_file_at_the_speed_of_european_television_is_as_long_as_its_film() -> None:
    decision = await decided(131 * MINUTE * 24 / 25)
    assert matched(decision) == 2
    assert decision.item and any("European television" in piece.detail for piece in decision.item.evidence)


async def test_a_duration_that_fits_none_leaves_the_question() -> None:
    decision = await decided(12 * MINUTE)
    assert decision.outcome is Outcome.NO_MATCH
    assert max(each.probability for each in decision.suggestions) < (await decided(None)).suggestions[0].probability


async def test_the_part_of_a_film_says_nothing_by_its_length() -> None:
    assert (await decided(88 * MINUTE, part=1)).outcome is Outcome.NO_MATCH


async def test_an_episode_is_measured_by_the_runtimes_of_all_that_the_file_holds() -> None:
    show = structs.replace(series(1, "Low Tide", 2004, [10]), runtime=22)
    decision = await decide(
        episode_path("Lwo Tide", 1, 2, 3, path="Lwo Tide S01E02E03.mkv"),
        InMemoryProvider(show),
        Known(duration=44 * MINUTE),
    )
    best = decision.item or decision.suggestions[0]
    assert (best.type, best.tmdb_id) == (ItemType.SERIES, 1)
    if decision.outcome is Outcome.NO_MATCH:
        assert any(piece.name == "runtime" and piece.weight > 0 for piece in best.evidence)


async def test_only_what_a_duration_could_decide_is_worth_a_look() -> None:
    provider = InMemoryProvider(SHORT)
    sure = await decide(film_path("Low Tide", 1968), provider)
    unknown = await decide(film_path("Grandmas Birthday"), provider)
    lacking = await decide(episode_path("Show", 2, 12), InMemoryProvider(series(1, "Show", 2019, [5, 8])))
    assert not any(could_decide(decision, film_path("Low Tide")) for decision in (sure, unknown, lacking))

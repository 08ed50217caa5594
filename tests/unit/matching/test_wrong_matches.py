"""Names that fit a title and are another all the same: what must be asked about, beside what must not."""

import pytest
from msgspec import structs

from mediastead.files.types import UnmatchedReason
from mediastead.matching import Outcome, decide
from mediastead.matching.known import Known
from mediastead.parsing.parsed import ParsedType, TitleGuess

from ..parsing.reading_paths import read
from .provider_in_memory import InMemoryProvider, episode_path, film, film_path, parsed, series

TITLED = {(1, 1): "The Dam", (1, 2): "High Water", (2, 1): "The Surveyor", (2, 2): "High Water"}


async def test_an_id_of_another_film_of_the_very_title_and_year_in_the_name_is_asked_about() -> None:
    provider = InMemoryProvider(film(1, "Low Tide", 1992, imdb="tt1"), film(2, "Low Tide", 2019))
    decision = await decide(film_path("Low Tide", 2019, ids={"imdb": "tt1"}), provider)
    assert decision.outcome is Outcome.NO_MATCH
    assert '"Low Tide" (1992), but the name says "Low Tide" (2019)' in (decision.would_match_if or "")


async def test_an_id_whose_film_has_another_year_stands_where_no_film_has_the_year_in_the_name() -> None:
    provider = InMemoryProvider(film(1, "Low Tide", 1992, imdb="tt1"), film(2, "Low Tide", 2010))
    decision = await decide(film_path("Low Tide", 2019, ids={"imdb": "tt1"}), provider)
    assert decision.item is not None
    assert decision.item.tmdb_id == 1


@pytest.mark.parametrize(("votes", "outcome"), [(500, Outcome.NO_MATCH), (100_000, Outcome.MATCH)])
async def test_a_bare_name_is_a_films_only_where_the_series_of_that_name_is_hardly_known(
    votes: int, outcome: Outcome
) -> None:
    provider = InMemoryProvider(
        film(1, "The Long Harbour", 1992, votes=votes), series(2, "The Long Harbour", 2010, [8])
    )
    decision = await decide(film_path("The Long Harbour"), provider)
    assert decision.outcome is outcome


async def test_no_series_is_asked_for_where_the_library_the_folder_or_a_year_says_that_it_is_a_film() -> None:
    for path, kind in (
        (film_path("The Long Harbour"), "movies"),
        (film_path("The Long Harbour", 1992), "mixed"),
        (structs.replace(film_path("The Long Harbour"), path="Films/The Long Harbour.mkv"), "mixed"),
    ):
        provider = InMemoryProvider(film(1, "The Long Harbour", 1992))
        assert (await decide(path, provider, Known(kind=kind))).outcome is Outcome.MATCH
        assert not any("series" in question for question in provider.asked)


@pytest.mark.parametrize(("years", "matched"), [((2014,), True), ((2014, 2017), False), ((2014, 2016), False)])
async def test_a_year_beside_one_film_is_believed_only_where_no_namesake_is_near(
    years: tuple[int, ...], matched: bool
) -> None:
    provider = InMemoryProvider(*(film(place, "The Long Harbour", year) for place, year in enumerate(years, 1)))
    decision = await decide(film_path("The Long Harbour", 2015), provider)
    assert (decision.item is not None) is matched


@pytest.mark.parametrize(("country", "matched"), [("UK", 1), ("US", 2), ("AU", None), (None, None)])
async def test_a_country_in_the_name_tells_series_of_one_name_apart(country: str | None, matched: int | None) -> None:
    provider = InMemoryProvider(
        structs.replace(series(1, "The Long Harbour", 2003, [6]), countries=("GB",)),
        structs.replace(series(2, "The Long Harbour", 2009, [6]), countries=("US",)),
    )
    path = episode_path("The Long Harbour", 1, 2)
    if country:
        also = TitleGuess(text=f"The Long Harbour ({country})", source="alternative")
        path = structs.replace(path, titles=(*path.titles, also))
    decision = await decide(path, provider)
    assert (decision.item.tmdb_id if decision.item else None) == matched


async def test_the_title_of_another_episode_than_the_number_says_is_asked_about_and_named() -> None:
    provider = InMemoryProvider(series(1, "The Long Harbour", 2003, [2, 2], episode_titles=TITLED))
    decision = await decide(episode_path("The Long Harbour", 1, 1, episode_title="The Surveyor"), provider)
    assert decision.outcome is Outcome.NO_MATCH
    assert "S02E01" in (decision.would_match_if or "")


@pytest.mark.parametrize("said", ["The Dam", "Damned", "High Water"])
async def test_a_title_of_this_episode_of_none_or_of_several_others_does_not_contradict_the_number(said: str) -> None:
    provider = InMemoryProvider(series(1, "The Long Harbour", 2003, [2, 2], episode_titles=TITLED))
    decision = await decide(episode_path("The Long Harbour", 1, 1, episode_title=said), provider)
    assert decision.outcome is Outcome.MATCH


async def test_a_film_that_lies_in_another_films_folder_is_asked_about() -> None:
    provider = InMemoryProvider(film(1, "The Long Harbour", 1999), film(2, "High Tide", 2010))
    path = parsed(
        ParsedType.MOVIE,
        "",
        1999,
        {
            "titles": (
                TitleGuess(text="The Long Harbour", source="folder", year=1999),
                TitleGuess(text="High Tide", source="file"),
            )
        },
        "The Long Harbour (1999)/High Tide.mkv",
    )
    decision = await decide(path, provider)
    assert decision.outcome is Outcome.NO_MATCH
    assert "own name" in (decision.would_match_if or "")


@pytest.mark.parametrize(
    "path",
    [
        "The Long Harbour/High Tide Rising S01E01.mkv",
        "The Long Harbour/High Tide/Season 1/S01E01.mkv",
        "The Long Harbour/The Long Harbour - High Tide/S01E01.mkv",
    ],
)
async def test_a_series_in_the_folder_of_another_that_alone_is_known_is_asked_about(path: str) -> None:
    provider = InMemoryProvider(series(1, "The Long Harbour", 2003, [6], votes=20_000))
    assert (await decide(read(path), provider)).outcome is Outcome.NO_MATCH


@pytest.mark.parametrize(
    "path", ["The Long Harbour/lhrbr.s01e01.avi", "The Long Harbour/Season 1/The.Long.Harbour.S01E01.mkv"]
)
async def test_a_short_form_of_the_series_that_the_folder_names_is_no_other_title(path: str) -> None:
    provider = InMemoryProvider(series(1, "The Long Harbour", 2003, [6], votes=20_000))
    assert (await decide(read(path), provider)).outcome is Outcome.MATCH


@pytest.mark.parametrize("name", ["The Long Harbour Trilogy (1999-2003).mkv", "The Long Harbour 1999-2003.mkv"])
async def test_several_films_in_one_file_are_not_the_first_of_them(name: str) -> None:
    provider = InMemoryProvider(film(1, "The Long Harbour", 1999, votes=20_000))
    assert (await decide(read(name), provider)).outcome is Outcome.NO_MATCH


async def test_a_number_behind_the_whole_title_is_another_film() -> None:
    provider = InMemoryProvider(film(1, "Harbour: High Tide", 2006, votes=20_000), film(2, "Harbour", 1999))
    assert (await decide(read("Harbour - High Tide II (2006).mkv"), provider)).outcome is Outcome.NO_MATCH
    assert (await decide(read("Harbour - High Tide (2006).mkv"), provider)).outcome is Outcome.MATCH


async def test_an_episode_that_is_written_with_its_season_is_not_read_in_hundreds() -> None:
    provider = InMemoryProvider(series(1, "The Long Harbour", 2003, [20]))
    decision = await decide(read("The Long Harbour - 1x103.mkv"), provider)
    assert decision.reason is UnmatchedReason.EPISODE_NOT_FOUND


async def test_a_title_that_fits_a_piece_of_the_name_does_not_outdo_one_with_a_slip_in_the_whole_of_it() -> None:
    provider = InMemoryProvider(
        series(1, "Squall Harbour", 2021, [9], votes=20_000), series(2, "The Harbour", 2014, [3])
    )
    titles = (
        TitleGuess(text="Squxll Harbour", source="file"),
        TitleGuess(text="Harbour", source="alternative"),
    )
    decision = await decide(episode_path("", 1, 5, titles=titles, path="Squxll Harbour S01E05.mkv"), provider)
    assert decision.item is not None
    assert decision.item.tmdb_id == 1

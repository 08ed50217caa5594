from datetime import date

import pytest

from mediastead.catalog.types import ItemType
from mediastead.files.types import Role
from mediastead.matching import Decision, EpisodeNumber, Outcome, decide
from mediastead.matching.known import Known
from mediastead.metadata.errors import ProviderUnavailable
from mediastead.parsing.parsed import ParsedType, TitleGuess

from .provider_in_memory import InMemoryProvider, episode_path, film, film_path, series


def evidence(decision: Decision) -> dict[str, float]:
    assert decision.item is not None
    return {piece.name: piece.weight for piece in decision.item.evidence}


def matched(decision: Decision) -> tuple[ItemType, int]:
    assert decision.outcome is Outcome.MATCH and decision.item is not None, decision.would_match_if
    return decision.item.type, decision.item.tmdb_id


async def test_a_film_with_its_year_is_matched_with_one_question() -> None:
    provider = InMemoryProvider(film(603, "The Matrix", 1999), film(604, "The Matrix Reloaded", 2003))
    decision = await decide(film_path("The Matrix", 1999, part=2, edition="Extended"), provider)
    assert matched(decision) == (ItemType.MOVIE, 603)
    assert (decision.role, decision.part, decision.edition) == (Role.FEATURE, 2, "Extended")
    assert decision.probability is not None and decision.probability > 0.99
    assert evidence(decision)["title"] > 0 and evidence(decision)["year"] > 0
    assert provider.asked == ["search movie The Matrix 1999"]


async def test_an_episode_is_matched_with_two_questions() -> None:
    provider = InMemoryProvider(series(1, "Lost", 2004, [24, 23]))
    decision = await decide(episode_path("Lost", 2, 3), provider)
    assert matched(decision) == (ItemType.SERIES, 1)
    assert decision.item is not None and decision.item.episodes == (EpisodeNumber(2, 3),)
    assert decision.role is Role.EPISODE and evidence(decision)["episode_exists"] > 0
    assert provider.asked == ["search series Lost", "item series 1"]


async def test_siblings_ask_in_the_same_words() -> None:
    questions: list[list[str]] = []
    for number in (1, 2, 3):
        provider = InMemoryProvider(series(1, "Lost", 2004, [24]))
        await decide(episode_path("Lost", 1, number), provider)
        questions.append(provider.asked)
    assert questions[0] == questions[1] == questions[2]


async def test_a_year_beside_the_right_one_is_forgiven() -> None:
    provider = InMemoryProvider(film(1, "Horrible Bosses", 2011), film(2, "Horrible Bosses 2", 2014))
    assert matched(await decide(film_path("Horrible Bosses", 2010), provider)) == (ItemType.MOVIE, 1)


async def test_the_year_tells_remakes_apart() -> None:
    provider = InMemoryProvider(
        film(1, "Shaft", 1971, votes=90), film(2, "Shaft", 2000, votes=900), film(3, "Shaft", 2019)
    )
    assert matched(await decide(film_path("Shaft", 1971), provider)) == (ItemType.MOVIE, 1)


async def test_a_title_with_a_slip_is_found_by_respelling() -> None:
    provider = InMemoryProvider(film(1, "The Legend of Tarzan", 2016), film(2, "Tarzan", 2016))
    decision = await decide(film_path("The Legned of Tarzan", 2016), provider)
    assert matched(decision) == (ItemType.MOVIE, 1)


@pytest.mark.parametrize("written", ["Rocky 3", "Rocky III", "rocky three"])
async def test_numbers_may_be_written_another_way(written: str) -> None:
    provider = InMemoryProvider(film(1, "Rocky", 1976), film(3, "Rocky III", 1982))
    assert matched(await decide(film_path(written, 1982), provider)) == (ItemType.MOVIE, 3)


async def test_an_alternative_title_counts_once_the_title_was_looked_at() -> None:
    provider = InMemoryProvider(film(1, "Spirited Away", 2001, also=["Sen to Chihiro no kamikakushi"]))
    decision = await decide(film_path("Sen to Chihiro no Kamikakushi", 2001), provider)
    assert matched(decision) == (ItemType.MOVIE, 1)
    assert "item movie 1" in provider.asked


async def test_a_year_can_be_a_part_of_the_title() -> None:
    provider = InMemoryProvider(film(1, "Blade Runner 2049", 2017), film(2, "Blade Runner", 1982))
    decision = await decide(film_path("Blade Runner", 2049, path="Blade Runner 2049.mkv"), provider)
    assert matched(decision) == (ItemType.MOVIE, 1)


async def test_the_title_that_the_name_goes_on_to_say_beats_its_beginning() -> None:
    provider = InMemoryProvider(series(1, "NCIS", 2003, [24], votes=2000), series(2, "NCIS: Hawai'i", 2021, [22]))
    path = "TV/NCIS- Hawai'i/Season 1/S01E03.mkv"
    decision = await decide(episode_path("NCIS", 1, 3, path=path), provider)
    assert matched(decision) == (ItemType.SERIES, 2)


async def test_a_shorter_title_is_not_matched_to_a_name_that_says_more() -> None:
    titles = (
        TitleGuess(text="Farscape - The Peacekeeper Wars", source="file"),
        TitleGuess(text="Farscape", source="alternative"),
    )
    provider = InMemoryProvider(series(1, "Farscape", 1999, [22]))
    decision = await decide(
        episode_path("", 1, 3, titles=titles, path="Farscape - The Peacekeeper Wars S01E03.mkv"), provider
    )
    assert decision.outcome is Outcome.NO_MATCH


async def test_the_folder_names_the_film_where_the_file_does_not() -> None:
    titles = (TitleGuess(text="B1 t00", source="file"), TitleGuess(text="Baby Driver", source="folder", year=2017))
    provider = InMemoryProvider(film(1, "Baby Driver", 2017))
    assert matched(await decide(film_path("", titles=titles, path="BABY_DRIVER_2017/B1_t00.mkv"), provider)) == (
        ItemType.MOVIE,
        1,
    )


async def test_a_folder_that_agrees_makes_it_surer() -> None:
    titles = (TitleGuess(text="Fight Club", source="file"), TitleGuess(text="The Fight Club", source="folder"))
    provider = InMemoryProvider(film(1, "Fight Club", 1999))
    decision = await decide(film_path("", titles=titles, path="The Fight Club/Fight Club.mkv"), provider)
    assert evidence(decision)["names"] > 0


async def test_the_episode_that_exists_tells_namesakes_apart() -> None:
    provider = InMemoryProvider(series(1, "The Office", 2001, [6, 6]), series(2, "The Office", 2005, [6, 22, 25]))
    decision = await decide(episode_path("The Office", 2, 17), provider)
    assert matched(decision) == (ItemType.SERIES, 2)


async def test_the_episode_title_tells_namesakes_apart() -> None:
    provider = InMemoryProvider(
        series(1, "MacGyver", 1985, [22, 22], episode_titles={(2, 10): "Silent World"}),
        series(2, "MacGyver", 2016, [21, 23], episode_titles={(2, 10): "War Room"}),
    )
    assert matched(await decide(episode_path("MacGyver", 2, 10, episode_title="War Room"), provider)) == (
        ItemType.SERIES,
        2,
    )


async def test_an_absolute_number_becomes_season_and_episode() -> None:
    provider = InMemoryProvider(series(1, "Frieren", 2023, [24, 28]))
    decision = await decide(episode_path("Frieren", absolute_episodes=(43,)), provider)
    assert decision.item is not None and decision.item.episodes == (EpisodeNumber(2, 19),)


async def test_a_dated_episode_is_found_by_its_day() -> None:
    provider = InMemoryProvider(series(1, "The Grand Tour", 2016, [13, 11]))
    decision = await decide(episode_path("The Grand Tour", air_date=date(2017, 1, 15)), provider)
    assert decision.item is not None and decision.item.episodes == (EpisodeNumber(2, 3),)
    assert evidence(decision)["air_date"] > 0


async def test_a_film_whose_number_was_taken_for_an_episode_is_still_a_film() -> None:
    provider = InMemoryProvider(film(1, "Open Season", 2006), film(2, "Open Season 2", 2008))
    parsed = episode_path("Open Season", None, absolute_episodes=(2,), year=2008, path="Movies/Open.Season.2.2008.mkv")
    assert matched(await decide(parsed, provider)) == (ItemType.MOVIE, 2)


async def test_a_film_of_the_same_name_does_not_stand_against_an_episode() -> None:
    provider = InMemoryProvider(
        film(1, "Attack on Titan", 2015, votes=900), series(2, "Attack on Titan", 2013, [25, 12])
    )
    decision = await decide(episode_path("Attack on Titan", absolute_episodes=(30,)), provider)
    assert matched(decision) == (ItemType.SERIES, 2)


async def test_the_kind_of_library_restricts_the_type() -> None:
    provider = InMemoryProvider(film(1, "Fargo", 1996), series(2, "Fargo", 2014, [10]))
    bare = film_path("Fargo", type=None, path="Fargo.mkv")
    assert matched(await decide(bare, provider, Known(kind="movies"))) == (ItemType.MOVIE, 1)
    as_series = await decide(bare, provider, Known(kind="series"))
    assert as_series.outcome is Outcome.NO_MATCH
    assert {suggestion.type for suggestion in as_series.suggestions} == {ItemType.SERIES}


async def test_a_single_word_is_believed_where_somebody_vouches_for_films() -> None:
    provider = InMemoryProvider(film(1, "Beach", 2000, votes=60))
    bare = film_path("Beach", path="Beach.mp4")
    assert (await decide(bare, provider)).outcome is Outcome.NO_MATCH
    assert matched(await decide(bare, provider, Known(kind="movies"))) == (ItemType.MOVIE, 1)
    released = film_path("Beach", path="Beach.1080p.BluRay.x264-GRP.mp4")
    assert matched(await decide(released, provider)) == (ItemType.MOVIE, 1)


async def test_a_name_with_a_day_is_taken_for_a_private_recording() -> None:
    provider = InMemoryProvider(film(1, "The Wedding Party", 2016))
    private = film_path("The Wedding Party", path="2015-06-12 The Wedding Party.mov")
    assert (await decide(private, provider)).outcome is Outcome.NO_MATCH


async def test_certain_episodes_are_episodes_in_a_library_of_films_too() -> None:
    provider = InMemoryProvider(film(1, "Fargo", 1996), series(2, "Fargo", 2014, [10]))
    assert matched(await decide(episode_path("Fargo", 1, 3), provider, Known(kind="movies"))) == (ItemType.SERIES, 2)


@pytest.mark.parametrize("role", [Role.EXTRA, Role.SAMPLE])
async def test_extras_and_samples_are_matched_with_their_role(role: Role) -> None:
    titles = (TitleGuess(text="Hugo", source="folder", year=2011),)
    provider = InMemoryProvider(film(1, "Hugo", 2011))
    parsed = film_path(
        "", type=None, titles=titles, role=role, role_rule='folder "Extras"', path="Hugo (2011)/Extras/a.mkv"
    )
    decision = await decide(parsed, provider)
    assert matched(decision) == (ItemType.MOVIE, 1) and decision.role is role


async def test_extras_of_a_series_need_no_episode() -> None:
    titles = (TitleGuess(text="Supergirl", source="folder", year=2015),)
    provider = InMemoryProvider(film(1, "Supergirl", 1984), series(2, "Supergirl", 2015, [20]))
    parsed = film_path("", type=None, titles=titles, role=Role.EXTRA, path="TV/Supergirl (2015)/Featurettes/On set.mkv")
    decision = await decide(parsed, provider)
    assert matched(decision) == (ItemType.SERIES, 2)
    assert decision.item is not None and decision.item.episodes == ()


async def test_an_extra_of_nothing_known_is_ignored_by_its_rule() -> None:
    parsed = film_path("", type=None, role=Role.EXTRA, role_rule='suffix "-trailer"', path="a-trailer.mkv")
    decision = await decide(parsed, InMemoryProvider())
    assert (decision.outcome, decision.ignore_rule, decision.role) == (Outcome.IGNORE, 'suffix "-trailer"', Role.EXTRA)


async def test_a_provider_that_cannot_be_asked_decides_nothing() -> None:
    with pytest.raises(ProviderUnavailable):
        await decide(film_path("Heat", 1995), InMemoryProvider(film(1, "Heat", 1995), down=True))


async def test_an_answer_that_cannot_be_read_is_noted_and_others_are_asked() -> None:
    provider = InMemoryProvider(film(1, "Heat", 1995), misbehaves_on="search movie Heat 1995")
    decision = await decide(film_path("Heat", 1995), provider)
    assert matched(decision) == (ItemType.MOVIE, 1)
    assert decision.notes == ('the search for "Heat" failed: half an answer',)


async def test_a_series_whose_episodes_cannot_be_read_is_not_matched() -> None:
    provider = InMemoryProvider(series(1, "Lost", 2004, [24]), misbehaves_on="item")
    decision = await decide(episode_path("Lost", 1, 3), provider)
    assert decision.outcome is Outcome.NO_MATCH and decision.would_match_if is not None
    assert "could not be looked up" in decision.would_match_if


async def test_the_threshold_is_a_probability() -> None:
    provider = InMemoryProvider(film(1, "Heat", 1995, votes=5000), film(2, "Heat", 1986, votes=20))
    unsure = await decide(film_path("Heat"), provider)
    assert unsure.outcome is Outcome.NO_MATCH
    assert matched(await decide(film_path("Heat"), provider, threshold=0.5)) == (ItemType.MOVIE, 1)


async def test_a_sure_title_without_episode_is_no_match_in_any_type_of_reading() -> None:
    provider = InMemoryProvider(series(1, "Lost", 2004, [24]))
    decision = await decide(film_path("Lost", type=ParsedType.EPISODE, seasons=(1,)), provider)
    assert decision.outcome is Outcome.NO_MATCH and decision.suggestions[0].tmdb_id == 1

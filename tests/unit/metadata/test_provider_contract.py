"""What every provider promises, tried on each of them."""

import asyncio
from datetime import date

import pytest

from mediastead.catalog.types import ItemType
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.metadata.errors import ItemNotFound, OrderNotFound
from mediastead.metadata.provider import CatalogProvider

MOVIE, SERIES = ItemType.MOVIE, ItemType.SERIES


@pytest.fixture(params=["bundled", "tmdb"])
def provider(request: pytest.FixtureRequest) -> CatalogProvider:
    return BundledCatalogue() if request.param == "bundled" else request.getfixturevalue("tmdb")


def test_it_keeps_the_interface(provider: CatalogProvider):
    assert isinstance(provider, CatalogProvider)
    assert provider.name in ("bundled", "tmdb")


async def test_words_of_a_title_find_it(provider: CatalogProvider):
    best = (await provider.search(MOVIE, "the matrix"))[0]
    assert (best.type, best.tmdb_id, best.title, best.year) == (MOVIE, 603, "The Matrix", 1999)


@pytest.mark.parametrize("query", ["matr", "MATRIX", "the Matrix!", "mat the"])
async def test_beginnings_of_words_in_any_case_and_order_find_it(provider: CatalogProvider, query: str):
    assert 603 in [hit.tmdb_id for hit in await provider.search(MOVIE, query)]


@pytest.mark.parametrize("query", ["千と千尋の神隠し", "Sen to Chihiro"])
async def test_the_original_and_other_titles_find_it(provider: CatalogProvider, query: str):
    assert [hit.tmdb_id for hit in await provider.search(MOVIE, query)] == [129]


async def test_a_year_leaves_only_titles_of_that_year(provider: CatalogProvider):
    every = {hit.tmdb_id: hit.year for hit in await provider.search(MOVIE, "Robin Hood")}
    assert every == {11886: 1973, 20662: 2010, 375588: 2018}
    assert [hit.tmdb_id for hit in await provider.search(MOVIE, "Robin Hood", year=2010)] == [20662]
    assert await provider.search(MOVIE, "Robin Hood", year=2011) == []
    assert [hit.tmdb_id for hit in await provider.search(SERIES, "Game of Thrones", year=2011)] == [1399]


async def test_films_and_series_are_apart(provider: CatalogProvider):
    assert await provider.search(MOVIE, "Game of Thrones") == []
    assert [hit.type for hit in await provider.search(SERIES, "Game of Thrones")] == [SERIES]


@pytest.mark.parametrize("query", ["", "   ", "zzzqqq"])
async def test_nothing_is_found_with_an_empty_list(provider: CatalogProvider, query: str):
    assert await provider.search(MOVIE, query) == []


@pytest.mark.parametrize("query", ["of", "the"])
async def test_a_search_gives_twenty_at_most(provider: CatalogProvider, query: str):
    assert 0 < len(await provider.search(MOVIE, query)) <= 20


async def test_a_film_has_its_facts(provider: CatalogProvider):
    film = await provider.item(MOVIE, 129)
    assert (film.type, film.tmdb_id, film.title, film.original_title) == (
        MOVIE,
        129,
        "Spirited Away",
        "千と千尋の神隠し",
    )
    assert (film.year, film.runtime, film.external_ids["imdb"]) == (2001, 125, "tt0245429")
    assert "Sen to Chihiro no kamikakushi" in film.alternative_titles
    assert film.seasons == () and not film.ended


async def test_other_titles_leave_out_the_titles_themselves(provider: CatalogProvider):
    for tmdb_id in (603, 129):
        film = await provider.item(MOVIE, tmdb_id)
        assert not {film.title, film.original_title, ""} & set(film.alternative_titles)
        assert len(set(film.alternative_titles)) == len(film.alternative_titles)


async def test_a_series_has_all_seasons_with_their_episodes(provider: CatalogProvider):
    series = await provider.item(SERIES, 1399)
    assert (series.title, series.year, series.release_date) == ("Game of Thrones", 2011, date(2011, 4, 17))
    counts = {season.number: [episode.number for episode in season.episodes] for season in series.seasons}
    assert list(counts) == sorted(counts) == list(range(9))
    assert counts[8] == [1, 2, 3, 4, 5, 6] and len(counts[0]) == 35


@pytest.mark.parametrize(
    ("type", "tmdb_id"), [(MOVIE, 999_999_999), (SERIES, 999_999_999), (SERIES, 603), (MOVIE, 1399)]
)
async def test_an_unknown_id_is_not_found(provider: CatalogProvider, type: ItemType, tmdb_id: int):
    with pytest.raises(ItemNotFound):
        await provider.item(type, tmdb_id)


async def test_an_id_elsewhere_finds_its_title(provider: CatalogProvider):
    assert [(hit.type, hit.tmdb_id) for hit in await provider.find("imdb", "tt0133093")] == [(MOVIE, 603)]
    assert await provider.find("imdb", "tt9999999") == []
    assert await provider.find("tvdb", "999999999") == []


async def test_the_same_question_asked_many_times_at_once_has_one_answer(provider: CatalogProvider):
    answers = await asyncio.gather(*(provider.search(MOVIE, "robin hood") for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)


async def test_fresh_facts_are_the_same_facts(provider: CatalogProvider):
    assert await provider.fresh_item(MOVIE, 603) == await provider.item(MOVIE, 603)


async def test_orders_that_are_offered_can_be_had_whole(provider: CatalogProvider):
    facts = await provider.item(SERIES, 1399)
    known = {(season.number, episode.number) for season in facts.seasons for episode in season.episodes}
    for offered in await provider.orders(1399):
        order = await provider.order(offered.group_id)
        assert (order.group_id, order.name, order.type) == (offered.group_id, offered.name, offered.type)
        assert len(order.parts) == offered.parts
        episodes = [episode for part in order.parts for episode in part.episodes]
        assert len(episodes) == offered.episodes
        assert known >= {(episode.season, episode.number) for episode in episodes}
        assert all([each.order for each in part.episodes] == list(range(len(part.episodes))) for part in order.parts)


async def test_a_series_that_is_not_there_has_no_orders(provider: CatalogProvider):
    assert await provider.orders(999_999_999) == []


@pytest.mark.parametrize("group_id", ["5acf93e60e0a26346d00ffff", "../1399", "", "é" * 24])
async def test_an_unknown_order_is_not_found(provider: CatalogProvider, group_id: str):
    with pytest.raises(OrderNotFound):
        await provider.order(group_id)


async def test_every_question_is_counted(provider: CatalogProvider):
    await provider.search(MOVIE, "matrix")
    await provider.item(MOVIE, 603)
    await provider.find("imdb", "tt0133093")
    await provider.orders(1399)
    assert provider.calls == 4


async def test_nothing_is_known_against_it(provider: CatalogProvider):
    assert await provider.refusal() is None

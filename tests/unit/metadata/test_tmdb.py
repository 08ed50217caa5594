"""How TMDB is asked: in how many requests, with which words and headers, and what becomes of its answers."""

import asyncio
import json
from collections.abc import Callable
from datetime import date

import pytest

from mediastead.catalog.types import ItemType
from mediastead.metadata.errors import ProviderMisbehaved, ProviderTrouble, ProviderUnavailable
from mediastead.metadata.pace import Pace
from mediastead.metadata.tmdb import Tmdb
from mediastead.settings import Secret

from ...standin import KEY, TOKEN, Said, StandIn

MOVIE, SERIES = ItemType.MOVIE, ItemType.SERIES


async def test_most_series_take_one_request(tmdb: Tmdb, standin: StandIn):
    await tmdb.item(SERIES, 1399)
    assert [asked.path for asked in standin.asked] == ["/3/tv/1399"]
    appended = standin.asked[0].query["append_to_response"].split(",")
    assert len(appended) == 20
    assert appended[:4] == ["alternative_titles", "translations", "external_ids", "season/0"]
    assert appended[-1] == "season/16"


async def test_further_seasons_come_twenty_a_request(tmdb: Tmdb, standin: StandIn):
    series = await tmdb.item(SERIES, 456)
    assert [season.number for season in series.seasons] == list(range(39))
    assert all(len(season.episodes) == 2 for season in series.seasons)
    lots = [asked.query["append_to_response"].split(",") for asked in standin.asked]
    assert [lot[0] for lot in lots[1:]] == ["season/17", "season/37"]
    assert [len(lot) for lot in lots] == [20, 20, 2]


async def test_seasons_that_are_called_by_the_year_are_asked_by_their_number(tmdb: Tmdb, standin: StandIn):
    series = await tmdb.item(SERIES, 457)
    assert {season.number: len(season.episodes) for season in series.seasons} == {2015: 3, 2016: 1}
    assert standin.asked[1].query["append_to_response"] == "season/2015,season/2016"


async def test_a_listed_season_that_never_comes_keeps_its_place(tmdb: Tmdb, standin: StandIn):
    listed = [{"season_number": 1, "name": "One"}, {"season_number": 2, "name": "Two"}]
    answer = {
        "id": 5,
        "name": "Odd",
        "seasons": listed,
        "season/1": {"season_number": 1, "episodes": [{"episode_number": 1}]},
    }
    standin.misbehave(Said(200, json.dumps(answer).encode()), Said(200, json.dumps(answer).encode()))
    series = await tmdb.item(SERIES, 5)
    assert [(season.number, len(season.episodes)) for season in series.seasons] == [(1, 1), (2, 0)]


async def test_facts_of_a_film_are_what_tmdb_says(tmdb: Tmdb):
    film = await tmdb.item(MOVIE, 129)
    assert film.original_language == "ja"
    assert film.alternative_titles == ("Sen to Chihiro no kamikakushi", "Chihiros Reise ins Zauberland")
    assert film.release_date == date(2001, 7, 20)
    assert film.genres == ("Drama",)
    assert film.cast == ("First", "Second")
    assert film.director == "Who Said So"
    assert (film.rating, film.vote_count, film.popularity) == (8.1, 1000, 12.5)
    assert film.poster == "/129.jpg" and film.overview == "About Spirited Away."


async def test_facts_of_a_series_are_what_tmdb_says(tmdb: Tmdb):
    ended, running = await tmdb.item(SERIES, 1399), await tmdb.item(SERIES, 456)
    assert ended.ended and not running.ended
    assert ended.external_ids == {"imdb": "tt0944947", "tvdb": "121361"}
    first, second = ended.seasons[1].episodes[:2]
    assert (first.number, first.title, first.air_date, first.runtime) == (1, "Episode 1", date(2001, 1, 2), 50)
    assert second.air_date is None and second.overview is None


@pytest.mark.parametrize("day", ["", "0000-00-00", None, "1999", "soon"])
async def test_a_day_that_is_none_is_unknown(tmdb: Tmdb, standin: StandIn, day: str | None):
    standin.misbehave(Said(200, json.dumps({"id": 5, "title": "T", "release_date": day}).encode()))
    film = await tmdb.item(MOVIE, 5)
    assert (film.release_date, film.year) == (None, None)


async def test_an_id_at_tvdb_finds_the_series(tmdb: Tmdb, standin: StandIn):
    assert [hit.tmdb_id for hit in await tmdb.find("tvdb", "121361")] == [1399]
    assert standin.asked[0].query["external_source"] == "tvdb_id"


async def test_a_source_that_tmdb_does_not_know_is_not_asked_for(tmdb: Tmdb, standin: StandIn):
    assert await tmdb.find("letterboxd", "1") == []
    assert await tmdb.find("imdb", "../../account") == []
    assert standin.asked == []


async def test_the_language_goes_with_every_question(make_tmdb: Callable[..., Tmdb], standin: StandIn):
    german = make_tmdb(language="de-DE")
    await german.search(MOVIE, "matrix")
    await german.item(MOVIE, 603)
    await german.item(SERIES, 456)
    await german.find("imdb", "tt0133093")
    assert {asked.query["language"] for asked in standin.asked} == {"de-DE"}


async def test_any_letters_may_be_searched_for(tmdb: Tmdb, standin: StandIn):
    for query in ("50% & more? #1", "a/b\\c", "ünïcode 千", "api_key=x&query=y"):
        await tmdb.search(MOVIE, query)
        assert standin.asked[-1].query["query"] == query


async def test_a_hit_without_a_title_is_left_out(tmdb: Tmdb, standin: StandIn):
    hits = [
        {"id": 1, "title": ""},
        {"id": 2, "title": "", "original_title": "Gattaca"},
        {"id": 3, "title": "NUL\0 byte"},
    ]
    standin.misbehave(Said(200, json.dumps({"results": hits}).encode()))
    assert [(hit.tmdb_id, hit.title) for hit in await tmdb.search(MOVIE, "x")] == [(2, "Gattaca"), (3, "NUL byte")]


async def test_a_v3_key_is_a_parameter_and_a_v4_token_a_header(make_tmdb: Callable[..., Tmdb], standin: StandIn):
    await make_tmdb(KEY).search(MOVIE, "matrix")
    await make_tmdb(TOKEN).search(MOVIE, "matrix")
    by_key, by_token = standin.asked
    assert by_key.query["api_key"] == KEY and "authorization" not in by_key.headers
    assert by_token.headers["authorization"] == f"Bearer {TOKEN}" and "api_key" not in by_token.query


async def test_the_environment_gives_neither_key_nor_login(
    make_tmdb: Callable[..., Tmdb], standin: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path
):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setattr("tmdbsimple.API_KEY", "of-somebody-else")
    monkeypatch.setattr("tmdbsimple.USE_BEARER_AUTH", True)
    await make_tmdb(KEY).search(MOVIE, "matrix")
    assert standin.asked[0].query["api_key"] == KEY
    assert "authorization" not in standin.asked[0].headers


async def test_two_providers_in_one_process_share_nothing(make_tmdb: Callable[..., Tmdb], standin: StandIn):
    good, bad = make_tmdb(KEY), make_tmdb("f" * 32)
    results = await asyncio.gather(
        *(tmdb.search(MOVIE, "matrix") for _ in range(10) for tmdb in (good, bad)), return_exceptions=True
    )
    assert [isinstance(result, ProviderUnavailable) for result in results] == [False, True] * 10


async def test_connections_are_kept(tmdb: Tmdb, standin: StandIn):
    for _ in range(5):
        await tmdb.search(MOVIE, "matrix")
    assert len({asked.client for asked in standin.asked}) == 1
    assert all(asked.headers.get("connection") != "close" for asked in standin.asked)


async def test_no_cookie_is_kept(tmdb: Tmdb, standin: StandIn):
    standin.misbehave(Said(200, b'{"results": []}', Set_Cookie="a=b"))
    for _ in range(2):
        await tmdb.search(MOVIE, "matrix")
    assert "cookie" not in standin.asked[1].headers


async def test_the_rate_is_one_for_all_threads(standin: StandIn):
    slept: list[float] = []
    pace = Pace(rate=10, monotonic=lambda: 100.0, sleep=slept.append)
    tmdb = Tmdb(Secret(KEY), base_url=standin.base_url, pace=pace)
    await asyncio.gather(*(tmdb.search(MOVIE, "matrix") for _ in range(6)))
    tmdb.close()
    assert sorted(slept) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])


async def test_without_a_key_nothing_is_asked_and_the_setting_is_named(
    make_tmdb: Callable[..., Tmdb], standin: StandIn
):
    tmdb = make_tmdb(None)
    with pytest.raises(ProviderUnavailable, match="MEDIASTEAD_TMDB_API_KEY") as refused:
        await tmdb.search(MOVIE, "matrix")
    assert refused.value.trouble is ProviderTrouble.NOT_CONFIGURED
    assert standin.asked == [] and tmdb.calls == 0


@pytest.mark.parametrize("key", ["line\nbreak", "spa ce", "schlüssel"])
async def test_a_key_that_cannot_be_one_is_not_sent(make_tmdb: Callable[..., Tmdb], standin: StandIn, key: str):
    with pytest.raises(ProviderUnavailable) as refused:
        await make_tmdb(key).search(MOVIE, "matrix")
    assert refused.value.trouble is ProviderTrouble.UNAUTHORIZED
    assert standin.asked == [] and key not in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        {"results": [{"id": "603", "title": "T"}]},
        {"results": {"id": 603}},
        {"results": [{"id": 2**70, "title": "T"}]},
        {"results": [{"id": 603, "title": ["T"]}]},
        {"no_results": 1},
        [1, 2],
        "text",
        None,
    ],
)
async def test_an_answer_of_another_shape_is_not_taken(tmdb: Tmdb, standin: StandIn, answer: object):
    standin.always = Said(200, json.dumps(answer).encode())
    with pytest.raises(ProviderMisbehaved):
        await tmdb.search(MOVIE, "matrix")


async def test_orders_are_tmdbs_episode_groups(tmdb: Tmdb, standin: StandIn):
    offered = await tmdb.orders(1399)
    assert [(each.name, each.type.value, each.parts, each.episodes) for each in offered] == [
        ("DVD Order", "dvd", 3, 22),
        ("Absolute Order", "absolute", 2, 31),
        ("Story Arcs", "story_arc", 2, 4),
    ]
    order = await tmdb.order(offered[0].group_id)
    assert [(part.order, part.name, len(part.episodes)) for part in order.parts] == [
        (0, "Specials", 2),
        (1, "Season 1", 8),
        (2, "Season 2", 12),
    ]
    assert [asked.path for asked in standin.asked] == [
        "/3/tv/1399/episode_groups",
        f"/3/tv/episode_group/{order.group_id}",
    ]


async def test_a_group_of_a_type_that_nobody_documents_is_not_offered(tmdb: Tmdb, standin: StandIn):
    groups = {"id": 5, "results": [{"id": "a", "type": 8, "name": "New"}, {"id": "b", "type": 3, "name": " "}]}
    standin.misbehave(Said(200, json.dumps(groups).encode()))
    assert [(each.group_id, each.name) for each in await tmdb.orders(5)] == [("b", "dvd")]

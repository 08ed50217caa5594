"""Answers that are well-formed and strange: nothing that TMDB says ends in anything but facts, candidates or a told trouble."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from mediastead.catalog.types import ItemType
from mediastead.metadata.errors import ItemNotFound, ProviderMisbehaved, ProviderTrouble, ProviderUnavailable
from mediastead.metadata.facts import ItemFacts
from mediastead.metadata.tmdb import UNREADABLE_TRIES, Tmdb

from ...standin import Broken, CutOff, Fault, Redirected, Reset, Said, Silent, StandIn

MOVIE, SERIES = ItemType.MOVIE, ItemType.SERIES
FOREIGN_404 = Said(404, b"<!DOCTYPE html><title>404 Not Found</title>", Content_Type="text/html")
LONG = "A Very " * 2857 + "L"


def said(body: object) -> Said:
    return Said(200, json.dumps(body).encode())


def film(**over: Any) -> Said:
    return said({"id": 603, "title": "The Matrix", "release_date": "1999-03-30"} | over)


@pytest.mark.parametrize(
    ("fault", "trouble", "asked"),
    [
        (Broken(500), ProviderTrouble.DOWN, 7),
        (CutOff(), None, UNREADABLE_TRIES),
        (Silent(), ProviderTrouble.DOWN, 7),
        (Reset(), ProviderTrouble.DOWN, 7),
        (Said(429), ProviderTrouble.LIMITED, 7),
        (Redirected("http://127.0.0.1:9/3/movie/603"), ProviderTrouble.DOWN, 1),
        (FOREIGN_404, ProviderTrouble.DOWN, 1),
        (Said(404, b""), ProviderTrouble.DOWN, 1),
        (Said(404, b'{"status_code": 7}'), ProviderTrouble.DOWN, 1),
        (Said(200, b"<html>Sign in</html>", Content_Type="text/html"), None, UNREADABLE_TRIES),
        (Said(200, b""), None, UNREADABLE_TRIES),
        (Said(200, b"null"), None, UNREADABLE_TRIES),
        (said([]), None, UNREADABLE_TRIES),
        (film(id=None), None, UNREADABLE_TRIES),
        (film(id=-603), None, UNREADABLE_TRIES),
        (film(id=10**30), None, UNREADABLE_TRIES),
        (film(title=None), None, UNREADABLE_TRIES),
        (film(title={"en": "The Matrix"}), None, UNREADABLE_TRIES),
        (film(runtime=10**12), None, UNREADABLE_TRIES),
        (film(runtime=-1), None, UNREADABLE_TRIES),
        (film(runtime="136"), None, UNREADABLE_TRIES),
        (film(vote_average=[8.1]), None, UNREADABLE_TRIES),
        (Said(200, b'{"id": 603, "title": "T", "popularity": 1e999}'), None, UNREADABLE_TRIES),
        (Said(200, b'{"id": 603, "title": "T", "popularity": NaN}'), None, UNREADABLE_TRIES),
    ],
    ids=lambda given: f"{type(given).__name__} {vars(given)}"[:70] if hasattr(given, "answer") else None,
)
async def test_an_answer_that_is_none_never_says_that_a_title_is_gone(
    tmdb: Tmdb, standin: StandIn, fault: Fault, trouble: ProviderTrouble | None, asked: int
):
    """`trouble` None: of this one question, not of TMDB."""
    standin.always = fault
    with pytest.raises((ProviderUnavailable, ProviderMisbehaved)) as raised:
        await tmdb.item(MOVIE, 603)
    assert getattr(raised.value, "trouble", None) is trouble
    assert len(standin.asked) == asked


@pytest.mark.parametrize("status_code", [6, 34])
async def test_only_tmdbs_own_words_say_that_a_title_is_gone(tmdb: Tmdb, standin: StandIn, status_code: int):
    standin.always = Said(404, json.dumps({"status_code": status_code, "success": False}).encode())
    with pytest.raises(ItemNotFound):
        await tmdb.item(MOVIE, 603)


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({"release_date": "0000-00-00"}, lambda facts: facts.release_date is None and facts.year is None),
        ({"release_date": "1999-02-31"}, lambda facts: facts.year is None),
        ({"release_date": "99999-01-01"}, lambda facts: facts.year is None),
        ({"release_date": "soon"}, lambda facts: facts.year is None),
        ({"release_date": "9999-12-31"}, lambda facts: facts.release_date == date(9999, 12, 31)),
        ({"runtime": 0, "vote_average": 0, "vote_count": 0}, lambda facts: facts.runtime is facts.rating is None),
        ({"title": LONG}, lambda facts: facts.title == LONG),
        ({"title": " \0 ", "original_title": "千と"}, lambda facts: facts.title == "千と"),
        (
            dict.fromkeys(("overview", "original_title", "poster_path", "popularity", "vote_count", "status")),
            lambda facts: facts.overview is None and facts.poster is None and facts.popularity == 0,
        ),
        ({"credits": {"cast": [{"name": None}, {"name": "B", "order": None}]}}, lambda facts: facts.cast == ("B",)),
        ({"external_ids": {"imdb_id": "t" * 20_000}}, lambda facts: facts.external_ids == {}),
        ({"unheard": {"of": [1]}}, lambda facts: facts.title == "The Matrix"),
    ],
)
async def test_what_is_absurd_in_a_title_is_left_out_and_the_rest_is_taken(
    tmdb: Tmdb, standin: StandIn, over: dict[str, Any], told: Callable[[ItemFacts], bool]
):
    standin.always = film(**over)
    facts = await tmdb.item(MOVIE, 603)
    assert told(facts), facts
    assert len(standin.asked) == 1


async def test_a_season_or_episode_that_comes_twice_is_one(tmdb: Tmdb, standin: StandIn):
    episodes = [{"episode_number": 1, "name": "Old"}, {"episode_number": 1, "name": "New"}]
    first = {"season_number": 1, "episodes": episodes}
    series = {"id": 5, "name": "Twice", "seasons": [{"season_number": 1}, {"season_number": 1}], "season/1": first}
    standin.always = said(series)
    [season] = (await tmdb.item(SERIES, 5)).seasons
    assert [(each.number, each.title) for each in season.episodes] == [(1, "New")]


HIT = {"id": 603, "title": "The Matrix"}


@pytest.mark.parametrize(
    "answer",
    [
        {"page": 1, "total_pages": 10**9, "total_results": 10**10, "results": [HIT]},
        {"page": 7, "total_pages": 0, "total_results": -1, "results": [HIT]},
        {"page": 1, "total_pages": 2, "results": [HIT, HIT, HIT | {"title": "The Matrix again"}]},
        {"page": "one", "total_pages": None, "results": [HIT]},
    ],
)
async def test_a_search_takes_its_first_page_whatever_is_said_of_pages_and_each_id_once(
    tmdb: Tmdb, standin: StandIn, answer: dict[str, Any]
):
    standin.always = said(answer)
    assert [(hit.tmdb_id, hit.title) for hit in await tmdb.search(MOVIE, "matrix")] == [(603, "The Matrix")]
    assert len(standin.asked) == 1


@pytest.mark.parametrize("results", [[None], [HIT, None], [{"id": None, "title": "T"}], [{"title": "T"}], None, [[]]])
async def test_a_search_with_a_hit_that_is_none_is_not_taken(tmdb: Tmdb, standin: StandIn, results: object):
    standin.always = said({"results": results})
    with pytest.raises(ProviderMisbehaved):
        await tmdb.search(MOVIE, "matrix")


@pytest.mark.parametrize("day", ["0000-00-00", "1999-13-01", "-1", "2001-01-01T00:00:00Z"])
async def test_a_hit_with_a_strange_day_or_long_name_is_still_a_hit(tmdb: Tmdb, standin: StandIn, day: str):
    standin.always = said({"results": [HIT | {"release_date": day, "title": LONG}]})
    [hit] = await tmdb.search(MOVIE, "matrix")
    assert (hit.title, hit.year) == (LONG, None)

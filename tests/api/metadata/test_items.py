"""`/v1/metadata/search` and the changing half of `/v1/items`, over HTTP."""

from typing import Any

import httpx

GAME_OF_THRONES = {"type": "series", "tmdb_id": 1399}


async def made(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/v1/items", json=fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_search_shows_what_a_person_needs(client: httpx.AsyncClient):
    item = await made(client, type="movie", tmdb_id=603)
    answer = await client.get("/v1/metadata/search", params={"query": "matrix", "type": "movie"})
    assert answer.status_code == 200
    found = answer.json()
    first = found["items"][0]
    assert (first["title"], first["year"], first["tmdb_id"], first["item_id"]) == ("The Matrix", 1999, 603, item["id"])
    assert found["items"][1]["item_id"] is None
    assert (found["provider"], found["attribution"]) == ("bundled", None)


async def test_a_search_without_a_type_gives_films_and_series(client: httpx.AsyncClient):
    found = (await client.get("/v1/metadata/search", params={"query": "the"})).json()["items"]
    assert [each["type"] for each in found[:4]] == ["movie", "series", "movie", "series"]


async def test_an_imdb_id_may_be_searched_for(client: httpx.AsyncClient):
    for kind, expected in ((None, [603]), ("movie", [603]), ("series", [])):
        params = {"query": "tt0133093"} | ({"type": kind} if kind else {})
        found = (await client.get("/v1/metadata/search", params=params)).json()["items"]
        assert [each["tmdb_id"] for each in found] == expected


async def test_a_year_narrows_a_search(client: httpx.AsyncClient):
    found = (await client.get("/v1/metadata/search", params={"query": "robin hood", "year": 2010})).json()["items"]
    assert [each["tmdb_id"] for each in found] == [20662]


async def test_a_search_that_makes_no_sense_is_refused(client: httpx.AsyncClient):
    for params in (
        {},
        {"query": ""},
        {"query": "x" * 201},
        {"query": "x", "type": "song"},
        {"query": "x", "year": "soon"},
        {"query": "x", "year": "1"},
    ):
        refused(params, await client.get("/v1/metadata/search", params=params))


async def test_a_title_is_added_once(client: httpx.AsyncClient):
    first, again = await made(client, **GAME_OF_THRONES), await made(client, **GAME_OF_THRONES)
    assert first == again
    assert (first["title"], first["year"], first["type"], first["tmdb_id"]) == ("Game of Thrones", 2011, "series", 1399)


async def test_a_title_that_the_provider_does_not_have_is_not_found(client: httpx.AsyncClient):
    answer = await client.post("/v1/items", json={"type": "movie", "tmdb_id": 1})
    assert answer.status_code == 404 and answer.json()["detail"]


async def test_a_home_video_is_made_changed_and_given_episodes(client: httpx.AsyncClient):
    item = await made(client, type="series", title="Our Holidays", year=2015)
    assert item["tmdb_id"] is None and item["year"] == 2015
    changed = await client.patch(f"/v1/items/{item['id']}", json={"title": "All Our Holidays", "year": None})
    assert (changed.status_code, changed.json()["title"], changed.json()["year"]) == (200, "All Our Holidays", None)
    season = {"title": "The Sea", "episodes": [{"number": 2, "title": "Rain"}, {"number": 1, "air_date": "2015-07-01"}]}
    put = await client.put(f"/v1/items/{item['id']}/seasons/1", json=season)
    assert put.status_code == 200
    assert [(each["number"], each["title"], each["air_date"]) for each in put.json()["episodes"]] == [
        (1, None, "2015-07-01"),
        (2, "Rain", None),
    ]
    again = await client.put(f"/v1/items/{item['id']}/seasons/1", json=season)
    assert again.json() == put.json()


async def test_an_item_by_hand_is_linked_to_an_id(client: httpx.AsyncClient):
    item = await made(client, type="movie", title="Matriks")
    linked = await client.patch(f"/v1/items/{item['id']}", json={"tmdb_id": 603})
    assert (linked.status_code, linked.json()["id"], linked.json()["title"]) == (200, item["id"], "The Matrix")
    assert linked.json()["external_ids"] == {"imdb": "tt0133093"}


async def test_linking_to_an_id_that_another_item_has_gives_that_item(client: httpx.AsyncClient):
    known, mine = await made(client, type="movie", tmdb_id=603), await made(client, type="movie", title="Matriks")
    merged = await client.patch(f"/v1/items/{mine['id']}", json={"tmdb_id": 603})
    assert (merged.status_code, merged.json()["id"]) == (200, known["id"])
    assert (await client.patch(f"/v1/items/{mine['id']}", json={"title": "x"})).status_code == 404


async def test_an_item_is_refreshed(client: httpx.AsyncClient):
    item = await made(client, **GAME_OF_THRONES)
    answer = await client.post(f"/v1/items/{item['id']}/refresh")
    assert answer.status_code == 200
    assert answer.json() == {"changed": False, "error": None, "item": item}


async def test_what_the_state_of_an_item_does_not_allow_is_a_conflict(client: httpx.AsyncClient):
    known, mine = await made(client, **GAME_OF_THRONES), await made(client, type="movie", title="Mine")
    answers = [
        await client.patch(f"/v1/items/{known['id']}", json={"title": "Mine"}),
        await client.put(f"/v1/items/{known['id']}/seasons/1", json={"episodes": []}),
        await client.post(f"/v1/items/{mine['id']}/refresh"),
    ]
    assert [
        (answer.status_code, answer.json()["type"].rsplit("/", 1)[-1].rsplit(":", 1)[-1]) for answer in answers
    ] == [
        (409, "kept-by-provider"),
        (409, "kept-by-provider"),
        (409, "made-by-hand"),
    ]


async def test_an_item_that_makes_no_sense_is_refused(client: httpx.AsyncClient):
    bodies: list[Any] = [
        {},
        [],
        "text",
        {"type": "movie"},
        {"type": "movie", "title": ""},
        {"type": "movie", "title": "  "},
        {"type": "song", "title": "x"},
        {"type": "movie", "title": "x", "tmdb_id": 603},
        {"type": "movie", "tmdb_id": 0},
        {"type": "movie", "tmdb_id": None},
        {"type": "movie", "tmdb_id": 2**40},
        {"type": "movie", "tmdb_id": 2**80},
        {"type": "movie", "title": "x", "year": 1},
        {"type": "movie", "title": "x", "release_date": "yesterday"},
        {"type": "movie", "title": "x\0y"},
        {"type": "movie", "title": "x", "colour": "red"},
        {"type": "movie", "title": "x" * 501},
    ]
    for body in bodies:
        refused(body, await client.post("/v1/items", json=body))


async def test_a_change_that_makes_no_sense_is_refused(client: httpx.AsyncClient):
    item = await made(client, type="movie", title="Mine")
    bodies: list[Any] = [{}, {"tmdb_id": None}, {"tmdb_id": 603, "title": "x"}, {"title": None}, {"type": "series"}]
    for body in bodies:
        refused(body, await client.patch(f"/v1/items/{item['id']}", json=body))


async def test_a_season_that_makes_no_sense_is_refused(client: httpx.AsyncClient):
    item = await made(client, type="series", title="Mine")
    bodies: list[Any] = [
        {"episodes": [{"number": 1}, {"number": 1}]},
        {"episodes": [{"number": -1}]},
        {"episodes": [{}]},
        {"episodes": "many"},
    ]
    for body in bodies:
        refused(body, await client.put(f"/v1/items/{item['id']}/seasons/1", json=body))
    for number, status in ((100_001, 400), (10**30, 404), (-1, 404)):
        answer = await client.put(f"/v1/items/{item['id']}/seasons/{number}", json={})
        assert answer.status_code == status, (number, answer.text)


async def test_an_unknown_item_is_not_found(client: httpx.AsyncClient):
    for item_id in (999, 0, -1, 10**30):
        answers = [
            await client.patch(f"/v1/items/{item_id}", json={"title": "x"}),
            await client.patch(f"/v1/items/{item_id}", json={"tmdb_id": 603}),
            await client.put(f"/v1/items/{item_id}/seasons/1", json={}),
            await client.post(f"/v1/items/{item_id}/refresh"),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4, item_id


def refused(asked: object, answer: httpx.Response) -> None:
    assert answer.status_code == 400, (asked, answer.text)
    assert answer.headers["content-type"].startswith("application/problem+json")

"""Items whose ids the provider dropped or gave to others are listed, and remapped by a person, many at once."""

from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from mediastead.catalog.types import ItemType
from mediastead.db.engine import Database
from mediastead.files.types import Identification, UnmatchedReason
from mediastead.metadata.errors import ProviderTrouble, ProviderUnavailable
from mediastead.metadata.facts import EpisodeFacts, ItemFacts, SeasonFacts
from mediastead.unmatched.models import RejectedMatch

from ...db.files.shelf import MOMENT, Shelf, sure, unsure
from ...db.metadata.scripted import Scripted
from .conftest import Queue


def series(tmdb_id: int, *counts: int, title: str = "The Show", year: int = 2011) -> ItemFacts:
    seasons = tuple(
        SeasonFacts(number=number, episodes=tuple(EpisodeFacts(number=each) for each in range(1, count + 1)))
        for number, count in enumerate(counts, 1)
    )
    return ItemFacts(type=ItemType.SERIES, tmdb_id=tmdb_id, title=title, year=year, seasons=seasons)


def film(tmdb_id: int, title: str = "The Film", year: int = 1999, **more: Any) -> ItemFacts:
    return ItemFacts(type=ItemType.MOVIE, tmdb_id=tmdb_id, title=title, year=year, **more)


@pytest.fixture
def provider() -> Scripted:
    return Scripted()


class Person:
    """Who finds items gone, and says what they are now."""

    def __init__(self, client: httpx.AsyncClient, shelf: Shelf, provider: Scripted) -> None:
        self.client = client
        self.shelf = shelf
        self.provider = provider
        self.library = 0

    async def has(self, facts: ItemFacts, *files: list[tuple[int, int]]) -> tuple[int, list[int]]:
        """An item with files that hold these episodes; for a film give empty lists."""
        self.library = self.library or await self.shelf.library()
        ids: list[int] = []
        item_id = await self.shelf.item(facts)
        for held in files:
            ids.append(await self.shelf.file(self.library, f"{facts.tmdb_id}/{len(ids)} of {item_id}.mkv"))
            assert await self.shelf.decide(ids[-1], sure(facts, *held), facts) == []
        return item_id, ids

    async def loses(self, item_id: int) -> None:
        """The provider is asked for an item that it no longer has."""
        assert (await self.client.post(f"/v1/items/{item_id}/refresh")).status_code == 200

    async def gone(self) -> list[dict[str, Any]]:
        return (await self.client.get("/v1/items", params={"gone": True})).json()["items"]

    async def remaps(self, *remaps: tuple[int, str, int], **options: Any) -> list[dict[str, Any]]:
        asked = [{"item_id": item_id, "type": kind, "tmdb_id": tmdb_id} for item_id, kind, tmdb_id in remaps]
        answer = await self.client.post("/v1/items/remap", json={"remaps": asked, **options})
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    async def file(self, file_id: int) -> dict[str, Any]:
        return (await self.client.get(f"/v1/media-files/{file_id}")).json()

    async def holds(self, file_id: int) -> tuple[int, list[tuple[int, int]]]:
        file = await self.file(file_id)
        return file["item"]["id"], [(each["season"], each["number"]) for each in file["episodes"]]


@pytest.fixture
def person(client: httpx.AsyncClient, database: Database, provider: Scripted) -> Person:
    return Person(client, Shelf(database), provider)


def knows(provider: Scripted, *titles: ItemFacts) -> None:
    provider.items = {(facts.type, facts.tmdb_id): facts for facts in titles}


async def test_what_is_gone_is_listed_with_files_and_successors(person: Person):
    item_id, _ = await person.has(film(1, external_ids={"imdb": "tt0000001"}), [], [])
    there, _ = await person.has(film(2, "Another Film"))
    knows(person.provider, film(9, external_ids={"imdb": "tt0000001"}), film(2, "Another Film"))
    assert await person.gone() == []
    await person.loses(item_id)
    asked = person.provider.calls
    [listed] = await person.gone()
    assert person.provider.calls == asked, "a list asks no provider"
    assert (listed["id"], listed["files"], listed["gone"]["reason"]) == (item_id, 2, "deleted")
    assert [(each["tmdb_id"], each["found_by"], each["item_id"]) for each in listed["gone"]["successors"]] == [
        (9, "imdb", None)
    ]
    kept = (await person.client.get("/v1/items", params={"gone": False})).json()["items"]
    assert [each["id"] for each in kept] == [there]
    assert (await person.client.get(f"/v1/items/{item_id}")).json()["gone"] == listed["gone"]


async def test_an_item_gets_another_id_and_keeps_its_files(person: Person):
    item_id, [file_id] = await person.has(series(1, 2), [(1, 2)])
    knows(person.provider, series(9, 3, title="The Show Renamed"))
    await person.loses(item_id)
    [done] = await person.remaps((item_id, "series", 9))
    assert (done["outcome"], done["into_item_id"], done["files"], done["queued"]) == ("changed", item_id, 1, 0)
    shown = (await person.client.get(f"/v1/items/{item_id}")).json()
    assert (shown["tmdb_id"], shown["title"], shown["gone"]) == (9, "The Show Renamed", None)
    assert await person.holds(file_id) == (item_id, [(1, 2)])
    assert (await person.file(file_id))["version"] == 2
    assert await person.gone() == []


async def test_where_another_item_has_the_id_files_and_rejections_go_there(person: Person, database: Database):
    old, [first, second] = await person.has(series(1, 2), [(1, 1)], [(1, 1), (1, 2)])
    new, [third] = await person.has(series(9, 2, title="The Show Renamed"), [(1, 1)])
    async with database.write() as session:
        rejected = {"by": "local", "at": MOMENT, "episodes": None}
        await session.execute(
            insert(RejectedMatch),
            [{"file_id": third, "item_id": old} | rejected, {"file_id": first, "item_id": new} | rejected],
        )
    knows(person.provider, series(9, 2, title="The Show Renamed"))
    [done] = await person.remaps((old, "series", 9))
    assert (done["outcome"], done["into_item_id"], done["files"]) == ("merged", new, 2)
    assert await person.holds(first) == (new, [(1, 1)])
    assert await person.holds(second) == (new, [(1, 1), (1, 2)])
    assert (await person.client.get(f"/v1/items/{old}")).status_code == 404
    assert [row.item_id for row in await person.shelf.rejections(third)] == [new]
    assert await person.shelf.rejections(first) == [], "a person said that it is what was rejected"


async def test_files_whose_episodes_the_title_lacks_are_listed_and_nothing_is_done(person: Person):
    item_id, [there, lacking] = await person.has(series(1, 4), [(1, 1)], [(1, 3), (1, 4)])
    knows(person.provider, series(9, 3))
    [refused] = await person.remaps((item_id, "series", 9))
    assert (refused["outcome"], refused["error"]["type"].rsplit(":", 1)[-1].rsplit("/", 1)[-1]) == (
        "refused",
        "episodes-lacking",
    )
    assert [(each["file_id"], each["episodes"]) for each in refused["lacking"]] == [
        (lacking, [{"season": 1, "number": 3}, {"season": 1, "number": 4}])
    ]
    assert (refused["files"], refused["queued"]) == (1, 0)
    assert await person.holds(there) == (item_id, [(1, 1)]) and await person.holds(lacking) == (
        item_id,
        [(1, 3), (1, 4)],
    )
    assert (await person.client.get(f"/v1/items/{item_id}")).json()["tmdb_id"] == 1


async def test_on_request_those_files_are_put_into_the_queue_with_the_reason(person: Person):
    item_id, [there, lacking] = await person.has(series(1, 4), [(1, 1)], [(1, 4)])
    knows(person.provider, series(9, 3, title="The Show Renamed"))
    [done] = await person.remaps((item_id, "series", 9), queue_the_rest=True)
    assert (done["outcome"], done["files"], done["queued"]) == ("changed", 1, 1)
    assert await person.holds(there) == (item_id, [(1, 1)])
    assert (await person.file(lacking))["identification"] == Identification.UNMATCHED
    [question] = (await person.client.get("/v1/unmatched-files")).json()["items"]
    assert (question["file"]["id"] if "file" in question else question["file_id"]) == lacking
    assert question["reason"] == "episode_not_found" and "S01E04" in question["would_match_if"]


async def test_a_preview_tells_the_same_and_changes_nothing(person: Person):
    old, [first, lacking] = await person.has(series(1, 3), [(1, 1)], [(1, 3)])
    new, _ = await person.has(series(9, 2, title="The Show Renamed"))
    knows(person.provider, series(9, 2, title="The Show Renamed"))
    before = (await person.client.get("/v1/items")).json()
    shown = await person.remaps((old, "series", 9), queue_the_rest=True, preview=True)
    assert (await person.client.get("/v1/items")).json() == before
    assert await person.holds(first) == (old, [(1, 1)])
    assert (await person.client.get("/v1/unmatched-files")).json()["items"] == []
    assert await person.remaps((old, "series", 9), queue_the_rest=True) == shown
    assert shown[0]["into_item_id"] == new and shown[0]["lacking"][0]["file_id"] == lacking


async def test_one_that_is_refused_does_not_keep_the_others(person: Person):
    first, _ = await person.has(film(1))
    second, _ = await person.has(film(2, "Second"))
    shows, _ = await person.has(series(3, 1))
    knows(person.provider, film(11), film(12, "Second"))
    results = await person.remaps(
        (first, "movie", 11), (second, "movie", 404), (shows, "movie", 12), (4711, "movie", 12)
    )
    assert [each["outcome"] for each in results] == ["changed", "refused", "refused", "refused"]
    slugs = [each["error"]["type"].rsplit(":", 1)[-1].rsplit("/", 1)[-1] for each in results[1:]]
    assert slugs == ["item-not-found-at-provider", "not-the-same-kind", "no-such-item"]
    assert "files match" in results[2]["error"]["detail"]
    assert (await person.client.get(f"/v1/items/{second}")).json()["tmdb_id"] == 2


async def test_ids_that_move_on_in_a_row_do_not_merge_what_gives_its_id_up(person: Person):
    first, _ = await person.has(film(1, "First"))
    second, _ = await person.has(film(2, "Second"))
    knows(person.provider, film(2, "First"), film(3, "Second"))
    results = await person.remaps((first, "movie", 2), (second, "movie", 3))
    assert [(each["outcome"], each["into_item_id"]) for each in results] == [("changed", first), ("changed", second)]
    titles = [(await person.client.get(f"/v1/items/{item_id}")).json()["title"] for item_id in (first, second)]
    assert titles == ["First", "Second"]


async def test_nothing_is_merged_into_an_item_whose_own_remap_is_refused(person: Person):
    first, _ = await person.has(film(1, "First"))
    second, _ = await person.has(film(2, "Second"))
    knows(person.provider, film(2, "First"))
    results = await person.remaps((first, "movie", 2), (second, "movie", 404))
    assert [each["outcome"] for each in results] == ["refused", "refused"]
    assert results[0]["error"]["item_id"] == second


async def test_a_circle_is_refused(person: Person):
    first, _ = await person.has(film(1, "First"))
    second, _ = await person.has(film(2, "Second"))
    knows(person.provider, film(1, "First"), film(2, "Second"))
    results = await person.remaps((first, "movie", 2), (second, "movie", 1))
    assert [each["outcome"] for each in results] == ["refused", "refused"]
    assert (await person.client.get(f"/v1/items/{first}")).json()["tmdb_id"] == 1


async def test_two_items_that_are_one_title_now_become_one(person: Person):
    first, [one] = await person.has(film(1, "First"), [])
    second, [other] = await person.has(film(2, "Second"), [])
    knows(person.provider, film(9))
    results = await person.remaps((first, "movie", 9), (second, "movie", 9))
    assert sorted(each["outcome"] for each in results) == ["changed", "merged"]
    assert {(await person.holds(file_id))[0] for file_id in (one, other)} == {results[0]["into_item_id"]}


async def test_another_title_under_the_same_id_is_accepted_or_given_its_former_title_elsewhere(person: Person):
    item_id, [file_id] = await person.has(film(1, "The Film", 1999), [])
    rewritten = film(1, "Cooking in Spring", 2021)
    knows(person.provider, rewritten, film(9, "The Film", 1999))
    await person.loses(item_id)
    [listed] = await person.gone()
    assert listed["gone"]["reason"] == "rewritten" and listed["title"] == "The Film"
    [elsewhere] = await person.remaps((item_id, "movie", 9), preview=True)
    assert (elsewhere["outcome"], elsewhere["title"]) == ("changed", "The Film")
    [accepted] = await person.remaps((item_id, "movie", 1))
    assert (accepted["outcome"], accepted["title"]) == ("accepted", "Cooking in Spring")
    assert (await person.file(file_id))["item"]["title"] == "Cooking in Spring" and await person.gone() == []
    assert [each["outcome"] for each in await person.remaps((item_id, "movie", 1))] == ["unchanged"]


async def test_nothing_is_merged_into_an_item_that_had_the_id_as_another_title(person: Person):
    await person.has(film(1, "The Film", 1999))
    mine, _ = await person.has(film(2, "Cooking", 2021))
    knows(person.provider, film(1, "Cooking in Spring", 2021))
    [refused] = await person.remaps((mine, "movie", 1))
    assert refused["error"]["type"].endswith("id-of-another-title")


async def test_files_that_waited_for_an_episode_of_the_former_id_are_asked_about_again(person: Person):
    item_id, _ = await person.has(series(1, 2), [(1, 1)])
    waiting = await person.shelf.file(person.library, "waiting.mkv")
    await person.shelf.question(waiting, unsure(series(1, 2), reason=UnmatchedReason.EPISODE_NOT_FOUND))
    knows(person.provider, series(9, 3))
    await person.remaps((item_id, "series", 9))
    assert (await person.file(waiting))["identification"] == Identification.PENDING


async def test_what_was_done_is_recorded_so_that_it_can_be_taken_back(person: Person, queue: Queue):
    old, [file_id] = await person.has(series(1, 2), [(1, 1)])
    knows(person.provider, series(9, 2))
    await person.remaps((old, "series", 9))
    operation = (await queue.operations())[-1]
    assert (operation.kind, operation.before["item"]["tmdb_id"], operation.after) == (
        "item_linked",
        1,
        {"item_id": old, "tmdb_id": 9},
    )
    assert [each["id"] for each in operation.before["files"]] == [file_id]


async def test_a_provider_that_is_down_refuses_each_with_the_reason(person: Person):
    item_id, _ = await person.has(film(1))
    person.provider.error = ProviderUnavailable("TMDB is down.", provider="tmdb", trouble=ProviderTrouble.DOWN)
    [refused] = await person.remaps((item_id, "movie", 2))
    assert (refused["outcome"], refused["error"]["detail"], refused["title"]) == ("refused", "TMDB is down.", None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"remaps": []},
        {"remaps": [{"item_id": 1, "type": "movie"}]},
        {"remaps": [{"item_id": 1, "type": "song", "tmdb_id": 1}]},
        {"remaps": [{"item_id": 1, "type": "movie", "tmdb_id": 2**40}]},
        {"remaps": [{"item_id": 2**70, "type": "movie", "tmdb_id": 1}]},
        {"remaps": [{"item_id": 1, "type": "movie", "tmdb_id": 1}] * 2},
        {"remaps": [{"item_id": n, "type": "movie", "tmdb_id": n} for n in range(1, 202)]},
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(client: httpx.AsyncClient, body: Any):
    assert (await client.post("/v1/items/remap", json=body)).status_code == 400

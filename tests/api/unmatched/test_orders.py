"""The orders of a series: offered, looked at, chosen, applied where a person asks for it, and taken back."""

from datetime import timedelta
from typing import Any

import pytest

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.files.types import Identification
from mediastead.matching.decision import EpisodeNumber
from mediastead.matching.renumbering import renumbering_of
from mediastead.metadata.facts import (
    EpisodeFacts,
    ItemFacts,
    Order,
    OrderedEpisode,
    OrderedPart,
    OrderType,
    SeasonFacts,
)
from mediastead.metadata.provider import CatalogProvider
from mediastead.unmatched.numbered import orders_in_force
from mediastead.unmatched.orders import refresh_orders

from ...db.files.shelf import MATRIX, Shelf, sure, unsure
from ...db.metadata.scripted import Scripted
from .conftest import Queue

SHOW = ItemFacts(
    type=ItemType.SERIES,
    tmdb_id=77,
    title="Firefly",
    year=2002,
    seasons=(SeasonFacts(number=1, episodes=tuple(EpisodeFacts(number=n, title=f"Tale {n}") for n in range(1, 15))),),
)


def part(order: int, *numbers: int) -> OrderedPart:
    episodes = tuple(OrderedEpisode(order=at, season=1, number=number) for at, number in enumerate(numbers))
    return OrderedPart(order=order, name=f"Disc {order}", episodes=episodes)


DVD = Order(group_id="5acf93e6", name="DVD order", type=OrderType.DVD, parts=(part(1, 11, 1, 2), part(2, 3, 4)))
SECOND = timedelta(seconds=1)
ARCS = Order(group_id="5f1573c8", name="Arcs", type=OrderType.STORY_ARC, parts=(part(1, 1, 2),))


@pytest.fixture
def provider() -> CatalogProvider:
    scripted = Scripted(SHOW, MATRIX)
    scripted.of_series[77] = [DVD, ARCS]
    return scripted


async def show(shelf: Shelf) -> tuple[int, dict[str, int]]:
    """The series with three matched files and two that are asked about: (item id, file ids by name)."""
    item = await shelf.item(SHOW)
    library = await shelf.library("Shows")
    files: dict[str, int] = {}
    for season, number in ((1, 1), (1, 2), (1, 3)):
        name = f"Firefly - S{season:02}E{number:02}.mkv"
        files[name] = await shelf.file(library, f"Firefly/{name}")
        await shelf.decide(files[name], sure(SHOW, (season, number)), SHOW)
    for name in ("Firefly - S02E02.mkv", "Firefly - S09E09.mkv"):
        files[name] = await shelf.file(library, f"Firefly/{name}")
        proposed = {"type": "series", "tmdb_id": 77, "role": "episode", "episodes": []}
        await shelf.question(files[name], unsure(SHOW), proposed=proposed)
    return item, files


async def episodes_of(queue: Queue, file: int) -> list[tuple[int, int]]:
    found = await queue.get(f"/v1/media-files/{file}")
    return [(each["season"], each["number"]) for each in found["episodes"]]


async def choose(queue: Queue, item: int, status: int = 200, **body: Any) -> dict[str, Any]:
    response = await queue.client.put(f"/v1/items/{item}/order", json=body)
    assert response.status_code == status, response.text
    return response.json()


async def test_orders_are_offered_with_the_one_that_is_chosen(queue: Queue, shelf: Shelf) -> None:
    item, _ = await show(shelf)
    shown = await queue.get(f"/v1/items/{item}/orders")
    assert shown["chosen"] is None
    assert shown["offered"][0] == {
        "group_id": "5acf93e6",
        "name": "DVD order",
        "type": "dvd",
        "description": None,
        "parts": 2,
        "episodes": 5,
    }
    await choose(queue, item, group_id="5acf93e6")
    chosen = (await queue.get(f"/v1/items/{item}/orders"))["chosen"]
    assert (chosen["group_id"], chosen["name"], chosen["chosen_by"]) == ("5acf93e6", "DVD order", "local")
    async with queue.database.read() as session:
        assert await orders_in_force(session) == {77: renumbering_of(DVD.parts)}


async def test_a_preview_tells_of_each_file_what_it_would_be(queue: Queue, shelf: Shelf) -> None:
    item, files = await show(shelf)
    seen = await queue.get(f"/v1/items/{item}/orders/5acf93e6/preview")
    assert (seen["name"], seen["changing"], seen["asked"], seen["left"], seen["kept"]) == ("DVD order", 3, 1, 1, 0)
    by_id = {file["file_id"]: file for file in seen["files"]}
    first = by_id[files["Firefly - S01E01.mkv"]]
    assert (first["says"], first["change"]) == ("S01E01", "other_episodes")
    assert first["before"] == [{"season": 1, "number": 1, "title": "Tale 1"}]
    assert first["after"] == [{"season": 1, "number": 11, "title": "Tale 11"}]
    asked = by_id[files["Firefly - S02E02.mkv"]]
    assert (asked["change"], asked["after"][0]["number"]) == ("would_match", 4)
    beyond = by_id[files["Firefly - S09E09.mkv"]]
    assert beyond["change"] == "none" and "has no season 9" in beyond["problem"]
    assert len((await queue.get(f"/v1/items/{item}/orders/5acf93e6/preview", limit=2))["files"]) == 2
    assert await queue.operations() == []


async def test_choosing_leaves_what_is_matched_and_asks_again_about_the_rest(queue: Queue, shelf: Shelf) -> None:
    item, files = await show(shelf)
    done = await choose(queue, item, group_id="5acf93e6")
    assert (done["changed"], done["would_change"], done["asked_again"]) == (0, 3, 2)
    assert await episodes_of(queue, files["Firefly - S01E01.mkv"]) == [(1, 1)]
    assert (await shelf.row(files["Firefly - S02E02.mkv"])).identification is Identification.PENDING
    [operation] = await queue.operations()
    assert (operation.kind, operation.id) == ("order", done["operation_id"])


async def test_matched_files_follow_where_a_person_asks_for_it_in_one_operation(queue: Queue, shelf: Shelf) -> None:
    item, files = await show(shelf)
    done = await choose(queue, item, group_id="5acf93e6", apply_to_matched=True)
    assert (done["changed"], done["would_change"]) == (3, 0)
    now = [await episodes_of(queue, files[f"Firefly - S01E0{n}.mkv"]) for n in (1, 2, 3)]
    assert now == [[(1, 11)], [(1, 1)], [(1, 2)]]
    [operation] = await queue.operations()
    assert operation.kind == "order" and len(operation.before["files"]) == 3
    # Back to the provider's own: what an order did is no person's word about a single file.
    back = await queue.client.delete(f"/v1/items/{item}/order", params={"apply_to_matched": True})
    assert (back.status_code, back.json()["changed"], back.json()["chosen"]) == (200, 3, None)
    assert await episodes_of(queue, files["Firefly - S01E01.mkv"]) == [(1, 1)]
    async with queue.database.read() as session:
        assert await orders_in_force(session) == {}


async def test_what_a_person_said_of_a_file_stays(queue: Queue, shelf: Shelf) -> None:
    item, files = await show(shelf)
    file = files["Firefly - S01E01.mkv"]
    said = {"version": 2, "item_id": item, "episodes": [{"season": 1, "number": 14}]}
    await queue.correct(file, "match", said)
    seen = await queue.get(f"/v1/items/{item}/orders/5acf93e6/preview")
    assert (seen["changing"], seen["kept"]) == (2, 1)
    done = await choose(queue, item, group_id="5acf93e6", apply_to_matched=True)
    assert done["changed"] == 2
    assert await episodes_of(queue, file) == [(1, 14)]


async def test_a_group_is_answered_by_an_order_which_is_chosen_with_it(queue: Queue, shelf: Shelf) -> None:
    item = await shelf.item(SHOW)
    library = await shelf.library("Shows")
    file = await shelf.file(library, "Discs/x.mkv")
    said = {"seasons": [2], "episodes": [1]}
    await shelf.question(file, unsure(), group_key="series: discs", said=said)
    [group] = (await queue.get("/v1/unmatched-files/groups"))["items"]
    answer = {"item_id": item, "order": "5acf93e6"}
    seen = await queue.answer(f"groups/{group['group']}", "preview", answer)
    assert (seen["order"], seen["settles"]) == ("DVD order", 1)
    await queue.answer(f"groups/{group['group']}", "match", answer | {"seen": seen["seen"]})
    assert await episodes_of(queue, file) == [(1, 3)]
    assert (await queue.get(f"/v1/items/{item}/orders"))["chosen"]["name"] == "DVD order"


async def test_an_order_is_brought_up_to_date_after_its_series_was(
    queue: Queue, shelf: Shelf, provider: Scripted, clock: SetClock
) -> None:
    item, _ = await show(shelf)
    await choose(queue, item, group_id="5acf93e6")
    assert await refresh_orders(queue.database, provider, clock) == 0
    clock.advance(SECOND)
    assert (await queue.client.post(f"/v1/items/{item}/refresh")).status_code == 200
    longer = Order(group_id=DVD.group_id, name=DVD.name, type=DVD.type, parts=(*DVD.parts, part(3, 5)))
    provider.of_series[77] = [longer]
    clock.advance(SECOND)
    assert await refresh_orders(queue.database, provider, clock) == 1
    async with queue.database.read() as session:
        assert EpisodeNumber(1, 5) in [row.to[0] for row in (await orders_in_force(session))[77].rows]
    # One that the provider has no longer stays as it was.
    provider.of_series.clear()
    clock.advance(SECOND)
    assert (await queue.client.post(f"/v1/items/{item}/refresh")).status_code == 200
    clock.advance(SECOND)
    assert await refresh_orders(queue.database, provider, clock) == 1
    assert await refresh_orders(queue.database, provider, clock) == 0
    async with queue.database.read() as session:
        assert await orders_in_force(session) == {77: renumbering_of(longer.parts)}


async def test_films_unknown_items_and_unknown_orders_are_refused(queue: Queue, shelf: Shelf) -> None:
    item, film = await shelf.item(SHOW), await shelf.item(MATRIX)
    await queue.get(f"/v1/items/{film}/orders", expected=409)
    await queue.get("/v1/items/4711/orders", expected=404)
    await queue.get(f"/v1/items/{item}/orders/abc/preview", expected=404)
    await choose(queue, item, 404, group_id="abc")
    await choose(queue, item, 400, group_id="../x")
    await choose(queue, item, 400)
    made = await queue.client.post("/v1/items", json={"type": "series", "title": "Home videos"})
    await queue.get(f"/v1/items/{made.json()['id']}/orders", expected=409)

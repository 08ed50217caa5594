"""Many answers at once: one transaction, one operation, and a result for each."""

from typing import Any

import pytest

from mediastead.catalog.types import ItemType
from mediastead.files.types import Identification
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.metadata.facts import ItemFacts
from mediastead.unmatched.schemas import MatchAnswer
from mediastead.unmatched.titles import prepare

from ...db.files.shelf import Shelf, series
from .conftest import Queue

MATRIX_ANSWER = {"type": "movie", "tmdb_id": 603}


async def asked(shelf: Shelf, count: int) -> tuple[list[int], list[int]]:
    """Files with open questions: (file ids, question ids)."""
    library = await shelf.library()
    files = [await shelf.file(library, f"Many/{number}.mkv") for number in range(count)]
    return files, [await shelf.question(file) for file in files]


async def test_each_answer_has_its_own_result_and_all_are_one_operation(queue: Queue, shelf: Shelf) -> None:
    files, questions = await asked(shelf, 5)
    await queue.answer(questions[1], "dismiss")
    answers = [{"id": question, **MATRIX_ANSWER} for question in questions]
    answers[2] = {"id": questions[2], "type": "series", "tmdb_id": 1396}
    answers[3] = {"id": questions[3] + 1000, **MATRIX_ANSWER}
    done = await queue.many("match", [*answers, answers[0]])
    assert [each["id"] for each in done["results"]] == [each["id"] for each in [*answers, answers[0]]]
    assert [each["status"] for each in done["results"]] == [
        "matched",
        "failed",
        "failed",
        "failed",
        "matched",
        "failed",
    ]
    assert [each.get("error", {}).get("status") for each in done["results"]] == [None, 409, 400, 404, None, 409]
    assert done["results"][1]["error"]["resolved_by"] == "local"
    assert done["results"][5]["error"]["type"].endswith("answered-twice")
    operation = (await queue.operations())[-1]
    assert (operation.id, operation.kind) == (done["operation_id"], "match")
    assert [each["id"] for each in operation.after["files"]] == [files[0], files[4]]
    states = [(await shelf.row(file)).identification.value for file in files]
    assert states == ["matched", "dismissed", "unmatched", "unmatched", "matched"]
    matched = [data["file_id"] for kind, data in await queue.events() if kind == "file.matched"]
    assert matched == [files[0], files[4]]


async def test_a_whole_season_is_matched_at_once(queue: Queue, shelf: Shelf) -> None:
    files, questions = await asked(shelf, 8)
    item = await shelf.item(series())
    answers = [
        {"id": question, "item_id": item, "episodes": [{"season": 1, "number": number}]}
        for number, question in enumerate(questions, 1)
    ]
    done = await queue.many("match", answers)
    assert {each["status"] for each in done["results"]} == {"matched"}
    seasons = await queue.get(f"/v1/items/{item}/seasons")
    assert [episode["status"] for episode in seasons["seasons"][0]["episodes"]] == ["present"] * 8
    # The same once more, as after a response that got lost: each says that it was settled, nothing is done.
    again = await queue.many("match", answers)
    assert {each["error"]["status"] for each in again["results"]} == {409}
    assert again["operation_id"] is None
    assert len(await shelf.imports(files[0])) == 2  # the scan's failed attempt, and the match


async def test_many_are_dismissed_at_once(queue: Queue, shelf: Shelf) -> None:
    files, questions = await asked(shelf, 3)
    done = await queue.many("dismiss", [{"id": each} for each in [*questions, questions[0], 4711]])
    assert [each["status"] for each in done["results"]] == ["dismissed"] * 3 + ["failed"] * 2
    assert [each["error"]["status"] for each in done["results"][3:]] == [409, 404]
    assert len(await queue.operations()) == 1
    assert {(await shelf.row(file)).identification for file in files} == {Identification.DISMISSED}


@pytest.mark.parametrize("what", ["match", "dismiss"])
async def test_where_nothing_could_be_done_there_is_no_operation(queue: Queue, shelf: Shelf, what: str) -> None:
    body: dict[str, Any] = MATRIX_ANSWER if what == "match" else {}
    done = await queue.many(what, [{"id": 4711, **body}])
    assert done["operation_id"] is None
    assert await queue.operations() == []


@pytest.mark.parametrize("what", ["match", "dismiss"])
async def test_none_more_than_500_and_absurd_ids_are_refused(queue: Queue, what: str) -> None:
    body: dict[str, Any] = MATRIX_ANSWER if what == "match" else {}
    await queue.many(what, [], status=400)
    assert "500" in (await queue.many(what, [{"id": 1, **body}] * 501, status=400))["detail"]
    for absurd in (0, -1, 2**63, 2**70, "x", None):
        await queue.many(what, [{"id": absurd, **body}], status=400)
    response = await queue.client.post(f"/v1/unmatched-files/{what}", json={"answers": {"id": 1}})
    assert response.status_code == 400


async def test_500_answers_are_taken(queue: Queue, shelf: Shelf) -> None:
    _, questions = await asked(shelf, 3)
    ids = [*questions, *range(10_000, 10_497)]
    done = await queue.many("match", [{"id": each, **MATRIX_ANSWER} for each in ids])
    assert [each["status"] for each in done["results"]] == ["matched"] * 3 + ["failed"] * 497


class Counting(BundledCatalogue):
    """The bundled catalogue, which notes what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        self.asked.append(tmdb_id)
        return await super().item(type, tmdb_id)


async def test_each_title_is_asked_for_once_and_none_that_is_known(queue: Queue, shelf: Shelf) -> None:
    provider = Counting()
    answers = [MatchAnswer(type=ItemType.MOVIE, tmdb_id=each) for each in (603, 603, 27205, 603)]
    await shelf.item(await BundledCatalogue().item(ItemType.MOVIE, 27205))
    prepared = await prepare(queue.database, provider, answers)
    assert provider.asked == [603]
    assert len(prepared) == 2

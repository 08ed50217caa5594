"""Remembered answers over the API: told with the answer, listed, shown, revoked."""

from datetime import timedelta
from typing import Any

from mediastead.clock import SetClock
from mediastead.matching.recall import Recall, recall_of

from ...db.files.shelf import Shelf, series, sure, unsure
from ...unit.parsing.reading_paths import read
from .conftest import Queue


async def add(shelf: Shelf, library: int, path: str) -> tuple[int, int]:
    """A file with its question, as identification leaves it: (file id, question id)."""
    file = await shelf.file(library, path)
    return file, await shelf.question(file, unsure(), recall=recalled(path))


def recalled(path: str) -> Recall:
    found = recall_of(read(path))
    assert found is not None
    return found


async def answered(queue: Queue, shelf: Shelf, clock: SetClock, **more: Any) -> tuple[dict[str, Any], list[int]]:
    """Three files of a series, the first of them answered: (what was answered, file ids)."""
    library, item = await shelf.library(), await shelf.item(series())
    files = [await add(shelf, library, f"Wntr/Wntr S01E0{number}.mkv") for number in (1, 2, 3)]
    clock.advance(timedelta(seconds=1))
    body = {"item_id": item, "episodes": [{"season": 1, "number": 1}], **more}
    return await queue.answer(files[0][1], "match", body), [file for file, _ in files]


async def follow(shelf: Shelf, file: int, answer: int, number: int) -> None:
    """What identification makes of a file for which the answer holds."""
    path = f"Wntr/Wntr S01E0{number}.mkv"
    facts = series()
    recall = recalled(path)
    asking = {"asking": None, "recall": recall, "answer_id": answer}
    assert await shelf.decide(file, sure(facts, (1, number)), facts, **asking) == []


async def test_an_answer_tells_what_is_remembered_of_it(queue: Queue, shelf: Shelf, clock: SetClock) -> None:
    question, files = await answered(queue, shelf, clock)
    (held,) = question["remembered"]
    assert (held["title"], held["holds"], held["asked_again"], held["matched_otherwise"]) == ("Wntr", "library", 2, 0)
    assert held["detail"] == (
        'Files that are read as "Wntr" in this library are "Long Winter" from now on. '
        "2 more files that are read the same are identified anew."
    )
    assert held["following"] == []
    assert [(await shelf.row(file)).identification.value for file in files] == ["matched", "pending", "pending"]
    (listed,) = (await queue.get("/v1/remembered-answers"))["items"]
    assert (listed["id"], listed["given_for"], listed["by"]) == (held["id"], "Wntr/Wntr S01E01.mkv", "local")
    assert listed["item"]["title"] == "Long Winter"
    assert listed["held"] == {}


async def test_it_can_be_asked_not_to_be_remembered(queue: Queue, shelf: Shelf, clock: SetClock) -> None:
    question, files = await answered(queue, shelf, clock, remember=False)
    assert question["remembered"] == []
    assert (await shelf.row(files[1])).identification.value == "unmatched"
    assert (await queue.get("/v1/remembered-answers"))["items"] == []


async def test_many_answers_for_one_title_are_remembered_as_one(queue: Queue, shelf: Shelf, clock: SetClock) -> None:
    library, item = await shelf.library(), await shelf.item(series())
    files = [await add(shelf, library, f"Wntr/Wntr S01E0{number}.mkv") for number in (1, 2, 3)]
    clock.advance(timedelta(seconds=1))
    done = await queue.many(
        "match",
        [
            {"id": question, "item_id": item, "episodes": [{"season": 1, "number": number}]}
            for number, (_, question) in enumerate(files[:2], 1)
        ],
    )
    (held,) = done["remembered"]
    assert held["asked_again"] == 1
    assert (await queue.operations())[-1].after["answers"]["made"] == [held["id"]]


async def test_the_same_title_answered_as_two_in_one_folder_is_remembered_as_neither(
    queue: Queue, shelf: Shelf, clock: SetClock
) -> None:
    library = await shelf.library()
    items = [await shelf.item(series()), await shelf.item(series(7, title="Other Winter"))]
    questions = [(await add(shelf, library, f"Wntr/Wntr S01E0{number}.mkv"))[1] for number in (1, 2)]
    done = await queue.many(
        "match",
        [
            {"id": question, "item_id": item, "episodes": [{"season": 1, "number": 1}]}
            for question, item in zip(questions, items, strict=True)
        ],
    )
    assert {each["status"] for each in done["results"]} == {"matched"}
    assert done["remembered"] == []


async def test_an_answer_is_shown_with_its_files_and_revoked(queue: Queue, shelf: Shelf, clock: SetClock) -> None:
    question, files = await answered(queue, shelf, clock)
    answer = question["remembered"][0]["id"]
    await follow(shelf, files[1], answer, 2)
    shown = await queue.get(f"/v1/remembered-answers/{answer}")
    assert shown["held"] == {"matched": 1}
    assert [file["id"] for file in shown["files"]] == [files[1]]
    assert ([file["id"] for file in shown["files_by_person"]], shown["by_person"]) == ([files[0]], 1)
    assert (await queue.get(f"/v1/media-files/{files[1]}"))["remembered_answer_id"] == answer
    assert (await queue.get(f"/v1/media-files/{files[0]}"))["remembered_answer_id"] is None
    path = f"/v1/remembered-answers/{answer}/revoke"
    revoked = await queue.client.post(path, json={"also_files": True})
    assert (revoked.status_code, revoked.json()["revoked_by"]) == (200, "local")
    assert (await shelf.row(files[1])).identification.value == "pending"
    assert [each["id"] for each in (await queue.get("/v1/unmatched-files"))["items"] if each["refreshing"]]
    again = await queue.client.post(path, json={})
    assert again.status_code == 409 and "revoked by local" in again.json()["detail"]
    assert (await queue.client.post("/v1/remembered-answers/4711/revoke", json={})).status_code == 404
    await queue.get("/v1/remembered-answers/4711", expected=404)


async def test_answers_are_listed_in_pages_by_library_item_and_whether_they_hold(
    queue: Queue, shelf: Shelf, clock: SetClock
) -> None:
    library, item = await shelf.library(), await shelf.item(series())
    for title in ("Wntr", "Wnter", "Wintr"):
        _, question = await add(shelf, library, f"{title}/{title} S01E01.mkv")
        await queue.answer(question, "match", {"item_id": item, "episodes": [{"season": 1, "number": 1}]})
    path = "/v1/remembered-answers"
    first = await queue.get(path, limit=2)
    rest = await queue.get(path, limit=2, cursor=first["next"])
    titles = [each["title"] for each in (*first["items"], *rest["items"])]
    assert (titles, rest["next"]) == (["Wintr", "Wnter", "Wntr"], None)
    await queue.client.post(f"{path}/{first['items'][0]['id']}/revoke", json={})
    assert [each["title"] for each in (await queue.get(path, revoked=True))["items"]] == ["Wintr"]
    assert len((await queue.get(path, revoked=False, library=library, item=item))["items"]) == 2
    assert (await queue.get(path, library=library + 1))["items"] == []
    assert (await queue.get(path, item=item + 1))["items"] == []


async def test_unmatching_tells_of_the_answer_that_it_followed(queue: Queue, shelf: Shelf, clock: SetClock) -> None:
    question, files = await answered(queue, shelf, clock)
    answer = question["remembered"][0]["id"]
    await follow(shelf, files[1], answer, 2)
    version = (await shelf.row(files[1])).version
    file = await queue.correct(files[1], "unmatch", {"version": version})
    assert file["followed"]["id"] == answer and file["followed"]["revoked_at"] is None
    assert len(await shelf.rejections(files[1])) == 1
    version = (await shelf.row(files[0])).version
    assert (await queue.correct(files[0], "unmatch", {"version": version}))["followed"] is None


async def test_a_correction_tells_how_many_are_matched_otherwise(queue: Queue, shelf: Shelf, clock: SetClock) -> None:
    question, files = await answered(queue, shelf, clock)
    await follow(shelf, files[1], question["remembered"][0]["id"], 2)
    other = await shelf.item(series(7, title="Other Winter"))
    version = (await shelf.row(files[0])).version
    body = {"version": version, "item_id": other, "episodes": [{"season": 1, "number": 1}]}
    corrected = await queue.correct(files[0], "match", body)
    (held,) = corrected["remembered"]
    assert held["matched_otherwise"] == 1
    assert "1 such files are matched to another title and stay so" in held["detail"]
    assert (await shelf.row(files[1])).media_item_id != other

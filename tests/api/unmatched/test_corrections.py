"""What is said about a file itself: from any state, with the version that was seen."""

from typing import Any

import pytest

from mediastead.files.types import Identification, Resolution, Role, UnmatchedReason

from ...db.files.shelf import MATRIX, SIGNS, Shelf, ignored, series, sure, unsure
from .conftest import Queue

MATRIX_ANSWER = {"type": "movie", "tmdb_id": 603}


async def in_state(shelf: Shelf, queue: Queue, state: str) -> int:
    """A file that is in this state."""
    file = await shelf.file(await shelf.library(), "Signs (2002)/Signs.mkv")
    match state:
        case "matched":
            await shelf.decide(file, sure(SIGNS), SIGNS)
        case "unmatched":
            await shelf.question(file)
        case "dismissed":
            await queue.answer(await shelf.question(file), "dismiss")
        case "ignored":
            await shelf.decide(file, ignored(Role.EXTRA))
        case _:
            assert state == "pending"
    assert (await shelf.row(file)).identification == state
    return file


STATES = ["pending", "matched", "unmatched", "dismissed", "ignored"]


@pytest.mark.parametrize("state", STATES)
async def test_a_file_is_matched_from_any_state(queue: Queue, shelf: Shelf, state: str) -> None:
    file = await in_state(shelf, queue, state)
    version = (await shelf.row(file)).version
    shown = await queue.correct(file, "match", MATRIX_ANSWER | {"version": version, "role": "feature"})
    assert (shown["identification"], shown["version"], shown["item"]["tmdb_id"]) == ("matched", version + 1, 603)
    assert shown["ignore_rule"] is None
    assert (await shelf.imports(file))[-1].actor == "local"
    assert (await queue.operations())[-1].before["files"][0]["identification"] == state
    for asked in await shelf.questions(file):
        assert asked.resolution is not None


@pytest.mark.parametrize("state", STATES)
async def test_a_file_is_put_into_the_queue_from_any_state(queue: Queue, shelf: Shelf, state: str) -> None:
    file = await in_state(shelf, queue, state)
    shown = await queue.correct(file, "unmatch", {"version": (await shelf.row(file)).version})
    assert (shown["identification"], shown["item"]) == ("unmatched", None)
    detail = await queue.get(f"/v1/media-files/{file}")
    assert (await queue.get(f"/v1/unmatched-files/{detail['question_id']}"))["file_id"] == file
    assert len(await shelf.rejections(file)) == (1 if state == "matched" else 0)


@pytest.mark.parametrize("state", STATES)
async def test_an_answer_with_another_version_than_the_present_one_is_a_conflict(
    queue: Queue, shelf: Shelf, state: str
) -> None:
    file = await in_state(shelf, queue, state)
    version = (await shelf.row(file)).version
    for seen in (version + 1, 2**63 - 1):
        for what, body in (("match", MATRIX_ANSWER), ("unmatch", {}), ("restore", {})):
            problem = await queue.correct(file, what, body | {"version": seen}, status=409)
            assert (problem["version"], problem["identification"]) == (version, state)
    assert (await shelf.row(file)).version == version


@pytest.mark.parametrize("state", ["pending", "matched", "unmatched"])
async def test_only_dismissed_and_ignored_files_can_be_restored(queue: Queue, shelf: Shelf, state: str) -> None:
    file = await in_state(shelf, queue, state)
    problem = await queue.correct(file, "restore", {"version": (await shelf.row(file)).version}, status=409)
    assert problem["type"].endswith("nothing-to-restore")
    assert problem["identification"] == state


async def test_restoring_a_dismissed_file_opens_its_question_again(queue: Queue, shelf: Shelf) -> None:
    file = await in_state(shelf, queue, "dismissed")
    await queue.correct(file, "restore", {"version": 3})
    (asked,) = await shelf.questions(file)
    assert asked.resolution is None
    assert (await shelf.row(file)).identification is Identification.UNMATCHED


async def test_restoring_an_ignored_file_lifts_the_rule_for_it(queue: Queue, shelf: Shelf) -> None:
    file = await in_state(shelf, queue, "ignored")
    shown = await queue.correct(file, "restore", {"version": 2})
    assert (shown["identification"], shown["ignore_rule"]) == ("pending", None)
    assert (await shelf.row(file)).rule_lifted
    assert await shelf.decide(file, ignored(Role.EXTRA)) == [file]


async def test_a_correction_names_the_item_before_in_its_operation(queue: Queue, shelf: Shelf) -> None:
    file = await in_state(shelf, queue, "matched")
    await queue.correct(file, "match", MATRIX_ANSWER | {"version": 2})
    (operation,) = await queue.operations()
    before = operation.before["files"][0]
    assert (before["media_item_id"], before["version"]) == ((await shelf.item_by_tmdb(2675)).id, 2)
    assert await shelf.rejections(file) == []


async def test_the_same_correction_again_saw_a_version_that_is_gone(queue: Queue, shelf: Shelf) -> None:
    file = await in_state(shelf, queue, "pending")
    body = MATRIX_ANSWER | {"version": 1}
    first = await queue.correct(file, "match", body)
    problem = await queue.correct(file, "match", body, status=409)
    assert problem["version"] == first["version"]
    assert await queue.correct(file, "match", body | {"version": first["version"]}) == first
    assert len(await shelf.imports(file)) == 1
    assert len(await queue.operations()) == 1


async def test_what_identification_said_already_is_said_by_a_person_from_then_on(queue: Queue, shelf: Shelf) -> None:
    file = await in_state(shelf, queue, "matched")
    before = (await shelf.imports(file))[-1]
    version = (await shelf.row(file)).version
    title = await shelf.item_by_tmdb(before.evidence["tmdb_id"])
    body = {"item_id": title.id, "version": version}
    shown = await queue.correct(file, "match", body)
    assert (shown["item"]["tmdb_id"], shown["version"]) == (title.tmdb_id, version + 1)
    scanned, said = await shelf.imports(file)
    assert (scanned.method, said.method, said.actor) == ("scan", "manual_match", "local")
    *_, last = (await queue.get(f"/v1/media-files/{file}/story"))["entries"]
    assert (last["what"], last["by"]) == ("matched", "local")
    await queue.correct(file, "match", body | {"version": version + 1})
    assert len(await shelf.imports(file)) == 2, "who says it again says nothing new"

    (operation,) = await queue.operations()
    undone = await queue.client.post(f"/v1/operations/{operation.id}/undo")
    assert (undone.status_code, undone.json()["count"]) == (200, 1), undone.text
    again = (await shelf.imports(file))[-1]
    assert (again.method, again.evidence["tmdb_id"]) == ("scan", title.tmdb_id)


async def test_a_rejected_item_is_never_suggested_again_until_a_person_matches_it_so(
    queue: Queue, shelf: Shelf
) -> None:
    file = await in_state(shelf, queue, "matched")
    await queue.correct(file, "unmatch", {"version": 2})
    (rejected,) = await shelf.rejections(file)
    assert (rejected.item_id, rejected.episodes, rejected.by) == ((await shelf.item_by_tmdb(2675)).id, None, "local")
    (asked,) = await shelf.questions(file)
    assert (asked.reason, asked.proposed) == (UnmatchedReason.REJECTED, None)
    assert (await queue.get(f"/v1/unmatched-files/{asked.id}"))["suggestions"] == []
    await queue.answer(asked.id, "refresh", status=202)
    await shelf.decide(file, unsure(MATRIX, SIGNS))
    suggested = (await queue.get(f"/v1/unmatched-files/{asked.id}"))["suggestions"]
    assert [each["tmdb_id"] for each in suggested] == [603]
    detail = await queue.get(f"/v1/media-files/{file}")
    assert detail["rejected"] == [{"type": "movie", "tmdb_id": 2675, "episodes": None}]
    item = (await shelf.item_by_tmdb(2675)).id
    await queue.answer(asked.id, "match", {"item_id": item})
    assert await shelf.rejections(file) == []


async def test_only_some_episodes_can_be_rejected(queue: Queue, shelf: Shelf) -> None:
    facts = series()
    file = await shelf.file(await shelf.library(), "Long Winter/S01E01.mkv")
    await shelf.decide(file, sure(facts, (1, 1)), facts)
    wrong: dict[str, Any] = {"version": 2, "episodes": [{"season": 1, "number": 2}]}
    assert "S01E01" in (await queue.correct(file, "unmatch", wrong, status=400))["detail"]
    await queue.correct(file, "unmatch", {"version": 2, "episodes": [{"season": 1, "number": 1}]})
    (rejected,) = await shelf.rejections(file)
    assert rejected.episodes == [[1, 1]]
    item = (await shelf.item_by_tmdb(1399)).id
    (asked,) = await shelf.questions(file)
    await queue.answer(asked.id, "match", {"item_id": item, "episodes": [{"season": 1, "number": 2}]})
    assert len(await shelf.rejections(file)) == 1  # the first episode is still not what it is
    same = {"item_id": item, "episodes": [{"season": 1, "number": 1}], "version": 4}
    await queue.correct(file, "match", same)
    assert await shelf.rejections(file) == []


async def test_files_of_one_folder_with_the_same_rejected_title_form_a_group(queue: Queue, shelf: Shelf) -> None:
    library, facts = await shelf.library(), series()
    for number in (1, 2, 3):
        file = await shelf.file(library, f"Long Winter/S01E0{number}.mkv")
        await shelf.decide(file, sure(facts, (1, number)), facts)
        await queue.correct(file, "unmatch", {"version": 2})
    (group,) = (await queue.get("/v1/unmatched-files/groups"))["items"]
    assert group["count"] == 3


async def test_unmatching_opens_a_new_question_beside_the_settled_one(queue: Queue, shelf: Shelf) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    first = await shelf.question(file)
    await queue.answer(first, "match", MATRIX_ANSWER)
    await queue.correct(file, "unmatch", {"version": 3})
    one, other = await shelf.questions(file)
    assert (one.id, one.resolution) == (first, Resolution.MATCHED)
    assert (other.reason, other.resolution) == (UnmatchedReason.REJECTED, None)


@pytest.mark.parametrize("what", ["match", "unmatch", "restore"])
async def test_files_that_do_not_exist_are_not_found(queue: Queue, shelf: Shelf, what: str) -> None:
    body = (MATRIX_ANSWER if what == "match" else {}) | {"version": 1}
    assert (await queue.correct(4711, what, body, status=404))["type"].endswith("file-unknown")
    for absurd in (2**63, 2**70, 0, -1, "x"):
        response = await queue.client.post(f"/v1/media-files/{absurd}/{what}", json=body)
        assert response.status_code in (400, 404)


@pytest.mark.parametrize("what", ["match", "unmatch", "restore"])
async def test_the_version_must_be_named(queue: Queue, shelf: Shelf, what: str) -> None:
    file = await in_state(shelf, queue, "dismissed")
    body = MATRIX_ANSWER if what == "match" else {}
    for version in ({}, {"version": 2**63}, {"version": "x"}, {"version": None}, {"version": 0}):
        assert "version" in (await queue.correct(file, what, body | version, status=400))["detail"]

"""The queue as it is looked at: list, detail, groups, summary."""

from typing import Any

from mediastead.files.types import Identification, Presence, Role, UnmatchedReason
from mediastead.metadata.errors import ProviderTrouble
from mediastead.metadata.models import ProviderState

from ...db.files.shelf import MATRIX, MOMENT, SIGNS, Shelf, ignored, unsure
from .conftest import Queue


async def ids(queue: Queue, **query: Any) -> list[int]:
    """All questions of a list, page by page."""
    found: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = await queue.get("/v1/unmatched-files", limit=2, **query, **cursor)
        found += [each["id"] for each in page["items"]]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


async def test_the_list_filters_by_all_that_it_offers(queue: Queue, shelf: Shelf) -> None:
    films, shows = await shelf.library("Films"), await shelf.library("Shows")
    a = await shelf.question(await shelf.file(films, "Signs/Signs.mkv"))
    b = await shelf.question(await shelf.file(films, "Other/x.mkv"), unsure(reason=UnmatchedReason.NO_MATCH))
    c = await shelf.question(await shelf.file(shows, "Dark/S01E01.mkv"))
    d = await shelf.question(await shelf.file(shows, "Dark/S01E02.mkv"))
    e = await shelf.question(await shelf.file(shows, "Gone/x.mkv", presence=Presence.MISSING, hidden=True))
    await queue.answer(d, "dismiss")
    assert await ids(queue) == [a, b, c]
    assert await ids(queue, status="dismissed") == [d]
    assert await ids(queue, status="matched") == []
    assert await ids(queue, status="all") == [a, b, c, d]
    assert await ids(queue, reason="no_match") == [b]
    assert await ids(queue, library=shows) == [c]
    assert await ids(queue, folder=await shelf.folder(films, b"Signs")) == [a]
    assert await ids(queue, words="dark s01", status="all") == [c, d]
    assert e not in await ids(queue, status="all")
    group = (await queue.get(f"/v1/unmatched-files/{c}"))["group"]
    assert await ids(queue, group=group) == [c]
    for wrong in (
        {"status": "x"},
        {"reason": "x"},
        {"library": 2**70},
        {"folder": "x"},
        {"limit": 501},
        {"cursor": "x"},
    ):
        response = await queue.client.get("/v1/unmatched-files", params=wrong)
        assert response.status_code == 400, wrong


async def test_a_question_is_shown_with_its_file_and_suggestions(queue: Queue, shelf: Shelf) -> None:
    file = await shelf.file(await shelf.library("Films"), b"Signs \xff/Signs.mkv")
    question = await shelf.question(file, unsure(SIGNS, MATRIX), proposed={"type": "movie", "tmdb_id": 2675})
    shown = await queue.get(f"/v1/unmatched-files/{question}")
    assert (shown["path"], shown["library"], shown["reason"]) == ("Signs \ufffd/Signs.mkv", "Films", "low_confidence")
    assert shown["would_match_if"] == "A year in the folder name decides."
    assert (shown["file"]["id"], shown["file"]["version"]) == (file, 2)
    first = shown["suggestions"][0]
    assert (first["tmdb_id"], first["title"], first["year"], first["probability"]) == (2675, "Signs", 2002, 0.5)
    assert first["evidence"] == [{"name": "title", "weight": 1.5, "detail": "it is the title"}]
    detail = await queue.get(f"/v1/media-files/{file}")
    assert detail["question_id"] == question
    assert detail["decision"]["outcome"] == "no_match"
    assert [each["success"] for each in detail["imports"]] == [False]
    for unknown in (question + 1000, 2**63 - 1):
        await queue.get(f"/v1/unmatched-files/{unknown}", expected=404)
    for absurd in (0, -1, 2**63, 2**70, "x"):
        assert (await queue.client.get(f"/v1/unmatched-files/{absurd}")).status_code in (400, 404)


async def test_a_match_that_was_taken_back_is_suggested(queue: Queue, shelf: Shelf) -> None:
    from ...db.files.shelf import sure

    file = await shelf.file(await shelf.library(), "Signs.mkv")
    question = await shelf.question(file)
    await queue.answer(question, "refresh", status=202)
    await shelf.decide(file, sure(SIGNS), SIGNS)
    await queue.answer(question, "restore")
    shown = await queue.get(f"/v1/unmatched-files/{question}")
    assert [each["tmdb_id"] for each in shown["suggestions"]] == [2675]


async def test_groups_are_ordered_by_what_one_answer_would_settle(queue: Queue, shelf: Shelf) -> None:
    library = await shelf.library()
    made: dict[str, list[int]] = {}
    for key, count in (("small", 1), ("large", 3), ("other", 1), ("middle", 2)):
        for number in range(count):
            file = await shelf.file(library, f"{key}/{9 - number}.mkv")
            proposed = {"type": "movie", "tmdb_id": 2675, "role": "feature", "episodes": []} if key == "large" else None
            question = await shelf.question(file, unsure(MATRIX, SIGNS), group_key=key, proposed=proposed)
            made.setdefault(key, []).append(question)
    groups: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await queue.get("/v1/unmatched-files/groups", limit=1, **cursor)
        groups += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [(each["shared"], each["count"]) for each in groups[:2]] == [("large", 3), ("middle", 2)]
    assert {each["shared"] for each in groups[2:]} == {"small", "other"}
    assert len({each["group"] for each in groups}) == 4
    large = groups[0]
    assert (large["title"], large["year"]) == ("Signs", 2002)
    assert [file["path"] for file in large["files"]] == ["large/7.mkv", "large/8.mkv", "large/9.mkv"]
    assert [file["id"] for file in large["files"]] == made["large"][::-1]
    assert large["files"][0]["proposed"] == {"type": "movie", "tmdb_id": 2675, "role": "feature", "episodes": []}
    assert groups[1]["title"] is None
    capped = (await queue.get("/v1/unmatched-files/groups", files=2))["items"][0]
    assert (capped["count"], len(capped["files"])) == (3, 2)
    assert await ids(queue, group=large["group"]) == made["large"]
    await queue.many("dismiss", [{"id": each} for each in made["large"]])
    assert len((await queue.get("/v1/unmatched-files/groups"))["items"]) == 3
    assert (await queue.get("/v1/unmatched-files/groups", library=library + 100))["items"] == []


async def test_the_summary_counts_questions_and_what_is_pending(queue: Queue, shelf: Shelf) -> None:
    films, shows = await shelf.library("Films"), await shelf.library("Shows")
    questions = [await shelf.question(await shelf.file(films, f"{n}.mkv")) for n in range(3)]
    await shelf.question(await shelf.file(shows, "x.mkv"), unsure(reason=UnmatchedReason.NO_MATCH))
    await queue.answer(questions[0], "dismiss")
    await shelf.file(films, "new.mkv")
    await shelf.file(films, "growing.mkv", unsettled_since=MOMENT)
    await shelf.decide(await shelf.file(films, "e.mkv"), ignored(Role.EXTRA))
    summary = await queue.get("/v1/unmatched-files/summary")
    assert summary["open"] == 3
    assert summary["by_reason"]["low_confidence"] == 2
    assert summary["by_reason"]["no_match"] == 1
    assert set(summary["by_reason"]) == {reason.value for reason in UnmatchedReason}
    assert summary["by_library"] == [
        {"library_id": films, "library": "Films", "open": 2},
        {"library_id": shows, "library": "Shows", "open": 1},
    ]
    assert summary["by_status"] == {"open": 3, "matched": 0, "dismissed": 1, "withdrawn": 0}
    assert summary["pending"] == {"total": 2, "settling": 1, "waiting_for": None}


async def test_pending_files_tell_what_keeps_the_provider_from_being_asked(queue: Queue, shelf: Shelf) -> None:
    from sqlalchemy import insert

    file = await shelf.file(await shelf.library(), "new.mkv")
    async with queue.database.write() as session:
        trouble = {
            "provider": "bundled",
            "trouble": ProviderTrouble.DOWN,
            "detail": "it is down; wait",
            "since": MOMENT,
        }
        await session.execute(insert(ProviderState), trouble | {"retry_at": MOMENT, "failures": 1})
    wait = {
        "what": "provider",
        "provider": "bundled",
        "trouble": "down",
        "detail": "it is down; wait",
        "retry_at": "2026-03-01T12:00:00Z",
    }
    (shown,) = (await queue.get("/v1/media-files"))["items"]
    assert (shown["identification"], shown["waiting_for"]) == (Identification.PENDING, wait)
    assert (await queue.get(f"/v1/media-files/{file}"))["waiting_for"] == wait
    summary = await queue.get("/v1/unmatched-files/summary")
    assert summary["pending"]["waiting_for"] == wait
    (library,) = (await queue.get("/v1/libraries"))["items"]
    assert library["counts"]["pending"] == {"total": 1, "settling": 0, "out_of_reach": 0, "waiting_for": wait}

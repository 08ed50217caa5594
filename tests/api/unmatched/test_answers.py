"""Answers to questions: one transaction, one operation, one event a file; a settled question is a conflict."""

from datetime import UTC, datetime
from typing import Any

import httpx

from mediastead.app import create_app
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.files.types import Identification, ImportMethod, Presence, Role
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.metadata.errors import ProviderTrouble, ProviderUnavailable
from mediastead.metadata.facts import ItemFacts
from mediastead.settings import Settings

from ...db.files.shelf import MATRIX, SIGNS, Shelf, series, sure, unsure
from .conftest import Queue

MATRIX_ANSWER = {"type": "movie", "tmdb_id": 603}


async def asked(shelf: Shelf, name: str = "Signs.mkv", **values: Any) -> tuple[int, int]:
    """A file with an open question: (file id, question id)."""
    library = await shelf.library(name=f"Library of {name}")
    file = await shelf.file(library, name, **values)
    return file, await shelf.question(file)


async def test_a_match_settles_the_question_with_import_operation_and_event(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf)
    answered = await queue.answer(question, "match", MATRIX_ANSWER)
    assert (answered["id"], answered["status"], answered["resolved_by"]) == (question, "matched", "local")
    row, item = await shelf.row(file), await shelf.item_by_tmdb(603)
    assert (row.identification, row.media_item_id, row.role, row.version) == ("matched", item.id, "feature", 3)
    made = (await shelf.imports(file))[-1]
    assert (made.method, made.success, made.actor) == (ImportMethod.MANUAL_MATCH, True, "local")
    assert made.source_path == b"/media/Library of Signs.mkv/Signs.mkv"
    assert made.evidence["title"] == "The Matrix"
    (operation,) = await queue.operations()
    assert (operation.kind, operation.actor) == ("match", "local")
    assert operation.before["files"][0]["identification"] == "unmatched"
    assert operation.after == {"files": [{"id": file, "version": 3}]}
    kind, data = (await queue.events())[-1]
    assert (kind, data["file_id"], data["item_id"], data["actor"]) == ("file.matched", file, item.id, "local")


async def test_an_item_is_named_by_our_id_as_well(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf)
    item = await shelf.item(SIGNS)
    await queue.answer(question, "match", {"item_id": item, "edition": "Director's Cut", "part": 2})
    row = await shelf.row(file)
    assert (row.media_item_id, row.edition, row.part) == (item, "Director's Cut", 2)


async def test_part_and_edition_are_kept_from_the_name_unless_the_answer_says_otherwise(
    queue: Queue, shelf: Shelf
) -> None:
    library = await shelf.library()
    kept, emptied = await shelf.file(library, "a.mkv"), await shelf.file(library, "b.mkv")
    for file, body in ((kept, {}), (emptied, {"part": None, "edition": None})):
        question = await shelf.question(file, unsure(part=2, edition="Unrated"))
        await queue.answer(question, "match", MATRIX_ANSWER | body)
    assert [((await shelf.row(f)).part, (await shelf.row(f)).edition) for f in (kept, emptied)] == [
        (2, "Unrated"),
        (None, None),
    ]


async def test_the_same_answer_again_is_a_conflict_too_and_writes_nothing(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf)
    await queue.answer(question, "match", MATRIX_ANSWER)
    imports = len(await shelf.imports(file))
    again = await queue.answer(question, "match", MATRIX_ANSWER, status=409)
    assert again["resolved_by"] == "local"
    assert len(await shelf.imports(file)) == imports
    assert len(await queue.operations()) == 1
    assert (await shelf.row(file)).version == 3


async def test_another_answer_to_a_settled_question_is_a_conflict_that_says_who_and_when(
    queue: Queue, shelf: Shelf
) -> None:
    file, question = await asked(shelf)
    await queue.answer(question, "match", MATRIX_ANSWER)
    for what, body in (
        ("match", {"type": "movie", "tmdb_id": 27205}),
        ("dismiss", None),
        ("refresh", None),
    ):
        problem = await queue.answer(question, what, body, status=409)
        assert problem["resolved_by"] == "local"
        assert problem["resolution"] == "matched"
        assert "2026-03-01T12:00:00" in problem["detail"]
    assert (await shelf.row(file)).media_item_id == (await shelf.item_by_tmdb(603)).id
    assert len(await queue.operations()) == 1


async def test_what_the_scan_settled_is_a_conflict_even_for_the_same_title(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf)
    await queue.answer(question, "refresh", status=202)
    await shelf.decide(file, sure(MATRIX), MATRIX)
    problem = await queue.answer(question, "match", MATRIX_ANSWER, status=409)
    assert "by the scan" in problem["detail"]


async def test_a_dismissal_settles_the_question(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf)
    assert (await queue.answer(question, "dismiss"))["status"] == "dismissed"
    assert (await shelf.row(file)).identification is Identification.DISMISSED
    assert [operation.kind for operation in await queue.operations()] == ["dismiss"]
    assert (await queue.events())[-1][0] == "file.dismissed"
    assert (await queue.answer(question, "dismiss", status=409))["resolution"] == "dismissed"


async def test_a_refresh_sets_the_file_pending_and_leaves_the_question_open(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf)
    refreshed = await queue.answer(question, "refresh", status=202)
    assert (refreshed["status"], refreshed["refreshing"]) == ("open", True)
    assert (await shelf.row(file)).identification is Identification.PENDING
    await queue.answer(question, "refresh", status=202)
    assert [operation.kind for operation in await queue.operations()] == ["refresh"]


async def test_a_question_that_is_being_refreshed_can_be_answered(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf)
    await queue.answer(question, "refresh", status=202)
    seen = (await shelf.row(file)).version
    await queue.answer(question, "match", MATRIX_ANSWER)
    assert await shelf.decide(file, sure(SIGNS), SIGNS, version_seen=seen) == [file]
    assert (await shelf.row(file)).media_item_id == (await shelf.item_by_tmdb(603)).id


async def test_restoring_a_dismissed_question_opens_it_as_it_was(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf)
    await queue.answer(question, "dismiss")
    restored = await queue.answer(question, "restore")
    assert (restored["status"], restored["reason"], restored["resolved_by"]) == ("open", "low_confidence", None)
    assert (await shelf.row(file)).identification is Identification.UNMATCHED
    assert [operation.kind for operation in await queue.operations()] == ["dismiss", "restore"]


async def test_restoring_a_matched_question_takes_the_match_back_and_rejects_nothing(
    queue: Queue, shelf: Shelf
) -> None:
    file, question = await asked(shelf)
    await queue.answer(question, "match", MATRIX_ANSWER)
    assert (await queue.answer(question, "restore"))["status"] == "open"
    row = await shelf.row(file)
    assert (row.identification, row.media_item_id, row.role) == (Identification.UNMATCHED, None, None)
    assert await shelf.rejections(file) == []
    await queue.answer(question, "match", MATRIX_ANSWER)


async def test_an_open_question_has_nothing_to_restore(queue: Queue, shelf: Shelf) -> None:
    _, question = await asked(shelf)
    assert "answer it" in (await queue.answer(question, "restore", status=409))["detail"]


async def test_a_question_cannot_be_restored_once_its_file_has_moved_on(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf)
    await queue.answer(question, "match", MATRIX_ANSWER)
    await queue.correct(file, "match", {"type": "movie", "tmdb_id": 27205, "version": 3})
    problem = await queue.answer(question, "restore", status=409)
    assert (problem["identification"], problem["version"], problem["file_id"]) == ("matched", 4, file)
    await queue.correct(file, "unmatch", {"version": 4})
    assert (await queue.answer(question, "restore", status=409))["question_id"] != question


async def test_a_missing_file_can_be_matched(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf, presence=Presence.MISSING)
    await queue.answer(question, "match", MATRIX_ANSWER)
    assert (await shelf.row(file)).identification is Identification.MATCHED


async def test_the_episodes_of_a_series_must_exist_and_the_problem_names_those_that_do(
    queue: Queue, shelf: Shelf
) -> None:
    file, question = await asked(shelf)
    item = await shelf.item(series(tmdb_id=999_999, episodes=8, specials=2))
    problem = await queue.answer(
        question, "match", {"item_id": item, "episodes": [{"season": 1, "number": 12}]}, status=422
    )
    assert "has no S01E12; season 1 has the episodes 1-8" in problem["detail"]
    assert problem["missing"] == [{"season": 1, "number": 12}]
    assert problem["seasons"] == {"0": "1-2", "1": "1-8"}
    problem = await queue.answer(
        question, "match", {"item_id": item, "episodes": [{"season": 4, "number": 1}]}, status=422
    )
    assert "it has the seasons 0-1" in problem["detail"]
    assert (await shelf.row(file)).identification is Identification.UNMATCHED
    both = {"item_id": item, "episodes": [{"season": 1, "number": 2}, {"season": 1, "number": 3}]}
    await queue.answer(question, "match", both)
    found = await queue.get(f"/v1/media-files/{file}")
    assert found["episodes"] == both["episodes"]
    assert found["role"] == "episode"


SENSELESS: list[tuple[Any, str]] = [
    ({}, "item_id"),
    ({"type": "movie"}, "item_id"),
    ({"tmdb_id": 603}, "item_id"),
    ({"item_id": 1, "type": "movie", "tmdb_id": 603}, "item_id"),
    (MATRIX_ANSWER | {"episodes": [{"season": 1, "number": 1}]}, "film"),
    (MATRIX_ANSWER | {"role": "episode"}, "film"),
    ({"type": "series", "tmdb_id": 1396}, "which"),
    ({"type": "series", "tmdb_id": 1396, "role": "feature"}, "series"),
    (MATRIX_ANSWER | {"part": 0}, "part"),
    (MATRIX_ANSWER | {"part": 2**70}, "part"),
    (MATRIX_ANSWER | {"edition": "a\0b"}, "edition"),
    (MATRIX_ANSWER | {"editon": "Unrated"}, "editon"),
    ({"type": "movie", "tmdb_id": 2**63}, "tmdb_id"),
    ({"type": "movie", "tmdb_id": -1}, "tmdb_id"),
    ({"item_id": 2**70}, "item_id"),
    ({"type": "book", "tmdb_id": 1}, "type"),
    ({"type": "series", "tmdb_id": 1396, "episodes": [{"season": 2**70, "number": 1}]}, "season"),
    ([], "object"),
    ("x", "object"),
]
"""Bodies, and what the problem speaks of."""


async def test_an_answer_that_makes_no_sense_is_refused_with_what_would(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf)
    for body, said in SENSELESS:
        problem = await queue.answer(question, "match", body, status=400)
        assert said in problem["detail"], body
    assert (await shelf.row(file)).version == 2


async def test_an_extra_belongs_to_a_series_without_episodes(queue: Queue, shelf: Shelf) -> None:
    file, question = await asked(shelf)
    item = await shelf.item(series())
    await queue.answer(question, "match", {"item_id": item, "role": "extra"})
    row = await shelf.row(file)
    assert (row.media_item_id, row.role) == (item, Role.EXTRA)


async def test_unknown_titles_items_and_questions_are_not_found(queue: Queue, shelf: Shelf) -> None:
    _, question = await asked(shelf)
    assert (
        "item-not-found-at-provider"
        in (await queue.answer(question, "match", {"type": "movie", "tmdb_id": 987_654_321}, status=404))["type"]
    )
    assert "no-such-item" in (await queue.answer(question, "match", {"item_id": 4711}, status=404))["type"]
    for what, body in (("match", MATRIX_ANSWER), ("dismiss", None), ("refresh", None), ("restore", None)):
        assert "question-unknown" in (await queue.answer(question + 1000, what, body, status=404))["type"]
        for absurd in (2**63, 2**70):
            assert (await queue.client.post(f"/v1/unmatched-files/{absurd}/{what}", json=body)).status_code in (
                400,
                404,
            )


async def test_text_that_no_unicode_can_hold_is_refused(client: httpx.AsyncClient, shelf: Shelf) -> None:
    _, question = await asked(shelf)
    for half in (rb"\ud800", rb"\udcff\udcfe"):
        body = b'{"type": "movie", "tmdb_id": 603, "edition": "' + half + b'"}'
        response = await client.post(
            f"/v1/unmatched-files/{question}/match", content=body, headers={"content-type": "application/json"}
        )
        assert response.status_code == 400


class Silent(BundledCatalogue):
    """A provider that is down."""

    async def item(self, type: Any, tmdb_id: int) -> ItemFacts:
        raise ProviderUnavailable("it is down; wait", provider="bundled", trouble=ProviderTrouble.DOWN)


async def test_a_provider_that_is_down_is_told_and_changes_nothing(
    settings: Settings, database: Database, shelf: Shelf
) -> None:
    file, question = await asked(shelf)
    known, other = await asked(shelf, "The Matrix.mkv")
    item = await shelf.item(MATRIX)
    clock = SetClock(datetime(2026, 3, 1, tzinfo=UTC))
    application: Any = create_app(settings, database=database, clock=clock, provider=Silent(), background="none")
    async with application.lifespan():
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8484") as client:
            queue = Queue(client, database)
            await queue.answer(question, "match", {"type": "movie", "tmdb_id": 27205}, status=503)
            done = await queue.many(
                "match",
                [{"id": question, "type": "movie", "tmdb_id": 27205}, {"id": other, "type": "movie", "tmdb_id": 603}],
            )
    assert [each["status"] for each in done["results"]] == ["failed", "matched"]
    assert done["results"][0]["error"]["status"] == 503
    assert (await shelf.row(file)).identification is Identification.UNMATCHED
    assert (await shelf.row(known)).media_item_id == item


async def test_matching_a_feature_by_hand_asks_the_extras_beside_it_again(queue: Queue, shelf: Shelf) -> None:
    from ...db.files.shelf import ignored

    library = await shelf.library()
    extra, file = await shelf.file(library, "Signs/talk.mkv"), await shelf.file(library, "Signs/Signs.mkv")
    await shelf.decide(extra, ignored(Role.EXTRA))
    question = await shelf.question(file)
    await queue.answer(question, "match", {"type": "movie", "tmdb_id": 603})
    assert (await shelf.row(extra)).identification is Identification.PENDING

"""One answer for a whole group: previewed, then given; and nothing answered that was not seen."""

from typing import Any

import pytest

from mediastead.catalog.types import ItemType
from mediastead.files.types import Role
from mediastead.metadata.facts import EpisodeFacts, ItemFacts, SeasonFacts

from ...db.files.shelf import Shelf, unsure
from .conftest import Queue

FRIENDS = {"type": "series", "tmdb_id": 1668}
SPLIT = ItemFacts(
    type=ItemType.SERIES,
    tmdb_id=77,
    title="Split Seasons",
    year=2025,
    seasons=(
        SeasonFacts(number=1, episodes=tuple(EpisodeFacts(number=n, title=f"Part {n}") for n in range(1, 27))),
        SeasonFacts(number=2, episodes=tuple(EpisodeFacts(number=n) for n in range(1, 11))),
    ),
)


class Asked:
    def __init__(self, group: str, questions: list[int], files: list[int]) -> None:
        self.group = group
        self.questions = questions
        self.files = files


async def asked(shelf: Shelf, queue: Queue, numbers: list[dict[str, Any]], **values: Any) -> Asked:
    """A group of files whose names say these numbers."""
    library = await shelf.library("Shows")
    files, questions = [], []
    for place, said in enumerate(numbers):
        file = await shelf.file(library, f"Show/{place}.mkv")
        files.append(file)
        questions.append(await shelf.question(file, unsure(), group_key="series: show", said=said, **values))
    [group] = (await queue.get("/v1/unmatched-files/groups"))["items"]
    return Asked(group["group"], questions, files)


def said(season: int | None, *numbers: int, **more: Any) -> dict[str, Any]:
    return {"episodes": list(numbers), **({"seasons": [season]} if season is not None else {}), **more}


def held(file: dict[str, Any]) -> list[tuple[int, int]]:
    return [(each["season"], each["number"]) for each in file["episodes"]]


async def test_an_offset_for_a_group_is_previewed_and_given(queue: Queue, shelf: Shelf) -> None:
    item = await shelf.item(SPLIT)
    group = await asked(shelf, queue, [said(1, 13), said(2, 1), said(2, 2), said(2, 14), said(None)])
    answer = {"item_id": item, "numbering": {"shifts": [{"season": 2, "to_season": 1, "add": 13}]}}
    seen = await queue.answer(f"groups/{group.group}", "preview", answer)
    by_id = {file["id"]: file for file in seen["files"]}
    assert [held(by_id[question]) for question in group.questions] == [[(1, 13)], [(1, 14)], [(1, 15)], [], []]
    assert by_id[group.questions[1]]["says"] == "S02E01"
    assert by_id[group.questions[1]]["episodes"][0]["title"] == "Part 14"
    assert "has no episode 27 in season 1" in by_id[group.questions[3]]["problem"]
    assert "no episode" in by_id[group.questions[4]]["problem"]
    assert (seen["settles"], seen["left"], seen["order"]) == (3, 2, None)
    assert seen["title"] == {"type": "series", "tmdb_id": 77, "item_id": item, "title": "Split Seasons", "year": 2025}
    assert await queue.operations() == []
    done = await queue.answer(f"groups/{group.group}", "match", answer | {"seen": seen["seen"]})
    assert [each["status"] for each in done["results"]] == ["matched"] * 3 + ["failed"] * 2
    assert done["left"] == 2
    assert done["results"][3]["error"]["type"].endswith("no-such-episode")
    operations = await queue.operations()
    assert [(each.kind, len(each.after["files"])) for each in operations if each.id == done["operation_id"]] == [
        ("match", 3)
    ]
    files = await queue.get("/v1/media-files", item=item)
    assert sorted(held(file) for file in files["items"]) == [[(1, 13)], [(1, 14)], [(1, 15)]]


async def test_a_table_goes_before_offsets_and_says_more_than_one_episode(queue: Queue, shelf: Shelf) -> None:
    item = await shelf.item(SPLIT)
    group = await asked(shelf, queue, [said(None, 1), said(None, 30, title="Show")])
    rows = [{"number": 1, "to": [{"season": 1, "number": 1}, {"season": 1, "number": 2}]}]
    numbering = {"rows": rows, "shifts": [{"to_season": 2, "add": -26}]}
    seen = await queue.answer(f"groups/{group.group}", "preview", {"item_id": item, "numbering": numbering})
    assert {file["id"]: held(file) for file in seen["files"]} == {
        group.questions[0]: [(1, 1), (1, 2)],
        group.questions[1]: [(2, 4)],
    }


async def test_without_a_numbering_names_are_taken_as_they_say(queue: Queue, shelf: Shelf) -> None:
    group = await asked(shelf, queue, [said(1, 2), {"absolute_episodes": [25]}, said(None, 3)])
    seen = await queue.answer(f"groups/{group.group}", "preview", FRIENDS)
    by_id = {file["id"]: file for file in seen["files"]}
    assert [held(by_id[each]) for each in group.questions] == [[(1, 2)], [(2, 1)], [(1, 3)]]
    assert [by_id[each]["unsure"] for each in group.questions] == [False, False, True]
    assert seen["title"]["item_id"] is None, "it is new to the catalog"
    done = await queue.answer(f"groups/{group.group}", "match", FRIENDS | {"seen": seen["seen"]})
    assert (done["left"], {each["status"] for each in done["results"]}) == (0, {"matched"})


async def test_files_that_joined_since_the_preview_are_not_answered_unseen(queue: Queue, shelf: Shelf) -> None:
    group = await asked(shelf, queue, [said(1, 1)])
    seen = await queue.answer(f"groups/{group.group}", "preview", FRIENDS)
    library = await shelf.library("Later")
    late = await shelf.file(library, "Show/late.mkv")
    await shelf.question(late, unsure(), group_key="series: show", said=said(1, 9))
    refused = await queue.answer(f"groups/{group.group}", "match", FRIENDS | {"seen": seen["seen"]}, status=409)
    assert refused["type"].endswith("group-changed")
    assert (await shelf.row(group.files[0])).identification.value == "unmatched"
    again = await queue.answer(f"groups/{group.group}", "preview", FRIENDS)
    assert again["seen"] == refused["seen"] != seen["seen"]
    done = await queue.answer(f"groups/{group.group}", "match", FRIENDS | {"seen": again["seen"]})
    assert len(done["results"]) == 2


async def test_an_answer_may_be_for_some_of_the_files_only(queue: Queue, shelf: Shelf) -> None:
    group = await asked(shelf, queue, [said(1, n) for n in range(1, 5)])
    some = FRIENDS | {"only": group.questions[:3], "except": group.questions[:1]}
    seen = await queue.answer(f"groups/{group.group}", "preview", some)
    assert [file["id"] for file in seen["files"]] == group.questions[1:3]
    assert (seen["settles"], seen["left"]) == (2, 2)
    done = await queue.answer(f"groups/{group.group}", "match", some | {"seen": seen["seen"]})
    assert ([each["id"] for each in done["results"]], done["left"]) == (group.questions[1:3], 2)


async def test_one_files_conflict_keeps_no_other_from_being_written(queue: Queue, shelf: Shelf) -> None:
    group = await asked(shelf, queue, [said(1, 1), said(1, 2)])
    seen = await queue.answer(f"groups/{group.group}", "preview", FRIENDS)
    await queue.answer(group.questions[0], "dismiss")
    await queue.answer(f"groups/{group.group}", "match", FRIENDS | {"seen": seen["seen"]}, status=409)
    rest = await queue.answer(f"groups/{group.group}", "preview", FRIENDS)
    assert [file["id"] for file in rest["files"]] == group.questions[1:]


async def test_a_film_takes_all_files_of_a_group_and_extras_stay_extras(queue: Queue, shelf: Shelf) -> None:
    library = await shelf.library()
    questions: list[int] = []
    for name, role in (("cd1", None), ("cd2", None), ("trailer", Role.EXTRA)):
        file = await shelf.file(library, f"Odd/{name}.mkv")
        questions.append(await shelf.question(file, unsure(role=role), group_key="movie: odd", said={}))
    [group] = (await queue.get("/v1/unmatched-files/groups"))["items"]
    film = {"type": "movie", "tmdb_id": 603}
    seen = await queue.answer(f"groups/{group['group']}", "preview", film)
    assert {file["id"]: file["role"] for file in seen["files"]} == dict(
        zip(questions, ("feature", "feature", "extra"), strict=True)
    )
    numbered = film | {"numbering": {"shifts": [{"to_season": 1}]}}
    refused = await queue.answer(f"groups/{group['group']}", "preview", numbered, status=400)
    assert "is a film" in refused["detail"]
    done = await queue.answer(f"groups/{group['group']}", "match", film | {"seen": seen["seen"]})
    assert {each["status"] for each in done["results"]} == {"matched"}


async def test_what_was_not_kept_is_read_from_the_name(queue: Queue, shelf: Shelf) -> None:
    library = await shelf.library("Shows")
    file = await shelf.file(library, "Friends/Friends - S01E04.mkv")
    await shelf.question(file, unsure(), group_key="series: friends")
    [group] = (await queue.get("/v1/unmatched-files/groups"))["items"]
    seen = await queue.answer(f"groups/{group['group']}", "preview", FRIENDS)
    assert [(each["says"], held(each)) for each in seen["files"]] == [("S01E04", [(1, 4)])]


async def test_a_number_that_belongs_to_the_title_is_no_episode(queue: Queue, shelf: Shelf) -> None:
    facts = ItemFacts(
        type=ItemType.SERIES,
        tmdb_id=78,
        title="Mob Psycho 100",
        seasons=(SeasonFacts(number=1, episodes=tuple(EpisodeFacts(number=n) for n in range(1, 13))),),
    )
    item = await shelf.item(facts)
    library = await shelf.library("Shows")
    file = await shelf.file(library, "Mob Psycho 100 - 08.mkv")
    kept = {"absolute_episodes": [100, 8], "title": "Mob Psycho"}
    await shelf.question(file, unsure(), group_key="series: mob psycho", said=kept)
    [group] = (await queue.get("/v1/unmatched-files/groups"))["items"]
    seen = await queue.answer(f"groups/{group['group']}", "preview", {"item_id": item})
    assert [held(each) for each in seen["files"]] == [[(1, 8)]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"item_id": 1, "type": "movie", "tmdb_id": 1}, 400),
        ({"item_id": 4711}, 404),
        ({"type": "series", "tmdb_id": 999_999_999}, 404),
        (FRIENDS | {"order": "abc", "numbering": {}}, 400),
        (FRIENDS | {"order": "abc"}, 404),
        (FRIENDS | {"order": "../x"}, 400),
        (FRIENDS | {"only": []}, 400),
        (FRIENDS | {"numbering": {"shifts": [{"season": -1, "to_season": 1}]}}, 400),
        (FRIENDS | {"numbering": {"rows": [{"number": 1, "to": []}]}}, 400),
        (FRIENDS | {"unknown": 1}, 400),
    ],
)
async def test_answers_that_say_too_little_or_nonsense_are_refused(
    queue: Queue, shelf: Shelf, body: dict[str, Any], status: int
) -> None:
    group = await asked(shelf, queue, [said(1, 1)])
    await queue.answer(f"groups/{group.group}", "preview", body, status=status)
    await queue.answer(f"groups/{group.group}", "match", body | {"seen": "0" * 16}, status=status)


async def test_a_group_that_is_not_there_is_told(queue: Queue, shelf: Shelf) -> None:
    await queue.answer("groups/0123456789abcdef", "preview", FRIENDS, status=404)
    group = await asked(shelf, queue, [said(1, 1)])
    await queue.answer(f"groups/{group.group}", "match", FRIENDS, status=400)
    await queue.answer(f"groups/{group.group}", "match", FRIENDS | {"seen": "0" * 16}, status=409)

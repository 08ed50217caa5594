"""Whatever a person said of files can be taken back as one thing, and taken back again."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from mediastead.clock import SetClock
from mediastead.files.models import MediaFileDecision, MediaFileState
from mediastead.files.types import Presence, Role
from mediastead.metadata.provider import CatalogProvider
from mediastead.operations.models import Operation
from mediastead.operations.service import mark_taken_back, record_operation
from mediastead.organizing.models import GroupState, Organizing, OrganizingGroup, OrganizingStep, StepAction
from mediastead.organizing.moves import MoveRole
from mediastead.unmatched.models import RememberedAnswer

from ...db.files.shelf import MATRIX, MOMENT, SIGNS, Shelf, ignored, series, sure, unsure
from ...db.metadata.scripted import Scripted
from ..unmatched.test_orders import DVD, SHOW
from ..unmatched.test_remembered import recalled
from .conftest import History

NAMES = [f"Wntr/Wntr S01E0{number}.mkv" for number in (1, 2, 3)]


@pytest.fixture
def provider() -> CatalogProvider:
    scripted = Scripted(SHOW, MATRIX, SIGNS, series())
    scripted.of_series[77] = [DVD]
    return scripted


class Room:
    """Files in every state: three of a series that are asked about, one film matched, one extra ignored, one dismissed."""

    def __init__(self, history: History, shelf: Shelf, clock: SetClock) -> None:
        self.history, self.shelf, self.clock = history, shelf, clock
        self.asked: list[int] = []
        self.questions: list[int] = []
        self.series = self.matched = self.ignored = self.dismissed = 0

    async def fill(self) -> None:
        shelf = self.shelf
        library = await shelf.library()
        self.series = await shelf.item(series())
        for name in NAMES:
            self.asked.append(await shelf.file(library, name))
            proposed = {"type": "series", "tmdb_id": 1399, "role": "episode", "episodes": []}
            question = shelf.question(self.asked[-1], unsure(series()), recall=recalled(name), proposed=proposed)
            self.questions.append(await question)
        self.matched = await shelf.file(library, "Signs (2002)/Signs.mkv")
        await shelf.decide(self.matched, sure(SIGNS, edition="Long"), SIGNS)
        await self._lean(self.matched)
        self.ignored = await shelf.file(library, "Elsewhere/trailer.mkv")
        await shelf.decide(self.ignored, ignored(Role.EXTRA))
        self.dismissed = await shelf.file(library, "Hols/DSC_1.mp4")
        question = await shelf.question(self.dismissed, unsure())
        await self.history.answer(question, "dismiss")
        self.clock.advance(timedelta(seconds=1))

    async def _lean(self, file: int) -> None:
        async with self.shelf.database.write() as session:
            leaning = update(MediaFileDecision).where(MediaFileDecision.file_id == file)
            await session.execute(leaning.values(neighbours="[]"))

    async def version(self, file: int) -> int:
        return (await self.shelf.row(file)).version

    async def match(self, file: int, tmdb_id: int = 603, **more: Any) -> dict[str, Any]:
        body = {"type": "movie", "tmdb_id": tmdb_id, "version": await self.version(file), **more}
        return await self.history.correct(file, "match", body)

    async def episode(self, which: int, **more: Any) -> dict[str, Any]:
        body = {"item_id": self.series, "episodes": [{"season": 1, "number": which + 1}], **more}
        return await self.history.answer(self.questions[which], "match", body)

    async def dismiss_folder(self) -> None:
        response = await self.history.client.post("/v1/dismissed-folders", json={"question_id": self.questions[0]})
        assert response.status_code == 200, response.text


@pytest.fixture
async def room(history: History, shelf: Shelf, clock: SetClock) -> Room:
    room = Room(history, shelf, clock)
    await room.fill()
    return room


async def correct(room: Room, file: int, what: str) -> Any:
    return await room.history.correct(file, what, {"version": await room.version(file)})


async def many(room: Room, what: str) -> Any:
    of_series = {"item_id": room.series, "episodes": [{"season": 1, "number": 1}], "remember": False}
    said = of_series if what == "match" else {}
    return await room.history.many(what, [{"id": question, **said} for question in room.questions])


Doing = Callable[[Room], Awaitable[Any]]
WAITS = "an answer that is remembered"
DOINGS: dict[str, Doing] = {
    "an answer": lambda room: room.episode(0, remember=False),
    "a correction that leans on nothing any more": lambda room: room.match(room.matched),
    "an answer for a dismissed file": lambda room: room.match(room.dismissed),
    "an answer for an ignored file": lambda room: room.match(room.ignored, role="extra"),
    "a rejection": lambda room: correct(room, room.matched, "unmatch"),
    "an ignored file put into the queue": lambda room: correct(room, room.ignored, "unmatch"),
    "a rule that is lifted": lambda room: correct(room, room.ignored, "restore"),
    "a dismissed file that is asked about": lambda room: correct(room, room.dismissed, "restore"),
    "a refresh": lambda room: room.history.answer(room.questions[0], "refresh", status=202),
    "a dismissal": lambda room: room.history.answer(room.questions[0], "dismiss"),
    "many answers": lambda room: many(room, "match"),
    "many dismissals": lambda room: many(room, "dismiss"),
    "a dismissed folder": lambda room: room.dismiss_folder(),
    WAITS: lambda room: room.episode(0),
}


def without_ids(picture: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in picture.items() if name != "asked"} | {
        "asked": [row[1:] for row in picture["asked"]]
    }


async def test_an_answer_by_numbers_is_taken_back_with_what_was_remembered_of_it(
    history: History, shelf: Shelf, clock: SetClock
) -> None:
    """A group answered with an offset, and with a table: files, questions and the numbering that later files would follow."""
    item = await shelf.item(series(episodes=30))
    library = await shelf.library()
    for number in (1, 2, 3):
        name = f"Wntr/Wntr S02E0{number}.mkv"
        said = {"seasons": [2], "episodes": [number]}
        file = await shelf.file(library, name)
        await shelf.question(file, unsure(series()), recall=recalled(name), said=said, group_key="series: wntr")
    [group] = (await history.get("/v1/unmatched-files/groups"))["items"]
    for numbering in (
        {"shifts": [{"season": 2, "to_season": 1, "add": 13}]},
        {"rows": [{"season": 2, "number": n, "to": [{"season": 1, "number": 20 + n}]} for n in (1, 2, 3)]},
    ):
        before = await history.picture()
        answer = {"item_id": item, "numbering": numbering}
        seen = await history.answer(f"groups/{group['group']}", "preview", answer)
        clock.advance(timedelta(seconds=1))
        done = await history.answer(f"groups/{group['group']}", "match", answer | {"seen": seen["seen"]})
        assert [each["status"] for each in done["results"]] == ["matched"] * 3
        after = await history.picture()
        assert len(after["answers"]) == 1
        undone = await history.undo(done["operation_id"])
        assert (undone["count"], undone["against"]) == (3, [])
        assert await history.picture() == before
        await history.undo(undone["operation_id"])
        assert without_ids(await history.picture()) == without_ids(after)
        await history.undo((await history.latest())["id"])
        assert without_ids(await history.picture()) == without_ids(before)


async def test_missing_files_that_were_forgotten_are_listed_again(history: History, shelf: Shelf) -> None:
    library = await shelf.library()
    gone = [await shelf.file(library, f"{number}.mkv", presence=Presence.MISSING) for number in range(3)]

    async def listed() -> list[int]:
        return [file["id"] for file in (await history.get("/v1/media-files"))["items"]]

    answer = await history.client.post("/v1/media-files/forget", json={"file_ids": gone[:2]})
    assert answer.status_code == 200
    assert await listed() == gone[2:]
    forgot = await history.latest()
    assert (forgot["kind"], forgot["can_be_undone"]) == ("forget", True)
    looked = await history.undo(forgot["id"], dry_run=True)
    assert looked["also"] == ["missing files that are listed again: 2"]
    assert await listed() == gone[2:]
    undone = await history.undo(forgot["id"])
    assert await listed() == gone
    # It came back meanwhile: that stays so, whatever is said of the forgetting.
    async with shelf.database.write() as session:
        back = update(MediaFileState).where(MediaFileState.file_id == gone[0])
        await session.execute(back.values(presence=Presence.PRESENT, missing_since=None))
    again = await history.undo(undone["operation_id"])
    assert again["also"] == ["missing files that are forgotten again: 1"]
    assert await listed() == [gone[0], gone[2]]


async def test_what_cannot_be_taken_back_says_why_and_what_to_do(room: Room, history: History) -> None:
    async with room.shelf.database.write() as session:
        merged = await record_operation(session, MOMENT, "anna", "items_merged", "merged", {}, {})
    refused = await history.undo(merged, status=409)
    assert "nothing tells which was whose" in refused["detail"]
    assert "mediastead items add" in refused["detail"]


async def test_all_is_as_it_was_and_as_it_became(room: Room, history: History) -> None:
    for what, do in DOINGS.items():
        before = await history.picture()
        await do(room)
        after = await history.picture()
        assert after != before, what
        done = await history.latest()
        assert done["can_be_undone"] and done["undone_by"] is None
        looked = await history.undo(done["id"], dry_run=True)
        assert await history.picture() == after
        assert (looked["dry_run"], looked["operation_id"], looked["against"]) == (True, None, [])

        undone = await history.undo(done["id"])

        back = await history.picture()
        if what == WAITS:  # its siblings wait to be looked at, now without it
            assert [row[0] for row in back["files"][1:3]] == ["pending", "pending"]
            files = [back["files"][0], *before["files"][1:3], *back["files"][3:]]
            assert back | {"files": files} == before
        else:
            assert back == before, what
        assert {**undone, "dry_run": True, "operation_id": None} == looked
        assert undone["count"] == done["files"] == len(undone["files"])
        assert (await history.get(f"/v1/operations/{done['id']}"))["undone_by"] == undone["operation_id"]
        assert "taken back already" in (await history.undo(done["id"], 409))["detail"]
        await history.undo(undone["operation_id"])
        assert without_ids(await history.picture()) == without_ids(after), what
        await history.undo(done["id"])
        assert without_ids(await history.picture()) == without_ids(back), what


async def test_one_after_the_other_is_taken_back_and_nothing_beneath_what_holds(room: Room, history: History) -> None:
    start = await history.picture()
    file = room.matched
    operations: list[int] = []
    pictures = [start]
    for tmdb_id, edition in ((603, "a"), (603, "b"), (2675, "c")):
        await room.match(file, tmdb_id, edition=edition, remember=False)
        operations.append((await history.latest())["id"])
        pictures.append(await history.picture())
    refused = await history.undo(operations[0], 409)
    assert refused["type"].endswith("depended-on")
    (conflict,) = refused["conflicts"]
    assert (conflict["file_id"], conflict["operation_id"]) == (file, operations[2])
    assert f"operation {operations[2]} came later" in refused["detail"]
    looked = await history.undo(operations[0], dry_run=True)
    assert (looked["count"], looked["against_count"]) == (0, 1)
    assert (await history.undo(operations[0], 409, those_that_can=True))["type"].endswith("depended-on")
    assert await history.picture() == pictures[3]
    for place in (2, 1, 0):
        await history.undo(operations[place])
        assert await history.picture() == pictures[place]
    # And forwards again, by taking back what took back.
    (undo_of_first,) = [each["undone_by"] for each in await listed(history) if each["id"] == operations[0]]
    await history.undo(undo_of_first)
    assert without_ids(await history.picture()) == without_ids(pictures[1])


async def listed(history: History, **query: Any) -> list[dict[str, Any]]:
    return (await history.get("/v1/operations", **query))["items"]


async def test_what_is_in_force_is_said_however_often_it_was_taken_back_and_given_again(
    room: Room, history: History
) -> None:
    await room.episode(0)
    match = (await history.latest())["id"]
    undo = [match]
    for _ in range(4):
        undo.append((await history.undo(undo[-1]))["operation_id"])
        undone_by = {each: (await history.get(f"/v1/operations/{each}"))["undone_by"] for each in undo}
        # The last one is in force, what it took back is not, what that took back is again, and so on.
        in_force = undo[::-2]
        assert {each for each in undo if undone_by[each] is None} == set(in_force), undone_by
        assert all(undone_by[before] == after for before, after in pairwise(undo) if before not in in_force)
        held = match in in_force
        assert (await room.shelf.row(room.asked[0])).identification.value == ("matched" if held else "unmatched")
        assert len(await live(room)) == held


async def test_of_many_files_those_that_can_are_taken_back_and_the_others_named(room: Room, history: History) -> None:
    await many(room, "dismiss")
    done = await history.latest()
    await correct(room, room.asked[1], "restore")
    refused = await history.undo(done["id"], 409)
    assert [each["file_id"] for each in refused["conflicts"]] == [room.asked[1]]
    assert refused["count"] == 1
    states = [(await room.shelf.row(file)).identification.value for file in room.asked]
    assert states == ["dismissed", "unmatched", "dismissed"]
    undone = await history.undo(done["id"], those_that_can=True)
    assert (undone["count"], undone["against_count"]) == (2, 1)
    states = [(await room.shelf.row(file)).identification.value for file in room.asked]
    assert states == ["unmatched"] * 3


async def test_what_was_identified_again_since_is_told_without_an_operation(room: Room, history: History) -> None:
    await history.answer(room.questions[0], "refresh", status=202)
    done = await history.latest()
    await room.shelf.decide(room.asked[0], sure(series(), (1, 1)), series())
    refused = await history.undo(done["id"], 409)
    assert refused["conflicts"][0]["operation_id"] is None
    assert "identified again since, and is matched" in refused["detail"]


async def test_files_that_followed_an_answer_are_asked_about_again_with_it(room: Room, history: History) -> None:
    answered = await room.episode(0)
    (held,) = answered["remembered"]
    recall = recalled(NAMES[1])
    await room.shelf.decide(room.asked[1], sure(series(), (1, 2)), series(), recall=recall, answer_id=held["id"])
    done = await history.latest()
    assert done["kind"] == "match"
    shown = await history.get(f"/v1/operations/{done['id']}")
    assert [part["kind"] for part in shown["parts"]] == ["remember"]
    assert [each["path"] for each in shown["changed"]] == [NAMES[0]]
    named = await name_it(room, room.asked[1], NAMES[1])
    refused = await history.undo(done["id"], 409)
    assert [(each["file_id"], each["operation_id"]) for each in refused["conflicts"]] == [(room.asked[1], named)]
    # The organizing is taken back, but not of this file, which lies where it was put.
    back = await name_it(room, room.asked[2], NAMES[2], undo_of=named)
    async with room.shelf.database.write() as session:
        await mark_taken_back(session, [named], back)
    refused = await history.undo(done["id"], 409)
    assert [(each["file_id"], each["operation_id"]) for each in refused["conflicts"]] == [(room.asked[1], named)]
    await name_it(room, room.asked[1], NAMES[1], undo_of=named)
    undone = await history.undo(done["id"])
    assert undone["also"] == ["remembered answers that hold no more, and what followed them is asked about again: 1"]
    assert (await room.shelf.row(room.asked[1])).identification.value == "pending"
    (question,) = [each for each in await room.shelf.questions(room.asked[1]) if each.resolution is None]
    assert "answer that it was matched by was revoked" in question.would_match_if
    assert await live(room) == []


async def name_it(room: Room, file: int, path: str, *, undo_of: int | None = None) -> int:
    """What an organizing leaves in the books that put a file where it lies, or back to where it lay; its operation."""
    async with room.shelf.database.write() as session:
        operation = await record_operation(session, MOMENT, "local", "organize", "Renamed a file", {}, {})
        of_it = {
            "library_id": (await room.shelf.row(file)).library_id,
            "kind": "rename" if undo_of is None else "undo",
            "undo_of": await organizing_of(session, undo_of) if undo_of is not None else None,
            "state": "ended",
            "actor": "local",
            "created_at": MOMENT,
            "counts": {},
            "operation_id": operation,
        }
        organizing = (await session.execute(insert(Organizing).values(**of_it).returning(Organizing.id))).scalar_one()
        group = insert(OrganizingGroup).values(organizing_id=organizing, state=GroupState.DONE)
        group_id = (await session.execute(group.returning(OrganizingGroup.id))).scalar_one()
        step = {"organizing_id": organizing, "group_id": group_id, "file_id": file, "target": path.encode()}
        await session.execute(
            insert(OrganizingStep).values(**step, action=StepAction.MOVE, role=MoveRole.MEDIA, done=True)
        )
    return operation


async def organizing_of(session: AsyncSession, operation: int) -> int:
    return (await session.execute(select(Organizing.id).where(Organizing.operation_id == operation))).scalar_one()


async def live(room: Room) -> list[int]:
    async with room.shelf.database.read() as session:
        query = RememberedAnswer.__table__.select().where(RememberedAnswer.revoked_at.is_(None))
        return [row.id for row in (await session.execute(query)).all()]


async def test_an_answer_that_took_the_place_of_another_gives_it_back(room: Room, history: History) -> None:
    other = await room.shelf.item(series(1500, title="Other Winter"))
    await room.episode(0)
    (first,) = await live(room)
    first_done = await history.latest()
    room.clock.advance(timedelta(seconds=1))
    version = await room.version(room.asked[1])
    body = {"item_id": other, "episodes": [{"season": 1, "number": 2}], "version": version}
    await history.correct(room.asked[1], "match", body)
    second_done = await history.latest()
    assert first not in await live(room)
    refused = await history.undo(first_done["id"], 409)
    assert "replaced by a later one" in refused["detail"]
    assert refused["conflicts"][0]["operation_id"] == second_done["id"]
    await history.undo(second_done["id"])
    assert await live(room) == [first]
    await history.undo(first_done["id"])
    assert await live(room) == []


async def test_a_rejection_that_a_match_lifted_holds_again(room: Room, history: History) -> None:
    await correct(room, room.matched, "unmatch")
    (rejected,) = await room.shelf.rejections(room.matched)
    await room.match(room.matched, 2675)
    assert await room.shelf.rejections(room.matched) == []
    await history.undo((await history.latest())["id"])
    (again,) = await room.shelf.rejections(room.matched)
    assert (again.item_id, again.by, again.at) == (rejected.item_id, rejected.by, rejected.at)


async def test_a_question_that_was_opened_again_is_open_after_what_settled_it_then_is_taken_back(
    room: Room, history: History
) -> None:
    await room.episode(0)
    first = (await history.latest())["id"]
    await history.correct(room.asked[0], "unmatch", {"version": await room.version(room.asked[0])})
    for operation in ((await history.latest())["id"], first):
        await history.undo(operation)
    before = await history.picture()
    assert room.questions[0] in {row[0] for row in before["asked"]}
    # A later one about the same file was settled meanwhile.
    await history.answer(room.questions[0], "dismiss")
    await history.undo((await history.latest())["id"])
    assert await history.picture() == before


async def test_who_decided_before_is_told_again_as_who_decides(room: Room, history: History) -> None:
    await room.match(room.matched)
    done = await history.latest()
    room.clock.advance(timedelta(days=1))
    await history.undo(done["id"])
    first, _, last = await room.shelf.imports(room.matched)
    assert (last.method, last.actor, last.success) == (first.method, "scan", True)
    assert last.evidence["tmdb_id"] == 2675
    assert last.evidence["recorded"] == {"by": "scan", "by_person": False, "at": first.at.isoformat()}
    assert last.evidence["undone_operation"] == done["id"]


async def test_an_extra_that_came_with_a_match_goes_with_it(room: Room, history: History) -> None:
    library = (await room.shelf.row(room.matched)).library_id
    film = await room.shelf.file(library, "Evening/film.mkv")
    question = await room.shelf.question(film)
    extra = await room.shelf.file(library, "Evening/film-trailer.mkv")
    await room.shelf.decide(extra, ignored(Role.EXTRA))
    await history.answer(question, "match", {"type": "movie", "tmdb_id": 603})
    done = await history.latest()
    await room.shelf.decide(extra, sure(MATRIX, role=Role.EXTRA), MATRIX)
    await history.undo(done["id"])
    row = await room.shelf.row(extra)
    assert (row.identification.value, row.media_item_id) == ("pending", None)


async def test_a_title_that_is_gone_keeps_a_file_from_going_back_to_it(room: Room, history: History) -> None:
    item = (await history.client.post("/v1/items", json={"type": "movie", "title": "Holiday"})).json()["id"]
    version = await room.version(room.matched)
    await history.correct(room.matched, "match", {"item_id": item, "version": version})
    await room.match(room.matched)
    done = await history.latest()
    linked = await history.client.patch(f"/v1/items/{item}", json={"tmdb_id": 2675})
    assert linked.status_code == 200, linked.text
    refused = await history.undo(done["id"], 409)
    assert "no longer in the catalog" in refused["detail"]


async def test_an_order_is_taken_back_with_the_files_that_followed_it(shelf: Shelf, history: History) -> None:
    item, library = await shelf.item(SHOW), await shelf.library("Shows")
    matched = await shelf.file(library, "Firefly/Firefly - S01E01.mkv")
    await shelf.decide(matched, sure(SHOW, (1, 1)), SHOW)
    waiting = await shelf.file(library, "Firefly/Firefly - S02E02.mkv")
    proposed = {"type": "series", "tmdb_id": 77, "role": "episode", "episodes": []}
    await shelf.question(waiting, unsure(SHOW), proposed=proposed)
    before = await history.picture()
    body = {"group_id": "5acf93e6", "apply_to_matched": True}
    response = await history.client.put(f"/v1/items/{item}/order", json=body)
    assert response.json()["changed"] == 1, response.text
    chosen = await history.picture()
    done = await history.latest()
    await history.undo(done["id"])
    back = await history.picture()
    assert back["orders"] == []
    assert (back["files"][0], back["episodes"]) == (before["files"][0], before["episodes"])
    undone = (await history.latest())["id"]
    await history.undo(undone)
    assert (await history.picture())["orders"] == chosen["orders"]
    assert (await history.picture())["episodes"] == chosen["episodes"]
    await history.client.delete(f"/v1/items/{item}/order")
    refused = await history.undo(done["id"], 409)
    assert "another order was chosen for Firefly since" in str(refused["conflicts"])


async def test_the_whole_answer_for_a_folder_is_one_operation_however_many_requests_it_took(
    room: Room, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediastead.unmatched import dismissing

    before = await history.picture()
    monkeypatch.setattr(dismissing, "AT_ONCE", 2)
    await room.dismiss_folder()
    await room.dismiss_folder()
    done = [each for each in await listed(history) if each["kind"] == "dismiss_folder"]
    assert [each["files"] for each in done] == [2]
    undone = await history.undo(done[0]["id"])
    assert undone["count"] == 3
    assert await history.picture() == before


async def test_what_is_not_there_or_not_kept_is_told(room: Room, history: History) -> None:
    assert (await history.undo(4711, 404))["type"].endswith("operation-unknown")
    assert (await history.client.get("/v1/operations/4711")).status_code == 404
    item = (await history.client.post("/v1/items", json={"type": "movie", "title": "Holiday"})).json()
    made = await history.latest()
    assert (made["kind"], made["can_be_undone"]) == ("item_made", False), item
    assert "of the kind item_made" in (await history.undo(made["id"], 409))["detail"]
    await room.match(room.matched)
    done = (await history.latest())["id"]
    async with room.shelf.database.write() as session:
        await session.execute(update(Operation).where(Operation.id == done).values(form=None))
    assert "older version" in (await history.undo(done, 409))["detail"]


async def test_operations_are_listed_by_kind_by_file_and_by_what_became_of_them(room: Room, history: History) -> None:
    await room.match(room.matched)
    done = await history.latest()
    await history.undo(done["id"])
    assert [each["id"] for each in await listed(history, kind="match")] == [done["id"]]
    assert [each["kind"] for each in await listed(history, file=room.matched)] == ["undo", "match"]
    assert [each["id"] for each in await listed(history, undone=True)] == [done["id"]]
    page = await history.get("/v1/operations", limit=1)
    rest = await history.get("/v1/operations", limit=1, cursor=page["next"])
    assert rest["items"][0]["id"] < page["items"][0]["id"]


async def test_moves_of_files_are_taken_back_by_the_journal_that_made_them(room: Room, history: History) -> None:
    from mediastead.operations.service import record_operation

    async with room.shelf.database.write() as session:
        told = {"organizing_id": 4711, "library_id": 1, "undo_of": None}
        done = await record_operation(session, room.clock.now(), "anna", "organize", "renamed", told, {})
    refused = await history.undo(done, 404)
    assert "4711" in refused["detail"]

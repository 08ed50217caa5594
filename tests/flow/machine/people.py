"""What people say of files, identification beside them, and that what was said last is taken back."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mediastead.catalog.types import ItemType
from mediastead.events.wake import Wake
from mediastead.files.paths import is_beneath
from mediastead.history.errors import DependedOn
from mediastead.history.service import undo
from mediastead.history.undoable import KINDS, UNDO
from mediastead.http.permissions import LOCAL
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.scanning.claims import own_slot
from mediastead.scanning.identify import Identifier
from mediastead.unmatched.corrections import match_file, restore_file, unmatch_file
from mediastead.unmatched.dismissing import dismiss_folder
from mediastead.unmatched.schemas import FileMatch, FileUnmatch, QuestionMatch
from mediastead.unmatched.service import Answered, dismiss_questions, match_questions
from mediastead.unmatched.titles import prepare

from ...db.unmatched.house import InThisProcess
from .books import Row
from .deaths import Died
from .world import Answer, World

PROVIDER = BundledCatalogue()
PARSER: Any = InThisProcess()
MATCHED, DISMISSED = "matched", "dismissed"


class Former(NamedTuple):
    """A file before something was said of it."""

    identification: str
    tmdb_id: int | None
    answer: Answer | None
    stamp: int


class Said(NamedTuple):
    """One operation: its files as they were, and the states that it left them in."""

    before: dict[int, Former]
    after: dict[int, int]
    is_undo: bool = False
    of_folder: bool = False
    """More files may follow it than it was said of: those that identification dismissed since."""


class People:
    def __init__(self, world: World) -> None:
        self._world = world
        self._said: dict[int, Said] = {}
        """By operation."""
        self._identifier = Identifier(
            world.database, world.clock, PARSER, PROVIDER, Wake(), threshold=0.95, batch_size=5
        )

    async def identify(self, at: int | None = None) -> None:
        """Until nothing is pending that can be looked at. With `at`, it dies at that commit."""
        world = self._world
        world.later(minutes=20)  # what a dead process claimed is free again
        world.loose = True
        pending = sum(row.identification == "pending" and row.present for row in world.rows.values())
        try:
            with world.deaths.dying_at(at):
                async with own_slot(world.database) as owner:
                    while await self._identifier.batch(owner):
                        pass
        except Died:
            world.tell("  it died")
            world.done["died in identification"] += 1
            return
        if not world.disk.away and not world.locked:
            left = [row for row in world.reader.rows().values() if row.identification == "pending" and row.present]
            unseen = {
                name for (name,) in world.reader.ask("SELECT name FROM library WHERE unavailable_since IS NOT NULL")
            }
            query = "SELECT f.id FROM media_file f JOIN folder d ON d.id = f.folder_id WHERE d.gap_since IS NOT NULL"
            gaps = {file_id for (file_id,) in world.reader.ask(query)}
            left = [row for row in left if row.library not in unseen and row.id not in gaps and self._is_as_known(row)]
            assert not left, f"nobody identifies {left}"
        world.done["identified"] += pending

    async def match(self, row: Row, tmdb_id: int, *, remember: bool) -> None:
        world = self._world
        answer = FileMatch(type=ItemType.MOVIE, tmdb_id=tmdb_id, version=row.version, remember=remember)
        prepared = await prepare(world.database, PROVIDER, [answer])
        async with world.database.write() as session:
            await match_file(session, world.later(), "anna", row.id, answer, prepared)
        self._note({row.id: (MATCHED, tmdb_id)}, loose=remember)
        world.done["matched"] += 1

    async def match_many(self, titles: Mapping[int, int], *, remember: bool) -> None:
        """`titles`: by file that is asked about, the TMDB id."""
        world = self._world
        questions = self._questions(titles)
        answers = [
            QuestionMatch(id=questions[file_id], type=ItemType.MOVIE, tmdb_id=tmdb_id, remember=remember)
            for file_id, tmdb_id in titles.items()
        ]
        prepared = await prepare(world.database, PROVIDER, answers)
        async with world.database.write() as session:
            _all_well(await match_questions(session, world.later(), "anna", answers, prepared))
        self._note({file_id: (MATCHED, tmdb_id) for file_id, tmdb_id in titles.items()}, loose=remember)
        world.done["matched by a bulk answer"] += len(titles)

    async def dismiss(self, file_ids: Sequence[int]) -> None:
        world = self._world
        questions = self._questions(file_ids)
        async with world.database.write() as session:
            _all_well(await dismiss_questions(session, world.later(), "anna", [questions[each] for each in file_ids]))
        self._note(dict.fromkeys(file_ids, (DISMISSED, None)))
        world.done["dismissed"] += len(file_ids)

    async def dismiss_folder(self, row: Row) -> None:
        """Of a file that is asked about: what is asked about in its folder and beneath, now and later."""
        world, folder = self._world, row.path.rpartition(b"/")[0]
        asked = [
            each.id
            for each in world.rows.values()
            if each.asked and not each.hidden and each.identification == "unmatched"
            if each.library == row.library and is_beneath(each.path, folder)
        ]
        async with world.database.write() as session:
            done = await dismiss_folder(session, world.later(), "anna", self._questions([row.id])[row.id])
        assert (done.settled, done.left) == (len(asked), 0)
        self._note(dict.fromkeys(asked, (DISMISSED, None)), of_folder=True)
        world.done["dismissed with their folder"] += len(asked)

    def is_dismissed(self, row: Row) -> bool:
        """Whether it lies in a folder that is dismissed."""
        query = "SELECT l.name, d.path FROM dismissed_folder d JOIN library l ON l.id = d.library_id WHERE d.revoked_at IS NULL"
        folders = [(library, bytes(path)) for library, path in self._world.reader.ask(query)]
        return any(row.library == library and is_beneath(row.path, path) for library, path in folders)

    async def unmatch(self, row: Row) -> None:
        """It is asked about, whatever it was; what it was matched to is not to be suggested again (`World.check`)."""
        world = self._world
        async with world.database.write() as session:
            await unmatch_file(session, world.later(), "anna", row.id, FileUnmatch(version=row.version))
        self._note({row.id: None}, to="unmatched")
        world.done["unmatched"] += 1

    async def restore(self, row: Row) -> None:
        world = self._world
        async with world.database.write() as session:
            await restore_file(session, world.later(), "anna", row.id, row.version)
        world.done["restored"] += 1
        self._note({row.id: None}, to="unmatched" if row.identification == DISMISSED else "pending")

    def newest(self, *, also_undos: bool) -> tuple[int, str] | None:
        """The last operation that is in force and can be taken back, with its kind."""
        kinds = sorted(KINDS if also_undos else KINDS - {UNDO})
        query = (
            "SELECT id, kind FROM operation WHERE part_of IS NULL AND undone_by IS NULL "
            f"AND kind IN ({', '.join(map(repr, kinds))}) ORDER BY id DESC LIMIT 1"
        )
        found = self._world.reader.ask(query)
        return (found[0][0], found[0][1]) if found else None

    async def undo(self, operation_id: int) -> None:
        """Everything is as before it; where a file changed since, nothing is."""
        world, said = self._world, self._said[operation_id]
        as_left = all(world.stamps[file_id] == stamp for file_id, stamp in said.after.items())
        try:
            done = await undo(world.database, world.clock, LOCAL, operation_id, dry_run=False, those_that_can=False)
        except DependedOn as error:
            # What was remembered before, and is again since an answer was taken back, keeps that from being given anew.
            allowed = said.is_undo and "remembered answer" in str(error)
            assert not as_left or allowed, f"nothing happened since, and yet: {error}"
            world.tell("  something since depends on it")
            world.done["not undone, since something depends on it"] += 1
            return
        assert as_left, f"operation {operation_id} was taken back though its files changed since"
        assert done.count == len(said.before) or (said.of_folder and done.count > len(said.before))
        now = {file_id: self._former(file_id) for file_id in said.before}
        for file_id, former in said.before.items():
            self._be(file_id, former)
        world.loose = True
        newest = self._last_operation()
        assert newest == done.operation_id
        stamps = {file_id: former.stamp for file_id, former in said.before.items()}
        self._said[newest] = Said(now, stamps, is_undo=True, of_folder=said.of_folder)
        world.done["answers undone"] += len(said.before)

    def is_known(self, operation_id: int) -> bool:
        return operation_id in self._said

    def _note(
        self, answers: Mapping[int, Answer | None], *, to: str = "", loose: bool = False, of_folder: bool = False
    ) -> None:
        """To say of a file what it is taken for already changes nothing, and is nothing to be taken back."""
        world = self._world
        real = world.reader.rows()
        changed = [file_id for file_id in answers if real[file_id].version != world.rows[file_id].version]
        before = {file_id: self._former(file_id) for file_id in changed}
        for file_id, answer in answers.items():
            identification, tmdb_id = answer or (to, None)
            stamp = world.fresh() if file_id in changed else world.stamps[file_id]
            self._be(file_id, Former(identification, tmdb_id, answer, stamp))
        operation_id = self._last_operation()
        if operation_id not in self._said:
            stamps = {file_id: world.stamped[file_id] for file_id in changed}
            self._said[operation_id] = Said(before, stamps, of_folder=of_folder)
        world.loose = loose

    def _be(self, file_id: int, former: Former) -> None:
        world = self._world
        world.change(file_id, former.identification, former.tmdb_id)
        world.stamped[file_id] = former.stamp
        if former.answer is not None:
            world.answers[file_id] = former.answer
        else:
            world.answers.pop(file_id, None)

    def _former(self, file_id: int) -> Former:
        world = self._world
        row = world.rows[file_id]
        return Former(row.identification, row.tmdb_id, world.answers.get(file_id), world.stamps[file_id])

    def _last_operation(self) -> int:
        return self._world.reader.ask("SELECT max(id) FROM operation WHERE part_of IS NULL")[0][0] or 0

    def _questions(self, file_ids: Any) -> dict[int, int]:
        query = "SELECT file_id, id FROM unmatched_file WHERE resolution IS NULL"
        questions = {row[0]: row[1] for row in self._world.reader.ask(query)}
        return {file_id: questions[file_id] for file_id in file_ids}

    def _is_as_known(self, row: Row) -> bool:
        lying = self._world.disk.lying.get(row.place)
        return lying is not None and lying.look == row.look


def _all_well(done: Answered) -> None:
    assert not any(done.errors), done.errors

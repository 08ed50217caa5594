"""Scans of the libraries: what each writes is foretold; one that dies leaves what the next one brings to the same end."""

import json
from dataclasses import replace

from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.files.counts import counts_by_library
from mediastead.files.paths import is_beneath
from mediastead.libraries.lock import library_lock
from mediastead.scanning.runner import ScanRunner
from mediastead.scanning.scope import Scope, from_stored
from mediastead.scanning.service import confirm_scan, discard_scan, request_scan

from .books import Foretold, Row, Rows, Task, foretell
from .deaths import Died
from .disk import Look
from .world import World

ALWAYS_BELIEVED = 3
"""In the place of 20, so that scans find too much missing in so small a library."""


class Looks:
    def __init__(self, world: World) -> None:
        self._world = world
        self.waiting: dict[str, int] = {}
        """By library, the scan that waits for somebody to say whether so much really is gone."""
        self.queued: set[str] = set()
        """Libraries whose scan died or could not begin."""

    @property
    def _database(self) -> Database:
        return self._world.database

    async def scan(self, library: str, scope: Scope | None = None, at: int | None = None) -> None:
        """With `at`, it dies at that commit."""
        world = self._world
        library_id = world.ids[library]
        now = world.later(hours=1)
        if library in world.locked:
            async with self._database.write() as session:
                await request_scan(session, now, library_id, "anna")
            async with library_lock(self._database, library_id).hold() as held:
                assert not held, "a scan may look at files that are being moved"
            world.done["scan waits for moves"] += 1
            return
        await self._runner()._retry_dead()
        async with self._database.write() as session:
            await request_scan(session, now, library_id, "anna", scope=scope)
        await self._run(library, at)

    async def confirm(self, library: str) -> None:
        world = self._world
        await self._runner()._retry_dead()
        async with self._database.write() as session:
            await confirm_scan(session, world.later(), self.waiting.pop(library), "anna")
        await self._run(library, None)
        world.done["confirmed"] += 1

    async def discard(self, library: str) -> None:
        async with self._database.write() as session:
            await discard_scan(session, self._world.later(), self.waiting.pop(library), "anna")
        self._world.done["discarded"] += 1

    def _runner(self) -> ScanRunner:
        return ScanRunner(self._database, self._world.clock, Wake())

    async def _run(self, library: str, at: int | None) -> None:
        world = self._world
        query = (
            f"SELECT id, scope, without_limit FROM scan WHERE phase = 'queued' AND library_id = {world.ids[library]}"
        )
        [(scan_id, scope, without_limit)] = world.reader.ask(query)
        scope = from_stored(json.loads(scope) if isinstance(scope, str) else scope)
        task = Task(library, scope, bool(without_limit), world.locked, ALWAYS_BELIEVED)
        foretold = foretell(world.rows, world.disk, task)
        try:
            with world.deaths.dying_at(at):
                await self._runner()._scan(scan_id, world.ids[library])
        except Died:
            world.tell("  it died")
            self._died(foretold, task)
            return
        self._ended(scan_id, foretold, task)
        if scope is None and foretold.outcome.startswith("completed"):
            await self._complete(library)

    def _ended(self, scan_id: int, foretold: Foretold, task: Task) -> None:
        world = self._world
        [(outcome, error)] = world.reader.ask(f"SELECT outcome, error FROM scan WHERE id = {scan_id}")
        assert outcome == foretold.outcome, f"it ended {outcome} and not {foretold.outcome}: {error}"
        world.tell(f"  {outcome}, {len(foretold.new)} new, {foretold.moved} moved, {foretold.missing} missing")
        before, world.rows = world.rows, dict(foretold.rows)
        self._add_new(foretold, task.library)
        if outcome == "needs_confirmation":
            self.waiting[task.library] = scan_id
        elif outcome != "root_unavailable" and task.scope is None:
            self.waiting.pop(task.library, None)
        world.done[f"scan {'of folders ' if task.scope else ''}{outcome}"] += 1
        back = sum(row.present and not before[each].present for each, row in foretold.rows.items() if each in before)
        world.done.update(new=len(foretold.new), moved=foretold.moved, missing=foretold.missing, back=back)

    def _add_new(self, foretold: Foretold, library: str) -> None:
        world = self._world
        real = world.reader.rows()
        new = {row.path: row for row in real.values() if row.id not in foretold.rows}
        assert new.keys() == foretold.new.keys(), f"new are {sorted(new)} and not {sorted(foretold.new)}"
        world.rows |= {row.id: _newcomer(row.id, library, path, foretold) for path, row in new.items()}

    def _died(self, foretold: Foretold, task: Task) -> None:
        """Each row is as before or as it is to be, and the next scan makes of them what this one would have."""
        world = self._world
        real = world.reader.rows()
        for file_id, before in world.rows.items():
            might_be = before, replace(before, holds_path=False), foretold.rows[file_id]
            might_be = (*might_be, replace(foretold.rows[file_id], present=before.present))
            assert any(real[file_id].same_as(each) for each in might_be), f"half written: {real[file_id]}, {might_be}"
        new = {row.path: row for row in real.values() if row.id not in world.rows}
        for path, row in new.items():
            assert path in foretold.new, f"{row} came of nothing"
            assert row.same_as(_newcomer(row.id, task.library, path, foretold))
        again = foretell(real, world.disk, task)
        assert _end(again, world.rows) == _end(foretold, world.rows), "the next scan makes something else of it"
        written = bool(new) or any(not real[file_id].same_as(row) for file_id, row in world.rows.items())
        # With the versions as they were: by those it is seen later which files changed in this step.
        was = world.rows
        world.rows = {each: replace(row, version=was[each].version if each in was else 0) for each, row in real.items()}
        world.done["died in a scan"] += 1
        world.done["died in a scan that had written"] += written

    async def _complete(self, library: str) -> None:
        """Files that the last complete scan saw = rows present = matched + unmatched + dismissed + pending + ignored."""
        world = self._world
        seen = {path: lying.look for path, lying in world.disk.seen(library).items()}
        present = [row for row in world.rows.values() if row.library == library and row.present]
        gaps = world.disk.gaps(library)
        unseen = [row for row in present if any(is_beneath(row.path, gap) for gap in gaps)]
        assert {row.path: row.look for row in present if row not in unseen} == seen
        assert len(present) == len(seen) + len(unseen)
        async with self._database.read() as session:
            counted = (await counts_by_library(session, [world.ids[library]])).get(world.ids[library])
        if counted is None:
            assert not present
            return
        assert sum(counted.by_identification.values()) == len(present)
        assert counted.by_presence["present"] == len(seen)
        assert counted.by_presence["unknown"] == len(unseen)
        world.done["unknown"] += len(unseen)


def _newcomer(file_id: int, library: str, path: bytes, foretold: Foretold) -> Row:
    look = foretold.new[path].look
    return Row(file_id, library, path, True, False, True, look, "pending", None, 1, 0)


def _end(foretold: Foretold, known: Rows) -> tuple[Rows, dict[bytes, Look]]:
    """The known rows, and what is new, whether or not it got its row already."""
    rows = {file_id: replace(row, version=0, asked=0) for file_id, row in foretold.rows.items() if file_id in known}
    new = {row.path: row.look for row in foretold.rows.values() if row.id not in known}
    return rows, new | {path: lying.look for path, lying in foretold.new.items()}

"""A process that moves files and is killed at any call: a fork server, because starting costs most.

    python -m tests.flow.organizing.victim
    in   {"url", "root", "home", "said", "hours", "killed", "here", "points": [point, ...]}
    out  one JSON a line: {"begun": id}, {"calls": [...], "point": id}, {"failed": null or why}, and last {"killed": bool}

A point is {"id", "op", "group", "before", "at", "call", "kind"}: during `op` (apply, undo, settle, settle-back, first, empty) at
call number `at`, which is a `call`, `kind` (`faults.KINDS`) happens; `at` null: nothing. Each forked process first brings to its
end what the one before left, checks it, and goes through the points until one kills it. `here`: without a fork, which leaves
everything warm for those that follow; `killed`: the one before was.
"""

import asyncio
import contextlib
import gc
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import pytest

from mediastead.db.engine import Database
from mediastead.disk.capable import PROBE
from mediastead.disk.moving import open_tree
from mediastead.logs import set_up_logs
from mediastead.organizing.moves import Seen
from mediastead.organizing.organizer import Organizer
from mediastead.schema import metadata_of_all_tables

from ...one_thread import stay_in_one_thread
from .faults import Faults, Gone, Refused
from .rooms import (
    GROUPS,
    LIBRARIES,
    Later,
    check,
    empty_folders,
    give_modes,
    is_copied,
    looks,
    marker_of,
    plan,
    side_of,
    throw_away,
    unfinished,
)

DATABASES: dict[str, Database] = {}
"""By address. Forked processes have the one that a former process used, with all statements that it made ready."""
PATIENCE = 30.0
"""Seconds, for all to come to its end. PostgreSQL takes a moment to see that a process is dead, and gives its lock away then."""


class Child:
    def __init__(self, order: dict[str, Any], report: int) -> None:
        self._order, self._report = order, report
        self._root = Path(order["root"])
        self._clock = Later(order["hours"])
        self._database = DATABASES.setdefault(order["url"], Database(order["url"]))
        self._faults = Faults()

    async def run(self) -> None:
        self._organizer = self._new_organizer()
        await self._recover()
        left = empty_folders(self._root)
        assert not (self._order["killed"] and left), f"a death left {left}"
        give_modes(self._root)
        points: list[dict[str, Any]] = self._order["points"]
        while points:
            point = self._next_of(points)
            points.remove(point)
            self._say({"begun": point["id"]})
            calls = await self._point(point)
            await self._recover()
            # A folder that could not be removed stays, and is found by the next one who needs it.
            while left := empty_folders(self._root):
                for folder in left:
                    folder.rmdir()
            give_modes(self._root)
            self._say({"point": point["id"], "calls": calls})
        await self._database.dispose()

    def _next_of(self, points: list[dict[str, Any]]) -> dict[str, Any]:
        """One whose group is at the side that it begins from, if there is any: that saves moving it there."""
        found = looks(self._root)
        sides = {group: self._side_of(group, found) for group in GROUPS}
        return next((point for point in points if sides[point["group"]] == _begins_at(point)), points[0])

    async def _point(self, point: dict[str, Any]) -> list[str]:
        op, group = point["op"], point["group"]
        await self._to_side(group, _begins_at(point))
        give_modes(self._root)  # whether it was moved there just now or not, the same calls follow
        at, armed = point["at"], {} if point["at"] is None else {point["at"]: point["kind"]}
        organizing_id = await self._plan(group)
        organizer = self._organizer
        if op == "first":
            organizer = Organizer(self._database, self._clock, calls=self._faults)
        if op == "empty":
            # What is taken back from side B leaves copies in the trash, which are deleted then.
            await organizer.apply(organizing_id)
            self._faults.arm(armed, point["call"])
            with contextlib.suppress(Refused):
                await throw_away(self._database, self._clock, self._root, self._order["home"], calls=self._faults)
        elif op in ("settle", "settle-back"):
            self._faults.arm({int(number): kind for number, kind in point["before"].items()})
            try:
                await organizer.apply(organizing_id)
            except Gone:
                pass
            else:
                raise AssertionError(f"{point} was not broken off: {self._faults.seen}")
            self._faults.arm(armed, point["call"])
            await organizer.settle_due()
        else:
            self._faults.arm(armed, point["call"])
            with contextlib.suppress(Refused):
                await organizer.apply(organizing_id)
        calls = self._faults.disarm()
        assert at is None or calls[at - 1 : at] == [point["call"]], f"{point} was no such call, but {calls}"
        group_is_copied = is_copied(group, looks(self._root))
        assert not group_is_copied or point["kind"] == "EXDEV", f"after {point} it was copied, and could be renamed"
        return calls

    async def _to_side(self, group: str, side: str) -> None:
        while self._side_of(group, looks(self._root)) != side:
            await self._organizer.apply(await self._plan(group))
            await throw_away(self._database, self._clock, self._root, self._order["home"])

    def _side_of(self, group: str, found: dict[bytes, Seen]) -> str:
        """`a`, `b`, or `copied`, from where it is to begin anew."""
        return "copied" if is_copied(group, found) else side_of(group, found, self._order["home"])

    async def _plan(self, group: str) -> int:
        """To the other side, whichever it is on."""
        found = looks(self._root)
        back = side_of(group, found, self._order["home"]) == "b"
        self._clock.later()
        return await plan(self._database, self._clock.now(), group, found, back=back)

    async def _recover(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while await self._organizer.step() or await unfinished(self._database):
            assert time.monotonic() < deadline, "it does not come to its end"
            self._clock.later()
            await asyncio.sleep(0)
        for library in LIBRARIES:
            root = self._root / library
            if any(name.startswith(os.fsdecode(PROBE)) for name in os.listdir(root)):
                # What a try left that was broken off is cleared by the next one.
                with open_tree(os.fsencode(root), marker_of(library)) as tree:
                    assert tree.why_not_capable() is None
        for left in (self._root / "far-staging").glob(f"{os.fsdecode(PROBE)}*"):
            # Of a try whether files can be renamed from there: empty, and cleared by the next try, which never comes here.
            assert left.stat().st_size == 0
            left.unlink()
        await throw_away(self._database, self._clock, self._root, self._order["home"])
        await check(self._database, self._root, self._order["home"], self._order["said"])

    def _new_organizer(self) -> Organizer:
        """One that has found out before that the disk is capable."""
        organizer = Organizer(self._database, self._clock, calls=self._faults)
        organizer._capable.add(self._root.stat().st_dev)
        return organizer

    def _say(self, what: dict[str, Any]) -> None:
        os.write(self._report, json.dumps(what).encode() + b"\n")


def _begins_at(point: dict[str, Any]) -> str:
    return "b" if point["op"] in ("undo", "empty") else "a"


def serve() -> None:
    set_up_logs("critical", "text")
    assert metadata_of_all_tables.tables, "all rooms' tables are known"
    stay_in_one_thread(pytest.MonkeyPatch())
    for line in sys.stdin:
        order = json.loads(line)
        if order["here"]:
            asyncio.run(Child(order, sys.stdout.fileno()).run())
            gc.collect()
            gc.freeze()  # or each forked process would copy all that it only looks through for garbage
            print(json.dumps({"killed": False}), flush=True)
            continue
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            failed = None
            try:
                asyncio.run(Child(order, writing).run())
            except BaseException:
                failed = traceback.format_exc()[-4000:]
            os.write(writing, json.dumps({"failed": failed}).encode() + b"\n")
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as said:
            for each in said:
                print(each.decode(), end="", flush=True)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"killed": os.WIFSIGNALED(status)}), flush=True)


if __name__ == "__main__":
    serve()

"""Two libraries on a disk and in a database, what is known of both, and what must hold of them after each step."""

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import insert, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.disk.marker import TRASH_NAME
from mediastead.libraries.models import BringHow, Library, LibraryKind

from .books import Reader, Row, Rows
from .deaths import Deaths
from .disk import FILMS, INBOX, LIBRARIES, Disk, Place, marker_of

Answer = tuple[str, int | None]
"""What a person said that a file is: (`matched`, TMDB id), (`dismissed`, None)."""


class TickingClock(SetClock):
    """Each look at it is a moment later: what is told of two things says which of them came first."""

    def now(self) -> datetime:
        self.advance(timedelta(microseconds=1))
        return super().now()


class World:
    """`rows`: what the books have to say. A rule changes it beside what it has the product do; `check` compares."""

    def __init__(self, database: Database, reader: Reader, base: Path, deaths: Deaths) -> None:
        self.database, self.reader, self.deaths = database, reader, deaths
        self.disk = Disk(base)
        # Years from now: a file that was written to just now, by the product's clock, would be waited for.
        self.clock = TickingClock(datetime(2050, 1, 1, tzinfo=UTC))
        self.ids: dict[str, int] = {}
        self.rows: Rows = {}
        self.answers: dict[int, Answer] = {}
        self.stamps: dict[int, int] = {}
        """By file, which of its states it is in: the same again once what was said of it is taken back."""
        self.stamped: dict[int, int] = {}
        """Of this step."""
        self.loose = False
        """In this step, files of which nobody said anything may become anything."""
        self.open_groups: dict[int, tuple[str, ...]] = {}
        """Groups of moves that are not at their end, with the libraries that they hold."""
        self.limbo: set[Place] = set()
        """Where their files may be."""
        self.done: Counter[str] = Counter()
        self.story: list[str] = []
        self._fresh = count(1)

    async def make(self) -> None:
        async with self.database.write() as session:
            for name in LIBRARIES:
                row = {
                    "name": name,
                    "root": os.fsencode(self.disk.root_of(name)),
                    "kind": LibraryKind.MIXED,
                    "exclude_patterns": [],
                    "root_marker": marker_of(name),
                    "created_at": self.clock.now(),
                }
                self.ids[name] = (await session.execute(insert(Library).returning(Library.id), row)).scalar_one()
            inbox = update(Library).where(Library.id == self.ids[INBOX])
            await session.execute(inbox.values(bring_into_id=self.ids[FILMS], bring_how=BringHow.LINK))

    def tell(self, what: str) -> None:
        self.story.append(what)

    def later(self, **much: int) -> datetime:
        self.clock.advance(timedelta(**(much or {"seconds": 1})))
        return self.clock.now()

    @property
    def locked(self) -> set[str]:
        """Libraries of which nobody may touch the files, because a group of moves is not at its end."""
        return {library for libraries in self.open_groups.values() for library in libraries}

    def change(self, file_id: int, identification: str, tmdb_id: int | None) -> None:
        self.rows[file_id] = replace(self.rows[file_id], identification=identification, tmdb_id=tmdb_id)

    def fresh(self) -> int:
        return next(self._fresh)

    # What must hold

    def check(self) -> None:
        self._check_disk()
        real = self.reader.rows()
        self._check_rows(real)
        self._check_questions(real.values())
        self._check_answers(real)
        self._check_journal()
        for file_id, row in real.items():
            if file_id not in self.stamps or row.version != self.rows[file_id].version:
                self.stamps[file_id] = self.stamped.get(file_id) or self.fresh()
        self.rows, self.loose, self.stamped = real, False, {}

    def _check_disk(self) -> None:
        found = self.disk.found()
        if not self.limbo:
            wanted = {place: lying.content for place, lying in self.disk.lying.items()}
            assert found == wanted, f"a file is lost, torn, doubled or somewhere else: {_differ(wanted, found)}"
            return
        # Of an open group each file is whole at one of its places; all else stands still.
        between = {place: content for place, content in found.items() if self._is_between(place)}
        found = {place: content for place, content in found.items() if place not in between}
        wanted = {place: lying.content for place, lying in self.disk.lying.items() if place not in self.limbo}
        assert found == wanted, f"a file that is not moved was touched: {_differ(wanted, found)}"
        had = Counter(lying.content for place, lying in self.disk.lying.items() if place in self.limbo)
        has = Counter(content for (_, path), content in between.items() if b".mediastead-part-" not in path)
        assert set(has) == set(had), f"a file is lost or torn between two places: {_differ(had, has)}"
        assert all(has[content] <= number + 1 for content, number in had.items()), f"a file is doubled: {has - had}"

    def _is_between(self, place: Place) -> bool:
        name = place[1].rpartition(b"/")[2]
        ours = name.startswith((b".mediastead-held-", b".mediastead-part-"))
        return place in self.limbo or (ours and place[0] in self.locked)

    def _check_rows(self, real: Rows) -> None:
        assert real.keys() == self.rows.keys(), f"rows came or went: {sorted(real.keys() ^ self.rows.keys())}"
        for file_id, row in real.items():
            wanted = self.rows[file_id]
            if self.loose and file_id not in self.answers and file_id not in self.stamped:
                wanted = replace(wanted, identification=row.identification, tmdb_id=row.tmdb_id)
            assert row.same_as(wanted), f"the books are wrong:\n  wanted {wanted}\n  found  {row}"
        held = Counter(row.place for row in real.values() if row.holds_path)
        assert not held or max(held.values()) == 1, f"two files at one place: {held.most_common(1)}"

    def _check_questions(self, rows: Collection[Row]) -> None:
        query = "SELECT r.file_id, i.tmdb_id FROM rejected_match r JOIN media_item i ON i.id = r.item_id"
        rejected = set(self.reader.ask(query))
        for row in rows:
            assert row.id in self.answers or (row.id, row.tmdb_id) not in rejected, f"it is not that: {row}"
            assert (row.identification == "matched") == (row.tmdb_id is not None), row
            assert row.asked <= 1, f"two questions about one file: {row}"
            assert row.asked == 1 or row.identification != "unmatched", f"nobody is asked about it: {row}"
            assert row.asked == 0 or row.identification in ("unmatched", "pending"), f"asked about for nothing: {row}"

    def _check_answers(self, real: Rows) -> None:
        for file_id, answer in self.answers.items():
            row = real[file_id]
            assert (row.identification, row.tmdb_id) == answer, f"an answer was lost: {answer} of {row}"

    def _check_journal(self) -> None:
        held = self.reader.ask("SELECT name FROM library WHERE organizing_group_id IS NOT NULL")
        assert {name for (name,) in held} == self.locked
        trash = {place for place in self.disk.lying if place[1].startswith(TRASH_NAME)}
        query = "SELECT l.name, t.name FROM trashed t JOIN library l ON l.id = t.library_id WHERE t.state = 'in_trash'"
        known = {(library, TRASH_NAME + b"/" + bytes(name)) for library, name in self.reader.ask(query)}
        assert known == trash, f"the trash holds something else than the books say: {known ^ trash}"


def _differ(wanted: object, found: object) -> str:
    if isinstance(wanted, dict) and isinstance(found, dict):
        lost = {key: value for key, value in wanted.items() if found.get(key) != value}
        other = {key: value for key, value in found.items() if wanted.get(key) != value}
        return f"wanted {lost}, found {other}"
    return f"wanted {wanted}, found {found}"

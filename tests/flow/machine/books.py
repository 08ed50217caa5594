"""The rows of the media files, as they are and as they have to be: read with one plain SELECT, foretold for every scan."""

import sqlite3
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import psycopg
from sqlalchemy import make_url

from mediastead.files.paths import is_beneath, joined
from mediastead.scanning.scope import Scope

from .disk import Disk, Look, Lying, walked

BELIEVED_SHARE = 0.10

ROWS = """
SELECT f.id, l.name, d.path, f.name, f.holds_path, f.hidden, s.presence, s.size, s.mtime_ns, s.inode, f.identification, i.tmdb_id,
       f.version,
       (SELECT count(*) FROM unmatched_file q WHERE q.file_id = f.id AND q.resolution IS NULL)
FROM media_file f
JOIN media_file_state s ON s.file_id = f.id
JOIN folder d ON d.id = f.folder_id
JOIN library l ON l.id = f.library_id
LEFT JOIN media_item i ON i.id = f.media_item_id
ORDER BY f.id
"""


@dataclass(frozen=True)
class Row:
    id: int
    library: str
    path: bytes
    holds_path: bool
    hidden: bool
    present: bool
    look: Look
    identification: str
    tmdb_id: int | None
    version: int
    asked: int
    """Open questions about it."""

    @property
    def place(self) -> tuple[str, bytes]:
        return self.library, self.path

    def same_as(self, other: "Row") -> bool:
        """But for what is known of it by and by: its version and question."""
        return replace(self, version=0, asked=0) == replace(other, version=0, asked=0)


Rows = dict[int, Row]


class _Connection(Protocol):
    def execute(self, query: Any, /) -> Any: ...
    def close(self) -> None: ...


class Reader:
    """Looks into the database beside the product, which need not be asked what it knows."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._connection: _Connection | None = None

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = self._connect()
        return [tuple(row) for row in self._connection.execute(query).fetchall()]

    def rows(self) -> Rows:
        return {
            row[0]: Row(
                id=row[0],
                library=row[1],
                path=joined(bytes(row[2]), bytes(row[3])),
                holds_path=bool(row[4]),
                hidden=bool(row[5]),
                present=row[6] == "present",
                look=Look(row[7], row[8], row[9]),
                identification=row[10],
                tmdb_id=row[11],
                version=row[12],
                asked=row[13],
            )
            for row in self.ask(ROWS)
        }

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> _Connection:
        if self._url.get_backend_name() == "sqlite":
            return sqlite3.connect(self._url.database or "", isolation_level=None, check_same_thread=False)
        url = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True)


class Foretold(NamedTuple):
    """What a scan has to make of the rows."""

    rows: Rows
    new: Mapping[bytes, Lying]
    """Files that get a row, by path."""
    outcome: str
    moved: int
    missing: int


@dataclass
class Task:
    library: str
    scope: Scope | None
    without_limit: bool
    open_libraries: Collection[str]
    """In which a group of moves is unfinished."""
    always_believed: int


def foretell(books: Rows, disk: Disk, task: Task) -> Foretold:
    """A scan in words: a file at the place of a row that has its inode is that row's, changed or not; one with the inode, size
    and time of a row that has left its place is that row's; what lies at the place of a row that was not found elsewhere is that
    row's, changed; all else is new. What is not seen is missing, but for what lies where nobody can look, or where too much
    would be missing at once."""
    library = task.library
    if not disk.is_there(library):
        return Foretold(books, {}, "root_unavailable", 0, 0)
    in_scope = _in_scope(task.scope)
    seen = {path: lying for path, lying in disk.seen(library).items() if in_scope(path)}
    holders = {row.path: row for row in books.values() if row.library == library and row.holds_path}
    kept = {path for path, lying in seen.items() if path in holders and holders[path].look == lying.look}
    strangers = {path: lying for path, lying in seen.items() if path not in kept}
    donors = {row.id: row for row in books.values() if row.library not in task.open_libraries}
    moves: dict[int, bytes] = {}
    lost: set[int] = set()
    """Rows of which the path is another's now."""
    for batch in _batches(strangers, disk.batch_of(library, in_scope)):
        for donor_of in (_with_its_inode, _only_one_gone):
            for path, lying in batch.items():
                known = holders.get(path)
                if path in moves.values() or (known is not None and known.look.inode == lying.look.inode):
                    continue  # it came here, or was changed in place
                free = [row for row in donors.values() if row.id not in moves and (known is None or row.id != known.id)]
                donor = donor_of(path, lying, known, free, disk, lost)
                if donor is not None:
                    moves[donor.id] = path
                    lost |= {known.id} if known is not None else set()
    rows = dict(books)
    new: dict[bytes, Lying] = {}
    for file_id, path in moves.items():
        again = rows[file_id].identification in ("unmatched", "ignored")
        rows[file_id] = replace(
            _there(rows[file_id], seen[path].look),
            library=library,
            path=path,
            holds_path=True,
            identification="pending" if again else rows[file_id].identification,
        )
    for path in kept:
        rows[holders[path].id] = _there(holders[path], holders[path].look)
    displaced: set[int] = set()
    taken = set(moves.values())
    for path, lying in strangers.items():
        known = holders.get(path)
        if known is None or known.id in moves:
            if path not in taken:
                new[path] = lying
        elif path in taken:
            rows[known.id] = replace(known, holds_path=False)
            displaced.add(known.id)
        else:
            changed = known.look[:2] != lying.look[:2]
            again = changed and known.identification == "unmatched"
            rows[known.id] = _there(known, lying.look)
            rows[known.id] = replace(rows[known.id], identification="pending" if again else known.identification)
    found = {*moves, *(holders[path].id for path in seen if path in holders)} - displaced
    gone = [
        row
        for row in rows.values()
        if row.library == library
        and row.present
        and row.id not in found
        and in_scope(books[row.id].path)
        and not any(is_beneath(row.path, gap) for gap in disk.gaps(library))
    ]
    was_present = len(new) + sum(row.library == library and row.present for row in rows.values())
    outcome = "completed_with_gaps" if disk.gaps(library) else "completed"
    if len(gone) > max(task.always_believed, was_present * BELIEVED_SHARE) and not task.without_limit:
        return Foretold(rows, new, "needs_confirmation", len(moves), 0)
    rows |= {row.id: replace(row, present=False) for row in gone}
    return Foretold(rows, new, outcome, len(moves), len(gone))


def _batches(strangers: Mapping[bytes, Lying], batch_of: Mapping[bytes, int]) -> list[dict[bytes, Lying]]:
    """In the order of the walk, each by the files beside it: what a scan writes at once."""
    batches: dict[int, dict[bytes, Lying]] = {}
    for path, lying in sorted(strangers.items(), key=lambda each: walked(each[0])):
        batches.setdefault(batch_of[path.rpartition(b"/")[0]], {})[path] = lying
    return list(batches.values())


def _with_its_inode(
    path: bytes, lying: Lying, known: Row | None, donors: Collection[Row], disk: Disk, lost: Collection[int]
) -> Row | None:
    """The row that this file was known by before it came here. `lost`: those of which the path is another's now."""
    name = path.rpartition(b"/")[2]
    same = [row for row in donors if row.look == lying.look and (not row.holds_path or _has_left(row, disk))]
    return min(same, key=lambda row: (not row.present, row.path.rpartition(b"/")[2] != name, row.id), default=None)


def _only_one_gone(
    path: bytes, lying: Lying, known: Row | None, donors: Collection[Row], disk: Disk, lost: Collection[int]
) -> Row | None:
    """The same for a copy of it, by size, time and name."""
    if known is not None and known.look[:2] == lying.look[:2]:
        return None
    alike = [
        row
        for row in donors
        if row.look[:2] == lying.look[:2]
        and row.path.rpartition(b"/")[2] == path.rpartition(b"/")[2]
        and (not row.holds_path or row.id in lost or _is_gone(row, disk))
    ]
    return alike[0] if len(alike) == 1 else None


def _has_left(row: Row, disk: Disk) -> bool:
    there = disk.lying.get(row.place)
    if not _can_look(row, disk):
        return False
    return there is None or there.look.inode != row.look.inode


def _is_gone(row: Row, disk: Disk) -> bool:
    return _can_look(row, disk) and row.place not in disk.lying


def _can_look(row: Row, disk: Disk) -> bool:
    return not disk.is_hidden(row.place)


def _there(row: Row, look: Look) -> Row:
    return replace(row, look=look, present=True, hidden=False)


def _in_scope(scope: Scope | None) -> Callable[[bytes], bool]:
    if scope is None:
        return lambda path: True
    return lambda path: scope.holds(path.rpartition(b"/")[0])

"""A library whose files are moved to and fro: four groups, each at one of two sides, with what must hold of them always."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from mediastead.db.engine import Database
from mediastead.disk.looks import look_at_disc
from mediastead.disk.marker import MARKER_NAME, write_marker
from mediastead.files.models import Folder, MediaFile, MediaFileState
from mediastead.files.paths import joined, path_hash
from mediastead.files.types import Identification, Presence
from mediastead.libraries.models import Library, LibraryKind
from mediastead.organizing.models import OPEN_GROUP, GroupState, Organizing, OrganizingGroup, OrganizingKind
from mediastead.organizing.moves import Group, Move, MoveRole, Plan, Seen
from mediastead.organizing.storing import let_apply, plan_to_take_back, store_plan

GROUPS: dict[str, list[tuple[str, str]]] = {
    "into a new folder": [
        ("in/matrix.mkv", "The Matrix (1999)/The Matrix (1999).mkv"),
        ("in/matrix.en.srt", "The Matrix (1999)/The Matrix (1999).en.srt"),
    ],
    "in a circle": [("s/1.mkv", "s/2.mkv"), ("s/2.mkv", "s/1.mkv"), ("s/film.mkv", "s/Film.mkv")],
    "in a row": [("c/a.mkv", "c/b.mkv"), ("c/b.mkv", "Show/Season 01/b.mkv")],
    "a disc": [("disc/VIDEO_TS", "The Disc (2001)/VIDEO_TS")],
}
"""Name of the group to its moves: from side A to side B."""

MARKER = "the marker"
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


class Later:
    """A clock that a test sets ahead, so that nothing has to be waited for."""

    def __init__(self, hours: int) -> None:
        self._hours = hours

    def now(self) -> datetime:
        return BEGUN + timedelta(hours=self._hours)

    def later(self) -> None:
        self._hours += 1


def build(root: Path) -> None:
    """All groups at side A. Each file says which it is."""
    for moves in GROUPS.values():
        for source, _ in moves:
            path = root / source
            if source.endswith("VIDEO_TS"):
                path.mkdir(parents=True)
                (path / "VTS_01_1.VOB").write_text("the disc's film")
                (path / "VIDEO_TS.IFO").write_text("the disc's index")
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(source)
    (root / "s" / "untouched.mkv").write_text("untouched")
    write_marker(os.fsencode(root), MARKER)


async def furnish(database: Database, root: Path) -> None:
    """The rows that a scan would write."""
    async with database.write() as session:
        library = {
            "name": "All",
            "root": os.fsencode(root),
            "kind": LibraryKind.MIXED,
            "exclude_patterns": [],
            "root_marker": MARKER,
            "created_at": BEGUN,
        }
        library_id = (await session.execute(insert(Library).returning(Library.id), library)).scalar_one()
        for path, look in sorted(looks(root).items()):
            if path.endswith(b".srt"):
                continue
            folder, _, name = path.rpartition(b"/")
            row = {"library_id": library_id, "path": folder, "path_hash": path_hash(folder), "search_text": ""}
            known = (await session.execute(select(Folder.id).where(Folder.path == folder))).scalar_one_or_none()
            folder_id = known or (await session.execute(insert(Folder).returning(Folder.id), row)).scalar_one()
            file = {
                "library_id": library_id,
                "folder_id": folder_id,
                "name": name,
                "search_text": "",
                "identification": Identification.PENDING,
                "created_at": BEGUN,
            }
            file_id = (await session.execute(insert(MediaFile).returning(MediaFile.id), file)).scalar_one()
            state = {"file_id": file_id, "presence": Presence.PRESENT, "device": 1, **look._asdict()}
            await session.execute(insert(MediaFileState), state)


def looks(root: Path) -> dict[bytes, Seen]:
    """Every file on the disk; a disc folder is one. The marker is left out, and nothing else."""
    found: dict[bytes, Seen] = {}
    top = os.fsencode(root)
    for folder, folders, names in os.walk(top):
        if b"VIDEO_TS" in folders:
            folders.remove(b"VIDEO_TS")
            descriptor = os.open(os.path.join(folder, b"VIDEO_TS"), os.O_RDONLY)
            look = look_at_disc(descriptor)
            os.close(descriptor)
            found[os.path.relpath(os.path.join(folder, b"VIDEO_TS"), top)] = Seen(look.size, look.mtime_ns, look.inode)
        for name in names:
            full = os.path.join(folder, name)
            status = os.lstat(full)
            found[os.path.relpath(full, top)] = Seen(status.st_size, status.st_mtime_ns, status.st_ino)
    found.pop(MARKER_NAME)
    return found


def contents(root: Path) -> list[str]:
    """What all files say, those of discs as well: each once, whole, wherever it lies."""
    return sorted(
        Path(folder, name).read_text()
        for folder, _, names in os.walk(root)
        for name in names
        if name != MARKER_NAME.decode()
    )


def empty_folders(root: Path) -> list[Path]:
    """Without those that hold nothing but empty ones."""
    return [Path(folder) for folder, folders, names in os.walk(root) if not folders and not names]


def side_of(group: str, found: dict[bytes, Seen], home: dict[str, int]) -> str:
    """`a` or `b`. `home`: by a file's path at side A, its inode."""
    sides = {
        side
        for source, target in GROUPS[group]
        for side, path in (("a", source), ("b", target))
        if (there := found.get(path.encode())) is not None and there.inode == home[source]
    }
    assert len(sides) == 1, f"{group} is neither here nor there: {sorted(found)}"
    return sides.pop()


async def plan(database: Database, now: datetime, group: str, found: dict[bytes, Seen], *, back: bool) -> int:
    """The move of one group to the other side, to be applied; `back`: by undoing what took it there."""
    async with database.read() as session:
        library_id = (await session.execute(select(Library.id))).scalar_one()
        rows = await session.execute(
            select(MediaFile.id, Folder.path, MediaFile.name).join(Folder, Folder.id == MediaFile.folder_id)
        )
        ids = {joined(folder, name): file_id for file_id, folder, name in rows}
        last = (
            await session.execute(
                select(func.max(Organizing.id))
                .join(OrganizingGroup, OrganizingGroup.organizing_id == Organizing.id)
                .where(Organizing.template == group, OrganizingGroup.state == GroupState.DONE)
            )
        ).scalar_one()
    async with database.write() as session:
        if back:
            undone = await plan_to_take_back(session, last)
            kind, undo_of = OrganizingKind.UNDO, last
        else:
            moves = [(source.encode(), target.encode()) for source, target in GROUPS[group]]
            undone = Plan((Group(tuple(_move(source, target, found, ids) for source, target in moves)),))
            kind, undo_of = OrganizingKind.RENAME, None
        organizing_id = await store_plan(
            session, now, library_id, "test", undone, kind=kind, undo_of=undo_of, template=None if back else group
        )
        assert await let_apply(session, now, organizing_id)
    return organizing_id


def _move(source: bytes, target: bytes, found: dict[bytes, Seen], ids: dict[bytes, int]) -> Move:
    role = MoveRole.MEDIA if source in ids else MoveRole.SIDECAR
    return Move(role, source, target, found[source], ids.get(source), 1 if source in ids else None)


async def unfinished(database: Database) -> bool:
    """Whether a group is still to be begun, or to be brought to its end."""
    async with database.read() as session:
        query = select(OrganizingGroup.id).where(OrganizingGroup.state.in_((GroupState.PLANNED, *OPEN_GROUP)))
        return (await session.execute(query.limit(1))).scalar_one_or_none() is not None


async def check(database: Database, root: Path, home: dict[str, int], said: list[str]) -> None:
    """Nothing is lost, torn or doubled; the journal is closed; the rows say what the disk shows."""
    assert contents(root) == said, "a file is lost, torn or doubled"
    found = looks(root)
    assert not [path for path in found if b".mediastead" in path], "something of ours was left behind"
    for group in GROUPS:
        side_of(group, found, home)
    async with database.read() as session:
        assert (await session.execute(select(Library.organizing_group_id))).scalars().all() == [None]
        unclosed = (GroupState.PLANNED, *OPEN_GROUP, GroupState.GIVEN_UP)
        query = select(OrganizingGroup.id, OrganizingGroup.state, OrganizingGroup.said).where(
            OrganizingGroup.state.in_(unclosed)
        )
        assert (await session.execute(query)).all() == []
        query = (
            select(
                MediaFile.id,
                Folder.path,
                MediaFile.name,
                MediaFileState.inode,
                MediaFile.holds_path,
                MediaFileState.presence,
            )
            .join(Folder, Folder.id == MediaFile.folder_id)
            .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        )
        rows = (await session.execute(query)).all()
    assert all(holds and presence is Presence.PRESENT for *_, holds, presence in rows)
    on_disk = {path: look.inode for path, look in found.items() if not path.endswith(b".srt")}
    assert {joined(folder, name): inode for _, folder, name, inode, *_ in rows} == on_disk
    assert len(rows) == len(on_disk)

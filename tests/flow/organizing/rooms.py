"""A library and two inboxes whose files are moved to and fro: groups, each at one of two sides, with what must hold always.

Paths are relative to the folder that the three roots lie in.
"""

import os
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import structs
from sqlalchemy import func, insert, select, update

from mediastead.catalog.models import MediaItem
from mediastead.catalog.types import ItemType
from mediastead.clock import Clock, SetClock
from mediastead.db.engine import Database
from mediastead.disk.calls import CALLS, Calls
from mediastead.disk.looks import look_at_disc
from mediastead.disk.marker import MARKER_NAME, TRASH_NAME, write_marker
from mediastead.files.models import Folder, MediaFile, MediaFileState
from mediastead.files.paths import joined, path_hash
from mediastead.files.types import Identification, Presence, Role
from mediastead.libraries.models import BringHow, Library, LibraryKind
from mediastead.organizing.bringing import brought
from mediastead.organizing.models import OPEN_GROUP, GroupState, Organizing, OrganizingGroup, OrganizingKind
from mediastead.organizing.moves import Group, Move, MoveRole, Plan, Seen
from mediastead.organizing.replace_queries import Old
from mediastead.organizing.replacing import to_trash
from mediastead.organizing.staging import Staged, replace_content
from mediastead.organizing.storing import let_apply, store_plan
from mediastead.organizing.taking_back import plan_to_take_back
from mediastead.trash.emptying import empty
from mediastead.trash.models import Trashed, TrashState

LIBRARIES = ("media", "inbox", "far", "far-discs")
"""Names and roots. Between the far ones and the others nothing can be renamed or linked (`faults.FAR`). Two, so that each trash
folder that comes and goes is one group's: of two, one would find it there or not, as the other one lies."""

GROUPS: dict[str, list[tuple[str, str]]] = {
    "into a new folder": [
        ("media/in/matrix.mkv", "media/The Matrix (1999)/The Matrix (1999).mkv"),
        ("media/in/matrix.en.srt", "media/The Matrix (1999)/The Matrix (1999).en.srt"),
    ],
    "in a circle": [
        ("media/s/1.mkv", "media/s/2.mkv"),
        ("media/s/2.mkv", "media/s/1.mkv"),
        ("media/s/film.mkv", "media/s/Film.mkv"),
    ],
    "in a row": [("media/c/a.mkv", "media/c/b.mkv"), ("media/c/b.mkv", "media/Show/Season 01/b.mkv")],
    "a disc": [("media/disc/VIDEO_TS", "media/The Disc (2001)/VIDEO_TS")],
    "linked": [("inbox/l/l.mkv", "media/L (2000)/L (2000).mkv"), ("inbox/l/l.srt", "media/L (2000)/L (2000).srt")],
    "copied": [("inbox/k/k.mkv", "media/K (2000)/K (2000).mkv"), ("inbox/k/k.srt", "media/K (2000)/K (2000).srt")],
    "moved in": [("inbox/m/m.mkv", "media/M (2000)/M (2000).mkv"), ("inbox/m/m.srt", "media/M (2000)/M (2000).srt")],
    "moved over": [("far/o/o.mkv", "media/O (2000)/O (2000).mkv"), ("far/o/o.srt", "media/O (2000)/O (2000).srt")],
    "replacing by a link": [("inbox/p/p.mkv", "media/P (2000)/P.mkv"), ("inbox/p/p.srt", "media/P (2000)/P.srt")],
    "replacing by a copy": [("inbox/q/q.mkv", "media/Q (2000)/Q.mkv")],
    "replacing by a move": [("inbox/r/r.mkv", "media/R (2000)/R.mkv")],
    "a disc linked": [("inbox/x/VIDEO_TS", "media/X (2000)/VIDEO_TS")],
    "a disc moved over": [("far-discs/y/VIDEO_TS", "media/Y (2000)/VIDEO_TS")],
    "new content": [("far-staging/n.mkv", "media/N (2000)/N.mkv")],
}
"""Name of the group to its moves: from side A to side B."""
HOW = {
    "linked": BringHow.LINK,
    "copied": BringHow.COPY,
    "moved in": BringHow.MOVE,
    "moved over": BringHow.MOVE,
    "a disc linked": BringHow.LINK,
    "a disc moved over": BringHow.MOVE,
    "replacing by a link": BringHow.LINK,
    "replacing by a copy": BringHow.COPY,
    "replacing by a move": BringHow.MOVE,
}
REPLACED = {
    "replacing by a link": ["media/P (2000)/P.mkv", "media/P (2000)/P.srt"],
    "replacing by a copy": ["media/Q (2000)/Q.mkv"],
    "replacing by a move": ["media/R (2000)/R.mkv"],
    "new content": ["media/N (2000)/N.avi"],
}
"""What lies in the trash while its group is at side B."""
STAGED = "new content"
"""The group of which the file lies in a folder that is no library's, between which and the others nothing can be renamed."""
MOVED_IN = ("moved in", "replacing by a move")
"""Groups that are copied, with their originals in the trash, where the disk says that nothing can be renamed (EXDEV)."""
OVER = ("moved over", "a disc moved over")
"""Groups of which the originals lie in the trash at side B."""
DOUBLED = ("linked", "copied", *OVER, "a disc linked", "replacing by a link", "replacing by a copy", STAGED)
"""Groups of which each file is there twice at side B."""

ON_DISC = ("VIDEO_TS.IFO", "VTS_01_1.VOB")

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


class Later:
    """A clock that a test sets ahead, so that nothing has to be waited for."""

    def __init__(self, hours: int) -> None:
        self._hours = hours

    def now(self) -> datetime:
        return BEGUN + timedelta(hours=self._hours)

    def later(self) -> None:
        self._hours += 1


def marker_of(library: str) -> str:
    return f"the marker of {library}"


def build(base: Path) -> None:
    """All groups at side A. Each file says which it is."""
    for moves in GROUPS.values():
        for source, _ in moves:
            for file in _files_at(source):
                (base / file).parent.mkdir(parents=True, exist_ok=True)
                (base / file).write_text(file)
    (base / "media" / "s" / "untouched.mkv").write_text("untouched")
    (base / "media" / TRASH_NAME.decode()).mkdir(parents=True)
    for path in (base / old for olds in REPLACED.values() for old in olds):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"what was at {path.relative_to(base)}")
    for library in LIBRARIES:
        write_marker(os.fsencode(base / library), marker_of(library))


async def furnish(database: Database, base: Path) -> None:
    """The rows that a scan and identification would write."""
    async with database.write() as session:
        item = {
            "type": ItemType.MOVIE,
            "title": "All",
            "alternative_titles": [],
            "sort_key": "all",
            "search_text": "all",
            "genres": [],
            "cast": [],
            "created_at": BEGUN,
        }
        item_id = (await session.execute(insert(MediaItem).returning(MediaItem.id), item)).scalar_one()
        for name in LIBRARIES:
            library = {
                "name": name,
                "root": os.fsencode(base / name),
                "kind": LibraryKind.MIXED,
                "exclude_patterns": [],
                "root_marker": marker_of(name),
                "created_at": BEGUN,
            }
            library_id = (await session.execute(insert(Library).returning(Library.id), library)).scalar_one()
            for path, look in sorted(looks(base / name).items()):
                if path.endswith(b".srt"):
                    continue
                folder, _, base_name = path.rpartition(b"/")
                row = {"library_id": library_id, "path": folder, "path_hash": path_hash(folder), "search_text": ""}
                here = select(Folder.id).where(Folder.path == folder, Folder.library_id == library_id)
                known = (await session.execute(here)).scalar_one_or_none()
                folder_id = known or (await session.execute(insert(Folder).returning(Folder.id), row)).scalar_one()
                file = {
                    "library_id": library_id,
                    "folder_id": folder_id,
                    "name": base_name,
                    "search_text": "",
                    "media_item_id": item_id,
                    "identification": Identification.MATCHED,
                    "role": Role.FEATURE,
                    "created_at": BEGUN,
                }
                file_id = (await session.execute(insert(MediaFile).returning(MediaFile.id), file)).scalar_one()
                state = {"file_id": file_id, "presence": Presence.PRESENT, "device": 1, **look._asdict()}
                await session.execute(insert(MediaFileState), state)


def looks(base: Path) -> dict[bytes, Seen]:
    """Every file on the disk; a disc folder is one. Markers are left out, and nothing else."""
    found: dict[bytes, Seen] = {}
    top = os.fsencode(base)
    for folder, folders, names in os.walk(top):
        for disc in [name for name in folders if name.endswith(b"VIDEO_TS")]:
            folders.remove(disc)
            descriptor = os.open(os.path.join(folder, disc), os.O_RDONLY)
            look = look_at_disc(descriptor)
            os.close(descriptor)
            found[os.path.relpath(os.path.join(folder, disc), top)] = Seen(look.size, look.mtime_ns, look.inode)
        for name in names:
            full = os.path.join(folder, name)
            status = os.lstat(full)
            if name != MARKER_NAME:
                found[os.path.relpath(full, top)] = Seen(status.st_size, status.st_mtime_ns, status.st_ino)
    return found


def contents(base: Path) -> dict[str, str]:
    """What all files say, those of discs and in the trash as well, by their paths."""
    return {
        os.path.relpath(os.path.join(folder, name), base): Path(folder, name).read_text()
        for folder, _, names in os.walk(base)
        for name in names
        if name != MARKER_NAME.decode()
    }


def empty_folders(base: Path) -> list[Path]:
    """Without those that hold nothing but empty ones, and the trash."""
    return [
        Path(folder)
        for folder, folders, names in os.walk(base)
        if not folders and not names and not folder.endswith(TRASH_NAME.decode())
    ]


def give_modes(base: Path) -> None:
    """Those that all had in the beginning: where the disk did not let them be given, the next move would have one call more."""
    for folder, _, names in os.walk(base):
        Path(folder).chmod(0o755)
        for name in names:
            Path(folder, name).chmod(0o644)


def side_of(group: str, found: dict[bytes, Seen], home: dict[str, int]) -> str:
    """`a` or `b`. `home`: by a file's path at side A, its inode."""
    sides: set[str] = set()
    for old in REPLACED.get(group, ()):
        inodes = {path for path, look in found.items() if look.inode == home[old]}
        assert inodes, f"what was replaced is gone: {sorted(found)}"
        sides.add("a" if old.encode() in inodes else "b")
    for source, target in GROUPS[group]:
        at_home = (there := found.get(source.encode())) is not None and there.inode == home[source]
        beyond = found.get(target.encode())
        if beyond is not None and beyond.inode == home.get(target):
            beyond = None  # the old one
        if group in DOUBLED:
            # A copy is a file of its own; that it is whole is seen by what it says.
            assert at_home or (group in OVER and beyond), f"an original is gone: {sorted(found)}"
            assert not (group in OVER and at_home and beyond), f"one file is at two places: {sorted(found)}"
            sides.add("b" if beyond else "a")
        elif group in MOVED_IN:
            sides |= {"a"} if source.encode() in found else set()
            sides |= {"b"} if beyond is not None else set()
        else:
            sides |= {"a"} if at_home else set()
            sides |= {"b"} if beyond is not None and beyond.inode == home[source] else set()
    assert len(sides) == 1, f"{group} is neither here nor there: {sorted(found)}"
    return sides.pop()


def is_copied(group: str, found: dict[bytes, Seen]) -> bool:
    """Whether it is at side B by copying, though it can be renamed."""
    if group not in MOVED_IN:
        return False
    trash = b"inbox/" + TRASH_NAME + b"/"
    lying = {path[len(trash) :].partition(b"-")[2] for path in found if path.startswith(trash)}
    originals = {os.path.basename(source).encode() for source, _ in GROUPS[group]}
    assert originals <= lying or not originals & lying, f"half of {group} is copied: {sorted(found)}"
    return originals <= lying


async def plan(database: Database, now: datetime, group: str, found: dict[bytes, Seen], *, back: bool) -> int:
    """The move of one group to the other side, to be applied; `back`: by undoing what took it there."""
    how = HOW.get(group)
    async with database.read() as session:
        libraries = {name: library_id for library_id, name in await session.execute(select(Library.id, Library.name))}
        ids = {path: file_id for file_id, path, *_ in await _present(session)}
        last = (
            await session.execute(
                select(func.max(Organizing.id))
                .join(OrganizingGroup, OrganizingGroup.organizing_id == Organizing.id)
                .where(Organizing.template == group, OrganizingGroup.state == GroupState.DONE)
            )
        ).scalar_one()
    if group == STAGED and not back:
        return await _plan_new_content(database, now, group, found, ids)
    origin = GROUPS[group][0][0].partition("/")[0]
    to, of = libraries["media"], libraries[origin] if how is not None else None
    async with database.write() as session:
        if back:
            moved = how is BringHow.MOVE
            undone = await plan_to_take_back(session, last, swapped=moved, staged=group == STAGED)
            where: dict[str, Any] = {"from_library_id": to, "bring_how": how} if moved else {}
            to = of if moved and of is not None else to
            where |= {"kind": OrganizingKind.UNDO, "undo_of": last}
        else:
            moves = [(source.encode(), target.encode()) for source, target in GROUPS[group]]
            olds = [old.encode() for old in REPLACED.get(group, ())]
            away = [to_trash(old[len("media/") :], found[old], _old(ids.get(old))) for old in olds]
            undone = Plan((Group((*(_move(source, target, found, ids) for source, target in moves), *away)),))
            undone = brought(undone, how) if how is not None else undone
            where = {"from_library_id": of, "bring_how": how, "template": group}
        assert undone.groups, undone
        organizing_id = await store_plan(session, now, to, "test", undone, **where)
        assert await let_apply(session, now, organizing_id)
    return organizing_id


def _move(source: bytes, target: bytes, found: dict[bytes, Seen], ids: dict[bytes, int]) -> Move:
    role = MoveRole.MEDIA if source in ids else MoveRole.SIDECAR
    move = Move(role, source, target, found[source], ids.get(source), 1 if source in ids else None)
    return structs.replace(move, source=source.partition(b"/")[2], target=target.partition(b"/")[2])


def _old(file_id: int | None) -> Old | None:
    return None if file_id is None else Old(file_id, 1, None)


async def _plan_new_content(
    database: Database, now: datetime, group: str, found: dict[bytes, Seen], ids: dict[bytes, int]
) -> int:
    """What the file holds is replaced by what lies in the staging folder."""
    ((source, _),) = GROUPS[group]
    (old,) = REPLACED[group]
    async with database.read() as session:
        root = (await session.execute(select(Library.root).where(Library.name == "media"))).scalar_one()
    staged = Staged(path=os.path.join(os.path.dirname(root), source.encode()))
    organizing_id = await replace_content(database, SetClock(now), "test", ids[old.encode()], staged)
    async with database.write() as session:
        await session.execute(update(Organizing).where(Organizing.id == organizing_id).values(template=group))
    return organizing_id


async def unfinished(database: Database) -> bool:
    """Whether a group is still to be begun, or to be brought to its end."""
    async with database.read() as session:
        query = select(OrganizingGroup.id).where(OrganizingGroup.state.in_((GroupState.PLANNED, *OPEN_GROUP)))
        return (await session.execute(query.limit(1))).scalar_one_or_none() is not None


async def throw_away(
    database: Database, clock: Clock, base: Path, home: dict[str, int], calls: Calls | None = None
) -> None:
    """Empty the trash of the copies that were taken back; originals that went there stay until they are put back, and so does
    what was replaced. A trash folder with nothing in it goes, but for those that several groups use, so that each point begins
    with the same calls. With `calls` some may stay."""
    olds = [home[old] for several in REPLACED.values() for old in several]
    async with database.read() as session:
        media = (await session.execute(select(Library.id).where(Library.name == "media"))).scalar_one()
        copies = select(Trashed.id).where(Trashed.library_id == media, Trashed.inode.not_in(olds))
        ids = (await session.execute(copies)).scalars().all()
    emptied = await empty(database, clock, media, ids, calls or CALLS)
    if calls is not None:
        return
    assert emptied.left == 0, "what was put into the trash does not lie there"
    for library in LIBRARIES[1:]:
        with suppress(OSError):
            (base / library / TRASH_NAME.decode()).rmdir()


async def check(database: Database, base: Path, home: dict[str, int], said: list[str]) -> None:
    """Nothing is lost, torn or doubled; the journal is closed; the rows say what the disk shows."""
    found, says = looks(base), contents(base)
    doubled: list[str] = []
    for group, moves in GROUPS.items():
        side = side_of(group, found, home)
        for source, target in moves:
            whole = _files_at(source)
            here = [says[path] for path in _files_at(target if side == "b" else source)]
            assert here == whole, f"of {whole} there is {here}"
            if is_copied(group, found) or (side == "b" and group in DOUBLED):
                doubled += whole
    assert Counter(says.values()) == Counter([*said, *doubled]), "a file is lost, torn or doubled"
    trash = {path: look.inode for path, look in found.items() if b"/" + TRASH_NAME + b"/" in path}
    there = {path: look for path, look in found.items() if path not in trash and not path.startswith(b"far-staging/")}
    assert not [path for path in there if b".mediastead" in path], "something of ours was left behind"
    async with database.read() as session:
        unfinished = select(Library.id).where(Library.organizing_group_id.is_not(None))
        assert (await session.execute(unfinished)).scalars().all() == []
        unclosed = (GroupState.PLANNED, *OPEN_GROUP, GroupState.GIVEN_UP)
        query = select(OrganizingGroup.id, OrganizingGroup.state, OrganizingGroup.said).where(
            OrganizingGroup.state.in_(unclosed)
        )
        assert (await session.execute(query)).all() == []
        rows = await _present(session)
        names = select(Library.name, Trashed.name, Trashed.inode).join(Library, Library.id == Trashed.library_id)
        lying = await session.execute(names.where(Trashed.state == TrashState.IN_TRASH))
        assert {joined(joined(each.encode(), TRASH_NAME), name): inode for each, name, inode in lying} == trash
    assert all(holds for *_, holds in rows)
    on_disk = {path: look.inode for path, look in there.items() if not path.endswith(b".srt")}
    assert {path: inode for _, path, inode, _ in rows} == on_disk
    assert len(rows) == len(on_disk)


def _files_at(path: str) -> list[str]:
    return [f"{path}/{name}" for name in ON_DISC] if path.endswith("VIDEO_TS") else [path]


async def _present(session: Any) -> list[tuple[int, bytes, int, bool]]:
    """(id, path, inode, whether it holds its path) of every present row."""
    query = (
        select(MediaFile.id, Library.name, Folder.path, MediaFile.name, MediaFileState.inode, MediaFile.holds_path)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(MediaFileState.presence == Presence.PRESENT)
    )
    rows = await session.execute(query)
    return [(row[0], joined(row[1].encode(), joined(row[2], row[3])), row[4], row[5]) for row in rows]

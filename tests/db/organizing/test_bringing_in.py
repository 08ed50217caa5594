"""Files come from an inbox into its library: by links, by copies, by renames, and over file systems; and go back."""

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.disk.calls import Calls
from mediastead.files.models import MediaFile, MediaFileState
from mediastead.history.queries import OperationFilter, operations_page
from mediastead.history.service import undo
from mediastead.http.permissions import LOCAL
from mediastead.libraries.models import Library, LibraryKind
from mediastead.organizing import service
from mediastead.organizing.errors import OrganizeWhat, OrganizingDoesNotAllow
from mediastead.organizing.models import GroupState
from mediastead.trash.emptying import empty
from mediastead.trash.models import Trashed

from .gate import FILM, WORDS, Gate, make_gate


class Mounted(Calls):
    """A folder of the same disk is mounted at `nested`."""

    def __init__(self, nested: Path) -> None:
        self._nested = nested

    def mount_of(self, folder: int) -> int | None:
        return 2 if Path(f"/proc/self/fd/{folder}").readlink().is_relative_to(self._nested.resolve()) else 1


async def test_links_come_beside_their_originals_which_are_not_offered_again(gate: Gate) -> None:
    before = gate.inbox.disk()
    view = await gate.bring("link")
    assert (view.state, view.groups, view.bring_how) == ("ended", {"done": 1}, "link")
    assert gate.inbox.disk() == before
    assert gate.films.disk() == {FILM: before["new/alien.mkv"], WORDS: before["new/alien.srt"]}
    (row,) = await gate.films.shelf.rows()
    assert (row.identification, row.path) == ("matched", FILM.encode())
    assert await gate.imports() == [("hardlink", True)]
    await gate.settled()
    again = await gate.plan("link")
    assert again.counts["moves"] == 0
    assert await gate.why_refused(again) == ["already_in"]

    back = await gate.undo(view.id)
    assert back.groups == {"done": 1}
    assert gate.inbox.disk() == before
    assert set(gate.films.disk().values()) == {before["new/alien.mkv"], before["new/alien.srt"]}
    assert all(path.startswith(".mediastead-trash/") for path in gate.films.disk())
    assert await gate.films.shelf.missing() == {row.id: FILM.encode()}
    await gate.settled()
    assert (await gate.plan("link")).counts["moves"] == 2, "it is offered again"


async def test_copies_are_whole_keep_their_times_and_come_beside_their_originals(gate: Gate) -> None:
    before = gate.inbox.disk()
    view = await gate.bring("copy")
    assert view.groups == {"done": 1}
    assert gate.inbox.disk() == before
    assert set(gate.films.disk()) == {FILM, WORDS}
    assert not set(gate.films.disk().values()) & set(before.values()), "they are files of their own"
    one, other = gate.inbox.shelf.root / "new" / "alien.mkv", gate.films.shelf.root / FILM
    assert other.read_bytes() == one.read_bytes()
    assert other.stat().st_mtime_ns == one.stat().st_mtime_ns
    assert await gate.imports() == [("copy", True)]
    await gate.settled()
    await gate.undo(view.id)
    assert all(path.startswith(".mediastead-trash/") for path in gate.films.disk())
    await gate.settled()


async def test_what_taking_back_a_copy_would_do_is_told_as_it_is(gate: Gate) -> None:
    view = await gate.bring("copy")
    async with gate.database.read() as session:
        (done,) = (await operations_page(session, OperationFilter(kind="organize"), cursor=None, limit=9)).items
    would = await undo(gate.database, gate.clock, LOCAL, done.id, dry_run=True, those_that_can=False)
    assert would.also == [f"2 files would go to the trash; `mediastead organize undo {view.id} --plan` lists them"]


async def test_a_link_that_the_disk_cannot_make_is_a_copy(gate: Gate) -> None:
    class OtherMount(Calls):
        def link_to(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    view = await gate.bring("link", OtherMount())
    assert view.groups == {"done": 1}
    (group,) = await gate.titles.groups(view.id, GroupState.DONE)
    assert [(move.way, move.copied) for move in group.moves] == [("link", True), ("link", True)]
    assert await gate.imports() == [("copy", True)]
    assert gate.films.disk()[FILM] != gate.inbox.disk()["new/alien.mkv"]
    await gate.settled()


async def test_files_move_within_one_file_system_and_are_the_same_files_there(gate: Gate) -> None:
    before = gate.inbox.disk()
    file_id = await gate.inbox.shelf.id_of("new/alien.mkv")
    view = await gate.bring("move")
    assert gate.films.disk() == {FILM: before["new/alien.mkv"], WORDS: before["new/alien.srt"]}
    assert set(gate.inbox.disk()) == {"unknown.mkv"}
    assert not (gate.inbox.shelf.root / "new").exists()
    assert await gate.films.shelf.id_of(FILM) == file_id
    assert await gate.imports() == [("move", True)]
    await gate.settled()
    back = await gate.undo(view.id)
    assert (back.library_id, back.from_library_id, back.groups) == (view.from_library_id, view.library_id, {"done": 1})
    assert gate.inbox.disk() == before
    assert gate.films.disk() == {}
    assert await gate.inbox.shelf.id_of("new/alien.mkv") == file_id
    await gate.settled()
    await gate.undo(back.id)
    assert await gate.films.shelf.id_of(FILM) == file_id
    await gate.settled()


@pytest.mark.parametrize("emptied", [False, True])
async def test_files_move_over_file_systems_and_back(
    database: Database, clock: SetClock, tmp_path: Path, other_disk: Path, emptied: bool
) -> None:
    gate = await make_gate(database, clock, other_disk / "inbox", tmp_path / "films")
    original = gate.inbox.shelf.root / "new" / "alien.mkv"
    original.chmod(0o604)
    before = gate.inbox.disk()
    file_id = await gate.inbox.shelf.id_of("new/alien.mkv")
    view = await gate.bring("move")
    assert view.groups == {"done": 1}
    assert set(gate.films.disk()) == {FILM, WORDS}
    assert (gate.films.shelf.root / FILM).read_bytes() == b"the film"
    assert await gate.films.shelf.id_of(FILM) == file_id
    trashed = {path: inode for path, inode in gate.inbox.disk().items() if path.startswith(".mediastead-trash/")}
    assert set(trashed.values()) == {before["new/alien.mkv"], before["new/alien.srt"]}
    assert await gate.imports() == [("move", True)]
    await gate.settled()
    if emptied:
        assert (await empty(database, clock, None, None)).deleted == 2
    back = await gate.undo(view.id)
    assert back.groups == {"done": 1}
    assert set(gate.inbox.disk()) == set(before)
    assert (gate.inbox.disk() == before) is not emptied, "out of the trash, where they still lay there"
    assert emptied or original.stat().st_mode & 0o777 == 0o604
    assert (gate.inbox.shelf.root / "new" / "alien.mkv").read_bytes() == b"the film"
    assert await gate.inbox.shelf.id_of("new/alien.mkv") == file_id
    assert {path.partition("/")[0] for path in gate.films.disk()} == {".mediastead-trash"}
    await gate.settled()
    if not emptied:
        await gate.undo(back.id)
        assert await gate.films.shelf.id_of(FILM) == file_id
        await gate.settled()


async def test_two_mounts_with_one_device_number_are_found_out_beforehand(gate: Gate) -> None:
    class TwoMounts(Calls):
        def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
            if len({inbox in str(Path(f"/proc/self/fd/{each}").readlink()) for each in (folder, new_folder)}) == 2:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            super().move_to_free(old, folder, new, new_folder)

    inbox = str(gate.inbox.shelf.root)
    view = await gate.bring("move", TwoMounts())
    assert view.groups == {"done": 1}
    assert len([path for path in gate.inbox.disk() if path.startswith(".mediastead-trash/")]) == 2
    assert set(gate.films.disk()) == {FILM, WORDS}
    await gate.settled()


@pytest.mark.parametrize("over_disks", [False, True])
async def test_what_is_mounted_beneath_an_inbox_is_copied_and_goes_to_the_trash_of_that_mount(
    database: Database,
    clock: SetClock,
    tmp_path: Path,
    other_disk: Path,
    over_disks: bool,
) -> None:
    gate = await make_gate(database, clock, (other_disk if over_disks else tmp_path) / "inbox", tmp_path / "films")
    nested = gate.inbox.shelf.root / "new"
    before = gate.inbox.disk()
    calls = Mounted(nested)
    view = await gate.bring("move", calls)
    assert view.groups == {"done": 1}
    assert gate.films.disk().keys() == {FILM, WORDS}
    trashed = set(gate.inbox.disk()) - set(before)
    assert len(trashed) == 2
    assert all(path.startswith("new/.mediastead-trash/") for path in trashed)
    await gate.settled()
    assert (await gate.undo(view.id, calls)).groups == {"done": 1}
    assert gate.inbox.disk() == before
    assert (await gate.bring("copy", calls)).groups == {"done": 1}
    await gate.settled()


async def test_what_was_made_beneath_a_mount_of_the_library_is_taken_back_there(gate: Gate) -> None:
    nested = gate.films.shelf.root / Path(FILM).parent
    nested.mkdir()
    view = await gate.bring("copy", Mounted(nested))
    assert view.groups == {"done": 1}
    back = await gate.undo(view.id, Mounted(nested))
    assert back.groups == {"done": 1}
    trashed = gate.films.disk()
    assert len(trashed) == 2
    assert all(path.startswith(f"{nested.name}/.mediastead-trash/") for path in trashed)
    await gate.settled()
    assert (await gate.undo(back.id, Mounted(nested))).groups == {"done": 1}
    assert gate.films.disk().keys() == {FILM, WORDS}
    await gate.settled()


async def test_what_goes_beneath_a_mount_of_the_library_is_copied_there_and_back(gate: Gate) -> None:
    nested = gate.films.shelf.root / Path(FILM).parent
    nested.mkdir()
    before = gate.inbox.disk()

    view = await gate.bring("move", Mounted(nested))
    assert view.groups == {"done": 1}
    assert gate.films.disk().keys() == {FILM, WORDS}
    assert not set(gate.films.disk().values()) & set(before.values()), "no rename leads there"
    await gate.settled()


async def test_what_lies_at_the_target_is_never_replaced(gate: Gate) -> None:
    gate.films.put(FILM)
    await gate.films.shelf.scan()
    before = gate.films.disk()
    for how in ("link", "copy", "move"):
        view = await gate.plan(how)
        assert (view.counts["moves"], view.counts["refused"]) == (0, 1)
        assert await gate.why_refused(view) == ["target_exists"]
    assert gate.films.disk() == before


async def test_what_comes_to_lie_at_the_target_meanwhile_lets_all_be_taken_back(gate: Gate) -> None:
    before = gate.inbox.disk()

    class InTheWay(Calls):
        def fsync(self, file: int) -> None:
            super().fsync(file)
            words.parent.mkdir(exist_ok=True)
            words.write_text("a person's own")

    words = gate.films.shelf.root / WORDS
    for how in ("link", "copy", "move"):
        view = await gate.plan(how)
        view = await gate.do(view.id, InTheWay())
        assert view.groups in ({"taken_back": 1}, {"refused": 1})
        assert gate.inbox.disk() == before
        assert list(gate.films.disk()) == [WORDS]
        assert words.read_text() == "a person's own"
        words.unlink()
        words.parent.rmdir()
    assert {success for _, success in await gate.imports()} == {False}


async def test_the_only_one_left_is_not_taken_back(gate: Gate) -> None:
    view = await gate.bring("copy")
    gate.inbox.shelf.remove("new/alien.mkv")
    await gate.inbox.shelf.scan()
    async with gate.database.write() as session:
        with pytest.raises(OrganizingDoesNotAllow, match="the only one left"):
            await service.plan_undo(session, gate.clock.now(), "test", view.id)
    assert set(gate.films.disk()) == {FILM, WORDS}


async def test_a_source_that_changes_while_it_is_copied_is_not_believed(gate: Gate) -> None:
    class Changing(Calls):
        def truncate(self, file: int, size: int) -> None:
            super().truncate(file, size)
            (gate.inbox.shelf.root / "new" / "alien.mkv").write_text("another cut")

    view = await gate.bring("copy", Changing())
    assert view.groups == {"given_up": 1}
    assert gate.films.disk() == {}, "what was begun is not kept"
    assert (gate.inbox.shelf.root / "new" / "alien.mkv").read_text() == "another cut"


async def test_what_is_read_back_otherwise_than_it_was_written_is_not_believed(gate: Gate) -> None:
    class Torn(Calls):
        def set_times(self, file: int, atime_ns: int, mtime_ns: int) -> None:
            os.pwrite(file, b"T", 0)
            super().set_times(file, atime_ns, mtime_ns)

    before = gate.inbox.disk()
    view = await gate.bring("move", Torn())
    assert view.groups == {"done": 1}, "nothing is copied there"
    await gate.undo(view.id)
    view = await gate.bring("copy", Torn())
    assert view.groups == {"taken_back": 1}
    assert gate.films.disk() == {}
    assert gate.inbox.disk() == before


async def test_a_copy_that_is_broken_off_by_the_end_of_the_server_is_gone_on_with(gate: Gate) -> None:
    view = await gate.plan("copy")
    await gate.inbox.allow(view.id)
    organizer = gate.inbox.organizer()
    organizer._is_stopping = lambda: True
    await organizer.apply(view.id)
    assert await gate.inbox.states() == ["doing"]
    (group,) = await gate.inbox.groups()
    assert group.attempts == 0
    organizer._is_stopping = lambda: False
    gate.clock.advance(timedelta(hours=1))
    assert list((await organizer.settle_due()).values()) == ["done"]
    await gate.settled()


async def test_a_sparse_file_stays_sparse(gate: Gate) -> None:
    path = gate.inbox.shelf.root / "new" / "alien.mkv"
    with path.open("wb") as file:
        file.write(b"head")
        file.truncate(50_000_000)
        file.seek(30_000_000)
        file.write(b"tail")
    gate.inbox.shelf.age(os.fsencode(path), 5)
    await gate.inbox.shelf.scan()
    view = await gate.bring("copy")
    assert view.groups == {"done": 1}
    made = gate.films.shelf.root / FILM
    assert made.read_bytes() == path.read_bytes()
    assert made.stat().st_blocks * 512 < 5_000_000


async def test_a_series_does_not_come_into_a_library_of_films(gate: Gate) -> None:
    async with gate.database.write() as session:
        await session.execute(update(Library).where(Library.name == "films").values(kind=LibraryKind.SERIES))
    view = await gate.plan("link")
    assert await gate.why_refused(view) == ["other_kind"]


async def test_a_plan_may_be_for_one_folder_or_file_of_the_inbox(gate: Gate) -> None:
    assert (await gate.plan("link", path="new")).counts["moves"] == 2
    assert (await gate.plan("link", path="new/alien.mkv")).counts["moves"] == 2
    assert (await gate.plan("link", path="other")).counts["moves"] == 0
    with pytest.raises(OrganizeWhat, match="Name one of"):
        await gate.plan("link", path="new", file_ids=[1])
    async with gate.database.write() as session:
        await session.execute(update(Library).values(bring_into_id=None))
    with pytest.raises(OrganizeWhat, match="is no inbox"):
        await gate.plan("link")


async def test_state_of_a_copy_is_its_own(gate: Gate) -> None:
    await gate.bring("copy")
    async with gate.database.read() as session:
        query = select(MediaFile.media_item_id, MediaFileState.inode).join(
            MediaFileState, MediaFileState.file_id == MediaFile.id
        )
        rows = (await session.execute(query.where(MediaFile.media_item_id.is_not(None)))).all()
        assert (await session.execute(select(Trashed.id))).all() == []
    assert len({item for item, _ in rows}) == 1
    assert len({inode for _, inode in rows}) == 2

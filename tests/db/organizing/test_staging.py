"""What was made in a folder that is in no library comes into one, or takes the place of a file's content; and goes back."""

import errno
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from mediastead.catalog.models import Episode, MediaItem, Season
from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.disk.calls import CALLS, Calls
from mediastead.files.models import FileEvent, MediaFile, MediaFileEpisode, MediaFileImport, MediaFileState
from mediastead.files.types import Role
from mediastead.libraries.models import BringHow
from mediastead.operations.models import Operation
from mediastead.organizing import service
from mediastead.organizing.errors import NothingStaged, StagedNotUsable
from mediastead.organizing.models import GroupState
from mediastead.organizing.staging import Staged, StagedEnd, bring_staged, end_of_staged, replace_content

from .house import House
from .titles import Titles

OLD, NEW, WORDS = "Alien (2000)/Alien (2000).avi", "Alien (2000)/Alien (2000).mkv", "Alien (2000)/Alien (2000).de.srt"


class Stage:
    """A library with a film, and a folder beside it in which its new content was made."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.folder = house, folder
        self.database, self.clock = house.database, house.clock
        self.titles = Titles(house)
        self.item = 0

    async def furnish(self) -> int:
        self.folder.mkdir(parents=True)
        (self.folder / "out.mkv").write_text("the film, made anew")
        (self.folder / "out.en.srt").write_text("the words, made anew")
        self.house.put(OLD, WORDS)
        await self.house.shelf.scan()
        self.item = await self.titles.film("Alien", OLD)
        return await self.house.shelf.id_of(OLD)

    def staged(self, name: str = "out.mkv", **more: Any) -> Staged:
        along = tuple(os.fsencode(self.folder / each) for each in more.pop("along", ()))
        return Staged(path=os.fsencode(self.folder / name), along=along, **more)

    async def replace(self, file_id: int, staged: Staged) -> int:
        return await replace_content(self.database, self.clock, "a host", file_id, staged)

    async def bring(self, staged: Staged, item_id: int | None = None, **what: Any) -> int:
        library_id = self.house.shelf.library_id
        return await bring_staged(self.database, self.clock, "a host", library_id, item_id or self.item, staged, **what)

    async def do(self, organizing_id: int, calls: Calls = CALLS) -> StagedEnd:
        await self.house.organizer(calls).apply(organizing_id)
        return await self.end(organizing_id)

    async def end(self, organizing_id: int) -> StagedEnd:
        async with self.database.read() as session:
            return await end_of_staged(session, organizing_id)

    async def undo(self, organizing_id: int) -> None:
        async with self.database.write() as session:
            planned = await service.plan_undo(session, self.clock.now(), "test", organizing_id)
        done = await self.titles.do(planned.id)
        assert done.groups == {"done": 1}

    def contents(self) -> dict[str, str]:
        root = self.house.shelf.root
        return {
            str(path.relative_to(root)): path.read_text()
            for path in root.rglob("*")
            if path.is_file() and not path.name.startswith(".mediastead-library")
        }

    async def imports(self) -> list[MediaFileImport]:
        async with self.database.read() as session:
            return list((await session.execute(select(MediaFileImport).order_by(MediaFileImport.id))).scalars())

    async def settled(self) -> None:
        assert await self.house.unfinished() is None
        scan = await self.house.shelf.scan()
        counts = {name: scan.counts[name] for name in ("new", "changed", "moved", "missing", "back")}
        assert counts == dict.fromkeys(counts, 0)


@pytest.fixture
def stage(house: House, tmp_path: Path) -> Stage:
    return Stage(house, tmp_path / "staging" / "job 7")


@pytest.mark.parametrize("how", ["move", "copy", "link"])
async def test_a_file_gets_other_content_and_stays_what_it_is_and_gets_the_old_one_back(stage: Stage, how: str) -> None:
    file_id = await stage.furnish()
    before = stage.house.disk()
    asked = stage.staged(how=BringHow(how), key="stage_job:7", facts={"stage_job_id": 7}, along=["out.en.srt"])
    organizing_id = await stage.replace(file_id, asked)
    assert (await stage.end(organizing_id)).state == "running"
    assert await stage.replace(file_id, asked) == organizing_id, "whoever asks again is given the same"
    end = await stage.do(organizing_id)
    assert end == StagedEnd(state="done", words=None, file_id=file_id, path=NEW.encode())
    assert await stage.house.shelf.present() == {NEW.encode(): file_id}
    there = stage.contents()
    assert there[NEW] == "the film, made anew"
    assert there["Alien (2000)/Alien (2000).en.srt"] == "the words, made anew"
    assert there[WORDS] == "xx", "what lay beside the old content stays"
    (old,) = [path for path in there if path.startswith(".mediastead-trash/")]
    assert stage.house.disk()[old] == before[OLD]
    assert (stage.folder / "out.mkv").exists() is (how != "move")
    (came,) = await stage.imports()
    assert (came.file_id, came.method, came.success, came.actor) == (file_id, "pipeline", True, "a host")
    assert (came.evidence["stage_job_id"], came.evidence["title"]) == (7, "Alien")
    async with stage.database.read() as session:
        state = (await session.execute(select(MediaFileState))).scalar_one()
        assert (state.size, state.read_due_at is not None) == (len("the film, made anew"), True)
        events = select(FileEvent.what, FileEvent.detail).where(FileEvent.file_id == file_id)
        told = {what.value: detail for what, detail in await session.execute(events)}
        assert told.keys() == {"replaced", "moved"}
        assert told["replaced"] == f"1 bytes -> 19 bytes, by {stage.folder}/out.mkv"
        (operation,) = (await session.execute(select(Operation))).scalars()
        assert operation.summary == f"Replaced the content of {NEW}"
        file = (await session.execute(select(MediaFile))).scalar_one()
        assert (file.media_item_id, file.identification, file.version) == (stage.item, "matched", 1)
    await stage.settled()

    await stage.undo(organizing_id)
    assert {path: inode for path, inode in stage.house.disk().items() if path[0] != "."} == before
    assert await stage.house.shelf.present() == {OLD.encode(): file_id}
    assert sorted(text for path, text in stage.contents().items() if path[0] == ".") == [
        "the film, made anew",
        "the words, made anew",
    ]
    await stage.settled()


async def test_new_content_of_the_same_suffix_takes_the_path(stage: Stage) -> None:
    await stage.furnish()
    (stage.folder / "out.avi").write_text("the film, again")
    (stage.folder / "out.de.srt").write_text("the words, again")
    file_id = await stage.house.shelf.id_of(OLD)
    end = await stage.do(await stage.replace(file_id, stage.staged("out.avi", along=["out.de.srt"])))
    assert (end.state, end.path, end.file_id) == ("done", OLD.encode(), file_id)
    there = stage.contents()
    assert (there[OLD], there[WORDS]) == ("the film, again", "the words, again")
    assert len([path for path in there if path[0] == "."]) == 2
    await stage.settled()


async def test_content_comes_over_file_systems_and_the_staged_file_stays(
    database: Database, house: House, other_disk: Path
) -> None:
    stage = Stage(house, other_disk / "staging")
    file_id = await stage.furnish()
    end = await stage.do(await stage.replace(file_id, stage.staged()))
    assert (end.state, end.file_id) == ("done", file_id)
    assert stage.contents()[NEW] == "the film, made anew"
    assert (stage.folder / "out.mkv").exists()
    assert sorted(os.listdir(stage.folder)) == ["out.en.srt", "out.mkv"], "nothing of ours is left there"
    await stage.settled()


async def test_what_the_disk_refuses_leaves_the_old_content(stage: Stage) -> None:
    file_id = await stage.furnish()
    before = stage.house.disk()

    class Full(Calls):
        def write(self, file: int, data: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    end = await stage.do(await stage.replace(file_id, stage.staged(how=BringHow.COPY)), Full())
    assert (end.state, end.file_id) == ("not_done", file_id)
    assert "make room" in str(end.words)
    assert stage.house.disk() == before
    assert [(each.method, each.success) for each in await stage.imports()] == [("pipeline", False)]
    await stage.settled()


async def test_a_staging_folder_that_is_away_is_waited_for(stage: Stage) -> None:
    file_id = await stage.furnish()

    class Gone(Exception):
        pass

    class Dying(Calls):
        def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
            super().move_to_free(old, folder, new, new_folder)
            if old == b"out.mkv":
                raise Gone

    organizing_id = await stage.replace(file_id, stage.staged())
    with pytest.raises(Gone):
        await stage.house.organizer(Dying()).apply(organizing_id)
    stage.folder.rename(stage.folder.with_name("unmounted"))
    stage.folder.mkdir()
    stage.clock.advance(timedelta(hours=1))
    assert list((await stage.house.settle()).values()) == [GroupState.WAITING]
    end = await stage.end(organizing_id)
    assert (end.state, "another folder" in str(end.words)) == ("running", True)
    stage.folder.rmdir()
    stage.folder.with_name("unmounted").rename(stage.folder)
    stage.clock.advance(timedelta(hours=1))
    assert list((await stage.house.settle()).values()) == [GroupState.DONE]
    assert (await stage.end(organizing_id)).state == "done"
    await stage.settled()


async def test_who_has_a_file_organized_without_a_plan_is_not_told_to_make_one(stage: Stage) -> None:
    file_id = await stage.furnish()

    class Failing(Calls):
        def write(self, file: int, data: bytes) -> int:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    said: list[str | None] = []
    organizing_id = await stage.replace(file_id, stage.staged())
    (stage.folder / "out.mkv").write_text("edited since")
    said.append((await stage.do(organizing_id)).words)
    organizing_id = await stage.replace(file_id, stage.staged())
    (stage.house.shelf.root / OLD).write_text("edited since")
    said.append((await stage.do(organizing_id)).words)
    await stage.house.shelf.scan()
    refused = await stage.do(await stage.replace(file_id, stage.staged(how=BringHow.COPY)), Failing())
    said.append(refused.words)
    assert refused.state == "not_done"
    assert [
        ("plan" in (words or ""), "anew" in (words or "") or "start it again" in (words or "")) for words in said
    ] == [(False, True)] * 3, said


async def test_a_film_comes_in_that_is_known_from_its_first_moment(stage: Stage) -> None:
    await stage.furnish()
    other = await stage.titles.film("Brazil", year=1985)
    organizing_id = await stage.bring(stage.staged(facts={"preset": "x265"}), other, edition="Final Cut")
    end = await stage.do(organizing_id)
    assert end.state == "done"
    assert end.path is not None
    assert end.path.startswith(b"Brazil (1985)/Brazil (1985)")
    async with stage.database.read() as session:
        file = (await session.execute(select(MediaFile).where(MediaFile.id == end.file_id))).scalar_one()
    assert (file.media_item_id, file.identification, file.role, file.edition) == (
        other,
        "matched",
        "feature",
        "Final Cut",
    )
    (came,) = await stage.imports()
    assert (came.file_id, came.method, came.evidence["title"], came.evidence["preset"]) == (
        end.file_id,
        "pipeline",
        "Brazil",
        "x265",
    )
    await stage.settled()
    await stage.undo(organizing_id)
    assert await stage.house.shelf.missing() == {end.file_id: end.path}
    assert [text for path, text in stage.contents().items() if path[0] == "."] == ["the film, made anew"]
    await stage.settled()


async def test_an_extra_is_called_as_it_was_asked_for_whatever_its_file_is_called(stage: Stage) -> None:
    await stage.furnish()
    staged = stage.staged(called="Alien - Extra 02", along=["out.en.srt"])
    end = await stage.do(await stage.bring(staged, role=Role.EXTRA))
    assert end.path is not None
    assert end.path.rpartition(b"/")[2] == b"Alien - Extra 02.mkv"
    root = stage.house.shelf.root
    assert (root / os.fsdecode(end.path.removesuffix(b".mkv") + b".en.srt")).exists()


async def test_episodes_come_in_and_what_lies_there_is_replaced_only_where_that_is_wanted(stage: Stage) -> None:
    await stage.furnish()
    async with stage.database.write() as session:
        series = {
            "type": ItemType.SERIES,
            "title": "Dark",
            "alternative_titles": [],
            "sort_key": "dark",
            "search_text": "dark",
            "year": 2017,
            "genres": [],
            "cast": [],
            "created_at": stage.clock.now(),
        }
        item_id = (await session.execute(insert(MediaItem).returning(MediaItem.id), series)).scalar_one()
        season = {"item_id": item_id, "number": 1}
        season_id = (await session.execute(insert(Season).returning(Season.id), season)).scalar_one()
        episode = {"season_id": season_id, "number": 2, "title": "Lies"}
        episode_id = (await session.execute(insert(Episode).returning(Episode.id), episode)).scalar_one()
    with pytest.raises(NothingStaged):
        await stage.bring(stage.staged(), item_id, episode_ids=[episode_id + 1])
    first = await stage.do(await stage.bring(stage.staged(how=BringHow.COPY), item_id, episode_ids=[episode_id]))
    assert first.path is not None
    assert first.path.startswith(b"Dark (2017)/Season 01/Dark (2017) - s01e02 - Lies")
    async with stage.database.read() as session:
        held = (await session.execute(select(MediaFileEpisode.file_id, MediaFileEpisode.episode_id))).one()
        role = (await session.execute(select(MediaFile.role).where(MediaFile.id == first.file_id))).scalar_one()
    assert (tuple(held), role) == ((first.file_id, episode_id), Role.EPISODE)
    await stage.settled()
    (stage.folder / "out.mkv").write_text("better")
    with pytest.raises(StagedNotUsable, match="lies there already"):
        await stage.bring(stage.staged(), item_id, episode_ids=[episode_id])
    again = await stage.do(await stage.bring(stage.staged(), item_id, episode_ids=[episode_id], replace=True))
    assert (again.state, again.path) == ("done", first.path)
    assert again.file_id != first.file_id
    assert stage.contents()[os.fsdecode(first.path)] == "better"
    await stage.settled()


async def test_what_makes_no_sense_is_said_at_once(stage: Stage, database: Database, clock: SetClock) -> None:
    file_id = await stage.furnish()
    stage.house.put(NEW, "Brazil (2000)/Brazil (2000).mkv")
    await stage.house.shelf.scan()
    with pytest.raises(StagedNotUsable, match="another file"):
        await stage.replace(file_id, stage.staged())
    with pytest.raises(NothingStaged):
        await stage.replace(99, stage.staged())
    with pytest.raises(StagedNotUsable, match="not there"):
        await stage.replace(file_id, stage.staged("gone.avi"))
    with pytest.raises(StagedNotUsable, match="media file"):
        await stage.replace(file_id, stage.staged("out.en.srt"))
    with pytest.raises(StagedNotUsable, match="goes along"):
        await stage.replace(file_id, stage.staged(along=["other.srt"]))
    known = Staged(path=os.fsencode(stage.house.shelf.root / "Brazil (2000)" / "Brazil (2000).mkv"))
    with pytest.raises(StagedNotUsable, match="file of a library"):
        await bring_staged(database, clock, "test", stage.house.shelf.library_id, stage.item, known, part=2)
    with pytest.raises(NothingStaged):
        await stage.end(99)

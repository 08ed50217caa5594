# ruff: noqa: ASYNC110 - tests may look again and again
"""What lies in drives and folders is told once."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from mediastead.pipeline.discs.looking import Looker
from mediastead.pipeline.discs.observing import Observer
from mediastead.pipeline.discs.tools import Tools

from ...generators.dvd import image_of


@pytest.fixture
async def observer(looker: Looker) -> AsyncGenerator[Observer]:
    yield Observer(Tools(makemkvcon=()), looker)


async def settled(observer: Observer, folder: Path, drives: tuple[bytes, ...] = ()) -> list[tuple[bytes, bool, bool]]:
    """(name, inserted, whether it was read) of what two looks tell."""
    folders = [os.fsencode(folder)]
    told = await observer.look(drives, folders)
    told += await observer.look(drives, folders)
    told += await observer.finished()
    return sorted((os.path.basename(each.source), each.inserted, each.facts is not None) for each in told)


async def test_images_and_folders_count_as_inserted_discs(dvd: Path, tmp_path: Path, observer: Observer) -> None:
    shutil.copy(dvd / "disc.iso", tmp_path / "one.iso")
    shutil.copytree(dvd / "disc", tmp_path / "two")
    (tmp_path / "notes.txt").write_text("no disc")
    (tmp_path / "empty").mkdir()
    assert await settled(observer, tmp_path) == [(b"one.iso", True, True), (b"two", True, True)]
    assert await settled(observer, tmp_path) == []
    (tmp_path / "one.iso").unlink()
    assert await settled(observer, tmp_path) == [(b"one.iso", False, False)]


async def test_what_still_grows_is_left_alone(dvd: Path, tmp_path: Path, observer: Observer) -> None:
    content = (dvd / "disc.iso").read_bytes()
    image, folders = tmp_path / "one.iso", [os.fsencode(tmp_path)]
    for size in (1_000, 50_000, len(content)):
        image.write_bytes(content[:size])
        assert await observer.look([], folders) == []
        assert await observer.finished() == []
    assert await settled(observer, tmp_path) == [(b"one.iso", True, True)]


async def test_a_folder_that_cannot_be_listed_says_nothing(dvd: Path, tmp_path: Path, observer: Observer) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    shutil.copy(dvd / "disc.iso", inbox / "one.iso")
    assert await settled(observer, inbox) == [(b"one.iso", True, True)]
    inbox.rename(tmp_path / "gone")
    assert await settled(observer, inbox) == []
    (tmp_path / "gone").rename(inbox)
    assert await settled(observer, inbox) == []


async def test_another_disc_in_a_drive_is_read(dvd: Path, tmp_path: Path, observer: Observer) -> None:
    # A file stands for the drive: it is opened and read in the same way, and only asked nothing.
    drive = tmp_path / "sr0"
    drive.write_bytes((dvd / "disc.iso").read_bytes())
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    assert await settled(observer, nothing, (os.fsencode(drive),)) == [(b"sr0", True, True)]
    assert await settled(observer, nothing, (os.fsencode(drive),)) == []
    image_of(dvd / "disc", tmp_path / "other.iso", "OTHER")
    (tmp_path / "other.iso").replace(drive)
    assert await settled(observer, nothing, (os.fsencode(drive),)) == [(b"sr0", True, True)]
    drive.unlink()
    assert await settled(observer, nothing, (os.fsencode(drive),)) == [(b"sr0", False, False)]


async def test_a_person_has_it_read_once_more(dvd: Path, tmp_path: Path, observer: Observer) -> None:
    shutil.copy(dvd / "disc.iso", tmp_path / "one.iso")
    assert await settled(observer, tmp_path) == [(b"one.iso", True, True)]
    observer.look_again_at([os.fsencode(tmp_path / "one.iso")])
    assert await settled(observer, tmp_path) == [(b"one.iso", True, True)]


async def test_what_was_read_of_a_disc_while_it_was_taken_out_says_nothing(
    dvd: Path, tmp_path: Path, looker: Looker
) -> None:
    drive, reads, go_on = tmp_path / "sr0", tmp_path / "reads", tmp_path / "go on"
    drive.write_bytes((dvd / "disc.iso").read_bytes())
    slowly = f"touch '{reads}'; until [ -e '{go_on}' ]; do sleep 0.05; done"
    observer = Observer(Tools(lsdvd=("sh", "-c", slowly), makemkvcon=()), looker)
    drives = [os.fsencode(drive)]
    assert await observer.look(drives, []) == []
    while not reads.exists():
        await asyncio.sleep(0.05)
    # The drive is opened while the disc is read.
    observer.look_again_at(drives)
    drive.unlink()
    go_on.touch()
    assert await observer.finished() == []
    assert [(each.source, each.inserted) for each in await observer.look(drives, [])] == [(drives[0], False)]
    assert await observer.look(drives, []) == []

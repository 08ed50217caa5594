"""What a person dismissed stays dismissed, and a dismissed folder holds for what comes into it later."""

import asyncio
import os
from datetime import timedelta
from typing import Any

import pytest

from mediastead.catalog.types import ItemType
from mediastead.unmatched import dismissing
from mediastead.unmatched.corrections import restore_file
from mediastead.unmatched.dismissing import FolderAnswered, dismiss_folder, revoke_dismissal
from mediastead.unmatched.errors import AnswerIncomplete, DismissalRevoked
from mediastead.unmatched.queries import open_question_ids
from mediastead.unmatched.service import dismiss_questions, refresh_question

from .house import MATRIX, House

ONE, OTHER, LATER = "Hols/DSC_0001.mp4", "Hols/Beach/DSC_0002.mp4", "Hols/Beach/DSC_0003.mp4"


async def question(house: House, path: str) -> int:
    file_id = await house.shelf.id_of(path)
    async with house.database.read() as session:
        return (await open_question_ids(session, [file_id]))[file_id]


async def dismiss(house: House, path: str) -> FolderAnswered:
    asked = await question(house, path)
    async with house.database.write() as session:
        return await dismiss_folder(session, house.clock.now(), "anna", asked)


async def revoke(house: House, dismissed_id: int, *, also_files: bool = False) -> None:
    async with house.database.write() as session:
        await revoke_dismissal(session, house.clock.now(), "ben", dismissed_id, also_files=also_files)


async def test_a_dismissed_file_stays_dismissed_however_it_is_called_and_wherever_it_lies(house: House) -> None:
    await house.add(ONE, OTHER)
    asked = await question(house, ONE)
    async with house.database.write() as session:
        await dismiss_questions(session, house.clock.now(), "anna", [asked])
    root = house.shelf.root
    (root / "Hols").rename(root / "Holidays")
    await house.scan()
    assert await house.state("Holidays/DSC_0001.mp4") == ["dismissed"]
    (root / "Holidays/DSC_0001.mp4").rename(root / "Holidays/Beach/first.mp4")
    await house.scan()
    assert await house.state("Holidays/Beach/first.mp4") == ["dismissed"]
    (root / "Holidays/Beach/first.mp4").write_bytes(b"cut anew" * 500)
    os.utime(root / "Holidays/Beach/first.mp4", (1_700_000_000, 1_700_000_000))
    await house.scan()
    assert await house.state("Holidays/Beach/first.mp4", "Holidays/Beach/DSC_0002.mp4") == ["dismissed", "unmatched"]


async def test_a_dismissed_folder_settles_what_is_asked_and_what_comes_later_and_nobody_is_asked(house: House) -> None:
    await house.add(ONE, OTHER, "Hols/Robbin Hod.mkv", "Elsewhere/DSC_0009.mp4")
    await house.answer("Hols/Robbin Hod.mkv", MATRIX, type=ItemType.MOVIE)
    done = await dismiss(house, ONE)
    assert (done.settled, done.left, done.dismissed.path) == (2, 0, b"Hols")
    house.shelf.put(LATER)
    house.shelf.put("Hols/Fight Club (1999).mkv")
    await house.shelf.scan()
    assert await house.identify() == 0
    paths = (ONE, OTHER, LATER, "Hols/Fight Club (1999).mkv", "Hols/Robbin Hod.mkv", "Elsewhere/DSC_0009.mp4")
    assert await house.state(*paths) == ["dismissed"] * 4 + ["matched", "unmatched"]
    assert (await dismiss_again(house)).dismissed.id == done.dismissed.id


async def dismiss_again(house: House) -> FolderAnswered:
    """By a question that is settled already, about a file deeper in the folder."""
    async with house.database.write() as session:
        return await dismiss_folder(session, house.clock.now(), "ben", 2)


async def test_it_outlives_a_renamed_folder_and_ends_when_it_is_revoked(house: House) -> None:
    await house.add(ONE, OTHER)
    done = await dismiss(house, ONE)
    root = house.shelf.root
    (root / "Hols").rename(root / "Holidays")
    await house.add("Holidays/DSC_0003.mp4")
    assert await house.state("Holidays/DSC_0003.mp4") == ["dismissed"]
    await revoke(house, done.dismissed.id)
    await house.add("Holidays/DSC_0005.mp4")
    assert await house.state("Holidays/DSC_0005.mp4", "Holidays/DSC_0003.mp4") == ["unmatched", "dismissed"]
    with pytest.raises(DismissalRevoked):
        await revoke(house, done.dismissed.id)


async def test_a_file_that_leaves_its_folder_takes_the_dismissal_nowhere(house: House) -> None:
    await house.add(ONE, OTHER, "Films/DSC_0007.mp4")
    await dismiss(house, ONE)
    root = house.shelf.root
    (root / ONE).rename(root / "Films/left.mp4")
    await house.add("Films/DSC_0008.mp4", LATER)
    assert await house.state("Films/DSC_0008.mp4", LATER) == ["unmatched", "dismissed"]
    (root / "Films/left.mp4").rename(root / "left.mp4")
    for path in (OTHER, LATER):
        (root / path).unlink()
    await house.add("DSC_0009.mp4", ONE)
    assert await house.state("DSC_0009.mp4", ONE) == ["unmatched", "dismissed"]


async def test_revoked_with_its_files_they_are_asked_about_again_but_for_what_was_said_since(house: House) -> None:
    await house.add(ONE, OTHER)
    done = await dismiss(house, ONE)
    await house.add(LATER)
    await house.answer(OTHER, MATRIX, type=ItemType.MOVIE)
    await revoke(house, done.dismissed.id, also_files=True)
    assert await house.state(ONE, OTHER, LATER) == ["pending", "matched", "pending"]
    await house.identify()
    assert await house.state(ONE, OTHER, LATER) == ["unmatched", "matched", "unmatched"]


async def test_a_file_that_a_person_brings_back_is_not_dismissed_with_its_folder_again(house: House) -> None:
    await house.add(ONE, OTHER)
    await dismiss(house, ONE)
    file = await house.file(OTHER)
    async with house.database.write() as session:
        await restore_file(session, house.clock.now(), "anna", file.id, file.version)
    asked = await question(house, OTHER)
    async with house.database.write() as session:
        await refresh_question(session, house.clock.now(), "anna", asked)
    await house.identify()
    assert await house.state(ONE, OTHER) == ["dismissed", "unmatched"]


async def test_the_root_of_a_library_cannot_be_dismissed(house: House) -> None:
    await house.add("DSC_0001.mp4")
    with pytest.raises(AnswerIncomplete, match="root of its library"):
        await dismiss(house, "DSC_0001.mp4")


async def test_a_folder_that_is_dismissed_while_its_files_are_decided_has_them_decided_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.add(ONE)
    house.shelf.put(LATER)
    await house.shelf.scan()
    search, before = house.provider.search, asyncio.Event()

    async def slow(*asked: Any, **more: Any) -> Any:
        if not before.is_set():
            before.set()
            await dismiss(house, ONE)
        return await search(*asked, **more)

    monkeypatch.setattr(house.provider, "search", slow)
    house.clock.advance(timedelta(seconds=1))
    await house.identify()
    assert before.is_set()
    assert await house.state(ONE, LATER) == ["dismissed", "dismissed"]


async def test_of_more_than_one_request_settles_the_next_one_settles_the_rest(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dismissing, "AT_ONCE", 2)
    await house.add(*(f"Hols/DSC_000{number}.mp4" for number in range(3)))
    asked = await question(house, "Hols/DSC_0000.mp4")
    async with house.database.write() as session:
        first = await dismiss_folder(session, house.clock.now(), "anna", asked)
    async with house.database.write() as session:
        second = await dismiss_folder(session, house.clock.now(), "anna", asked)
    assert [(one.settled, one.left) for one in (first, second)] == [(2, 1), (1, 0)]
    await revoke(house, second.dismissed.id, also_files=True)
    assert await house.state(*(f"Hols/DSC_000{number}.mp4" for number in range(3))) == ["pending"] * 3

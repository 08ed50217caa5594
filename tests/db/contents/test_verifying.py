# ruff: noqa: PTH116 - paths are bytes here
"""Whole files are read again, and what is no longer what it was is told."""

import asyncio
import os
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from sqlalchemy import select

from mediastead.contents.queries import verified_since
from mediastead.contents.verifier import Verifier, ask_all
from mediastead.files.listing import FileFilter, files_page
from mediastead.files.models import MediaFileState
from mediastead.probing import Hasher, Piece
from mediastead.probing.hashing import PIECE, hash_piece

from ..scanning.shelf import Shelf
from ..scanning.test_content_moves import noise


class Here(Hasher):
    """Reads in this process."""

    async def piece(self, path: bytes, offset: int) -> Piece:
        return hash_piece(path, offset)


def verifier(shelf: Shelf, days: int = 0, hasher: Hasher | None = None) -> Verifier:
    return Verifier(shelf.database, shelf.clock, hasher or Here(), days=lambda: days, pace=lambda: 10**12)


async def verify(shelf: Shelf, days: int = 0) -> int:
    """How many files were read."""
    stop, files = asyncio.Event(), 0
    one = verifier(shelf, days)
    await one.schedule(stop)
    while await one.step(stop):
        files += 1
    return files


async def ask(shelf: Shelf) -> int:
    shelf.clock.advance(timedelta(minutes=1))
    return await ask_all(shelf.database, shelf.clock, shelf.library_id, None)


async def state(shelf: Shelf, path: str) -> MediaFileState:
    file_id = await shelf.id_of(path)
    async with shelf.database.read() as session:
        return (await session.execute(select(MediaFileState).where(MediaFileState.file_id == file_id))).scalar_one()


async def rotted(shelf: Shelf) -> list[str]:
    async with shelf.database.read() as session:
        return [file.path for file in (await files_page(session, FileFilter(rotted=True))).items]


def rot(shelf: Shelf, path: str, content: bytes) -> None:
    """Other content of the same size, and nothing says so."""
    status = os.stat(shelf.at(path))
    with open(shelf.at(path), "r+b") as file:
        file.write(content)
    os.utime(shelf.at(path), ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.fixture
async def films(shelf: Shelf) -> AsyncGenerator[Shelf]:
    for number in range(3):
        shelf.put(f"{number}.mkv", noise(number))
    await shelf.scan()
    yield shelf


async def test_content_that_changed_while_size_and_time_did_not_has_rotted(films: Shelf) -> None:
    assert (await ask(films), await verify(films)) == (3, 3)
    assert await verify(films) == 0
    first = (await state(films, "1.mkv")).content_hash
    rot(films, "1.mkv", noise(9))
    began = films.clock.now() + timedelta(minutes=1)
    assert (await ask(films), await verify(films)) == (3, 3)
    assert await rotted(films) == ["1.mkv"]
    found = await state(films, "1.mkv")
    assert (found.content_hash, found.rotted_at, found.verified_at) == (first, began, began - timedelta(minutes=1))
    assert [each["file_id"] for each in await films.events("file.rotted")] == [await films.id_of("1.mkv")]
    async with films.database.read() as session:
        assert await verified_since(session, began, films.library_id, None) == (3, 0, 1)
    rot(films, "1.mkv", noise(1))  # from a backup
    await ask(films)
    await verify(films)
    assert await rotted(films) == []


async def test_a_file_that_was_changed_has_not_rotted(films: Shelf) -> None:
    await ask(films)
    await verify(films)
    rot(films, "1.mkv", noise(9))
    await ask(films)
    await verify(films)
    films.put("1.mkv", noise(10))
    await films.scan()
    assert await rotted(films) == []
    await ask(films)
    await verify(films)
    assert await rotted(films) == []
    assert (await state(films, "1.mkv")).verified_at == films.clock.now()


async def test_files_are_spread_over_the_days_that_are_set_and_read_again_after_them(films: Shelf) -> None:
    assert await verify(films) == 0
    assert (await state(films, "1.mkv")).verify_due_at is None
    assert await verify(films, days=30) == 0
    due = [(await state(films, f"{number}.mkv")).verify_due_at for number in range(3)]
    assert len(set(due)) == 3
    assert all(each and films.clock.now() < each <= films.clock.now() + timedelta(days=30) for each in due)
    films.clock.advance(timedelta(days=31))
    assert await verify(films, days=30) == 3
    films.clock.advance(timedelta(days=29))
    assert await verify(films, days=30) == 0
    films.clock.advance(timedelta(days=2))
    assert await verify(films, days=30) == 3
    assert await verify(films, days=0) == 0
    assert (await state(films, "1.mkv")).verify_due_at is None


async def test_a_file_that_cannot_be_read_says_why_and_is_tried_a_day_later(films: Shelf) -> None:
    films.remove("1.mkv")
    await ask(films)
    await verify(films)
    found = await state(films, "1.mkv")
    assert found.verify_error == "No such file or directory"
    assert found.verify_due_at == films.clock.now() + timedelta(days=1)


async def test_a_file_is_read_piece_by_piece_in_a_process_of_its_own(films: Shelf) -> None:
    films.put("large.mkv", noise(5, PIECE + 7))
    hasher = Hasher()
    try:
        first = await hasher.piece(films.at("large.mkv"), 0)
        assert (first.read, first.digest, first.error) == (PIECE, None, None)
        last = await hasher.piece(films.at("large.mkv"), PIECE)
        assert last.digest and last.read == PIECE + 7
        assert (await hasher.piece(films.at("large.mkv"), PIECE)).error == "it was not read from its beginning"
    finally:
        await hasher.stop()

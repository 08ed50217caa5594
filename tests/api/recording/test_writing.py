"""Records are written when they are due, and what keeps them from being written is told and tried again."""

import errno
import os
from datetime import timedelta
from typing import Any

import pytest

from mediastead.files.types import RecordForm
from mediastead.libraries.lock import library_lock
from mediastead.recording.nfo_form import is_ours
from mediastead.recording.recorder import Recorder
from mediastead.recording.writer import RecordWriter

from ...unit.disk.failing import Killed, Watched
from .conftest import Home
from .test_rebuild import has_attributes

FILM = "The Matrix (1999)/The Matrix (1999).mkv"
NFO = "The Matrix (1999)/The Matrix (1999).nfo"
OTHER = "Inception (2010)/Inception (2010).mkv"
OTHER_NFO = "Inception (2010)/Inception (2010).nfo"


@pytest.fixture
async def shelf(home: Home) -> Home:
    """Two films, matched; nothing is written yet."""
    home.put(FILM, OTHER)
    await home.add()
    await home.scan()
    return home


async def set_form(home: Home, form: str | None, status: int | None = None) -> Any:
    return await home.ask("PATCH", f"/libraries/{home.library_id}", {"record_form": form}, status)


async def counts(home: Home) -> dict[str, int]:
    return (await home.ask("GET", f"/libraries/{home.library_id}"))["records"]


async def test_nothing_is_written_where_nobody_asked_for_it(shelf: Home) -> None:
    recorder = Recorder(shelf.database, shelf.clock)
    assert not await recorder.step()
    assert await counts(shelf) is None
    problem = await shelf.ask("POST", f"/libraries/{shelf.library_id}/records", {}, 400)
    assert problem["type"].endswith("no-record-form")
    previewed = await shelf.record(form="nfo", preview=True)
    assert previewed == {FILM: "written", OTHER: "written"}
    assert sorted(os.listdir(shelf.root / "The Matrix (1999)")) == ["The Matrix (1999).mkv"]


async def test_the_background_keeps_records_up_to_date(shelf: Home) -> None:
    await set_form(shelf, "nfo")
    assert await counts(shelf) == {"written": 0, "failed": 0, "waiting": 2}
    recorder = Recorder(shelf.database, shelf.clock)
    assert await recorder.step()
    assert await counts(shelf) == {"written": 2, "failed": 0, "waiting": 0}
    assert not await recorder.step()
    first = (shelf.root / NFO).read_bytes()

    await shelf.match(FILM, type="movie", tmdb_id=603, edition="Extended")
    assert await recorder.step()
    assert b"Extended" in (shelf.root / NFO).read_bytes() != first
    file = (await shelf.files())[OTHER]
    assert file["record"] == {"form": "nfo", "written_at": "2026-03-01T12:00:00Z", "error": None, "up_to_date": True}
    await shelf.ask("POST", f"/media-files/{file['id']}/unmatch", {"version": file["version"]})
    assert (await shelf.files())[OTHER]["record"]["up_to_date"] is False
    assert await recorder.step()
    # What it is taken for no longer stands there, but that it is not.
    told = (shelf.root / OTHER_NFO).read_bytes()
    assert b"<movie>" not in told
    assert b'"rejected":[{"type":"movie","tmdb_id":27205,' in told
    assert not await recorder.step()


async def test_a_title_made_by_hand_is_written_again_when_it_is_changed(home: Home) -> None:
    home.put("Holiday/clip.mp4")
    await home.add()
    await home.scan()
    item = await home.ask("POST", "/items", {"type": "movie", "title": "Holiday"})
    await home.match("Holiday/clip.mp4", item_id=item["id"])
    await set_form(home, "nfo")
    recorder = Recorder(home.database, home.clock)
    await recorder.step()
    await home.ask("PATCH", f"/items/{item['id']}", {"title": "Holiday at the sea"})
    assert await recorder.step()
    assert b"<title>Holiday at the sea</title>" in (home.root / "Holiday" / "clip.nfo").read_bytes()


async def test_what_a_full_disk_keeps_from_being_written_is_told_and_tried_again(shelf: Home) -> None:
    await set_form(shelf, "nfo")
    full = Watched(1, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    recorder = Recorder(shelf.database, shelf.clock, RecordWriter(shelf.database, shelf.clock, calls=full))
    assert await recorder.step()
    assert await counts(shelf) == {"written": 0, "failed": 1, "waiting": 1}
    error = next(file["record"]["error"] for file in (await shelf.files()).values() if file["record"])
    assert error == "No space left on device: make room on it."
    assert not await recorder.step()
    shelf.clock.advance(timedelta(minutes=6))
    assert await recorder.step()
    assert (await counts(shelf))["written"] == 1
    shelf.clock.advance(timedelta(hours=7))
    assert await recorder.step()
    assert await counts(shelf) == {"written": 2, "failed": 0, "waiting": 0}


async def test_a_root_that_is_not_the_library_is_not_written_to(shelf: Home) -> None:
    (shelf.root / ".mediastead-library").rename(shelf.root / "elsewhere")
    asked = {"form": "nfo"}
    batch = await shelf.ask("POST", f"/libraries/{shelf.library_id}/records", asked)
    assert "mounted" in batch["trouble"]
    assert batch["files"] == []
    assert not (shelf.root / NFO).exists()


async def test_a_persons_nfo_in_the_way_is_told_and_attributes_are_the_way_out(shelf: Home) -> None:
    (shelf.root / NFO).write_text("<movie><title>Mine</title></movie>")
    assert await shelf.record(form="nfo") == {FILM: "theirs", OTHER: "written"}
    assert "is a person's own" in (await shelf.files())[FILM]["record"]["error"]
    assert await shelf.record(form="nfo") == {}
    if not has_attributes(shelf.root):
        pytest.skip("the rest was NOT TRIED: no extended attributes here")
    await set_form(shelf, "xattr")
    assert await shelf.record() == {FILM: "written", OTHER: "written"}
    assert (shelf.root / NFO).read_text() == "<movie><title>Mine</title></movie>"
    assert not (shelf.root / OTHER_NFO).exists()
    await set_form(shelf, None)
    assert await counts(shelf) is None


async def test_a_library_that_is_being_scanned_has_to_be_waited_for(shelf: Home) -> None:
    async with library_lock(shelf.database, shelf.library_id).hold() as held:
        assert held
        asked = {"form": "nfo"}
        problem = await shelf.ask("POST", f"/libraries/{shelf.library_id}/records", asked, 409)
    assert problem["type"].endswith("library-in-use")
    await shelf.ask("POST", "/libraries/4711/records", {"form": "nfo"}, 404)


async def test_a_file_that_moved_is_recorded_where_it_lies_now(shelf: Home) -> None:
    await set_form(shelf, "nfo")
    await shelf.record()
    (shelf.root / "new").mkdir()
    (shelf.root / FILM).rename(shelf.root / "new" / "film.mkv")
    await shelf.scan()
    assert await shelf.record() == {"new/film.mkv": "written"}
    assert (shelf.root / "new" / "film.nfo").exists()
    assert not (shelf.root / NFO).exists()


async def test_what_was_written_before_a_file_was_renamed_goes_only_where_it_is_as_it_was_written(shelf: Home) -> None:
    await set_form(shelf, "nfo")
    await shelf.record()
    edited = (shelf.root / NFO).read_bytes().replace(b"The Matrix", b"My Matrix", 1)
    (shelf.root / NFO).write_bytes(edited)
    for path, name in ((FILM, "Matrix.mkv"), (OTHER, "Inc.mkv")):
        (shelf.root / path).rename((shelf.root / path).parent / name)
    await shelf.scan()
    await shelf.record()
    assert (shelf.root / NFO).read_bytes() == edited
    assert sorted(os.listdir(shelf.root / "Inception (2010)")) == ["Inc.mkv", "Inc.nfo"]
    # Another file under the old name: what lies beside it is no longer an orphan.
    (shelf.root / "Inception (2010)/Inc.mkv").rename(shelf.root / "Inception (2010)/Third.mkv")
    shelf.put("Inception (2010)/Inc.mkv")
    await shelf.scan()
    await shelf.record()
    assert (shelf.root / "Inception (2010)/Third.nfo").exists()
    assert (shelf.root / "Inception (2010)/Inc.nfo").exists()


async def test_wherever_the_process_dies_the_next_one_finishes(shelf: Home) -> None:
    await set_form(shelf, "nfo")
    counting = Watched()
    await RecordWriter(shelf.database, shelf.clock, calls=counting).batch(shelf.library_id, RecordForm.NFO)
    whole = {path: (shelf.root / path).read_bytes() for path in (NFO, OTHER_NFO)}
    media = {path: (shelf.root / path).stat() for path in (FILM, OTHER)}
    assert counting.made >= 8
    for at in range(1, counting.made + 1, 2):
        for path in whole:
            (shelf.root / path).unlink()
        for path in media:  # whatever changes the version makes it due again
            await shelf.match(path, type="movie", tmdb_id=603 if path == FILM else 27205, edition=f"cut {at}")
        dying = RecordWriter(shelf.database, shelf.clock, calls=Watched(at, Killed(), after=at % 4 == 1))
        with pytest.raises(Killed):
            await dying.batch(shelf.library_id, RecordForm.NFO)
        for path in whole:
            assert not (shelf.root / path).exists() or is_ours((shelf.root / path).read_bytes())
        await shelf.record()
        for path in whole:
            assert f"cut {at}".encode() in (shelf.root / path).read_bytes()
        left = [name for _, _, names in os.walk(shelf.root) for name in names]
        assert sorted(left) == sorted(
            os.path.basename(path) for path in (FILM, OTHER, NFO, OTHER_NFO, ".mediastead-library")
        )
    for path, look in media.items():
        assert (shelf.root / path).stat().st_mtime_ns == look.st_mtime_ns

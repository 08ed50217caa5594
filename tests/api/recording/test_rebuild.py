"""What files are taken for is written beside them, and a new database that sees nothing but the disk comes to the same."""

import os
from collections import Counter
from pathlib import Path

import pytest

from mediastead.disk.beneath import open_folder

from .conftest import Home

MATRIX = "The Matrix (1999)/The Matrix (1999).mkv"
TRAILER = "The Matrix (1999)/The Matrix (1999)-trailer.mkv"
BONUS = "The Matrix (1999)/something about the red pill.mkv"
DOUBLE = "Breaking Bad/Season 01/Breaking Bad - S01E02-E03.mkv"
MISNUMBERED = "Breaking Bad/Season 01/Breaking Bad - S01E05.mkv"
MISNAMED = "qwerty uiop asdf.avi"
DISMISSED = "Holiday/DSC_0001.mp4"
BY_HAND = ("Holiday/DSC_0002.mp4", "Holiday/DSC_0003.mp4")
SERIES_BY_HAND = "Tapes/tape 7.mp4"
ASKED_ABOUT = "Holiday/DSC_0004.mp4"
ALL = (MATRIX, TRAILER, BONUS, DOUBLE, MISNUMBERED, MISNAMED, DISMISSED, *BY_HAND, SERIES_BY_HAND, ASKED_ABOUT)


async def answered(home: Home) -> None:
    """A library in which a person has said all that can be said."""
    home.put(*ALL)
    await home.add()
    await home.scan()
    await home.match(BONUS, type="movie", tmdb_id=603, role="extra")
    await home.match(MISNUMBERED, type="series", tmdb_id=1396, episodes=[{"season": 2, "number": 7}])
    await home.match(MISNAMED, type="movie", tmdb_id=550, part=2, edition="Director's Cut <1>")
    await home.dismiss(DISMISSED)
    holiday = await home.ask("POST", "/items", {"type": "movie", "title": 'Holiday "&" <sea>', "year": 2020})
    for path in BY_HAND:
        await home.match(path, item_id=holiday["id"], part=BY_HAND.index(path) + 1)
    tapes = await home.ask("POST", "/items", {"type": "series", "title": "Tapes"})
    season = {"episodes": [{"number": 7, "title": "First steps"}]}
    await home.ask("PUT", f"/items/{tapes['id']}/seasons/3", season)
    await home.match(SERIES_BY_HAND, item_id=tapes["id"], episodes=[{"season": 3, "number": 7}])


def has_attributes(path: Path) -> bool:
    (path / "probe").touch()
    try:
        with open_folder(os.fsencode(path), b"") as folder:
            folder.set_attribute(b"probe", "user.mediastead", b"{}")
    except OSError:
        return False
    finally:
        (path / "probe").unlink()
    return True


@pytest.mark.parametrize("form", ["nfo", "xattr"])
async def test_a_rebuild_from_disk_alone_gives_the_same_library(home: Home, form: str) -> None:
    if form == "xattr" and not has_attributes(home.root):
        pytest.skip(f"NOT TRIED: the file system of {home.root} has no extended attributes")
    await answered(home)
    before = await home.what_it_is()
    assert Counter(each["identification"] for each in before.values()) == {"matched": 9, "dismissed": 1, "unmatched": 1}
    looks = {path: (home.root / path).stat() for path in ALL}
    await home.ask("PATCH", f"/libraries/{home.library_id}", {"record_form": form})
    done = await home.record()
    assert done == dict.fromkeys(set(ALL) - {ASKED_ABOUT}, "written")
    for path, look in looks.items():
        now = (home.root / path).stat()
        assert (now.st_size, now.st_mtime_ns, now.st_ino) == (look.st_size, look.st_mtime_ns, look.st_ino)
    assert not [name for _, _, names in os.walk(home.root) for name in names if name.startswith(".mediastead-tmp")]
    assert await home.record() == {}
    await home.scan()
    assert await home.what_it_is() == before

    await home.forget_everything()
    (home.root / ".mediastead-library").unlink()
    await home.add()
    await home.scan()

    assert await home.what_it_is() == before
    files = await home.files()
    detail = await home.ask("GET", f"/media-files/{files[MISNAMED]['id']}")
    assert (detail["imports"][0]["method"], detail["imports"][0]["actor"]) == ("manual_match", "local")
    assert detail["decision"]["item"]["evidence"][0]["name"] == "record"
    detail = await home.ask("GET", f"/media-files/{files[MATRIX]['id']}")
    assert (detail["imports"][0]["method"], detail["imports"][0]["actor"]) == ("scan", "scan")
    tapes = await home.ask("GET", f"/items/{files[SERIES_BY_HAND]['item']['id']}/seasons")
    assert [each["title"] for each in tapes["seasons"][0]["episodes"]] == ["First steps"]
    assert files[BY_HAND[0]]["item"]["id"] == files[BY_HAND[1]]["item"]["id"]
    # What was followed is known to lie there, as it should: nothing is written again.
    await home.ask("PATCH", f"/libraries/{home.library_id}", {"record_form": form})
    assert await home.record() == {}
    library = await home.ask("GET", f"/libraries/{home.library_id}")
    assert library["records"] == {"written": 10, "failed": 0, "waiting": 0}


async def test_no_question_is_asked_for_recorded_files(home: Home) -> None:
    home.put(MATRIX, DOUBLE)
    await home.add()
    await home.scan()
    await home.record(form="nfo")
    await home.forget_everything()
    await home.add()
    await home.scan()
    assert home.provider.asked["search"] == 0
    assert {file["identification"] for file in (await home.files()).values()} == {"matched"}


async def test_a_person_who_changes_his_mind_is_believed_before_the_record(home: Home) -> None:
    home.put(DISMISSED, MATRIX)
    await home.add()
    await home.scan()
    await home.dismiss(DISMISSED)
    await home.record(form="nfo")
    file = (await home.files())[DISMISSED]
    await home.ask("POST", f"/media-files/{file['id']}/restore", {"version": file["version"]})
    page = await home.ask("GET", "/unmatched-files")
    await home.ask("POST", f"/unmatched-files/{page['items'][0]['id']}/refresh")
    await home.scan()
    assert (await home.files())[DISMISSED]["identification"] == "unmatched"
    # And what no longer holds is taken away, so that a rebuild does not believe it either.
    assert (await home.record(form="nfo"))[DISMISSED] == "removed"
    assert not (home.root / "Holiday" / "DSC_0001.nfo").exists()


async def test_a_rejected_title_is_not_taken_from_a_record(home: Home) -> None:
    home.put(MISNAMED)
    await home.add()
    await home.scan()
    await home.match(MISNAMED, type="movie", tmdb_id=550)
    await home.record(form="nfo")
    await home.forget_everything()
    await home.add()
    await home.scan()
    file = (await home.files())[MISNAMED]
    assert file["item"]["tmdb_id"] == 550
    await home.ask("POST", f"/media-files/{file['id']}/unmatch", {"version": file["version"]})
    page = await home.ask("GET", "/unmatched-files")
    await home.ask("POST", f"/unmatched-files/{page['items'][0]['id']}/refresh")
    await home.scan()
    assert (await home.files())[MISNAMED]["identification"] == "unmatched"


async def test_a_renamed_folder_keeps_the_records_and_a_copied_record_is_not_believed(home: Home) -> None:
    home.put(MISNAMED, "Films/asdf qwertz.avi")
    await home.add()
    await home.scan()
    await home.match(MISNAMED, type="movie", tmdb_id=550)
    await home.record(form="nfo")
    await home.forget_everything()
    (home.root / "moved").mkdir()
    for suffix in ("avi", "nfo"):
        (home.root / f"qwerty uiop asdf.{suffix}").rename(home.root / "moved" / f"qwerty uiop asdf.{suffix}")
    nfo = (home.root / "moved" / "qwerty uiop asdf.nfo").read_bytes()
    (home.root / "Films" / "asdf qwertz.nfo").write_bytes(nfo)
    await home.add()
    await home.scan()
    files = await home.files()
    assert files["moved/qwerty uiop asdf.avi"]["item"]["tmdb_id"] == 550
    assert files["Films/asdf qwertz.avi"]["identification"] == "unmatched"

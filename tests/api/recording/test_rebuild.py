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


@pytest.mark.parametrize("form", ["nfo", "xattr"])
async def test_what_a_file_is_not_is_known_again_from_disk_alone(home: Home, form: str) -> None:
    if form == "xattr" and not has_attributes(home.root):
        pytest.skip(f"NOT TRIED: the file system of {home.root} has no extended attributes")
    home.put(MATRIX, MISNAMED, DOUBLE, DISMISSED)
    await home.add()
    await home.scan()
    await home.unmatch(MATRIX)
    await home.match(MISNAMED, type="movie", tmdb_id=550)
    await home.unmatch(MISNAMED)
    await home.match(MISNAMED, type="movie", tmdb_id=680)
    await home.unmatch(DOUBLE, episodes=[{"season": 1, "number": 2}, {"season": 1, "number": 3}])
    await home.match(DISMISSED, type="movie", tmdb_id=603)
    await home.unmatch(DISMISSED)
    await home.dismiss(DISMISSED)
    before = await home.what_it_is()
    rejected = await home.rejections()
    assert [len(each) for each in rejected.values()] == [1, 1, 1, 1]
    assert await home.record(form=form) == dict.fromkeys((MATRIX, MISNAMED, DOUBLE, DISMISSED), "written")
    assert await home.record(form=form) == {}

    await home.forget_everything()
    await home.add()
    await home.scan()

    assert await home.what_it_is() == before
    assert await home.rejections() == rejected
    files = await home.files()
    suggested = [each["tmdb_id"] for each in (await home.question(MATRIX))["suggestions"]]
    assert 603 not in suggested
    assert "S01E02" not in str((await home.question(DOUBLE))["suggestions"])
    # The title of which nothing but its name was known is asked about with the next refresh.
    items = await home.ask("GET", "/items?limit=100")
    assert {603, 550, 680, 1396} >= {each["tmdb_id"] for each in items["items"]}
    # A person who changes his mind is believed before the record, also after a refresh.
    await home.match(MATRIX, type="movie", tmdb_id=603)
    version = (await home.files())[MATRIX]["version"]
    assert version > files[MATRIX]["version"]
    assert MATRIX not in await home.rejections()
    done = await home.record(form=form)
    assert done[MATRIX] == "written"
    assert set(done.values()) <= {"written", "same"}


async def test_a_dismissed_folder_is_known_again_by_its_files_alone(home: Home) -> None:
    home.put(DISMISSED, ASKED_ABOUT)
    await home.add()
    await home.scan()
    question = await home.question(DISMISSED)
    await home.ask("POST", "/dismissed-folders", {"question_id": question["id"]})
    await home.record(form="nfo")
    await home.forget_everything()
    home.put("Holiday/DSC_0005.mp4")
    await home.add()
    await home.scan()
    states = {path: file["identification"] for path, file in (await home.files()).items()}
    assert states == {DISMISSED: "dismissed", ASKED_ABOUT: "dismissed", "Holiday/DSC_0005.mp4": "unmatched"}


async def test_what_leaned_on_its_neighbours_leans_on_them_in_a_new_database(home: Home) -> None:
    known = [f"Breaking Bad/Season 1/Breaking Bad - S01E0{number}.mkv" for number in (1, 2, 3)]
    leaning = "Breaking Bad/Season 1/brba.104.mkv"
    home.put(*known, leaning)
    await home.add()
    await home.scan()
    before, heard = await home.what_it_is(), await home.heard()
    assert heard[leaning] is not None
    assert before[leaning]["identification"] == "matched"
    await home.record(form="nfo")
    await home.forget_everything()
    await home.add()
    await home.scan()
    assert await home.what_it_is() == before
    assert await home.heard() == heard
    file = (await home.files())[leaning]
    detail = await home.ask("GET", f"/media-files/{file['id']}")
    assert detail["decision"]["probability"] < 1.0
    assert detail["imports"][0]["evidence"]["probability"] == detail["decision"]["probability"]
    # Its neighbours turn out to be something else: it is decided anew, and not by what was written.
    for number, path in enumerate(known, start=1):
        await home.match(path, type="series", tmdb_id=1405, episodes=[{"season": 1, "number": number}])
    await home.scan()
    after = (await home.what_it_is())[leaning]
    assert after["item"] is None or after["item"]["tmdb_id"] != 1396


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

"""A record is put beside a file on a real disk; whatever is a person's own stays byte for byte."""

import errno
import os
from pathlib import Path

import pytest

from mediastead.disk.beneath import open_folder
from mediastead.disk.calls import CALLS, Calls
from mediastead.files.types import RecordForm, Role
from mediastead.matching.decision import Recorded
from mediastead.parsing.nfo import NfoFacts, NfoKind
from mediastead.recording.nfo_form import ItemTold
from mediastead.recording.placing import DiskTrouble, Done, Placed, place

from ..disk.failing import Watched
from .making import FILM, SERIES, episodes, film, wanted


class Shelf:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.nfo = root / "Low Tide.nfo"
        self.media("Low Tide.mkv")

    def media(self, name: str) -> None:
        (self.root / name).write_bytes(b"video")
        os.utime(self.root / name, ns=(0, 0))

    def put(
        self,
        said: Recorded | None,
        item: ItemTold | None = FILM,
        *,
        name: bytes = b"Low Tide.mkv",
        form: RecordForm = RecordForm.NFO,
        series: NfoFacts | None = None,
        calls: Calls = CALLS,
        preview: bool = False,
    ) -> Placed:
        one = wanted(said, item, form, name=name)
        with open_folder(os.fsencode(self.root), b"", calls) as folder:
            return place(folder, one, form, lambda: series, preview=preview)

    def names(self) -> list[str]:
        return sorted(entry.name for entry in self.root.iterdir())


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_record_is_written_once_changed_when_it_changes_and_taken_away_when_it_no_longer_holds(shelf: Shelf) -> None:
    assert shelf.put(film(), preview=True).done is Done.WRITTEN
    assert shelf.names() == ["Low Tide.mkv"]
    assert shelf.put(film()).done is Done.WRITTEN
    first = shelf.nfo.stat()
    assert shelf.put(film()).done is Done.SAME
    assert shelf.nfo.stat().st_ino == first.st_ino
    assert shelf.put(film(edition="Extended")).done is Done.WRITTEN
    assert b"Extended" in shelf.nfo.read_bytes()
    assert shelf.put(None, preview=True).done is Done.REMOVED
    assert shelf.put(None).done is Done.REMOVED
    assert shelf.names() == ["Low Tide.mkv"]
    assert shelf.put(None).done is Done.SAME


@pytest.mark.parametrize(
    "theirs",
    [
        b"<movie><title>Another</title><tmdbid>7</tmdbid></movie>",
        b"",
        b"anything at all",
        b"https://www.themoviedb.org/movie/603",
        b"\xff\xfe\x00",
    ],
)
def test_a_persons_own_nfo_is_never_touched(shelf: Shelf, theirs: bytes) -> None:
    shelf.nfo.write_bytes(theirs)
    for said in (film(part=1), film(role=Role.EXTRA), film(edition="Extended"), film(tmdb_id=8)):
        placed = shelf.put(said)
        assert placed.done is Done.THEIRS
        assert "--record xattr" in (placed.error or "")
    assert shelf.put(None).done is Done.SAME
    assert shelf.nfo.read_bytes() == theirs
    assert shelf.names() == ["Low Tide.mkv", "Low Tide.nfo"]


def test_a_record_that_a_person_edited_is_the_persons_from_then_on(shelf: Shelf) -> None:
    shelf.put(film())
    edited = shelf.nfo.read_bytes().replace(b"Ebbe", b"Flut")
    shelf.nfo.write_bytes(edited)
    assert shelf.put(film(edition="Extended")).done is Done.THEIRS
    assert shelf.put(None).done is Done.SAME
    assert shelf.nfo.read_bytes() == edited


def test_a_persons_nfo_that_says_as_much_will_do(shelf: Shelf) -> None:
    shelf.nfo.write_bytes(b"<movie><title>Low Tide</title><uniqueid type='tmdb'>603</uniqueid></movie>")
    assert shelf.put(film()).done is Done.SAME
    two = b"<episodedetails><season>2</season><episode>%d</episode></episodedetails>"
    shelf.nfo.write_bytes(two % 3 + two % 4)
    series = NfoFacts(kind=NfoKind.SERIES, ids={"tmdb": "1396"})
    assert shelf.put(episodes(), SERIES, series=series).done is Done.SAME
    assert shelf.put(episodes(), SERIES).done is Done.THEIRS
    shelf.nfo.write_bytes(two % 3)
    assert shelf.put(episodes(), SERIES, series=series).done is Done.THEIRS


def test_two_files_that_differ_in_their_suffix_only_do_not_write_over_each_other(shelf: Shelf) -> None:
    shelf.media("Low Tide.avi")
    assert shelf.put(film()).done is Done.WRITTEN
    before = shelf.nfo.read_bytes()
    placed = shelf.put(film(part=2), name=b"Low Tide.avi")
    assert placed.done is Done.THEIRS
    assert "Low Tide.mkv" in (placed.error or "")
    assert shelf.put(None, name=b"Low Tide.avi").done is Done.SAME
    assert shelf.nfo.read_bytes() == before


def test_a_file_that_is_not_as_the_scan_saw_it_is_left_for_later(shelf: Shelf) -> None:
    os.utime(shelf.root / "Low Tide.mkv", ns=(9, 9))
    assert shelf.put(film()).done is Done.SKIPPED
    (shelf.root / "Low Tide.mkv").unlink()
    assert shelf.put(film()).done is Done.SKIPPED
    (shelf.root / "Low Tide.mkv").symlink_to("elsewhere")
    assert shelf.put(film()).done is Done.FAILED
    assert not shelf.nfo.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT, errno.ESTALE])
def test_trouble_of_the_disk_is_told_as_that(shelf: Shelf, number: int) -> None:
    with pytest.raises(DiskTrouble) as raised:
        shelf.put(film(), calls=Watched(1, OSError(number, os.strerror(number))))
    assert os.strerror(number) in str(raised.value)
    assert shelf.names() == ["Low Tide.mkv"]


def test_a_folder_that_may_not_be_written_to_is_that_files_trouble(shelf: Shelf) -> None:
    placed = shelf.put(film(), calls=Watched(1, PermissionError(errno.EACCES, os.strerror(errno.EACCES))))
    assert placed.done is Done.FAILED
    assert "right to write" in (placed.error or "")


class WithoutAttributes(Calls):
    """exFAT, and some network file systems."""

    def set_attribute(self, file: int, name: str, value: bytes) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))


def test_a_file_system_without_attributes_is_told_with_the_way_out(shelf: Shelf) -> None:
    with pytest.raises(DiskTrouble, match="--record nfo"):
        shelf.put(film(), form=RecordForm.XATTR, calls=WithoutAttributes())

"""What the file system tells of a tree, on a real one."""

import errno
import itertools
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asyncinotify import Inotify

from mediastead.scanning.scope import Scope, ScopeFolder
from mediastead.watching import tree as trees
from mediastead.watching.tree import CannotWatch, RootIsGone, WatchedTree

ENDS = 1
"""Folders that `Heard.after` makes each time."""


class Heard:
    """A tree that is listened to in a thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders: list[ScopeFolder] = []
        self.error: Exception | None = None
        self._stop = threading.Event()
        self._numbers = itertools.count()
        self._last = ScopeFolder(b"last", True)
        self._heard_last = threading.Event()
        self._began = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        assert self._began.wait(10)

    def _work(self) -> None:
        try:
            with WatchedTree(os.fsencode(self.root)) as tree:
                self.tree = tree
                self._began.set()
                tree.listen(self._note, self._stop)
        except CannotWatch as error:
            self.error = error
        finally:
            self._began.set()

    def _note(self, folder: ScopeFolder) -> None:
        if folder == self._last:
            self._heard_last.set()
        elif folder.path != self._last.path:
            self.folders.append(folder)

    def after(self, change: Callable[[], object]) -> list[tuple[str, bool]]:
        """The folders that are heard of while `change` is made: (path, deep)."""
        self.folders.clear()
        self._heard_last.clear()
        # Made last, so that all that came before was heard.
        self._last = ScopeFolder(b"last-%d" % next(self._numbers), True)
        change()
        (self.root / os.fsdecode(self._last.path)).mkdir()
        assert self._heard_last.wait(10)
        return [(os.fsdecode(folder.path), folder.deep) for folder in Scope(self.folders).folders]

    def end(self) -> None:
        self._stop.set()
        self.ended()

    def ended(self) -> None:
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "films"
    (tmp_path / "link").symlink_to(root)
    (root / "Show" / "Season 1").mkdir(parents=True)
    (root / "Film").mkdir()
    (root / ".kept").mkdir()
    (root / "Disc" / "VIDEO_TS").mkdir(parents=True)
    return root


@pytest.fixture
def heard(root: Path) -> Iterator[Heard]:
    heard = Heard(root)
    yield heard
    heard.end()


def test_files_that_come_change_and_go_are_heard_in_their_folder(heard: Heard) -> None:
    film = heard.root / "Film" / "one.mkv"
    for change in (
        lambda: film.write_bytes(b"1"),
        lambda: film.write_bytes(b"22"),
        lambda: film.rename(film.with_name("two.mkv")),
        lambda: film.with_name("two.mkv").unlink(),
    ):
        assert heard.after(change) == [("Film", False)]


def test_hard_links_and_symlinks_are_heard(heard: Heard) -> None:
    heard.after((heard.root / "Film" / "one.mkv").touch)
    season = heard.root / "Show" / "Season 1"
    assert heard.after(lambda: (season / "e1.mkv").hardlink_to(heard.root / "Film" / "one.mkv")) == [
        ("Show/Season 1", False)
    ]
    assert heard.after(lambda: (heard.root / "Show" / "link").symlink_to("Season 1")) == [("Show", False)]


def test_what_is_no_media_file_or_hidden_is_not_heard(heard: Heard) -> None:
    def change() -> None:
        (heard.root / "Film" / "poster.jpg").touch()
        (heard.root / "Film" / ".mediastead-part-7").touch()
        (heard.root / "Film" / ".hidden.mkv").touch()
        (heard.root / ".kept" / "one.mkv").touch()

    assert heard.after(change) == []


def test_ignore_files_concern_all_beneath_their_folder(heard: Heard) -> None:
    assert heard.after(lambda: (heard.root / "Show" / ".nomedia").touch()) == [("Show", True)]
    assert heard.after(lambda: (heard.root / "Film" / ".plexignore").write_text("*.mkv")) == [("Film", True)]


def test_a_new_folder_is_heard_with_all_that_is_put_into_it(heard: Heard) -> None:
    def change() -> None:
        (heard.root / "New" / "a" / "b").mkdir(parents=True)
        (heard.root / "New" / "a" / "b" / "one.mkv").touch()

    assert heard.after(change) == [("New", True)]
    assert heard.after(lambda: (heard.root / "New" / "a" / "b" / "two.mkv").touch()) == [("New/a/b", False)]


def test_a_renamed_folder_is_heard_at_both_places_and_then_at_its_new_one(heard: Heard) -> None:
    assert heard.after(lambda: (heard.root / "Show").rename(heard.root / "Film" / "Series")) == [
        ("Film/Series", True),
        ("Show", True),
    ]
    assert heard.after(lambda: (heard.root / "Film" / "Series" / "Season 1" / "e.mkv").touch()) == [
        ("Film/Series/Season 1", False)
    ]


def test_folders_that_change_places_are_heard_at_their_new_ones(heard: Heard) -> None:
    one, two, aside = heard.root / "Film", heard.root / "Show", heard.root / "aside"

    def swap() -> None:
        one.rename(aside)
        two.rename(one)
        aside.rename(two)

    assert heard.after(swap) == [("Film", True), ("Show", True), ("aside", True)]
    assert heard.after(lambda: (one / "Season 1" / "e.mkv").touch()) == [("Film/Season 1", False)]
    assert heard.after(lambda: (two / "one.mkv").touch()) == [("Show", False)]


def test_a_folder_that_left_the_tree_is_no_longer_heard(heard: Heard, tmp_path: Path) -> None:
    before = len(heard.tree)
    heard.after(lambda: (heard.root / "Show").rename(tmp_path / "elsewhere"))
    assert heard.after(lambda: (tmp_path / "elsewhere" / "Season 1" / "e.mkv").touch()) == []
    assert len(heard.tree) == before - 2 + 2 * ENDS
    assert heard.after(lambda: shutil.rmtree(heard.root / "Film")) == [("Film", True)]
    assert len(heard.tree) == before - 3 + 3 * ENDS


def test_changes_in_a_disc_are_those_of_the_folder_that_holds_it(heard: Heard) -> None:
    assert heard.after(lambda: (heard.root / "Disc" / "VIDEO_TS" / "VTS_01_1.VOB").touch()) == [("Disc", False)]
    assert heard.after(lambda: (heard.root / "Film" / "BDMV").mkdir()) == [("Film", False)]


def test_names_that_are_no_text_are_heard(heard: Heard) -> None:
    folder = os.fsencode(heard.root) + b"/caf\xe9\n"
    assert heard.after(lambda: os.mkdir(folder)) == [("caf\udce9\n", True)]  # noqa: PTH102 - bytes
    assert heard.after(lambda: Path(os.fsdecode(folder), "one.mkv").touch()) == [("caf\udce9\n", False)]


def test_a_root_that_goes_away_ends_it(root: Path) -> None:
    heard = Heard(root)
    root.rename(root.with_name("away"))
    root.mkdir()
    heard.ended()
    assert isinstance(heard.error, RootIsGone)


def test_what_is_mounted_over_a_root_ends_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "ROOT_SECONDS", 0.3)
    heard = Heard(root.parent / "link")
    (root.parent / "link").unlink()  # nobody is told of that, as little as of a mount above the folder
    (root / "Film").rename(root.parent / "link")
    heard.ended()
    assert isinstance(heard.error, RootIsGone)


def test_a_root_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RootIsGone, match="No such file"), WatchedTree(os.fsencode(tmp_path / "nothing")):
        pass


def test_the_systems_limit_is_said_with_what_to_do(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Inotify, "add_watch", refuse)
    with pytest.raises(CannotWatch, match="max_user_watches"), WatchedTree(os.fsencode(root)):
        pass


def test_a_flood_that_the_system_dropped_concerns_everything(root: Path) -> None:
    folders: list[ScopeFolder] = []
    stop = threading.Event()
    with WatchedTree(os.fsencode(root)) as tree:
        limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        film = root / "Film"
        for number in range(limit // 2 + 10):
            (film / f"{number % 7}.mkv").touch()
            (film / f"{number % 7}.mkv").unlink()

        def note(folder: ScopeFolder) -> None:
            folders.append(folder)
            if folder == trees.EVERYTHING:
                stop.set()

        timer = threading.Timer(20, stop.set)
        timer.start()
        tree.listen(note, stop)
        timer.cancel()
    assert trees.EVERYTHING in folders

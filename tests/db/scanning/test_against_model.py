"""Random moves, swaps, replacements and deletions against a model: files seen are rows present, and ids follow inodes."""
# ruff: noqa: PTH104, PTH116 - paths are bytes here, and tests may block

import os
import random

import pytest

from mediastead.scanning import pump

from .shelf import Shelf

NAMES = [f"{folder}/{name}.mkv" for folder in ("a", "b", "c/d", "e") for name in "xyz"]
DISTURBANCES = ("move", "swap", "rotate", "delete", "new", "replace", "folder", "across", "put away", "put back")


class Model:
    """The disk, as the test knows it: which id each inode has, and where each id was seen last."""

    def __init__(self, seed: int, *shelves: Shelf) -> None:
        self.random = random.Random(seed)
        self.shelves = shelves
        self.ids: dict[int, int] = {}
        self.away: list[tuple[bytes, int]] = []
        self.places: dict[int, tuple[int, bytes]] = {}

    def files(self, shelf: Shelf) -> dict[bytes, int]:
        """Path to inode."""
        found: dict[bytes, int] = {}
        for folder, _, names in os.walk(os.fsencode(shelf.root)):
            for name in names:
                if name.endswith(b".mkv"):
                    path = os.path.join(folder, name)
                    found[os.path.relpath(path, os.fsencode(shelf.root))] = os.stat(path).st_ino
        return found

    def disturb(self) -> None:
        shelf, other = self.random.sample(self.shelves, 2)
        paths = sorted(self.files(shelf))
        kind = self.random.choice(DISTURBANCES)
        free = [name for name in NAMES if os.fsencode(name) not in paths]
        if kind == "new" or len(paths) < 4:
            if free:
                shelf.put(self.random.choice(free))
        elif kind == "move" and free:
            shelf.move(self.random.choice(paths), self.random.choice(free))
        elif kind in ("swap", "rotate"):
            chosen = self.random.sample(paths, 2 if kind == "swap" else 3)
            shelf.move(chosen[0], "held")
            for one, next_one in zip(chosen[1:], chosen, strict=False):
                shelf.move(one, next_one)
            shelf.move("held", chosen[-1])
        elif kind == "delete":
            path = self.random.choice(paths)
            # Its inode may be given to the next file, which is another one.
            self.ids.pop(os.stat(shelf.at(path)).st_ino, None)
            shelf.remove(path)
        elif kind == "replace":
            # A new file in the place of one that moved away: the old path then is another file's.
            path = self.random.choice(paths)
            if free:
                shelf.move(path, self.random.choice(free))
                shelf.put(path)
        elif kind == "folder":
            folders = sorted({path.split(b"/")[0] for path in paths})
            shelf.move(self.random.choice(folders), f"f{self.random.randrange(10**9)}")
        elif kind == "across":
            taken = self.files(other)
            target = self.random.choice([name for name in NAMES if os.fsencode(name) not in taken])
            shelf.move(self.random.choice(paths), target, other)
        elif kind == "put away":
            kept = shelf.at(f"../kept-{self.random.randrange(10**9)}")
            path = shelf.at(self.random.choice(paths))
            os.rename(path, kept)
            self.away.append((kept, os.stat(kept).st_ino))
        elif kind == "put back" and self.away and free:
            kept, _ = self.away.pop()
            target = shelf.at(self.random.choice(free))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.rename(kept, target)

    async def check(self, scanned: Shelf) -> None:
        """After a scan of `scanned`: its rows are its files, and an inode that had an id has it still."""
        on_disk = self.files(scanned)
        present = await scanned.present()
        assert set(present) == set(on_disk)
        for path, inode in on_disk.items():
            file_id, place = present[path], (scanned.library_id, path)
            if inode in self.ids:
                assert file_id == self.ids[inode], (path, inode)
            elif file_id in self.places:
                # Another file at the very path where one was last seen is that one, changed: if it has not turned up
                # in the same library, nobody can know that it lives on elsewhere.
                assert self.places[file_id] == place
                former = [known for known, known_id in self.ids.items() if known_id == file_id]
                assert not set(former) & set(on_disk.values())
                for known in former:
                    del self.ids[known]
            self.places[file_id] = place
        living = {inode for shelf in self.shelves for inode in self.files(shelf).values()}
        living |= {inode for _, inode in self.away}
        # An inode whose file was deleted may be given to a new one, which is another file.
        self.ids = {inode: known for inode, known in self.ids.items() if inode in living}
        self.ids.update({inode: present[path] for path, inode in on_disk.items()})
        assert len(set(self.ids.values())) == len(self.ids)


@pytest.mark.parametrize("seed", range(int(os.environ.get("MEDIASTEAD_TEST_SEEDS", "2"))))
@pytest.mark.parametrize("batch", [1, 1000])
async def test_ids_follow_inodes(
    shelf: Shelf, other_shelf: Shelf, seed: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "BATCH_FOLDERS", batch)
    model = Model(seed, shelf, other_shelf)
    for each in (shelf, other_shelf):
        for name in model.random.sample(NAMES, 6):
            each.put(name)
    for each in (shelf, other_shelf):
        await each.scan()
        await model.check(each)
    for _ in range(8):
        for _ in range(model.random.randrange(1, 5)):
            model.disturb()
        for each in model.random.sample((shelf, other_shelf), 2):
            await each.scan()
            await model.check(each)

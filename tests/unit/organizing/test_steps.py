"""Any group, broken off anywhere: it ends all done or all taken back, and no name is lost or overwritten."""

from collections.abc import Callable, Mapping
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediastead.organizing.moves import LARGEST_GROUP, Move, MoveRole, Reason, Seen, Spot
from mediastead.organizing.spelling import folded_path, path_key
from mediastead.organizing.steps import Rename, folders_left, folders_to_make, in_order, where, why_not

Key = Callable[[bytes], object]


class Full(Exception):
    """Something lies at the target."""


class ModelDisk:
    """Names to files, with renames that never overwrite. `key`: which names are one, as the file system sees it."""

    def __init__(self, files: dict[bytes, Seen], key: Key) -> None:
        self.files, self._key = dict(files), key

    def rename(self, source: bytes, target: bytes) -> None:
        taken = {self._key(path) for path in self.files}
        if self._key(target) in taken:
            raise Full(target)
        self.files[target] = self.files.pop(source)

    def shown(self) -> dict[Spot, Seen | None]:
        return here(self.files)


def here(files: Mapping[bytes, Seen]) -> dict[Spot, Seen | None]:
    return {Spot(False, path): look for path, look in files.items()}


def renamed(move: int, source: bytes, target: bytes) -> Rename:
    return Rename(move, Spot(False, source), Spot(False, target))


def held(number: int) -> bytes:
    return f".mediastead-held-{number}".encode()


def exact(path: bytes) -> object:
    return path


PARTS = ["a", "A", "b", "B", "c", "é", "é", "ß"]
"""Few, so that paths depend on each other; some differ by case or by the bytes of an accent only."""


@st.composite
def groups(draw: st.DrawFn) -> tuple[list[Move], dict[bytes, Seen], Key]:
    """Moves that could be one group, with other files around them, on a file system where case counts or does not."""
    key: Key = folded_path if draw(st.booleans()) else exact
    paths = st.builds(
        lambda folder, name: f"{folder}/{name}.mkv".encode(), st.sampled_from(["x", "y"]), st.sampled_from(PARTS)
    )
    sources = draw(st.lists(paths, min_size=1, max_size=8, unique_by=key))
    style = draw(st.sampled_from(["any", "permuted", "shifted"]))
    if style == "permuted":
        targets = draw(st.permutations(sources))
    elif style == "shifted":
        targets = [*sources[1:], b"x/free.mkv"]
    else:
        targets = draw(st.lists(paths, min_size=len(sources), max_size=len(sources), unique_by=folded_path))
    # Some look alike but for their inodes, as files of one size that were copied in one second.
    looks = {path: Seen(draw(st.sampled_from([1, 2])), 5, number) for number, path in enumerate(sources, 1)}
    moves = [
        Move(MoveRole.MEDIA, source, target, looks[source])
        for source, target in zip(sources, targets, strict=False)
        if source != target
    ]
    moving = {move.source for move in moves}
    ends = {key(move.target) for move in moves}
    others = {path: look for path, look in looks.items() if path not in moving and key(path) not in ends}
    return moves, others | {path: looks[path] for path in moving}, key


def settle(disk: ModelDisk, moves: list[Move], renames: list[Rename], *, refuses_at: int | None = None) -> str:
    """What the carrier does, on the model."""
    done = where(moves, renames, disk.shown())
    assert done is not None
    try:
        for number, rename in enumerate(renames[done:], done):
            if number == refuses_at:
                raise Full(b"refused")
            disk.rename(rename.source.path, rename.target.path)
    except Full:
        done = where(moves, renames, disk.shown())
        assert done is not None
        for rename in reversed(renames[:done]):
            disk.rename(rename.target.path, rename.source.path)
        return "taken_back"
    return "done"


@settings(max_examples=150, deadline=None)
@given(groups(), st.data())
def test_a_group_that_is_broken_off_anywhere_ends_done_or_taken_back(
    group: tuple[list[Move], dict[bytes, Seen], Key], data: st.DataObject
) -> None:
    moves, files, key = group
    if not moves or why_not(moves) is not None:
        return
    renames = in_order(moves, held)
    others = {path: look for path, look in files.items() if path not in {move.source for move in moves}}
    after = others | {move.target: move.look for move in moves}
    assert len(renames) <= 2 * len(moves)
    for stopped in range(len(renames) + 1):
        disk = ModelDisk(files, key)
        for rename in renames[:stopped]:
            disk.rename(rename.source.path, rename.target.path)
        assert where(moves, renames, disk.shown()) == stopped, "the disk tells how far it is"
        refuses_at = data.draw(st.none() | st.integers(stopped, len(renames)))
        end = settle(disk, moves, renames, refuses_at=refuses_at)
        assert disk.files == (after if end == "done" else files)


@settings(max_examples=150, deadline=None)
@given(groups(), st.data())
def test_whatever_somebody_else_does_in_between_nothing_is_overwritten_or_lost(
    group: tuple[list[Move], dict[bytes, Seen], Key], data: st.DataObject
) -> None:
    """A new file at any place, or one of ours gone: every other file is still there afterwards, once."""
    moves, files, key = group
    if not moves or why_not(moves) is not None:
        return
    renames = in_order(moves, held)
    stopped = data.draw(st.integers(0, len(renames)))
    disk = ModelDisk(files, key)
    for rename in renames[:stopped]:
        disk.rename(rename.source.path, rename.target.path)
    if data.draw(st.booleans()):
        gone = data.draw(st.sampled_from(sorted(disk.files)))
        del disk.files[gone]
    place = data.draw(st.sampled_from(sorted({spot.path for rename in renames for spot in rename[1:]})))
    if key(place) not in {key(path) for path in disk.files}:
        disk.files[place] = Seen(9, 9, 999)
    before = sorted(disk.files.values())
    done = where(moves, renames, disk.shown())
    if done is not None:
        # Where it cannot be taken back either, it stays where it is, and is tried again.
        with suppress(Full):
            settle(disk, moves, renames)
    assert sorted(disk.files.values()) == before


def test_a_file_that_is_seen_twice_or_nowhere_tells_nothing() -> None:
    moves = [Move(MoveRole.MEDIA, b"a", b"b", Seen(1, 1, 1)), Move(MoveRole.MEDIA, b"c", b"d", Seen(1, 1, 2))]
    renames = in_order(moves, held)
    assert where(moves, renames, here({b"a": Seen(1, 1, 1), b"c": Seen(1, 1, 2)})) == 0
    assert where(moves, renames, here({b"b": Seen(1, 1, 1), b"c": Seen(1, 1, 2)})) == 1
    assert where(moves, renames, here({b"a": Seen(1, 1, 1), b"d": Seen(1, 1, 2)})) is None, "not in this order"
    assert where(moves, renames, here({b"a": Seen(1, 1, 1), b"b": Seen(1, 1, 1), b"c": Seen(1, 1, 2)})) is None
    assert where(moves, renames, here({b"a": Seen(1, 1, 1)})) is None
    assert where(moves, renames, here({b"a": Seen(2, 1, 1), b"c": Seen(1, 1, 2)})) is None


def test_a_chain_needs_no_held_name_and_a_circle_one() -> None:
    chain = [Move(MoveRole.MEDIA, b"a", b"b", Seen(1, 1, 1)), Move(MoveRole.MEDIA, b"b", b"c", Seen(1, 1, 2))]
    assert in_order(chain, held) == [renamed(1, b"b", b"c"), renamed(0, b"a", b"b")]
    swap = [Move(MoveRole.MEDIA, b"x/a", b"y/b", Seen(1, 1, 1)), Move(MoveRole.MEDIA, b"y/b", b"x/a", Seen(1, 1, 2))]
    assert in_order(swap, held) == [
        renamed(0, b"x/a", b"x/.mediastead-held-0"),
        renamed(1, b"y/b", b"x/a"),
        renamed(0, b"x/.mediastead-held-0", b"y/b"),
    ]


def test_folders_are_made_from_above_and_left_from_beneath() -> None:
    moves = [
        Move(MoveRole.MEDIA, b"old/deep/a", b"new/er/a", Seen(1, 1, 1)),
        Move(MoveRole.MEDIA, b"b", b"old/b", Seen(1, 1, 2)),
    ]
    assert folders_to_make(moves) == [Spot(False, b"new"), Spot(False, b"old"), Spot(False, b"new/er")]
    assert folders_left(moves) == [Spot(False, b"old/deep")]


def moved(source: str, target: str, inode: int) -> Move:
    return Move(MoveRole.MEDIA, source.encode(), target.encode(), Seen(1, 1, inode))


@pytest.mark.parametrize(
    ("moves", "reason"),
    [
        ([], Reason.CHANGED),
        ([moved("a", "a", 1)], Reason.CHANGED),
        ([moved("a", "b", 1), moved("a", "c", 2)], Reason.CHANGED),
        ([moved("a", "../b", 1)], Reason.NOT_SAFE),
        ([moved("a", "/b", 1)], Reason.NOT_SAFE),
        ([moved("a", "b", 1), moved("c", "B", 2)], Reason.SAME_TARGET),
        ([moved("a", "b", 1), moved("c", "d", 1)], Reason.LINKED),
        ([moved("a", "b", 1), moved("c", "b/d", 2)], Reason.NOT_SAFE),
        ([moved("a", "A/b", 1)], Reason.NOT_SAFE),
        ([moved("d/VIDEO_TS", "e/VIDEO_TS", 1), moved("d/VIDEO_TS/x.srt", "e/x.srt", 2)], Reason.NOT_SAFE),
        ([moved(f"a{number}", f"b{number}", number) for number in range(LARGEST_GROUP + 1)], Reason.TOO_MANY),
    ],
)
def test_what_cannot_be_one_group_is_refused_beforehand(moves: list[Move], reason: Reason) -> None:
    refusal = why_not(moves)
    assert refusal is not None
    assert refusal.reason is reason
    assert refusal.words.endswith((".", "one."))


def test_files_of_one_number_on_different_disks_are_not_taken_for_one() -> None:
    film, subtitles = (
        Move(MoveRole.MEDIA, name, b"x/" + name, Seen(size, 5, 7)) for name, size in ((b"a", 9), (b"b", 1))
    )
    assert why_not([film, subtitles]) is None


def test_paths_that_some_file_system_takes_for_one_have_one_key() -> None:
    assert path_key("Amélie/a.mkv".encode()) == path_key("AMÉLIE/A.MKV".encode())
    assert path_key(b"a\xff") == path_key(b"A\xff")
    assert path_key(b"a\xff") != path_key(b"a\xfe")

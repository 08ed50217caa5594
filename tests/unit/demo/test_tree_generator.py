"""The generated tree keeps what it promises to the tests that count on it."""

import os
from pathlib import Path

from tests.generators.tree import make_tree

HIDDEN_NAMES = {b"@eaDir", b"#recycle", b"lost+found"}


def files_in(root: Path) -> list[bytes]:
    top = os.fsencode(root)
    return [os.path.relpath(os.path.join(folder, name), top) for folder, _, names in os.walk(top) for name in names]


def test_the_same_seed_makes_the_same_tree_and_another_seed_another(tmp_path: Path) -> None:
    first, second, other = (
        make_tree(tmp_path / name, seed=seed, files=600) for name, seed in (("one", 1), ("two", 1), ("three", 2))
    )
    assert first == second != other
    assert sorted(files_in(tmp_path / "one")) == sorted(files_in(tmp_path / "two"))


def test_what_it_expects_is_on_disk(tmp_path: Path) -> None:
    expected = make_tree(tmp_path, seed=3, files=2_000)
    top = os.fsencode(tmp_path)
    assert 2_000 <= len(files_in(tmp_path)) == expected.files <= 2_060
    assert all(os.path.lexists(os.path.join(top, path)) for path in expected.media | expected.hidden)
    assert 1_200 < expected.media_files < 1_900


def test_every_video_is_either_expected_or_beneath_something_hidden_or_on_a_disc(tmp_path: Path) -> None:
    expected = make_tree(tmp_path, seed=4, files=1_000)
    for path in files_in(tmp_path):
        if not path.lower().endswith((b".mkv", b".mp4", b".avi", b".mov", b".m2ts", b".webm", b".vob")):
            assert path not in expected.media
            continue
        above = {path[:end] for end in range(len(path) + 1) if path[end : end + 1] in (b"/", b"")}
        homes = [len(above & expected.hidden), len(above & expected.media)]
        assert homes in ([1, 0], [0, 1]), path

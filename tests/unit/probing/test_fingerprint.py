"""What a file is known by."""

import os
import random
from pathlib import Path

import pytest

from mediastead.probing import Prober, read_fingerprint
from mediastead.probing.fingerprint import SAMPLE


def written(path: Path, content: bytes) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return os.fsencode(path)


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def test_a_copy_has_the_fingerprint_of_its_original_whatever_its_name_and_time(tmp_path: Path) -> None:
    content = noise(10 * SAMPLE)
    one = read_fingerprint(written(tmp_path / "a.mkv", content))
    other = written(tmp_path / "b.mkv", content)
    os.utime(other, (1, 1))
    assert read_fingerprint(other).value == one.value
    assert len(one.value or b"") == 16
    assert (one.size, one.mtime_ns) == (10 * SAMPLE, (tmp_path / "a.mkv").stat().st_mtime_ns)


@pytest.mark.parametrize("place", [0, 5 * SAMPLE, 10 * SAMPLE - 1])
def test_a_difference_at_the_head_in_the_middle_or_at_the_end_is_seen(tmp_path: Path, place: int) -> None:
    content = bytearray(noise(10 * SAMPLE))
    one = read_fingerprint(written(tmp_path / "a.mkv", bytes(content)))
    content[place] ^= 1
    assert read_fingerprint(written(tmp_path / "a.mkv", bytes(content))).value != one.value


def test_a_small_file_is_read_whole_and_another_size_is_another_file(tmp_path: Path) -> None:
    content = noise(2 * SAMPLE + 7)
    one = read_fingerprint(written(tmp_path / "a.mkv", content))
    assert read_fingerprint(written(tmp_path / "b.mkv", content[:-1])).value != one.value
    for place in range(0, len(content), SAMPLE // 2):
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        assert read_fingerprint(written(tmp_path / "c.mkv", changed)).value != one.value


def test_what_holds_nothing_or_one_byte_again_and_again_is_known_by_nothing(tmp_path: Path) -> None:
    assert read_fingerprint(written(tmp_path / "empty.mkv", b"")).value == b""
    with open(tmp_path / "sparse.mkv", "wb") as file:
        file.truncate(1 << 33)
    assert read_fingerprint(os.fsencode(tmp_path / "sparse.mkv")).value == b""


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mkv")
    assert read_fingerprint(os.fsencode(tmp_path / "pipe.mkv")).error == "it is no regular file"
    assert read_fingerprint(os.fsencode(tmp_path / "gone.mkv")).error == "No such file or directory"


def test_a_disc_folder_is_known_by_its_files(tmp_path: Path) -> None:
    for disc in ("one", "two"):
        written(tmp_path / disc / "VIDEO_TS" / "VTS_01_1.VOB", noise(5 * SAMPLE))
        written(tmp_path / disc / "VIDEO_TS" / "VIDEO_TS.IFO", b"small")
    one, two = (read_fingerprint(os.fsencode(tmp_path / disc / "VIDEO_TS")) for disc in ("one", "two"))
    assert one.value == two.value
    assert one.size == 5 * SAMPLE + 5
    written(tmp_path / "two" / "VIDEO_TS" / "VTS_01_0.BUP", b"more")
    assert read_fingerprint(os.fsencode(tmp_path / "two" / "VIDEO_TS")).value != one.value


async def test_it_is_read_in_the_process_that_can_be_killed(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mkv", noise(100))
    async with Prober(limit_seconds=20.0) as prober:
        assert await prober.fingerprint(path) == read_fingerprint(path)

"""Everything that a file system can hold beside files: each media file is counted once, nothing else is, and nothing hangs."""

# ruff: noqa: PTH102, PTH211 - paths are bytes here, and tests may block
import json
import os
import socket
import stat
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.files.listing import FileFilter, files_page

from ...db.scanning.shelf import make_shelf
from ..commands import run_command
from ..servers import environment_for

LONG_AGO = (1_600_000_000, 1_600_000_000)
LONGEST = b"x" * 251 + b".mkv"
DEEP = b"d" * 250
LEVELS = 20
CROWD = 100_000 if "MEDIASTEAD_TEST_FAULTS" in os.environ else 6_000


def make_oddities(root: bytes) -> set[bytes]:
    """What is a media file, by path."""
    media: set[bytes] = set()

    def put(path: bytes, size: int = 1) -> bytes:
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.truncate(size)  # sparse where it is large
        os.utime(full, LONG_AGO)
        media.add(path)
        return full

    matrix = put(b"The Matrix (1999).mkv")
    os.link(matrix, os.path.join(root, b"The Matrix (1999) again.mkv"))
    media.add(b"The Matrix (1999) again.mkv")
    put(b"Sparse/Alien (1979).mkv", 1 << 40)
    put(b"Empty/Fight Club (1999).mkv", 0)
    put(b"two\nlines/Memento\n(2000).mkv")
    put(b"bytes \xff/Signs (2002) \xfe.mkv")
    put(b"both \xff\n/\xc3\x28.mkv")
    put(b"odd/\x01\x1b[31mred\x7f.mkv")
    put(b"odd/" + "\u202egnp.eil\u200b.mkv".encode())
    put(b"odd/ .mkv")
    put(b"odd/-rf.mkv")
    put(b"odd/%s%n{0}.mkv")
    put(b"odd/Inception (2010).MKV")
    put(b"odd/" + LONGEST)
    put(b"odd/" + "é".encode() + b".mkv")
    put(b"odd/" + "e\u0301".encode() + b".mkv")
    # No file, though they are called so.
    odd = os.path.join(root, b"odd")
    os.mkfifo(os.path.join(odd, b"pipe.mkv"))
    with socket.socket(socket.AF_UNIX) as server:
        here = os.open(odd, os.O_RDONLY | os.O_DIRECTORY)
        server.bind(
            f"/proc/self/fd/{here}/socket.mkv" if os.path.exists("/proc/self/fd") else os.path.join(odd, b"s.mkv")
        )
        os.close(here)
    with suppress(PermissionError):  # only root may; everything else holds without it
        os.mknod(os.path.join(odd, b"device.mkv"), stat.S_IFCHR | 0o600, os.makedev(1, 5))
    os.symlink(b".", os.path.join(root, b"loop"))
    os.symlink(b"../odd", os.path.join(odd, b"up"))
    os.symlink(b"itself.mkv", os.path.join(odd, b"itself.mkv"))
    os.symlink(b"one.mkv", os.path.join(odd, b"other.mkv"))
    os.symlink(b"other.mkv", os.path.join(odd, b"one.mkv"))
    os.mkdir(os.path.join(odd, b"folder.mkv"))
    put(b"odd/folder.mkv/The Prestige (2006).mkv")
    media.add(_deep_file(root))
    return media


def _deep_file(root: bytes) -> bytes:
    """A path of 5,000 bytes, which no call takes in one piece."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(LEVELS):
        os.mkdir(DEEP, dir_fd=folder)
        below = os.open(DEEP, os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        os.close(folder)
        folder = below
    name = b"Gladiator (2000).mkv"
    os.close(os.open(name, os.O_WRONLY | os.O_CREAT, dir_fd=folder))
    os.utime(name, LONG_AGO, dir_fd=folder)
    os.close(folder)
    return b"/".join([DEEP] * LEVELS + [name])


@pytest.mark.timeout(180)
def test_each_odd_file_is_counted_once_listed_found_and_planned_or_refused(database_url: str, tmp_path: Path) -> None:
    root = tmp_path / "media"
    root.mkdir()
    media = make_oddities(os.fsencode(root))
    environment = environment_for(database_url, tmp_path / "data")

    def said(*arguments: str) -> list[Any]:
        done = run_command(arguments, env=environment, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    run_command(["library", "add", str(root), "--kind", "mixed", "--name", "Odd"], env=environment, check=True)
    [scan] = said("scan", "--json")
    assert (scan["outcome"], scan["counts"]["files"], scan["counts"]["new"]) == ("completed", len(media), len(media))

    files = said("files", "list", "--json")
    shown = Counter(path.decode("utf-8", "replace") for path in media)
    assert Counter(file["path"] for file in files) == shown
    assert {file["presence"] for file in files} == {"present"}
    assert {file["identification"] for file in files} <= {"matched", "unmatched", "ignored"}

    for words, wanted in (("memento", 1), ("signs", 1), ("gladiator", 1), ("matrix", 2), ("x" * 200, 1), ("31mred", 1)):
        assert len(said("files", "list", "--words", words, "--json")) == wanted, words

    [again] = said("scan", "--json")
    assert again["outcome"] == "completed"
    assert {again["counts"].get(name, 0) for name in ("new", "changed", "moved", "back", "missing")} == {0}

    [plan] = said("organize", "plan", "Odd", "--json")
    groups = said("organize", "show", str(plan["id"]), "--json")
    planned = [move["file_id"] for group in groups for move in group["moves"] if move["role"] == "media"]
    assert len(set(planned)) == len(planned)
    counts = plan["counts"]
    rest = sum(counts.get(name, 0) for name in ("unchanged", "not_matched", "samples", "missing", "unsettled"))
    assert len(planned) + rest == len(media), counts
    assert all(group["said"] for group in groups if group["state"] == "refused")


@pytest.mark.timeout(600)
async def test_a_folder_with_very_many_files_is_scanned_and_listed_whole(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    shelf = await make_shelf(database, clock, tmp_path / "crowd")
    folder = os.open(shelf.root, os.O_RDONLY | os.O_DIRECTORY)
    for number in range(CROWD):
        os.close(os.open(f"{number}.mkv", os.O_WRONLY | os.O_CREAT, dir_fd=folder))
    os.close(folder)
    scan = await shelf.scan()
    assert scan.outcome is not None
    assert (scan.outcome.value, scan.counts["files"], scan.counts["new"]) == ("completed", CROWD, CROWD)
    begun = time.monotonic()
    seen: set[int] = set()
    cursor: str | None = None
    while True:
        async with database.read() as session:
            page = await files_page(session, FileFilter(), cursor=cursor, limit=500)
        assert not seen & {file.id for file in page.items}
        seen |= {file.id for file in page.items}
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == CROWD
    assert time.monotonic() - begun < 60
    again = await shelf.scan()
    assert (again.counts["files"], again.counts.get("new", 0), again.counts.get("changed", 0)) == (CROWD, 0, 0)

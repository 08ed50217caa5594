"""Where a stage puts its files: in the attempt's own directory, under names that every file system takes."""

import os
import shutil
from pathlib import Path

LONGEST = 200
"""Bytes of a name, without its suffix."""


def file_named(directory: bytes, name: str, number: int, suffix: str) -> bytes:
    """The path of a result: `<name>.mkv`, or `title 03.mkv` where it has none."""
    safe = "".join("_" if character in '/\\:*?"<>|' or ord(character) < 32 else character for character in name)
    stem = safe.strip(" .") or f"title {number:02}"
    cut = stem.encode("utf-8", "surrogateescape")[:LONGEST]
    return os.path.join(directory, os.fsencode(cut.decode("utf-8", "ignore").strip(" .")) + suffix.encode())


def cleared(directory: bytes) -> None:
    """What an earlier run of the same attempt began is made anew. Blocks."""
    for entry in Path(os.fsdecode(directory)).iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def reachable(directory: bytes, path: bytes, label: str) -> bytes:
    """A name for `path` that any program takes: itself, or a link in `directory` where it is no UTF-8 or looks like more than
    a path. Blocks."""
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text.startswith("/") and not any(character in text for character in "|\n\r"):
        return path
    suffix = Path(os.fsdecode(path)).suffix
    link = Path(os.fsdecode(directory)) / (label + (suffix if suffix.isascii() else ""))
    link.unlink(missing_ok=True)
    link.symlink_to(os.fsdecode(path))
    return os.fsencode(link)

"""The files that say what is on a disc, read from a folder, an image or a drive in the same way.

Images and drives are read as ISO 9660 (ECMA-119), which every DVD-Video carries beside UDF 1.02. We read it ourselves, because it
takes one sector and a few folders: `pycdlib` (LGPL, typed) reads a whole image before it answers, follows UDF, Joliet and El
Torito, and refuses images that stray from any of the standards, as bought discs do; `isoinfo` and mounting need what is not
everywhere, or root. Blu-ray discs have UDF 2.50 only: their images and drives are left to `makemkvcon`.
"""

import os
import struct
from typing import Protocol

SECTOR = 2048
LARGEST_FILE = 8 << 20
"""Bytes of one file that are read: the largest IFO and MPLS files have some hundred KB."""
LARGEST_FOLDER = 1 << 20
MOST_DESCRIPTORS = 32


class NoDisc(Exception):
    """What lies there is no DVD-Video and no Blu-ray that can be read here; the words say what to do."""


class Tree(Protocol):
    """The files of a disc."""

    label: str | None

    def names(self, folder: str) -> dict[str, int]:
        """Size by name, in capital letters; nothing where there is no such folder."""
        ...

    def read(self, folder: str, name: str) -> bytes:
        """As much as `LARGEST_FILE` of it. Raises `OSError`."""
        ...

    def close(self) -> None: ...


def open_tree(source: bytes) -> Tree:
    """Raises `NoDisc`, or `OSError` where it cannot be read at all."""
    if os.path.isdir(source):
        return FolderTree(source)
    return ImageTree(source)


class FolderTree:
    """A folder that holds VIDEO_TS or BDMV, or that is one."""

    def __init__(self, root: bytes) -> None:
        root = root.rstrip(b"/") or b"/"
        if os.path.basename(root).upper() in (b"VIDEO_TS", b"BDMV"):
            root = os.path.dirname(root)
        self._root = root
        self.label: str | None = None

    def names(self, folder: str) -> dict[str, int]:
        found: dict[str, int] = {}
        try:
            entries = list(os.scandir(self._place(folder)))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        for entry in entries:
            if entry.is_file():
                found[os.fsdecode(entry.name).upper()] = entry.stat().st_size
        return found

    def read(self, folder: str, name: str) -> bytes:
        place = self._place(folder)
        actual = next((each for each in os.listdir(place) if os.fsdecode(each).upper() == name), os.fsencode(name))
        with open(os.path.join(place, actual), "rb") as file:
            return file.read(LARGEST_FILE)

    def close(self) -> None:
        """Nothing is held open."""

    def _place(self, folder: str) -> bytes:
        """Folders are written in any case of letters, as whoever copied them had it."""
        place = self._root
        for part in folder.split("/"):
            try:
                place = os.path.join(
                    place, next(each for each in os.listdir(place) if os.fsdecode(each).upper() == part)
                )
            except (StopIteration, FileNotFoundError, NotADirectoryError):
                return os.path.join(self._root, os.fsencode(folder))
        return place


class ImageTree:
    """An image or a drive, as ISO 9660."""

    def __init__(self, source: bytes) -> None:
        self._file = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        try:
            primary = self._primary()
        except (NoDisc, OSError):
            os.close(self._file)
            raise
        self.label = primary[40:72].decode("utf-8", "replace").replace("\0", " ").strip() or None
        self._root: tuple[int, int] = _extent(primary, 156)
        self._folders: dict[str, dict[str, tuple[int, int, bool]]] = {}

    def names(self, folder: str) -> dict[str, int]:
        return {name: size for name, (_, size, is_folder) in self._listed(folder).items() if not is_folder}

    def read(self, folder: str, name: str) -> bytes:
        entry = self._listed(folder).get(name)
        if entry is None:
            raise FileNotFoundError(f"there is no {folder}/{name} on the disc")
        start, size, _ = entry
        return self._bytes(start, min(size, LARGEST_FILE))

    def close(self) -> None:
        os.close(self._file)

    def _primary(self) -> bytes:
        for sector in range(16, 16 + MOST_DESCRIPTORS):
            descriptor = self._bytes(sector, SECTOR)
            if len(descriptor) < SECTOR or descriptor[1:6] != b"CD001" or descriptor[0] == 255:
                break
            if descriptor[0] == 1:
                return descriptor
        raise NoDisc("it has no ISO 9660 file system")

    def _listed(self, folder: str) -> dict[str, tuple[int, int, bool]]:
        if folder not in self._folders:
            start, size = self._root
            entries = self._entries(start, size)
            for part in folder.split("/"):
                entry = entries.get(part)
                entries = self._entries(entry[0], entry[1]) if entry and entry[2] else {}
            self._folders[folder] = entries
        return self._folders[folder]

    def _entries(self, start: int, size: int) -> dict[str, tuple[int, int, bool]]:
        """(first sector, bytes, whether it is a folder) by name."""
        content = self._bytes(start, min(size, LARGEST_FOLDER))
        found: dict[str, tuple[int, int, bool]] = {}
        at = 0
        while at + 33 < len(content):
            length = content[at]
            if length == 0:  # a record never crosses a sector
                at = (at // SECTOR + 1) * SECTOR
                continue
            record = content[at : at + length]
            at += length
            if len(record) < 34 or len(record) < 33 + record[32]:
                break
            name = record[33 : 33 + record[32]]
            if name not in (b"\0", b"\1"):
                shown = name.decode("latin-1").split(";")[0].rstrip(".").upper()
                first, bytes_ = _extent(record, 0)
                before = found.get(shown)  # a file of several extents is one record for each
                found[shown] = (
                    (before[0], before[1] + bytes_, False) if before else (first, bytes_, bool(record[25] & 2))
                )
        return found

    def _bytes(self, sector: int, size: int) -> bytes:
        return os.pread(self._file, size, sector * SECTOR)


def _extent(record: bytes, at: int) -> tuple[int, int]:
    """First sector and size, which ISO 9660 writes in both byte orders."""
    start: int
    size: int
    (start,) = struct.unpack_from("<I", record, at + 2)
    (size,) = struct.unpack_from("<I", record, at + 10)
    return start, size

"""The sample library of the demo: real names, sparse files that take next to no disk.

`demo_library.txt` lists the files. Made once and then left alone, so that a person may move and delete in it and see what
a scan makes of that. Nothing depends on chance or on the time: two of them are the same to the byte.
"""

import errno
import hashlib
import os
import re
import zlib
from importlib import resources
from pathlib import Path

from msgspec import Struct

from ..errors import Conflict
from ..libraries.models import LibraryKind

KINDS = {"Movies": LibraryKind.MOVIES, "Series": LibraryKind.SERIES, "Downloads": LibraryKind.MIXED}
"""The libraries, by the folder that is their root and their name."""

MARK = ".mediastead-demo"
"""In the folder of libraries: says that a demo made it, and from which list."""

_MEBIBYTE = 1 << 20
_FIRST_DAY = 1_420_070_400
"""2015-01-01; the files are written on the days of the ten years from then, all long ago."""
_REFUSED = (errno.EILSEQ, errno.EINVAL)
"""What APFS and some network file systems say to a name that is no UTF-8."""


class NotADemoFolder(Conflict):
    """The folder holds something that no demo made; the demo neither adds to it nor takes from it."""

    slug = "not-a-demo-folder"
    title = "The folder is in use for something else"


class SampleFile(Struct, frozen=True):
    """One line of the list."""

    path: bytes
    size: int
    """Bytes that the file seems to have."""
    content: bytes
    """What it begins with; for a video its own path, since no two videos begin alike."""
    written: int
    """Seconds since 1970."""


class Made(Struct, frozen=True):
    """What making the library did."""

    files: int
    """Files written this time; 0 where the library was there already."""
    refused: tuple[bytes, ...]
    """Paths that the file system does not take, which are left out."""


def sample_files(sparse: bool = True) -> list[SampleFile]:
    """The list, in its order. Without `sparse` a file is only as long as its content."""
    return [
        _sample_file(line, sparse)
        for line in _list().decode().splitlines()
        if line.strip() and not line.startswith("#")
    ]


def make_sample_library(root: Path) -> Made:
    """Make the folders of `KINDS` in `root`, or finish that. Raises `NotADemoFolder`, and OSError where it cannot write."""
    mark = root / MARK
    of_this_list = hashlib.blake2b(_list(), digest_size=8).hexdigest()
    if mark.is_file():
        if mark.read_text("utf-8") == of_this_list:
            return Made(0, ())
    elif root.is_dir() and any(root.iterdir()):
        raise NotADemoFolder(f"{root} is not empty and was not made by a demo. Name another folder with --data-dir.")
    root.mkdir(parents=True, exist_ok=True)
    mark.write_text("unfinished", "utf-8")
    files = sample_files(_keeps_holes(mark))
    refused = [file.path for file in files if not _write(os.path.join(os.fsencode(root), file.path), file)]
    mark.write_text(of_this_list, "utf-8")
    return Made(len(files) - len(refused), tuple(refused))


def _write(path: bytes, file: SampleFile) -> bool:
    """False where the file system does not take the name."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as opened:
            opened.write(file.content)
            opened.truncate(file.size)
    except OSError as error:
        if error.errno in _REFUSED and not _is_utf8(path):
            return False
        raise
    os.utime(path, (file.written, file.written))
    return True


def _keeps_holes(mark: Path) -> bool:
    """Whether a long empty file takes no disk here; exFAT and HFS+ write every zero."""
    probe = mark.with_name(".probe")
    try:
        with probe.open("wb") as opened:
            opened.truncate(16 * _MEBIBYTE)
            os.fsync(opened.fileno())
            return os.fstat(opened.fileno()).st_blocks * 512 < _MEBIBYTE
    finally:
        probe.unlink(missing_ok=True)


def _sample_file(line: str, sparse: bool) -> SampleFile:
    name, has_text, text = line.partition(" =")
    path = re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes.fromhex(match[1].decode()), name.encode())
    content = text.strip().encode() if has_text else path + b"\n"
    size = len(content) if has_text or not sparse else _size(path)
    return SampleFile(path, size, content, _FIRST_DAY + zlib.crc32(path) % 3_650 * 86_400)


_SIZES = (
    (rb"\.(?:srt|jpg|ifo|txt)$", 1, 0),
    (rb"\.flac$", 30, 20),
    (rb"sample|\.mov$|/vid_", 20, 40),
    (rb"trailer|featurette|extras/", 60, 300),
    (rb"vts_\d\d_\d\.vob$", 1023, 0),
    (rb"2160p", 14_000, 20_000),
    (rb"^series/|s\d\de\d\d", 300, 1_500),
    (rb"\.avi$", 690, 15),
)
"""What a name suggests: a pattern, the least size and what may be added, in MiB. A film has 1.5 to 10 GiB."""


def _size(path: bytes) -> int:
    least, more = next((sizes for pattern, *sizes in _SIZES if re.search(pattern, path.lower())), (1_500, 8_700))
    # The low bits make every size its own, so that a move is told by the size, too.
    return least * _MEBIBYTE + zlib.crc32(path) % (more * _MEBIBYTE + 65_536)


def _list() -> bytes:
    return (resources.files("mediastead.cli") / "demo_library.txt").read_bytes()


def _is_utf8(path: bytes) -> bool:
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True

"""Reads all that lies beside claimed files: what NFO files say, and what was recorded."""

import os
from collections.abc import Collection, Sequence

from ..matching.decision import Recorded
from ..parsing.nfo import NfoFacts
from ..recording.beside import Sized, records_beside
from .claims import ClaimedFile
from .nfo_files import nfo_beside


def read_beside(
    files: Sequence[ClaimedFile], recorded_here: Collection[int]
) -> tuple[dict[int, Sequence[NfoFacts]], dict[int, Recorded]]:
    """What NFO files say and what is recorded, each by file id. What cannot be looked at now is left out of the first. Blocking.

    A record that this database wrote or followed itself (`recorded_here`, file ids) is not believed: if the file is pending
    since, somebody wants that.
    """
    by_root: dict[bytes, list[ClaimedFile]] = {}
    for file in files:
        by_root.setdefault(file.root, []).append(file)
    found: dict[int, Sequence[NfoFacts]] = {}
    records: dict[int, Recorded] = {}
    for root, beneath in by_root.items():
        said = nfo_beside(root, [file.path for file in beneath])
        found |= {file.file_id: said[file.path] for file in beneath if file.path in said}
        unknown = [file for file in beneath if file.file_id in found and file.file_id not in recorded_here]
        recorded = records_beside(root, [Sized(file.path, file.size) for file in unknown])
        records |= {file.file_id: recorded[file.path] for file in unknown if file.path in recorded}
    return found, records


def record_at(root: bytes, path: bytes) -> Recorded | None:
    """What is recorded about one path; it need not exist. Blocking."""
    try:
        size = os.lstat(os.path.join(root, path)).st_size
    except OSError:
        return None
    return records_beside(root, [Sized(path, size)]).get(path)

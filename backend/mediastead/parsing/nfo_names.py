"""Which NFO files belong to a media file, and to which media files an NFO of a whole folder may belong."""

import os
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .outline import outline
from .text import key, split_suffix

_DISCS = {"VIDEO_TS": "VIDEO_TS/VIDEO_TS.nfo", "BDMV": "BDMV/index.nfo"}
"""Folders that count as one file, and where Kodi keeps their NFO."""


class NfoName(NamedTuple):
    path: str
    """Relative to the media file's folder."""
    of_folder: bool = False
    """It speaks of the film of the folder: it counts only where the folder holds one (`holds_one_film`)."""


def nfo_names(file_name: str, folders: Sequence[str] = ()) -> tuple[NfoName, ...]:
    """The NFO files that may belong to a file, nearest first: `<stem>.nfo`, `movie.nfo`, and `season.nfo` and `tvshow.nfo` in
    the folder or in a parent. `folders` are the folders from the library's root to the file.

    https://kodi.wiki/view/NFO_files and https://jellyfin.org/docs/general/server/metadata/nfo/ describe the names.
    """
    stem = split_suffix(file_name)[0]
    names = [NfoName(f"{stem}.nfo")]
    if inside := _DISCS.get(file_name.upper()):
        names.append(NfoName(inside.replace(file_name.upper(), file_name, 1)))
        names += [NfoName(f"{folders[-1]}.nfo")] if folders else []
    names.append(NfoName("movie.nfo", of_folder=True))
    ups = [up for up in ("", "../", "../../") if up.count("../") <= max(len(folders) - 1, 0)]
    names += [NfoName(f"{up}season.nfo") for up in ups[:2]]
    names += [NfoName(f"{up}tvshow.nfo") for up in ups]
    return tuple(dict.fromkeys(names))


_HAS_YEAR = re.compile(r"(?<!\d)(?:18|19|20)\d\d(?!\d)")


def holds_one_film(folder: str, names: Iterable[str]) -> bool:
    """Whether the media files of a folder are one film: a single one besides extras and samples, parts that differ in
    their number only, or versions that all begin with the folder's name (`Film (1999)/Film (1999) - 4K.mkv`).

    `folder` is relative to the root; `names` are those of the media files in it, and are read no further than needed.
    """
    called = key(os.path.basename(folder)) if _HAS_YEAR.search(os.path.basename(folder)) else ""
    films: set[str] = set()
    all_called_so = bool(called)
    for name in names:
        said = outline(f"{folder}/{name}")
        if said.role is not None:
            continue
        films.add(key(said.file))
        all_called_so = all_called_so and key(name).startswith(called)
        if len(films) > 1 and not all_called_so:
            return False
    return True

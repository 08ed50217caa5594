"""Which files are no film and no episode: trailers, featurettes, samples, told by the folders and suffixes that Plex, Jellyfin,
Emby and Kodi document."""

import re

from msgspec import Struct

from .folders import Folder, FolderUse
from .parsed import Role
from .text import key, names_in

_SURE_FOLDERS = {
    "trailer": Role.EXTRA,
    "trailers": Role.EXTRA,
    "featurette": Role.EXTRA,
    "featurettes": Role.EXTRA,
    "behindthescenes": Role.EXTRA,
    "deletedscenes": Role.EXTRA,
    "deletedscene": Role.EXTRA,
    "sample": Role.SAMPLE,
    "samples": Role.SAMPLE,
}
"""Folders that say so wherever they are."""
_FOLDERS = (
    _SURE_FOLDERS
    | dict.fromkeys(
        names_in(
            """extra | extras | interview | interviews | scene | scenes | short | shorts | clip | clips | other |
        others | bonus | bonuses | bonusfeatures | bonusmaterial | bonusdisc | bonusdvd | specialfeatures |
        makingof | makingofs | bloopers | gagreel | gagreels | promo | promos | teaser | teasers | backdrops |
        thememusic | themevideos | bts | outtakes | deleted | extrafeatures | extrasdisc | extrasdvd | supplements |
        supplement | supplementary | suppléments | extra material | special features disc | deletedandextendedscenes |
        deletedextendedscenes | extendedscenes | alternatescenes | alternateendings | entfallene szenen |
        geschnittene szenen | scènes coupées | escenas eliminadas | scene tagliate | material extra | contenido extra |
        contenuti extra | contenuti speciali | дополнительно | дополнительные материалы | creditless | ncop | nced"""
        ),
        Role.EXTRA,
    )
    | {"proof": Role.SAMPLE}
)
"""Folders that say so only beneath the folder of a title; `Shorts` or `Other` beneath the root sort films."""

_SUFFIX = re.compile(
    r"-(?P<kind>trailer|teaser|featurette|behind[ ]?the[ ]?scenes|deleted(?:[ ]?scenes?)?|interview|scene|short|other|clip"
    r"|extra|bloopers?|sample)"
    r"(?:[ ._-]?\d{1,2})?",
    re.IGNORECASE,
)
_WORD_SUFFIX = re.compile(
    r"[ ._](?:-[ ._])?(?P<kind>trailer|teaser|sample|featurette)(?:[ ._-]?\d{1,2})?", re.IGNORECASE
)
_ALONE = re.compile(
    r"(?:(?:official|theatrical|teaser|main|final)[ ._-]+)?(?P<kind>trailer|teaser|sample)(?:[ ._-]?\d{1,2})?"
    r"|(?P<front>sample)-.+",
    re.IGNORECASE,
)
_CONTENT = (
    r"(?:making[ ._-]?of|behind[ ._]the[ ._]scenes|gag[ ._]?reels?|bloopers?|out[ ._-]?takes?|featurettes?"
    r"|(?:(?:deleted|extended|alternate|cut)(?:[ ._]*(?:and|&)[ ._]*)?[ ._]){1,2}(?:scenes?|endings?)"
    r"|(?:official|theatrical|teaser|final|main)[ ._](?:teaser|trailer)|trailer|teaser|interviews?[ ._](?:with|mit|avec|con)"
    r"|audio[ ._]commentary|photo[ ._]gallery|creditless[ ._](?:opening|ending)|bonus[ ._-]+(?=[^\W\d]))"
)
_CONTENT_BEHIND = re.compile(
    rf"(?P<rest>.+?[ ._]-[ ._]+|(?P<released>.*(?<!\d)(?:19|20)\d\d[\])]?[ ._-]+))(?P<kind>{_CONTENT})(?![^\W\d_]).*",
    re.IGNORECASE,
)
"""`Title (1999) - Making of`, `Title.1999.Trailer.1080p`: what an extra is about stands behind a dash or the year."""
_CONTENT_ALONE = re.compile(rf"(?P<kind>{_CONTENT})(?![^\W\d_]).*", re.IGNORECASE)
"""`Making of`, `Gag Reel`, `Interview with Jane Doe`: only beneath the folder of a title with its year."""
_TITLED_TRAILER = re.compile(
    r"(?P<rest>.+?)[ ._-]+(?:official|theatrical|final|teaser)[ ._]+(?P<kind>trailer|teaser)(?![^\W\d_]).*",
    re.IGNORECASE,
)
_ANIME = re.compile(
    r"(?P<rest>.+?)[ ._-]+(?P<kind>NCOP|NCED|creditless[ ._](?:opening|ending))(?:[ ._-]?\d{1,2})?[a-c]?(?:v\d)?(?![^\W_]).*",
    re.IGNORECASE,
)
"""`[Group] Show - NCOP1 [1080p]`: openings and endings without credits, beside the episodes."""
_OF_A_SEASON = re.compile(
    r"(?P<rest>.+?[ ._]S\d{1,2})[ ._-]+(?P<kind>extras?|bonus|specials?[ ._]features)(?![^\W_]).*", re.IGNORECASE
)
"""`Show.S05.Extras.Deleted.Scenes.1080p-GRP`: beside the season's pack."""
_NUMBERED = re.compile(r"s\d{1,2}[ ._-]?e\d|(?<!\d)\d{1,2}x\d\d", re.IGNORECASE)
_YEAR_BEHIND = re.compile(r"[\[({](?:19|20)\d\d[\])}]")
_RELEASED = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{3,4}[pi]\b|[xh]\.?26[45]|xvid|divx|bluray|web-?dl|hdtv|s\d\de\d\d", re.IGNORECASE
)


class RoleFound(Struct, frozen=True):
    role: Role
    rule: str
    stem: str
    """The file's name without the suffix; empty where it names no title (`sample`, `Second Trailer`)."""
    folders: int
    """How many folders, root first, say what the extra belongs to."""


def is_for_extras(folder: str) -> bool:
    """Whether a folder of this name, beneath that of a title, holds its extras."""
    return _FOLDERS.get(key(folder)) is Role.EXTRA


def is_for_samples(folder: str) -> bool:
    return _FOLDERS.get(key(folder)) is Role.SAMPLE


def role_of(stem: str, folders: tuple[Folder, ...]) -> RoleFound | None:
    """The role that the path gives to a file, else None. A folder speaks before a suffix."""
    for depth in range(len(folders) - 1, -1, -1):
        folder = folders[depth]
        kind = _FOLDERS.get(key(folder.name))
        if kind is None or _is_a_title(stem, folders, depth):
            continue
        beneath_title = any(above.use in (FolderUse.TITLE, FolderUse.SEASON) for above in folders[:depth])
        sure = key(folder.name) in _SURE_FOLDERS and (depth > 0 or key(folder.name) == "trailers")
        if beneath_title or sure or (depth == 0 and _names_no_title(stem)):
            rest = "" if beneath_title and kind is Role.EXTRA else _without_suffix(stem)
            while depth > 0 and key(folders[depth - 1].name) in _FOLDERS and beneath_title:
                depth -= 1  # Extras/Interviews
            return RoleFound(kind, f'folder "{folder.name}"', rest, depth)
    if match := _ALONE.fullmatch(stem):
        kind = match["kind"] or match["front"]
        rest = stem[len("sample-") :] if match["front"] else ""
        return RoleFound(_role(kind), f'name "{kind.lower()}"', rest, len(folders))
    for pattern in (_SUFFIX, _WORD_SUFFIX):
        match = re.fullmatch(rf"(?P<rest>.+?){pattern.pattern}", stem, re.IGNORECASE)
        if match and (pattern is _SUFFIX or _RELEASED.search(match["rest"])):
            return RoleFound(
                _role(match["kind"]), f'suffix "-{match["kind"].lower()}"', match["rest"].rstrip(" ._-"), len(folders)
            )
    return _beside_its_title(stem, folders) or _by_content(stem, folders)


def _beside_its_title(stem: str, folders: tuple[Folder, ...]) -> RoleFound | None:
    """`Title (1999)/Title Trailer`, `Title.1999.1080p/grp-ttl.sample`: the folder says the title, and without the word."""
    titled = next((folder.name for folder in reversed(folders) if folder.use is FolderUse.TITLE), "")
    match = re.fullmatch(rf"(?P<rest>.+?){_WORD_SUFFIX.pattern}", stem, re.IGNORECASE)
    if match is None or not titled:
        return None
    repeats = key(re.sub(r"[\[({].*", "", titled)) == key(match["rest"])
    released = match["kind"].lower() == "sample" and _RELEASED.search(titled) and not key(titled).startswith(key(stem))
    if not (repeats or released):
        return None
    return RoleFound(_role(match["kind"]), f'name "{match["kind"].lower()}"', "", len(folders))


def _by_content(stem: str, folders: tuple[Folder, ...]) -> RoleFound | None:
    """Told by what the name says the file shows. A title may be called so (`The Interview`, `Making of a Lady`), so that a
    name that is nothing else needs a folder that says whose it is, and behind a title a dash or the year."""
    if _NUMBERED.search(stem):
        return None
    titled = next((folder.name for folder in reversed(folders) if folder.use is FolderUse.TITLE), "")
    whose = _YEAR_BEHIND.search(titled) is not None and not key(titled).startswith(key(stem))
    for pattern in (_ANIME, _OF_A_SEASON, _CONTENT_BEHIND, _TITLED_TRAILER):
        match = pattern.fullmatch(stem)
        if match and key(match["rest"]) and not (whose and key(re.sub(r"[\[({].*", "", titled)) == key(stem)):
            return RoleFound(Role.EXTRA, f'name "{match["kind"].lower()}"', match["rest"].rstrip(" ._-"), len(folders))
    if whose and (match := _CONTENT_ALONE.fullmatch(stem)):
        return RoleFound(Role.EXTRA, f'name "{match["kind"].lower()}"', "", len(folders))
    return None


def _role(kind: str) -> Role:
    return Role.SAMPLE if kind.lower() == "sample" else Role.EXTRA


def _is_a_title(stem: str, folders: tuple[Folder, ...], depth: int) -> bool:
    """A folder that holds seasons, or files named after it, is a series by that name (`Extras/Season 1`, `Extras - S01E02`)."""
    beneath_title = any(above.use is FolderUse.TITLE for above in folders[:depth])
    if not beneath_title and any(below.use is FolderUse.SEASON for below in folders[depth + 1 :]):
        return True
    name = key(folders[depth].name)
    rest = key(stem)
    return rest.startswith(name) and re.match(r"s\d+e\d|\d+x\d|(?:19|20)\d\d", rest[len(name) :]) is not None


def _names_no_title(stem: str) -> bool:
    """`Sample/x`, `Extras/deleted scenes`: in a folder that could be a film's, a name that could not."""
    return len(key(stem)) < 2 or _CONTENT_ALONE.fullmatch(stem) is not None


def _without_suffix(stem: str) -> str:
    match = re.fullmatch(rf"(?P<rest>.+?)(?:{_SUFFIX.pattern})", stem, re.IGNORECASE)
    if match:
        return match["rest"].rstrip(" ._-")
    return "" if _ALONE.fullmatch(stem) else stem

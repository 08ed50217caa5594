"""A path before any name on it is guessed at: which name is for what."""

import re
from functools import lru_cache

from msgspec import Struct

from .days import dated
from .folders import Folder, FolderUse, container_type, folder_of, gathers_films
from .numbering import season_before, season_number, spelled_number
from .parsed import ParsedType, Role
from .parts import take_part
from .roles import role_of
from .text import clean, components, key, split_suffix
from .tidying import tidy
from .untitled import is_untitled

_TITLED_FOLDERS = 2
"""How many folders that name titles are read, from the file upwards; higher ones sort."""


class BareNumber(Struct, frozen=True):
    """A file's name that is only a number, or a number and the name of the episode."""

    seasons: tuple[int, ...]
    episodes: tuple[int, ...]
    episode_title: str | None
    sure: bool
    """Whether it needs no folder of a season to be one: `E03`, `Episode 5`, `1x02`; not `03` or `11 - The Anchor`."""


class Outline(Struct, frozen=True, kw_only=True):
    path: str
    folders: tuple[Folder, ...]
    """Root first, names tidied."""
    file: str
    """The file's name as guessit shall see it; empty where it says nothing about the title."""
    stem: str
    """The file's name without suffix and ids."""
    role: Role | None = None
    role_rule: str | None = None
    part: int | None = None
    edition: str | None = None
    ids: dict[str, str]
    bare: BareNumber | None = None
    personal: bool = False
    """Among one's own recordings, which no catalogue knows."""

    @property
    def season(self) -> int | None:
        """Of the nearest folder that is a season's."""
        return next((folder.number for folder in reversed(self.folders) if folder.use is FolderUse.SEASON), None)

    @property
    def among_films(self) -> bool:
        """Whether the folders are for films, so that a number that stands alone is none of an episode."""
        if self.season is not None:
            return False
        gathered = bool(self.titled) and gathers_films(self.titled[0])
        return gathered or container_type(self.folders) is ParsedType.MOVIE

    @property
    def titled(self) -> tuple[str, ...]:
        """Folders that name a title, nearest first."""
        names = [folder.name for folder in reversed(self.folders) if folder.use is FolderUse.TITLE]
        return tuple(names[:_TITLED_FOLDERS])


@lru_cache(maxsize=1024)
def outline(path: str) -> Outline:
    """Tells what every name on a path is for. Pure, never raises; the path's last name is the file (or disc folder)."""
    names = components(clean(path)) or ("",)
    ids: dict[str, str] = {}
    editions: list[str] = []
    folders: list[Folder] = []
    tidied: list[str] = []
    for index, name in enumerate(names):
        is_file = index == len(names) - 1
        bare_name, own_ids, edition = tidy(split_suffix(name)[0] if is_file else name)
        ids |= own_ids  # the nearest to the file wins
        editions += [edition] if edition else []
        tidied.append(bare_name)
        if not is_file:
            folders.append(_unless_garbled(folder_of(_DISC_BEHIND.sub("", bare_name))))
    stem = tidied[-1]
    if folder_of(names[-1]).use is FolderUse.STRUCTURE:
        stem = ""
    folders = [folder for folder in folders if folder.use is not FolderUse.STRUCTURE]
    role = role_of(stem, tuple(folders))
    if role is not None:
        folders, stem_said = folders[: role.folders], role.stem
    else:
        stem_said = stem
    folders = _numbered_seasons(folders, stem_said)
    disc = next((folder.number for folder in reversed(folders) if folder.use is FolderUse.DISC), None)
    titles = [folder.name for folder in folders if folder.use is FolderUse.TITLE]
    in_season = next((f.number for f in reversed(folders) if f.use is FolderUse.SEASON), None)
    if in_season is None and titles and (season := season_before(titles[-1], len(titles[-1]))):
        in_season = season_number(season)[0]
    bare = _bare_number(stem_said, titles[-1] if titles else None, in_season)
    if bare is None and in_season is not None and titles:
        bare = _behind_the_folders_title(stem_said, titles[-1], in_season)
    if bare is not None and not bare.sure and in_season is None and titles and gathers_films(titles[-1]):
        bare = None
    part = None if bare or role else take_part(stem_said, titles[-1] if titles else None)
    if part is not None:
        stem_said = part.stem
    says_title = bool(stem_said) and bare is None and not is_untitled(stem_said)
    return Outline(
        path=clean(path),
        folders=tuple(folders),
        file=stem_said if says_title else "",
        stem=stem,
        role=role.role if role else None,
        role_rule=role.rule if role else None,
        part=part.number if part else disc if not any(f.use is FolderUse.SEASON for f in folders) else None,
        edition=editions[-1] if editions else None,
        ids=ids,
        bare=bare,
        personal=_is_personal(tuple(folders)),
    )


def _unless_garbled(folder: Folder) -> Folder:
    """A folder that a program named (`XD61f08e-BRa20447-0c9d31`) sorts at most."""
    garbled = folder.use is FolderUse.TITLE and len(folder.name) > _LONGEST_WORD and is_untitled(folder.name)
    return Folder(folder.name, FolderUse.CONTAINER) if garbled else folder


_LONGEST_WORD = 15
"""Letters of words such as `Untitled-3`, which may be a title of its own on a folder."""
_DISC_BEHIND = re.compile(r"(?<=\w)[ ._-]+dis[ck][ ._-]?(?:\d{1,2}|[a-d])$", re.IGNORECASE)
"""`TITLE_DISC_1`: a folder of a ripper; which of the discs holds the film or an episode says nothing of parts."""
_NUMBERED_EPISODE = re.compile(
    r"\d{1,3}(?:[ ._-].*)?|.*(?:s\d\d?e\d|\d{1,2}x\d\d|\be(?:p(?:isode)?)?[ ._]?\d).*", re.IGNORECASE
)


def _numbered_seasons(folders: list[Folder], stem: str) -> list[Folder]:
    """`Show/1/1.avi`, `Show/02/Show - 2x05.avi`: right below a title, and around an episode, a bare number is a season."""
    if len(folders) < 2 or folders[-2].use is not FolderUse.TITLE or not _NUMBERED_EPISODE.fullmatch(stem):
        return folders
    last = folders[-1]
    if last.use is not FolderUse.SEASON and re.fullmatch(r"\d{1,2}", last.name) and int(last.name) < 40:
        return [*folders[:-1], Folder(last.name, FolderUse.SEASON, int(last.name))]
    return folders


def _is_personal(folders: tuple[Folder, ...]) -> bool:
    uses = [folder.use for folder in folders]
    return FolderUse.PERSONAL in uses and FolderUse.SEASON not in uses[uses.index(FolderUse.PERSONAL) :]


def _behind_the_folders_title(stem: str, folder: str, season: int) -> BareNumber | None:
    """`The 100/Season 8/The 100 05`: the folder says which of the numbers is the title's."""
    title = re.sub(r"[\s._-]*[\[(].*", "", folder)
    if word := season_before(title, len(title)):
        title = title[: word.start()].rstrip(" ._-")
    rest = (
        re.fullmatch(rf"{re.escape(title)}[ ._]+(?:-[ ._]+)?(\d{{2,3}}(?![\dpi]).*)", stem, re.IGNORECASE)
        if title[-1:].isdigit()
        else None
    )
    return _bare_number(rest[1], title, season) if rest and not key(rest[1]).startswith(key(title)) else None


_WORD = (
    r"(?:episodes?|épisode|episodio|ep|e|folge|cap[íi]tulo|cap|puntata|odcinek|odc|avsnitt|afsnit|aflevering|afl\.?"
    r"|jakso|osa|epizoda|episodul|part|chapter"
    r"|pt\.?|серия|第)"
)
_SURE_NUMBER = re.compile(
    rf"(?:s(?P<s>\d{{1,4}})[ ._-]*)?{_WORD}[ ._#-]*(?P<e>\d{{1,4}}"
    r"|(?<=[ ._-])(?:one|two|three|four|five|six|seven|eight|nine|ten)(?!\w))"
    rf"(?P<more>(?:[ ._]?-[ ._]?|[ ._]?(?:{_WORD}))+\d{{1,4}})?"
    r"[話话集回]?(?:v\d)?(?P<rest>[\s._\[(-].*|)"
    r"|(?P<s2>\d{1,2})x(?P<e2>\d{2,3})(?P<more2>-\d{2,3})?(?P<rest2>[\s._\[(-].*|)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"[\[(](?:19|20)\d\d[\])]")
_PLAIN_NUMBER = re.compile(
    r"#?(?P<e>\d{1,4})(?P<more>[-+&]\d{1,4})?(?:v\d)?[a-c화회話话集回]?"
    r"(?P<rest>|(?:[ ._]*[-–:.)]+[ ._]*|[ _]+|[ ._]*(?=[\[(])).+)"
)


def _bare_number(stem: str, title: str | None, season_of_folder: int | None) -> BareNumber | None:
    """`E03`, `13`, `11 - The Anchor`, `5. The Lighthouse`: numbers whose title is the folder's. Not where the
    series' own name begins
    with the number (`24/Season 1/24 - S01E01`, `15 Harbours/Season 1/15 Harbours 03`)."""
    in_season = season_of_folder is not None
    if (
        title is not None
        and key(title)[:1].isdigit()
        and key(stem).startswith(key(re.sub(r"[\[(].*", "", title)))
        and not (in_season and key(stem).isdigit())
    ):
        return None
    match = _SURE_NUMBER.fullmatch(stem)
    sure = match is not None
    if match is None:
        match = _PLAIN_NUMBER.fullmatch(stem) if title is not None else None
        if match is None or (
            not in_season
            and (
                len(match["e"]) > 3
                or (match["rest"].startswith((" ", "_")) and not re.match(r"[ _]+[-–]", match["rest"]))
            )
        ):
            return None
        if re.search(r"(?i)s\d{1,2}[ ._-]?e\d|\b\d{1,2}x\d\d", match["rest"]):
            return None
        if next(dated(stem), None) is not None or (not in_season and _YEAR.search(match["rest"])):
            return None  # `2014-04-19` is a day; `5 - Low Tide (2004)` a film with its place in a list
    groups = match.groupdict()
    said = (groups["rest"] or groups.get("rest2") or "").strip(" ._-–:)")
    if title is None and re.search(r"[^\W\d_]{2}", said):
        return None  # no folder says the series: its title stands behind the numbers
    first = spelled_number(groups["e"] or groups["e2"])
    if season_of_folder and first // 100 == season_of_folder and first % 100 and not groups["more"]:
        first %= 100  # the season stands in front of the episode, `Season 5/520`
    more = groups["more"] or groups.get("more2")
    last = int(re.sub(r"\D", "", more)) if more else first
    season = groups.get("s") or groups.get("s2")
    return BareNumber(
        seasons=(int(season),) if season else (),
        episodes=tuple(range(first, last + 1)) if first <= last < first + 50 else (first, last),
        episode_title=said or None,
        sure=sure,
    )

"""What a folder's name is for: a season, a disc, a place for extras, a mere container, or the name of a title."""

import re
from enum import StrEnum

from msgspec import Struct

from .numbering import SPELLED, spelled_number
from .parsed import ParsedType
from .text import key, names_in, plain

SEASON_WORDS = (
    "season|seasons|series|saison|staffel|temporada|temp|stagione|sezon|sezonul|sezona|sezóna|säsong|sasong|sesong|sæson|saeson|"
    "seizoen|évad|evad|kausi|serie|série|řada|κύκλος|الموسم|сезон|시즌|シーズン"
)
"""The word for a season of a series, as people and programs name folders (English, French, German, Spanish and Portuguese,
Italian, Polish and Turkish, Romanian, Czech, Swedish, Norwegian, Danish, Dutch, Hungarian, Finnish, Greek,
Arabic, Russian, Korean, Japanese)."""

_WORD_NUMBER = re.compile(
    rf"(?:{SEASON_WORDS})(?:[ ._#-]*0*(?P<number>\d{{1,4}})|[ ._-]+(?P<spelled>{SPELLED}))(?![\w])(?P<rest>.*)",
    re.IGNORECASE,
)
_NUMBER_WORD = re.compile(
    rf"0*(?P<number>\d{{1,2}})(?:st|nd|rd|th|[ªº.]|e|ème|eme|er|ère|a)?[ ._-]*(?:{SEASON_WORDS})(?![\w])(?P<rest>.*)",
    re.IGNORECASE,
)
_SHORT = re.compile(r"s[ ._-]?0*(?P<number>\d{1,4})(?![\w])(?P<rest>.*)", re.IGNORECASE)
_EAST_ASIAN = re.compile(r"第\s*(?P<number>\d{1,2})\s*[季期](?P<rest>.*)")
_SPECIALS = names_in(
    "specials | special | especiales | especiais | spéciaux | speciaux | speciale | speciali | specialer | specjalne"
)

_DISC = re.compile(r"(?:cd|dvd|disc|disk|disque|part|pt)[ ._-]*(?P<number>\d{1,2}|[a-d])", re.IGNORECASE)

DISC_STRUCTURES = frozenset({"video_ts", "audio_ts", "bdmv", "certificate", "stream", "hvdvd_ts", "jacket_p"})
"""Folders that a DVD or Blu-ray prescribes."""

_CONTAINERS = names_in(
    """movie | movies | film | films | filme | filmes | filmy | película | películas | cine | cinema | kino | фильмы |
    фильм | 映画 | 电影 | 電影 | series | serie | serien | séries | series tv | serie tv | seriale | seriály | сериалы |
    сериал | dramas | tv | tv show | tv shows | tv series | tvseries | show | shows | television | episodes |
    anime | animes | anime movies | anime series | animation | cartoon | cartoons | мультфильмы | dessins animés |
    documentary | documentaries | docs | dokus | documentaires | kids | kids movies | kids tv | kinder | family |
    feature films | video | videos | vidéos | video files | movie library | media | medias | library | mediathek |
    multimedia | storage | data | files | share | shares | public | home | avchd | private | mnt | srv | nas |
    volume | volumes | download | downloads | downloaded | complete | completed | incomplete | finished |
    incoming | queue | torrent | torrents | seeding | usenet | sabnzbd | nzbget | transmission | qbittorrent |
    deluge | rip | rips | ripped | makemkv | handbrake | encoded | encodes | transcoded | output | converted |
    new | new folder | unsorted | sorted | misc | miscellaneous | various | other | others | temp | tmp | todo |
    to watch | unwatched | watched | seen | old | archive | archives | backup | backups | recent | recently added |
    inbox | import | imports | collection | collections | my movies | my videos | my films | my tv shows | hd |
    sd | uhd | 4k | 3d | 720p | 1080p | 2160p | 480p | dvd | dvds | blu-ray | blurays | bluray | hdr | 4k movies |
    movies 4k | uhd movies | hd movies | tv 4k | remux | remuxes | web-dl | x264 | x265 | english | foreign |
    international | subs | subtitles | main | title | titles | action | adventure | comedy | drama | horror |
    thriller | sci-fi | science fiction | fantasy | western | westerns | war | romance | crime | mystery |
    musical | musicals | classics | christmas | standup | stand-up | sports | music videos | concerts"""
)
"""Names of folders that sort files and name no title. Compared without case, accents and punctuation."""

_CONTAINER_PATTERN = re.compile(
    r"(?:19|20)\d\d(?:s|[ ]?[-–][ ]?(?:19|20)\d\d)?|(?:19|20)?\d0s|[\W_]*[^\W_]?[\W_]*|[a-z0-9#] ?[-–] ?[a-z0-9#]"
    r"|(?:disk|disc|hdd|ssd|drive|volume|vol)[ ._-]*\d+"
    r"|media[ ._-]*\d+|(?:movies|films|series|shows|tv)[ ._-]*(?:\d+|[a-z](?:[ ._-][a-z])?)",
    re.IGNORECASE,
)
"""Years, decades, single letters and ranges of them, disks by number, `Movies A-F`."""

_GATHERING = re.compile(
    r"(?:[^\W\d_]+[ ._-]+)?top[ ._-]*\d{2,4}(?:[ ._-]+(?:movies|films))?|best[ ._]of[ ._].*"
    r"|.*\b(?:collection|kolekcja|colecci[óo]n|cole[çc][ãa]o|collezione|sammlung|anthology|[^\W\d_]+log(?:y|ie)"
    r"|box[ ._-]?set)\b.*",
    re.IGNORECASE,
)


def gathers_films(name: str) -> bool:
    """`Top 250`, `Harbour Collection`, `The Tide Trilogy`: a number before a name in it is the film's place."""
    return _GATHERING.fullmatch(plain(name).strip()) is not None and not re.search(
        r"(?i)\b(?:series|tv|anime|shows?)\b", name
    )


_PERSONAL = re.compile(
    r"dcim|camera( roll| uploads)?|home ?(video|movie)s?|(family|private|own|personal) (video|movie|film)s?|whatsapp video|"
    r"screen ?(recording|cast|capture|shot)s?|tutorials?|lessons?|courses?|lectures?|"
    r"\d{3}(canon|_?fuji|nikon\w*|olymp|_?pana|gopro|msdcf|apple|media|andro|dicam)|"
    r"privat|urlaubsvideos|vidéos perso|vacation videos",
    re.IGNORECASE,
)
"""Folders of cameras, telephones and home videos, and of lessons: what lies in them has no title that a catalogue knows."""


class FolderUse(StrEnum):
    TITLE = "title"
    SEASON = "season"
    DISC = "disc"
    STRUCTURE = "structure"
    CONTAINER = "container"
    PERSONAL = "personal"


class Folder(Struct, frozen=True):
    name: str
    use: FolderUse
    number: int | None = None
    """Of the season or the disc."""
    year: int | None = None
    """A year beside a season's number, or the whole name of a container."""
    cour: int | None = None
    """The part of the season, where that is split."""


def folder_of(name: str) -> Folder:
    """Tells what one folder's name (its ids already taken out) is for. Extras need the whole path: see `roles`."""
    text = plain(name).strip()
    if text.lower() in DISC_STRUCTURES:
        return Folder(name, FolderUse.STRUCTURE)
    if (number := season_of(text)) is not None:
        return Folder(name, FolderUse.SEASON, number, cour=cour_of(text))
    if match := _DISC.fullmatch(text):
        digit = match["number"].lower()
        return Folder(name, FolderUse.DISC, int(digit) if digit.isdigit() else ord(digit) - ord("a") + 1)
    if _PERSONAL.fullmatch(re.sub(r"[ ._-]+", " ", text)):
        return Folder(name, FolderUse.PERSONAL)
    if key(text) in _CONTAINERS or _CONTAINER_PATTERN.fullmatch(text):
        year = int(text) if re.fullmatch(r"(?:19|20)\d\d", text) else None
        return Folder(name, FolderUse.CONTAINER, year=year)
    return Folder(name, FolderUse.TITLE)


def season_of(name: str) -> int | None:
    """The season that a folder's whole name says: `Season 02`, `2. Staffel`, `S02`, `Temporada 1 [1080p]`, `Specials` (0)."""
    if key(name) in _SPECIALS:
        return 0
    for pattern in (_WORD_NUMBER, _NUMBER_WORD, _SHORT, _EAST_ASIAN):
        if (match := pattern.fullmatch(name)) and _is_remark(match["rest"]):
            return spelled_number(match.groupdict().get("spelled") or match["number"])
    return None


_COUR = re.compile(r"[ ._,:-]{1,3}(?:part|pt|cour)[ ._]?(?P<cour>\d|i{1,3}|iv)(?!\w)(?P<rest>.*)", re.IGNORECASE)


def cour_of(name: str) -> int | None:
    """The part of a split season that a folder's whole name says: `Season 3 Part 2`, `S02 Cour 1`."""
    match = next(
        (found for pattern in (_WORD_NUMBER, _NUMBER_WORD, _SHORT) if (found := pattern.fullmatch(name))), None
    )
    part = _COUR.fullmatch(match["rest"]) if match else None
    return spelled_number(part["cour"]) if part else None


def _is_remark(rest: str) -> bool:
    """Whether what follows a season's number is only a remark on it: nothing, brackets, a dash and its name, resolutions.
    `S01E05` or `Series 7 The Contenders` is no folder of a season."""
    return (
        not rest.strip()
        or (_COUR.fullmatch(rest) is not None)
        or re.match(
            r"\s*[\[(]|\s+[-–]\s|\s*[-–:]\s|[ ._](?:complete|\d{3,4}[pi]|web|blu|dvd|hdtv|bd)", rest, re.IGNORECASE
        )
        is not None
    )


_SERIES_CONTAINERS = names_in(
    """tv | tv show | tv shows | tv series | tvseries | series | serien | séries | series tv | serie tv | shows |
    show | television | anime series | seriale | seriály | сериалы | kids tv | my tv shows | tv 4k"""
)
_FILM_CONTAINERS = names_in(
    """movie | movies | film | films | filme | filmes | filmy | películas | peliculas | cine | фильмы | 映画 | 电影 | 電影 |
    feature films | kids movies | anime movies | my movies | my films | 4k movies | uhd movies | hd movies |
    movies 4k"""
)


def container_type(folders: tuple[Folder, ...]) -> ParsedType | None:
    """What the nearest container that sorts by it says: `TV Shows/...` episodes, `Films/...` films."""
    for folder in reversed(folders):
        if folder.use is FolderUse.CONTAINER and key(folder.name) in _SERIES_CONTAINERS:
            return ParsedType.EPISODE
        if folder.use is FolderUse.CONTAINER and key(folder.name) in _FILM_CONTAINERS:
            return ParsedType.MOVIE
    return None

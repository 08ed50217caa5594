"""NFO files: what Kodi, Jellyfin and people write beside a file."""

import codecs
import re
from enum import StrEnum
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from msgspec import Struct, structs

from .text import clean

LARGEST_NFO = 256 * 1024
"""Bytes that are looked at; Kodi's are a few kilobytes, with all actors some fifty."""


class NfoKind(StrEnum):
    MOVIE = "movie"
    SERIES = "series"
    SEASON = "season"
    EPISODE = "episode"


class NfoFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one NFO file says. https://kodi.wiki/view/NFO_files describes the XML."""

    kind: NfoKind | None = None
    """None where the file holds only an address or an id."""
    ids: dict[str, str]
    """`tmdb`, `imdb` (with tt), `tvdb`, of the thing that `kind` says: for an episode or a season its own."""
    title: str | None = None
    original_title: str | None = None
    show_title: str | None = None
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()


LONGEST_RUN = 50
"""Episodes in one file; what says more is a mistake."""

_ROOTS = {
    "movie": NfoKind.MOVIE,
    "video": NfoKind.MOVIE,
    "tvshow": NfoKind.SERIES,
    "season": NfoKind.SEASON,
    "episodedetails": NfoKind.EPISODE,
}


def read_nfo(data: bytes) -> NfoFacts | None:
    """Reads an NFO file's bytes; None where they say nothing. Never raises: what is no well-formed or no harmless XML is
    searched for addresses and ids as text."""
    text = clean(_decoded(data[:LARGEST_NFO]).replace("\r", "\n").replace("\n", " "))
    roots, behind = _roots(text)
    return _with_address(_facts(roots), _ids_in_text(behind)) if roots else _ids_in_text(text)


def _with_address(facts: NfoFacts, address: NfoFacts | None) -> NfoFacts:
    """An address behind the XML (Kodi's "combination NFO") completes the ids, where it is one of the same kind."""
    own = facts.kind in (NfoKind.MOVIE, NfoKind.SERIES)
    if address is None or not own or address.kind not in (facts.kind, None):
        return facts
    return structs.replace(facts, ids=address.ids | facts.ids)


_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?encoding=["']([A-Za-z0-9._-]{1,40})["']""")


def _decoded(data: bytes) -> str:
    """As its byte order mark says, else UTF-8, else as the XML declares it, else Windows' Western encoding."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if data[:4] in (b"<\0?\0", b"\0<\0?"):
        return data.decode("utf-16-le" if data[:1] == b"<" else "utf-16-be", "replace")
    try:
        # Incremental, so that a character that was cut at the end makes nothing of the rest.
        return codecs.getincrementaldecoder("utf-8-sig")().decode(data, False)
    except UnicodeDecodeError:
        declared = _DECLARED.search(data[:200])
    try:
        return data.decode(declared[1].decode() if declared else "cp1252", "replace")
    except (LookupError, ValueError):
        return data.decode("cp1252", "replace")


def _roots(text: str) -> tuple[list[Element], str]:
    """The top elements that Kodi knows, and the text behind the last. A file of several episodes has several."""
    start, end = text.find("<"), text.rfind(">")
    if start < 0 or end < start:
        return [], ""
    body = re.sub(r"<\?xml[^>]*\?>", " ", text[start : end + 1])
    if re.search(r"<!\s*(?:DOCTYPE|ENTITY)", body, re.IGNORECASE):
        return [], ""
    try:
        top = fromstring(f"<nfo>{body}</nfo>")
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        return [], ""
    return [element for element in top if element.tag in _ROOTS], text[end + 1 :]


def _facts(roots: list[Element]) -> NfoFacts:
    first = roots[0]
    kind = _ROOTS[str(first.tag)]
    same = [root for root in roots if _ROOTS[str(root.tag)] is kind]
    season = _number(first, "seasonnumber" if kind is NfoKind.SEASON else "season")
    return NfoFacts(
        kind=kind,
        ids=_ids(first, kind),
        title=_text(first, "title"),
        original_title=_text(first, "originaltitle"),
        show_title=_text(first, "showtitle"),
        year=_year(first),
        season=season,
        episodes=_episodes(same, season) if kind is NfoKind.EPISODE else (),
    )


def _episodes(roots: list[Element], season: int | None) -> tuple[int, ...]:
    """Those of the first one's season: an element for each (Kodi), or the last of a run in `episodenumberend` (Jellyfin)."""
    numbers: set[int] = set()
    for root in roots:
        first = _number(root, "episode")
        if first is None or _number(root, "season") != season:
            continue
        last = _number(root, "episodenumberend") or first
        numbers |= set(range(first, last + 1)) if first <= last <= first + LONGEST_RUN else {first}
    return tuple(sorted(numbers))


def _text(element: Element, tag: str) -> str | None:
    return (element.findtext(tag) or "").strip() or None


def _number(element: Element, tag: str) -> int | None:
    text = _text(element, tag) or ""
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else None


def _year(element: Element) -> int | None:
    for tag in ("year", "premiered", "releasedate"):
        if match := re.match(r"((?:18|19|20)\d\d)(?!\d)", _text(element, tag) or ""):
            return int(match[1])
    return None


_ID_FORMS = {
    "tmdb": re.compile(r"0*([1-9]\d{0,8})"),
    "tvdb": re.compile(r"0*([1-9]\d{0,8})"),
    "imdb": re.compile(r"(tt\d{6,9})"),
}
_ID_TAGS = {
    "tmdbid": "tmdb",
    "tmdb": "tmdb",
    "imdbid": "imdb",
    "imdb_id": "imdb",
    "imdb": "imdb",
    "tvdbid": "tvdb",
    "tvdb": "tvdb",
}


def _ids(element: Element, kind: NfoKind) -> dict[str, str]:
    """Kodi's `uniqueid`, Jellyfin's `tmdbid` and its like, Emby's `<id TMDB="...">`, and the bare `<id>` last."""
    unique = element.findall("uniqueid")
    found = [(_ID_TAGS.get((child.get("type") or "").lower(), ""), child.text) for child in unique]
    found += [(_ID_TAGS[str(child.tag).lower()], child.text) for child in element if str(child.tag).lower() in _ID_TAGS]
    for old in element.findall("id"):
        found += [(_ID_TAGS[name.lower()], value) for name, value in old.attrib.items() if name.lower() in _ID_TAGS]
    found.append((_provider_of_bare_id(element, kind), _text(element, "id")))
    ids: dict[str, str] = {}
    for provider, value in found:
        value = (value or "").strip()
        # IMDb's ids can be nothing else, whatever the element says of them.
        provider = "imdb" if value.startswith("tt") else provider
        if provider in _ID_FORMS and (match := _ID_FORMS[provider].fullmatch(value)):
            ids.setdefault(provider, match[1])
    return ids


def _provider_of_bare_id(element: Element, kind: NfoKind) -> str:
    """Whose number `<id>` is: Kodi repeats the default `uniqueid` there; without one it is TVDB's for a series, of old."""
    unique = element.findall("uniqueid")
    if not unique:
        return "tvdb" if kind is NfoKind.SERIES else ""
    default = [child for child in unique if (child.get("default") or "").strip().lower() == "true"]
    return _ID_TAGS.get((default[0].get("type") or "").lower(), "") if len(default) == 1 else ""


_TMDB_URL = re.compile(r"(?:themoviedb|tmdb)\.org/(?:[a-z]{2}(?:-[a-z]{2})?/)?(movie|tv)/([1-9]\d{0,8})", re.IGNORECASE)
_IMDB = re.compile(r"(?<![^\W_])(tt\d{7,9})(?!\d)")
_TVDB_URL = re.compile(
    r"thetvdb\.com/(?:\?[^\s\"'<>]{0,100}?\bid=|(?:dereferrer/)?series/)([1-9]\d{0,8})(?!\w)", re.IGNORECASE
)


def _ids_in_text(text: str) -> NfoFacts | None:
    ids: dict[str, str] = {}
    kind = None
    if match := _TMDB_URL.search(text):
        ids["tmdb"] = match[2]
        kind = NfoKind.MOVIE if match[1].lower() == "movie" else NfoKind.SERIES
    if match := _IMDB.search(text):
        ids["imdb"] = match[1]
    if match := _TVDB_URL.search(text):
        ids["tvdb"] = match[1]
        kind = kind or NfoKind.SERIES
    return NfoFacts(kind=kind, ids=ids) if ids else None

"""NFO files: what Kodi, Jellyfin and people write beside a file."""

import re
from collections.abc import Sequence
from enum import StrEnum
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from msgspec import Struct

from .text import clean, split_suffix

LARGEST_NFO = 256 * 1024
"""Bytes that are looked at; Kodi's are a few kilobytes, with all actors some fifty."""


class NfoKind(StrEnum):
    MOVIE = "movie"
    SERIES = "series"
    EPISODE = "episode"


class NfoFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one NFO file says. https://kodi.wiki/view/NFO_files describes the XML."""

    kind: NfoKind | None = None
    """None where the file holds only an address or an id."""
    ids: dict[str, str]
    """`tmdb`, `imdb` (with tt), `tvdb`, of the thing that `kind` says; an episode's own for an episode."""
    title: str | None = None
    original_title: str | None = None
    show_title: str | None = None
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()


def nfo_names(file_name: str, folders: Sequence[str] = ()) -> tuple[str, ...]:
    """The NFO files that may belong to a file, nearest first, relative to its folder: `<stem>.nfo`, `movie.nfo`, and
    `tvshow.nfo` in the folder or in a parent. `folders` are the folders from the library's root to the file."""
    stem = split_suffix(file_name)[0]
    ups = [up for up in ("", "../", "../../") if up.count("../") <= max(len(folders) - 1, 0)]
    return tuple(dict.fromkeys([f"{stem}.nfo", "movie.nfo", *(f"{up}tvshow.nfo" for up in ups)]))


_ROOTS = {"movie": NfoKind.MOVIE, "video": NfoKind.MOVIE, "tvshow": NfoKind.SERIES, "episodedetails": NfoKind.EPISODE}


def read_nfo(data: bytes) -> NfoFacts | None:
    """Reads an NFO file's bytes; None where they say nothing. Never raises: what is no well-formed or no harmless XML is
    searched for addresses and ids as text."""
    text = clean(_decoded(data[:LARGEST_NFO]).replace("\r", "\n").replace("\n", " "))
    roots = _roots(text)
    return _facts(roots) if roots else _ids_in_text(text)


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _roots(text: str) -> list[Element]:
    """The top elements that Kodi knows. A file of several episodes has several, and an address may follow the last."""
    start, end = text.find("<"), text.rfind(">")
    if start < 0 or end < start:
        return []
    body = re.sub(r"<\?xml[^>]*\?>", " ", text[start : end + 1])
    if re.search(r"<!\s*(?:DOCTYPE|ENTITY)", body, re.IGNORECASE):
        return []
    try:
        top = fromstring(f"<nfo>{body}</nfo>")
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        return []
    return [element for element in top if element.tag in _ROOTS]


def _facts(roots: list[Element]) -> NfoFacts | None:
    first = roots[0]
    kind = _ROOTS[str(first.tag)]
    same = [root for root in roots if _ROOTS[str(root.tag)] is kind]
    season = _number(first, "season")
    return NfoFacts(
        kind=kind,
        ids=_ids(first, kind),
        title=_text(first, "title"),
        original_title=_text(first, "originaltitle"),
        show_title=_text(first, "showtitle"),
        year=_year(first),
        season=season,
        episodes=tuple(
            sorted(
                {
                    number
                    for root in same
                    if (number := _number(root, "episode")) is not None and _number(root, "season") == season
                }
            )
        )
        if kind is NfoKind.EPISODE
        else (),
    )


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
    found = [((child.get("type") or "").lower(), child.text) for child in element.findall("uniqueid")]
    found += [(_ID_TAGS[str(child.tag).lower()], child.text) for child in element if str(child.tag).lower() in _ID_TAGS]
    old = _text(element, "id")  # before Kodi 17: IMDb's for films, TVDB's for series
    found.append(("imdb" if (old or "").startswith("tt") else "tvdb" if kind is NfoKind.SERIES else "", old))
    ids: dict[str, str] = {}
    for provider, value in found:
        if provider in _ID_FORMS and (match := _ID_FORMS[provider].fullmatch((value or "").strip())):
            ids.setdefault(provider, match[1])
    return ids


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

"""A record as an NFO file: Kodi's XML with our record in an element of its own, which other programs pass over.

A digest of the whole tells a file that is as we wrote it from one that somebody edited: that is the person's from then on.

    <movie>
      <title>The Matrix</title> <year>1999</year> <uniqueid type="tmdb" default="true">603</uniqueid> ...
      <mediastead digest="9f2c...">{"v":1,"file":"The Matrix.mkv",...}</mediastead>
    </movie>
"""

import hashlib
import re
from datetime import date
from xml.sax.saxutils import escape, unescape

from msgspec import Struct

from ..catalog.types import ItemType
from ..files.types import RecordForm, Role
from ..parsing.text import clean, split_suffix
from .record import LARGEST_IN_NFO, Record, decoded, encoded

LARGEST = 128 * 1024
"""Bytes of an NFO of ours at most; a larger one is somebody else's."""

_MARK = re.compile(rb'<mediastead digest="([0-9a-f]{32})">([^<]{2,60000})</mediastead>')
_NO_DIGEST = b"0" * 32


class EpisodeTold(Struct, frozen=True, kw_only=True):
    season: int
    number: int
    title: str | None
    aired: date | None


class ItemTold(Struct, frozen=True, kw_only=True):
    """What other programs are told of the title."""

    title: str
    original_title: str | None
    year: int | None
    ids: dict[str, str]
    """At `imdb`, `tvdb`; TMDB's is in the record."""
    episodes: tuple[EpisodeTold, ...] = ()


_TITLED = (Role.FEATURE, Role.EPISODE)


def nfo_name(media_name: bytes) -> bytes:
    """The NFO of a media file: its name without the suffix. Of a disc folder the folder's name, beside it."""
    name = media_name.decode("utf-8", "surrogateescape")
    return (split_suffix(name)[0] + ".nfo").encode("utf-8", "surrogateescape")


def written(record: Record, item: ItemTold | None) -> bytes:
    """The whole file. `item` is None for a dismissed file."""
    mark = f'<mediastead digest="{_NO_DIGEST.decode()}">{escape(encoded(record, LARGEST_IN_NFO).decode())}</mediastead>'
    lines = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', f"<!-- {_NOTE} -->"]
    said = record.said
    if item is None or said.role not in _TITLED or (said.type is ItemType.SERIES and not item.episodes):
        # Programs would take an extra for the title itself if its NFO had the form of one.
        lines.append(mark)
    elif said.type is ItemType.MOVIE:
        lines += ["<movie>", *_title(item), *_ids(record, item), f"  {mark}", "</movie>"]
    else:
        for each in item.episodes:
            lines += ["<episodedetails>", *_element("title", each.title), *_element("showtitle", item.title)]
            lines += [f"  <season>{each.season}</season>", f"  <episode>{each.number}</episode>"]
            lines += _element("aired", each.aired.isoformat() if each.aired else None)
            lines += [f"  {mark}"] if each is item.episodes[0] else []
            lines.append("</episodedetails>")
    content = ("\n".join(lines) + "\n").encode()
    return content.replace(_NO_DIGEST, _digest(content), 1)


def record_in(content: bytes) -> Record | None:
    """Our record in a file that is as we wrote it; None where it is somebody else's or was edited, or cannot be read."""
    mark = _mark_of(content)
    return decoded(unescape(mark[2].decode()).encode(), RecordForm.NFO) if mark else None


def is_ours(content: bytes) -> bool:
    """Whether the file is as Mediastead, this version or another, wrote it."""
    return _mark_of(content) is not None


def _mark_of(content: bytes) -> re.Match[bytes] | None:
    mark = _MARK.search(content)
    if mark is None or len(content) > LARGEST:
        return None
    plain = content[: mark.start(1)] + _NO_DIGEST + content[mark.end(1) :]
    return mark if _digest(plain) == mark[1] else None


_NOTE = (
    "Written by Mediastead, to know again what this file is. If you change anything here, the file is yours and is not written "
    "again."
)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).hexdigest().encode()


def _title(item: ItemTold) -> list[str]:
    year = str(item.year) if item.year else None
    return [
        *_element("title", item.title),
        *_element("originaltitle", item.original_title),
        *_element("year", year),
    ]


def _ids(record: Record, item: ItemTold) -> list[str]:
    own = {"tmdb": str(record.said.tmdb_id)} if record.said.tmdb_id else {}
    ids = own | {name: value for name, value in item.ids.items() if name in ("imdb", "tvdb")}
    return [
        f'  <uniqueid type="{name}"{" default=" + chr(34) + "true" + chr(34) if index == 0 else ""}>'
        f"{escape(clean(value))}</uniqueid>"
        for index, (name, value) in enumerate(ids.items())
    ]


_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _element(name: str, text: str | None) -> list[str]:
    plain = _NO_XML.sub("", clean(text or "")).strip()
    return [f"  <{name}>{escape(plain)}</{name}>"] if plain else []

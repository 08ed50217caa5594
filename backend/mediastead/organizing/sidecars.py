"""Which files lie beside a media file because of it: subtitles, NFO files and pictures that begin with its name.

Sources: https://support.plex.tv/articles/200471133-adding-local-subtitles-to-your-media/ (`Film.en.forced.srt`),
https://jellyfin.org/docs/general/server/media/external-files, https://kodi.wiki/view/Artwork_types (`Film-poster.jpg`)
"""

from collections.abc import Collection, Iterable

from ..scanning.rules import is_disc_folder, is_video

PICTURES = (
    b"-poster",
    b"-fanart",
    b"-thumb",
    b"-banner",
    b"-clearart",
    b"-clearlogo",
    b"-landscape",
    b"-backdrop",
    b"-logo",
    b"-discart",
    b"-keyart",
)
"""What stands between the name of the media file and the suffix, without a dot before it."""

_OF_FOLDER = frozenset(
    b"""movie folder poster cover default fanart backdrop background art banner clearart clearlogo logo landscape thumb disc
    discart keyart characterart theme""".split()
)
_OF_SERIES = frozenset(b"tvshow show series".split())
_SUFFIXES = frozenset(b"nfo jpg jpeg png webp tbn gif mp3 flac ogg m4a".split())


def stem_of(name: bytes) -> bytes:
    """The name of a media file without its suffix; of a disc folder all of it."""
    return name if is_disc_folder(name) else name.rpartition(b".")[0]


def suffix_of(name: bytes) -> bytes:
    """`.mkv`, in small letters; empty for a disc folder."""
    return b"" if is_disc_folder(name) else b"." + name.rpartition(b".")[2].lower()


def is_media(name: bytes) -> bool:
    return is_video(name) or is_disc_folder(name)


def sidecars_by_stem(names: Iterable[bytes], stems: Collection[bytes]) -> dict[bytes, list[bytes]]:
    """Of the files `names` in a folder, those that belong to each of the `stems` of its media files, those included that
    are missing: `Film.Extended.srt` never goes with `Film`, also while `Film.Extended.mkv` is away. The longest stem wins."""
    found: dict[bytes, list[bytes]] = {}
    for name in sorted(names):
        if is_media(name) or name.startswith(b"."):
            continue
        stem = _owner(name, stems)
        if stem is not None:
            found.setdefault(stem, []).append(name)
    return found


def belongs_to_folder(name: bytes) -> bool:
    """`poster.jpg`, `movie.nfo`: about whatever the folder holds."""
    return _is_named(name, _OF_FOLDER)


def belongs_to_series(name: bytes) -> bool:
    """`tvshow.nfo`, `season01-poster.jpg`: about the series that lies in the folder."""
    return _is_named(name, _OF_SERIES) or (name.lower().startswith(b"season") and _is_named(name, None))


def _is_named(name: bytes, stems: Collection[bytes] | None) -> bool:
    stem, _, suffix = name.lower().rpartition(b".")
    return suffix in _SUFFIXES and (stems is None or stem in stems)


def _owner(name: bytes, stems: Collection[bytes]) -> bytes | None:
    dot = len(name)
    longest: bytes | None = None
    while longest is None and (dot := name.rfind(b".", 1, dot)) > 0:
        if name[:dot] in stems:
            longest = name[:dot]
    base = name.rpartition(b".")[0]
    for picture in PICTURES:
        stem = base[: -len(picture)]
        if base.lower().endswith(picture) and stem in stems and len(stem) > len(longest or b""):
            longest = stem
    return longest

"""What is kept of files' contents: asked for, filtered by, and shown."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Self

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from .content_models import MediaFileProbe, MediaFileStream
from .duplicates import duplicates
from .models import MediaFile
from .schemas import StreamShown
from .types import StreamKind

RARE = 5000
"""Files with something rare in them are found by that; others are met on the way."""


class Probe(Struct, frozen=True):
    """What was read of a file's content when it had this size and time."""

    size: int
    mtime_ns: int
    duration_ms: int | None
    error: str | None
    reader: int


class ContentFilter(Struct, frozen=True, kw_only=True):
    """Which contents; everything that is given must hold."""

    resolution: str | None = None
    hdr: bool | None = None
    video_codec: str | None = None
    container: str | None = None
    longer_than: float | None = None
    """Seconds that it plays."""
    shorter_than: float | None = None
    audio_codec: str | None = None
    channels: int | None = None
    """Sound of so many channels, or of more."""
    audio_language: str | None = None
    """`pt` is `pt-br` as well."""
    subtitle_language: str | None = None
    duplicates: bool | None = None
    """True: of which another file that is there holds the same, as far as is known."""

    def if_given(self) -> Self | None:
        """None where nothing is asked for."""
        return self if any(getattr(self, name) is not None for name in self.__struct_fields__) else None


async def probes_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, Probe]:
    """What is kept of the contents of these files, by file id."""
    query = select(
        MediaFileProbe.file_id,
        MediaFileProbe.size,
        MediaFileProbe.mtime_ns,
        MediaFileProbe.duration_ms,
        MediaFileProbe.error,
        MediaFileProbe.reader,
    ).where(MediaFileProbe.file_id.in_(file_ids))
    return {row[0]: Probe(*row[1:]) for row in (await session.execute(query)).all()}


async def streams_shown(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, list[StreamShown]]:
    """The streams of files in their order; files of which none are known are left out."""
    columns = [getattr(MediaFileStream, name) for name in StreamShown.__struct_fields__]
    query = (
        select(MediaFileStream.file_id, *columns)
        .where(MediaFileStream.file_id.in_(file_ids))
        .order_by(MediaFileStream.file_id, MediaFileStream.number)
    )
    found: dict[int, list[StreamShown]] = defaultdict(list)
    for row in await session.execute(query):
        found[row[0]].append(StreamShown(*row[1:]))
    return found


async def holds(session: AsyncSession, which: ContentFilter, *, walking: bool) -> list[ColumnElement[bool]]:
    """Files whose content is so. `walking`: the files are walked in some order, so this is a test of each and no way to find
    them; that it is as well for what many files have in them."""
    conditions: list[ColumnElement[bool]] = []
    for sought, tested in zip(_sought(which), _sought(which, testing=True), strict=True):
        if not walking and await _is_rare(session, sought):
            conditions.append(MediaFile.id.in_(sought))
        else:
            conditions.append(tested.where(tested.selected_columns[0] == MediaFile.id).exists())
    if which.duplicates and walking:
        tested = duplicates()
        conditions.append(tested.where(tested.selected_columns[0] == MediaFile.id).exists())
    elif which.duplicates:
        # To count them first would be to find them all twice.
        conditions.append(MediaFile.id.in_(duplicates()))
    return conditions


async def are_many(session: AsyncSession, which: ContentFilter) -> bool:
    """Whether so many files hold that, and nothing else is asked for, that to gather some of them is no way to begin."""
    sought = _sought(which)
    return len(sought) == 1 and not which.duplicates and not await _is_rare(session, sought[0])


def _sought(which: ContentFilter, *, testing: bool = False) -> list[Select[int]]:
    """For each thing that is asked for, but for duplicates, the files that have it. `testing`: to be asked of one file."""
    probe, sought = MediaFileProbe, list[Select[int]]()
    if which.resolution is not None:
        sought.append(select(probe.file_id).where(probe.resolution == which.resolution.lower()))
    if which.video_codec is not None:
        sought.append(select(probe.file_id).where(probe.video_codec == which.video_codec.lower()))
    if which.container is not None:
        sought.append(select(probe.file_id).where(probe.container.in_(_spellings(which.container))))
    if which.longer_than is not None:
        sought.append(select(probe.file_id).where(probe.duration_ms > round(which.longer_than * 1000)))
    if which.shorter_than is not None:
        sought.append(select(probe.file_id).where(probe.duration_ms < round(which.shorter_than * 1000)))
    sound = MediaFileStream.kind == StreamKind.AUDIO
    if which.audio_codec is not None:
        sought.append(select(MediaFileStream.file_id).where(sound, MediaFileStream.codec == which.audio_codec.lower()))
    if which.channels is not None:
        sought.append(select(MediaFileStream.file_id).where(sound, MediaFileStream.channels >= which.channels))
    if which.hdr is not None:
        known = and_(probe.hdr.is_(None), probe.resolution.is_not(None))
        sought.append(select(probe.file_id).where(probe.hdr.is_not(None) if which.hdr else known))
    for kind, language in ((StreamKind.AUDIO, which.audio_language), (StreamKind.TEXT, which.subtitle_language)):
        if language is not None:
            sought.append(_speaking(kind, language.lower(), testing=testing))
    return sought


_CONTAINERS = {
    suffix: named
    for suffixes, named in (
        ("mkv mk3d", ("Matroska",)),
        ("webm", ("WebM",)),
        ("mp4 m4v mov qt 3gp 3g2 f4v", ("MPEG-4", "QuickTime")),
        ("mpg mpeg mpe m2p vob evo", ("MPEG-PS", "MPEG Video")),
        ("m1v m2v mp2v mpv", ("MPEG Video",)),
        ("ts tp trp m2t", ("MPEG-TS",)),
        ("m2ts mts", ("BDAV", "MPEG-TS")),
        ("wmv asf dvr-ms", ("Windows Media",)),
        ("flv", ("Flash Video",)),
        ("ogm ogv ogx", ("Ogg",)),
        ("rm rmvb", ("RealMedia",)),
        ("divx xvid", ("AVI",)),
        ("swf", ("ShockWave",)),
    )
    for suffix in suffixes.split()
}
"""As mediainfo calls what people know by its suffix, most of them tried with 24.12; some stand for more than one."""


def _spellings(container: str) -> list[str]:
    """The index knows only whole words, in mediainfo's letters: `Matroska`, `AVI`."""
    known = _CONTAINERS.get(container.lower(), ())
    return sorted({*known, container, container.upper(), container.title(), container.capitalize()})


def _speaking(kind: StreamKind, language: str, *, testing: bool) -> Select[int]:
    stream = MediaFileStream
    # Not as the column itself in a test: SQLite would go through all streams of the language for each file.
    is_kind = cast(stream.kind, String) == kind.value if testing else stream.kind == kind
    # "." comes after "-". One range with a test in it: for an OR of two, SQLite goes through all streams of the kind.
    here = and_(stream.language >= language, stream.language < f"{language}.")
    beneath = stream.language >= f"{language}-"
    return select(stream.file_id).where(is_kind, here, or_(stream.language == language, beneath))


async def _is_rare(session: AsyncSession, sought: Select[int]) -> bool:
    counted = select(func.count()).select_from(sought.limit(RARE + 1).subquery())
    return (await session.execute(counted)).scalar_one() <= RARE

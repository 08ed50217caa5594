"""What files contain: read where it would decide, kept with the size and time that it was read with, and not read again."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct, structs
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.content_models import MediaFileProbe, MediaFileStream
from ..files.contents import probes_of
from ..probing import VERSION, Content, Prober
from .claims import ClaimedFile

BATCH_SECONDS = 60.0
"""For all probes of a batch together: a disk that hangs does not hold up what needs no probe."""


class Probes(Struct):
    """The probes of one batch: those that are kept, and the prober for others."""

    kept: Mapping[int, Content]
    """By file id, those that still hold."""
    prober: Prober | None
    """None where this computer cannot read content."""
    until: float
    """On the event loop's clock; later ones are not begun."""

    async def look(self, file: ClaimedFile) -> Content | None:
        """Read the file; None where it is known already that it does not say, or nobody may read it now."""
        if self.prober is None or file.file_id in self.kept or asyncio.get_running_loop().time() > self.until:
            return None
        return await self.prober.probe(file.root.rstrip(b"/") + b"/" + file.path)

    def duration(self, file_id: int) -> float | None:
        """In seconds, as it is kept."""
        return in_seconds(self.kept.get(file_id))


def in_seconds(content: Content | None) -> float | None:
    return content.duration_ms / 1000 if content and content.duration_ms else None


async def probes_for(session: AsyncSession, files: Sequence[ClaimedFile], prober: Prober | None) -> Probes:
    """What is kept of `files` as they are now, and the time that a batch has for more."""
    found = await probes_of(session, [file.file_id for file in files])
    kept = {
        file.file_id: Content(duration_ms=probe.duration_ms, error=probe.error)
        for file in files
        if (probe := found.get(file.file_id)) and (probe.size, probe.mtime_ns) == (file.size, file.mtime_ns)
    }
    return Probes(kept, prober, asyncio.get_running_loop().time() + BATCH_SECONDS)


class Seen(NamedTuple):
    """A file with the size and time that it was read with."""

    file_id: int
    size: int
    mtime_ns: int


def seen(file: ClaimedFile) -> Seen:
    return Seen(file.file_id, file.size, file.mtime_ns)


async def keep_probes(session: AsyncSession, now: datetime, read: Sequence[tuple[Seen, Content]]) -> None:
    """Keep what was read, in place of what was read of these files before."""
    if not read:
        return
    ids = [file.file_id for file, _ in read]
    await session.execute(delete(MediaFileProbe).where(MediaFileProbe.file_id.in_(ids)))
    await session.execute(delete(MediaFileStream).where(MediaFileStream.file_id.in_(ids)))
    await session.execute(
        insert(MediaFileProbe),
        [
            {
                **file._asdict(),
                "duration_ms": content.duration_ms,
                "container": content.container,
                "bitrate": content.bitrate,
                "resolution": content.resolution,
                "hdr": content.hdr,
                "video_codec": content.video_codec,
                "error": content.error,
                "reader": VERSION,
                "probed_at": now,
            }
            for file, content in read
        ],
    )
    streams = [
        {"file_id": file.file_id, "number": number, **structs.asdict(stream)}
        for file, content in read
        for number, stream in enumerate(content.streams)
    ]
    if streams:
        await session.execute(insert(MediaFileStream), streams)

"""One file's content, as mediainfo reads it. Runs in a worker process: what a broken file does to it, it does there."""

import os
from typing import Any, cast

from msgspec import Struct

from ..files.types import StreamKind
from .streams import Stream, main_video, streams_of

VERSION = 1
"""Of what is read; files that were read by a lower one are read again."""

LONGEST = 100
"""Characters of what a file says of itself."""


class Content(Struct, frozen=True, kw_only=True):
    """What was read, or why nothing was. Content that cannot be read is data, not an exception."""

    duration_ms: int | None = None
    """Of the longest of its streams; None where the content does not say."""
    container: str | None = None
    """As mediainfo calls it: `Matroska`, `MPEG-4`."""
    bitrate: int | None = None
    """Bits a second, of all streams together."""
    streams: tuple[Stream, ...] = ()
    """In their order in the file."""
    error: str | None = None
    """Why it could not be read."""

    @property
    def resolution(self) -> str | None:
        """Of the picture: `2160p`."""
        video = main_video(self.streams)
        return video.resolution if video else None

    @property
    def hdr(self) -> str | None:
        video = main_video(self.streams)
        return video.hdr if video else None

    @property
    def video_codec(self) -> str | None:
        video = main_video(self.streams)
        return video.codec if video else None


def unavailable() -> str | None:
    """Why no content can be read on this computer, as a sentence with what to do; None where it can."""
    from pymediainfo import MediaInfo

    if MediaInfo.can_parse():
        return None
    return (
        "libmediainfo is not installed, so that nothing is known of what files contain, and how long one plays is no evidence: "
        "install it (`apt install libmediainfo0v5`, `brew install libmediainfo`)"
    )


def read_content(path: bytes) -> Content:
    """Reads the headers of the file `path`, and of its end where a container keeps its length there; never the whole."""
    from pymediainfo import MediaInfo

    if os.path.isdir(path):
        return Content(error="a disc's folder has no duration of its own")
    try:
        # By file object: names that are no UTF-8 do not pass through libmediainfo.
        with open(path, "rb") as file:
            info = cast(Any, MediaInfo.parse(file, parse_speed=0.0))
    except (OSError, RuntimeError, ValueError) as error:
        return Content(error=f"{type(error).__name__}: {error}"[:200])
    streams = streams_of(info.tracks)
    if not any(stream.kind in (StreamKind.VIDEO, StreamKind.AUDIO) for stream in streams):
        return Content(error="there is neither picture nor sound in it")
    timed = [track for track in info.tracks if track.track_type in ("General", "Video", "Audio")]
    longest = max((duration for track in timed if (duration := _milliseconds(track.duration))), default=None)
    general = next((track for track in info.tracks if track.track_type == "General"), None)
    container = str(general.format)[:LONGEST] if general is not None and general.format else None
    bitrate = general.overall_bit_rate if general is not None else None
    return Content(
        duration_ms=longest,
        container=container,
        bitrate=bitrate if isinstance(bitrate, int) and 0 < bitrate < 1 << 40 else None,
        streams=streams,
    )


def _milliseconds(said: object) -> int | None:
    """mediainfo gives a number, or text where a file says several."""
    try:
        duration = round(float(str(said)))
    except ValueError:
        return None
    return duration if 0 < duration < 1_000_000_000 else None

"""One file's content, as mediainfo reads it. Runs in a worker process: what a broken file does to it, it does there."""

import os
from typing import Any, cast

from msgspec import Struct


class Content(Struct, frozen=True, kw_only=True):
    """What was read, or why nothing was. Content that cannot be read is data, not an exception."""

    duration_ms: int | None = None
    """Of the longest of its streams; None where the content does not say."""
    error: str | None = None
    """Why it could not be read."""


def unavailable() -> str | None:
    """Why no content can be read on this computer, as a sentence with what to do; None where it can."""
    from pymediainfo import MediaInfo

    if MediaInfo.can_parse():
        return None
    return (
        "libmediainfo is not installed, so that how long a file plays is no evidence: "
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
    tracks = [track for track in info.tracks if track.track_type in ("General", "Video", "Audio")]
    if not any(track.track_type in ("Video", "Audio") for track in tracks):
        return Content(error="there is neither picture nor sound in it")
    durations = [_milliseconds(track.duration) for track in tracks]
    longest = max((duration for duration in durations if duration), default=None)
    return Content(duration_ms=longest)


def _milliseconds(said: object) -> int | None:
    """mediainfo gives a number, or text where a file says several."""
    try:
        duration = round(float(str(said)))
    except ValueError:
        return None
    return duration if 0 < duration < 1_000_000_000 else None

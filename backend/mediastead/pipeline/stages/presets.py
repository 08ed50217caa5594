"""How files are to be made, as data: which tracks are kept, how picture and sound are encoded."""

import hashlib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$|^original$")]
"""`de`, `ger`, `pt-BR`; `original` is the language that the film was made in, where that is known."""


class TrackRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tracks are kept, and in which order of preference. What a file has none of is never a reason to keep nothing."""

    audio: Annotated[list[Language], Meta(max_length=20)] = []
    """The first that there is becomes the default track; empty keeps all and changes no default."""
    subtitles: Annotated[list[Language], Meta(max_length=20)] = []
    """Empty keeps all. Forced ones of a language of `audio` are kept in any case."""
    commentary: bool = True
    """Keep commentaries. They are never the default track."""
    undetermined: bool = True
    """Keep tracks of which nobody says the language."""


class VideoRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    codec: Literal["copy", "h264", "h265", "av1"]
    crf: Annotated[float, Meta(ge=0, le=63)] | None = None
    """Quality as the encoder counts it, lower is better; the encoder's usual one where neither this nor a bitrate is said."""
    bitrate_kbps: Annotated[int, Meta(ge=50, le=200_000)] | None = None
    speed: Annotated[str, Meta(pattern=r"^[a-z0-9]{1,12}$")] | None = None
    """The encoder's own preset: `slow` (h264, h265), `6` (av1)."""
    max_width: Annotated[int, Meta(ge=64, le=16_384)] | None = None
    max_height: Annotated[int, Meta(ge=64, le=16_384)] | None = None
    """Larger pictures are made smaller; none is made larger."""
    bits: Literal[8, 10] = 8
    hdr: Literal["keep", "tonemap"] = "tonemap"
    """What becomes of HDR. Only 10 bits of h265 or av1 can keep it."""
    deinterlace: bool = True
    hardware: bool = False
    """Use the host's hardware encoder where it works; the software one where not."""


class AudioRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    codec: Literal["copy", "aac", "ac3", "eac3", "opus", "flac"] = "copy"
    kbps_per_channel: Annotated[int, Meta(ge=16, le=512)] = 80
    max_channels: Annotated[int, Meta(ge=1, le=16)] | None = None
    keep: Annotated[list[str], Meta(max_length=20)] = []
    """Codecs that are copied all the same (`ac3`, `eac3`), where they have no more channels than allowed."""


class PresetBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says once. A changed preset is another one."""

    video: VideoRule
    audio: AudioRule = field(default_factory=AudioRule)
    tracks: TrackRules = field(default_factory=TrackRules)
    subtitles: bool = True
    """Keep the subtitles that `tracks` kept."""
    larger: Annotated[float, Meta(ge=0.05, le=10)] | None = None
    """A result with more than this share of its source's size is not worth it; None: as the setting says."""


def faults_of(body: PresetBody) -> str | None:
    """What is contradictory in it, as a sentence with what to do; None where nothing is."""
    video = body.video
    if video.crf is not None and video.bitrate_kbps is not None:
        return "A preset has either a quality (crf) or a bitrate; leave one of them out."
    if video.hdr == "keep" and video.codec in ("h264", "h265", "av1") and (video.bits != 10 or video.codec == "h264"):
        return "HDR needs 10 bits of h265 or av1; set video.bits to 10 and such a codec, or video.hdr to tonemap."
    if video.codec == "h264" and video.bits == 10:
        return "Hardly anything plays h264 with 10 bits; set video.bits to 8, or the codec to h265 or av1."
    if video.crf is not None and video.crf > 51 and video.codec in ("h264", "h265"):
        return "The quality (crf) of h264 and h265 goes from 0 to 51; 18 to 28 is usual."
    return None


def preset_hash(body: PresetBody) -> bytes:
    """16 bytes: the same for the same content, whatever it is called."""
    # Read once more as from JSON: 0 and 0.0 are one.
    same = msgspec.json.decode(msgspec.json.encode(body), type=PresetBody)
    return hashlib.blake2b(msgspec.json.encode(same, order="sorted"), digest_size=16).digest()


BUILT_IN: dict[str, PresetBody] = {
    "copy": PresetBody(video=VideoRule(codec="copy", hdr="keep")),
    "h264": PresetBody(
        video=VideoRule(codec="h264", crf=20, speed="medium", max_width=1920, max_height=1080),
        audio=AudioRule(codec="aac", keep=["aac", "ac3", "eac3"]),
    ),
    "h265": PresetBody(
        video=VideoRule(codec="h265", crf=22, speed="medium", bits=10, hdr="keep"),
        audio=AudioRule(codec="eac3", kbps_per_channel=96, max_channels=6, keep=["aac", "ac3", "eac3", "opus"]),
    ),
    "av1": PresetBody(
        video=VideoRule(codec="av1", crf=30, speed="6", bits=10, hdr="keep"),
        audio=AudioRule(codec="opus", kbps_per_channel=64, keep=["aac", "ac3", "eac3", "opus"]),
    ),
}
"""Presets that are there from the beginning, by name. A person's preset of the same name stands in their place."""

"""How ffmpeg is told to make what a preset says. Pure: lists of arguments, and what the result must have."""

from collections.abc import Sequence

from msgspec import Struct

from .checking import Promised
from .languages import long_code
from .measuring import Measured, Track
from .presets import AudioRule, PresetBody, VideoRule

SOFTWARE = {"h264": "libx264", "h265": "libx265", "av1": "libsvtav1"}
HARDWARE = {
    "h264": ("h264_nvenc", "h264_qsv", "h264_vaapi", "h264_videotoolbox"),
    "h265": ("hevc_nvenc", "hevc_qsv", "hevc_vaapi", "hevc_videotoolbox"),
    "av1": ("av1_nvenc", "av1_qsv", "av1_vaapi"),
}
"""In the order in which they are tried."""
USUAL_CRF = {"h264": 21.0, "h265": 23.0, "av1": 30.0}
ENCODED = {"h264": "h264", "h265": "hevc", "av1": "av1"}
"""What ffprobe calls it."""
SOUND_ENCODERS = {"aac": "aac", "ac3": "ac3", "eac3": "eac3", "opus": "libopus", "flac": "flac"}
MOST_CHANNELS = {"ac3": 6, "eac3": 6, "aac": 8, "opus": 8, "flac": 8}


class HdrFacts(Struct, frozen=True, kw_only=True):
    """Static metadata of HDR10, as x265 takes it; None where the file has none."""

    master_display: str | None = None
    max_cll: str | None = None


class Refused(Exception):
    """The preset cannot be kept for this source; the words say what to do."""


def arguments_for(
    source: bytes,
    target: bytes,
    body: PresetBody,
    tracks: Sequence[Track],
    encoder: str | None,
    hdr: HdrFacts,
    *,
    title: str = "",
) -> list[str | bytes]:
    """`tracks`: those of the source that stay. `encoder`: ffmpeg's name for it; None where the picture is copied."""
    picture = main_picture(tracks)
    arguments: list[str | bytes] = ["-v", "warning", "-nostats", "-nostdin", "-y", "-fflags", "+genpts"]
    if encoder is not None and encoder.endswith("_vaapi"):
        arguments += ["-vaapi_device", "/dev/dri/renderD128"]
    arguments += ["-i", source]
    for track in tracks:
        arguments += ["-map", f"0:{track.index}"]
    arguments += ["-map", "0:t?", "-map_chapters", "0", "-max_muxing_queue_size", "4096", "-c", "copy"]
    for place, track in enumerate(tracks):
        if track is picture and encoder is not None:
            arguments += _picture(place, track, body.video, encoder, hdr)
        elif track.kind == "audio":
            arguments += _sound(place, track, body.audio)
        elif track.codec == "mov_text":
            arguments += [f"-c:{place}", "srt"]
        if track.language is not None:
            arguments += [f"-metadata:s:{place}", f"language={long_code(track.language)}"]
        arguments += [f"-disposition:{place}", _disposition(track)]
    if title:
        arguments += ["-metadata", f"title={title}"]
    return [*arguments, "-progress", "pipe:1", "-f", "matroska", target]


def promised_by(body: PresetBody, source: Measured, tracks: Sequence[Track], loudest: list[float | None]) -> Promised:
    """What the result must have."""
    return Promised(
        seconds=source.seconds, tracks=list(tracks), hdr=promised_hdr(body.video, main_picture(tracks)), loudest=loudest
    )


def promised_hdr(video: VideoRule, picture: Track | None) -> str | None:
    """Of what an encoder makes: what Dolby Vision adds is lost. Raises `Refused` where nothing would be left of it."""
    if picture is None or picture.hdr is None:
        return None
    if video.codec == "copy":
        return picture.hdr
    if picture.base_hdr is None:
        raise Refused(
            "This picture is Dolby Vision without anything that can be shown without it, and would have wrong colours: "
            "use a preset that copies the picture."
        )
    return picture.base_hdr if video.hdr == "keep" else None


def capability_for(body: PresetBody) -> str:
    """What a host must be able to do for it. The software encoder is asked for also where hardware may be used: it is what is
    fallen back upon."""
    return "transcode" if body.video.codec == "copy" else f"transcode:{SOFTWARE[body.video.codec]}"


def main_picture(tracks: Sequence[Track]) -> Track | None:
    videos = [track for track in tracks if track.kind == "video" and not track.cover]
    return max(videos, key=lambda track: (track.width or 0) * (track.height or 0), default=None)


def copies_sound(track: Track, rule: AudioRule) -> bool:
    fits = rule.max_channels is None or (track.channels or 0) <= rule.max_channels
    return fits and (rule.codec == "copy" or track.codec in rule.keep or track.codec == rule.codec)


def channels_of(track: Track, rule: AudioRule) -> int:
    """Of the result."""
    most = min(rule.max_channels or 16, MOST_CHANNELS.get(rule.codec, 16))
    return max(1, min(track.channels or 2, most))


def scaled(width: int, height: int, video: VideoRule) -> tuple[int, int] | None:
    """The size that a picture is made, in even numbers; None where it is small enough."""
    shrink = max(width / (video.max_width or width), height / (video.max_height or height))
    if shrink <= 1:
        return None
    return max(2, round(width / shrink / 2) * 2), max(2, round(height / shrink / 2) * 2)


def _picture(place: int, track: Track, video: VideoRule, encoder: str, hdr: HdrFacts) -> list[str | bytes]:
    filters = _filters(track, video, encoder)
    arguments: list[str | bytes] = [f"-filter:{place}", ",".join(filters)] if filters else []
    arguments += [f"-c:{place}", encoder, *_quality(place, video, encoder)]
    kept = promised_hdr(video, track)
    transfer = {"HDR10": "smpte2084", "HLG": "arib-std-b67"}.get(kept or "")
    if transfer:
        arguments += [f"-color_primaries:{place}", "bt2020", f"-color_trc:{place}", transfer]
        arguments += [f"-colorspace:{place}", "bt2020nc"]
    elif track.hdr is not None:
        arguments += [
            f"-color_primaries:{place}",
            "bt709",
            f"-color_trc:{place}",
            "bt709",
            f"-colorspace:{place}",
            "bt709",
        ]
    if encoder == "libx265":
        arguments += [f"-x265-params:{place}", ":".join(_x265(kept, transfer, hdr))]
    return arguments


def _x265(kept: str | None, transfer: str | None, hdr: HdrFacts) -> list[str]:
    said = ["log-level=warning"]
    if transfer:
        said += ["repeat-headers=1", "colorprim=bt2020", f"transfer={transfer}", "colormatrix=bt2020nc"]
    if kept == "HDR10":
        said.append("hdr10=1")
        said += [f"master-display={hdr.master_display}"] if hdr.master_display else []
        said += [f"max-cll={hdr.max_cll}"] if hdr.max_cll else []
    return said


def _filters(track: Track, video: VideoRule, encoder: str) -> list[str]:
    filters: list[str] = []
    if video.deinterlace and track.interlaced:
        filters.append("bwdif=mode=send_frame:deint=interlaced")
    size = scaled(track.width or 0, track.height or 0, video) if track.width and track.height else None
    if size is not None:
        filters.append(f"scale={size[0]}:{size[1]}")
    if track.hdr is not None and video.hdr == "tonemap":
        # To linear light and back: https://trac.ffmpeg.org/wiki/colorspace; zscale is in ffmpeg where zimg is.
        filters += ["zscale=t=linear:npl=100", "format=gbrpf32le", "zscale=p=bt709", "tonemap=hable:desat=0"]
        filters.append("zscale=t=bt709:m=bt709:r=tv")
    if encoder.endswith("_vaapi"):
        return [*filters, "format=p010" if video.bits == 10 else "format=nv12", "hwupload"]
    ten = "p010le" if encoder.endswith(("_nvenc", "_qsv", "_videotoolbox")) else "yuv420p10le"
    return [*filters, f"format={ten if video.bits == 10 else 'yuv420p'}"]


def _quality(place: int, video: VideoRule, encoder: str) -> list[str]:
    software = encoder.startswith("lib")
    said = [f"-preset:{place}", video.speed] if video.speed and software else []
    if video.bitrate_kbps is not None:
        return [*said, f"-b:{place}", f"{video.bitrate_kbps}k"]
    quality = f"{USUAL_CRF[video.codec] if video.crf is None else video.crf:g}"
    if software:
        return [*said, f"-crf:{place}", quality]
    if encoder.endswith("_nvenc"):
        return [f"-rc:{place}", "vbr", f"-cq:{place}", quality, f"-b:{place}", "0"]
    if encoder.endswith("_qsv"):
        return [f"-global_quality:{place}", quality]
    if encoder.endswith("_vaapi"):
        return [f"-rc_mode:{place}", "CQP", f"-qp:{place}", quality]
    # VideoToolbox counts from 1 (worst) to 100.
    return [f"-q:{place}", f"{max(1, min(100, round(100 - float(quality) * 1.8)))}"]


def _sound(place: int, track: Track, rule: AudioRule) -> list[str]:
    if copies_sound(track, rule):
        return []
    # "copy" with too many channels: something must be encoded, and this plays everywhere.
    codec = "ac3" if rule.codec == "copy" else rule.codec
    channels = channels_of(track, rule)
    said = [f"-c:{place}", SOUND_ENCODERS[codec], f"-ac:{place}", str(channels)]
    if codec == "opus" and channels > 2:
        said += [f"-mapping_family:{place}", "1"]
    return said if codec == "flac" else [*said, f"-b:{place}", f"{rule.kbps_per_channel * channels}k"]


def _disposition(track: Track) -> str:
    flags = (
        ("default", track.default),
        ("forced", track.forced),
        ("comment", track.commentary),
        ("attached_pic", track.cover),
    )
    return "+".join(name for name, is_so in flags if is_so) or "0"

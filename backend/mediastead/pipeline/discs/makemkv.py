"""What `makemkvcon -r info` says of a disc: one message a line.

    MSG:code,flags,count,"message","format",...     CINFO:id,code,"value"
    DRV:index,visible,enabled,flags,"drive","disc","device"    TINFO:title,id,code,"value"
    TCOUNT:titles                                   SINFO:title,stream,id,code,"value"

Sources: https://www.makemkv.com/developers/usage.txt, and `makemkvgui/inc/lgpl/apdefs.h` of makemkv-oss for the attribute ids,
the codes of what a thing is, and the flags of streams.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct

from .facts import LONGEST, MOST_TITLES, MOST_TRACKS, Audio, DiscFacts, Reader, Subtitle, TitleFacts, Video
from .languages import language
from .models import DiscKind

# Attributes (ap_ia...)
TYPE, NAME, LANGUAGE, CODEC_ID, CODEC_SHORT = 1, 2, 3, 5, 6
CHAPTERS, DURATION, BYTES, CHANNELS, ANGLES, SOURCE = 8, 9, 11, 14, 15, 16
SIZE, RATE, FLAGS, SEGMENTS, FILE, VOLUME = 19, 21, 22, 26, 27, 32
# What a thing is: by the number of its text, which is in the language of the installation (APP_... and APP_TTREE_...)
DVD, BLURAY = 6206, 6209
VIDEO, AUDIO, SUBTITLES = 6201, 6202, 6203
# Flags of a stream (AP_AVStreamFlag_...)
COMMENTS, OTHER_COMMENTS, DERIVED, FORCED = 1, 2, 2048, 4096

EXPIRED = frozenset({5021, 5055})
"""Messages: this version is too old to be used, or the evaluation is over. Both go away with a new version or a key."""
FAILED_TO_OPEN = 5010

_CODECS = {
    "A_AC3": "ac3",
    "A_EAC3": "eac3",
    "A_DTS": "dts",
    "A_TRUEHD": "truehd",
    "A_MLP": "truehd",
    "A_LPCM": "lpcm",
    "A_PCM/INT/LIT": "lpcm",
    "A_MP2": "mp2",
    "A_MPEG/L2": "mp2",
    "V_MPEG2": "mpeg2",
    "V_MPEG4/ISO/AVC": "h264",
    "V_MPEGH/ISO/HEVC": "hevc",
    "V_MS/VFW/FOURCC": "vc1",
    "S_VOBSUB": "vobsub",
    "S_HDMV/PGS": "pgs",
}


class Drive(Struct, frozen=True):
    """A drive that MakeMKV sees."""

    index: int
    name: str
    disc: str
    """The label of what is in it; empty without a disc."""
    device: str


class Said(Struct, frozen=True, kw_only=True):
    """All that one call said."""

    facts: DiscFacts | None
    """None where it said nothing of a disc."""
    drives: tuple[Drive, ...] = ()
    messages: tuple[tuple[int, str], ...] = ()
    """(code, words)"""

    @property
    def expired(self) -> str | None:
        """Its words, where it no longer works without a new version or a key."""
        return next((words for code, words in self.messages if code in EXPIRED), None)

    @property
    def complaint(self) -> str | None:
        """The last thing that it said was wrong: what it says after the cause is that the disc could not be opened."""
        said = [words for code, words in self.messages if code >= 2000 and code != FAILED_TO_OPEN]
        return said[-1] if said else next((words for code, words in self.messages if code == FAILED_TO_OPEN), None)


def said_of(lines: Iterable[str]) -> Said:
    """Lines that are none of these are left out: programs that it starts write between them."""
    disc: dict[int, tuple[int, str]] = {}
    titles: dict[int, dict[int, tuple[int, str]]] = defaultdict(dict)
    streams: dict[tuple[int, int], dict[int, tuple[int, str]]] = defaultdict(dict)
    drives: list[Drive] = []
    messages: list[tuple[int, str]] = []
    for line in lines:
        kind, _, rest = line.strip().partition(":")
        if kind not in ("MSG", "DRV", "CINFO", "TINFO", "SINFO"):
            continue
        values = _values(rest)
        try:
            match kind:
                case "MSG":
                    messages.append((int(values[0]), values[3]))
                case "DRV":
                    if values[6]:
                        drives.append(Drive(int(values[0]), values[4], values[5], values[6]))
                case "CINFO":
                    disc[int(values[0])] = int(values[1]), values[2]
                case "TINFO":
                    titles[int(values[0])][int(values[1])] = int(values[2]), values[3]
                case _:
                    streams[int(values[0]), int(values[1])][int(values[2])] = int(values[3]), values[4]
        except (ValueError, IndexError):
            continue
    by_title: dict[int, list[dict[int, tuple[int, str]]]] = defaultdict(list)
    for (title, _), attributes in sorted(streams.items()):
        by_title[title].append(attributes)
    facts = None
    if disc or titles:
        shown = [_title(number, titles[number], by_title[number]) for number in sorted(titles)[:MOST_TITLES]]
        facts = DiscFacts(
            kind=_kind(disc, shown),
            reader=Reader.MAKEMKV,
            label=_text(disc, VOLUME) or _text(disc, NAME),
            name=_text(disc, NAME),
            titles=tuple(shown),
        )
    return Said(facts=facts, drives=tuple(drives), messages=tuple(messages))


def _kind(disc: dict[int, tuple[int, str]], titles: list[TitleFacts]) -> DiscKind:
    code, words = disc.get(TYPE, (0, ""))
    if code in (DVD, BLURAY):
        return DiscKind.DVD if code == DVD else DiscKind.BLURAY
    blu = "blu" in words.lower() or any((each.source or "").endswith((".mpls", ".m2ts")) for each in titles)
    return DiscKind.BLURAY if blu else DiscKind.DVD


def _title(number: int, said: dict[int, tuple[int, str]], streams: list[dict[int, tuple[int, str]]]) -> TitleFacts:
    def of_kind(kind: int, word: str) -> list[dict[int, tuple[int, str]]]:
        chosen = [each for each in streams if each.get(TYPE, (0, ""))[0] == kind or _text(each, TYPE) == word]
        # The core within a lossless track is listed as a track of its own.
        return [each for each in chosen if not _flags(each) & DERIVED][:MOST_TRACKS]

    videos = of_kind(VIDEO, "Video")
    return TitleFacts(
        number=number,
        duration=_seconds(_text(said, DURATION)),
        chapters=(0.0,) * min(_whole(_text(said, CHAPTERS)) or 0, 1_000),
        size=_whole(_text(said, BYTES)),
        video=_video(videos[0]) if videos else None,
        audio=tuple(
            Audio(
                language=language(_text(each, LANGUAGE)),
                codec=_codec(each),
                channels=_whole(_text(each, CHANNELS)),
                commentary=bool(_flags(each) & (COMMENTS | OTHER_COMMENTS)),
                name=_text(each, NAME),
            )
            for each in of_kind(AUDIO, "Audio")
        ),
        subtitles=tuple(
            Subtitle(
                language=language(_text(each, LANGUAGE)),
                codec=_codec(each),
                forced=bool(_flags(each) & FORCED),
                name=_text(each, NAME),
            )
            for each in of_kind(SUBTITLES, "Subtitles")
        ),
        segments=_segments(_text(said, SEGMENTS)),
        angles=_whole(_text(said, ANGLES)) or 1,
        name=_text(said, NAME),
        source=_text(said, SOURCE),
        file=_text(said, FILE),
    )


def _video(said: dict[int, tuple[int, str]]) -> Video:
    size = re.match(r"(\d+)x(\d+)", _text(said, SIZE) or "")
    rate = re.match(r"[\d.]+", _text(said, RATE) or "")
    words = " ".join(value for _, value in said.values())
    hdr = next((name for name in ("Dolby Vision", "HDR10") if name.lower() in words.lower()), None)
    return Video(
        codec=_codec(said),
        width=int(size[1]) if size else None,
        height=int(size[2]) if size else None,
        fps=float(rate[0]) if rate and rate[0].count(".") < 2 else None,
        hdr=hdr,
    )


def _segments(said: str | None) -> tuple[str, ...]:
    """`1-3,7` is 1, 2, 3 and 7; `(1,2),3` are angles, of which the first counts."""
    found: list[str] = []
    for part in re.sub(r"\((\d+)[^)]*\)", r"\1", said or "").split(","):
        if borders := re.fullmatch(r"\s*(\d{1,6})-(\d{1,6})\s*", part):
            found += [str(each) for each in range(int(borders[1]), min(int(borders[2]), int(borders[1]) + 999) + 1)]
        elif part.strip().isdigit():
            found.append(part.strip())
    return tuple(found[:MOST_TITLES])


def _codec(said: dict[int, tuple[int, str]]) -> str | None:
    code = _text(said, CODEC_ID) or ""
    return _CODECS.get(code) or (code.partition("_")[2] or _text(said, CODEC_SHORT) or "").lower() or None


def _flags(said: dict[int, tuple[int, str]]) -> int:
    return _whole(_text(said, FLAGS)) or 0


def _seconds(said: str | None) -> float:
    parts = (said or "").split(":")
    return float(sum(int(part) * 60**power for power, part in enumerate(reversed(parts)))) if _times(parts) else 0.0


def _times(parts: list[str]) -> bool:
    return len(parts) <= 3 and all(part.isdigit() for part in parts)


def _whole(said: str | None) -> int | None:
    return int(said) if said and said.isdigit() and len(said) < 19 else None


def _text(said: dict[int, tuple[int, str]], attribute: int) -> str | None:
    return said[attribute][1][:LONGEST].strip() or None if attribute in said else None


def _values(rest: str) -> list[str]:
    """Values parted by commas; text in quotes, in which a quote is written as backslash and quote."""
    try:
        return next(iter(csv.reader([rest], escapechar="\\", doublequote=False)))
    except (csv.Error, StopIteration):
        return []

"""What each stage is told (`stage_job.work`), as Structs: written by whoever makes the job, read by the stage."""

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from ...files.types import Role
from ...libraries.models import BringHow
from ...settings import Settings
from ..discs.facts import Reader, TitleFacts
from ..jobs.work import StageFailed
from .presets import PresetBody, TrackRules

Number = Annotated[int, Meta(ge=0, le=100_000)]


class Limits(Struct, frozen=True, kw_only=True):
    """What makes a result a failure, or not worth it."""

    shorter: float = 0.02
    """A result that is shorter than its source by more than this share is a failure."""
    larger: float = 0.95
    """A result with more than this share of its source's size is not worth it."""


def limits_of(settings: Settings) -> Limits:
    return Limits(shorter=settings.result_shorter_percent / 100, larger=settings.result_larger_percent / 100)


class RipTitle(Struct, frozen=True, kw_only=True):
    number: Number
    """As the reader counts (`disc_title.number`)."""
    name: str = ""
    """What the file is to be called, without suffix; else `title 03`."""
    duration: float | None = None
    """Seconds, as the disc says."""
    chapters: list[float] = []
    """The length of each, in seconds; 0 where nobody knows."""
    audio: list[str | None] = []
    subtitles: list[str | None] = []
    """The languages of its tracks, in the order of the disc."""
    segments: list[str] = []
    """What it plays: of a DVD `1:0-166`, titleset and sectors."""
    source: str | None = None
    """Where it lies: `VTS_01`, `00800.mpls`."""


class RipParameters(Struct, frozen=True, kw_only=True):
    """Of one disc; only the titles that are wanted."""

    kind: Literal["dvd", "bluray"]
    reader: Reader = Reader.LSDVD
    """Who counted the titles: each counts otherwise."""
    titles: Annotated[list[RipTitle], Meta(min_length=1)]
    label: str | None = None
    fingerprint: str | None = None
    """Of the disc (hex), so that no other one is ripped in its place."""
    limits: Limits = Limits()


def capability_to_rip(parameters: RipParameters) -> str:
    """What a host must be able to do for it (`hosts.capabilities`): MakeMKV's titles only MakeMKV finds again."""
    return f"rip:{parameters.kind}" + (":makemkv" if parameters.reader is Reader.MAKEMKV else "")


def rip_title(name: str, facts: TitleFacts) -> RipTitle:
    """The title of `facts` (`disc_title.facts`), whose file is to be called so."""
    return RipTitle(
        number=facts.number,
        name=name,
        duration=facts.duration,
        chapters=list(facts.chapters),
        audio=[track.language for track in facts.audio],
        subtitles=[track.language for track in facts.subtitles],
        segments=list(facts.segments),
        source=facts.source,
    )


class RemuxParameters(Struct, frozen=True, kw_only=True):
    number: Number
    """Of the title."""
    name: str = ""
    tracks: TrackRules = TrackRules()
    original_language: str | None = None
    """Of the film or series, where the world knows it."""
    limits: Limits = Limits()


class TranscodeParameters(Struct, frozen=True, kw_only=True):
    number: Number
    name: str = ""
    preset: PresetBody
    limits: Limits = Limits()


class Sound(Struct, frozen=True, kw_only=True):
    """What is known of a file that was checked: the one that is organized must still be it."""

    size: int
    fingerprint: str
    """Hexadecimal (`probing.fingerprint`)."""
    duration_seconds: float | None = None


class OrganizeParameters(Struct, frozen=True, kw_only=True):
    """Where a result goes: in place of a file of a library, or as a new one."""

    number: Number
    library_id: int | None = None
    media_item_id: int | None = None
    replaces_file_id: int | None = None
    """The media file whose content it becomes; then nothing else here counts but `checked`."""
    episode_ids: list[int] = []
    edition: str | None = None
    part: int | None = None
    role: Role | None = None
    name: str = ""
    """What an extra is to be called, without suffix; else as its file."""
    replace: bool = False
    """Whether what lies at its place in the library goes to the trash; else that is refused."""
    how: BringHow = BringHow.MOVE
    checked: Sound | None = None


P = TypeVar("P", bound=Struct)


def as_work(parameters: Struct) -> dict[str, Any]:
    """As it is kept with the job."""
    return msgspec.to_builtins(parameters)


def read(kind: type[P], work: dict[str, Any]) -> P:
    """Raises `StageFailed`, for good: what is not understood now will not be later."""
    try:
        return msgspec.convert(work, kind)
    except msgspec.ValidationError as error:
        raise StageFailed(
            f"What the job says is not understood here ({error}): let server and host run the same version of Mediastead.",
            retry=False,
        ) from None

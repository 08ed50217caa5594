"""Discs on the wire."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from ...http.paging import LARGEST_INTEGER
from .facts import TitleFacts
from .guess import Guess
from .models import DiscKind, DiscState, TitleRole

AnId = Annotated[int, Meta(ge=1, le=LARGEST_INTEGER)]
ANumber = Annotated[int, Meta(ge=1, le=1_000)]
AnEpisode = Annotated[int, Meta(ge=0, le=10_000)]


class DiscView(Struct, frozen=True, kw_only=True):
    """A disc that was seen, or that a person declared."""

    id: int
    item_id: int | None
    """The pipeline item to which it belongs."""
    number: int | None
    """Within its item; null until it is known."""
    kind: DiscKind
    state: DiscState
    host_id: int | None
    source: str | None
    """Drive, image or folder, as its host sees it; lossy."""
    inserted: bool
    """It was there when the host looked last."""
    label: str | None
    fingerprint: str | None
    """In hexadecimal digits; the same for every copy of one pressing."""
    titles: int
    guess: Guess | None
    error: str | None
    """Why it failed, and what to do."""
    seen_at: datetime | None
    created_at: datetime


class TitleView(Struct, frozen=True, kw_only=True):
    """A title of a disc: what was read of it, what it is taken for, and how far it is."""

    id: int
    number: int
    role: TitleRole | None
    """null: an episode, a film or an extra; which, is known with the item."""
    season: int | None
    episodes: list[int]
    selected: bool
    name: str | None
    """The file name that is proposed, without suffix."""
    confidence: float | None
    why: str | None
    by_hand: bool
    done: str | None
    duration: float
    """Seconds."""
    chapters: int
    size: int | None
    video: str | None
    """`h264 1920x1080`"""
    audio: list[str]
    """`en ac3 6`, `de ac3 2 commentary`"""
    subtitles: list[str]
    source: str | None


class DiscShown(Struct, frozen=True, kw_only=True):
    """A disc with its titles."""

    disc: DiscView
    titles: list[TitleView]
    notes: list[str]
    """What a person should know before the titles are ripped."""
    sure: bool
    """Nothing in it is doubtful: what is to be ripped, and what it is."""


class NewDisc(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A disc that a person declares: it need not have been seen."""

    item_id: AnId
    number: ANumber
    kind: DiscKind = DiscKind.DVD
    state: DiscState = DiscState.PENDING
    """`pending`, `ripped` or `failed`."""
    label: Annotated[str, Meta(max_length=200)] | None = None


class PathToRead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An image, a VIDEO_TS or BDMV folder, or a drive of the server that is to be read now."""

    path: Annotated[str, Meta(min_length=1, max_length=4096)]


class TitleChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says of a title; what is left out stays."""

    number: Annotated[int, Meta(ge=0, le=100_000)]
    role: TitleRole | None = None
    season: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    episodes: Annotated[list[AnEpisode], Meta(max_length=100)] | None = None
    selected: bool | None = None
    name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None

    @property
    def says_what_it_is(self) -> bool:
        return self.role is not None or self.season is not None or self.episodes is not None or self.name is not None


class FileTitle(Struct, frozen=True, kw_only=True):
    """A file of a library that is to be made anew, as a title of a disc that is none."""

    media_file_id: int
    file: bytes
    """Absolute, as the server sees it."""
    facts: TitleFacts
    role: TitleRole
    season: int | None = None
    episodes: tuple[int, ...] = ()
    name: str | None = None


class WordsOf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    words: Annotated[str, Meta(max_length=2_000)] = ""


class Preview(Struct, frozen=True, kw_only=True):
    """What the approval `disc_preview` asks about."""

    disc: dict[str, Any]
    titles: list[dict[str, Any]]
    notes: list[str]
    sure: bool

"""What stands in an item's `metadata.json` (`marking.metadata_of`), read back: a person, a script or another machine may have
written it, so that nothing of it is believed that the tables could not hold."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ..http.paging import LARGEST_INTEGER
from .approvals.models import ApprovalKind
from .discs.facts import Reader
from .discs.models import DiscKind, DiscState, DiscTitle, TitleRole
from .discs.stored import as_json, title_facts
from .items.models import ItemType
from .items.states import parted, skipped
from .jobs.models import Stage

Number = Annotated[int, Meta(ge=0, le=100_000)]
Text = Annotated[str, Meta(pattern=r"^[^\0]*$", max_length=1_000)]
Hex = Annotated[str, Meta(pattern=r"^([0-9a-f]{2})*$")]


class WrittenTitle(Struct, frozen=True, kw_only=True):
    number: Number
    facts: dict[str, Any]
    role: TitleRole | None
    season: Number | None
    episodes: list[Number]
    name: Text | None
    by_hand: bool
    done: Stage | None
    file: Hex | None
    """Absolute, as the server saw it then."""

    @property
    def told(self) -> dict[str, Any]:
        """For `DiscTitle.facts`. Raises `ValueError`."""
        return as_json(title_facts(DiscTitle(number=self.number, facts=self.facts)))


class WrittenDisc(Struct, frozen=True, kw_only=True):
    number: Number | None
    kind: DiscKind
    state: DiscState
    label: Text | None
    fingerprint: Hex | None
    facts: dict[str, Any]
    titles: list[WrittenTitle]


class Written(Struct, frozen=True, kw_only=True):
    type: ItemType
    name: Text
    year: Number | None
    season: Number | None
    edition: Text
    tmdb_id: Annotated[int, Meta(ge=0, le=LARGEST_INTEGER)] | None = None
    library: Text | None
    """Its name."""
    skips: str
    approvals: str
    ended: bool = False
    discs: list[WrittenDisc]


def read_written(metadata: dict[str, Any]) -> Written:
    """Raises `ValueError` where it is not as it was written."""
    written = msgspec.convert(metadata, Written)
    skipped(written.skips)
    for each in parted(written.approvals):
        ApprovalKind(each)
    _once([disc.number for disc in written.discs if disc.number is not None])
    for disc in written.discs:
        Reader(disc.facts.get("reader") or Reader.LSDVD)
        _once([title.number for title in disc.titles])
        for title in disc.titles:
            msgspec.json.encode(title.told)
    return written


def _once(numbers: Sequence[int]) -> None:
    if len(set(numbers)) < len(numbers):
        raise ValueError("a number is there twice")

"""How far items are, as one figure: each title weighs as much as it is long, each stage as much of it as it usually takes.

Pure. The shares are those of a DVD that is ripped from a drive and transcoded by the processor: a guess that is good enough
for a bar, and the same for all items so that bars can be compared.
"""

from collections.abc import Collection, Mapping, Sequence
from statistics import fmean

from msgspec import Struct

from ..jobs.models import Stage
from .states import STAGES, is_behind

SHARES: Mapping[Stage, float] = {Stage.RIP: 0.25, Stage.REMUX: 0.05, Stage.TRANSCODE: 0.65, Stage.ORGANIZE: 0.05}
UNKNOWN_DURATION = 2700.0
"""Seconds that a title counts where nothing says how long it is."""


class TitleSoFar(Struct, frozen=True):
    duration: float | None
    """Seconds."""
    done: Stage | None
    running: Stage | None = None
    """The stage that is at work for it now."""
    share: float = 0.0
    """How much of that is done, 0 to 1."""


def of_title(title: TitleSoFar, skips: Collection[Stage]) -> float:
    """0 to 1. A stage that is skipped counts for nothing, so that without it the others are the whole."""
    stages = [stage for stage in STAGES if stage not in skips]
    whole = sum(SHARES[stage] for stage in stages)
    behind = sum(SHARES[stage] for stage in stages if is_behind(title.done, stage))
    if title.running is not None and title.running in stages and not is_behind(title.done, title.running):
        behind += SHARES[title.running] * min(1.0, max(0.0, title.share))
    return min(1.0, behind / whole) if whole else 1.0


def of_disc(titles: Sequence[TitleSoFar], skips: Collection[Stage]) -> float:
    """0 to 1, over the titles that are to be made; 0 where none is known yet."""
    whole = sum(map(_weight, titles))
    return sum(_weight(title) * of_title(title, skips) for title in titles) / whole if whole else 0.0


def of_item(discs: Sequence[Sequence[TitleSoFar]], skips: Collection[Stage]) -> float:
    """0 to 1, over all discs of an item. A disc of which no title is known yet counts as one like the others, with nothing
    done."""
    lengths = [sum(map(_weight, titles)) for titles in discs]
    known = [length for length in lengths if length]
    if not known:
        return 0.0
    usual = fmean(known)
    whole = sum(length or usual for length in lengths)
    done = sum(length * of_disc(titles, skips) for titles, length in zip(discs, lengths, strict=True))
    return done / whole


def _weight(title: TitleSoFar) -> float:
    return title.duration if title.duration else UNKNOWN_DURATION

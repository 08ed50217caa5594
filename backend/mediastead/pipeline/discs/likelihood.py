"""How well a title fits to be an episode, two of them, or an extra: probabilities of what was read, given what it would be.

Pure. The numbers were set by hand and then measured (`bench/discs.py`); they are densities a minute, so that an exact length is
worth more than one that is only near.
"""

import math
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from statistics import median

from msgspec import Struct

from .facts import TitleFacts

PAL = 24 / 25
"""European discs play films and most series 4 % faster than they were made."""
USUAL_EPISODE = 42.0
"""Minutes, where nothing is known at all."""
LONGEST_RUN = 12
"""Episodes that one title may hold."""


class EpisodeKnown(Struct, frozen=True):
    number: int
    minutes: float | None = None
    """As the provider says; None where it does not."""
    title: str | None = None


class SeasonKnown(Struct, frozen=True, kw_only=True):
    """What is known of a season, in the order in which its episodes are counted."""

    number: int
    episodes: tuple[EpisodeKnown, ...] = ()
    """None: nobody knows how many there are."""
    usual_minutes: float | None = None
    """Of an episode of the series."""


class Looks(Struct, frozen=True):
    """How the titles of a disc that are alike look: episodes are made in one way, extras in another."""

    tracks: Hashable = None
    chapters: int | None = None


class Speed(Struct, frozen=True):
    """How much shorter than the provider says a season plays: by the speed of television, or because it counts commercials."""

    factor: float
    prior: float


def typical_minutes(durations: Sequence[float]) -> float | None:
    """The length, in minutes, that most of these (in seconds) have about; None of nothing. Of several the longest."""
    least = min(8 * 60, 0.3 * max(durations, default=0.0))
    minutes = [each / 60 for each in durations if each and each >= least]
    if not minutes:
        return None
    near = max(minutes, key=lambda one: (sum(abs(one - other) <= 0.12 * one for other in minutes), one))
    return median(other for other in minutes if abs(near - other) <= 0.12 * near)


def lengths_of(season: SeasonKnown, typical: float | None) -> list[tuple[float, bool]]:
    """(minutes, whether the provider says so) of each episode; of unknown ones what others have."""
    known = [each.minutes for each in season.episodes if each.minutes]
    usual = median(known) if known else season.usual_minutes or typical or USUAL_EPISODE
    return [(each.minutes, True) if each.minutes else (usual, False) for each in season.episodes]


def speeds_of(lengths: Sequence[tuple[float, bool]], typical: float | None) -> list[Speed]:
    """What may be; the last is taken from the discs themselves: some providers count commercials, 60 minutes for 43."""
    usual = [Speed(1.0, 0.62), Speed(PAL, 0.3)]
    if typical is None or not lengths:
        return usual
    free = typical / median(minutes for minutes, _ in lengths)
    if not 0.5 <= free <= 1.4 or any(abs(free - each.factor) < 0.02 for each in usual):
        return usual
    return [*usual, Speed(free, 0.12)]


def of_length(minutes: float, expected: float, *, known: bool) -> float:
    """Density of a length where so many minutes are expected. Providers round; recaps, logos and credits differ."""
    spread = 0.6 + 0.011 * expected if known else 1.5 + 0.08 * expected
    wide = 0.03 / expected if 0.5 * expected <= minutes <= 1.7 * expected else 1e-7
    return 0.8 * _normal(minutes - expected, spread) + 0.17 * _normal(minutes - expected, 3 * spread) + wide


def of_extra(minutes: float) -> float:
    """Density of an extra's length: most are short, making-ofs are as long as episodes."""
    if minutes < 1:
        return 0.05
    return 0.85 * _evenly_by_ratio(minutes, 1, 60) + 0.15 * _evenly_by_ratio(minutes, 15, 150) + 1e-6


def looks_of(titles: Sequence[TitleFacts]) -> Looks:
    """Of the titles that may be episodes, by the time that they play."""
    if len(titles) < 2:
        return Looks()
    tracks, chapters = Counter[Hashable](), Counter[int]()
    for title in titles:
        tracks[tracks_of(title)] += round(title.duration)
        chapters[len(title.chapters)] += round(title.duration)
    return Looks(tracks.most_common(1)[0][0], chapters.most_common(1)[0][0])


def tracks_of(title: TitleFacts) -> Hashable:
    sound = tuple(sorted((each.language or "", each.channels or 0) for each in title.audio if not each.commentary))
    texts = len({each.language for each in title.subtitles})
    return sound, texts, title.video.height if title.video else None


def of_looks(title: TitleFacts, looks: Looks) -> float:
    """How much more often an episode looks so than an extra: a factor on the odds."""
    odds = 1.0
    if looks.tracks is not None:
        odds *= 2.0 if tracks_of(title) == looks.tracks else 0.15
    if looks.chapters is not None:
        near = abs(len(title.chapters) - looks.chapters) <= 1
        odds *= 2.0 if near else 0.35
    return odds


def are_one(first: EpisodeKnown, second: EpisodeKnown) -> bool:
    """Whether two episodes are halves of one by their titles: `Serenity (1)`, `Serenity, Part 2`."""
    one, other = (_without_part(each.title) for each in (first, second))
    return one is not None and other is not None and one[0] == other[0] and other[1] == one[1] + 1


def _without_part(title: str | None) -> tuple[str, int] | None:
    found = re.fullmatch(
        r"(.+?)[\s,:\-–]*(?:\(|\bpart\s+|\bpt\.?\s*)(\d|i{1,3}|one|two|three)\)?", (title or "").lower()
    )
    if found is None:
        return None
    numbers = {"i": 1, "ii": 2, "iii": 3, "one": 1, "two": 2, "three": 3}
    return found[1].strip(), numbers.get(found[2]) or int(found[2])


def _normal(difference: float, spread: float) -> float:
    return math.exp(-0.5 * (difference / spread) ** 2) / (spread * 2.5066)


def _evenly_by_ratio(minutes: float, least: float, most: float) -> float:
    return 1 / (minutes * math.log(most / least)) if least <= minutes <= most else 0.0

"""What a disc is: its names, read as those of files are, asked about through the same matching with the lengths of its titles.

A long title and nothing like it is a film, and its length is evidence; several alike are episodes. The label gives season and
number. Nothing here is certain without a person, except what matching calls sure enough for files.
"""

import os
from collections.abc import Sequence

from msgspec import Struct

from ...catalog.types import ItemType
from ...db.text import shown
from ...matching.decide import reasoned
from ...matching.decision import Decision, Outcome
from ...matching.known import Known
from ...metadata.errors import ItemNotFound, ProviderMisbehaved
from ...metadata.provider import Provider
from ...parsing.parser import Parser
from .facts import TitleFacts
from .guess import Candidate, Guess
from .labels import read_label
from .likelihood import typical_minutes
from .models import TitleRole
from .roles import kinds_of

MANY = 5
"""Candidates that are kept."""
LIKELY = 0.1
"""From this probability on a disc is shown as what it may be; what is below is only found because something was looked for."""
EPISODES = (15, 75)
"""Minutes of what may be one of several episodes."""


class Names(Struct, frozen=True, kw_only=True):
    """What a disc is called, in the order in which it is believed."""

    name: str | None = None
    """By itself, for people."""
    label: str | None = None
    source: bytes | None = None
    """Where it lies, if that is a file or folder that somebody named."""


async def guess_disc(
    names: Names, titles: Sequence[TitleFacts], parser: Parser, provider: Provider, *, threshold: float
) -> Guess:
    """Raises `ProviderUnavailable`: nothing was found out, ask again later."""
    said = [read_label(each) for each in (names.name, names.label, _name_of(names.source)) if each]
    season = next((each.season for each in said if each.season is not None), None)
    number = next((each.number for each in said if each.number is not None), None)
    type_, looks = looks_like(titles, season)
    asked = list(dict.fromkeys(each.title for each in said if each.title))
    found: dict[tuple[ItemType, int], Candidate] = {}
    for title in asked[:3]:
        year = next((each.year for each in said if each.title == title and each.year), None)
        for wanted in (type_,) if type_ else tuple(ItemType):
            decision = await _decided(title, year, wanted, season, titles, parser, provider, threshold)
            for candidate in _candidates(decision, wanted, halved=type_ is None):
                before = found.get((candidate.type, candidate.tmdb_id))
                if before is None or before.probability < candidate.probability:
                    found[candidate.type, candidate.tmdb_id] = candidate
    candidates = sorted(found.values(), key=lambda each: -each.probability)[:MANY]
    best = candidates[0] if candidates else None
    if best and best.type is ItemType.SERIES and season is None:
        season = await _only_season(best.tmdb_id, provider)
    likely = best if best is not None and best.probability >= LIKELY else None
    sure = best is not None and best.probability >= threshold and (best.type is ItemType.MOVIE or season is not None)
    return Guess(
        type=likely.type if likely else type_,
        title=likely.title if likely else next(iter(asked), None),
        year=likely.year if likely else next((each.year for each in said if each.year), None),
        season=season if (likely.type if likely else type_) is ItemType.SERIES else None,
        number=number,
        candidates=tuple(candidates),
        sure=sure,
        words=_words(asked, looks, likely),
        guessed=True,
    )


def looks_like(titles: Sequence[TitleFacts], season: int | None) -> tuple[ItemType | None, str]:
    """By the label's season, else by the lengths of the titles; None where they fit both."""
    if season is not None:
        return ItemType.SERIES, f"its label names season {season}"
    kinds = kinds_of(titles)
    single = [title.duration for title in titles if kinds[title.number].role is None]
    minutes = sorted((each / 60 for each in single), reverse=True)
    typical = typical_minutes(single)
    alike = [each for each in minutes if typical and abs(each - typical) <= 0.15 * typical]
    if len(alike) >= 2 and typical and EPISODES[0] <= typical <= EPISODES[1]:
        if minutes[0] > 1.6 * typical and len(alike) == 2 and minutes[0] >= 70:
            return None, f"two titles of {typical:.0f} minutes, and one of {minutes[0]:.0f}"
        return ItemType.SERIES, f"{len(alike)} titles of about {typical:.0f} minutes"
    if any(kind.role is TitleRole.PLAY_ALL for kind in kinds.values()) and len(alike) >= 2:
        return ItemType.SERIES, "a title that plays several others one after another"
    if minutes and minutes[0] >= 60 and (len(minutes) == 1 or minutes[1] <= 0.6 * minutes[0]):
        return ItemType.MOVIE, f"one title of {minutes[0]:.0f} minutes, and nothing else nearly as long"
    return None, f"{len(single)} titles, of which the lengths fit a film as well as episodes"


async def _decided(
    title: str,
    year: int | None,
    wanted: ItemType,
    season: int | None,
    titles: Sequence[TitleFacts],
    parser: Parser,
    provider: Provider,
    threshold: float,
) -> Decision:
    """What matching says of a file of that name: the film, or the season's first episode."""
    safe = title.replace("/", "-")
    folder = f"{safe} ({year})" if year else safe
    if wanted is ItemType.MOVIE:
        path, longest = f"{folder}/{folder}.mkv", max((each.duration for each in titles), default=None)
        known = Known(kind="movies", duration=longest)
    else:
        path = f"{folder}/Season {season or 1:02}/{safe} - S{season or 1:02}E01.mkv"
        known = Known(kind="series")
    parsed = (await parser.parse([path]))[0]
    return (await reasoned(parsed, provider, known, threshold)).decision


def _candidates(decision: Decision, wanted: ItemType, *, halved: bool) -> list[Candidate]:
    chosen = [decision.item] if decision.outcome is Outcome.MATCH and decision.item else list(decision.suggestions)
    return [
        Candidate(
            type=each.type,
            tmdb_id=each.tmdb_id,
            title=each.title,
            year=each.year,
            # Nobody knows which of the two it is.
            probability=round(each.probability * (0.5 if halved else 1.0), 4),
            evidence=tuple(one.detail for one in each.evidence),
        )
        for each in chosen
        if each.type is wanted
    ]


async def _only_season(tmdb_id: int, provider: Provider) -> int | None:
    """Of a series that has one, beside its specials."""
    try:
        facts = await provider.item(ItemType.SERIES, tmdb_id)
    except (ItemNotFound, ProviderMisbehaved):
        return None
    numbers = [season.number for season in facts.seasons if season.number > 0]
    return numbers[0] if len(numbers) == 1 else None


def _name_of(source: bytes | None) -> str | None:
    if source is None or source.startswith(b"/dev/"):
        return None
    folder, name = os.path.split(source.rstrip(b"/"))
    if name.upper() in (b"VIDEO_TS", b"BDMV"):
        name = os.path.basename(folder)
    return shown(name[:-4] if name.lower().endswith((b".iso", b".img")) else name)


def _words(asked: Sequence[str], looks: str, best: Candidate | None) -> str:
    if not asked:
        return f"Its label says no title; {looks}. Say what it is."
    read = " or ".join(f'"{each}"' for each in asked)
    if best is None:
        return f"It is called {read}, of which the provider knows nothing that it may well be; {looks}."
    return f"It is called {read}; {looks}."

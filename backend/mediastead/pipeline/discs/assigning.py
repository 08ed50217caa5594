"""Which episode each title of a season's discs is, and which title of a disc is the film.

Pure. What a person said, and what was ripped already, stands; the rest is laid around it (`laying.py`).
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from .facts import TitleFacts
from .laying import Titles, lay_season
from .likelihood import PAL, EpisodeKnown, SeasonKnown
from .models import TitleRole
from .roles import Kind, kinds_of
from .sequence import Outcome

UNKNOWN_COUNT = 40
"""Episodes at most, of a season of which nobody knows how many it has."""
SUREST = 0.98
"""Nothing is surer than that: of generated discs some 2 % were wrong where all pointed one way (`bench/discs.py`)."""
NO_ROOM = 0.5
"""That a title is an extra, where nothing on its disc is an episode: then there may be something wrong with the discs before."""
CUT = 0.85
"""A title that plays at least this share of the feature's time may be another cut of the film."""


class Fixed(Struct, frozen=True):
    """What a person said of a title, or what it was ripped as."""

    role: TitleRole
    episodes: tuple[int, ...] = ()
    """Numbers within the season."""


class DiscKnown(Struct, frozen=True, kw_only=True):
    titles: tuple[TitleFacts, ...]
    number: int | None = None
    """Within the season; None where nobody knows."""
    fixed: Mapping[int, Fixed] = {}
    """By the number of the title."""


class Assignment(Struct, frozen=True, kw_only=True):
    """What a title is taken for."""

    number: int
    role: TitleRole
    episodes: tuple[int, ...] = ()
    """Numbers within the season."""
    confidence: float
    """0 to 1, that role and episodes are right."""
    why: str


def assign_season(
    discs: Sequence[DiscKnown], season: SeasonKnown, *, of: int | None = None
) -> list[dict[int, Assignment]]:
    """By disc, in the order in which they are given, and by title. `of`: how many discs the season has, where that is known."""
    open_end = not season.episodes
    if open_end:
        unknown = tuple(EpisodeKnown(number) for number in range(1, UNKNOWN_COUNT + 1))
        season = SeasonKnown(number=season.number, episodes=unknown, usual_minutes=season.usual_minutes)
    kinds = [kinds_of(disc.titles) for disc in discs]
    # What a person says may contradict itself, or what can be: then it stands, and nothing is derived from it.
    for heeded in (True, False):
        titles = [_titles(disc, of_disc, season, heeded=heeded) for disc, of_disc in zip(discs, kinds, strict=True)]
        laid = lay_season(titles, season, of=of, open_end=open_end)
        if laid.evidence > -1e8:
            break
    found: list[dict[int, Assignment]] = [{} for _ in discs]
    for at in range(len(discs)):
        found[at] = {number: _by_kind(kind) for number, kind in kinds[at].items()}
        no_room = not any(laid.best[at])
        for cell, title in enumerate(titles[at].titles):
            outcome = laid.best[at][cell]
            share = laid.shares[at][cell].get(outcome, 0.0)
            if no_room:
                share = min(share, NO_ROOM)
            found[at][title.number] = _assigned(title, outcome, share, season)
        for number, fixed in discs[at].fixed.items():
            if number in found[at]:
                found[at][number] = _as_said(number, fixed)
    return found


def assign_film(titles: Sequence[TitleFacts], minutes: float | None) -> dict[int, Assignment]:
    """By title. `minutes`: how long the film plays, where that is known."""
    kinds = kinds_of(titles)
    # A title that plays all others is the film where those are its parts.
    whole = [each for each in titles if kinds[each.number].role in (None, TitleRole.PLAY_ALL)]
    found = {number: _by_kind(kind) for number, kind in kinds.items()}
    for title in whole:
        why = f"it plays {_long(title.duration)}"
        found[title.number] = Assignment(number=title.number, role=TitleRole.EXTRA, confidence=0.9, why=why)
    if not whole:
        return found
    feature = max(whole, key=lambda each: (_fits(each, minutes), each.duration))
    others = [each for each in whole if each is not feature and each.duration >= CUT * feature.duration]
    hidden = [kind for kind in kinds.values() if feature.number in kind.of and kind.confidence < 0.93]
    confidence, why = _sure_of_feature(feature, minutes, others, bool(hidden))
    found[feature.number] = Assignment(number=feature.number, role=TitleRole.FEATURE, confidence=confidence, why=why)
    for other in others:
        why = f"it is nearly as long as title {feature.number}, and may be another cut of the film"
        found[other.number] = Assignment(number=other.number, role=TitleRole.EXTRA, confidence=0.4, why=why)
    return found


def _titles(disc: DiscKnown, kinds: Mapping[int, Kind], season: SeasonKnown, *, heeded: bool) -> Titles:
    """The titles that may be episodes, in the order in which they probably are."""
    place_of = {each.number: place for place, each in enumerate(season.episodes)}
    fixed = {
        number: tuple(sorted(place_of[each] for each in said.episodes if each in place_of))
        for number, said in disc.fixed.items()
        if said.role in (TitleRole.EPISODE, TitleRole.PLAY_ALL)
    }
    fixed = {number: places for number, places in fixed.items() if _in_a_row(places)} if heeded else {}
    chosen = [
        number for number, kind in kinds.items() if number in fixed or (number not in disc.fixed and not kind.role)
    ]
    # A play-all plays them in their order; so do those of which a person says what they are.
    ordered = max(
        (kind for kind in kinds.values() if kind.role is TitleRole.PLAY_ALL),
        key=lambda kind: len(kind.of),
        default=None,
    )
    inside = [number for number in ordered.of if number in chosen] if ordered else []
    _put_in_order(chosen, inside)
    _put_in_order(chosen, sorted(fixed, key=lambda number: fixed[number]))
    by_number = {title.number: title for title in disc.titles}
    return Titles(
        number=disc.number,
        titles=[by_number[number] for number in chosen],
        inside=frozenset(inside),
        in_order=len(inside) >= 2,
        fixed=fixed,
        copied_at=_copied_at(chosen, kinds, disc.fixed),
    )


def _copied_at(chosen: Sequence[int], kinds: Mapping[int, Kind], fixed: Mapping[int, Fixed]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number, kind in kinds.items():
        if kind.role is TitleRole.DUPLICATE and kind.of[0] in chosen and kind.of[0] not in fixed:
            at = chosen.index(kind.of[0])
            position = sum(each < number for each in chosen if each != kind.of[0])
            if position != at:
                found.append((at, position))
    return found


def _put_in_order(chosen: list[int], wanted: Sequence[int]) -> None:
    """The `wanted` ones in that order, at the places that they have together."""
    slots = [at for at, number in enumerate(chosen) if number in wanted]
    for at, number in zip(slots, [each for each in wanted if each in chosen], strict=True):
        chosen[at] = number


def _in_a_row(places: tuple[int, ...]) -> bool:
    return bool(places) and places == tuple(range(places[0], places[0] + len(places)))


def _by_kind(kind: Kind) -> Assignment:
    return Assignment(
        number=kind.number, role=kind.role or TitleRole.EXTRA, confidence=round(kind.confidence, 4), why=kind.why
    )


def _as_said(number: int, fixed: Fixed) -> Assignment:
    return Assignment(
        number=number,
        role=fixed.role,
        episodes=fixed.episodes,
        confidence=1.0,
        why="a person said so, or it was ripped so",
    )


def _long(seconds: float) -> str:
    """`44 minutes`, and of what is no minute or two `20 seconds`."""
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"


def _assigned(title: TitleFacts, outcome: Outcome, share: float, season: SeasonKnown) -> Assignment:
    plays = f"it plays {_long(title.duration)}"
    confidence = round(min(share, SUREST), 4)
    if not outcome:
        why = f"{plays}, and no episode fits better"
        return Assignment(number=title.number, role=TitleRole.EXTRA, confidence=confidence, why=why)
    episodes = [season.episodes[place] for place in outcome]
    said = [each.minutes for each in episodes]
    numbers = tuple(each.number for each in episodes)
    why = plays
    if all(said):
        why += f", and the provider says {sum(each or 0 for each in said):.0f}"
    if len(numbers) > 2:
        begins = _beginnings(title, len(numbers))
        split = f"; they seem to begin with the chapters {', '.join(map(str, begins))}" if begins else ""
        why += f". {len(numbers)} episodes are in one title, and stay one file unless it is split by hand{split}"
        return Assignment(
            number=title.number, role=TitleRole.PLAY_ALL, episodes=numbers, confidence=confidence, why=why
        )
    return Assignment(number=title.number, role=TitleRole.EPISODE, episodes=numbers, confidence=confidence, why=why)


def _beginnings(title: TitleFacts, count: int) -> list[int]:
    """The chapters with which the episodes of a long title begin, where the chapters part it so."""
    if not any(title.chapters):
        chapters = len(title.chapters)
        return [1 + at * chapters // count for at in range(count)] if chapters and chapters % count == 0 else []
    starts = [sum(title.chapters[:at]) for at in range(len(title.chapters))]
    each = title.duration / count
    found = [min(range(len(starts)), key=lambda at: abs(starts[at] - part * each)) for part in range(count)]
    near = all(abs(starts[at] - part * each) < 0.12 * each for part, at in enumerate(found))
    return [at + 1 for at in found] if near and len(set(found)) == count else []


def _fits(title: TitleFacts, minutes: float | None) -> int:
    """2: as long as the film; 1: nearly."""
    if not minutes:
        return 0
    plays = title.duration / 60
    away = min(abs(plays - minutes), abs(plays / PAL - minutes))
    return 2 if away <= max(2.5, 0.02 * minutes) else 1 if away <= 0.12 * minutes else 0


def _sure_of_feature(
    feature: TitleFacts, minutes: float | None, others: Sequence[TitleFacts], hidden: bool
) -> tuple[float, str]:
    plays = f"it plays {feature.duration / 60:.0f} minutes"
    if hidden:
        return 0.5, f"{plays}, but other titles play the same clips in another order, and only one of them is right"
    if minutes and _fits(feature, minutes) == 2:
        rivals = [each for each in others if _fits(each, minutes) == 2]
        return (0.6 if rivals else 0.97), f"{plays}, and the provider says {minutes:.0f}"
    if minutes and not _fits(feature, minutes):
        return 0.3, f"{plays}, the longest of the disc, but the provider says {minutes:.0f}"
    return (0.6 if others else 0.85), f"{plays}, the longest of the disc"

"""What a person said of one number tells those of the files beside it: `13` is S02E01, so `14` is S02E02.

Only where nothing else can be meant. Numbers follow those that are said in the same way (without a season, or of the same
one), as far as the season goes; two answers that contradict each other, and a number that the series has as it is said, leave
open which is meant.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from ..metadata.facts import EpisodeFacts, ItemFacts, SeasonFacts
from .decision import EpisodeNumber
from .renumbering import Example, Said


class Followed(Struct, frozen=True):
    """What follows for a number: an episode, which the series may lack; or that it is open which is meant."""

    place: EpisodeNumber | None
    """None: open."""


def learned(known: Iterable[Example], more: Iterable[Example]) -> tuple[Example, ...]:
    """`more` takes the place of what was known of the same numbers. What follows from another example is left out."""
    told = {(each.season, each.number): each for each in (*known, *more)}
    kept: list[Example] = []
    for each in sorted(told.values(), key=lambda each: (each.season is not None, each.season or 0, each.number)):
        before = kept[-1] if kept else None
        if before and _way(before) == _way(each):
            continue
        kept.append(each)
    return tuple(kept)


def follow(said: Said, facts: ItemFacts, examples: Sequence[Example]) -> Followed | None:
    """None where the examples tell nothing of the number, which then means what it would without them."""
    alike = [each for each in examples if each.season == said.season]
    if not alike:
        return None
    for each in alike:
        if each.number == said.number:
            return Followed(each.to)
    held = {EpisodeNumber(season.number, each.number) for season in facts.seasons for each in season.episodes}
    counted = counted_through(regular_seasons(facts))
    place = _through(said, alike, counted) or _shifted(said, alike)
    as_said = EpisodeNumber(said.season, said.number) if said.season is not None else None
    if place is None or (as_said in held and as_said != place):
        return Followed(None)
    if place not in held and said.season is None and all(counted.get(each.number) == each.to for each in alike):
        return None  # behind the end of the first season, from which the numbers may go on or begin anew
    return Followed(place)


def regular_seasons(facts: ItemFacts) -> list[SeasonFacts]:
    """In order, without the specials and those that have no episodes yet."""
    return sorted(
        (season for season in facts.seasons if season.number > 0 and season.episodes), key=lambda season: season.number
    )


def counted_through(regular: Sequence[SeasonFacts]) -> dict[int, EpisodeNumber]:
    """What numbers are that are counted through all regular seasons.

    Where the provider itself counts on from season to season (season 2 begins with 27) they are its own.
    """
    places = [EpisodeNumber(season.number, episode.number) for season in regular for episode in in_order(season)]
    counts_on = any(in_order(season)[0].number > 1 for season in regular[1:])
    return {at.number: at for at in places} if counts_on else dict(enumerate(places, 1))


def in_order(season: SeasonFacts) -> list[EpisodeFacts]:
    return sorted(season.episodes, key=lambda episode: episode.number)


def _through(said: Said, alike: Sequence[Example], counted: Mapping[int, EpisodeNumber]) -> EpisodeNumber | None:
    """Where all that was said is as counted through all seasons, and could not be said of the first season alone."""
    first = min((at.season for at in counted.values()), default=0)
    if any(counted.get(each.number) != each.to for each in alike) or all(each.to.season == first for each in alike):
        return None
    place = counted.get(said.number)
    return place if place and said.season in (None, place.season) else None


def _shifted(said: Said, alike: Sequence[Example]) -> EpisodeNumber | None:
    """By the same difference as the closest number below it, or else above it; None where there is no telling."""
    if any(one.to.season == other.to.season and one.add != other.add for one in alike for other in alike):
        return None
    below = [each for each in alike if each.number < said.number]
    closest = max(below, key=_by_number) if below else min(alike, key=_by_number)
    number = said.number + closest.add
    return EpisodeNumber(closest.to.season, number) if number > 0 else None


def _by_number(example: Example) -> int:
    return example.number


def _way(example: Example) -> tuple[int | None, int, int]:
    """What a number beside it goes by."""
    return example.season, example.to.season, example.add

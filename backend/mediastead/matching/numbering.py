"""Which episodes of a series a name means: by season, counted through, by date, or by a bare number."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct, structs

from ..metadata.facts import ItemFacts, SeasonFacts
from ..parsing.parsed import ParsedPath
from .decision import EpisodeNumber
from .following import counted_through, follow, regular_seasons
from .renumbering import Recount, Renumbering, Said
from .said import as_written, has_numbers, names_an_episode, said_by
from .titles import Fit, compare


class Reckoning(StrEnum):
    """How the numbers in a name were turned into episodes."""

    NUMBERED = "numbered"
    """Season and number, as written."""
    COUNTED = "counted"
    """One number, counted through all seasons without specials."""
    DATED = "dated"
    """The day on which it was shown."""
    SINGLE_SEASON = "single_season"
    """A bare number, and the series has one season."""
    TITLED = "titled"
    """The name of the episode, in the season that the path says."""
    RENUMBERED = "renumbered"
    """By a person's answer, or by the order that a person chose for the series."""
    GUESSED = "guessed"
    """A bare number that could be meant in more than one way, or a day on which it was shown elsewhere."""


class Located(Struct, frozen=True):
    """The episodes that a name means in one series, or why there are none."""

    episodes: tuple[EpisodeNumber, ...] = ()
    reckoning: Reckoning | None = None
    missing: str | None = None
    """What the series lacks, as the second half of a sentence: `has 8 episodes in season 2, the name says 12`."""
    titles: tuple[str, ...] = ()
    """The titles of the episodes, where the provider has them."""
    by: str | None = None
    """For `RENUMBERED`: by whose word, in words."""
    called_so: EpisodeNumber | None = None
    """Another episode that has the very title which the name says, so that numbers and title contradict each other."""


def locate(
    parsed: ParsedPath,
    facts: ItemFacts,
    in_title: frozenset[int] = frozenset(),
    recount: Recount | None = None,
) -> Located:
    """The episodes of the series `facts` that the name means. A name without numbers is given none, and lacks none.

    `in_title` are numbers that belong to the title of this series, though they were read as an episode's. `recount` says
    what numbers are where they are counted in another way than the provider's; those of which it says nothing are taken as
    they are written.
    """
    if in_title:
        parsed = structs.replace(
            parsed,
            episodes=tuple(number for number in parsed.episodes if number not in in_title),
            absolute_episodes=tuple(number for number in parsed.absolute_episodes if number not in in_title),
        )
    if not has_numbers(parsed):
        return _by_title(parsed, facts) if names_an_episode(parsed) else Located()
    located = _recounted(parsed, facts, recount) if recount else None
    return located or _unless_called_otherwise(_as_numbered(parsed, facts), parsed.episode_title, facts)


def _unless_called_otherwise(located: Located, said: str | None, facts: ItemFacts) -> Located:
    """A guess, where none of the episodes has the title that the name says, and exactly one other has."""
    if not said or not located.titles or any(compare(said, title).fit is not Fit.OTHER for title in located.titles):
        return located
    named = [at for at, title in _titles(facts).items() if _is_called(said, title)]
    if len(named) != 1:
        return located
    return Located(located.episodes, Reckoning.GUESSED, None, located.titles, located.by, named[0])


def renumbered(parsed: ParsedPath, season: int | None, episode: int | None) -> ParsedPath:
    """As it is read where the title's last number is a season's (`Tides II - 03`) or an episode's (`Tides Part 3`); as it is
    where it says its own."""
    if season is not None and not parsed.seasons:
        episodes = parsed.episodes or parsed.absolute_episodes
        return structs.replace(parsed, seasons=(season,), episodes=episodes, absolute_episodes=())
    if episode is not None and not has_numbers(parsed):
        return structs.replace(parsed, episodes=(episode,))
    return parsed


def _recounted(parsed: ParsedPath, facts: ItemFacts, recount: Recount) -> Located | None:
    """None where the renumbering says nothing about any number of the name."""
    renumbering, titles = recount.renumbering, _titles(facts)
    told = {said: _told(said, facts, renumbering, titles) for said in said_by(parsed)}
    if not any(told.values()):
        as_said = [EpisodeNumber(said.season, said.number) for said in told if said.season is not None]
        if None not in told.values() and not any(map(renumbering.is_taken, as_said)):
            return None
        # The name counts as the provider does, where others of the series count otherwise: which one is meant is open.
        found = _as_numbered(parsed, facts)
        return structs.replace(found, reckoning=Reckoning.GUESSED) if found.episodes else found
    episodes: set[EpisodeNumber] = set()
    sure = None not in told.values()
    for said, places in told.items():
        if places:
            episodes.update(places)
            continue
        alone = _as_numbered(_saying(parsed, said), facts)
        if alone.missing:
            return alone
        episodes.update(alone.episodes)
        sure = sure and alone.reckoning is not Reckoning.GUESSED and not any(map(renumbering.is_taken, alone.episodes))
    for at in sorted(episodes):
        if at not in titles:
            return Located(
                missing=f"has no episode {at.number} in season {at.season}, which the name means {recount.by}"
            )
    found = tuple(sorted(episodes))
    reckoning = Reckoning.RENUMBERED if sure else Reckoning.GUESSED
    return Located(found, reckoning, None, tuple(title for at in found if (title := titles[at])), recount.by)


def _told(
    said: Said, facts: ItemFacts, renumbering: Renumbering, titles: Mapping[EpisodeNumber, str | None]
) -> tuple[EpisodeNumber, ...] | None:
    """What a renumbering makes of a number: nothing where it says nothing of it, None where it leaves open what is meant."""
    places = renumbering.places_of(said)
    if places and (not renumbering.examples or titles.keys() >= set(places)):
        return places
    followed = follow(said, facts, renumbering.examples)
    if followed is None:
        return places or ()
    return (followed.place,) if followed.place else places


def _saying(parsed: ParsedPath, said: Said) -> ParsedPath:
    """The name, as if it said only this one number."""
    alone = (said.number,)
    if parsed.episodes:
        seasons = () if said.season is None else (said.season,)
        return structs.replace(parsed, seasons=seasons, episodes=alone, absolute_episodes=(), air_date=None)
    return structs.replace(parsed, absolute_episodes=alone, air_date=None)


def _as_numbered(parsed: ParsedPath, facts: ItemFacts) -> Located:
    """By the provider's own numbers."""
    seasons = {season.number: season for season in facts.seasons}
    regular = regular_seasons(facts)
    ways: list[Located] = []
    if parsed.episodes and parsed.seasons:
        ways.append(_by_season(parsed, seasons))
    if parsed.air_date:
        ways.append(_by_date(parsed.air_date, facts.seasons))
    if parsed.absolute_episodes:
        ways.append(_counted(parsed.absolute_episodes, parsed.seasons, seasons, regular))
    if parsed.episodes and not parsed.seasons and not parsed.air_date:
        ways.append(_bare(parsed, regular))
    found = next((way for way in ways if way.episodes), ways[0])
    if not found.episodes:
        return found
    titles, reckoning = _titles(facts), found.reckoning
    both = parsed.episodes and parsed.absolute_episodes
    if both and reckoning is Reckoning.COUNTED and not _counts_through(parsed.path):
        reckoning = Reckoning.GUESSED  # behind `S02E05` a number may be the episode's name
    return Located(found.episodes, reckoning, None, tuple(title for at in found.episodes if (title := titles.get(at))))


def _titles(facts: ItemFacts) -> dict[EpisodeNumber, str | None]:
    """The titles of all episodes."""
    return {
        EpisodeNumber(season.number, episode.number): episode.title
        for season in facts.seasons
        for episode in season.episodes
    }


def _by_title(parsed: ParsedPath, facts: ItemFacts) -> Located:
    """The one episode of the season that is called so; nothing where none is, or several are."""
    said = parsed.episode_title or ""
    names = [said, *re.split(r"\s+[-–—]\s+", said)[1:]]
    found = {
        EpisodeNumber(season.number, episode.number): episode.title
        for season in facts.seasons
        if season.number == parsed.seasons[0]
        for episode in season.episodes
        if any(_is_called(name, episode.title) for name in names)
    }
    if len(found) != 1:
        return Located()
    return Located(tuple(found), Reckoning.TITLED, None, tuple(title for title in found.values() if title))


def _by_season(parsed: ParsedPath, seasons: dict[int, SeasonFacts]) -> Located:
    together = parsed.sources.get("seasons", "folder") == parsed.sources.get("episodes")
    wanted = [at if together else _in_hundreds(at, seasons) for at in as_written(parsed)]
    for at in wanted:
        season = seasons.get(at.season)
        if season is None or not season.episodes:
            return Located(missing=f"has no season {at.season}{_said_of_seasons(seasons)}")
        if not any(episode.number == at.number for episode in season.episodes):
            return Located(missing=f"{_count(season)}, the name says {at.number}")
    # Within a later part of a split season 01 may be the season's thirteenth.
    counted_in_part = (parsed.cour or 1) > 1
    return Located(tuple(sorted(set(wanted))), Reckoning.GUESSED if counted_in_part else Reckoning.NUMBERED)


def _in_hundreds(at: EpisodeNumber, seasons: dict[int, SeasonFacts]) -> EpisodeNumber:
    """`Season 7/704`: the fourth of season 7, unless that has so many. Not where both stand together, as in `7x704`."""
    season = seasons.get(at.season)
    held = {episode.number for episode in season.episodes} if season else set[int]()
    shorter = EpisodeNumber(at.season, at.number - 100 * at.season)
    return shorter if at.number not in held and shorter.number in held else at


def _by_date(day: date, seasons: tuple[SeasonFacts, ...]) -> Located:
    """All regular episodes of that day; else specials of that day; else those of a day before or after (time zones)."""
    by_day: dict[date, list[EpisodeNumber]] = {}
    for season in seasons:
        for episode in season.episodes:
            if episode.air_date:
                by_day.setdefault(episode.air_date, []).append(EpisodeNumber(season.number, episode.number))
    for offset, reckoning in ((0, Reckoning.DATED), (1, Reckoning.GUESSED), (-1, Reckoning.GUESSED)):
        shown = by_day.get(_shifted(day, offset), [])
        found = [at for at in shown if at.season > 0] or shown
        if found:
            return Located(tuple(sorted(found)), reckoning)
    return Located(missing=f"has no episode that was shown on {day.isoformat()}")


def _shifted(day: date, offset: int) -> date:
    """`day` moved by `offset` days, or `day` itself at the ends of the calendar."""
    try:
        return day + timedelta(days=offset)
    except OverflowError:
        return day


def _counted(
    numbers: tuple[int, ...], named: tuple[int, ...], seasons: dict[int, SeasonFacts], regular: list[SeasonFacts]
) -> Located:
    """Numbers counted through all regular seasons.

    Where the name gives a season as well, the number is that season's if counting leads elsewhere.
    """
    places = counted_through(regular)
    found = [places.get(number) for number in numbers]
    episodes = tuple(sorted({at for at in found if at is not None}))
    if named and named[0] in seasons and {at.season for at in episodes} != {named[0]}:
        held = {episode.number for episode in seasons[named[0]].episodes}
        if held.issuperset(numbers):
            return Located(tuple(EpisodeNumber(named[0], number) for number in sorted(set(numbers))), Reckoning.GUESSED)
    if None in found or not episodes:
        return Located(missing=f"has {_episodes(len(places))} in all, the name says {max(numbers)}")
    return Located(episodes, Reckoning.COUNTED)


def _counts_through(path: str) -> bool:
    """Whether whoever named the file counts through all seasons: `Show - 028`, `第5話`, or anything beneath a folder for
    anime."""
    *folders, name = path.split("/")
    return _PADDED.search(name) is not None or any(_ANIME.match(folder) for folder in folders)


_PADDED = re.compile(r"(?<!\d)0\d\d(?!\d)|第[ ._]?\d{1,4}[ ._]?[話话集回]")
_ANIME = re.compile(r"animes?\b", re.IGNORECASE)


def _bare(parsed: ParsedPath, regular: list[SeasonFacts]) -> Located:
    """A number without a season: sure where there is one season, where it can only be counted through all of them, or where
    it can only be a season and an episode in digits (`804`). Else the first season's, and only a guess."""
    if not regular:
        return Located(missing="has no episodes yet")
    first, numbers = regular[0], parsed.episodes
    counts_through = _counts_through(parsed.path)
    held = {episode.number for episode in first.episodes}
    if held.issuperset(numbers) and (len(regular) == 1 or not counts_through):
        episodes = tuple(EpisodeNumber(first.number, number) for number in sorted(set(numbers)))
        return Located(episodes, Reckoning.SINGLE_SEASON if len(regular) == 1 else Reckoning.GUESSED)
    titles = {EpisodeNumber(season.number, each.number): each.title for season in regular for each in season.episodes}
    hundreds = tuple(sorted({EpisodeNumber(number // 100, number % 100) for number in numbers}))
    in_digits = hundreds if set(hundreds) <= titles.keys() else ()
    counted = _counted(numbers, (), {}, regular) if len(regular) > 1 else Located()
    if in_digits and counted.episodes and not counts_through:
        agreeing = [way for way in (in_digits, counted.episodes) if _is_called(parsed.episode_title, titles[way[0]])]
        return Located(agreeing[0] if agreeing else in_digits, Reckoning.NUMBERED if agreeing else Reckoning.GUESSED)
    if counted.episodes:
        sure = counts_through or min(numbers) > max(len(season.episodes) for season in regular)
        return Located(counted.episodes, Reckoning.COUNTED if sure else Reckoning.GUESSED)
    if in_digits:
        return Located(in_digits, Reckoning.NUMBERED)
    return Located(missing=counted.missing or f"{_count(first)}, the name says {max(numbers)}")


def _is_called(said: str | None, title: str | None) -> bool:
    return bool(said and title and compare(said, title).fit in (Fit.EXACT, Fit.LOOSE))


def _count(season: SeasonFacts) -> str:
    return f"has {_episodes(len(season.episodes))} in season {season.number}"


def _episodes(count: int) -> str:
    return "1 episode" if count == 1 else f"{count} episodes"


def _said_of_seasons(seasons: dict[int, SeasonFacts]) -> str:
    regular = [number for number in seasons if number > 0]
    return f" (its last is {max(regular)})" if regular else ""

"""What a name says of episodes, before anything is known of the series."""

from datetime import date

from msgspec import Struct

from ..parsing.parsed import ParsedPath, TitleGuess
from .decision import EpisodeNumber
from .renumbering import Said


class SaidNumbers(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a name says of episodes, kept with a question so that an answer can go by it. Fields as in `ParsedPath`."""

    seasons: tuple[int, ...] = ()
    episodes: tuple[int, ...] = ()
    absolute_episodes: tuple[int, ...] = ()
    air_date: date | None = None
    title: str | None = None
    """The title as it was read first: a number beyond it may belong to the title (`Mob Psycho 100`)."""

    def parsed(self, path: str = "") -> ParsedPath:
        """A path that says these numbers and this title, and nothing else."""
        titles = (TitleGuess(text=self.title, source="file"),) if self.title else ()
        return ParsedPath(
            path=path,
            titles=titles,
            seasons=self.seasons,
            episodes=self.episodes,
            absolute_episodes=self.absolute_episodes,
            air_date=self.air_date,
        )

    def in_words(self) -> str:
        """`S01E02 S01E03`, `27`, `2016-05-04`; empty where the name says nothing."""
        numbers = said_by(self.parsed())
        words = [
            f"S{each.season:02}E{each.number:02}" if each.season is not None else f"{each.number}" for each in numbers
        ]
        return " ".join(words or ([self.air_date.isoformat()] if self.air_date else []))


def said_numbers(parsed: ParsedPath) -> SaidNumbers:
    return SaidNumbers(
        seasons=parsed.seasons,
        episodes=parsed.episodes,
        absolute_episodes=parsed.absolute_episodes,
        air_date=parsed.air_date,
        title=parsed.titles[0].text if parsed.titles else None,
    )


def said_by(parsed: ParsedPath) -> tuple[Said, ...]:
    """Each number of the name with the season that it is said of, in the order of the name."""
    if not parsed.episodes:
        return tuple(Said(None, number) for number in parsed.absolute_episodes)
    if not parsed.seasons:
        return tuple(Said(None, number) for number in parsed.episodes)
    return tuple(Said(at.season, at.number) for at in as_written(parsed))


def has_numbers(parsed: ParsedPath) -> bool:
    """Whether the name tells an episode, in any way."""
    return bool(parsed.episodes or parsed.absolute_episodes or parsed.air_date)


def names_an_episode(parsed: ParsedPath) -> bool:
    """Whether the name tells an episode by its name alone, within a season."""
    return bool(len(parsed.seasons) == 1 and parsed.episode_title and not has_numbers(parsed))


def as_written(parsed: ParsedPath) -> list[EpisodeNumber]:
    """Season and number. As many seasons as episodes are pairs (`S01E10 S02E01`), else all are of the first season."""
    paired = len(parsed.seasons) == len(parsed.episodes) and len(parsed.seasons) > 1
    named = parsed.seasons if paired else parsed.seasons[:1] * len(parsed.episodes)
    return [EpisodeNumber(season, number) for season, number in zip(named, parsed.episodes, strict=True)]

"""Who else reads the same in a name: the votes for what our rules read, of guessit as it is and of the second parser."""

from datetime import date

from msgspec import Struct

from .guess import Guess
from .second import Second
from .text import key

VOTERS = 2
"""guessit and the second parser."""


class Votes(Struct, frozen=True, kw_only=True):
    """For each field how many of the `VOTERS` read exactly the same. guessit's vote is what it found itself, before our rules."""

    title: int = 0
    year: int = 0
    numbers: int = 0
    type: int = 0


def votes_on(
    guess: Guess,
    *,
    title: str | None,
    year: int | None,
    seasons: tuple[int, ...],
    episodes: tuple[int, ...],
    air_date: date | None,
) -> Votes:
    """`episodes` are those of a season or counted through all: the voters do not tell them apart."""
    stock, second = _of_guessit(guess), guess.second or Second()
    numbered = bool(seasons or episodes or air_date)
    day = air_date.isoformat() if air_date else None

    def agree(voter: Second) -> bool:
        if day is not None and not episodes:
            return voter.air_date == day
        return (voter.seasons, voter.episodes) == (seasons, episodes)

    return Votes(
        title=sum(key(voter.title) == key(title or "") for voter in (stock, second)),
        year=sum(voter.year == year for voter in (stock, second)),
        numbers=sum(agree(voter) for voter in (stock, second)),
        type=sum(
            says is numbered
            for says in (guess.type == "episode", bool(second.seasons or second.episodes or second.air_date))
        ),
    )


def _of_guessit(guess: Guess) -> Second:
    """guessit's own reading in the second parser's shape."""

    def numbers(name: str) -> tuple[int, ...]:
        return tuple(sorted({span.value for span in guess.spans if span.name == name and isinstance(span.value, int)}))

    def first(name: str) -> str:
        return next((str(span.value) for span in guess.spans if span.name == name), "")

    year = first("year")
    return Second(
        title=first("title"),
        year=int(year) if year.isdecimal() else None,
        seasons=numbers("season"),
        episodes=numbers("episode") or numbers("absolute_episode"),
        air_date=first("date")[:10] or None,
    )

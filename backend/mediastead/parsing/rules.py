"""The rules that read numbers, in their order."""

from collections.abc import Callable, Iterator

from .counted import (
    counted_through,
    dated,
    half_of_one,
    number_between_dashes,
    padded_behind,
    pair,
    run_in_brackets,
)
from .lettered import (
    episode_in_words,
    in_words,
    of_the_title,
    season_and_episode,
    season_then_number,
    season_x_episode,
    seasons_only,
    split_season,
)
from .numbering import Numbering
from .worded import east_asian, episode_signs, in_front, season_listed, short_words, spelled_out, words_of_any_order

_RULES: tuple[Callable[[str], Iterator[Numbering]], ...] = (
    half_of_one,
    split_season,
    season_and_episode,
    short_words,
    season_x_episode,
    of_the_title,
    in_front,
    east_asian,
    spelled_out,
    in_words,
    words_of_any_order,
    season_listed,
    season_then_number,
    dated,
    episode_signs,
    episode_in_words,
    counted_through,
    padded_behind,
    number_between_dashes,
    pair,
    run_in_brackets,
    seasons_only,
)
"""The surest first."""


def read_numbering(name: str) -> Numbering | None:
    """What the first rule that fits says. `name` has no suffix, ids or site prefix."""
    for rule in _RULES:
        for found in rule(name):
            return found
    return None

"""The rules that read numbers, in their order."""

from collections.abc import Callable, Iterator

from .counted import (
    behind_its_bracket,
    bracket_behind_a_number,
    counted_through,
    half_of_one,
    number_between_dashes,
    padded_behind,
    pair,
    run_in_brackets,
)
from .days import dated
from .lettered import (
    all_of_them,
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
from .worded import (
    counted_word,
    east_asian,
    episode_signs,
    in_front,
    part_on_television,
    season_listed,
    short_words,
    spelled_out,
    words_of_any_order,
)

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
    all_of_them,
    in_words,
    words_of_any_order,
    season_listed,
    season_then_number,
    dated,
    episode_signs,
    episode_in_words,
    counted_word,
    part_on_television,
    behind_its_bracket,
    counted_through,
    bracket_behind_a_number,
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

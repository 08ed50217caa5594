"""The shapes of TMDB's episode groups, and how they become orders.

https://developer.themoviedb.org/reference/tv-series-episode-groups and
https://developer.themoviedb.org/reference/tv-episode-group-details.
"""

from msgspec import Struct

from .facts import OfferedOrder, Order, OrderedEpisode, OrderedPart, OrderType
from .tmdb_answers import Count

TYPES = {
    1: OrderType.ORIGINAL_AIR_DATE,
    2: OrderType.ABSOLUTE,
    3: OrderType.DVD,
    4: OrderType.DIGITAL,
    5: OrderType.STORY_ARC,
    6: OrderType.PRODUCTION,
    7: OrderType.TV,
}
"""The numbers of the documentation."""


class GroupListed(Struct):
    id: str
    type: int
    name: str | None = None
    description: str | None = None
    group_count: Count = 0
    episode_count: Count = 0


class EpisodeGroups(Struct):
    """`tv/{id}/episode_groups`."""

    results: list[GroupListed]


class EpisodeShape(Struct):
    season_number: Count
    episode_number: Count
    order: Count


class PartShape(Struct):
    order: Count
    name: str | None = None
    episodes: list[EpisodeShape] = []


class EpisodeGroup(Struct):
    """`tv/episode_group/{id}`."""

    id: str
    type: int
    name: str | None = None
    groups: list[PartShape] = []


def offered_orders(answer: EpisodeGroups) -> list[OfferedOrder]:
    """Those of which the type is documented; a number that TMDB adds later says nothing to anybody yet."""
    return [
        OfferedOrder(
            group_id=each.id,
            name=_words(each.name) or TYPES[each.type].value,
            type=TYPES[each.type],
            description=_words(each.description),
            parts=each.group_count,
            episodes=each.episode_count,
        )
        for each in answer.results
        if each.type in TYPES
    ]


def whole_order(answer: EpisodeGroup) -> Order:
    order_type = TYPES.get(answer.type, OrderType.TV)
    return Order(
        group_id=answer.id,
        name=_words(answer.name) or order_type.value,
        type=order_type,
        parts=tuple(
            OrderedPart(
                order=part.order,
                name=_words(part.name) or str(part.order),
                episodes=tuple(
                    OrderedEpisode(order=each.order, season=each.season_number, number=each.episode_number)
                    for each in sorted(part.episodes, key=lambda each: each.order)
                ),
            )
            for part in sorted(answer.groups, key=lambda part: part.order)
        ),
    )


def _words(value: str | None) -> str | None:
    return (value.replace("\0", "").strip() or None) if value else None

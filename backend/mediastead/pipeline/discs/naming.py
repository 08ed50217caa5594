"""What the files that are made of titles should be called: by the template of the library where they go."""

from collections.abc import Mapping, Sequence

from ...catalog.types import ItemType
from ...organizing.errors import InvalidTemplate
from ...organizing.naming import EpisodeFacts, Facts, Naming, Unnamed
from ...organizing.presets import preset_of
from ...organizing.safe import cut, safe_name
from .guess import Subject
from .models import TitleRole

LONGEST_EXTRA = 120
BESIDE = (TitleRole.EXTRA, TitleRole.SHORT, TitleRole.DUPLICATE, TitleRole.PLAY_ALL)
"""What is an extra in the library, where a person wants it and it holds no episode."""


def names_of(
    titles: Sequence[tuple[int, TitleRole, tuple[int, ...]]], subject: Subject, episode_titles: Mapping[int, str | None]
) -> dict[int, str]:
    """File names without suffix by title, of those that somebody may keep; `titles` as (number, role, episodes)."""
    naming = _naming(subject.naming)
    held = [(role, episodes) for _, role, episodes in titles]
    names: dict[int, str] = {}
    seen: dict[tuple[TitleRole, tuple[int, ...]], int] = {}
    for number, role, episodes in titles:
        if role is TitleRole.FEATURE or (episodes and role in (TitleRole.EPISODE, TitleRole.PLAY_ALL)):
            alike = held.count((role, episodes))
            part = seen[role, episodes] = seen.get((role, episodes), 0) + 1
            facts = Facts(
                type=subject.type,
                title=subject.title,
                year=subject.year,
                episodes=tuple(
                    EpisodeFacts(subject.season or 0, each, episode_titles.get(each))
                    for each in (episodes if subject.type is ItemType.SERIES and subject.season is not None else ())
                ),
                edition=subject.edition or None,
                part=part if alike > 1 else None,
            )
            names[number] = _stem(naming, facts)
        elif role is TitleRole.EXTRA:
            names[number] = name_of_extra(subject, number)
    return names


def name_of_extra(subject: Subject, number: int) -> str:
    """Of a title, by its number: another one than those of other discs and seasons, with which it comes to lie in one folder."""
    season = f"Season {subject.season:02} " if subject.season not in (None, 1) else ""
    disc = f"Disc {subject.disc} " if subject.disc not in (None, 1) else ""
    return f"{cut(safe_name(subject.title), LONGEST_EXTRA)} - {season}{disc}Extra {number:02}"


def _naming(template: str | None) -> Naming:
    try:
        return Naming(preset_of(template).template)
    except InvalidTemplate:  # a library's own is checked when it is set; a disc is named in any case
        return Naming(preset_of(None).template)


def _stem(naming: Naming, facts: Facts) -> str:
    try:
        return naming.stem(facts).rsplit("/", 1)[-1]
    except Unnamed:
        codes = "".join(f"E{each.number:02}" for each in facts.episodes)
        season = f" S{facts.episodes[0].season:02}{codes}" if codes else ""
        return (cut(safe_name(facts.title), LONGEST_EXTRA) or "Untitled") + season

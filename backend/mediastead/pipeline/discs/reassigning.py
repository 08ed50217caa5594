"""The titles of all discs of an item are assigned anew, around what a person said and what was ripped."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ...catalog.types import ItemType
from ...events.outbox import record
from ..jobs.models import Stage
from . import queries
from .assigning import Assignment, DiscKnown, Fixed, assign_film, assign_season
from .guess import Subject
from .likelihood import SeasonKnown
from .models import Disc, DiscKind, DiscState, DiscTitle, TitleRole
from .naming import BESIDE, name_of_extra, names_of
from .roles import kinds_of
from .stored import as_json, guess_of, title_facts

HELD = (TitleRole.FEATURE, TitleRole.EPISODE, TitleRole.PLAY_ALL)
STANDING = (DiscState.RIPPING, DiscState.RIPPED)
"""What the titles of such a disc were taken for is settled."""


async def reassign(session: AsyncSession, now: datetime, item_id: int, *, ripped_as_well: bool = False) -> None:
    """Goes by the subject that the item's discs hold. Whoever calls holds the item's lock.

    What was ripped stays what it was taken for, unless a person corrected some of it (`ripped_as_well`): then those episodes
    follow that are not in a library yet.
    """
    discs = [disc for disc in await queries.discs_of(session, item_id) if disc.kind is not DiscKind.FILES]
    subject = next((subject for disc in discs if (subject := guess_of(disc).subject)), None)
    discs = [disc for disc in discs if disc.state is not DiscState.REJECTED]
    titles = await queries.titles_of(session, [disc.id for disc in discs])
    discs = [disc for disc in discs if titles[disc.id]]
    if subject is None or not discs:
        return
    following: Collection[int] = ()
    if ripped_as_well:
        held = await queries.being_organized(session, item_id)
        following = {
            title.id for disc in discs for title in titles[disc.id] if _may_follow(title) and title.id not in held
        }
    known = [_known(disc, titles[disc.id], following) for disc in discs]
    if subject.type is ItemType.MOVIE:
        minutes = await queries.film_minutes(session, subject.media_item_id) if subject.media_item_id else None
        found = [{**assign_film(disc.titles, minutes), **_as_said(disc)} for disc in known]
        episode_titles: Mapping[int, str | None] = {}
    else:
        season = await _season(session, subject)
        episode_titles = {each.number: each.title for each in season.episodes}
        before = await _before(session, item_id, subject, discs)
        # Half a second of computing for a season of many discs; meanwhile others are served.
        found = (await asyncio.to_thread(assign_season, [*known, *before], season, of=subject.discs))[: len(known)]
        if subject.season is None:
            found = [{number: _of_no_season(each) for number, each in disc.items()} for disc in found]
    for disc, assigned in zip(discs, found, strict=True):
        await _write(session, disc, titles[disc.id], assigned, subject, episode_titles, following)
        record(session, now, "disc.assigned", disc_id=disc.id, item_id=item_id)


async def assign_alone(session: AsyncSession, disc: Disc) -> None:
    """What can be told of the titles of a disc of which nobody knows what it is."""
    titles = (await queries.titles_of(session, [disc.id]))[disc.id]
    kinds = kinds_of([title_facts(title) for title in titles])
    for title in titles:
        kind = kinds[title.number]
        if not title.by_hand:
            values = {"role": kind.role, "confidence": kind.confidence if kind.role else None}
            await session.execute(update(DiscTitle).where(DiscTitle.id == title.id).values(**values))


async def forget_names(session: AsyncSession, disc: Disc) -> None:
    """Titles of a disc that have the names that what the item was gave them: what it is now names them anew."""
    subject = guess_of(disc).subject
    if subject is None or disc.kind is DiscKind.FILES or disc.state is DiscState.REJECTED:
        return
    titles = (await queries.titles_of(session, [disc.id]))[disc.id]
    season = await _season(session, subject)
    episode_titles = {each.number: each.title for each in season.episodes}
    for title in titles:
        if title.role is None or title.name is None or title.done == Stage.ORGANIZE:
            continue
        if title.name in _by_itself(title.number, title.role, title.episodes, subject, episode_titles, len(titles)):
            await session.execute(update(DiscTitle).where(DiscTitle.id == title.id).values(name=None))


def _may_follow(title: DiscTitle) -> bool:
    return title.role is TitleRole.EPISODE and title.selected and not title.by_hand and title.done != Stage.ORGANIZE


def _known(disc: Disc, titles: Sequence[DiscTitle], following: Collection[int] = ()) -> DiscKnown:
    return DiscKnown(
        titles=tuple(title_facts(title) for title in titles),
        number=disc.number,
        fixed={
            title.number: Fixed(title.role, tuple(title.episodes))
            for title in titles
            if title.role is not None
            and title.id not in following
            and (title.by_hand or title.done is not None or disc.state in STANDING)
        },
    )


async def _before(session: AsyncSession, item_id: int, subject: Subject, discs: Sequence[Disc]) -> list[DiscKnown]:
    """Discs of the season that are in the library already: nothing of them changes, and these go on from there. None where one of
    these has the number of one of them, or is of another kind: then the season is made anew, or from another edition."""
    earlier = await queries.discs_elsewhere(session, subject.earlier, item_id) if subject.earlier else []
    numbers = {disc.number for disc in discs} - {None}
    if any(disc.number in numbers or disc.kind is not discs[0].kind for disc in earlier):
        return []
    titles = await queries.titles_of(session, [disc.id for disc in earlier])
    return [_known(disc, titles[disc.id]) for disc in earlier if titles[disc.id]]


def _as_said(disc: DiscKnown) -> dict[int, Assignment]:
    return {
        number: Assignment(number=number, role=fixed.role, confidence=1.0, why="a person said so, or it was ripped so")
        for number, fixed in disc.fixed.items()
    }


async def _season(session: AsyncSession, subject: Subject) -> SeasonKnown:
    number = subject.season if subject.season is not None else 1
    if subject.media_item_id is None or subject.season is None:
        return SeasonKnown(number=number)
    return await queries.season_known(session, subject.media_item_id, number)


def _of_no_season(assigned: Assignment) -> Assignment:
    if assigned.role is not TitleRole.EPISODE or assigned.confidence == 1.0:
        return assigned
    return structs.replace(assigned, episodes=(), confidence=0.0, why=f"{assigned.why}; say which season it is of")


async def _write(
    session: AsyncSession,
    disc: Disc,
    titles: Sequence[DiscTitle],
    assigned: Mapping[int, Assignment],
    subject: Subject,
    episode_titles: Mapping[int, str | None],
    following: Collection[int],
) -> None:
    subject = structs.replace(subject, disc=disc.number)
    names = _names(disc, titles, assigned, subject, episode_titles)
    for title in titles:
        each = assigned[title.number]
        standing = title.done is not None or disc.state in STANDING
        values: dict[str, Any] = {}
        if not standing and not title.by_hand:
            values = {
                "role": each.role,
                "season": subject.season if each.episodes else None,
                "episodes": list(each.episodes),
                "name": names.get(title.number) or _of_chosen(title, each, subject),
                "confidence": each.confidence,
            }
            values["selected"] = _is_chosen(disc, title, each)
        elif title.id in following:
            # It was ripped as an episode, and is one: a person says it where it is something else.
            values = {
                "season": subject.season if each.episodes else None,
                "episodes": list(each.episodes),
                "name": names.get(title.number) if each.episodes else None,
                "confidence": each.confidence,
            }
        elif title.done != Stage.ORGANIZE and (
            title.name is None
            or (
                not standing
                and title.name
                in _by_itself(title.number, each.role, each.episodes, subject, episode_titles, len(titles))
            )
        ):
            values = {"name": names.get(title.number) or title.name}
        if values:
            await session.execute(update(DiscTitle).where(DiscTitle.id == title.id).values(**values))
    guess = structs.replace(
        guess_of(disc), subject=subject, why={str(number): each.why for number, each in sorted(assigned.items())}
    )
    await session.execute(update(Disc).where(Disc.id == disc.id).values(guess=as_json(guess)))


def _names(
    disc: Disc,
    titles: Sequence[DiscTitle],
    assigned: Mapping[int, Assignment],
    subject: Subject,
    episode_titles: Mapping[int, str | None],
) -> dict[int, str]:
    """Parts of one film or episode are those that are chosen; one that is left out is no part of it."""
    chosen: list[tuple[int, TitleRole, tuple[int, ...]]] = []
    names: dict[int, str] = {}
    for title in sorted(titles, key=lambda title: title.number):
        each = assigned[title.number]
        held = (title.number, each.role, each.episodes)
        if _is_chosen(disc, title, each):
            chosen.append(held)
        else:
            names |= names_of([held], subject, episode_titles)
    return names | names_of(chosen, subject, episode_titles)


def _is_chosen(disc: Disc, title: DiscTitle, assigned: Assignment) -> bool:
    """What is to be ripped follows what it is, until a person says otherwise of a title that stays what it is."""
    if title.by_hand or title.done is not None or disc.state in STANDING:
        return title.selected
    if (title.role, tuple(title.episodes)) != (assigned.role, assigned.episodes) or title.confidence is None:
        return _wanted(assigned.role, assigned.episodes)
    return title.selected


def _by_itself(
    number: int,
    role: TitleRole,
    episodes: Sequence[int],
    subject: Subject,
    episode_titles: Mapping[int, str | None],
    titles: int,
) -> set[str]:
    """What it is called where no person gave it a name: alone, or as one of several parts."""
    alone = [(number, role, tuple(episodes))]
    parts = [(at, role, tuple(episodes)) for at in range(max(titles, 2))]
    subjects = (subject, structs.replace(subject, disc=None))  # its number may have been given since
    return {name for of in subjects for held in (alone, parts) for name in names_of(held, of, episode_titles).values()}


def _of_chosen(title: DiscTitle, assigned: Assignment, subject: Subject) -> str | None:
    """What is left out as a rule is an extra where a person wants it."""
    beside = assigned.role in BESIDE and not assigned.episodes
    return name_of_extra(subject, title.number) if title.selected and beside else None


def _wanted(role: TitleRole, episodes: tuple[int, ...]) -> bool:
    return role is TitleRole.FEATURE or (role in HELD and bool(episodes))

"""A person says what titles are and whether they are wanted: before the rip, and after it until they are in a library."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ...catalog.types import ItemType
from ...events.outbox import record
from ...organizing.safe import safe_name
from ..jobs.models import Stage
from . import queries
from .errors import DiscIsElsewhere, InvalidTitles, NoSuchDisc, NoSuchTitle
from .guess import Subject
from .models import Disc, DiscTitle, TitleRole
from .naming import BESIDE, name_of_extra
from .queries import AtWork
from .reassigning import STANDING, reassign
from .schemas import TitleChange
from .stored import guess_of


async def set_titles(
    session: AsyncSession, now: datetime, actor: str, disc_id: int, changes: Sequence[TitleChange]
) -> None:
    """A person says what titles are; the rest of the item's discs follows, of what was ripped all that is not organized.

    Whoever calls holds the item's lock, and has its jobs told anew. Raises `NoSuchDisc`, `NoSuchTitle`, `InvalidTitles`, and
    `DiscIsElsewhere` for a title that is in its library, or is at work so that it would not follow.
    """
    disc = await queries.disc(session, disc_id, lock=True)
    if disc is None:
        raise NoSuchDisc(disc_id)
    titles = {title.number: title for title in (await queries.titles_of(session, [disc_id]))[disc_id]}
    at_work = await queries.at_work(session, disc_id)
    subject = guess_of(disc).subject
    said = [change.number for change in changes]
    if len(set(said)) != len(said):
        raise InvalidTitles("Say each title once, with all that is to be said of it.")
    for change in changes:
        if change.number not in titles:
            raise NoSuchTitle(disc_id, change.number)
        title = titles[change.number]
        values = _said(title, change, subject)
        _may_become(disc, title, values, at_work)
        await session.execute(update(DiscTitle).where(DiscTitle.id == title.id).values(**values))
    record(session, now, "disc.changed", disc_id=disc_id, titles=len(changes), actor=actor)
    # One that is chosen, or no longer, may be a part of a film more or less.
    if disc.item_id is not None and any(change.says_what_it_is or change.selected is not None for change in changes):
        ripped = any(_was_ripped(disc, titles[change.number]) for change in changes if change.says_what_it_is)
        await reassign(session, now, disc.item_id, ripped_as_well=ripped)


def _was_ripped(disc: Disc, title: DiscTitle) -> bool:
    return title.done is not None or disc.state in STANDING


def _may_become(disc: Disc, title: DiscTitle, values: dict[str, Any], at_work: Collection[AtWork]) -> None:
    """Raises `DiscIsElsewhere` where the change would come too late."""
    chosen = bool(values.get("selected", title.selected))
    called = f"Title {title.number} of disc {disc.id}"
    if title.done == Stage.ORGANIZE:
        raise DiscIsElsewhere(
            f"{called} is in its library already: correct the file there (`mediastead files match`).", disc_id=disc.id
        )
    for job in at_work:
        of_title = job.title_id == title.id
        if of_title and job.stage is Stage.ORGANIZE:
            raise being_organized(title, job.id)
        if of_title and title.selected and not chosen:
            raise DiscIsElsewhere(
                f"{called} is at its {job.stage.value} (job {job.id}): cancel that first "
                f"(`mediastead jobs cancel {job.id}`), or wait until it has ended, and say it again.",
                disc_id=disc.id,
            )
        if job.stage is Stage.RIP and chosen and not title.selected and title.done is None:
            raise DiscIsElsewhere(
                f"Disc {disc.id} is being ripped without title {title.number} (job {job.id}): cancel that first "
                f"(`mediastead jobs cancel {job.id}`), choose the title, and start the rip again; or wait until it has "
                f"ended, and have the disc ripped again (`mediastead discs again {disc.id}`).",
                disc_id=disc.id,
            )


def being_organized(title: DiscTitle, job_id: int) -> DiscIsElsewhere:
    """That it is too late to correct a title here."""
    return DiscIsElsewhere(
        f"Title {title.number} of disc {title.disc_id} is being brought into its library (job {job_id}): correct the file there "
        f"when that has ended (`mediastead files match`), or cancel the job first (`mediastead jobs cancel {job_id}`).",
        disc_id=title.disc_id,
    )


def _said(title: DiscTitle, change: TitleChange, subject: Subject | None) -> dict[str, Any]:
    """What becomes of a title of which a person says this. Raises `InvalidTitles`."""
    _fits(title, change, subject)
    values: dict[str, Any] = {
        name: said for name in ("role", "season", "selected") if (said := getattr(change, name)) is not None
    }
    if change.name is not None:
        # As it will stand in a folder and in a list: without line ends, and nothing that leads elsewhere.
        values["name"] = safe_name(" ".join(change.name.split()))
        if not values["name"]:
            raise InvalidTitles(f"Nothing can be called {change.name!r}: give a name with letters or digits.")
    role = change.role or title.role
    if change.episodes is not None:
        if change.episodes and role not in (TitleRole.EPISODE, TitleRole.PLAY_ALL):
            role = values["role"] = TitleRole.EPISODE
        if len(set(change.episodes)) != len(change.episodes):
            raise InvalidTitles(f"Title {title.number} holds an episode once: say each number once.")
        values["episodes"] = sorted(change.episodes)
    elif change.role is not None and change.role not in (TitleRole.EPISODE, TitleRole.PLAY_ALL):
        values |= {"episodes": [], "season": None}
    if change.says_what_it_is:
        if change.name is None and (
            change.role is not None or change.episodes is not None or change.season is not None
        ):
            values["name"] = None  # named anew by what it is now
        values |= {"by_hand": True, "confidence": 1.0}
        if change.selected is None and (change.role is not None or change.episodes is not None):
            episodes = values.get("episodes", title.episodes)
            values["selected"] = role is TitleRole.FEATURE or bool(episodes) or role is TitleRole.EXTRA
    is_beside = role in BESIDE and not values.get("episodes", title.episodes)
    if values.get("selected") and is_beside and subject is not None and not values.get("name", title.name):
        # What is left out as a rule has no name yet.
        values["name"] = name_of_extra(subject, title.number)
    return values


def _fits(title: DiscTitle, change: TitleChange, subject: Subject | None) -> None:
    """Raises `InvalidTitles` where a film is to have episodes, or a series a film among them."""
    if subject is None:
        return
    if subject.type is ItemType.MOVIE:
        if change.role is TitleRole.EPISODE or change.episodes or change.season is not None:
            raise InvalidTitles(
                f"The disc is of the film {subject.title}, which has no episodes: say of title {title.number} that it is the "
                "feature or an extra, or put the disc to a series."
            )
    elif change.role is TitleRole.FEATURE:
        raise InvalidTitles(
            f"The disc is of the series {subject.title}: say which episode title {title.number} is, or that it is an extra."
        )

"""Jobs for what is due: what each stage is told, on what it works, and what a host must be able to do for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.types import Role
from .discs.facts import Reader
from .discs.models import Disc, DiscKind, DiscState, DiscTitle, TitleRole
from .discs.naming import BESIDE
from .discs.stored import title_facts
from .due import Work
from .facts import Known, measured_of
from .items import queries
from .items.models import ItemType, PipelineItem
from .jobs import service as jobs
from .jobs.drives import drive_resource
from .jobs.models import Stage, StageJob
from .jobs.service import NewJob
from .leaving import pass_by, ratio_known
from .placing import lead_disc
from .rules import Rules
from .stages.encoding import capability_for
from .stages.parameters import (
    OrganizeParameters,
    RemuxParameters,
    RipParameters,
    Sound,
    TranscodeParameters,
    as_work,
    capability_to_rip,
    rip_title,
)
from .stages.presets import PresetBody
from .stages.service import preset_for

ORGANIZE = "organize"
"""A capability that no host has: the server does it itself (`organizing`)."""
LAST = 1_000_000
"""A disc without a number comes behind those that have one."""


class Making(Struct, frozen=True, kw_only=True):
    """For whom jobs are made, and by which rules."""

    item: PipelineItem
    known: Known
    rules: Rules
    actor: str
    replace: bool = False
    """Whether what is organized takes the place of what lies there."""


async def start(session: AsyncSession, now: datetime, making: Making, work: Work) -> int | None:
    """Make the job, or try the one again that stopped; its id. None where it is known that its result would not be worth it:
    then the title has the stage behind it at once. The item is locked."""
    new = await new_job(session, making, work)
    if new is None:
        return None
    if work.title_id is None:
        await lead_disc(session, now, making.known.disc_rows[work.disc_id], DiscState.RIPPING)
    former = making.known.job_rows.get(work.again or 0)
    if former is not None and _is_the_same(former, new):
        await jobs.retry(session, now, former.id)
        return former.id
    return await jobs.make_job(session, now, new)


async def new_job(session: AsyncSession, making: Making, work: Work) -> NewJob | None:
    """What the job is told as things stand now. None where nothing is to be done: no title of the disc is wanted and not ripped
    yet, or the result is known not to be worth it, and then the title has the stage behind it."""
    disc = making.known.disc_rows[work.disc_id]
    if work.title_id is not None:
        return await _of_title(session, making, disc, making.known.title_rows[work.title_id], work.stage)
    titles = [each for each in making.known.title_rows.values() if each.disc_id == disc.id and each.selected]
    to_rip = [title for title in titles if title.done is None]
    return _rip(making, disc, to_rip) if to_rip else None


def _rip(making: Making, disc: Disc, titles: Sequence[DiscTitle]) -> NewJob:
    parameters = RipParameters(
        kind="bluray" if disc.kind is DiscKind.BLURAY else "dvd",
        reader=Reader(disc.facts.get("reader") or Reader.LSDVD),
        titles=[rip_title(title.name or "", title_facts(title)) for title in titles],
        label=disc.label,
        fingerprint=disc.fingerprint.hex() if disc.fingerprint else None,
        limits=making.rules.limits,
    )
    return NewJob(
        stage=Stage.RIP,
        capability=capability_to_rip(parameters),
        directory=making.item.folder,
        actor=making.actor,
        item_id=making.item.id,
        disc_id=disc.id,
        input=disc.source,
        work=as_work(parameters),
        resource=drive_resource(disc.host_id, disc.source),
        only_host_id=disc.host_id,
    )


async def _of_title(session: AsyncSession, making: Making, disc: Disc, title: DiscTitle, stage: Stage) -> NewJob | None:
    item = making.item
    preset_id, body = await preset_for(session, item.preset_id)
    capability = stage.value
    if stage is Stage.REMUX:
        parameters: Any = await _remux(session, making, title, body)
    elif stage is Stage.TRANSCODE:
        if await ratio_known(session, making.known, title, body) is not None:
            await pass_by(session, title.id, disc.kind)
            return None
        capability = capability_for(body)
        parameters = TranscodeParameters(
            number=title.number, name=title.name or "", preset=body, limits=making.rules.limits
        )
    else:
        capability = ORGANIZE
        parameters = await _organize(session, making, title)
    return NewJob(
        stage=stage,
        capability=capability,
        directory=item.folder,
        actor=making.actor,
        item_id=item.id,
        disc_id=disc.id,
        title_id=title.id,
        input=title.file,
        work=as_work(parameters),
        preset_id=preset_id if stage is not Stage.ORGANIZE else None,
    )


async def _remux(session: AsyncSession, making: Making, title: DiscTitle, body: PresetBody) -> RemuxParameters:
    media = await queries.media_item(session, making.item.media_item_id) if making.item.media_item_id else None
    return RemuxParameters(
        number=title.number,
        name=title.name or "",
        tracks=body.tracks,
        original_language=media.original_language if media else None,
        limits=making.rules.limits,
    )


async def _organize(session: AsyncSession, making: Making, title: DiscTitle) -> OrganizeParameters:
    item = making.item
    checked = _sound(making, title)
    if title.media_file_id is not None:
        return OrganizeParameters(number=title.number, replaces_file_id=title.media_file_id, checked=checked)
    episodes: dict[int, int] = {}
    season = title.season if title.season is not None else item.season
    if item.type is ItemType.SERIES and item.media_item_id is not None and season is not None:
        episodes = await queries.episode_ids(session, item.media_item_id, season)
    return OrganizeParameters(
        number=title.number,
        library_id=item.library_id,
        media_item_id=item.media_item_id,
        episode_ids=[episodes[number] for number in title.episodes if number in episodes],
        edition=item.edition or None,
        part=_part(making, title),
        name=title.name or "",
        role=_role(item, title),
        replace=making.replace,
        checked=checked,
    )


def _role(item: PipelineItem, title: DiscTitle) -> Role:
    # A copy, a logo or a play-all of no episode that a person wants all the same.
    if title.role in BESIDE and not title.episodes:
        return Role.EXTRA
    return Role.FEATURE if item.type is ItemType.MOVIE else Role.EPISODE


def _part(making: Making, title: DiscTitle) -> int | None:
    """Which of several titles that are one film, or one episode, on whichever discs of the item but those that were rejected."""
    held = _held(title)
    if held is None:
        return None
    discs = making.known.disc_rows
    alike = [
        (discs[each.disc_id].number or LAST, each.disc_id, each.number)
        for each in making.known.title_rows.values()
        if each.selected and _held(each) == held and discs[each.disc_id].state is not DiscState.REJECTED
    ]
    place = (discs[title.disc_id].number or LAST, title.disc_id, title.number)
    return sorted(alike).index(place) + 1 if len(alike) > 1 and place in alike else None


def _held(title: DiscTitle) -> tuple[int | None, tuple[int, ...]] | None:
    if title.role is TitleRole.FEATURE:
        return None, ()
    if title.role in (TitleRole.EPISODE, TitleRole.PLAY_ALL) and title.episodes:
        return title.season, tuple(title.episodes)
    return None


def _sound(making: Making, title: DiscTitle) -> Sound | None:
    """What the stage that made the title's file measured of it."""
    measured = measured_of(making.known, title)
    if not measured.get("fingerprint"):
        return None
    return Sound(
        size=measured["size"],
        fingerprint=measured["fingerprint"],
        duration_seconds=measured.get("duration_seconds"),
    )


def _is_the_same(job: StageJob, new: NewJob) -> bool:
    """Whether the job would be made so again: one with another preset, or of another file, is a new one."""
    return (job.work, job.input, job.directory, job.preset_id, job.only_host_id) == (
        new.work,
        new.input,
        new.directory,
        new.preset_id,
        new.only_host_id,
    )

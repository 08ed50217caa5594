"""What is known of an item, as `due` goes by it, and read from the database."""

import os
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from .approvals.models import Approval, ApprovalKind, ApprovalState
from .approvals.queries import approvals_of
from .discs.models import Disc, DiscKind, DiscState, DiscTitle, TitleRole
from .items import queries
from .items.models import ItemState, ItemType, PipelineItem
from .items.states import parted, skipped
from .jobs.models import JobState, Outcome, Stage, StageJob


class Numbered(Protocol):
    """A disc, as it is kept or as `due` takes it."""

    @property
    def id(self) -> int: ...

    @property
    def number(self) -> int | None: ...


def called(disc: "Numbered | Disc") -> str:
    """For people: `disc 2`."""
    return f"disc {disc.number}" if disc.number is not None else f"the disc with the id {disc.id}"


class TheItem(Struct, frozen=True, kw_only=True):
    id: int
    type: ItemType
    state: ItemState
    automatic: bool
    skips: frozenset[Stage]
    requires: frozenset[ApprovalKind]
    library_id: int | None
    media_item_id: int | None


class TheDisc(Struct, frozen=True, kw_only=True):
    id: int
    number: int | None
    kind: DiscKind
    state: DiscState
    known: bool
    """Its titles were read."""
    inserted: bool
    error: str | None = None

    @property
    def called(self) -> str:
        return called(self)


class TheTitle(Struct, frozen=True, kw_only=True):
    id: int
    disc_id: int
    number: int
    selected: bool
    done: Stage | None
    file: bytes | None
    role: TitleRole | None = None
    episodes: tuple[int, ...] = ()
    media_file_id: int | None = None
    unheard_of: tuple[int, ...] = ()
    """Those of `episodes` that the catalogue does not have."""


class TheJob(Struct, frozen=True, kw_only=True):
    id: int
    stage: Stage
    disc_id: int | None
    title_id: int | None
    state: JobState
    why: str | None = None
    settled: bool = True
    input: bytes | None = None


class TheApproval(Struct, frozen=True, kw_only=True):
    id: int
    kind: ApprovalKind
    state: ApprovalState
    disc_id: int | None = None
    files: frozenset[tuple[int, bytes]] = frozenset()
    """What it was asked for: titles with the files that they had then."""
    words: str | None = None
    actor: str | None = None
    outdated: bool = False
    """It shows what is no longer so: other names, numbers, or another library."""


class Known(Struct, frozen=True, kw_only=True):
    """All of an item: as `due` takes it, and the rows that it was made of."""

    item: TheItem
    discs: list[TheDisc]
    titles: list[TheTitle]
    jobs: list[TheJob]
    approvals: list[TheApproval]
    disc_rows: dict[int, Disc]
    title_rows: dict[int, DiscTitle]
    job_rows: dict[int, StageJob]
    outcomes: dict[int, Outcome | None]
    """Of the current attempts, by job."""


async def known_of(session: AsyncSession, item: PipelineItem) -> Known:
    """Of a locked item."""
    discs = (await queries.discs_of(session, [item.id])).get(item.id, [])
    by_disc = await queries.titles_of(session, [disc.id for disc in discs])
    titles = [title for disc in discs for title in by_disc.get(disc.id, [])]
    by_id = {title.id: title for title in titles}
    jobs = await queries.jobs_of(session, [item.id])
    episodes: set[tuple[int, int]] | None = None
    if item.type is ItemType.SERIES and item.media_item_id is not None:
        episodes = await queries.episodes_known(session, item.media_item_id)
    return Known(
        item=TheItem(
            id=item.id,
            type=item.type,
            state=item.state,
            automatic=item.automatic,
            skips=skipped(item.skips),
            requires=frozenset(ApprovalKind(each) for each in parted(item.requires)),
            library_id=item.library_id,
            media_item_id=item.media_item_id,
        ),
        discs=[_disc(disc, bool(by_disc.get(disc.id))) for disc in discs],
        titles=[_title(title, item.season, episodes) for title in titles],
        jobs=[_job(brief.job) for brief in jobs],
        approvals=[_approval(each, item, by_id) for each in await approvals_of(session, item.id)],
        disc_rows={disc.id: disc for disc in discs},
        title_rows=by_id,
        job_rows={brief.job.id: brief.job for brief in jobs},
        outcomes={brief.job.id: brief.outcome for brief in jobs},
    )


def measured_of(known: Known, title: DiscTitle) -> dict[str, Any]:
    """What the stage that made its file said of it."""
    for job in known.job_rows.values():
        if job.output is None or title.file is None:
            continue
        for each in (job.result or {}).get("files", ()):
            if each.get("title") == title.number and os.path.join(job.output, os.fsencode(each["path"])) == title.file:
                return each
    return {}


def _disc(row: Disc, known: bool) -> TheDisc:
    return TheDisc(
        id=row.id,
        number=row.number,
        kind=row.kind,
        state=row.state,
        known=known,
        inserted=row.inserted,
        error=row.error,
    )


def _title(row: DiscTitle, season: int | None, known: set[tuple[int, int]] | None) -> TheTitle:
    season = row.season if row.season is not None else season
    return TheTitle(
        id=row.id,
        disc_id=row.disc_id,
        number=row.number,
        selected=row.selected,
        done=Stage(row.done) if row.done else None,
        file=row.file,
        role=row.role,
        episodes=tuple(row.episodes),
        media_file_id=row.media_file_id,
        unheard_of=tuple(number for number in row.episodes if known is not None and (season, number) not in known),
    )


def _job(row: StageJob) -> TheJob:
    return TheJob(
        id=row.id,
        stage=row.stage,
        disc_id=row.disc_id,
        title_id=row.title_id,
        state=row.state,
        why=row.why,
        settled=row.settled,
        input=row.input,
    )


def _approval(row: Approval, item: PipelineItem, titles: Mapping[int, DiscTitle]) -> TheApproval:
    return TheApproval(
        id=row.id,
        kind=row.kind,
        state=row.state,
        disc_id=row.disc_id,
        files=frozenset(_files(row.prompt.get("titles", ()))) if row.disc_id is None else frozenset(),
        words=row.words,
        actor=row.actor,
        outdated=row.disc_id is None and _is_outdated(row.prompt, item, titles),
    )


def _is_outdated(prompt: dict[str, Any], item: PipelineItem, titles: Mapping[int, DiscTitle]) -> bool:
    """Of a prompt about what was made (`approvals.prompts`)."""
    goes = {"library_id": item.library_id, "media_item_id": item.media_item_id}
    if any(name in prompt and prompt[name] != now for name, now in goes.items()):
        return True
    for told in prompt.get("titles", ()):
        row = titles.get(int(told["title_id"]))
        if row is None:
            continue
        role = row.role.value if row.role else None
        stands = {"name": row.name, "season": row.season, "episodes": list(row.episodes), "role": role}
        if any(name in told and told[name] != now for name, now in stands.items()):
            return True
    return False


def _files(titles: Iterable[dict[str, Any]]) -> Iterable[tuple[int, bytes]]:
    """Of the titles of a prompt (`approvals.prompts.MadeTitle`)."""
    for title in titles:
        yield int(title["title_id"]), bytes.fromhex(title["file_key"])

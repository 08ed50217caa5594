"""What is asked of jobs that wait, to say why (`waiting`)."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...libraries.models import Library, Scan, ScanPhase
from ...organizing.models import Organizing, OrganizingGroup
from ..hosts.models import Host
from ..hosts.queries import capabilities, hosts
from ..hosts.service import waits
from .drive_queries import ordered_drives
from .models import JobState, Stage, StageJob, StageJobAttempt
from .queries import running_jobs
from .states import OPEN
from .unproven_queries import failed_of, untrue_of
from .waiting import HostStanding, OpenJob, Reason, Standing, reason_of


class Moment(Struct, frozen=True):
    """When somebody looks, and what the hours are then."""

    now: datetime
    stage_hours: str
    """The setting."""


async def why_waiting(session: AsyncSession, moment: Moment, job_ids: Collection[int]) -> dict[int, Reason]:
    """What those of these jobs that have not ended wait for."""
    kept = [name for name in OpenJob.__struct_fields__ if name not in ("given_to", "library")]
    query = (
        select(*(getattr(StageJob, name) for name in kept), Host.name.label("given_to"))
        .outerjoin(
            StageJobAttempt,
            (StageJobAttempt.job_id == StageJob.id)
            & (StageJobAttempt.number == StageJob.attempt)
            & StageJobAttempt.started_at.is_(None),
        )
        .outerjoin(Host, Host.id == StageJobAttempt.host_id)
        .where(StageJob.id.in_(job_ids), StageJob.state.in_(OPEN))
    )
    rows = (await session.execute(query)).mappings().all()
    if not rows:
        return {}
    libraries = await _kept_from_libraries(session, [row["id"] for row in rows if row["stage"] is Stage.ORGANIZE])
    jobs = [OpenJob(**row, library=libraries.get(row["id"])) for row in rows]
    standing = await _standing(session, moment, [job.id for job in jobs if job.attempt])
    return {job.id: reason_of(job, standing) for job in jobs}


async def _standing(session: AsyncSession, moment: Moment, tried: Collection[int]) -> Standing:
    rows = await hosts(session)
    able = await capabilities(session, [host.id for host in rows])
    one_machine = session.get_bind().dialect.name == "sqlite"
    standings: list[HostStanding] = []
    for host in rows:
        now, why = waits(host, moment.now, one_machine=one_machine)
        standings.append(
            HostStanding(
                id=host.id,
                name=host.name,
                now=now,
                why=why,
                limits=host.limits,
                hours=host.hours,
                able=frozenset(each.name for each in able[host.id] if each.available),
                unable={each.name: each.reason for each in able[host.id] if not each.available},
            )
        )
    return Standing(
        wall=moment.now.astimezone().replace(tzinfo=None),
        stage_hours=moment.stage_hours,
        hosts=standings,
        at_work=Counter(await running_jobs(session)),
        taken=await _taken(session),
        untrue=await untrue_of(session, tried),
        failed=await failed_of(session, tried),
    )


async def _kept_from_libraries(session: AsyncSession, job_ids: Collection[int]) -> dict[int, str]:
    """Of jobs whose result is being organized: who has their library, where somebody else has."""
    scanned = exists().where(Scan.library_id == Library.id, Scan.phase == ScanPhase.INVENTORY)
    query = (
        select(
            StageJob.id,
            Library.name,
            Library.organizing_group_id,
            OrganizingGroup.organizing_id,
            Organizing.id,
            scanned,
        )
        .join(StageJobAttempt, (StageJobAttempt.job_id == StageJob.id) & (StageJobAttempt.number == StageJob.attempt))
        .join(Organizing, Organizing.id == StageJobAttempt.engine_job_id)
        .join(Library, Library.id == Organizing.library_id)
        .outerjoin(OrganizingGroup, OrganizingGroup.id == Library.organizing_group_id)
        .where(StageJob.id.in_(job_ids), StageJob.state == JobState.RUNNING)
    )
    found: dict[int, str] = {}
    for job_id, library, group, holder, own, is_scanned in await session.execute(query):
        if group is not None and holder != own:
            found[job_id] = f"until organizing {holder} is done with {library} (`mediastead organize show {holder}`)"
        elif group is None and is_scanned:
            found[job_id] = f"until the scan of {library} is done"
    return found


async def _taken(session: AsyncSession) -> dict[str, str]:
    at_work = StageJob.state == JobState.RUNNING, StageJob.resource.is_not(None)
    used = await session.execute(select(StageJob.resource, StageJob.id).where(*at_work))
    opened = (await session.execute(ordered_drives())).scalars()
    return {
        **dict.fromkeys(opened, "it is being opened"),
        **{resource: f"job {job_id} rips in it" for resource, job_id in used if resource is not None},
    }

"""What is asked of jobs that wait, to say why (`waiting`)."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hosts.queries import capabilities, hosts
from ..hosts.service import waits
from .drive_queries import ordered_drives
from .models import JobState, StageJob
from .queries import running_jobs
from .unproven_queries import untrue_of
from .waiting import HostStanding, Reason, Standing, WaitingJob, reason_of

WAITING = (JobState.PENDING, JobState.QUEUED)


class Moment(Struct, frozen=True):
    """When somebody looks, and what the hours are then."""

    now: datetime
    stage_hours: str
    """The setting."""


async def why_waiting(session: AsyncSession, moment: Moment, job_ids: Collection[int]) -> dict[int, Reason]:
    """What those of these jobs that no host has wait for."""
    columns = (getattr(StageJob, name) for name in WaitingJob.__struct_fields__)
    query = select(*columns).where(StageJob.id.in_(job_ids), StageJob.state.in_(WAITING))
    jobs = [WaitingJob(**row) for row in (await session.execute(query)).mappings()]
    if not jobs:
        return {}
    standing = await _standing(session, moment, [job.id for job in jobs if job.attempt])
    return {job.id: reason_of(job, standing) for job in jobs}


async def _standing(session: AsyncSession, moment: Moment, tried: Collection[int]) -> Standing:
    rows = await hosts(session)
    able = await capabilities(session, [host.id for host in rows])
    standings: list[HostStanding] = []
    for host in rows:
        now, why = waits(host, moment.now)
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
    )


async def _taken(session: AsyncSession) -> dict[str, str]:
    at_work = StageJob.state == JobState.RUNNING, StageJob.resource.is_not(None)
    used = await session.execute(select(StageJob.resource, StageJob.id).where(*at_work))
    opened = (await session.execute(ordered_drives(session))).scalars()
    return {
        **dict.fromkeys(opened, "it is being opened"),
        **{resource: f"job {job_id} rips in it" for resource, job_id in used if resource is not None},
    }

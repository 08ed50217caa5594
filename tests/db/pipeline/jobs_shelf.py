"""Stage jobs, hosts and their attempts for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update

from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.pipeline.hosts.models import Host, HostCapability, HostState
from mediastead.pipeline.jobs.models import Stage, StageJob, StageJobAttempt
from mediastead.pipeline.jobs.service import NewJob, make_job

MOMENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class JobShelf:
    """Each call is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def host(self, name: str = "attic", *capabilities: str, seen: datetime = MOMENT, **values: Any) -> int:
        row = {
            "name": name,
            "state": HostState.ENABLED,
            "limits": {},
            "path_map": [],
            "commands": {},
            "free_bytes": {},
            "created_at": MOMENT,
            "last_seen_at": seen,
        }
        async with self.database.write() as session:
            host_id = (await session.execute(insert(Host).values(row | values).returning(Host.id))).scalar_one()
            for capability in capabilities or ("remux",):
                able = {"host_id": host_id, "name": capability, "available": True, "detail": {}, "since": MOMENT}
                await session.execute(insert(HostCapability).values(able))
        return host_id

    async def job(self, stage: Stage = Stage.REMUX, now: datetime = MOMENT, **values: Any) -> int:
        given = {"capability": stage.value, "directory": b"/staging/Film", "actor": "anna", **values}
        async with self.database.write() as session:
            return await make_job(session, now, NewJob(stage=stage, **given))

    async def set_job(self, job_id: int, **values: Any) -> None:
        async with self.database.write() as session:
            await session.execute(update(StageJob).where(StageJob.id == job_id).values(values))

    async def the_job(self, job_id: int) -> Any:
        query = select(*StageJob.__table__.columns).where(StageJob.id == job_id)
        async with self.database.read() as session:
            return (await session.execute(query)).one()

    async def attempts(self, job_id: int) -> Sequence[Any]:
        query = select(*StageJobAttempt.__table__.columns).where(StageJobAttempt.job_id == job_id)
        async with self.database.read() as session:
            return (await session.execute(query.order_by(StageJobAttempt.number))).all()

    async def events(self) -> list[str]:
        async with self.database.read() as session:
            return list((await session.execute(select(Event.kind).order_by(Event.id))).scalars())

    async def set_attempt(self, job_id: int, number: int, **values: Any) -> None:
        which = (StageJobAttempt.job_id == job_id, StageJobAttempt.number == number)
        async with self.database.write() as session:
            await session.execute(update(StageJobAttempt).where(*which).values(values))

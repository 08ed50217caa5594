"""Tables of the stage jobs."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import NEVER_TWICE, Base, Id, choice


class Stage(enum.StrEnum):
    """The work that makes an item, in its order."""

    RIP = "rip"
    """One job a disc."""
    REMUX = "remux"
    """One job a title, as all that follow."""
    TRANSCODE = "transcode"
    ORGANIZE = "organize"
    """Done by the server itself, never by another host."""


class JobState(enum.StrEnum):
    PENDING = "pending"
    """Waits for an approval, an hour, or the pause after a failure."""
    QUEUED = "queued"
    """Waits for a host."""
    RUNNING = "running"
    """Its current attempt has a host."""
    COMPLETED = "completed"
    FAILED = "failed"
    """All tries are used up, or trying again cannot help. A person may retry it."""
    CANCELLED = "cancelled"


class Outcome(enum.StrEnum):
    """How an attempt ended. None of these is ever changed into another, but `completed` into `failed` where its host said so and
    it was not (`disproving`)."""

    COMPLETED = "completed"
    FAILED = "failed"
    NOT_WORTH_IT = "not_worth_it"
    """The result was sound, but too large for what it saves. The job is completed, and the source goes on as it is."""
    CANCELLED = "cancelled"
    STALLED = "stalled"
    """No progress for the time that is allowed."""
    LOST = "lost"
    """The host was not heard from for longer than the lease. Costs no try."""
    GIVEN_BACK = "given_back"
    """The host drained, was set aside, or refused it. Costs no try."""


class StageJob(Base):
    """The work of one stage: of a disc (rip) or of a title."""

    __tablename__ = "stage_job"
    __table_args__ = (
        Index("ix_stage_job_item", "item_id", "id"),
        Index("ix_stage_job_state", "state", "id"),
        Index("ix_stage_job_title", "title_id", "stage"),
        Index("ix_stage_job_disc", "disc_id", "stage"),
        Index(
            "ix_stage_job_open",
            "state",
            "priority",
            "id",
            sqlite_where=text("state IN ('pending', 'queued', 'running')"),
            postgresql_where=text("state IN ('pending', 'queued', 'running')"),
        ),
        Index(
            "uq_stage_job_resource",
            "resource",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        Index("ix_stage_job_unsettled", "id", sqlite_where=text("settled = 0"), postgresql_where=text("NOT settled")),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("pipeline_item.id", ondelete="CASCADE"))
    """None for a job that only measures the engine."""
    disc_id: Mapped[int | None] = mapped_column(ForeignKey("disc.id", ondelete="CASCADE"))
    title_id: Mapped[int | None] = mapped_column(ForeignKey("disc_title.id", ondelete="CASCADE"))
    stage: Mapped[Stage] = mapped_column(choice(Stage, "stage"))
    state: Mapped[JobState] = mapped_column(choice(JobState, "state"))
    why: Mapped[str | None]
    """What it waits for, or why it failed or was cancelled, in words for a person."""
    priority: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    """The number of the current attempt; 0 before the first. Whoever reports names it, and is refused when it is another."""
    tries_left: Mapped[int] = mapped_column(default=3)
    """Failed attempts take one; lost and given back ones none."""
    held: Mapped[bool] = mapped_column(default=False)
    """It waits for an approval or a person, and no hour sets it free. A pending job that is neither held nor waits for an hour
    has just failed, and its server has not yet judged what follows."""
    not_before: Mapped[datetime | None]
    """An off-peak hour, or the pause after a failure. Held here, never in the engine."""
    capability: Mapped[str]
    """What a host must be able to do (`HostCapability.name`)."""
    resource: Mapped[str | None]
    """What only one running job may have at a time: `host 3 drive:/dev/sr0`."""
    only_host_id: Mapped[int | None] = mapped_column(ForeignKey("host.id"))
    """The drive is there."""
    preset_id: Mapped[int | None] = mapped_column(ForeignKey("preset.id"))
    work: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the handler of the stage is told (`jobs.work.Work.parameters`)."""
    input: Mapped[bytes | None] = mapped_column(LargeBinary)
    """File or folder, absolute, as the server sees it."""
    directory: Mapped[bytes] = mapped_column(LargeBinary)
    """The item's folder in a staging root, as the server sees it; attempts get folders of their own beneath it."""
    output: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The folder of the attempt whose result counts: naming it here is what publishes."""
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """`jobs.work.Result` of the attempt that counts."""
    settled: Mapped[bool] = mapped_column(default=True)
    """False from the end of the job until the server has drawn the consequences: titles and items moved on, next jobs made."""
    actor: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StageJobAttempt(Base):
    """One try at a stage job, on one host."""

    __tablename__ = "stage_job_attempt"
    __table_args__ = (
        UniqueConstraint("job_id", "number"),
        Index("ix_stage_job_attempt_host", "host_id", "id"),
        Index(
            "ix_stage_job_attempt_lease",
            "lease_until",
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    job_id: Mapped[int] = mapped_column(ForeignKey("stage_job.id", ondelete="CASCADE"))
    number: Mapped[int]
    host_id: Mapped[int] = mapped_column(ForeignKey("host.id"))
    engine_job_id: Mapped[int | None]
    directory: Mapped[bytes] = mapped_column(LargeBinary)
    """Its own, as the server sees it: nobody else writes there, and nobody reads there before it is the job's output."""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    """When the host began; None while the engine carries it."""
    lease_until: Mapped[datetime | None]
    """Moved on by the host's heartbeat, by the clock of the database."""
    asked_to_end: Mapped[Outcome | None] = mapped_column(choice(Outcome, "asked_to_end"))
    """Its host is to end it as this: `cancelled` (a person), `stalled`, `given_back` (the host gets no more work). From then
    on it cannot complete."""
    pid: Mapped[int | None]
    progress: Mapped[float | None]
    """0 to 1."""
    progress_at: Mapped[datetime | None]
    """When it last went up."""
    speed: Mapped[str | None]
    """As the tool says it: `2.4x`, `31 MB/s`."""
    seconds_left: Mapped[int | None]
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome, "outcome"))
    """None while it is at work."""
    error: Mapped[str | None]
    """In words that say what to do."""
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    ended_at: Mapped[datetime | None]


class DriveOrder(Base):
    """A person's wish that a host opens a drive, where nobody works in it. Done at most once, and never late."""

    __tablename__ = "drive_order"
    __table_args__ = (NEVER_TWICE,)

    id: Mapped[Id]
    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"))
    disc_id: Mapped[int] = mapped_column(ForeignKey("disc.id", ondelete="CASCADE"))
    source: Mapped[bytes] = mapped_column(LargeBinary)
    """The drive, as its host sees it."""
    resource: Mapped[str]
    """As `StageJob.resource`: no job gets the drive while the order is open."""
    actor: Mapped[str]
    until: Mapped[datetime]
    """Who has not taken it up by then may not any more, by the clock of the database."""
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None]
    """Why it did not open, in words that say what to do."""
    told: Mapped[bool] = mapped_column(default=False)
    """The server has drawn the consequences of its end."""


class StageJobLog(Base):
    """A line that an attempt said."""

    __tablename__ = "stage_job_log"
    __table_args__ = (
        ForeignKeyConstraint(
            ["job_id", "number"], ["stage_job_attempt.job_id", "stage_job_attempt.number"], ondelete="CASCADE"
        ),
        Index("ix_stage_job_log_job", "job_id", "id"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    job_id: Mapped[int]
    number: Mapped[int]
    at: Mapped[datetime]
    level: Mapped[str]
    """`info`, `warning` or `error`."""
    text: Mapped[str]

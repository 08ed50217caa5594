"""What a job that is not made now waits for, and what a person can do: told from how things stand when somebody looks.

Pure. Nothing of it is stored, so that nothing is to be written when hours begin, a host comes back or a disk fills up.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from ..hosts.schemas import Waits
from .hours import closed_until, has_hours, hours_on
from .models import JobState, Stage

MOST_SAID = 4
"""Hosts that are named; of a hundred each would say the same."""


class OpenJob(Struct, frozen=True, kw_only=True):
    """A job that has not ended."""

    id: int
    stage: Stage
    state: JobState
    held: bool
    why: str | None
    """As stored: what holds it, or how its last attempt ended."""
    attempt: int
    not_before: datetime | None
    capability: str
    resource: str | None
    only_host_id: int | None
    given_to: str | None = None
    """The host that has it, and has not begun."""
    library: str | None = None
    """What keeps it from its library, as what it waits for."""


class HostStanding(Struct, frozen=True, kw_only=True):
    """A host, as far as it matters for what it is given."""

    id: int
    name: str
    now: Waits
    why: str | None
    """Why it gets no jobs at all."""
    limits: dict[str, int]
    hours: str
    able: frozenset[str]
    unable: Mapping[str, str | None]
    """Why it can no longer do something."""


class Standing(Struct, frozen=True, kw_only=True):
    """How things stand."""

    wall: datetime
    """Now, as the clock on the server's wall shows it."""
    stage_hours: str
    hosts: Sequence[HostStanding]
    at_work: Mapping[tuple[int, Stage], int]
    """Jobs of a stage that a host is at."""
    taken: Mapping[str, str]
    """What is done with a drive, as the second half of a sentence."""
    untrue: Collection[tuple[int, int]]
    """(job, host): it said lately, and untruly, that it was done."""
    failed: Collection[tuple[int, int]] = ()
    """(job, host): it failed at it lately, and another one gets it where there is one that can begin it."""


class Reason(Struct, frozen=True):
    words: str | None
    """A part of a sentence, after "it waits"."""
    until: datetime | None = None
    """Where nothing but a time is in its way. UTC."""


def reason_of(job: OpenJob, standing: Standing) -> Reason:
    """What a job waits for."""
    if job.state is JobState.PENDING:
        return _reason_of_pending(job)
    if job.state is not JobState.QUEUED:
        return Reason(job.why or job.library or (f"for {job.given_to} to begin" if job.given_to else None))
    found = _of_server(standing) if job.stage is Stage.ORGANIZE else _of_hosts(job, standing)
    if job.why and job.why not in (found.words or ""):
        return Reason(f"{found.words} (before: {job.why})", found.until)
    return found


def _reason_of_pending(job: OpenJob) -> Reason:
    if job.held or job.not_before is None:
        return Reason(job.why)
    if not job.attempt:
        return Reason(job.why, job.not_before)
    again = (
        f"until {job.not_before:%Y-%m-%d %H:%M} UTC to be tried again (`mediastead jobs retry {job.id}` does it now)"
    )
    return Reason(f"{again}: {job.why}" if job.why else again, job.not_before)


def _of_server(standing: Standing) -> Reason:
    opens = closed_until(standing.stage_hours, Stage.ORGANIZE, standing.wall)
    if opens is None:
        return Reason("for the server, which takes it up within seconds")
    return Reason(f"until {opens:%H:%M} (the setting stage_hours)", _as_utc(opens))


def _of_hosts(job: OpenJob, standing: Standing) -> Reason:
    hosts = standing.hosts
    if job.only_host_id is not None:
        hosts = [host for host in hosts if host.id == job.only_host_id]
        if not hosts:
            return Reason(
                "for a host that was removed, and had its disc: cancel it, and put the disc into another drive"
            )
    if not hosts:
        return Reason("for a host, and there is none: `mediastead host invite` admits one")
    able = [host for host in hosts if job.capability in host.able]
    if not able:
        return Reason(_nobody_can(job, hosts))
    if job.resource is not None and (by := standing.taken.get(job.resource)) is not None:
        return Reason(f"for its drive: {by}")
    others = _others(job, able, standing)
    words: list[str] = []
    opening: dict[datetime, list[str]] = {}
    busy = False
    for host in able:
        in_the_way = _in_the_way(job, host, standing)
        if in_the_way is not None:
            words.append(in_the_way)
            continue
        if others and (job.id, host.id) in standing.failed:
            words.append(f"{host.name} failed at it lately: where another one can do it, that one gets it")
            continue
        opens = closed_until(hours_on(host.hours, standing.stage_hours), job.stage, standing.wall)
        if opens is not None:
            of = "its hours" if has_hours(host.hours, job.stage) else "the setting stage_hours"
            opening.setdefault(opens, []).append(f"{host.name} ({of} for {job.stage.value})")
            continue
        most, has = host.limits.get(job.stage.value, 1), standing.at_work.get((host.id, job.stage), 0)
        if has < most:
            return Reason(f"for {host.name}, which gets it within seconds")
        busy = True
        words.insert(0, f"for {host.name}, which is at {has} of {most} {job.stage.value} jobs that it may do at once")
    until = [f"until {opens:%H:%M} on {', '.join(names[:MOST_SAID])}" for opens, names in sorted(opening.items())]
    said = [*until, *words]
    more = [f"{len(said) - MOST_SAID} more hosts"] if len(said) > MOST_SAID else []
    return Reason("; ".join([*said[:MOST_SAID], *more]), _as_utc(min(opening)) if opening and not busy else None)


def _others(job: OpenJob, able: Sequence[HostStanding], standing: Standing) -> list[HostStanding]:
    """Those that have not failed at it lately, and could begin it as soon as they have room."""
    return [
        host
        for host in able
        if (job.id, host.id) not in standing.failed
        and _in_the_way(job, host, standing) is None
        and closed_until(hours_on(host.hours, standing.stage_hours), job.stage, standing.wall) is None
    ]


def _in_the_way(job: OpenJob, host: HostStanding, standing: Standing) -> str | None:
    """Why a host that can do it does not get it, whatever the hour, and though it were at nothing."""
    match host.now:
        case "ready":
            pass
        case "draining" | "disabled" | "removed":
            return f"{host.name} is {host.now} (`mediastead host set {host.name} --state enabled` lets it have jobs)"
        case "refuses":
            return f"{host.name} takes no jobs: {host.why}"
        case _:
            return f"{host.name} is {host.now}: {host.why}"
    if host.limits.get(job.stage.value, 1) <= 0:
        limit = f"mediastead host set {host.name} --limit {job.stage.value} 1"
        return f"{host.name} is to do no {job.stage.value} (`{limit}` lets it do one at a time)"
    if job.only_host_id is None and (job.id, host.id) in standing.untrue:
        return f"{host.name} said of it lately, and untruly, that it was done: it gets it again within half an hour"
    return None


def _nobody_can(job: OpenJob, hosts: Sequence[HostStanding]) -> str:
    lost = [f"{host.name}: {host.unable[job.capability]}" for host in hosts if host.unable.get(job.capability)]
    whom = f"{hosts[0].name}, where its disc is, and which" if job.only_host_id is not None else "a host that"
    if lost:
        return f"for {whom} can do {job.capability}; {'; '.join(lost[:MOST_SAID])}"
    if job.only_host_id is not None and hosts[0].now in ("not heard of", "serves only"):
        is_ = "is not heard of" if hosts[0].now == "not heard of" else "only serves"
        return f"for {whom} {is_}: {hosts[0].why}"
    if not any(host.able or host.unable for host in hosts):
        return f"for {whom} can do {job.capability}: what they can do is known within a minute"
    return (
        f"for {whom} can do {job.capability}: `mediastead host show NAME` says what each one lacks, and what to install"
    )


def _as_utc(wall: datetime) -> datetime:
    """The clock on the wall is that of this machine."""
    return wall.astimezone(UTC)

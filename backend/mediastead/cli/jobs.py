"""`mediastead jobs`: the work that hosts do for the pipeline."""

from typing import Any

import click

from .calling import Api, call
from .output import json_option, print_facts, print_json, print_rows, say, warn

JOBS = "/v1/stage-jobs"
AN_ID = click.argument("job_id", metavar="ID", type=click.IntRange(1))
STATES = ("pending", "queued", "running", "completed", "failed", "cancelled")
STAGES = ("rip", "remux", "transcode", "organize")
LONG_POLL = 20.0


@click.group()
def jobs() -> None:
    """Stage jobs: rip, remux, transcode, organize. IDs are those of the jobs."""


@jobs.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--stage", type=click.Choice(STAGES), help="Only those of this stage.")
@click.option("--item", type=click.IntRange(1), help="Only those of the pipeline item with this id.")
@click.option("--host", type=click.IntRange(1), help="Only those whose last attempt is this host's.")
@click.option("--open/--ended", "open_", default=None, help="Only what has not ended, or has.")
@json_option
def list_(
    state: str | None, stage: str | None, item: int | None, host: int | None, open_: bool | None, as_json: bool
) -> None:
    """List jobs, the newest first."""

    async def work(api: Api) -> None:
        is_open = None if open_ is None else "true" if open_ else "false"
        await print_rows(
            api.each(JOBS, state=state, stage=stage, item=item, host=host, open=is_open),
            as_json,
            {
                "id": lambda row: row["id"],
                "stage": lambda row: row["stage"],
                "state": _state,
                "item": lambda row: row["item_id"],
                "host": _host,
                "progress": _progress,
                "left": _left,
                "why": lambda row: row["why"],
            },
            nothing="There is no job.",
        )

    call(work)


@jobs.command()
@AN_ID
@json_option
def show(job_id: int, as_json: bool) -> None:
    """Show a job and all tries at it."""

    async def work(api: Api) -> None:
        job = await api.get(f"{JOBS}/{job_id}")
        attempts = (await api.get(f"{JOBS}/{job_id}/attempts"))["items"]
        if as_json:
            print_json(job | {"attempts": attempts})
            return
        print_facts(
            {
                "id": job["id"],
                "stage": job["stage"],
                "state": _state(job),
                "why": job["why"],
                "item": job["item_id"],
                "disc": job["disc_id"],
                "title": job["title_id"],
                "needs": job["capability"],
                "priority": job["priority"] or None,
                "tries left": job["tries_left"],
                "until": job["waits_until"] and _moment(job["waits_until"]),
                "host": _host(job),
                "progress": _progress(job),
                "left": _left(job),
                "input": job["input"],
                "output": job["output"],
                "made by": job["actor"],
                "at": _moment(job["created_at"]),
                "ended": job["ended_at"] and _moment(job["ended_at"]),
            }
        )
        for each in attempts:
            began = _moment(each["started_at"]) if each["started_at"] else "not begun"
            ended = f"{each['outcome']} {_moment(each['ended_at'])}" if each["outcome"] else "at work"
            error = f": {each['error']}" if each["error"] else ""
            say(f"  attempt {each['number']} on {each['host']}: {began}, {ended}{error}")

    call(work)


@jobs.command()
@AN_ID
@click.option("--attempt", type=click.IntRange(1), help="Only what this attempt said.")
@click.option("--follow", "-f", is_flag=True, help="Go on until the job has ended.")
@json_option
def logs(job_id: int, attempt: int | None, follow: bool, as_json: bool) -> None:
    """Print what the attempts at a job said."""

    async def work(api: Api) -> None:
        after, over = 0, False
        while not over:
            wait = LONG_POLL if follow else None
            found = await api.get(f"{JOBS}/{job_id}/logs", attempt=attempt, after=after, wait=wait)
            for line in found["items"]:
                if as_json:
                    print_json(line)
                else:
                    level = "" if line["level"] == "info" else f"{line['level']}: "
                    say(f"{line['at'][11:19]} [{line['attempt']}] {level}{line['text']}")
            after = found["last"]
            over = found["over"] or (not follow and not found["items"])

    call(work)


@jobs.command()
@AN_ID
@json_option
def cancel(job_id: int, as_json: bool) -> None:
    """Cancel a job. What runs is ended within seconds, and what it half made is removed."""

    async def work(api: Api) -> None:
        cancelled = await api.post(f"{JOBS}/{job_id}/cancel")
        if as_json:
            print_json(cancelled)
        elif cancelled["state"] == "running":
            say(f"Job {job_id} is being ended by its host.")
        else:
            say(f"Job {job_id} is cancelled.")

    call(work)


@jobs.command()
@AN_ID
@json_option
def retry(job_id: int, as_json: bool) -> None:
    """Try a job again that failed or was cancelled. What was said of former tries stays."""

    async def work(api: Api) -> None:
        job = await api.post(f"{JOBS}/{job_id}/retry")
        print_json(job) if as_json else say(f"Job {job['id']} waits for a host.")

    call(work)


@jobs.command()
@AN_ID
@click.argument("value", metavar="PRIORITY", type=click.IntRange(-1000, 1000))
@json_option
def priority(job_id: int, value: int, as_json: bool) -> None:
    """Say how urgent a job is: those with the highest PRIORITY come first, usual is 0."""

    async def work(api: Api) -> None:
        job = await api.patch(f"{JOBS}/{job_id}", {"priority": value})
        if as_json:
            print_json(job)
        elif job["state"] in ("pending", "queued"):
            say(f"Job {job_id} has priority {value}.")
        else:
            warn(f"Job {job_id} is {job['state']}: its priority counts when it is given to a host again.")

    call(work)


def _state(job: dict[str, Any]) -> str:
    return "cancelling" if job["cancelling"] else job["state"]


def _progress(job: dict[str, Any]) -> str | None:
    if job["progress"] is None or job["state"] != "running":
        return None
    return f"{job['progress']:.0%}" + (f" {job['speed']}" if job["speed"] else "")


def _host(job: dict[str, Any]) -> str | None:
    """Not where it waits again: the one that was at it last need not get it."""
    return None if job["state"] in ("pending", "queued") else job["host"]


def _left(job: dict[str, Any]) -> str | None:
    if job["seconds_left"] is None or job["state"] != "running":
        return None
    minutes, rest = divmod(job["seconds_left"], 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _moment(text: str) -> str:
    return text[:19].replace("T", " ")

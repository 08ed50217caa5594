"""What stands in an item's way, or is awaited, in words."""

from collections.abc import Collection

from .facts import TheJob
from .jobs.models import JobState

MOST_SAID = 3
"""Sentences in a row; of a season with twenty titles each would say the same."""


def waiting_job(job: TheJob) -> str:
    """Of one that has not begun."""
    return (
        f"job {job.id} ({job.stage.value}) waits: {job.why.rstrip('.')}"
        if job.why
        else f"job {job.id} ({job.stage.value}) waits for a host"
    )


def ended_job(what: str, job: TheJob) -> str:
    """How `what` ended without a result."""
    if job.state is JobState.CANCELLED and (job.why or "").startswith("cancelled"):
        return f"{what} was {job.why}"
    how = "failed" if job.state is JobState.FAILED else "was cancelled"
    return f"{what} {how}{f': {job.why}' if job.why else ''}"


def sentences(each: Collection[str]) -> str | None:
    """One after the other, the first of them; None where there is none."""
    said = list(dict.fromkeys(each))
    more = [f"{len(said) - MOST_SAID} more"] if len(said) > MOST_SAID else []
    return "; ".join(said[:MOST_SAID] + more) if said else None

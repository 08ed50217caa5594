"""What can be wrong with a request about stage jobs."""

from ...errors import Conflict, NotFound
from .models import JobState


class NoSuchJob(NotFound):
    slug = "no-such-stage-job"
    title = "There is no such stage job"

    def __init__(self, job_id: int) -> None:
        super().__init__(f"There is no stage job {job_id}; list /v1/stage-jobs.", job_id=job_id)


class StaleJob(Conflict):
    """The job is no longer in the state, or at the attempt, that it was taken to be in."""

    slug = "stale-stage-job"
    title = "The stage job has moved on"

    def __init__(self, job_id: int) -> None:
        super().__init__(f"Stage job {job_id} has moved on meanwhile; look at it again.", job_id=job_id)


class NotPossibleNow(Conflict):
    slug = "stage-job-state"
    title = "The state of the stage job does not allow it"

    def __init__(self, job_id: int, state: JobState, words: str) -> None:
        super().__init__(f"Stage job {job_id} is {state}: {words}", job_id=job_id, state=state.value)

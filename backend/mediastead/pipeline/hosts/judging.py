"""Whether a host that fails is to be blamed, or what it was given."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

QUICKLY = timedelta(seconds=30)
"""Work that has not lasted longer than this before it failed was hardly begun."""
IN_A_ROW = 3
"""Different jobs. One job alone proves nothing about the host: its disc may be scratched."""
LIES = 2
"""Different jobs of which it said untruly that they were done. Once may be a share that lost something."""
SHORTEST = timedelta(minutes=15)
LONGEST = timedelta(hours=8)


class Ended(Struct, frozen=True):
    """How an attempt on a host ended."""

    job_id: int
    failed: bool
    lasted: timedelta
    at: datetime
    error: str | None = None
    lied: bool = False
    """It failed because the result was not what the host said."""


class Blame(Struct, frozen=True):
    """A host is set aside."""

    until: datetime
    reason: str
    job_ids: tuple[int, ...]
    """Whose tries were lost through it; they get them back."""


def blamed(latest: Sequence[Ended], now: datetime, before: int) -> Blame | None:
    """`latest`: the newest attempts of a host first, those since it was last set aside or brought back.

    It is set aside once the last `IN_A_ROW` attempts, at different jobs, all failed quickly, or once it lied of `LIES` jobs,
    however long they took and whatever else it did meanwhile. `before`: how often it was
    set aside since it last completed anything; each doubles the time.
    """
    pause = min(SHORTEST * 2 ** min(before, 10), LONGEST)
    lied = [each for each in latest if each.lied]
    jobs = tuple(dict.fromkeys(each.job_id for each in lied))
    if len(jobs) >= LIES:
        reason = (
            f"It said of {len(jobs)} jobs that they were done, and they were not, the last of them so: {lied[0].error}"
        )
        return Blame(now + pause, reason, jobs)
    row: list[Ended] = []
    for each in latest:
        if not each.failed or each.lasted > QUICKLY:
            break
        row.append(each)
    jobs = tuple(dict.fromkeys(each.job_id for each in row))
    if len(jobs) < IN_A_ROW:
        return None
    last = row[0].error
    why = f": {last}" if last else "."
    return Blame(
        now + pause, f"{len(jobs)} jobs failed here within seconds of their start, the last of them so{why}", jobs
    )

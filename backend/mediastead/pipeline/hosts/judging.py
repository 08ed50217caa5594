"""Whether a host that fails is to be blamed, or what it was given."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

QUICKLY = timedelta(seconds=30)
"""Work that has not lasted longer than this before it failed was hardly begun."""
IN_A_ROW = 3
"""Different jobs. One job alone proves nothing about the host: its disc may be scratched."""
SHORTEST = timedelta(minutes=15)
LONGEST = timedelta(hours=8)


class Ended(Struct, frozen=True):
    """How an attempt on a host ended."""

    job_id: int
    failed: bool
    lasted: timedelta
    at: datetime
    error: str | None = None


class Blame(Struct, frozen=True):
    """A host is set aside."""

    until: datetime
    reason: str
    job_ids: tuple[int, ...]
    """Whose tries were lost through it; they get them back."""


def blamed(latest: Sequence[Ended], now: datetime, before: int) -> Blame | None:
    """`latest`: the newest attempts of a host first, those since it was last set aside or brought back.

    It is set aside once the last `IN_A_ROW` attempts, at different jobs, all failed quickly. `before`: how often it was
    set aside since it last completed anything; each doubles the time.
    """
    row: list[Ended] = []
    for each in latest:
        if not each.failed or each.lasted > QUICKLY:
            break
        row.append(each)
    jobs = tuple(dict.fromkeys(each.job_id for each in row))
    if len(jobs) < IN_A_ROW:
        return None
    pause = min(SHORTEST * 2 ** min(before, 10), LONGEST)
    last = row[0].error
    why = f": {last}" if last else "."
    return Blame(
        now + pause, f"{len(jobs)} jobs failed here within seconds of their start, the last of them so{why}", jobs
    )

"""The hours in which jobs of a stage are begun: `transcode 22:00-06:00, remux 20:00-08:00`. What has begun goes on.

They are the server's setting `stage_hours`, and each host's. What a host says of a stage holds there in place of what the
setting says of it, so that one host may work all day where the others have the night: `transcode always`.
"""

import re
from collections.abc import Callable, Collection
from datetime import datetime, time, timedelta
from typing import TypeAlias

from .models import Stage

Closed: TypeAlias = Callable[[str], Collection[Stage]]
"""The stages that are outside their hours now on a host that has these hours of its own."""


def always_open(_hours: str) -> Collection[Stage]:
    """Where no stage has hours."""
    return ()


def closed_on(server: str, now: datetime) -> Closed:
    """`server`: what the setting says. `now` as the clock on the wall shows it."""
    return lambda host: closed_stages(hours_on(host, server), now)


_WINDOW = re.compile(r"(rip|remux|transcode|organize) (?:always|(\d\d):(\d\d)-(\d\d):(\d\d))")


def hours_on(host: str, server: str) -> str:
    """What holds on a host: its own hours, and the server's for the stages of which it says nothing."""
    own = {match[1] for match in _WINDOW.finditer(host)}
    others = [match[0] for match in _WINDOW.finditer(server) if match[1] not in own]
    return ", ".join([*([host] if own else []), *others])


def closed_stages(hours: str, now: datetime) -> frozenset[Stage]:
    """The stages that have hours, of which none is now. `now` as the clock on the wall shows it."""
    moment = now.time()
    return frozenset(
        stage for stage, windows in _windows(hours).items() if not any(_is_in(moment, *each) for each in windows)
    )


def closed_until(hours: str, stage: Stage, now: datetime) -> datetime | None:
    """When the next hours of a stage begin, within a day; None where it is begun now. By the clock on the wall, as `now`."""
    if stage not in closed_stages(hours, now):
        return None
    begins = [datetime.combine(now.date(), begin) for begin, _ in _windows(hours)[stage]]
    return min(begin if begin > now else begin + timedelta(days=1) for begin in begins)


def has_hours(hours: str, stage: Stage) -> bool:
    """Whether anything is said of a stage."""
    return stage in _windows(hours)


def _windows(hours: str) -> dict[Stage, list[tuple[time, time]]]:
    found: dict[Stage, list[tuple[time, time]]] = {}
    for stage, *digits in _WINDOW.findall(hours):
        first, second, third, fourth = (int(each or 0) for each in digits)
        found.setdefault(Stage(stage), []).append((time(first, second), time(third, fourth)))
    return found


def _is_in(moment: time, begin: time, end: time) -> bool:
    """Over midnight where it ends before it begins; all day where both are the same."""
    if begin < end:
        return begin <= moment < end
    return moment >= begin or moment < end

"""The hours in which jobs of a stage are begun: `transcode 22:00-06:00, remux 20:00-08:00`. What has begun goes on."""

import re
from datetime import datetime, time

from .models import Stage

_WINDOW = re.compile(r"(rip|remux|transcode|organize) (\d\d):(\d\d)-(\d\d):(\d\d)")


def closed_stages(hours: str, now: datetime) -> frozenset[Stage]:
    """The stages that have hours, of which none is now. `now` as the clock on the wall shows it."""
    windows: dict[Stage, list[tuple[time, time]]] = {}
    for stage, *digits in _WINDOW.findall(hours):
        first, second, third, fourth = map(int, digits)
        windows.setdefault(Stage(stage), []).append((time(first, second), time(third, fourth)))
    moment = now.time()
    return frozenset(stage for stage, all_ in windows.items() if not any(_is_in(moment, *each) for each in all_))


def _is_in(moment: time, begin: time, end: time) -> bool:
    """Over midnight where it ends before it begins; all day where both are the same."""
    if begin < end:
        return begin <= moment < end
    return moment >= begin or moment < end

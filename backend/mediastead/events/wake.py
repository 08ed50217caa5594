"""Nudges inside one process: whoever makes work due wakes the runner that does it.

A nudge is a courtesy. Runners look for work every second or two anyway, so one that is lost, or work that another server
made, costs seconds and nothing else.
"""

import asyncio


class Wake:
    """`wake.scans.set()` after a scan was asked for, `wake.identify.set()` after files became pending, `wake.replays.set()`
    after a replay was; after the commit, since before it there is nothing to see."""

    def __init__(self) -> None:
        self.scans = asyncio.Event()
        self.identify = asyncio.Event()
        self.replays = asyncio.Event()

    async def wait_for_scans(self, stop: asyncio.Event, seconds: float) -> None:
        """Return when somebody asked for a scan, when `stop` is set, or after `seconds`."""
        await _wait(self.scans, stop, seconds)

    async def wait_for_pending(self, stop: asyncio.Event, seconds: float) -> None:
        """Return when somebody made files pending, when `stop` is set, or after `seconds`."""
        await _wait(self.identify, stop, seconds)

    async def wait_for_replays(self, stop: asyncio.Event, seconds: float) -> None:
        """Return when somebody asked for a replay, when `stop` is set, or after `seconds`."""
        await _wait(self.replays, stop, seconds)


async def _wait(nudge: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    waits = {asyncio.ensure_future(nudge.wait()), asyncio.ensure_future(stop.wait())}
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    nudge.clear()

"""Whether the roots of libraries are there at this moment, also before a scan has looked."""

import asyncio
import threading
from collections.abc import Mapping
from contextlib import suppress

from ..scanning.root import why_unavailable

PATIENCE = 1.0
"""Seconds. A disk that sleeps needs longer to answer, and is not away."""


class Roots:
    """Looks at roots; changes nothing. A disk that hangs keeps one thread of its own, however often is asked, and no request for
    longer than `PATIENCE`."""

    def __init__(self) -> None:
        self._looks: dict[bytes, asyncio.Future[str | None]] = {}

    async def why_away(self, roots: Mapping[int, tuple[bytes, str | None]]) -> dict[int, str]:
        """By library, of those that are away, why. `roots`: where each lies, and what its marker says."""
        looks = {library_id: self._look(root, marker) for library_id, (root, marker) in roots.items()}
        if looks:
            await asyncio.wait(looks.values(), timeout=PATIENCE)
        return {
            library_id: why
            for library_id, look in looks.items()
            if look.done() and not look.cancelled() and (why := look.result()) is not None
        }

    def _look(self, root: bytes, marker: str | None) -> "asyncio.Future[str | None]":
        if (under_way := self._looks.get(root)) is not None and not under_way.done():
            return under_way
        loop = asyncio.get_running_loop()
        look: asyncio.Future[str | None] = loop.create_future()

        def told(why: str | None) -> None:
            if not look.done():
                look.set_result(why)

        def work() -> None:
            why = why_unavailable(root, marker)
            with suppress(RuntimeError):  # the application has ended meanwhile
                loop.call_soon_threadsafe(told, why)

        self._looks[root] = look
        threading.Thread(target=work, name="look at a root", daemon=True).start()
        return look

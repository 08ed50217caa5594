"""The server looks for discs in its own drives and folders, records them, and finds out what they may be."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

import structlog

from ... import __version__
from ...clock import Clock
from ...db.engine import AWAY, Database
from ...db.locks import ProcessLock
from ...db.text import shown
from ...metadata.errors import ProviderUnavailable
from ...metadata.provider import Provider
from ...parsing.parser import Parser
from ...settings import Settings
from ..hosts.capabilities import this_platform
from ..hosts.queries import host, own_host_id
from ..hosts.service import own_host
from . import queries
from .ejecting import settle_orders
from .facts import Seen
from .guessing import Names, guess_disc
from .models import Disc
from .observing import Observer, drives_here, paths_of
from .reported import ask_to_read, report, take_reported
from .seeing import is_to_wait, record_seen
from .service import record_guess
from .stored import title_facts
from .tools import Tools, tools_of

AT_A_TIME = 5
"""Discs that are asked about before the drives are looked at again."""

log = structlog.stdlib.get_logger(__name__)


class Detector:
    """One for a server."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Callable[[], Settings],
        parser: Parser,
        provider: Callable[[], Provider],
        tools: Tools | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._parser = parser
        self._provider = provider
        self._tools = tools
        self._observer = Observer(tools or Tools())
        self._asked: set[bytes] = set()
        self._held = AsyncExitStack()
        self._is_turn = True
        """Whether it is this server that looks for discs (`_take_turn`)."""
        self._unrecorded: list[Seen] = []
        """What was seen while the database was away."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping` is set."""
        looking = ProcessLock(self._database, "disc-looking")
        try:
            while not stopping.is_set():
                try:
                    await self._take_turn(looking)
                    await self.look()
                except Exception:
                    # A database that is away must not end this: nobody else looks for discs, or hears what hosts see of them.
                    log.exception("discs cannot be looked for now, will try again")
                try:
                    async with asyncio.timeout(self._settings().disc_poll_seconds):
                        await stopping.wait()
                except TimeoutError:
                    continue
        finally:
            await self._held.aclose()
            await self._observer.stop()

    async def _take_turn(self, looking: ProcessLock) -> None:
        """Of the servers on one PostgreSQL, which have one host among them, one looks: the first that has a drive or a folder,
        until it ends."""
        if self._database.is_sqlite or not self._places() or (self._is_turn and await looking.is_kept()):
            return
        await self._held.aclose()
        was = self._is_turn
        self._is_turn = await self._held.enter_async_context(looking.hold())
        if not self._is_turn:
            await self._held.aclose()
            if was:
                log.warning(
                    "another server looks for discs, and this one does not: start `mediastead host run` here for its drives"
                )

    async def look(self, *, wait: bool = False) -> None:
        """One look at everything; `wait` until what came is read."""
        settings = self._settings()
        drives = self.drives()
        folders = paths_of(settings.disc_folders) if self._is_turn else []
        # On PostgreSQL a server without any may stand beside one that has them.
        if drives or folders or self._database.is_sqlite:
            async with self._database.read() as session:
                host_id = await own_host_id(session)
                again = await queries.to_read(session, host_id) if host_id is not None else []
            await self.tools()
            # Each wish once: it stands there until what came of it is recorded.
            self._observer.look_again_at(set(again) - self._asked)
            seen = await self._observer.look(drives, folders)
            if wait:
                seen += await self._observer.look(drives, folders)
                seen += await self._observer.finished()
            self._asked = set(again) - {each.source for each in seen}
            self._unrecorded += seen
            await self._record_all()
            if host_id is not None:
                await self._look_after(host_id)
        # Before what hosts saw since: of a disc that was put back that is the last word.
        await settle_orders(self._database, self._clock)
        await take_reported(self._database, self._clock)
        await ask_to_read(self._database)
        await self.guess()

    def drives(self) -> list[bytes]:
        """Of this machine, as far as the server may have them."""
        return drives_here(paths_of(self._settings().disc_drives)) if self._is_turn else []

    def _places(self) -> list[bytes]:
        """Drives and folders that this server might look into."""
        settings = self._settings()
        return [*drives_here(paths_of(settings.disc_drives)), *paths_of(settings.disc_folders)]

    def look_again_at(self, sources: Sequence[bytes]) -> None:
        """What lies there is another thing from now on, though it may look the same."""
        self._observer.look_again_at(sources)

    async def read(self, source: bytes) -> int | None:
        """Read this now, because a person asked; the disc's id, None where none lies there."""
        from .reading import read_source

        seen = await read_source(source, await self.tools(), self._observer.looker)
        disc_id = await self._record(seen)
        return disc_id if seen.inserted else None

    async def tools(self) -> Tools:
        """What reads discs and opens drives here: as a person said it of this host, from the next disc on."""
        if self._tools is None:
            async with self._database.read() as session:
                own = await own_host_id(session)
                found = await host(session, own) if own is not None else None
            self._observer.tools = tools_of(found.commands.get("read", {})) if found is not None else Tools()
        return self._observer.tools

    async def guess(self) -> None:
        """Find out what discs are that nobody knows. Where the provider cannot be asked, another time."""
        async with self._database.read() as session:
            discs = await queries.to_guess(session, AT_A_TIME)
            titles = await queries.titles_of(session, [disc.id for disc in discs])
        for disc in discs:
            facts = [title_facts(title) for title in titles[disc.id]]
            try:
                guess = await guess_disc(
                    names_of_disc(disc),
                    facts,
                    self._parser,
                    self._provider(),
                    threshold=self._settings().auto_match_threshold,
                )
            except ProviderUnavailable:
                return
            async with self._database.write() as session:
                await record_guess(session, self._clock.now(), disc.id, guess)

    async def stop(self) -> None:
        await self._observer.stop()

    async def _look_after(self, host_id: int) -> None:
        """What was there and the look has not found: it went while no server ran, or lies where a person said, outside of all
        folders."""
        looked = self._observer.looked
        async with self._database.read() as session:
            known = [source for _, source in await queries.lying_on(session, host_id)]
            # On PostgreSQL another server may have the drive, and only that one sees into it.
            known = looked.left_out(known) if self._database.is_sqlite else looked.gone(known)
            asked = await queries.to_read(session, host_id)
            waited_for = looked.left_out({*await queries.expected_on(session, host_id), *asked})
            waited_for = [source for source in waited_for if not source.startswith(b"/dev/")]
        there = await self._observer.looker.those_there([*known, *waited_for])
        for source in known:
            if source not in there:
                await self._record(Seen(source=source, inserted=False))
        for source in waited_for:
            if source in there:
                self._observer.read(source)

    async def _record_all(self) -> None:
        """Record what was seen, in its order."""
        while self._unrecorded:
            seen = self._unrecorded[0]
            try:
                await self._record(seen)
            except AWAY:
                raise
            except Exception:
                # Else it would hold up all that is seen after it.
                log.exception("what was seen of a disc cannot be recorded", source=shown(seen.source))
            self._unrecorded.pop(0)

    async def _record(self, seen: Seen) -> int | None:
        async with self._database.write() as session:
            host_id = await own_host(session, self._clock.now(), this_platform(), __version__)
            if await is_to_wait(session, self._clock.now(), host_id, seen):
                await report(session, host_id, [seen])
            disc_id = await record_seen(session, self._clock.now(), host_id, seen)
        if seen.error is not None:
            log.warning("a disc could not be read", disc=disc_id, why=seen.error)
        return disc_id


def names_of_disc(disc: Disc) -> Names:
    name = disc.facts.get("name")
    return Names(name=name if isinstance(name, str) else None, label=disc.label, source=disc.source)

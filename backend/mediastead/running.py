"""What one application holds from its start to its end: database, clock, provider, parser, and the work beside the requests."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import Context
from datetime import timedelta
from typing import Any, Literal, TypeAlias

import structlog
from alembic.util import CommandError
from litestar import Litestar
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from . import logs
from .browsing.roots import Roots
from .clock import Clock
from .contents.reader import ContentReader
from .contents.verifier import Verifier
from .db import migrate
from .db.engine import Database
from .errors import NotConfigured
from .events.wake import Wake
from .files.removing import Remover
from .metadata.cached import drop_expired
from .metadata.choose import make_provider
from .metadata.provider import CatalogProvider
from .metadata.refreshing import refresh_due
from .metadata.unused import drop_unused
from .organizing.organizer import Organizer
from .organizing.planning import Planner
from .organizing.service import forget_plans
from .parsing.parsed import ParsedPath
from .parsing.parser import Parser
from .pipeline.at_work import StageJobs
from .pipeline.discs.detector import Detector
from .pipeline.marked import MarkerLook
from .pipeline.rules import rules_of
from .pipeline.runner import Flow
from .pipeline.stages.handlers import HOST_HANDLERS
from .preferences.live import LiveSettings
from .probing import Hasher, Prober, unavailable
from .recording.recorder import Recorder
from .replaying.runner import ReplayRunner
from .replaying.service import forget_old_replays
from .scanning.identify import Identifier
from .scanning.reading import read_paths
from .scanning.runner import ScanRunner
from .settings import Settings
from .timers.ticker import Hook, Ticker
from .trash.emptying import delete_due
from .unmatched.orders import refresh_orders
from .unmatched.service import on_new_episodes
from .watching.watcher import Watcher, forget_watching

Background: TypeAlias = Literal["all", "work", "none"]
"""What runs beside the requests: all; scans and identification without timers; nothing."""

REFRESH_EVERY = timedelta(minutes=5)
"""Between two looks for items that are due to be asked for again; each is due every few days."""
CLEAN_UP_EVERY = timedelta(hours=1)
LOOK_THROUGH_EVERY = timedelta(days=1)
"""Between two looks through all decisions for what they no longer need."""
PATIENCE = 5.0
"""Seconds that background work gets to finish what it is at, before it is cancelled (which loses nothing, but is done anew)."""

log = structlog.stdlib.get_logger(__name__)


class Running:
    """What one application holds from its start to its end."""

    def __init__(
        self,
        settings: Settings,
        database: Database | None,
        clock: Clock,
        provider: CatalogProvider | None,
        parser: Parser | None,
        background: Background,
    ) -> None:
        self.clock = clock
        self.wake = Wake()
        self.stopping = asyncio.Event()
        """Set when the server is to stop, so that event streams end by themselves."""
        self.database = database or Database(settings.database_url, pool_size=settings.pool_size)
        self.live_settings = LiveSettings(settings, self.database)
        self.parser = parser or Parser(workers=settings.parser_workers)
        self.roots = Roots()
        self.planner = Planner(self.database, self.clock)
        self.detector = Detector(self.database, self.clock, lambda: self.settings, self.parser, lambda: self.provider)
        self._stage_jobs = StageJobs(self.database, self.clock, lambda: self.settings, HOST_HANDLERS)
        self._given_provider = provider
        self._provider: CatalogProvider | None = provider
        self._owns_database = database is None
        self._owns_parser = parser is None
        self._background = background
        self._tasks: set[asyncio.Task[None]] = set()
        self._identifier_stop = asyncio.Event()
        self._former_providers: list[CatalogProvider] = []
        self._hasher = Hasher()
        self._prober = Prober() if background != "none" else None

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self.live_settings.current

    @property
    def provider(self) -> CatalogProvider:
        if self._provider is None:
            raise RuntimeError("the application has not started")
        return self._provider

    async def on_new_episodes(self, session: AsyncSession, series_tmdb_id: int) -> None:
        """Files whose episode did not exist are asked about again."""
        await on_new_episodes(session, self.clock.now(), series_tmdb_id)

    async def read_paths(self, files: Sequence[tuple[bytes, bytes]]) -> list[ParsedPath]:
        """What the names of files (root, path relative to it) say."""
        return await read_paths(self.parser, files)

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            if self._owns_database:
                stack.push_async_callback(self.database.dispose)
            await asyncio.to_thread(_bring_up_schema, self.database)
            _keep_secrets(await self.live_settings.reload())
            self._provider = self._given_provider or make_provider(self.settings, self.database, self.clock)
            if self._owns_parser:
                await stack.enter_async_context(self.parser)
            if self._prober is not None:
                await stack.enter_async_context(self._prober)
            stack.push_async_callback(self._hasher.stop)
            self.live_settings.on_change(self._apply)
            stack.push_async_callback(self._stop)
            self._start()
            yield

    def _start(self) -> None:
        if self._background == "none":
            return
        self._run("settings", self.live_settings.watch(self.stopping))
        replays = ReplayRunner(self.database, self.clock, self.parser, self.wake)
        self._run("replays", replays.run(self.stopping))
        self._run("scans", ScanRunner(self.database, self.clock, self.wake).run(self.stopping))
        if self._background == "all":
            hooks: dict[str, tuple[timedelta, Hook]] = {
                "refresh items": (REFRESH_EVERY, self._refresh_items),
                "drop answers": (CLEAN_UP_EVERY, self._drop_answers),
                "drop kept answers": (LOOK_THROUGH_EVERY, self._drop_unused),
                "forget old replays": (CLEAN_UP_EVERY, self._forget_old_replays),
                "forget plans": (CLEAN_UP_EVERY, self._forget_plans),
                "empty the trash": (CLEAN_UP_EVERY, self._delete_due),
                "clear staging": (CLEAN_UP_EVERY, self._stage_jobs.clear_staging),
                "forget old stage jobs": (CLEAN_UP_EVERY, self._stage_jobs.forget_old),
            }
            self._run("watching", self._watching())
            self._run("stage jobs", self._stage_jobs.run(self.stopping))
            self._run("discs", self.detector.run(self.stopping))
            flow = Flow(self.database, self.clock, lambda: rules_of(self.settings))
            self._run("pipeline", flow.run(self.stopping))
            markers = MarkerLook(self.database, self.clock, lambda: rules_of(self.settings))
            self._run("markers", markers.run(self.stopping, listen=self.settings.watch))
            if self._prober is not None:
                reader = ContentReader(self.database, self.clock, self._prober, streams=unavailable() is None)
                self._run("contents", reader.run(self.stopping))
            self._run("timers", Ticker(self.database, self.clock, self.wake, hooks).run(self.stopping))
        self._run("removing", Remover(self.database, self.clock).run(self.stopping))
        # A command reads what it asks for, and leaves what is due by itself to servers.
        by_itself = self._background == "all"
        verifier = Verifier(
            self.database,
            self.clock,
            self._hasher,
            days=(lambda: self.settings.verify_days) if by_itself else None,
            pace=lambda: self.settings.verify_megabytes_per_second * 1_000_000,
        )
        self._run("verification", verifier.run(self.stopping))
        self._run("organizing", Organizer(self.database, self.clock, self.wake).run(self.stopping))
        self._run("records", Recorder(self.database, self.clock).run(self.stopping))
        self._start_identifier()

    async def _watching(self) -> None:
        if self.settings.watch:
            await Watcher(self.database, self.clock, self.wake).run(self.stopping)
        else:
            await forget_watching(self.database)

    async def _refresh_items(self) -> None:
        await refresh_due(self.database, self.provider, self.clock, self.stopping, on_new_episodes=self.on_new_episodes)
        await refresh_orders(self.database, self.provider, self.clock)

    async def _drop_answers(self) -> None:
        async with self.database.write() as session:
            await drop_expired(session, self.clock.now())

    async def _forget_old_replays(self) -> None:
        await forget_old_replays(self.database, self.clock)

    async def _forget_plans(self) -> None:
        await self.planner.drop_forsaken()
        await forget_plans(self.database, self.clock)

    async def _delete_due(self) -> None:
        await delete_due(self.database, self.clock, timedelta(days=self.settings.trash_days))

    async def _drop_unused(self) -> None:
        await drop_unused(self.database, self.clock)

    def _start_identifier(self) -> None:
        self._identifier_stop = asyncio.Event()
        identifier = Identifier(
            self.database,
            self.clock,
            self.parser,
            self.provider,
            self.wake,
            threshold=self.settings.auto_match_threshold,
            prober=self._prober if unavailable() is None else None,
        )
        self._run("identify", identifier.run(self._identifier_stop))

    async def _apply(self, settings: Settings) -> None:
        """Let a changed setting reach what runs."""
        _keep_secrets(settings)
        logs.set_level(settings.log_level)
        if self._given_provider is None:
            self._former_providers.append(self.provider)
            self._provider = make_provider(settings, self.database, self.clock)
        if self._background != "none":
            # The former one ends after the batch that it is at; claims keep the two from the same file meanwhile.
            self._identifier_stop.set()
            self._start_identifier()

    def stop_waiting(self) -> None:
        """Begin to end: what waits for the provider, a request or a batch, is told so at once instead of being waited for."""
        self.stopping.set()
        self._identifier_stop.set()
        if self._given_provider is None and self._provider is not None:
            for provider in (*self._former_providers, self._provider):
                provider.close()

    async def _stop(self) -> None:
        self.stop_waiting()
        await self.planner.stop()
        await self.detector.stop()
        tasks = list(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        # A context of its own: started by a request that changes a setting, it would else go on under that request's id.
        task = asyncio.create_task(work, name=name, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical(
                "background work ended with an error; restart the server", work=task.get_name(), exc_info=error
            )


def _bring_up_schema(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    revision = migrate.current(url)
    if revision == migrate.head():
        return
    if not database.is_sqlite:
        # Several servers may start at once on PostgreSQL, some of them still with the former version.
        raise NotConfigured(
            f"The schema of the database is at {revision}, and this version needs {migrate.head()}: stop all servers, make a "
            "backup, and run `mediastead db upgrade`."
        )
    try:
        migrate.upgrade(url)
    except CommandError:
        raise NotConfigured(
            f"The database was made by another version of Mediastead (schema {revision}, this one has {migrate.head()}): "
            "run that version, or start with the backup that was made before it."
        ) from None


def _keep_secrets(settings: Settings) -> None:
    if settings.tmdb_api_key is not None:
        logs.keep_secret(settings.tmdb_api_key.reveal())
    if password := make_url(settings.database_url).password:
        logs.keep_secret(password)

"""Puts the pieces together into one application; the only place that knows all rooms."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import Context
from datetime import timedelta
from functools import cache
from typing import Any, Literal, TypeAlias

import structlog
from alembic.util import CommandError
from litestar import Litestar, Request, get
from litestar.di import Provide
from litestar.events import BaseEventEmitterBackend
from litestar.types import ControllerRouterHandler, LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from . import __version__, logs
from .browsing.controller import ItemViewsController, LibraryViewsController, MediaFilesController
from .clock import Clock, SystemClock
from .db import migrate
from .db.engine import Database
from .errors import NotConfigured
from .events.controller import EventsController
from .events.wake import Wake
from .files.controller import ImportsController
from .http.border import cross_the_border, is_loopback
from .http.head import heads_as_gets
from .http.health import healthz, readyz
from .http.injection import parameters_by_name
from .http.limits import MAX_BODY_BYTES, LimitedRequest, refuse_impossible
from .http.openapi import openapi_document
from .http.permissions import LOCAL, public, refuse_undeclared, undeclared_routes
from .http.problems import SafeResponse, answer_problem
from .libraries.controller import FilesystemController, LibrariesController
from .metadata.cached import drop_expired
from .metadata.choose import make_provider
from .metadata.controller import ItemChangesController, MetadataController
from .metadata.provider import CatalogProvider
from .metadata.refreshing import refresh_due
from .metadata.unused import drop_unused
from .parsing.parsed import ParsedPath
from .parsing.parser import Parser
from .preferences.controller import SettingsController
from .preferences.live import LiveSettings
from .probing import Prober, unavailable
from .recording.controller import RecordsController
from .recording.recorder import Recorder
from .replaying.controller import ReplaysController
from .replaying.runner import ReplayRunner
from .replaying.service import forget_old_replays
from .scanning.controller import LibraryScansController, ScansController
from .scanning.identify import Identifier
from .scanning.reading import read_paths
from .scanning.runner import ScanRunner
from .settings import InvalidSetting, Settings
from .timers.ticker import Hook, Ticker
from .unmatched.controller import FileAnswersController, ItemRemapsController, UnmatchedFilesController
from .unmatched.group_controller import GroupAnswersController
from .unmatched.order_controller import SeriesOrdersController
from .unmatched.orders import refresh_orders
from .unmatched.remembered_controller import RememberedAnswersController
from .unmatched.service import on_new_episodes

Background: TypeAlias = Literal["all", "work", "none"]
"""What runs beside the requests: all; scans and identification without timers; nothing."""


# Two rooms share these paths, and Litestar takes only one controller a path: each would bring its own OPTIONS handler.
class AllOfItems(ItemViewsController, ItemChangesController, ItemRemapsController):
    """What `browsing` shows, what `metadata` changes, and what `unmatched` remaps."""


class AllOfLibraries(LibraryViewsController, LibrariesController):
    """What `browsing` shows, and what `libraries` sets up."""


ROUTES: list[ControllerRouterHandler] = [
    healthz,
    readyz,
    EventsController,
    FileAnswersController,
    FilesystemController,
    GroupAnswersController,
    ImportsController,
    LibraryScansController,
    AllOfItems,
    AllOfLibraries,
    MediaFilesController,
    MetadataController,
    RecordsController,
    ReplaysController,
    RememberedAnswersController,
    ScansController,
    SeriesOrdersController,
    SettingsController,
    UnmatchedFilesController,
]
"""Everything that the API offers, and what `openapi/openapi.json` tells."""

REFRESH_EVERY = timedelta(minutes=5)
"""Between two looks for items that are due to be asked for again; each is due every few days."""
CLEAN_UP_EVERY = timedelta(hours=1)
LOOK_THROUGH_EVERY = timedelta(days=1)
"""Between two looks through all decisions for what they no longer need."""
PATIENCE = 5.0
"""Seconds that background work gets to finish what it is at, before it is cancelled (which loses nothing, but is done anew)."""

log = structlog.stdlib.get_logger(__name__)


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    provider: CatalogProvider | None = None,
    parser: Parser | None = None,
    background: Background = "all",
) -> Litestar:
    """The application. What is not given is made from `settings`, and is closed again at the end of the lifespan.

    Its lifespan upgrades the schema (SQLite; on PostgreSQL it refuses one that is not up to date), reads what people set
    while it ran, and starts what `background` says. Raises `InvalidSetting` for an address beyond loopback.
    """
    if not is_loopback(settings.host):
        raise InvalidSetting(
            "Mediastead has no accounts yet, so it listens on this machine only: "
            f"set host to 127.0.0.1, and not to {settings.host!r}.",
            setting="host",
        )
    running = Running(settings, database, clock or SystemClock(), provider, parser, background)
    with parameters_by_name():
        app = _Application(
            [*ROUTES, _openapi_json],
            dependencies=_dependencies(running),
            lifespan=[running.lifespan],
            guards=[refuse_undeclared, refuse_impossible],
            exception_handlers={Exception: answer_problem},
            request_class=LimitedRequest,
            response_class=SafeResponse,
            request_max_body_size=MAX_BODY_BYTES,
            event_emitter_backend=_NoListeners,
            openapi_config=None,
            logging_config=None,
        )
    app.state.stopping, app.state.running = running.stopping, running
    if forgotten := list(undeclared_routes(app)):
        raise RuntimeError(f"these routes declare no permission: {', '.join(forgotten)}")
    return app


def document() -> str:
    """The OpenAPI document, as it stands in `openapi/openapi.json`."""
    return openapi_document(ROUTES, [*DEPENDENCIES, "actor"], __version__)


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
        self._given_provider = provider
        self._provider: CatalogProvider | None = provider
        self._owns_database = database is None
        self._owns_parser = parser is None
        self._background = background
        self._tasks: set[asyncio.Task[None]] = set()
        self._identifier_stop = asyncio.Event()
        self._former_providers: list[CatalogProvider] = []
        self._prober = Prober() if background != "none" and unavailable() is None else None

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
            }
            self._run("timers", Ticker(self.database, self.clock, self.wake, hooks).run(self.stopping))
        self._run("records", Recorder(self.database, self.clock).run(self.stopping))
        self._start_identifier()

    async def _refresh_items(self) -> None:
        await refresh_due(self.database, self.provider, self.clock, self.stopping, on_new_episodes=self.on_new_episodes)
        await refresh_orders(self.database, self.provider, self.clock)

    async def _drop_answers(self) -> None:
        async with self.database.write() as session:
            await drop_expired(session, self.clock.now())

    async def _forget_old_replays(self) -> None:
        await forget_old_replays(self.database, self.clock)

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
            prober=self._prober,
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


DEPENDENCIES: dict[str, Callable[[Running], object]] = {
    "database": lambda running: running.database,
    "clock": lambda running: running.clock,
    "settings": lambda running: running.settings,
    "live_settings": lambda running: running.live_settings,
    "provider": lambda running: running.provider,
    "on_new_episodes": lambda running: running.on_new_episodes,
    "read_paths": lambda running: running.read_paths,
    "wake": lambda running: running.wake,
    "stopping": lambda running: running.stopping,
}
"""What handlers may ask for by name, beside `actor`, the name of the person."""


class _Application(Litestar):
    """Litestar has no place before the routing, where also a 404 gets its request id."""

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        if scope["type"] == "http":
            await cross_the_border(heads_as_gets(super().__call__), scope, receive, send, lambda _: LOCAL)
        else:
            await super().__call__(scope, receive, send)


class _NoListeners(BaseEventEmitterBackend):
    """Litestar's own, of which nothing here makes use, would wrap every error of the lifespan in an ExceptionGroup."""

    async def __aexit__(self, *_: object) -> None:
        return None

    def emit(self, event_id: str, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("events of Mediastead go through events.outbox")


@get("/openapi.json", guards=[public], include_in_schema=False, media_type="application/json")
async def _openapi_json() -> bytes:
    return await asyncio.to_thread(_document_bytes)


@cache
def _document_bytes() -> bytes:
    return document().encode()


def _dependencies(running: Running) -> dict[str, Provide]:
    def given(held: Callable[[Running], object]) -> Provide:
        return Provide(lambda: held(running), sync_to_thread=False)

    return {name: given(held) for name, held in DEPENDENCIES.items()} | {"actor": Provide(_actor, sync_to_thread=False)}


def _actor(request: Request[Any, Any, Any]) -> str:
    return request.user.name


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

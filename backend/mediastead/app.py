"""Puts the pieces together into one application; the only place that knows all rooms."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any

from litestar import Litestar, Request, get
from litestar.di import Provide
from litestar.events import BaseEventEmitterBackend
from litestar.types import ControllerRouterHandler, LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from . import __version__
from .browsing.controller import ItemViewsController, LibraryViewsController, MediaFilesController
from .clock import Clock, SystemClock
from .contents.controller import VerificationsController
from .db.engine import Database
from .events.controller import EventsController
from .files.controller import ImportsController
from .history.controller import OperationsController
from .http.border import cross_the_border, is_loopback
from .http.head import heads_as_gets
from .http.health import healthz, readyz
from .http.injection import parameters_by_name
from .http.limits import MAX_BODY_BYTES, LimitedRequest, refuse_impossible
from .http.openapi import openapi_document
from .http.permissions import LOCAL, public, refuse_undeclared, undeclared_routes
from .http.problems import SafeResponse, answer_problem
from .libraries.controller import FilesystemController, LibrariesController
from .metadata.controller import ItemChangesController, MetadataController
from .metadata.provider import CatalogProvider
from .organizing.controller import NamingController, OrganizingsController
from .parsing.parser import Parser
from .pipeline.approvals_controller import ApprovalsController
from .pipeline.disc_controller import DiscsController
from .pipeline.host_controller import HostsController
from .pipeline.items_controller import PipelineItemsController
from .pipeline.jobs_controller import StageJobsController
from .pipeline.stages.controller import PresetsController
from .preferences.controller import SettingsController
from .recording.controller import RecordsController
from .replaying.controller import ReplaysController
from .running import Background, Running
from .scanning.controller import LibraryScansController, ScansController
from .scanning.explain_controller import IdentifyController
from .settings import InvalidSetting, Settings
from .trash.controller import TrashController
from .unmatched.controller import (
    FileAnswersController,
    FileForgetController,
    ItemRemapsController,
    UnmatchedFilesController,
)
from .unmatched.dismissed_controller import DismissedFoldersController
from .unmatched.group_controller import GroupAnswersController
from .unmatched.order_controller import SeriesOrdersController
from .unmatched.remembered_controller import RememberedAnswersController


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
    FileForgetController,
    FilesystemController,
    IdentifyController,
    GroupAnswersController,
    HostsController,
    ImportsController,
    LibraryScansController,
    AllOfItems,
    AllOfLibraries,
    MediaFilesController,
    MetadataController,
    NamingController,
    OperationsController,
    OrganizingsController,
    ApprovalsController,
    PipelineItemsController,
    PresetsController,
    RecordsController,
    ReplaysController,
    RememberedAnswersController,
    DiscsController,
    DismissedFoldersController,
    ScansController,
    SeriesOrdersController,
    SettingsController,
    StageJobsController,
    TrashController,
    UnmatchedFilesController,
    VerificationsController,
]
"""Everything that the API offers, and what `openapi/openapi.json` tells."""


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
    app = make_routes()
    app.state.running = Running(settings, database, clock or SystemClock(), provider, parser, background)
    return app


def make_routes() -> Litestar:
    """The application without what it runs on: `state.running` is to be set to a `Running` before its lifespan begins, and may
    be set to another after it has ended."""
    with parameters_by_name():
        app = _Application(
            [*ROUTES, _openapi_json],
            dependencies=_dependencies(),
            lifespan=[_lifespan],
            guards=[refuse_undeclared, refuse_impossible],
            exception_handlers={Exception: answer_problem},
            request_class=LimitedRequest,
            response_class=SafeResponse,
            request_max_body_size=MAX_BODY_BYTES,
            event_emitter_backend=_NoListeners,
            openapi_config=None,
            logging_config=None,
        )
    if forgotten := list(undeclared_routes(app)):
        raise RuntimeError(f"these routes declare no permission: {', '.join(forgotten)}")
    return app


def document() -> str:
    """The OpenAPI document, as it stands in `openapi/openapi.json`."""
    return openapi_document(ROUTES, [*DEPENDENCIES, "actor"], __version__)


DEPENDENCIES: dict[str, Callable[[Running], object]] = {
    "database": lambda running: running.database,
    "clock": lambda running: running.clock,
    "settings": lambda running: running.settings,
    "live_settings": lambda running: running.live_settings,
    "provider": lambda running: running.provider,
    "on_new_episodes": lambda running: running.on_new_episodes,
    "parser": lambda running: running.parser,
    "planner": lambda running: running.planner,
    "detector": lambda running: running.detector,
    "roots": lambda running: running.roots,
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


def _lifespan(app: Litestar) -> AbstractAsyncContextManager[None]:
    return _running(app).lifespan(app)


def _running(app: Litestar) -> Running:
    return app.state.running


def _dependencies() -> dict[str, Provide]:
    def given(held: Callable[[Running], object]) -> Provide:
        def provided(request: Request[Any, Any, Any]) -> object:
            return held(_running(request.app))

        return Provide(provided, sync_to_thread=False)

    return {name: given(held) for name, held in DEPENDENCIES.items()} | {"actor": Provide(_actor, sync_to_thread=False)}


def _actor(request: Request[Any, Any, Any]) -> str:
    return request.user.name

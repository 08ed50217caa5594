"""How a command reaches the API: over HTTP where `--server` names one, else an application made in this process.

Both speak the same routes, so a command has one code path, and what it does beside a running server is what a second server
on the same database would do.
"""

import os
import re
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import click

if TYPE_CHECKING:
    import httpx

    from ..settings import Settings

T = TypeVar("T")
PAGE = 500
TIMEOUT = 60.0
"""Seconds without a byte of an answer, after which a server counts as gone."""


LISTS = {
    "/v1/discs": "discs list",
    "/v1/dismissed-folders": "remembered folders",
    "/v1/imports": "imports list",
    "/v1/items": "items list",
    "/v1/libraries": "library list",
    "/v1/media-files": "files list",
    "/v1/approvals": "approvals list",
    "/v1/operations": "history list",
    "/v1/organizings": "organize list",
    "/v1/pipeline-items": "pipeline list",
    "/v1/presets": "presets list",
    "/v1/remembered-answers": "remembered list",
    "/v1/replays": "matching replays",
    "/v1/stage-jobs": "jobs list",
    "/v1/trash": "trash list",
    "/v1/unmatched-files": "unmatched list",
    "/v1/unmatched-files/groups": "unmatched groups",
}
"""The commands that give what the API advises to list."""


def pauses(longest: float = 0.3) -> Iterator[float]:
    """Seconds to wait between looks at something that usually ends at once, and may take hours."""
    pause = 0.02
    while True:
        yield pause
        pause = min(pause * 1.5, longest)


class CommandFailed(Exception):
    """Ends the command with a sentence that says what to do next."""

    def __init__(self, words: str, *, exit_code: int = 1) -> None:
        super().__init__(words)
        self.exit_code = exit_code


class Refused(CommandFailed):
    """The API answered a problem; `problem` is it whole."""

    def __init__(self, problem: dict[str, Any]) -> None:
        said = str(problem.get("detail") or problem.get("title") or "the server refused without saying why")
        super().__init__(re.sub(r"\blist (/v1/[a-z/-]*[a-z])", _by_command, said))
        self.problem = problem
        self.status = int(problem.get("status") or 0)


def _by_command(advice: "re.Match[str]") -> str:
    command = LISTS.get(advice[1])
    return f"`mediastead {command}` lists what there is" if command else advice[0]


class Options:
    """The options that stand before the command."""

    def __init__(self, server: str | None) -> None:
        self.server = server.rstrip("/") if server else None

    def settings(self) -> "Settings":
        return load()


class Api:
    """The API as a command sees it: JSON in, JSON out, and `Refused` for every problem."""

    def __init__(self, client: "httpx.AsyncClient", server: str | None) -> None:
        self._client = client
        self._server = server

    @property
    def remote(self) -> bool:
        """Whether another process answers, which then does the work in the background as well."""
        return self._server is not None

    async def get(self, path: str, /, **params: Any) -> Any:
        return await self._ask("GET", path, params=_given(params))

    async def post(self, path: str, body: object = None) -> Any:
        return await self._ask("POST", path, json=body)

    async def patch(self, path: str, body: object) -> Any:
        return await self._ask("PATCH", path, json=body)

    async def put(self, path: str, body: object) -> Any:
        return await self._ask("PUT", path, json=body)

    async def delete(self, path: str, **params: Any) -> Any:
        return await self._ask("DELETE", path, params=_given(params))

    async def each(self, path: str, **params: Any) -> AsyncGenerator[dict[str, Any]]:
        """Every row of a list, page after page."""
        cursor: str | None = None
        while True:
            page = await self.get(path, limit=PAGE, cursor=cursor, **params)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if cursor is None:
                return

    async def _ask(self, method: str, path: str, **how: Any) -> Any:
        import httpx

        how = {key: value for key, value in how.items() if value is not None}
        try:
            answer = await self._client.request(method, path, **how)
        except httpx.HTTPError as error:
            raise CommandFailed(
                f"no answer from {self._server or 'the application'} ({type(error).__name__}): start it with `mediastead serve`, "
                "or leave out --server and MEDIASTEAD_SERVER to work on the database itself."
            ) from None
        if answer.status_code < 300:
            return answer.json() if answer.content else None
        try:
            problem = answer.json()
        except ValueError:
            problem = {}
        if not isinstance(problem, dict) or "title" not in problem:
            raise CommandFailed(
                f"{self._server} answered {answer.status_code} and is no Mediastead; check the address."
            )
        raise Refused(problem)  # pyright: ignore[reportUnknownArgumentType] - any JSON object


def call(work: Callable[[Api], Awaitable[T]], *, background: Literal["all", "work", "none"] = "none") -> T:
    """Run `work` with the API. `background` says what an application in this process does beside it."""
    import asyncio

    options = click.get_current_context().find_object(Options) or Options(None)
    try:
        return asyncio.run(_called(options, work, background))
    except asyncio.CancelledError:
        raise CommandFailed("stopped.", exit_code=143) from None


def load() -> "Settings":
    """The settings of this process, from its environment and file; what it logs is kept to errors."""
    from ..logs import set_up_logs
    from ..settings_read import find_settings_file, load_settings

    settings = load_settings(os.environ, find_settings_file(os.environ, Path.cwd()))
    # What a server would log is of no use beside the answer of a command.
    set_up_logs("debug" if settings.log_level == "debug" else "error", settings.log_format)
    return settings


async def _called(
    options: Options, work: Callable[[Api], Awaitable[T]], background: Literal["all", "work", "none"]
) -> T:
    import asyncio

    me = asyncio.current_task()
    assert me is not None
    # Ctrl-C cancels by itself (asyncio.run); who is asked to end by SIGTERM shall end as politely.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    async with _api(options, background) as api:
        return await work(api)


@asynccontextmanager
async def _api(options: Options, background: Literal["all", "work", "none"]) -> AsyncGenerator[Api]:
    import httpx

    async with AsyncExitStack() as stack:
        if options.server is not None:
            client = httpx.AsyncClient(base_url=options.server, timeout=TIMEOUT, trust_env=False)
        else:
            from ..app import create_app

            app = create_app(options.settings(), background=background)
            await stack.enter_async_context(app.lifespan())
            # A mistake of ours is answered as a problem, like a server would; it is in the log.
            transport = httpx.ASGITransport(cast("Any", app), raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=None)
        yield Api(await stack.enter_async_context(client), options.server)


def _given(params: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if value is not None}

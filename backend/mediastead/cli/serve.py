"""`mediastead serve`: the server."""

import asyncio
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from .calling import CommandFailed, load

if TYPE_CHECKING:
    from ..settings import Settings

GRACE = 3
"""Seconds that open requests get after the server was told to stop; event streams end at once by themselves."""


@click.command()
@click.option("--host", help="The address to listen on (a setting as well).")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="The port to listen on; 0 takes any free one (a setting as well)."
)
def serve(host: str | None, port: int | None) -> None:
    """Serve the API and do all work in the background, until Ctrl-C or SIGTERM."""
    from msgspec import structs

    from ..logs import set_up_logs

    settings = load()
    given = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    settings = structs.replace(settings, **given)
    set_up_logs(settings.log_level, settings.log_format)
    asyncio.run(serve_until_stopped(settings))


async def serve_until_stopped(settings: "Settings") -> None:
    """Serve, with the address on standard output once requests are answered. Raises `CommandFailed` where the port is taken."""
    import uvicorn

    from ..app import create_app
    from ..logs import set_level

    app = create_app(settings)
    listening = _listen(settings.host, settings.port)
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE
    )

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Generator[None]:
            # Uvicorn's own would kill the process with the signal before the lifespan below has ended.
            yield

    server = Server(config)

    def stop() -> None:
        app.state.running.stop_waiting()
        server.force_exit = server.should_exit
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    # The lifespan is begun here and not by uvicorn, so that what keeps it from beginning is told in one sentence.
    async with app.lifespan():
        set_level(app.state.running.settings.log_level)  # a person may have changed it when it last ran
        host, port = listening.getsockname()[:2]
        print(f"Mediastead listens on http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)
        await server.serve(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family, backlog=2048)
    except OSError as error:
        raise CommandFailed(
            f"cannot listen on {host} port {port} ({error.strerror}): stop what listens there, or choose another with --port."
        ) from None

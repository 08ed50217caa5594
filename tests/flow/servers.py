"""Real server processes for the flow tests."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from .commands import Command

PATIENCE = 60.0
"""Seconds that a test waits for something that takes milliseconds on an idle machine."""


class ServerProcess:
    """`mediastead serve`, and a client that asks it. Every answer that is no success is an error."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self.start()

    def start(self) -> None:
        self.process = Command(["serve", "--port", "0"], env=self._environment, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith("Mediastead listens on "):
            self.process.stdout.close()
            self.process.kill()
            raise AssertionError(f"the server said {line!r} and ended with {self.process.wait()}")
        self.url = line.split()[-1]
        self.client = httpx.Client(base_url=self.url, timeout=PATIENCE)

    def kill(self) -> None:
        """As the power does it."""
        self.process.kill()
        self._ended()

    def stop(self) -> int:
        """As an administrator does it; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def _ended(self) -> int:
        self.client.close()
        code = self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def get(self, path: str, **parameters: Any) -> Any:
        return self._answer(self.client.get(f"/v1{path}", params=parameters))

    def post(self, path: str, body: object = None) -> Any:
        return self._answer(self.client.post(f"/v1{path}", json=body))

    def every(self, path: str, **parameters: Any) -> list[Any]:
        """All pages of a list."""
        items: list[Any] = []
        cursor: str | None = None
        while True:
            page = self.get(path, **parameters, **({"cursor": cursor} if cursor else {}))
            items.extend(page["items"])
            cursor = page["next"]
            if cursor is None:
                return items

    def _answer(self, response: httpx.Response) -> Any:
        assert response.is_success, (
            f"{response.request.method} {response.request.url}: {response.status_code} {response.text}"
        )
        return response.json() if response.content else None

    def scan(self, library_id: int) -> dict[str, Any]:
        """Ask for a scan and wait until it ended and every pending file had its turn."""
        scan_id = self.post(f"/libraries/{library_id}/scans")["id"]
        wait_until(lambda: self.get(f"/scans/{scan_id}")["outcome"] is not None)
        wait_until(lambda: self.get(f"/libraries/{library_id}")["counts"]["pending"]["total"] == 0)
        found: dict[str, Any] = self.get(f"/scans/{scan_id}")
        return found


def environment_for(database_url: str, data: Path, **settings: str) -> dict[str, str]:
    """The environment of a server on this database that asks nothing of the network, and looks only when it is asked to."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEDIASTEAD_")}
    return kept | {
        "MEDIASTEAD_DATABASE_URL": database_url,
        "MEDIASTEAD_DATA_DIR": str(data),
        "MEDIASTEAD_METADATA": "bundled",
        "MEDIASTEAD_PARSER_WORKERS": "1",
        "MEDIASTEAD_LOG_LEVEL": "warning",
        "MEDIASTEAD_WATCH": "false",
        **settings,
    }


@contextmanager
def running_server(environment: dict[str, str]) -> Iterator[ServerProcess]:
    server = ServerProcess(environment)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


def wait_until(holds: Callable[[], bool], seconds: float = PATIENCE, every: float = 0.05) -> None:
    """`every`: seconds between two questions; more where one of them costs the server as much as what is waited for."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(every)

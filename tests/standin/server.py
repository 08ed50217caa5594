"""The server: threads of the standard library on a free port of the loopback address."""

import json
import threading
from collections import deque
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import catalogue
from .faults import Fault

KEY = "0123456789abcdef0123456789abcdef"
"""The API key (v3) that it takes."""
TOKEN = "eyJhbGciOiJIUzI1NiJ9.c3RhbmQtaW4.c2lnbmF0dXJl"
"""The read access token (v4) that it takes."""
PAGE = 20


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    client: tuple[str, int]
    """Address and port: the same port is the same connection."""


class StandIn:
    """`with StandIn() as tmdb: ... tmdb.base_url`. Faults answer the next requests, one each, in order."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.was_asked = threading.Event()
        """Set with the first request."""
        self.faults: deque[Fault] = deque()
        self.always: Fault | None = None
        """Answers every request."""
        self.titles = list(catalogue.TITLES)
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/3"

    def misbehave(self, *faults: Fault) -> None:
        self.faults.extend(faults)

    def delete(self, kind: str, id: int) -> None:
        """Have a title no longer: its id is answered with 404, and no search or id elsewhere leads to it."""
        self.titles = [title for title in self.titles if (title.kind, title.id) != (kind, id)]

    def merge(self, kind: str, id: int, into: int) -> None:
        """Have a title under another id only, where all that leads to it leads from now on."""
        self.titles = [
            replace(title, id=into) if (title.kind, title.id) == (kind, id) else title for title in self.titles
        ]

    def __enter__(self) -> "StandIn":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Status and body of a well-behaved answer."""
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if asked.query.get("api_key") != KEY and token != TOKEN:
            return 401, {"status_code": 7, "status_message": "Invalid API key: You must be granted a valid key."}
        match asked.path.removeprefix("/3/").split("/"):
            case ["search", ("movie" | "tv") as kind]:
                if not asked.query.get("query"):
                    return 422, {"errors": ["query must be provided"]}
                year = asked.query.get("primary_release_year" if kind == "movie" else "first_air_date_year")
                hits = catalogue.searched(self.titles, kind, asked.query["query"], year)
                return 200, {"page": 1, "results": hits[:PAGE], "total_pages": 1, "total_results": len(hits)}
            case ["find", value]:
                return 200, catalogue.found(self.titles, asked.query["external_source"], value)
            case ["tv", "episode_group", group_id]:
                if (group := catalogue.episode_group(group_id)) is not None:
                    return 200, group
            case ["tv", id, "episode_groups"] if id.isdigit():
                if (groups := catalogue.episode_groups(self.titles, int(id))) is not None:
                    return 200, groups
            case [("movie" | "tv") as kind, id] if id.isdigit():
                append = [name for name in asked.query.get("append_to_response", "").split(",") if name]
                if len(append) > 20:
                    return 400, {"status_code": 27, "status_message": "Too many append to response objects."}
                told = catalogue.details(self.titles, kind, int(id), append)
                if told is not None:
                    return 200, told
        return 404, {"status_code": 34, "status_message": "The resource you requested could not be found."}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up, because a fault made it wait too long, is no news."""


def _handler(standin: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            host, port = self.client_address[:2]
            asked = Asked(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, (str(host), port))
            standin.asked.append(asked)
            standin.was_asked.set()
            fault = standin.faults.popleft() if standin.faults else standin.always
            if fault:
                fault.answer(self)
                return
            status, told = standin.answer(asked)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler

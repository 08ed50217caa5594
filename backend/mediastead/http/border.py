"""What happens to a request before any route sees it: it gets an id and a person, and is turned away where it comes by a
name or from a page that is not ours."""

import ipaddress
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import InvalidRequest
from .errors import WrongHost, WrongOrigin
from .permissions import Person
from .problems import MEDIA_TYPE, problem_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.stdlib.get_logger("mediastead.access")


async def cross_the_border(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, who: Callable[[Scope], Person | None]
) -> None:
    """Hand the request on to `app` with `state.request_id` and `user` set, or answer a problem."""
    method = str(cast("dict[str, Any]", scope)["method"])
    headers = {name: value.decode("latin-1") for name, value in reversed(list(scope["headers"]))}
    request_id = _request_id(headers.get(b"x-request-id", ""))
    scope["state"] = {**cast("dict[str, Any]", scope).get("state", {}), "request_id": request_id}
    scope["user"] = who(scope)
    started = time.monotonic()
    status: int = HTTPStatus.INTERNAL_SERVER_ERROR

    async def send_with_id(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = int(message["status"])
            message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
        await send(message)

    with structlog.contextvars.bound_contextvars(request_id=request_id):
        try:
            _check(headers, method)
        except (InvalidRequest, WrongHost, WrongOrigin) as error:
            await _answer(error, scope, send_with_id)
        else:
            await app(scope, receive, send_with_id)
        seconds = round(time.monotonic() - started, 4)
        log.info("request", method=method, path=scope["path"], status=status, seconds=seconds)


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine only."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _check(headers: dict[bytes, str], method: str) -> None:
    host = headers.get(b"host", "")
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        name = ""
    if not name:
        raise InvalidRequest("The request has no readable Host header; send the address that you connect to.")
    # A page on evil.example can have its own name point to 127.0.0.1 and would then be of one origin with us.
    if not is_loopback(name):
        raise WrongHost("This server answers to localhost, 127.0.0.1 and [::1] only; use one of these.")
    # A browser sends a plain form or text to any address; but it says from where, and no page but ours may change things.
    origin = headers.get(b"origin")
    if method not in SAFE_METHODS and origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        raise WrongOrigin("A page from elsewhere may not change anything here; use Mediastead's own page.")


def _request_id(given: str) -> str:
    return given if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given) else uuid4().hex


async def _answer(error: Exception, scope: Scope, send: Send) -> None:
    problem = problem_of(error, scope)
    headers = [(b"content-type", MEDIA_TYPE.encode())]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": problem.body(), "more_body": False})

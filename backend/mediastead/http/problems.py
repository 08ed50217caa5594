"""Every error becomes a problem (RFC 9457, `application/problem+json`) here, and nowhere else.

    {"type": "urn:mediastead:problem:not-found", "title": "There is no such thing", "status": 404,
     "detail": "There is no item 7; it may have been merged into another.", "instance": "urn:mediastead:request:9f3c..."}

What a program needs beside the sentence stands as further members (`errors`, `retry_at`, `permission`, ...). A mistake of ours
is a 500 without any internals; the log has them under the same request id.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any, Literal, cast, get_args, get_origin

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ImproperlyConfiguredException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.types import Scope
from litestar.typing import FieldDefinition
from msgspec import Struct
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from ..errors import InvalidRequest, MediasteadError, NotFound, Unavailable
from .errors import BodyTooLarge, NotPermitted, NotSignedIn

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:mediastead:problem:"

log = structlog.stdlib.get_logger(__name__)


class Problem(Struct, kw_only=True, omit_defaults=True):
    """What every error answers."""

    type: str
    title: str
    status: int
    detail: str | None = None
    """A sentence for a person that ends with what to do next."""
    instance: str | None = None
    """`urn:mediastead:request:` and the id under which the log tells about it."""
    extra: dict[str, Any] = {}
    """Stands beside the other members, not below this one."""
    headers: dict[str, str] = {}
    """Of the answer, such as `Allow`; not in the body."""

    def body(self) -> bytes:
        named = {"type": self.type, "title": self.title, "status": self.status}
        told = {key: value for key in ("detail", "instance") if (value := getattr(self, key))}
        return json_bytes(named | told | {key: value for key, value in self.extra.items() if key not in named})


class SafeResponse(Response[Any]):
    """Answers in JSON even where a text holds half a character (a surrogate from a name that is no UTF-8)."""

    def render(self, content: Any, media_type: str, enc_hook: Callable[[Any], Any] = str) -> bytes:
        try:
            return super().render(content, media_type, enc_hook)
        except ImproperlyConfiguredException as error:
            if not isinstance(error.__cause__, UnicodeEncodeError):
                raise
            return json_bytes(content, enc_hook)


def json_bytes(content: object, enc_hook: Callable[[Any], Any] = str) -> bytes:
    """JSON; where a text cannot be encoded, its surrogates become U+FFFD."""
    try:
        return msgspec.json.encode(content, enc_hook=enc_hook)
    except UnicodeEncodeError:
        return msgspec.json.encode(_mended(msgspec.to_builtins(content, enc_hook=enc_hook)))


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The exception handler of the application."""
    problem = problem_of(error, request.scope)
    return Response(problem.body(), status_code=problem.status, media_type=MEDIA_TYPE, headers=problem.headers)


def problem_of(error: Exception, scope: Scope) -> Problem:
    """What to answer for `error`. Mistakes of ours are logged here."""
    known = _known(error, scope)
    if known is None or known.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", path=scope["path"], exc_info=error)
        known = MediasteadError("This is a mistake of Mediastead; the log tells more under the id of this request.")
    elif isinstance(known, DatabaseUnavailable):
        log.error("database does not answer", path=scope["path"], error=str(error.__cause__ or error))
    headers = dict(cast("Mapping[str, str]", getattr(error, "headers", None) or {}))
    return Problem(
        type=TYPE_PREFIX + known.slug,
        title=known.title,
        status=known.status,
        detail=known.detail,
        instance=f"urn:mediastead:request:{scope['state'].get('request_id', '')}",
        extra=known.extra,
        headers=headers,
    )


def problem_data(error: MediasteadError) -> dict[str, Any]:
    """The problem as data inside another answer, for one of many things that were asked at once."""
    named = {
        "type": TYPE_PREFIX + error.slug,
        "title": error.title,
        "status": int(error.status),
        "detail": error.detail,
    }
    return named | {key: value for key, value in error.extra.items() if key not in named}


class MethodNotAllowed(InvalidRequest):
    slug = "method-not-allowed"
    title = "This path does not take that method"
    status = HTTPStatus.METHOD_NOT_ALLOWED


class DatabaseUnavailable(Unavailable):
    slug = "database-unavailable"
    title = "The database does not answer"


def _known(error: Exception, scope: Scope) -> MediasteadError | None:
    """The error as one of ours; None for a mistake of ours."""
    match error:
        case MediasteadError():
            return error
        case ValidationException():
            return _of_validation(error, scope)
        case HTTPException():
            return _of_framework(error, scope)
        case DataError() | OverflowError() if _beyond_the_database(error):
            return InvalidRequest(
                "A number or text in the request is more than the database can hold; send a smaller one."
            )
        case OperationalError() | InterfaceError() | NoConnectionFree() if _away(error):
            return DatabaseUnavailable(
                "The database does not answer; try again, and see `mediastead doctor` if it lasts."
            )
        case _:
            return None


def _place(source: str | Enum) -> str:
    return str(source.value) if isinstance(source, Enum) else source


def _of_validation(error: ValidationException, scope: Scope) -> MediasteadError:
    told = cast("list[dict[str, str]]", error.extra) if isinstance(error.extra, list) else []
    known = _parameters(scope)
    errors: list[dict[str, str]] = []
    for each in told:
        field, message = each.get("key", ""), _words_of(each)
        if (parameter := known.get(field)) is not None:
            # What a query calls it, which may be a word that Litestar keeps for itself in code.
            field = getattr(parameter.kwarg_definition, "name", None) or field
            if "enum value" in message and (allowed := _values_of(parameter.annotation)):
                message += f"; it may be {', '.join(allowed)}"
        errors.append({"field": field, "in": _place(each.get("source", "body")), "message": message})
    if not errors:
        return InvalidRequest(str(error.detail))
    words = "; ".join(f"{each['field'] or each['in']}: {each['message']}" for each in errors)
    return InvalidRequest(f"The request cannot be read: {words}.", errors=errors)


def _parameters(scope: Scope) -> Mapping[str, FieldDefinition]:
    """Of the handler that was to answer, by their names in code."""
    handler = cast("Mapping[str, Any]", scope).get("route_handler")
    return handler.parsed_fn_signature.parameters if isinstance(handler, HTTPRouteHandler) else {}


def _values_of(annotation: Any) -> list[str]:
    """The words that a choice is among, also where there may be several or none of them."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(each.value) for each in annotation]
    parts = get_args(annotation)
    if get_origin(annotation) is Literal:
        return [str(part) for part in parts]
    return [value for part in parts for value in _values_of(part)]


def _words_of(told: dict[str, str]) -> str:
    message = told.get("message", "")
    # Of what is missing Litestar tells a KeyError, which is nothing but the name.
    return "Something is needed here" if message == repr(told.get("key")) else message


def _of_framework(error: HTTPException, scope: Scope) -> MediasteadError | None:
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return NotFound(f"There is nothing at {scope['path'][:200]}; /openapi.json lists what there is.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = ", ".join(sorted((error.headers or {}).get("allow", "").split(", ")))
            return MethodNotAllowed(
                f"{cast('dict[str, Any]', scope)['method']} is not possible here; possible is {allowed}."
            )
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return BodyTooLarge("The body is larger than this server takes; send less at once.")
        case HTTPStatus.UNAUTHORIZED:
            return NotSignedIn(error.detail)
        case HTTPStatus.FORBIDDEN:
            return NotPermitted(error.detail)
        case status if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return InvalidRequest(error.detail)
        case _ if error.detail == "client disconnected prematurely":
            # Nobody reads the answer; it is only no mistake of ours, so that the log keeps quiet.
            return InvalidRequest("The connection ended before the body did.")
        case _:
            return None


def _beyond_the_database(error: Exception) -> bool:
    return isinstance(error, DataError) or "SQLite INTEGER" in str(error)


def _away(error: Exception) -> bool:
    """SQLite calls many a mistake in a statement by the same name as a disk that is full."""
    said = str(error.__cause__ or error)
    return not any(mistake in said for mistake in ("no such ", "syntax error", "has no column"))


def _mended(content: Any) -> Any:
    if isinstance(content, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", content)
    if isinstance(content, list):
        return [_mended(each) for each in cast("list[Any]", content)]
    if isinstance(content, dict):
        return {_mended(key): _mended(value) for key, value in cast("dict[Any, Any]", content).items()}
    return content

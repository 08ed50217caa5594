"""What no request may be, whichever route it is for: too large, too deep, with numbers that no column holds, or with a
parameter that the route does not know."""

import difflib
from collections.abc import Container, Iterable
from typing import Any, cast
from weakref import WeakKeyDictionary

from litestar import Request
from litestar.constants import RESERVED_KWARGS
from litestar.enums import ParamType
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg
from litestar.typing import FieldDefinition
from litestar.utils.signature import ParsedSignature

from ..errors import InvalidRequest
from .paging import LARGEST_INTEGER
from .permissions import Connection

MAX_BODY_BYTES = 4 * 1024 * 1024
"""Enough for an answer to 20,000 files at once. Litestar counts while it reads, so it holds without a length as well."""

MAX_DEPTH = 64
"""Of JSON: far more than any request has, far less than the interpreter's stack."""


class LimitedRequest(Request[Any, Any, Any]):
    """A request whose JSON holds nothing that the interpreter or the databases choke on."""

    async def json(self) -> Any:
        try:
            content = await super().json()
        except RecursionError:
            raise _too_deep() from None
        except UnicodeDecodeError:
            raise InvalidRequest("The body is no UTF-8; encode it so.") from None
        _check_json(content)
        return content


async def refuse_impossible(connection: Connection, _handler: BaseRouteHandler) -> None:
    """For the whole application: ids that cannot exist are not found, unknown or impossible parameters are refused."""
    for value in connection.path_params.values():
        if isinstance(value, int) and not 0 <= value <= LARGEST_INTEGER:
            raise NotFoundException
    given = cast("Iterable[tuple[str, str]]", connection.query_params.multi_items())
    known = _query_of(cast("BaseRouteHandler", connection.scope["route_handler"]), connection.path_params)
    for name, value in given:
        if name not in known:
            raise _unknown_parameter(name, known)
        if "\0" in value:
            raise InvalidRequest(f"{name} has a NUL character in it; leave it out.")
        if known[name] and _too_large(value):
            raise InvalidRequest(f"{name} is too large; the largest number is {LARGEST_INTEGER}.")


def _check_json(content: object) -> None:
    """Walked with a list rather than by recursion: it is the depth that is in question."""
    found: list[tuple[object, str, int]] = [(content, "", 0)]
    while found:
        value, path, depth = found.pop()
        if depth > MAX_DEPTH:
            raise _too_deep()
        match value:
            case dict():
                for key, inner in cast("dict[str, object]", value).items():
                    found.append((key, path, depth))
                    found.append((inner, f"{path}.{key}" if path else key, depth + 1))
            case list():
                items = cast("list[object]", value)
                found.extend((inner, f"{path}[{index}]", depth + 1) for index, inner in enumerate(items))
            case bool():
                pass
            case int() if abs(value) > LARGEST_INTEGER:
                raise InvalidRequest(f"{path or 'The body'} is too large; the largest number is {LARGEST_INTEGER}.")
            case str() if "\0" in value:
                raise InvalidRequest(f"{path or 'The body'} has a NUL character in it; leave it out.")
            case _:
                pass


def _too_deep() -> InvalidRequest:
    return InvalidRequest(f"The body is nested deeper than {MAX_DEPTH} levels; send it flatter.")


def _unknown_parameter(name: str, known: dict[str, bool]) -> InvalidRequest:
    if not known:
        return InvalidRequest(f"There is no parameter {name[:100]!r} here, nor any other; leave it out.")
    nearest = difflib.get_close_matches(name[:100], known, n=1, cutoff=0.0)[0]
    return InvalidRequest(
        f"There is no parameter {name[:100]!r} here; did you mean {nearest!r}? Correct it or leave it out.",
        parameters=sorted(known),
    )


def _too_large(value: str) -> bool:
    digits = value.strip().lstrip("+-").lstrip("0")
    return digits.isdecimal() and (len(digits) > 19 or int(digits) > LARGEST_INTEGER)


_known_queries: WeakKeyDictionary[BaseRouteHandler, dict[str, bool]] = WeakKeyDictionary()
"""By handler; weakly, because each application has its own and would else be kept for ever."""


def _query_of(handler: BaseRouteHandler, in_path: Container[str]) -> dict[str, bool]:
    """The query parameters of a route, also of its dependencies, by name, and whether they are whole numbers."""
    if handler not in _known_queries:
        parameters = _parameters(handler, handler.parsed_fn_signature)
        _known_queries[handler] = {
            _name(field): any(_is_integer(each) for each in (field, *field.inner_types))
            for field in parameters
            if field.name not in in_path and _of_query(field)
        }
    return _known_queries[handler]


def _parameters(handler: BaseRouteHandler, signature: ParsedSignature) -> Iterable[FieldDefinition]:
    dependencies = handler.resolve_dependencies()
    for name, field in signature.parameters.items():
        if name in dependencies:
            yield from _parameters(handler, dependencies[name].parsed_fn_signature)
        elif name not in RESERVED_KWARGS:
            yield field


def _of_query(field: FieldDefinition) -> bool:
    told = field.kwarg_definition
    return not isinstance(told, ParameterKwarg) or told.param_type is ParamType.QUERY


def _name(field: FieldDefinition) -> str:
    told = field.kwarg_definition
    return (told.name if isinstance(told, ParameterKwarg) else None) or field.name


def _is_integer(field: FieldDefinition) -> bool:
    return field.annotation is int

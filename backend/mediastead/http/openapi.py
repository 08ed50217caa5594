"""The OpenAPI document: generated from the routes, the same bytes whenever and wherever it is made."""

import json
from collections.abc import Callable, Sequence
from typing import Any, cast

from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.types import ControllerRouterHandler

from .injection import parameters_by_name
from .problems import MEDIA_TYPE

PROBLEM: dict[str, Any] = {
    "description": "What every error answers (RFC 9457). Further members hold what a program needs beside the sentence.",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:mediastead:problem:not-found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person that ends with what to do next."},
        "instance": {"type": "string", "format": "uri", "description": "Holds the id of the request, as in the log."},
    },
}


def openapi_document(routes: Sequence[ControllerRouterHandler], dependencies: Sequence[str], version: str) -> str:
    """The document of `routes` as JSON, sorted, ending with a line break.

    `dependencies` are the names that handlers get from the application and not from the request.
    """
    nothing = {name: Provide(_stand_in(name), sync_to_thread=False) for name in dependencies}
    config = OpenAPIConfig(title="Mediastead", version=version, servers=[], use_handler_docstrings=True)
    # An application of its own, because the served one must not have Litestar's pages, which load scripts from elsewhere.
    with parameters_by_name():
        described = Litestar(routes, dependencies=nothing, openapi_config=config, logging_config=None)
    document = described.openapi_schema.to_schema()
    for path in cast("dict[str, dict[str, Any]]", document["paths"]).values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                _answer_problems(cast("dict[str, Any]", operation["responses"]))
    document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _stand_in(name: str) -> Callable[[], str]:
    return lambda: name


def _answer_problems(responses: dict[str, Any]) -> None:
    """One answer for all errors, in place of the shapes that Litestar would give them by itself."""
    for status in [status for status in responses if status >= "4"]:
        del responses[status]
    responses["default"] = {
        "description": "An error",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }

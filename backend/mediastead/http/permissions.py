"""Who may do what: every route declares one permission, and a route that declares none answers nobody.

    @get("/v1/libraries", guards=[requires(Permission.VIEW)])

`app.py` puts a `Person` into every request. Until accounts exist that is always `LOCAL`, who may do everything, which is why
the server then refuses to listen beyond loopback.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeAlias, cast

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.routes import BaseRoute, HTTPRoute
from msgspec import Struct

from .errors import NotPermitted, NotSignedIn

Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]


class Permission(StrEnum):
    """What a person may be allowed to do. The values are part of the API."""

    VIEW = "view"
    """See libraries, items, files, the queue, scans, imports and events."""
    ANSWER = "answer"
    """Say what files are: match, unmatch, dismiss, refresh, restore; search the provider for it."""
    EDIT_ITEMS = "edit_items"
    """Make and change items, seasons and episodes by hand, link them to ids."""
    ORGANIZE = "organize"
    """Have files put where they belong: plan, apply, discard and take back moves."""
    RUN_PIPELINE = "run_pipeline"
    """Have discs and files made into files of a library: items, stages, jobs, approvals, titles of discs."""
    SCAN = "scan"
    """Start, stop, confirm and discard scans."""
    MANAGE_LIBRARIES = "manage_libraries"
    """Add, change and remove libraries, and look through the server's folders for a root."""
    MANAGE_HOSTS = "manage_hosts"
    """Invite, change and remove the machines that run stage jobs."""
    MANAGE_SETTINGS = "manage_settings"
    """See and change the settings of the server."""


class Person(Struct, frozen=True, kw_only=True):
    """Who is behind a request."""

    name: str
    permissions: frozenset[Permission]


LOCAL = Person(name="local", permissions=frozenset(Permission))
"""Whoever sits at the machine: the only person until there are accounts."""


class PermissionGuard:
    """A guard that lets only those through who hold `permission`. Made by `requires`."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, connection: Connection, _handler: BaseRouteHandler) -> None:
        person: object = cast("dict[str, object]", connection.scope).get("user")
        if not isinstance(person, Person):
            raise NotSignedIn("This needs somebody who is signed in; sign in first.")
        if self.permission not in person.permissions:
            raise NotPermitted(
                f'{person.name} lacks the permission "{self.permission}"; ask somebody who manages accounts for it.',
                permission=self.permission.value,
            )


class PublicGuard:
    """The declaration that a route needs no permission, so that leaving it out is never taken for it."""

    async def __call__(self, _connection: Connection, _handler: BaseRouteHandler) -> None:
        return None


def requires(permission: Permission) -> PermissionGuard:
    """The guard for a route that needs `permission`."""
    return PermissionGuard(permission)


public = PublicGuard()
"""The guard for a route that anybody may call: is it alive, how is it called."""


async def refuse_undeclared(_connection: Connection, handler: BaseRouteHandler) -> None:
    """For the whole application: a route without a declaration is refused, whatever it does."""
    if declared_permission(handler) is None and not _answers_options(handler):
        raise NotPermitted("This route declares no permission, so nobody may call it; that is a mistake of Mediastead.")


def declared_permission(handler: BaseRouteHandler) -> PermissionGuard | PublicGuard | None:
    """What a route declares, on any of its layers; the innermost counts."""
    guards = cast("list[object]", handler.resolve_guards())  # pyright: ignore[reportUnknownMemberType] - bare generics
    for guard in reversed(guards):
        if isinstance(guard, PermissionGuard | PublicGuard):
            return guard
    return None


def undeclared_routes(app: Litestar) -> Iterable[str]:
    """`GET /v1/things` for every route that forgot its declaration; the application does not start with one."""
    for route in app.routes:
        for handler in handlers_of(route):
            if declared_permission(handler) is None:
                methods = "/".join(sorted(getattr(handler, "http_methods", ()))) or "WS"
                yield f"{methods} {route.path}"


def handlers_of(route: BaseRoute) -> list[BaseRouteHandler]:
    """All handlers of a path: several of HTTP, one of anything else. The automatic answers to OPTIONS are left out."""
    if isinstance(route, HTTPRoute):
        return [handler for handler in route.route_handlers if not _answers_options(handler)]
    return [cast("BaseRouteHandler", getattr(route, "route_handler"))]  # noqa: B009 - the base class does not declare it


def _answers_options(handler: BaseRouteHandler) -> bool:
    """Made by Litestar for every path; says which methods there are and nothing else."""
    return getattr(handler, "http_methods", None) == {"OPTIONS"}

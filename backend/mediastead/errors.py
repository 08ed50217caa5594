"""The root of all errors that Mediastead raises on purpose.

    MediasteadError                 every one has a slug, a title and an HTTP status
    ├── InvalidRequest      400     what was asked makes no sense; the detail says what would
    ├── NotFound            404     no such thing, or no longer
    ├── Conflict            409     somebody else was first, or the state does not allow it
    ├── NotConfigured       503     a setting is missing; the detail names it
    └── Unavailable         503     something outside does not answer now; trying again later may help

Rooms derive their own classes from these five in their `errors.py`. `http/` turns each into `application/problem+json`,
the command line into one line on standard error. What can fail for one file out of a million is a value, never one of these.
"""

from http import HTTPStatus
from typing import ClassVar


class MediasteadError(Exception):
    """`detail` is a sentence for a person that ends with what to do next; `extra` is data for a program."""

    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong inside Mediastead"
    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class InvalidRequest(MediasteadError):
    slug = "invalid-request"
    title = "The request makes no sense as it stands"
    status = HTTPStatus.BAD_REQUEST


class NotFound(MediasteadError):
    slug = "not-found"
    title = "There is no such thing"
    status = HTTPStatus.NOT_FOUND


class Conflict(MediasteadError):
    slug = "conflict"
    title = "The state of things does not allow it"
    status = HTTPStatus.CONFLICT


class NotConfigured(MediasteadError):
    slug = "not-configured"
    title = "A setting is missing"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class Unavailable(MediasteadError):
    slug = "unavailable"
    title = "Something outside does not answer"
    status = HTTPStatus.SERVICE_UNAVAILABLE

"""What `http/` itself refuses, beside what Litestar refuses for it."""

from http import HTTPStatus

from ..errors import InvalidRequest, MediasteadError


class NotSignedIn(MediasteadError):
    """Nobody is behind the request."""

    slug = "not-signed-in"
    title = "Nobody is signed in"
    status = HTTPStatus.UNAUTHORIZED


class NotPermitted(MediasteadError):
    """Somebody is, but may not do that. `extra["permission"]` names what is missing."""

    slug = "not-permitted"
    title = "The permission for that is missing"
    status = HTTPStatus.FORBIDDEN


class InvalidCursor(InvalidRequest):
    """A `cursor` that this route did not make, or made for another sort."""

    slug = "invalid-cursor"
    title = "The cursor is not one that this list gave"


class BodyTooLarge(MediasteadError):
    slug = "body-too-large"
    title = "The body of the request is too large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class WrongHost(MediasteadError):
    """The Host header names another machine: the mark of a page that had its name rebound to this address."""

    slug = "wrong-host"
    title = "This server does not go by that name"
    status = HTTPStatus.MISDIRECTED_REQUEST


class WrongOrigin(MediasteadError):
    slug = "wrong-origin"
    title = "Another site asked for this"
    status = HTTPStatus.FORBIDDEN

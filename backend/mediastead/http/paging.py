"""Keyset pages: `{"items": [...], "next": "<cursor>" | null}`.

A cursor holds the sort values of the last row that was given, so that the next page begins right after it however many
rows came or went in between, and costs the same on page 10,000 as on page 2 (OFFSET does not).
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeAlias, TypeVar, overload

import msgspec
from litestar.params import QueryParameter
from msgspec import Struct

from .errors import InvalidCursor

MAX_LIMIT = 500
DEFAULT_LIMIT = 50
LARGEST_INTEGER = 2**63 - 1
"""What both databases can hold in a column."""

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
CursorValue: TypeAlias = int | float | str | bool | datetime | bytes | None

Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description=f"How many at most, 1 to {MAX_LIMIT}.")]
"""For handlers: `limit: Limit = DEFAULT_LIMIT`."""

Cursor = Annotated[str | None, QueryParameter(max_length=8000, description="`next` of the page before.")]
"""For handlers: `cursor: Cursor = None`."""


class Page(Struct, Generic[T], frozen=True):
    """One page of a list; `next` asks for the following one and is null on the last."""

    items: list[T]
    next: str | None = None


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], tuple[CursorValue, ...]]) -> Page[T]:
    """The page out of up to `limit + 1` rows in order; the one too many only says that there is a next page.

    `key` gives the values of a row that the list is sorted by, in the order in which `decode_cursor` gets their types.
    """
    shown = list(rows[:limit])
    return Page(shown, encode_cursor(key(shown[-1])) if len(rows) > limit and shown else None)


def encode_cursor(values: Sequence[CursorValue]) -> str:
    """Opaque text of letters, digits, `-` and `_` that `decode_cursor` turns into the same values."""
    return urlsafe_b64encode(msgspec.json.encode(list(values))).rstrip(b"=").decode()


@overload
def decode_cursor(text: str, first: type[A], /) -> tuple[A]: ...
@overload
def decode_cursor(text: str, first: type[A], second: type[B], /) -> tuple[A, B]: ...
@overload
def decode_cursor(text: str, first: type[A], second: type[B], third: type[C], /) -> tuple[A, B, C]: ...
@overload
def decode_cursor(text: str, /, *types: Any) -> tuple[Any, ...]: ...
def decode_cursor(text: str, /, *types: Any) -> tuple[Any, ...]:
    """The values of a cursor, each of its type (`int`, `str`, `datetime`, `int | None`, ...).

    Raises `InvalidCursor` for anything else, so that what reaches the database is what a page of this list could have given.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        values = msgspec.json.decode(urlsafe_b64decode(padded), type=tuple[types])  # pyright: ignore[reportInvalidTypeArguments] - made at run time
    except (binascii.Error, UnicodeError, msgspec.MsgspecError, RecursionError):
        raise _not_ours() from None
    for value in values:
        if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            raise _not_ours()
        if isinstance(value, str) and "\0" in value:
            raise _not_ours()
    return values


def _not_ours() -> InvalidCursor:
    return InvalidCursor(
        "The cursor was not given by this list with this sort; leave it out to begin with the first page."
    )

"""Whether a provider's answer was at hand or had to be asked for, for those who want to know how a decision was come to."""

from collections.abc import Awaitable
from contextvars import ContextVar
from enum import StrEnum
from typing import TypeVar

from .facts import Candidate, ItemFacts, ItemType
from .provider import Provider

T = TypeVar("T")


class Origin(StrEnum):
    ASKED = "asked"
    """The provider itself answered just now."""
    CACHE = "cache"
    """It had answered before, and the answer was kept."""
    CATALOG = "catalog"
    """The title is in the catalog, and nobody was asked."""


_NOTED: ContextVar[list[Origin] | None] = ContextVar("origins", default=None)


def note_origin(origin: Origin) -> None:
    """For whoever answers without asking, or asks: does nothing where nobody wants to know."""
    noted = _NOTED.get()
    if noted is not None:
        noted.append(origin)


class Sourced:
    """A `Provider` that tells where its last answer came from. For one questioner at a time."""

    def __init__(self, provider: Provider) -> None:
        self.name = provider.name
        self._provider = provider
        self.origin = Origin.ASKED

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        return await self._watched(self._provider.search(type, query, year=year))

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        return await self._watched(self._provider.item(type, tmdb_id))

    async def find(self, source: str, value: str) -> list[Candidate]:
        return await self._watched(self._provider.find(source, value))

    async def _watched(self, answer: Awaitable[T]) -> T:
        noted: list[Origin] = []
        token = _NOTED.set(noted)
        try:
            return await answer
        finally:
            _NOTED.reset(token)
            self.origin = noted[-1] if noted else Origin.ASKED

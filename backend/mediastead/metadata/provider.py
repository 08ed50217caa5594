"""The interface that every metadata provider keeps. `tests/` has one contract suite that runs against all of them."""

from typing import Protocol, runtime_checkable

from .errors import ProviderUnavailable
from .facts import Candidate, ItemFacts, ItemType, OfferedOrder, Order


@runtime_checkable
class Provider(Protocol):
    """What the world says about titles.

    Every method may raise `ProviderUnavailable` (down, limiting, refusing the key, not configured: nothing was learned, ask
    again after `retry_at`) and `ProviderMisbehaved` (an answer that is not what the documentation promises, for this one
    question). `item` raises `ItemNotFound`. Searches that find nothing return an empty list. Methods may be called
    concurrently; answers are the same for the same question within the cache's time.
    """

    name: str
    """`tmdb` or `bundled`; the key of `provider_state` and `api_cache`."""

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        """Up to 20 titles of which some words begin with the words of `query`, the provider's best first.

        `year` filters exactly (release year of a film, first air year of a series).
        """
        ...

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        """Everything about one title; for a series with all seasons and episodes. Raises `ItemNotFound`."""
        ...

    async def find(self, source: str, value: str) -> list[Candidate]:
        """The titles that carry this id elsewhere. `source` is `imdb` (`tt0133093`) or `tvdb` (`81189`)."""
        ...


@runtime_checkable
class CatalogProvider(Provider, Protocol):
    """A provider as the application holds it: what is stored can be brought up to date, and it can be closed."""

    @property
    def calls(self) -> int:
        """Questions that were put to the provider itself, not answered from a cache."""
        ...

    async def fresh_item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        """As `item`, but asked from the provider itself, past any cache."""
        ...

    async def orders(self, tmdb_id: int) -> list[OfferedOrder]:
        """The orders of a series beside the provider's own, in the provider's sequence; none for a series that it lacks."""
        ...

    async def order(self, group_id: str) -> Order:
        """One of them, whole. Raises `OrderNotFound`."""
        ...

    async def refusal(self) -> ProviderUnavailable | None:
        """What asking would raise at once, because of trouble that is known; None when it is worth a try. Asks nobody."""
        ...

    def close(self) -> None:
        """End connections; a question that still waits for its next try gives up."""
        ...

"""A provider that says what it is told to say, and counts."""

import asyncio
from collections.abc import Callable

from mediastead.catalog.types import ItemType
from mediastead.metadata.errors import ItemNotFound, OrderNotFound, ProviderUnavailable
from mediastead.metadata.facts import Candidate, ItemFacts, OfferedOrder, Order


class Scripted:
    """A `CatalogProvider` over `items`. While `error` is set every question raises it; `gate` holds answers back."""

    name = "tmdb"

    def __init__(self, *items: ItemFacts) -> None:
        self.items = {(item.type, item.tmdb_id): item for item in items}
        self.of_series: dict[int, list[Order]] = {}
        self.calls = 0
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.on_call: Callable[[], None] = lambda: None
        self.closed = False

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        await self._called()
        return [
            Candidate(type=type, tmdb_id=item.tmdb_id, title=item.title, year=item.year)
            for item in self.items.values()
            if item.type is type and query.casefold() in item.title.casefold() and year in (None, item.year)
        ]

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        await self._called()
        try:
            return self.items[type, tmdb_id]
        except KeyError:
            raise ItemNotFound(f"no {type} {tmdb_id}") from None

    async def fresh_item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        return await self.item(type, tmdb_id)

    async def find(self, source: str, value: str) -> list[Candidate]:
        await self._called()
        return [
            Candidate(type=item.type, tmdb_id=item.tmdb_id, title=item.title)
            for item in self.items.values()
            if item.external_ids.get(source) == value
        ]

    async def orders(self, tmdb_id: int) -> list[OfferedOrder]:
        await self._called()
        return [
            OfferedOrder(
                group_id=order.group_id,
                name=order.name,
                type=order.type,
                parts=len(order.parts),
                episodes=sum(len(part.episodes) for part in order.parts),
            )
            for order in self.of_series.get(tmdb_id, [])
        ]

    async def order(self, group_id: str) -> Order:
        await self._called()
        for order in (order for orders in self.of_series.values() for order in orders):
            if order.group_id == group_id:
                return order
        raise OrderNotFound(f"no order {group_id}")

    async def refusal(self) -> ProviderUnavailable | None:
        return None

    def close(self) -> None:
        self.closed = True

    async def _called(self) -> None:
        self.calls += 1
        self.on_call()
        await self.gate.wait()
        if self.error:
            raise self.error

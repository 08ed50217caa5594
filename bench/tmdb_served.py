"""The real TMDB client against a stand-in that serves a catalogue in a process of its own, with answers kept in memory."""

import gzip
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mediastead.catalog.types import ItemType
from mediastead.metadata.errors import ItemNotFound
from mediastead.metadata.facts import Candidate, ItemFacts
from mediastead.metadata.pace import Pace
from mediastead.metadata.provider import Provider
from mediastead.metadata.tmdb import Tmdb
from mediastead.settings import Secret

UNHURRIED = 1e6
"""Requests a second: the stand-in, unlike TMDB, may be asked as fast as it answers."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The base address of the stand-in in `folder`, for as long as it is needed."""
    command = [sys.executable, str(folder / "tmdb_standin.py"), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline() if server.stdout else ""
        address = next((word for word in line.split() if word.startswith("http")), None)
        if address is None:
            raise SystemExit(f"the stand-in in {folder} did not start")
        yield address
    finally:
        server.terminate()
        server.wait()


def titles_of(folder: Path) -> list[dict[str, Any]]:
    with gzip.open(folder / "catalogue.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class Remembering:
    """A provider that is asked each question once, as with the application's cache, and counts what is asked."""

    name = "tmdb"

    def __init__(self, base_url: str) -> None:
        self._tmdb = Tmdb(Secret("bench"), base_url=base_url, pace=Pace(rate=UNHURRIED))
        self._known: dict[tuple[object, ...], Any] = {}
        self.calls: Counter[str] = Counter()
        """Questions that were not known yet, by kind."""

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        key = ("search", type, query.casefold(), year)
        return list(await self._once(key, lambda: self._tmdb.search(type, query, year=year)))

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        async def ask() -> ItemFacts | None:
            try:
                return await self._tmdb.item(type, tmdb_id)
            except ItemNotFound:
                return None

        facts = await self._once(("item", type, tmdb_id), ask)
        if facts is None:
            raise ItemNotFound(f"no {type.value} {tmdb_id}")
        return facts

    async def find(self, source: str, value: str) -> list[Candidate]:
        return list(await self._once(("find", source, value), lambda: self._tmdb.find(source, value)))

    def close(self) -> None:
        self._tmdb.close()

    async def _once(self, key: tuple[object, ...], ask: Callable[[], Awaitable[Any]]) -> Any:
        if key not in self._known:
            self.calls[str(key[0])] += 1
            self._known[key] = await ask()
        return self._known[key]


class Lacking:
    """A provider that does not have one title that another has."""

    def __init__(self, provider: Provider, type: ItemType, tmdb_id: int) -> None:
        self.name = provider.name
        self._provider = provider
        self._lacks = (type, tmdb_id)

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        return self._without(await self._provider.search(type, query, year=year))

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        if (type, tmdb_id) == self._lacks:
            raise ItemNotFound(f"no {type.value} {tmdb_id}")
        return await self._provider.item(type, tmdb_id)

    async def find(self, source: str, value: str) -> list[Candidate]:
        return self._without(await self._provider.find(source, value))

    def _without(self, found: list[Candidate]) -> list[Candidate]:
        return [candidate for candidate in found if (candidate.type, candidate.tmdb_id) != self._lacks]

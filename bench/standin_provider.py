"""A provider over a catalogue that is served by a stand-in for TMDB, in this process: no sockets, so that a run takes seconds."""

import argparse
import importlib.util
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from mediastead.catalog.types import ItemType
from mediastead.metadata.errors import ItemNotFound
from mediastead.metadata.facts import Candidate, EpisodeFacts, ItemFacts, SeasonFacts
from mediastead.metadata.provider import Provider

PATHS = {ItemType.MOVIE: "movie", ItemType.SERIES: "tv"}
APPENDED = 20
"""What TMDB appends to one answer at most."""


class StandInProvider:
    """Keeps the promises of `metadata.provider.Provider`. Answers are remembered, as a cache does."""

    name = "standin"

    def __init__(self, folder: Path) -> None:
        spec = importlib.util.spec_from_file_location("tmdb_standin", folder / "tmdb_standin.py")
        if spec is None or spec.loader is None:
            raise SystemExit(f"no stand-in in {folder}")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.titles: list[dict[str, Any]] = module.load(str(folder / "catalogue.jsonl.gz"))
        settings = argparse.Namespace(no_auth=True, key=None, rate=0, fail=0, latency_ms=0)
        self._app = module.App(module.Index(self.titles), settings)
        self._memory: dict[tuple[object, ...], Any] = {}
        self.calls: Counter[str] = Counter()
        """Questions that reached the provider, by kind."""

    @property
    def requests(self) -> int:
        """Requests that the calls would have been over HTTP."""
        return self._app.stats["all"]

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        key = ("search", type, query.casefold(), year)
        if key not in self._memory:
            self.calls["search"] += 1
            asked = {"query": query}
            if year is not None:
                asked["primary_release_year" if type is ItemType.MOVIE else "first_air_date_year"] = str(year)
            answer = self._get(f"search/{PATHS[type]}", asked) or {"results": []}
            self._memory[key] = [_candidate(hit, type) for hit in answer["results"]]
        return list(self._memory[key])

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        key = ("item", type, tmdb_id)
        if key not in self._memory:
            self.calls["item"] += 1
            self._memory[key] = self._item(type, tmdb_id)
        if self._memory[key] is None:
            raise ItemNotFound(f"no {type.value} {tmdb_id}")
        return self._memory[key]

    async def find(self, source: str, value: str) -> list[Candidate]:
        key = ("find", source, value)
        if key not in self._memory:
            self.calls["find"] += 1
            answer = self._get(f"find/{value}", {"external_source": f"{source}_id"}) or {}
            self._memory[key] = [
                _candidate(hit, item_type)
                for item_type, path in PATHS.items()
                for hit in answer.get(f"{path}_results", [])
            ]
        return list(self._memory[key])

    def _item(self, type: ItemType, tmdb_id: int) -> ItemFacts | None:
        path = f"{PATHS[type]}/{tmdb_id}"
        answer = self._get(path, {"append_to_response": "alternative_titles,translations,external_ids"})
        if answer is None:
            return None
        numbers = [season["season_number"] for season in answer.get("seasons", [])]
        seasons: list[SeasonFacts] = []
        for start in range(0, len(numbers), APPENDED):
            names = [f"season/{number}" for number in numbers[start : start + APPENDED]]
            more = self._get(path, {"append_to_response": ",".join(names)}) or {}
            seasons += [_season(more[name]) for name in names if name in more]
        hit = _candidate(answer, type)
        others = [
            row["title"] for rows in answer["alternative_titles"].values() if isinstance(rows, list) for row in rows
        ]
        return ItemFacts(
            type=type,
            tmdb_id=tmdb_id,
            title=hit.title,
            original_title=hit.original_title,
            original_language=hit.original_language,
            alternative_titles=tuple(dict.fromkeys(others)),
            release_date=hit.release_date,
            year=hit.year,
            popularity=hit.popularity,
            vote_count=hit.vote_count,
            seasons=tuple(seasons),
        )

    def _get(self, path: str, asked: Mapping[str, str]) -> dict[str, Any] | None:
        status, answer = self._app.get(f"/3/{path}", asked, None)
        return answer if status == 200 else None


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


def _candidate(hit: Mapping[str, Any], type: ItemType) -> Candidate:
    film = type is ItemType.MOVIE
    day = _day(hit.get("release_date" if film else "first_air_date"))
    return Candidate(
        type=type,
        tmdb_id=hit["id"],
        title=hit["title" if film else "name"],
        original_title=hit["original_title" if film else "original_name"],
        original_language=hit["original_language"],
        year=day.year if day else None,
        release_date=day,
        popularity=hit["popularity"],
        vote_count=hit["vote_count"],
    )


def _season(answer: Mapping[str, Any]) -> SeasonFacts:
    return SeasonFacts(
        number=answer["season_number"],
        air_date=_day(answer["air_date"]),
        episodes=tuple(
            EpisodeFacts(number=each["episode_number"], title=each["name"], air_date=_day(each["air_date"]))
            for each in answer["episodes"]
        ),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

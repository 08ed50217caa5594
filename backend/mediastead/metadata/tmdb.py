"""TMDB as a provider. tmdbsimple is synchronous, so every question runs in a thread of a small pool."""

import asyncio
import contextvars
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

import msgspec

from ..catalog.types import ItemType
from ..clock import Clock, SystemClock
from ..errors import NotFound
from ..settings import Secret
from . import tmdb_calls
from .connection import Asking, Connection, Failure, TryFailed
from .errors import ItemNotFound, OrderNotFound, ProviderMisbehaved, ProviderTrouble, ProviderUnavailable
from .facts import Candidate, ItemFacts, OfferedOrder, Order
from .pace import Deadline, Pace, seconds_asked_for
from .threads import Threads
from .tmdb_answers import Details, Found, Hits, SeasonShape, candidates, item_facts, seasons_in
from .tmdb_orders import EpisodeGroup, EpisodeGroups, offered_orders, whole_order

ATTRIBUTION = "This product uses the TMDB API but is not endorsed or certified by TMDB."
"""To be shown where people see what came from TMDB: https://developer.themoviedb.org/docs/faq."""
POSTERS = "https://image.tmdb.org/t/p/w342"
"""Where pictures are, 342 pixels wide: https://developer.themoviedb.org/docs/image-basics."""
BASE_URL = "https://api.themoviedb.org/3"
THREADS = 8
"""Questions at once. With the 100 to 200 ms that TMDB takes for an answer that reaches the allowed rate."""
APPENDED = 20
"""Further answers that TMDB lets one request append: https://developer.themoviedb.org/docs/append-to-response."""
UNREADABLE_TRIES = 3
"""An answer that was cut off is worth a second try; one that never makes sense is not worth all patience."""
WITH_FILM = ("alternative_titles", "translations", "external_ids", "credits")
WITH_SERIES = ("alternative_titles", "translations", "external_ids")
SOURCES = {"imdb": "imdb_id", "tvdb": "tvdb_id"}

T = TypeVar("T")


class Tmdb:
    """A `CatalogProvider`. Answers in `language`; what has no translation there comes in the original."""

    name = "tmdb"

    def __init__(
        self,
        key: Secret | None,
        *,
        base_url: str = BASE_URL,
        language: str = "en-US",
        clock: Clock | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.calls = 0
        self._language = language
        self._clock = clock or SystemClock()
        self._pace = pace or Pace()
        self._key_missing = _no_key(key)
        self._connection = Connection(base_url, key or Secret(""), threads=THREADS)
        self._threads = Threads(THREADS, "tmdb")

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        if not query.strip():
            return []  # TMDB answers 422
        filters: dict[str, Any] = {"query": query, "language": self._language}
        if year is not None:
            filters["primary_release_year" if type is ItemType.MOVIE else "first_air_date_year"] = year

        def ask(session: Asking) -> list[Candidate]:
            return candidates(type, msgspec.convert(tmdb_calls.search(session, type, **filters), Hits).results)

        return await self._in_thread(lambda deadline: self._answer(ask, deadline))

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        missing = ItemNotFound(f"TMDB has no {type.value} with the id {tmdb_id}.", type=type.value, tmdb_id=tmdb_id)
        asked = self._film if type is ItemType.MOVIE else self._series
        return await self._in_thread(lambda deadline: asked(tmdb_id, deadline, missing))

    async def fresh_item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        return await self.item(type, tmdb_id)

    async def find(self, source: str, value: str) -> list[Candidate]:
        if source not in SOURCES or not value.isalnum():
            return []

        def ask(session: Asking) -> list[Candidate]:
            answer = tmdb_calls.find(session, value, external_source=SOURCES[source], language=self._language)
            found = msgspec.convert(answer, Found)
            return candidates(ItemType.MOVIE, found.movie_results) + candidates(ItemType.SERIES, found.tv_results)

        nothing = ItemNotFound(f"TMDB knows no {source} id {value}.")
        try:
            return await self._in_thread(lambda deadline: self._answer(ask, deadline, nothing))
        except ItemNotFound:
            return []

    async def orders(self, tmdb_id: int) -> list[OfferedOrder]:
        def ask(session: Asking) -> list[OfferedOrder]:
            answer = tmdb_calls.orders(session, tmdb_id, language=self._language)
            return offered_orders(msgspec.convert(answer, EpisodeGroups))

        nothing = ItemNotFound(f"TMDB has no series with the id {tmdb_id}.", type="series", tmdb_id=tmdb_id)
        try:
            return await self._in_thread(lambda deadline: self._answer(ask, deadline, nothing))
        except ItemNotFound:
            return []

    async def order(self, group_id: str) -> Order:
        missing = OrderNotFound(f"TMDB has no episode group {group_id}.", group_id=group_id)
        if not group_id.isalnum() or not group_id.isascii():
            raise missing

        def ask(session: Asking) -> Order:
            answer = tmdb_calls.order(session, group_id, language=self._language)
            return whole_order(msgspec.convert(answer, EpisodeGroup))

        return await self._in_thread(lambda deadline: self._answer(ask, deadline, missing))

    async def refusal(self) -> ProviderUnavailable | None:
        return self._key_missing() if self._key_missing else None

    def close(self) -> None:
        self._pace.close()
        self._connection.close()
        self._threads.close()

    async def _in_thread(self, ask: Callable[[Deadline], T]) -> T:
        if self._key_missing:
            raise self._key_missing()
        self.calls += 1
        context = contextvars.copy_context()  # so that what is logged there carries the request's id

        def run() -> T:
            return context.run(ask, self._pace.begin())

        return await asyncio.wrap_future(self._threads.submit(run))

    def _film(self, tmdb_id: int, deadline: Deadline, missing: NotFound) -> ItemFacts:
        def ask(session: Asking) -> ItemFacts:
            answer = tmdb_calls.film(session, tmdb_id, language=self._language, append_to_response=",".join(WITH_FILM))
            return item_facts(ItemType.MOVIE, msgspec.convert(answer, Details), ())

        return self._answer(ask, deadline, missing)

    def _series(self, tmdb_id: int, deadline: Deadline, missing: NotFound) -> ItemFacts:
        """One request for most series: the first seasons come along unasked; whatever else it lists, twenty a request."""
        first = [*WITH_SERIES, *(f"season/{number}" for number in range(APPENDED - len(WITH_SERIES)))]

        def ask(session: Asking, appended: list[str]) -> tuple[Details, dict[int, SeasonShape]]:
            with_seasons = ",".join(appended)
            answer = tmdb_calls.series(session, tmdb_id, language=self._language, append_to_response=with_seasons)
            return msgspec.convert(answer, Details), seasons_in(answer)

        details, seasons = self._answer(lambda session: ask(session, first), deadline, missing)
        # A listed season that never comes keeps its place without episodes: TMDB lists some that it has no page for.
        listed = {season.season_number: season for season in details.seasons}
        missing_ones = [f"season/{number}" for number in sorted(listed.keys() - seasons.keys())]
        for start in range(0, len(missing_ones), APPENDED):
            further = missing_ones[start : start + APPENDED]
            seasons |= self._answer(lambda session, further=further: ask(session, further)[1], deadline, missing)
        return item_facts(ItemType.SERIES, details, (listed | seasons).values())

    def _answer(self, ask: Callable[[Asking], T], deadline: Deadline, missing: NotFound | None = None) -> T:
        """`ask` until it gives an answer, the failure is final, or patience is over. `missing` is what a 404 means."""
        session = self._connection.within(deadline)
        failed: TryFailed | None = None
        for tries in count(1):
            if not self._pace.await_turn(deadline):
                break
            try:
                return ask(session)
            except TryFailed as failure:
                failed = failure
            except msgspec.ValidationError as error:
                failed = TryFailed(Failure.UNREADABLE, f"its answer is not what it documents ({error})")
            if failed.failure in _FINAL or (failed.failure is Failure.UNREADABLE and tries == UNREADABLE_TRIES):
                break
            wait = seconds_asked_for(failed.retry_after, self._clock.now())
            if failed.failure is Failure.LIMITED and wait is not None and wait < deadline.left():
                self._pace.hold(wait)
            if not self._pace.back_off(tries, wait, deadline):
                break
        raise self._verdict(failed, missing)

    def _verdict(self, failed: TryFailed | None, missing: NotFound | None) -> Exception:
        if failed is None:
            return self._unavailable(
                ProviderTrouble.LIMITED, "TMDB has more questions waiting than it may be asked; this is tried again."
            )
        wait = seconds_asked_for(failed.retry_after, self._clock.now())
        match failed.failure:
            case Failure.NOT_FOUND if missing is not None:
                return missing
            case Failure.UNREADABLE | Failure.REJECTED:
                return ProviderMisbehaved(f"TMDB cannot be understood: {failed.words}. Try again later.")
            case Failure.REFUSED:
                return self._unavailable(
                    ProviderTrouble.UNAUTHORIZED,
                    f"TMDB cannot be asked: {failed.words}. Check MEDIASTEAD_TMDB_API_KEY.",
                )
            case Failure.LIMITED:
                return self._unavailable(
                    ProviderTrouble.LIMITED,
                    f"TMDB cannot be asked now: {failed.words}. It is tried again by itself.",
                    wait,
                )
            case Failure.ELSEWHERE | Failure.NOT_FOUND:
                return self._unavailable(
                    ProviderTrouble.DOWN,
                    f"TMDB cannot be asked at {self._connection.host}: {failed.words}. Check MEDIASTEAD_TMDB_BASE_URL.",
                )
            case _:
                return self._unavailable(
                    ProviderTrouble.DOWN,
                    f"TMDB cannot be asked now: {failed.words}. It is tried again by itself.",
                    wait,
                )

    def _unavailable(self, trouble: ProviderTrouble, detail: str, wait: float | None = None) -> ProviderUnavailable:
        retry_at = None if wait is None else self._clock.now() + timedelta(seconds=min(wait, _LONGEST_ASKED_FOR))
        return ProviderUnavailable(detail, provider=self.name, trouble=trouble, retry_at=retry_at)


_FINAL = frozenset((Failure.REFUSED, Failure.NOT_FOUND, Failure.ELSEWHERE, Failure.REJECTED))
"""Failures that a second try would only repeat."""
_LONGEST_ASKED_FOR = 24 * 3600
"""Seconds; a Retry-After beyond a day is taken for a day."""


def _no_key(key: Secret | None) -> Callable[[], ProviderUnavailable] | None:
    """The error that every question gets where there is no key, or where it cannot be one."""
    if key is None:
        return lambda: ProviderUnavailable(
            "TMDB needs a key: set MEDIASTEAD_TMDB_API_KEY to one from https://www.themoviedb.org/settings/api.",
            provider=Tmdb.name,
            trouble=ProviderTrouble.NOT_CONFIGURED,
        )
    if not all("!" <= letter <= "~" for letter in key.reveal()):
        return lambda: ProviderUnavailable(
            "TMDB's key has a space, a line break or a letter that no key has. Check MEDIASTEAD_TMDB_API_KEY.",
            provider=Tmdb.name,
            trouble=ProviderTrouble.UNAUTHORIZED,
        )
    return None

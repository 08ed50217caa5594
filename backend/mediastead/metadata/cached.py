"""A provider whose answers are kept: in the database for days, in memory for minutes, and asked once for all who ask at once."""

import asyncio
import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sized
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, cast

import msgspec
from msgspec import Struct
from sqlalchemy import CursorResult, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.types import ItemType
from ..clock import Clock
from ..db.engine import Database
from . import questions
from .errors import ItemNotFound, OrderNotFound, ProviderMisbehaved, ProviderTrouble, ProviderUnavailable
from .facts import Candidate, ItemFacts, OfferedOrder, Order
from .models import ApiCache
from .origin import Origin, note_origin
from .provider import CatalogProvider
from .queries import KnownTrouble, cached_answer, trouble_of
from .state import record_recovery, record_trouble, refusal

HITS_KEPT = timedelta(days=1)
"""New titles appear, and the order changes little within a day."""
NOTHING_KEPT = timedelta(hours=6)
"""Nothing found, or no such id: what is missing today may be added tonight, and a person who added it does not wait long."""
ITEM_KEPT = timedelta(days=7)
"""Facts change slowly, and refreshing asks past the cache; TMDB allows half a year (its terms of use, 1.B)."""
ORDERS_KEPT = timedelta(hours=1)
"""Asked for only when a person looks at them or an item was refreshed, and then they should be as they are now."""
MEMORY_KEPT = timedelta(minutes=10)
"""Short, because another server on the same database may have refreshed what this one remembers."""
MEMORY_ANSWERS = 512
"""A season-rich series takes some 300 KB."""
LONGEST_KEY = 400
"""Bytes; PostgreSQL indexes no more than about 2,700, and a question may be any text."""
STRANGE_ANSWERS = 8
"""So many unreadable answers in a row are the provider's trouble and no longer that of the single questions."""

T = TypeVar("T")


class CachedProvider:
    """A `CatalogProvider` over another one.

    It opens transactions of its own, none of them during the network call, and must not be asked inside one: on SQLite the
    caller's would keep it waiting for ever. While the provider is known to be in trouble, what is kept is still answered and
    everything else raises the stored `ProviderUnavailable` at once.
    """

    def __init__(
        self, inner: CatalogProvider, database: Database, clock: Clock, *, language: str, settings_digest: str
    ) -> None:
        self.name = inner.name
        self._inner = inner
        self._database = database
        self._clock = clock
        self._prefix = f"{inner.name}/{language}"
        self._settings_digest = settings_digest
        self._memory: OrderedDict[str, tuple[datetime, Any]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Any]] = {}
        self._strange_in_a_row = 0
        self._closed = False

    @property
    def calls(self) -> int:
        return self._inner.calls

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        words = questions.storable(query)

        async def ask() -> list[Candidate]:
            return await self._inner.search(type, words, year=year)

        where = questions.for_search(type, words, year)
        return list(await self._answered(_Question(where, ask, list[Candidate], HITS_KEPT)))

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        question = self._item_question(type, tmdb_id)
        return _existing(await self._answered(question), type, tmdb_id, self.name)

    async def fresh_item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        question = self._item_question(type, tmdb_id)
        key = self._key(question)
        return _existing(await self._shared(f"fresh {key}", self._ask, key, question), type, tmdb_id, self.name)

    async def find(self, source: str, value: str) -> list[Candidate]:
        words = questions.storable(value)

        async def ask() -> list[Candidate]:
            return await self._inner.find(source, words)

        return list(await self._answered(_Question(questions.for_id(source, words), ask, list[Candidate], ITEM_KEPT)))

    async def orders(self, tmdb_id: int) -> list[OfferedOrder]:
        async def ask() -> list[OfferedOrder]:
            return await self._inner.orders(tmdb_id)

        return list(await self._answered(_Question(f"orders/{tmdb_id}", ask, list[OfferedOrder], ORDERS_KEPT)))

    async def order(self, group_id: str) -> Order:
        words = questions.storable(group_id)

        async def ask() -> Order | None:
            try:
                return await self._inner.order(words)
            except OrderNotFound:
                return None

        kind = cast("type[Order | None]", Order | None)
        found = await self._answered(_Question(f"order/{words}", ask, kind, ORDERS_KEPT))
        if found is None:
            raise OrderNotFound(f"{self.name} has no order {words}.", group_id=words)
        return found

    async def refusal(self) -> ProviderUnavailable | None:
        async with self._database.read() as session:
            known = await trouble_of(session, self.name)
        return refusal(known, self.name, self._settings_digest, self._clock.now())

    def close(self) -> None:
        """Also who still waits for an answer gets `ProviderUnavailable` at once; that is not noted as trouble."""
        self._closed = True
        for task in self._asking.values():
            task.cancel()
        self._inner.close()

    def _item_question(self, type: ItemType, tmdb_id: int) -> "_Question[ItemFacts | None]":
        async def ask() -> ItemFacts | None:
            try:
                return await self._inner.item(type, tmdb_id)
            except ItemNotFound:
                return None

        return _Question(
            questions.for_item(type, tmdb_id), ask, cast("type[ItemFacts | None]", ItemFacts | None), ITEM_KEPT
        )

    def _key(self, question: "_Question[Any]") -> str:
        key = f"{self._prefix}/{question.where}"
        if len(key.encode()) <= LONGEST_KEY:
            return key
        return f"{key[:100]}/{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}"

    async def _answered(self, question: "_Question[T]") -> T:
        key = self._key(question)
        now = self._clock.now()
        remembered = self._memory.get(key)
        if remembered and remembered[0] > now:
            self._memory.move_to_end(key)
            note_origin(Origin.CACHE)
            return cast("T", remembered[1])
        return await self._shared(key, self._looked_up, key, question)

    async def _shared(
        self,
        name: str,
        work: "Callable[[str, _Question[T]], Coroutine[Any, Any, T]]",
        key: str,
        question: "_Question[T]",
    ) -> T:
        """Do the work, or wait for whoever is doing the same. Who gives up waiting takes it from nobody else."""
        if self._closed:
            raise self._no_longer_asked()
        task = self._asking.get(name)
        if task is None:
            task = asyncio.create_task(work(key, question))
            self._asking[name] = task
            task.add_done_callback(lambda done: self._forget_task(name, done))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if not task.cancelled() or (me is not None and me.cancelling()):
                raise
        raise self._no_longer_asked()

    def _no_longer_asked(self) -> ProviderUnavailable:
        detail = "Mediastead is being stopped or got other settings; ask again in a moment."
        return ProviderUnavailable(detail, provider=self.name, trouble=ProviderTrouble.DOWN)

    def _forget_task(self, name: str, task: "asyncio.Task[Any]") -> None:
        self._asking.pop(name, None)
        if not task.cancelled():
            task.exception()  # looked at, in case nobody waits any more

    async def _looked_up(self, key: str, question: "_Question[T]") -> T:
        now = self._clock.now()
        async with self._database.read() as session:
            kept = await cached_answer(session, key, now)
        if kept is not None:
            try:
                answer = msgspec.json.decode(zlib.decompress(kept.body), type=question.kind)
            except (msgspec.MsgspecError, zlib.error):
                pass  # written by a version with other shapes: as good as not kept
            else:
                self._remember(key, answer, kept.expires_at, now)
                note_origin(Origin.CACHE)
                return answer
        return await self._ask(key, question)

    async def _ask(self, key: str, question: "_Question[T]") -> T:
        async with self._database.read() as session:
            known = await trouble_of(session, self.name)
        if refused := refusal(known, self.name, self._settings_digest, self._clock.now()):
            raise refused
        try:
            answer = await question.ask()
        except ProviderMisbehaved as error:
            self._strange_in_a_row += 1
            if self._strange_in_a_row < STRANGE_ANSWERS:
                raise
            raise await self._in_trouble(_always_strange(error, self.name), known) from None
        except ProviderUnavailable as error:
            raise await self._in_trouble(error, known) from None
        self._strange_in_a_row = 0
        await self._keep(key, question, answer, known)
        return answer

    async def _in_trouble(self, error: ProviderUnavailable, known: KnownTrouble | None) -> ProviderUnavailable:
        """Note the trouble; gives the error with the moment of the next try."""
        async with self._database.write() as session:
            await record_trouble(session, self._clock.now(), error, known, self._settings_digest)
            stored = await trouble_of(session, self.name)
        retry_at = stored.retry_at if stored else error.retry_at
        return ProviderUnavailable(error.detail, provider=self.name, trouble=error.trouble, retry_at=retry_at)

    async def _keep(self, key: str, question: "_Question[T]", answer: T, known: KnownTrouble | None) -> None:
        now = self._clock.now()
        nothing = answer is None or (isinstance(answer, Sized) and not len(answer))
        expires_at = now + (min(NOTHING_KEPT, question.kept_for) if nothing else question.kept_for)
        row = {"body": zlib.compress(msgspec.json.encode(answer)), "fetched_at": now, "expires_at": expires_at}
        async with self._database.write() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            written = dialect.insert(ApiCache).values(key=key, **row)
            await session.execute(written.on_conflict_do_update(index_elements=[ApiCache.key], set_=row))
            if known is not None:
                await record_recovery(session, now, self.name)
        self._remember(key, answer, expires_at, now)

    def _remember(self, key: str, answer: object, expires_at: datetime, now: datetime) -> None:
        self._memory[key] = (min(expires_at, now + MEMORY_KEPT), answer)
        self._memory.move_to_end(key)
        while len(self._memory) > MEMORY_ANSWERS:
            self._memory.popitem(last=False)


async def drop_expired(session: AsyncSession, now: datetime) -> int:
    """Remove answers that have expired; gives how many. For the clean-up that is due once in a while."""
    gone = await session.execute(delete(ApiCache).where(ApiCache.expires_at <= now))
    return cast("CursorResult[Any]", gone).rowcount


class _Question(Struct, Generic[T], frozen=True):
    where: str
    """What is asked, as the end of its key."""
    ask: Callable[[], Awaitable[T]]
    kind: type[T]
    kept_for: timedelta


def _existing(facts: ItemFacts | None, type: ItemType, tmdb_id: int, provider: str) -> ItemFacts:
    if facts is None:
        raise ItemNotFound(f"{provider} has no {type.value} with the id {tmdb_id}.", type=type.value, tmdb_id=tmdb_id)
    return facts


def _always_strange(error: ProviderMisbehaved, provider: str) -> ProviderUnavailable:
    detail = f"{error.detail} No answer could be read lately: check MEDIASTEAD_TMDB_BASE_URL and the way to it."
    return ProviderUnavailable(detail, provider=provider, trouble=ProviderTrouble.DOWN)

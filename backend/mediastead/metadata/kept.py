"""What a provider answered to the questions of a decision: heard, kept, and answered from again without network.

heard = Hearing()                                     # shared by the decisions of a batch
provider = Recording(provider, heard)                 # for one decision; it sees what will be kept and nothing more
ids = await keep(session, now, provider.heard)        # in the transaction that records the decision
KeptProvider(name, {question: answer}, newest)        # the same questions, answered as then
"""

import hashlib
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.types import ItemType
from . import questions
from .errors import ItemNotFound, NotKept, ProviderMisbehaved
from .facts import Candidate, ItemFacts, SeasonFacts
from .models import KeptAnswer
from .provider import Provider
from .queries import uses_of

USE_NOTED = timedelta(hours=1)
"""A kept answer that is used again is written to no more often than this, however many files share it."""


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer, cut down to what matching goes by. Empty: nothing was found, or there is no such title."""

    found: tuple[Candidate, ...] = ()
    item: ItemFacts | None = None
    failed: str | None = None
    """What was wrong with an answer that could not be read."""


class Heard(Struct, frozen=True):
    """Something to keep: under which question, and as which bytes."""

    question: str
    body: bytes
    """JSON, not compressed."""
    digest: bytes

    @classmethod
    def of(cls, question: str, what: object) -> "Heard":
        body = msgspec.json.encode(what)
        return cls(question, body, _hashed(question.encode() + b"\0" + body))


class Hearing:
    """What was heard lately, so that a batch of files that ask the same has each answer cut down and encoded once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[object, Answer, Heard]] = {}

    def of(self, question: str, told: object, cut: Callable[[], Answer]) -> tuple[Answer, Heard]:
        """`told` is the answer as it came; `cut` makes of it what is kept."""
        known = self._known.get(question)
        if known is None or known[0] != told:
            answer = cut()
            known = self._known[question] = (told, answer, Heard.of(question, answer))
        return known[1], known[2]


class Recording:
    """A `Provider` that notes for one decision what was asked and answered.

    It hands on what is kept, not what came: so a decision cannot go by anything that making it again would lack.
    """

    def __init__(self, provider: Provider, hearing: Hearing) -> None:
        self.name = provider.name
        self._provider = provider
        self._hearing = hearing
        self._heard: dict[str, Heard] = {}
        self.series: set[int] = set()
        """The series that all was asked about, by their ids."""

    @property
    def heard(self) -> tuple[Heard, ...]:
        return tuple(self._heard.values())

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        question = _search(self.name, type, query, year)
        return await self._candidates(question, self._provider.search(type, query, year=year))

    async def find(self, source: str, value: str) -> list[Candidate]:
        return await self._candidates(_find(self.name, source, value), self._provider.find(source, value))

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        question = _item(self.name, type, tmdb_id)
        if type is ItemType.SERIES:
            self.series.add(tmdb_id)
        try:
            facts = await self._provider.item(type, tmdb_id)
        except ItemNotFound:
            self._note(question, None, Answer)
            raise
        except ProviderMisbehaved as error:
            self._failed(question, error)
            raise
        return self._note(question, facts, lambda: Answer(item=cut_down(facts))).item or facts

    async def _candidates(self, question: str, asking: Awaitable[list[Candidate]]) -> list[Candidate]:
        try:
            found = await asking
        except ItemNotFound:
            found = []
        except ProviderMisbehaved as error:
            self._failed(question, error)
            raise
        return list(self._note(question, found, lambda: Answer(found=tuple(map(_hit, found)))).found)

    def _failed(self, question: str, error: ProviderMisbehaved) -> None:
        self._note(question, error.detail, lambda: Answer(failed=error.detail))

    def _note(self, question: str, told: object, cut: Callable[[], Answer]) -> Answer:
        answer, self._heard[question] = self._hearing.of(question, told, cut)
        return answer


class KeptProvider:
    """A `Provider` that knows only what was kept. Raises `NotKept` for a question that nobody has asked yet.

    `linked` are the answers of the decision that is made again. What it did not ask, `newest` is asked for: the newest kept
    answer of any decision. `used` tells the answers that were gone by, by their ids.
    """

    def __init__(
        self,
        name: str,
        linked: Mapping[str, tuple[int, Answer]],
        newest: Callable[[str], Awaitable[tuple[int, Answer] | None]],
    ) -> None:
        self.name = name
        self._linked = linked
        self._newest = newest
        self.used: dict[str, int] = {}
        self.series: set[int] = set()
        """As in `Recording`."""

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        return list((await self._answer(_search(self.name, type, query, year))).found)

    async def find(self, source: str, value: str) -> list[Candidate]:
        return list((await self._answer(_find(self.name, source, value))).found)

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        if type is ItemType.SERIES:
            self.series.add(tmdb_id)
        facts = (await self._answer(_item(self.name, type, tmdb_id))).item
        if facts is None:
            raise ItemNotFound(f"{self.name} had no {type.value} {tmdb_id}.", type=type.value, tmdb_id=tmdb_id)
        return facts

    async def _answer(self, question: str) -> Answer:
        kept = self._linked.get(question) or await self._newest(question)
        if kept is None:
            raise NotKept(question)
        self.used[question], answer = kept
        if answer.failed is not None:
            raise ProviderMisbehaved(answer.failed)
        return answer


async def keep(session: AsyncSession, now: datetime, heard: Iterable[Heard]) -> dict[bytes, int]:
    """Store what is not stored yet, and note that all of it is used now; gives the ids by digest.

    In order of the digests, so that two processes that keep the same wait for each other instead of blocking each other.
    """
    wanted = {each.digest: each for each in heard}
    known = await uses_of(session, list(wanted))
    due = sorted(digest for digest in wanted if digest not in known or known[digest].used_at < now - USE_NOTED)
    ids = {digest: use.id for digest, use in known.items()}
    if due:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        written = insert(KeptAnswer).values([_row(wanted[digest], now) for digest in due])
        noted = written.on_conflict_do_update(index_elements=[KeptAnswer.digest], set_={"used_at": now})
        ids |= {row.digest: row.id for row in await session.execute(noted.returning(KeptAnswer.digest, KeptAnswer.id))}
    return ids


def cut_down(facts: ItemFacts) -> ItemFacts:
    """What matching may go by of a title: no texts to read, no pictures, no people, nothing that changes by the hour."""
    return structs.replace(
        facts,
        overview=None,
        genres=(),
        cast=(),
        director=None,
        rating=None,
        poster=None,
        backdrop=None,
        popularity=0.0,
        seasons=tuple(map(_season, facts.seasons)),
    )


def _season(season: SeasonFacts) -> SeasonFacts:
    episodes = tuple(structs.replace(episode, overview=None, still=None) for episode in season.episodes)
    return structs.replace(season, overview=None, poster=None, episodes=episodes)


def _hit(candidate: Candidate) -> Candidate:
    return structs.replace(candidate, overview="", poster=None, popularity=0.0)


def question_hash(question: str) -> bytes:
    return _hashed(question.encode())


def _hashed(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _row(heard: Heard, now: datetime) -> dict[str, Any]:
    return {
        "question": heard.question,
        "question_hash": question_hash(heard.question),
        "digest": heard.digest,
        "body": zlib.compress(heard.body),
        "used_at": now,
    }


def _search(provider: str, type: ItemType, query: str, year: int | None) -> str:
    return f"{provider}/{questions.for_search(type, questions.storable(query), year)}"


def _find(provider: str, source: str, value: str) -> str:
    return f"{provider}/{questions.for_id(source, questions.storable(value))}"


def _item(provider: str, type: ItemType, tmdb_id: int) -> str:
    return f"{provider}/{questions.for_item(type, tmdb_id)}"

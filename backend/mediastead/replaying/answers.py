"""The kept answers in memory, as far as the decisions that are being made again need them."""

import zlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from ..db.engine import Database
from ..matching.renumbering import Renumbering
from ..metadata.errors import NotKept
from ..metadata.kept import Answer, question_hash
from ..metadata.queries import KeptBody, kept_bodies, newest_kept

REMEMBERED = 512
"""Answers that stay in memory beyond the batch that needs them; a season-rich series takes some 300 KB."""


class _Held(Struct):
    question: str
    body: bytes
    """JSON."""
    answer: Answer | None = None


class KeptAnswers:
    """Answers by id, read a batch at a time. Opens short read transactions of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: OrderedDict[int, _Held] = OrderedDict()

    async def load(self, ids: Iterable[int]) -> None:
        """Have these in memory, and not many more."""
        wanted = set(ids)
        for each in wanted & self._held.keys():
            self._held.move_to_end(each)
        if missing := wanted - self._held.keys():
            async with self._database.read() as session:
                bodies = await kept_bodies(session, missing)
            for body in bodies:
                self._take(body)
        while len(self._held) > max(REMEMBERED, len(wanted)):
            self._held.popitem(last=False)

    def linked(self, ids: Iterable[int]) -> Mapping[str, tuple[int, Answer]]:
        """Those of the loaded ones that can be read, by their questions."""
        found: dict[str, tuple[int, Answer]] = {}
        for each in ids:
            if (answer := self._answer(each)) is not None:
                found[self._held[each].question] = (each, answer)
        return found

    async def newest(self, question: str) -> tuple[int, Answer] | None:
        """The answer to a question that any decision went by last."""
        async with self._database.read() as session:
            body = await newest_kept(session, question, question_hash(question))
        if body is None:
            return None
        if body.id not in self._held:
            self._take(body)
        answer = self._answer(body.id)
        return (body.id, answer) if answer is not None else None

    def table(self, kept_id: int) -> Renumbering:
        """A loaded table of numbers. Raises `NotKept`."""
        held = self._held.get(kept_id)
        if held is None:
            raise NotKept(f"table {kept_id}")
        return msgspec.json.decode(held.body, type=Renumbering)

    def _take(self, body: KeptBody) -> None:
        self._held[body.id] = _Held(body.question, zlib.decompress(body.body))

    def _answer(self, kept_id: int) -> Answer | None:
        held = self._held.get(kept_id)
        if held is None:
            return None
        if held.answer is None:
            try:
                held.answer = msgspec.json.decode(held.body, type=Answer)
            except msgspec.MsgspecError:
                return None  # written by a version with other shapes: as good as not kept
        return held.answer

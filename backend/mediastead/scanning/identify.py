"""Phase B: pending files are parsed, matched and recorded, in any order, by as many processes as there are.

It belongs to no scan and needs none: whatever is pending gets its turn. A batch goes claim, read and ask (no transaction
is open meanwhile), record. A process that dies leaves claims that the next one takes over at once.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from msgspec import Struct, structs, to_builtins
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..db.text import shown
from ..events.wake import Wake
from ..files.types import UnmatchedReason
from ..libraries.models import LibraryKind
from ..matching.decide import decide
from ..matching.decision import Decision, Outcome, Rejected
from ..matching.grouping import Proposed, group_key, proposed
from ..metadata.errors import ProviderUnavailable
from ..metadata.facts import ItemFacts, ItemType
from ..metadata.items import StoredItem, store_item
from ..metadata.provider import CatalogProvider, Provider
from ..parsing.nfo import NfoFacts
from ..parsing.parsed import ParsedPath
from ..parsing.parser import Parser
from ..unmatched.queries import rejections_of
from ..unmatched.recording import FileOutcome, record_outcomes
from .claims import ClaimedFile, claim_files, free_dead_claims, own_slot, release, still_as_claimed
from .nfo_files import nfo_beside

BATCH = 100
"""Files a transaction: small enough that nobody waits for the database, large enough that commits cost little."""
AT_ONCE = 8
"""Files whose questions to the provider are under way at the same time."""
LOOK_AGAIN = 2.0
"""Seconds between two looks for work, when nobody says that there is any."""

log = structlog.get_logger(__name__)


class Decided(Struct, frozen=True):
    """A decision about a claimed file, with the facts that storing it needs."""

    file: ClaimedFile
    parsed: ParsedPath
    decision: Decision
    facts: ItemFacts | None


class Identifier:
    """Identifies pending files until it is stopped.

    `threshold` is the probability from which a match is made without asking.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        parser: Parser,
        provider: CatalogProvider,
        wake: Wake,
        *,
        threshold: float,
    ) -> None:
        self._database = database
        self._clock = clock
        self._parser = parser
        self._provider = provider
        self._wake = wake
        self._threshold = threshold

    async def run(self, stop: asyncio.Event) -> None:
        """Work whenever there is some, until `stop` is set; a batch that has begun is finished."""
        async with own_slot(self._database) as owner:
            while not stop.is_set():
                try:
                    worked = await self.batch(owner) or await free_dead_claims(self._database, owner)
                except Exception:
                    # The loop must outlive what one batch ran into (a database that restarts, a bug); the files stay
                    # pending and are tried again.
                    log.exception("identification failed, will try again")
                    worked = False
                if not worked:
                    await self._wake.wait_for_pending(stop, LOOK_AGAIN)

    async def batch(self, owner: int) -> bool:
        """Claim, identify and record one batch; False if there was nothing to do or the provider cannot be asked."""
        if await self._provider.refusal() is not None:
            return False
        async with self._database.write() as session:
            files = await claim_files(session, owner, self._clock.now(), BATCH)
            rejected = await rejections_of(session, [file.file_id for file in files])
        if not files:
            return False
        decided: list[Decided] = []
        try:
            decided = await self._decide_all(files, rejected)
        finally:
            async with self._database.write() as session:
                await self._record(session, owner, decided)
                await release(session, owner, files)
        return bool(decided)

    async def _decide_all(self, files: Sequence[ClaimedFile], rejected: dict[int, list[Rejected]]) -> list[Decided]:
        nfos = await asyncio.to_thread(_nfos_of, files)
        parsed = await self._parser.parse([shown(file.path) for file in files], nfo=nfos)
        gate = asyncio.Semaphore(AT_ONCE)

        async def decide_one(file: ClaimedFile, said: ParsedPath) -> Decided | None:
            async with gate:
                return await self._decide(file, said, rejected.get(file.file_id, []))

        results = await asyncio.gather(*map(decide_one, files, parsed))
        return [result for result in results if result is not None]

    async def _decide(self, file: ClaimedFile, parsed: ParsedPath, rejected: Sequence[Rejected]) -> Decided | None:
        """None where the provider cannot be asked: the file stays pending, its turn comes again by itself."""
        if file.rule_lifted:
            parsed = structs.replace(parsed, role=None, role_rule=None)
        try:
            decision = await decide(
                parsed, self._provider, kind=file.kind.value, rejected=rejected, threshold=self._threshold
            )
            facts = None
            if decision.outcome is Outcome.MATCH and decision.item is not None:
                facts = await self._provider.item(decision.item.type, decision.item.tmdb_id)
        except ProviderUnavailable:
            return None
        except Exception:
            # One file's trouble is data: it goes to the queue, where a person sees it, instead of stopping the others.
            log.exception("a file could not be identified", file_id=file.file_id)
            decision = Decision(
                outcome=Outcome.NO_MATCH,
                reason=UnmatchedReason.PARSE_FAILED,
                would_match_if="identification ran into an internal error (see the log): match it by hand, or refresh it later",
            )
            facts = None
        return Decided(file, parsed, decision, facts)

    async def _record(self, session: AsyncSession, owner: int, decided: Sequence[Decided]) -> None:
        """Write what still applies; a file that changed, moved or was answered meanwhile is left as it now is."""
        if not decided:
            return
        valid = await still_as_claimed(session, owner, [one.file for one in decided])
        decided = [one for one in decided if one.file.file_id in valid]
        stored: dict[tuple[ItemType, int], StoredItem] = {}
        for one in sorted((one for one in decided if one.facts), key=_item_key):
            if one.facts is not None and _item_key(one) not in stored:
                stored[_item_key(one)] = await store_item(session, one.facts, self._clock.now())
        outcomes = [
            FileOutcome(
                file_id=one.file.file_id,
                version_seen=one.file.version,
                decision=one.decision,
                stored=stored.get(_item_key(one)) if one.facts else None,
                group_key=group_key(one.parsed.path, one.decision, one.parsed),
                proposed=_as_data(proposed(one.decision, one.parsed)),
                source_path=one.file.root.rstrip(b"/") + b"/" + one.file.path,
            )
            for one in decided
        ]
        await record_outcomes(session, self._clock.now(), outcomes)


class Explanation(Struct, frozen=True):
    """What identification would decide about a path, and what it went by."""

    path: str
    parsed: ParsedPath
    decision: Decision


async def explain(
    parser: Parser, provider: Provider, *, root: bytes, path: bytes, kind: LibraryKind, threshold: float
) -> Explanation:
    """Decide about one path (relative to `root`; it need not exist) without changing anything."""
    nfos = await asyncio.to_thread(nfo_beside, root, [path])
    parsed = (await parser.parse([shown(path)], nfo={shown(path): nfos[path]}))[0]
    decision = await decide(parsed, provider, kind=kind.value, threshold=threshold)
    return Explanation(shown(path), parsed, decision)


def _as_data(value: Proposed | None) -> dict[str, Any] | None:
    return to_builtins(value) if value is not None else None


def _item_key(one: Decided) -> tuple[ItemType, int]:
    """Items are stored in the order of this key, so that two processes that store the same ones cannot deadlock."""
    assert one.facts is not None
    return one.facts.type, one.facts.tmdb_id


def _nfos_of(files: Sequence[ClaimedFile]) -> dict[str, Sequence[NfoFacts]]:
    """By the path as text. Two names that only differ in bytes that are no UTF-8 share one; their titles are the same."""
    by_root: dict[bytes, list[bytes]] = {}
    for file in files:
        by_root.setdefault(file.root, []).append(file.path)
    return {shown(path): facts for root, paths in by_root.items() for path, facts in nfo_beside(root, paths).items()}

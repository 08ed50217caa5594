"""Phase B: pending files are parsed, matched and recorded, in any order, by as many processes as there are.

It belongs to no scan and needs none: whatever is pending gets its turn. A batch goes claim, read and ask (no transaction
is open meanwhile), record. A process that dies leaves claims that the next one takes over at once.
"""

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from msgspec import structs

from ..clock import Clock
from ..db.engine import Database
from ..db.locks import ProcessLock
from ..db.text import shown
from ..events.wake import Wake
from ..files.types import UnmatchedReason
from ..matching.decide import decide
from ..matching.decision import Decision, Outcome
from ..matching.inputs import basis_of
from ..matching.known import Known
from ..matching.runtime import could_decide
from ..metadata.by_hand import made_again
from ..metadata.errors import ProviderUnavailable
from ..metadata.facts import ItemFacts
from ..metadata.items import store_item
from ..metadata.kept import Hearing, Recording, keep
from ..metadata.provider import CatalogProvider
from ..metadata.stored import CatalogFirst, ItemKey, stored_facts, stored_item
from ..parsing.nfo import NfoFacts
from ..parsing.parsed import ParsedPath
from ..parsing.parser import Parser
from ..probing import Prober
from ..recording.queries import files_with_records
from ..recording.restoring import made_by_hand
from ..unmatched.reconsidering import anything_to_reconsider, reconsider, reconsider_finished
from ..unmatched.recording import record_outcomes
from ..unmatched.remembering import ask_more
from ..unmatched.wording import SCAN
from .beside import read_beside
from .claims import (
    POSTPONED,
    ClaimedFile,
    anything_to_claim,
    claim_files,
    free_dead_claims,
    own_slot,
    postpone,
    release,
    still_as_claimed,
)
from .decided import Decided, can_be_written, matched_to, outcome_of
from .known import known_about, with_record
from .probes import Probes, in_seconds, keep_probes, probes_for, seen
from .second_look import look_again

BATCH = 100
"""Files a transaction: small enough that nobody waits for the database, large enough that commits cost little."""
REST = 50
"""Batches after which folders are reconsidered though there is more to identify."""
AT_ONCE = 8
"""Files whose questions to the provider are under way at the same time."""
LOOK_AGAIN = 2.0
"""Seconds between two looks for work, when nobody says that there is any."""

log = structlog.get_logger(__name__)


_FAILED = Decision(
    outcome=Outcome.NO_MATCH,
    reason=UnmatchedReason.PARSE_FAILED,
    would_match_if="identification ran into an internal error (see the log): match it by hand, or refresh it later",
)


class Identifier:
    """Identifies pending files until it is stopped.

    `threshold` is the probability from which a match is made without asking. Without `prober` durations are no evidence.
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
        prober: Prober | None = None,
        batch_size: int = BATCH,
    ) -> None:
        self._database = database
        self._clock = clock
        self._parser = parser
        self._provider = provider
        self._wake = wake
        self._threshold = threshold
        self._prober = prober
        self._batch_size = batch_size
        self._batches = 1

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
        """Claim, identify and record one batch; False if there was nothing to do or the provider cannot be asked.

        Files that are out of reach are put off; others may wait behind them.
        """
        if await self._provider.refusal() is not None:
            return False
        async with self._database.read() as session:
            now = self._clock.now()
            work, changed = await anything_to_claim(session, now), await anything_to_reconsider(session, now)
            doubted = await anything_to_claim(session, now, again=True)
        if changed and (not work or self._batches % REST == 0):
            async with self._database.write() as session:
                await reconsider(session, self._clock.now())
            return True
        if not work:
            return doubted and await look_again(self._database, self._clock, owner, self._decide_all, self._batch_size)
        self._batches += 1
        async with self._database.write() as session:
            files = await claim_files(session, owner, self._clock.now(), self._batch_size)
        try:
            decided, unreachable = await self._decide_all(files)
        except BaseException:
            await self._postpone(owner, files)
            raise
        await self._record(owner, decided)
        await self._postpone(owner, unreachable)
        done = {one.file for one in decided} | set(unreachable)
        async with (
            self._database.write() as session
        ):  # those that wait for the provider: whoever can ask it may have them
            await release(session, owner, [file.file_id for file in files if file not in done])
        return bool(done)

    async def _decide_all(self, files: Sequence[ClaimedFile]) -> tuple[list[Decided], list[ClaimedFile]]:
        """What was decided, and the files that cannot be looked at now; the rest waits for the provider."""
        async with self._database.read() as session:
            recorded_here = await files_with_records(session, [file.file_id for file in files])
        nfos, records = await asyncio.to_thread(read_beside, files, recorded_here)
        there = [file for file in files if file.file_id in nfos]
        parsed = await self._read(there, nfos)
        async with self._database.read() as session:
            known = await known_about(session, list(zip(there, parsed, strict=True)))
            probes = await probes_for(session, there, self._prober)
            answers = [each.answered for each in known.values() if each.answered]
            at_hand = await stored_facts(session, [(answer.type, answer.tmdb_id) for answer in answers])
        gate = asyncio.Semaphore(AT_ONCE)
        hearing = Hearing()

        async def decide_one(file: ClaimedFile, parsed: ParsedPath) -> Decided | None:
            async with gate:
                about = with_record(known[file.file_id], records.get(file.file_id))
                about = structs.replace(about, duration=probes.duration(file.file_id))
                beside = nfos[file.file_id]
                return await self._decide(file, parsed, about, beside, _by_answer(about, at_hand), probes, hearing)

        results = await asyncio.gather(*map(decide_one, there, parsed))
        return [result for result in results if result is not None], [
            file for file in files if file.file_id not in nfos
        ]

    async def _read(self, files: Sequence[ClaimedFile], nfos: Mapping[int, Sequence[NfoFacts]]) -> list[ParsedPath]:
        """Library by library: the same path may be in two of them, with other NFO files beside it."""
        read: dict[int, ParsedPath] = {}
        for library in dict.fromkeys(file.library_id for file in files):
            beneath = [file for file in files if file.library_id == library]
            said = {shown(file.path): nfos[file.file_id] for file in beneath}
            parsed = await self._parser.parse([shown(file.path) for file in beneath], nfo=said)
            read |= {file.file_id: each for file, each in zip(beneath, parsed, strict=True)}
        return [read[file.file_id] for file in files]

    async def _decide(
        self,
        file: ClaimedFile,
        parsed: ParsedPath,
        known: Known,
        nfo: Sequence[NfoFacts],
        at_hand: dict[ItemKey, ItemFacts],
        probes: Probes,
        hearing: Hearing,
    ) -> Decided | None:
        """`at_hand` are titles of which the catalog's own facts do, so that nobody is asked for them.

        None where the provider cannot be asked: the file stays pending, its turn comes again by itself."""
        if file.rule_lifted:
            parsed = parsed.without_rules()
        asked = Recording(CatalogFirst(self._provider, at_hand), hearing)
        facts, content = None, None
        try:
            decision = await decide(parsed, asked, known, threshold=self._threshold)
            if decision.reason is UnmatchedReason.EPISODE_NOT_FOUND and known.answered:
                # The provider may know of an episode before our next refresh does.
                at_hand = {}
                asked = Recording(self._provider, hearing)
                decision = await decide(parsed, asked, known, threshold=self._threshold)
            # Only where it could decide, whether or not it is known already: else what a file is taken for would depend on
            # which came first, this or the reading of contents.
            if could_decide(decision, parsed):
                content = await probes.look(file)
                known = structs.replace(known, duration=in_seconds(content) or probes.duration(file.file_id))
                if known.duration is not None:
                    decision = await decide(parsed, asked, known, threshold=self._threshold)
            if decision.outcome is Outcome.MATCH and decision.item is not None:
                key = decision.item.type, decision.item.tmdb_id
                facts = None if key in at_hand else await self._provider.item(*key)
        except ProviderUnavailable:
            return None
        except Exception:
            # One file's trouble is data: it goes to the queue, where a person sees it, instead of stopping the others.
            log.exception("a file could not be identified", file_id=file.file_id)
            return Decided(file, parsed, _FAILED, None, known, None, content)
        if decision.recorded is not None:
            known = structs.replace(known, answered=None, dismissed=None)  # they were not asked
        known = structs.replace(known, neighbours=decision.neighbours or ())
        basis = basis_of(
            shown(file.path),
            known,
            nfo,
            rule_lifted=file.rule_lifted,
            provider=self._provider.name,
            threshold=self._threshold,
            answers=asked.heard,
            series=asked.series,
        )
        return Decided(file, parsed, decision, facts, known, basis, content)

    async def _record(self, owner: int, decided: Sequence[Decided]) -> None:
        """Write a batch in one transaction. Where that fails, one file at a time, so that it costs only the culprit."""
        if any(made_by_hand(one.decision) for one in decided):
            # Two processes would make the same item twice. Who comes second leaves its files for later.
            async with ProcessLock(self._database, "make-again").hold() as held:
                if not held:
                    await self._postpone(owner, [one.file for one in decided if made_by_hand(one.decision)])
                    decided = [one for one in decided if not made_by_hand(one.decision)]
                await self._record_all(owner, decided)
        else:
            await self._record_all(owner, decided)

    async def _record_all(self, owner: int, decided: Sequence[Decided]) -> None:
        try:
            await self._write(owner, decided)
        except Exception:
            log.exception("a batch could not be written, its files are written one by one")
            for one in decided:
                try:
                    await self._write(owner, [one])
                except Exception:
                    log.exception("what was decided about a file could not be written", file_id=one.file.file_id)
                    await self._write(owner, [structs.replace(one, decision=_FAILED, facts=None, basis=None)])

    async def _write(self, owner: int, decided: Sequence[Decided]) -> None:
        """What still applies; a file that changed, moved or was answered meanwhile is left as it now is."""
        async with self._database.write() as session:
            valid = await still_as_claimed(session, owner, [one.file for one in decided])
            applies = [one for one in decided if one.file.file_id in valid]
            facts = {(one.facts.type, one.facts.tmdb_id): one.facts for one in applies if one.facts is not None}
            # In the order of their keys, so that two processes that store the same items cannot deadlock.
            now = self._clock.now()
            stored = {key: await store_item(session, facts[key], now) for key in sorted(facts)}
            for key in sorted({key for one in applies if (key := matched_to(one)) and key not in stored}):
                if (as_it_stands := await stored_item(session, key)) is not None:
                    stored[key] = as_it_stands
            by_hand = {
                one.file.file_id: await made_again(session, now, made)
                for one in applies
                if (made := made_by_hand(one.decision)) is not None
            }
            # What the catalog lost meanwhile is decided again: the file is still pending.
            applies = [one for one in applies if can_be_written(one, stored)]
            kept = await keep(session, now, [heard for one in applies if one.basis for heard in one.basis.heard])
            await record_outcomes(session, now, [outcome_of(one, stored, by_hand, kept) for one in applies])
            await keep_probes(session, now, [(seen(one.file), one.content) for one in applies if one.content])
            await ask_more(session, now, SCAN, [one.known.answered.id for one in applies if one.known.answered])
            await release(session, owner, [one.file.file_id for one in decided])
            await reconsider_finished(session, now, {one.file.library_id for one in decided})

    async def _postpone(self, owner: int, files: Sequence[ClaimedFile]) -> None:
        if files:
            async with self._database.write() as session:
                await postpone(session, owner, [file.file_id for file in files], self._clock.now() + POSTPONED)


def _by_answer(known: Known, at_hand: dict[ItemKey, ItemFacts]) -> dict[ItemKey, ItemFacts]:
    """The facts that do for a file: those of the title of its answer. What else is at hand is for other files of the batch,
    and a decision must not depend on which those are."""
    key = (known.answered.type, known.answered.tmdb_id) if known.answered else None
    return {key: at_hand[key]} if key in at_hand else {}

"""Decisions about a batch of files are made again: read anew, and decided by what is kept."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
import structlog
from msgspec import Struct, structs, to_builtins

from ..matching.decision import Decision, Rejected
from ..matching.grouping import group_key, proposed
from ..matching.inputs import Inputs, matcher_version, read_inputs
from ..matching.known import Known
from ..matching.recall import recall_of
from ..matching.said import said_numbers
from ..metadata.errors import NotKept
from ..metadata.kept import KeptProvider
from ..metadata.provider import Provider
from ..parsing.parsed import ParsedPath
from ..parsing.parser import Parser
from .answers import KeptAnswers
from .models import ChangeKind
from .proposals import Proposal, Standing, change_between, decision_that_stands

log = structlog.stdlib.get_logger(__name__)

SAME = "same"
WITHOUT_INPUTS = "without_inputs"
SETTLED_SINCE = "settled_since"
FAILED = "failed"


class Matcher(Protocol):
    """`matching.decide.decide`."""

    async def __call__(
        self, parsed: ParsedPath, provider: Provider, known: Known | None = None, *, threshold: float
    ) -> Decision: ...


class Case(Struct, frozen=True):
    """A decision that can be made again."""

    standing: Standing
    before: Decision
    inputs: Inputs
    parsed: ParsedPath
    """As the names are read now."""
    rejected: tuple[Rejected, ...]
    """What persons say now that it is not."""


class Looked(Struct, frozen=True):
    """What came of one file: what it counts as, and the change, if any."""

    standing: Standing
    counts_as: str
    """One of the words above, or a `ChangeKind`."""
    before: Decision | None = None
    proposal: Proposal | None = None


class Again:
    """Makes decisions again with `matcher` at `threshold`. Asks no provider, writes nothing."""

    def __init__(self, parser: Parser, answers: KeptAnswers, matcher: Matcher, threshold: float) -> None:
        self._parser = parser
        self._answers = answers
        self._matcher = matcher
        self._threshold = threshold

    async def prepare(
        self, batch: Sequence[Standing], rejected: Mapping[int, Sequence[Rejected]]
    ) -> tuple[list[Case], list[Looked]]:
        """The cases with their names read, and what needs no second decision."""
        cases: list[tuple[Standing, Decision, Inputs]] = []
        done: list[Looked] = []
        for standing in batch:
            before = decision_that_stands(standing)
            inputs = read_inputs(standing.inputs) if before and standing.inputs else None
            if before is None:
                done.append(Looked(standing, SETTLED_SINCE))
            elif inputs is None:
                done.append(Looked(standing, WITHOUT_INPUTS))
            else:
                cases.append((standing, before, inputs))
        parsed = await self._read([inputs for _, _, inputs in cases])
        return [
            Case(standing, before, inputs, each, tuple(rejected.get(standing.file_id, ())))
            for (standing, before, inputs), each in zip(cases, parsed, strict=True)
        ], done

    async def look(self, cases: Sequence[Case]) -> list[Looked]:
        await self._answers.load(kept_id for case in cases for kept_id in _named(case.inputs))
        looked: list[Looked] = []
        for case in cases:
            try:
                looked.append(await self._look(case))
            except Exception:
                # One file's trouble is data, as in identification.
                log.exception("a decision could not be made again", file_id=case.standing.file_id)
                looked.append(Looked(case.standing, FAILED))
            await asyncio.sleep(0)
        return looked

    async def _look(self, case: Case) -> Looked:
        inputs, standing = case.inputs, case.standing
        provider = KeptProvider(inputs.provider, self._answers.linked(inputs.answers), self._answers.newest)
        lifted = standing.rule_lifted or inputs.rule_lifted
        parsed = case.parsed.without_rules() if lifted else case.parsed
        try:
            known = self._known(case)
            after = await self._matcher(parsed, provider, known, threshold=self._threshold)
        except NotKept as error:
            return Looked(standing, ChangeKind.UNANSWERABLE, case.before, Proposal(missing=error.question))
        kind = change_between(case.before, after)
        if kind is None:
            return Looked(standing, SAME)
        best = proposed(after, parsed)
        renewed = structs.replace(
            inputs,
            matcher=matcher_version(),
            threshold=self._threshold,
            known=structs.replace(inputs.known, rejected=known.rejected),
            rule_lifted=lifted,
            answers=tuple(sorted(provider.used.values())),
            orders={series: table for series, table in inputs.orders.items() if series in provider.series},
        )
        proposal = Proposal(
            decision=after,
            group_key=group_key(parsed.path, after, parsed),
            proposed=to_builtins(best) if best is not None else None,
            said=to_builtins(said_numbers(parsed)),
            recall=recall_of(parsed),
            answer_id=known.answered.id if known.answered else None,
            inputs=msgspec.json.encode(renewed).decode(),
        )
        return Looked(standing, kind, case.before, proposal)

    def _known(self, case: Case) -> Known:
        """As it was then. Only what a person has rejected since is added: that is never proposed again."""
        known, inputs = case.inputs.known, case.inputs
        answered = known.answered
        if answered is not None and inputs.numbering is not None:
            answered = structs.replace(answered, numbering=self._answers.table(inputs.numbering))
        return structs.replace(
            known,
            rejected=tuple(dict.fromkeys((*known.rejected, *case.rejected))),
            answered=answered,
            orders={series: self._answers.table(table) for series, table in inputs.orders.items()},
        )

    async def _read(self, cases: Sequence[Inputs]) -> list[ParsedPath]:
        """Files of several libraries may have had the same path with other NFO files beside them: never in one call."""
        rounds: list[dict[str, int]] = []
        for place, inputs in enumerate(cases):
            free = next((each for each in rounds if inputs.path not in each), None)
            if free is None:
                rounds.append(free := {})
            free[inputs.path] = place
        parsed: dict[int, ParsedPath] = {}
        for each in rounds:
            nfo = {path: cases[place].nfo for path, place in each.items()}
            parsed |= dict(zip(each.values(), await self._parser.parse(list(each), nfo=nfo), strict=True))
        return [parsed[place] for place in range(len(cases))]


def _named(inputs: Inputs) -> list[int]:
    """All that is kept for a decision, by id."""
    return [*inputs.answers, *inputs.orders.values(), *([inputs.numbering] if inputs.numbering else [])]

"""The course of one decision: which questions are asked, in which order, and when the answer is sure enough to stop."""

from collections.abc import Mapping

from msgspec import Struct

from ..metadata.facts import Candidate, ItemFacts, ItemType
from ..metadata.provider import Provider
from ..parsing.parsed import ParsedPath
from .evidence import Feature, TitleFit, features, numbers_beyond, of_episodes, probabilities, score, title_fit
from .inquiry import Inquiry, as_candidate
from .known import Answered, Known
from .names import Reading, Subject, respellings, subject_of, variants
from .numbering import Located, locate, of_season
from .runtime import of_runtime
from .titles import FIT_ORDER, Fit

BUDGET = 16
"""Questions for one file at most; only names that nothing is found for come near."""

DOUBTFUL = 0.5
"""Up to this probability the type is taken to be misread, and the other one is asked for."""

SURE = 0.985
"""From this probability on nothing more is asked: above any sensible threshold for a match."""

PLAUSIBLE = 4.0
"""Log-odds behind the best contender up to which a series is worth the question for its episodes."""

TIMED = 4
"""Contenders that are asked for their runtime at most."""

CROWDED = 20
"""A search that gives this many has cut off the rest."""


class Contender(Struct):
    """A candidate with all that is known about it so far."""

    candidate: Candidate
    readings: tuple[Reading, ...]
    """The readings it is weighed against: those of the name, and the variant that found it."""
    ids: dict[str, str]
    facts: ItemFacts | None = None
    located: Located = Located()
    fit: Fit = Fit.OTHER
    """How its titles agree with the readings, at best."""
    features: list[Feature] = []
    score: float = 0.0
    probability: float = 0.0

    @property
    def key(self) -> tuple[ItemType, int]:
        return self.candidate.type, self.candidate.tmdb_id


class Deliberation:
    """One file's contenders, and the steps that find them."""

    def __init__(self, parsed: ParsedPath, provider: Provider, known: Known) -> None:
        self.subject: Subject = subject_of(parsed, known.kind)
        self.inquiry = Inquiry(provider, BUDGET)
        self.withheld: dict[tuple[ItemType, int], float] = {}
        """Contenders that a person has rejected for this file, with their scores. Their share of the probability goes to
        nobody: that the likeliest title is wrong makes the second no likelier."""
        self.answered: Answered | None = None
        """The answer for another file that decides the title of this one."""
        self._known = known
        self._unanswered: set[tuple[ItemType, int]] = set()
        self._contenders: dict[tuple[ItemType, int], Contender] = {}

    @property
    def ranked(self) -> list[Contender]:
        """The contenders, likeliest first; equal ones in an order that does not depend on how they were found."""
        return sorted(
            self._contenders.values(),
            key=lambda contender: (-contender.probability, contender.key[0], contender.key[1]),
        )

    async def run(self) -> "Deliberation":
        """Ask until the answer is sure or there is nothing left to ask."""
        if await self._goes_by_an_answer():
            return self
        await self._ask_by_ids()
        if self._is_sure() or not self.subject.readings:
            return self
        steps = (
            self._as_written,
            self._without_year,
            self._other_titles,
            self._other_readings,
            self._other_type,
            self._variants,
            self._respelled,
            self._runtimes,
        )
        for step in steps:
            await step()
            if self._is_sure():
                return self
        return self

    async def _goes_by_an_answer(self) -> bool:
        """Take the title from a person's answer for another file, so that nothing is searched for.

        Not where a person rejected that for this file, where ids in its names say otherwise, or the title is gone.
        """
        answered = self._known.answered
        if answered is None:
            return False
        key = answered.type, answered.tmdb_id
        if any(rejected.episodes is None and rejected.forbids(*key, ()) for rejected in self._known.rejected):
            return False
        facts = await self.inquiry.item(*key)
        if facts is None or (answered.without_ids and not _has_ids(facts, self.subject.parsed.ids)):
            return False
        self.answered = answered
        self._consider([as_candidate(facts)], self.subject.readings, {}, facts)
        if not self._contenders:  # all but these episodes of it
            self.answered = None
        return self.answered is not None

    async def _ask_by_ids(self) -> None:
        ids = self.subject.parsed.ids
        if (tmdb := ids.get("tmdb", "")).isdecimal() and len(tmdb) < 10:
            for item_type in self._types_for_ids():
                facts = await self.inquiry.item(item_type, int(tmdb))
                if facts:
                    self._consider([as_candidate(facts)], self.subject.readings, {"tmdb": tmdb}, facts)
                    if not self.subject.readings or any(c.ids and c.fit is not Fit.OTHER for c in self.ranked):
                        break
        for source in ("imdb", "tvdb"):
            if value := ids.get(source):
                found = await self.inquiry.find(source, value)
                self._consider(found, self.subject.readings, {source: value})
        await self._examine()

    def _types_for_ids(self) -> tuple[ItemType, ...]:
        """An id of TMDB is unique only together with its type, which a name need not tell."""
        return self.subject.types + self.subject.other_types

    async def _as_written(self) -> None:
        await self._search(self.subject.readings[0], self.subject.readings[0].year)

    async def _without_year(self) -> None:
        reading = self.subject.readings[0]
        if not reading.year:
            return
        crowded = await self._search(reading, None)
        if crowded and not self._is_sure():
            for year in (reading.year - 1, reading.year + 1):
                await self._search(reading, year)

    async def _other_titles(self) -> None:
        """A hit that is called something else was found by a title that a search does not show: look at the first two."""
        if self._has_a_title():
            return
        unfit = [
            contender
            for contender in self.ranked
            if contender.facts is None and FIT_ORDER[contender.fit] > FIT_ORDER[Fit.NEAR]
        ]
        for contender in unfit[:2]:
            contender.facts = await self.inquiry.item(*contender.key)
        self._weigh()
        await self._examine()

    async def _other_readings(self) -> None:
        for reading in self.subject.readings[1:4]:
            crowded = await self._search(reading, reading.year)
            if reading.year and not self._is_sure():
                await self._search(reading, None)
            if self._is_sure():
                return
            if not crowded:
                await self._other_titles()

    async def _other_type(self) -> None:
        """A film's number can be taken for an episode's (`Open Season 2`), and an episode's be overlooked."""
        types = self.subject.other_types
        if not types or any(contender.probability > DOUBTFUL for contender in self.ranked):
            return
        for reading in self.subject.readings[:2]:
            for item_type in types:
                self._consider(
                    await self.inquiry.search(item_type, reading.text, reading.year), self.subject.readings, {}
                )
        await self._examine()

    async def _variants(self) -> None:
        if self._has_a_likely_title():
            return
        for item_type in self.subject.types:
            for reading in variants(self.subject, item_type):
                self._consider(
                    await self.inquiry.search(item_type, reading.text, reading.year),
                    (*self.subject.readings, reading),
                    {},
                )
                await self._examine()
                if self._is_sure():
                    return

    async def _respelled(self) -> None:
        if self._has_a_likely_title():
            return
        for reading in self.subject.readings[:2]:
            for query in respellings(reading.text):
                for item_type in self.subject.types:
                    found = await self.inquiry.search(item_type, query, reading.year)
                    if not found and reading.year:
                        continue
                    self._consider(found, self.subject.readings, {})
                await self._examine()
                if self._has_a_likely_title():
                    return

    async def _runtimes(self) -> None:
        """Where the file's duration is known: how long the titles are that fit best, which a search does not say."""
        if self._known.duration is None:
            return
        fitting = [each for each in self.ranked if FIT_ORDER[each.fit] <= FIT_ORDER[Fit.NEAR] or each.ids]
        for contender in fitting[:TIMED]:
            contender.facts = contender.facts or await self.inquiry.item(*contender.key)
        self._weigh()

    async def _search(self, reading: Reading, year: int | None) -> bool:
        """Ask for a reading in all types; whether an answer was cut off."""
        crowded = False
        for item_type in self.subject.types:
            found = await self.inquiry.search(item_type, reading.text, year)
            crowded = crowded or len(found) >= CROWDED
            self._consider(found, self.subject.readings, {})
        await self._examine()
        return crowded

    def _consider(
        self,
        found: list[Candidate],
        readings: tuple[Reading, ...],
        ids: dict[str, str],
        facts: ItemFacts | None = None,
    ) -> None:
        for candidate in found:
            key = (candidate.type, candidate.tmdb_id)
            if key in self.withheld:
                continue
            contender = self._contenders.get(key)
            if contender is None:
                contender = self._contenders[key] = Contender(candidate, readings, {})
            elif len(readings) > len(contender.readings):
                contender.readings = readings
            contender.ids = contender.ids | ids
            contender.facts = contender.facts or facts
        self._weigh()

    async def _examine(self) -> None:
        """Ask for the episodes of the series that could be the one, the best first."""
        if not (self.subject.numbered or self.subject.named):
            return
        while True:
            series = [c for c in self.ranked if c.candidate.type is ItemType.SERIES]
            best = max((contender.score for contender in series), default=0.0)
            fitting = min((FIT_ORDER[contender.fit] for contender in series), default=FIT_ORDER[Fit.OTHER])
            if fitting == FIT_ORDER[Fit.OTHER]:
                return
            waiting = [
                contender
                for contender in series[:5]
                if contender.facts is None
                and contender.key not in self._unanswered
                and (contender.ids or (FIT_ORDER[contender.fit] <= fitting and contender.score > best - PLAUSIBLE))
            ]
            if not waiting or self.inquiry.spent:
                return
            waiting[0].facts = await self.inquiry.item(*waiting[0].key)
            if waiting[0].facts is None:
                self._unanswered.add(waiting[0].key)
            self._weigh()

    def _weigh(self) -> None:
        for contender in self._contenders.values():
            fit = title_fit(contender.readings, contender.candidate, contender.facts, self.subject.written)
            contender.fit = fit.likeness.fit if fit else Fit.OTHER
            if self.answered:
                contender.fit = Fit.EXACT
            contender.features = self._features(contender, fit)
            contender.score = score(contender.features)
        for contender in self.ranked:
            if any(rejected.forbids(*contender.key, contender.located.episodes) for rejected in self._known.rejected):
                del self._contenders[contender.key]
                self.withheld[contender.key] = contender.score
        everyone = list(self._contenders.values())
        shares = probabilities([*(contender.score for contender in everyone), *self.withheld.values()])
        for contender, probability in zip(everyone, shares, strict=False):
            contender.probability = probability

    def _features(self, contender: Contender, fit: TitleFit | None) -> list[Feature]:
        in_title = numbers_beyond(fit, contender.readings) if fit else frozenset[int]()
        if (
            (self.subject.numbered or self.subject.named)
            and contender.facts
            and contender.candidate.type is ItemType.SERIES
        ):
            recount = self._known.recount(*contender.key)
            reading = contender.readings[fit.place] if fit else None
            parsed = of_season(self.subject.parsed, reading.season if reading else None)
            contender.located = locate(parsed, contender.facts, in_title, recount)
        if self.answered:
            found = [Feature("answered", 1.0, self.answered.detail)]
            return found + of_episodes(self.subject, contender.candidate, contender.located, in_title)
        found = features(self.subject, contender.readings, contender.candidate, contender.facts, contender.ids, fit)
        found += of_episodes(self.subject, contender.candidate, contender.located, in_title)
        found += of_runtime(
            self._known.duration,
            self.subject.parsed.part,
            contender.candidate,
            contender.facts,
            contender.located.episodes,
        )
        better = Fit.EXACT if contender.fit is Fit.LOOSE else Fit.LOOSE
        if contender.fit is not Fit.EXACT and self._has_a_title(better):
            found.append(Feature("title.outdone", 1.0, "another title fits better"))
        return found

    def _has_a_title(self, at_least: Fit = Fit.NEAR) -> bool:
        return any(FIT_ORDER[contender.fit] <= FIT_ORDER[at_least] for contender in self._contenders.values())

    def _has_a_likely_title(self) -> bool:
        """One of a type that the name speaks for: a film's title does not end the search for a series."""
        fitting = (c for c in self._contenders.values() if FIT_ORDER[c.fit] <= FIT_ORDER[Fit.NEAR])
        return any(c.candidate.type in self.subject.types for c in fitting)

    def _is_sure(self) -> bool:
        """Whether asking on could hardly change anything. An id whose title is another one is worth a look at the name."""
        best = next(iter(self.ranked), None)
        if best is None or best.probability < SURE or (best.fit is Fit.OTHER and self.subject.readings):
            return False
        needs_episodes = self.subject.numbered and best.candidate.type is ItemType.SERIES
        return bool(best.located.episodes) or not needs_episodes


def _has_ids(facts: ItemFacts, ids: Mapping[str, str]) -> bool:
    """Whether ids are those of a title, as far as its own are known, and at least one is."""
    own = {"tmdb": str(facts.tmdb_id), **facts.external_ids}
    said = {source: value for source, value in ids.items() if source in own}
    return bool(said) and all(own[source] == value for source, value in said.items())

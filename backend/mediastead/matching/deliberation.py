"""The course of one decision: which questions are asked, in which order, and when the answer is sure enough to stop."""

from collections.abc import Mapping

from ..metadata.facts import ItemFacts, ItemType
from ..metadata.provider import Provider
from ..parsing.parsed import ParsedPath
from .contenders import Contender, Contenders
from .inquiry import Inquiry, as_candidate
from .known import Known
from .names import Reading, Subject, respellings, subject_of, taken_apart, variants
from .neighbours import listens
from .rivals import says_another
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


WHY = {
    "_as_written": "as the name is read first",
    "_taken_apart": "nothing is called so, and its words are written together",
    "_namesakes": "nothing says that it is a film: a series of the name is as likely",
    "_own_name": "the file is called otherwise than its folder",
    "_without_year": "the year may be a little wrong",
    "_other_titles": "it may be found by another of its titles",
    "_other_readings": "the names can be read another way",
    "_other_type": "a film's number can be taken for an episode's, and an episode's be overlooked",
    "_variants": "the title may be written another way",
    "_respelled": "there may be a slip in the title",
    "_runtimes": "the file's length is known, and so tells titles apart",
}
"""Why each step asks, in words."""


class Deliberation:
    """One file's contenders, and the steps that find them."""

    def __init__(self, parsed: ParsedPath, provider: Provider, known: Known) -> None:
        self.subject: Subject = subject_of(parsed, known.kind)
        self.inquiry = Inquiry(provider, BUDGET)
        self.contenders = Contenders(self.subject, known)
        self._known = known
        self._unanswered: set[tuple[ItemType, int]] = set()
        self._types_asked = False
        self._own_asked = False

    @property
    def ranked(self) -> list[Contender]:
        """The contenders, likeliest first."""
        return self.contenders.ranked

    async def run(self) -> "Deliberation":
        """Ask until the answer is sure or there is nothing left to ask."""
        if await self._goes_by_an_answer():
            return self
        await self._ask_by_ids()
        if self._is_sure() or not self.subject.readings:
            return self
        steps = (
            self._as_written,
            self._taken_apart,
            self._namesakes,
            self._own_name,
            self._without_year,
            self._other_titles,
            self._other_readings,
            self._other_type,
            self._variants,
            self._respelled,
            self._runtimes,
        )
        for step in steps:
            self.inquiry.why = WHY[step.__name__]
            await step()
            if self._is_sure():
                return self
        return self

    async def hear_neighbours(self) -> bool:
        """Weigh what the folder's other files are as well; False where that can say nothing about this one.

        Their series are contenders, whether or not a search found them. Their facts are mostly at hand in the provider's cache,
        from when the other files were identified.
        """
        if self.contenders.answered or not listens(self.subject):
            return False
        self.inquiry.why = "most of the files beside it are of this series"
        self.inquiry.allow(len(self._known.neighbours))
        for neighbour in self._known.neighbours:
            key = neighbour.type, neighbour.tmdb_id
            if (facts := await self.inquiry.item(*key)) is not None:
                self.contenders.neighbours[key] = neighbour
                self.contenders.consider([as_candidate(facts)], self.subject.readings, {}, facts)
        return True

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
        self.inquiry.why = "a person's answer for another file holds for this one"
        facts = await self.inquiry.item(*key)
        if facts is None or (answered.without_ids and not _has_ids(facts, self.subject.parsed.ids)):
            return False
        self.contenders.answered = answered
        self.contenders.consider([as_candidate(facts)], self.subject.readings, {}, facts)
        if not self.ranked:  # all but these episodes of it
            self.contenders.answered = None
        return self.contenders.answered is not None

    async def _ask_by_ids(self) -> None:
        ids = self.subject.parsed.ids
        self.inquiry.why = "the name has this id"
        if (tmdb := ids.get("tmdb", "")).isdecimal() and len(tmdb) < 10:
            for item_type in self._types_for_ids():
                facts = await self.inquiry.item(item_type, int(tmdb))
                if facts:
                    self.contenders.consider([as_candidate(facts)], self.subject.readings, {"tmdb": tmdb}, facts)
                    if not self.subject.readings or any(c.ids and c.fit is not Fit.OTHER for c in self.ranked):
                        break
        for source in ("imdb", "tvdb"):
            if value := ids.get(source):
                found = await self.inquiry.find(source, value)
                self.contenders.consider(found, self.subject.readings, {source: value})
        await self._examine()

    def _types_for_ids(self) -> tuple[ItemType, ...]:
        """An id of TMDB is unique only together with its type, which a name need not tell."""
        return self.subject.types + self.subject.other_types

    async def _as_written(self) -> None:
        await self._search(self.subject.readings[0], self.subject.readings[0].year)

    async def _taken_apart(self) -> None:
        """`ReservoirDogs1992`, before it is looked for without its year and in other places."""
        reading = taken_apart(self.subject.readings[0])
        if reading is not None and not self.ranked:
            for item_type in self.subject.types:
                found = await self.inquiry.search(item_type, reading.text, reading.year)
                self.contenders.consider(found, (*self.subject.readings, reading), {})
            await self._examine()

    async def _namesakes(self) -> None:
        """Where nothing says that it is a film, neither a year nor a folder, a series of the name is as likely."""
        if self._type_is_open():
            self._types_asked = True
            for item_type in self.subject.other_types:
                found = await self.inquiry.search(item_type, self.subject.readings[0].text, None)
                self.contenders.consider(found, self.subject.readings, {})

    async def _own_name(self) -> None:
        """A file that is called otherwise than its folder may be another title (`The Matrix (1999)/Inception.mkv`)."""
        if own := self._unasked_name():
            for item_type in self.subject.types:
                self.contenders.consider(
                    await self.inquiry.search(item_type, own.text, None), self.subject.readings, {}
                )
            self._own_asked = True

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
        if self.contenders.have_a_title():
            return
        unfit = [
            contender
            for contender in self.ranked
            if contender.facts is None and FIT_ORDER[contender.fit] > FIT_ORDER[Fit.NEAR]
        ]
        for contender in unfit[:2]:
            contender.facts = await self.inquiry.item(*contender.key)
        self.contenders.weigh()
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
        by_part = (reading for reading in self.subject.readings[2:4] if reading.episode is not None)
        for reading in (*self.subject.readings[:2], *by_part):
            for item_type in types:
                self.contenders.consider(
                    await self.inquiry.search(item_type, reading.text, reading.year), self.subject.readings, {}
                )
        await self._examine()

    async def _variants(self) -> None:
        if self.contenders.have_a_likely_title():
            return
        for item_type in self.subject.types:
            for reading in variants(self.subject, item_type):
                self.contenders.consider(
                    await self.inquiry.search(item_type, reading.text, reading.year),
                    (*self.subject.readings, reading),
                    {},
                )
                await self._examine()
                if self._is_sure():
                    return

    async def _respelled(self) -> None:
        if self.contenders.have_a_likely_title():
            return
        for reading in self.subject.readings[:2]:
            for query in respellings(reading.text):
                for item_type in self.subject.types:
                    found = await self.inquiry.search(item_type, query, reading.year)
                    if not found and reading.year:
                        continue
                    self.contenders.consider(found, self.subject.readings, {})
                await self._examine()
                if self.contenders.have_a_likely_title():
                    return

    async def _runtimes(self) -> None:
        """Where the file's duration is known: how long the titles are that fit best, which a search does not say."""
        if self._known.duration is None:
            return
        fitting = [each for each in self.ranked if FIT_ORDER[each.fit] <= FIT_ORDER[Fit.NEAR] or each.ids]
        for contender in fitting[:TIMED]:
            contender.facts = contender.facts or await self.inquiry.item(*contender.key)
        self.contenders.weigh()

    async def _search(self, reading: Reading, year: int | None) -> bool:
        """Ask for a reading in all types; whether an answer was cut off."""
        crowded = False
        for item_type in self.subject.types:
            found = await self.inquiry.search(item_type, reading.text, year)
            crowded = crowded or len(found) >= CROWDED
            self.contenders.consider(found, self.subject.readings, {})
        await self._examine()
        return crowded

    async def _examine(self) -> None:
        """Ask for the episodes of the series that could be the one, the best first."""
        while True:
            series = [contender for contender in self.ranked if contender.says_episodes_of(self.subject)]
            best = max((contender.score for contender in series), default=0.0)
            fits = [FIT_ORDER[contender.fit] for contender in series]
            whole = [FIT_ORDER[each.fit] for each in series if not (each.reading and each.reading.shortened)]
            fitting = min(fits, default=FIT_ORDER[Fit.OTHER])
            if min(whole, default=fitting) == FIT_ORDER[Fit.NEAR]:
                fitting = FIT_ORDER[Fit.NEAR]  # a slip in the whole name is as good as what fits a piece of it
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
            why, self.inquiry.why = self.inquiry.why, "whether it has the episode that the name says"
            waiting[0].facts = await self.inquiry.item(*waiting[0].key)
            self.inquiry.why = why
            if waiting[0].facts is None:
                self._unanswered.add(waiting[0].key)
            self.contenders.weigh()

    def _type_is_open(self) -> bool:
        """Whether the other type is still to be asked for, though a title of the likelier one fits."""
        subject, best = self.subject, next(iter(self.ranked), None)
        if self._types_asked or not subject.other_types or subject.parsed.role is not None or subject.numbered:
            return False
        bare = subject.shelf is None and not subject.parsed.ids and not any(each.year for each in subject.readings)
        return bare and best is not None and best.candidate.type is ItemType.MOVIE

    def _unasked_name(self) -> Reading | None:
        """How the file is called, as long as it was not asked for and the likeliest title is called otherwise."""
        own, best = self.subject.own_name, next(iter(self.ranked), None)
        if self._own_asked or own is None or best is None or best.ids:
            return None
        return own if says_another(own, best.candidate) else None

    def _is_sure(self) -> bool:
        """Whether asking on could hardly change anything. An id whose title or year is another is worth a look at the name."""
        best = next(iter(self.ranked), None)
        if best is None or best.probability < SURE or (best.fit is Fit.OTHER and self.subject.readings):
            return False
        if self._type_is_open() or self._unasked_name() or (best.is_far_by_id and not self.inquiry.has_searched):
            return False
        needs_episodes = self.subject.numbered and best.candidate.type is ItemType.SERIES
        return bool(best.located.episodes) or not needs_episodes


def _has_ids(facts: ItemFacts, ids: Mapping[str, str]) -> bool:
    """Whether ids are those of a title, as far as its own are known, and at least one is."""
    own = {"tmdb": str(facts.tmdb_id), **facts.external_ids}
    said = {source: value for source, value in ids.items() if source in own}
    return bool(said) and all(own[source] == value for source, value in said.items())

"""The titles that a file could be, weighed against one another by all that is known so far."""

from msgspec import Struct

from ..metadata.facts import Candidate, ItemFacts, ItemType
from .decision import Neighbour
from .evidence import TitleFit, features, numbers_beyond, of_episodes, title_fit
from .known import Answered, Known
from .names import Reading, Subject
from .neighbours import with_neighbour
from .numbering import Located, locate, renumbered
from .rivals import Standing, of_rivals
from .runtime import of_runtime
from .signs import of_place
from .titles import FIT_ORDER, Fit
from .weighing import Feature, probabilities, score


class Contender(Struct):
    """A candidate with all that is known about it so far."""

    candidate: Candidate
    readings: tuple[Reading, ...]
    """The readings it is weighed against: those of the name, and the variant that found it."""
    ids: dict[str, str]
    facts: ItemFacts | None = None
    located: Located = Located()
    reading: Reading | None = None
    """The one that fits it best."""
    fit: Fit = Fit.OTHER
    """How its titles agree with the readings, at best."""
    features: list[Feature] = []
    score: float = 0.0
    probability: float = 0.0

    @property
    def is_far_by_id(self) -> bool:
        """Whether an id in the name led to it, but the name says another year."""
        return bool(self.ids) and self.has("year.far")

    def has(self, key: str) -> bool:
        """Whether it was found to have this feature."""
        return any(feature.key == key for feature in self.features)

    @property
    def key(self) -> tuple[ItemType, int]:
        return self.candidate.type, self.candidate.tmdb_id

    def says_episodes_of(self, subject: Subject) -> bool:
        """Whether the name says episodes, if it is this title: some by a number that is else a part of the title."""
        by_part = self.reading is not None and self.reading.episode is not None and subject.parsed.role is None
        return self.candidate.type is ItemType.SERIES and (subject.numbered or subject.named or by_part)


class Contenders:
    """Those of one file. What is found or learned is told here, and all of them are weighed anew."""

    def __init__(self, subject: Subject, known: Known) -> None:
        self.withheld: dict[tuple[ItemType, int], float] = {}
        """Contenders that a person has rejected for this file, with their scores. Their share of the probability goes to
        nobody: that the likeliest title is wrong makes the second no likelier."""
        self.answered: Answered | None = None
        """The answer for another file that decides the title of this one."""
        self.neighbours: dict[tuple[ItemType, int], Neighbour] = {}
        """The series of the folder's other files, once they are asked."""
        self._subject = subject
        self._known = known
        self._all: dict[tuple[ItemType, int], Contender] = {}

    @property
    def ranked(self) -> list[Contender]:
        """The contenders, likeliest first; equal ones in an order that does not depend on how they were found."""
        return sorted(
            self._all.values(),
            key=lambda contender: (-contender.probability, contender.key[0], contender.key[1]),
        )

    def consider(
        self,
        found: list[Candidate],
        readings: tuple[Reading, ...],
        ids: dict[str, str],
        facts: ItemFacts | None = None,
    ) -> None:
        """Take in what was found, all of it with these ids of the name and, for the one title that was asked for, its facts."""
        for candidate in found:
            key = (candidate.type, candidate.tmdb_id)
            if key in self.withheld:
                continue
            contender = self._all.get(key)
            if contender is None:
                contender = self._all[key] = Contender(candidate, readings, {})
            elif len(readings) > len(contender.readings):
                contender.readings = readings
            contender.ids = contender.ids | ids
            contender.facts = contender.facts or facts
        self.weigh()

    def have_a_title(self, at_least: Fit = Fit.NEAR) -> bool:
        """Whether one is called as the name says, at least so well."""
        return any(FIT_ORDER[contender.fit] <= FIT_ORDER[at_least] for contender in self._all.values())

    def have_a_likely_title(self) -> bool:
        """One of a type that the name speaks for: a film's title does not end the search for a series."""
        fitting = (c for c in self._all.values() if FIT_ORDER[c.fit] <= FIT_ORDER[Fit.NEAR])
        return any(c.candidate.type in self._subject.types for c in fitting)

    def weigh(self) -> None:
        """Weigh all of them by what is known now."""
        fits: dict[tuple[ItemType, int], TitleFit | None] = {}
        for contender in self._all.values():
            fit = title_fit(contender.readings, contender.candidate, contender.facts, self._subject.written)
            contender.reading = contender.readings[fit.place] if fit else None
            contender.fit = fit.likeness.fit if fit else Fit.OTHER
            if self.answered:
                contender.fit = Fit.EXACT
            fits[contender.key] = fit
        for contender in self._all.values():
            contender.features = self._features(contender, fits[contender.key])
            contender.score = score(contender.features)
        for contender in self.ranked:
            if any(rejected.forbids(*contender.key, contender.located.episodes) for rejected in self._known.rejected):
                del self._all[contender.key]
                self.withheld[contender.key] = contender.score
        everyone = list(self._all.values())
        shares = probabilities([*(contender.score for contender in everyone), *self.withheld.values()])
        for contender, probability in zip(everyone, shares, strict=False):
            contender.probability = probability

    def _features(self, contender: Contender, fit: TitleFit | None) -> list[Feature]:
        in_title = numbers_beyond(fit, contender.readings) if fit else frozenset[int]()
        reading = contender.readings[fit.place] if fit else None
        if contender.says_episodes_of(self._subject) and contender.facts:
            recount = self._known.recount(*contender.key)
            parsed = renumbered(
                self._subject.parsed, reading.season if reading else None, reading.episode if reading else None
            )
            contender.located = locate(parsed, contender.facts, in_title, recount)
        if self.answered:
            found = [Feature("answered", 1.0, self.answered.detail)]
            return found + of_episodes(self._subject, contender.candidate, contender.located, in_title)
        found = features(self._subject, contender.readings, contender.candidate, contender.facts, contender.ids, fit)
        found += of_episodes(self._subject, contender.candidate, contender.located, in_title)
        if fit:
            found += of_place(self._subject, contender.readings, fit.place, fit.title, contender.located.titles)
        found += of_runtime(
            self._known.duration,
            self._subject.parsed.part,
            contender.candidate,
            contender.facts,
            contender.located.episodes,
        )
        others = [_standing(each) for each in self._all.values() if each is not contender]
        found += of_rivals(_standing(contender), others, self._subject.own_name)
        if (neighbour := self.neighbours.get(contender.key)) and not contender.ids:
            found = with_neighbour(
                found,
                neighbour,
                subject=self._subject,
                known=self._known,
                candidate=contender.candidate,
                facts=contender.facts,
                located=contender.located,
                fit=contender.fit,
            )
        return found


def _standing(contender: Contender) -> Standing:
    return Standing(contender.candidate, contender.fit, contender.reading, bool(contender.ids))

"""Why a file was not matched, and the cheapest thing that would change it, as a sentence."""

from collections.abc import Sequence

from ..files.types import UnmatchedReason
from ..metadata.facts import ItemType
from .contenders import Contender
from .deliberation import Deliberation
from .numbering import Reckoning
from .titles import FIT_ORDER, Fit
from .weighing import probabilities
from .weights import WEIGHTS

RIVAL = 0.08
"""The share of the probability of the best from which another contender is as good."""

UNLIKELY = 0.05
"""Below this probability a best contender is as good as none."""

KNOWN_SERIES = 0.75
"""The probability that the series is right, episodes aside, from which the missing episode is the news."""


def reason_for(deliberation: Deliberation, threshold: float) -> tuple[UnmatchedReason, str]:
    """The reason and what would change it. Called where nothing reached `threshold`, or what did cannot be matched."""
    subject, ranked = deliberation.subject, deliberation.ranked
    if not subject.readings and not ranked:
        if deliberation.contenders.withheld:
            return UnmatchedReason.REJECTED, _REJECTED
        return UnmatchedReason.PARSE_FAILED, "The name says no title: a folder named with title and year decides."
    if lacking := _lacks_episode(ranked):
        said = f"{_named(lacking)} {lacking.located.missing}"
        return UnmatchedReason.EPISODE_NOT_FOUND, f"{said}: the provider's numbers in the file name decide."
    if deliberation.contenders.withheld and (not ranked or ranked[0].probability < threshold):
        return UnmatchedReason.REJECTED, _REJECTED
    if not ranked or ranked[0].probability < UNLIKELY:
        title = subject.readings[0].text if subject.readings else ""
        return UnmatchedReason.NO_MATCH, (
            f'The provider knows no title like "{title}": its title as the provider spells it, '
            "or an id in the folder name ({tmdb-...}), decides."
        )
    best = ranked[0]
    if other := contradicted_by_id(ranked):
        return UnmatchedReason.LOW_CONFIDENCE, (
            f"The id in the name is of {_named(other)}, but the name says {_named(named_instead(ranked) or best)}: "
            "the right id or the right title in the folder name decides."
        )
    rivals = [c for c in ranked if c.probability >= RIVAL * best.probability and _fits(c)]
    if best.probability < threshold and len(rivals) > 1 and not (best.ids and not rivals[1].ids):
        return UnmatchedReason.AMBIGUOUS, _between(deliberation, rivals)
    return UnmatchedReason.LOW_CONFIDENCE, _doubt(deliberation, best)


_REJECTED = "What the name fits best was rejected: another title or an id ({tmdb-...}) in the folder name decides."


def contradicted_by_id(ranked: Sequence[Contender]) -> Contender | None:
    """The title that an id in the name belongs to, where the rest of the name fits another title better.

    Better is also a title of the same name whose year is exactly the one in the name, where that of the id's is not near it.
    """
    if not ranked[0].ids:
        return next((contender for contender in ranked if contender.ids), None)
    return ranked[0] if named_instead(ranked) else None


def named_instead(ranked: Sequence[Contender]) -> Contender | None:
    """The title that the name says where its id says `ranked[0]`."""
    best = ranked[0]
    if not best.is_far_by_id:
        return None
    return next((each for each in ranked if not each.ids and _fits(each) and each.has("year.exact")), None)


def _lacks_episode(ranked: Sequence[Contender]) -> Contender | None:
    """The series that it is if its missing episode is not held against it, where nothing else is likely."""
    if not any(contender.located.missing for contender in ranked):
        return None
    relieved = [c.score - (WEIGHTS["episode.missing"] if c.located.missing else 0.0) for c in ranked]
    best, probability = max(
        zip(ranked, probabilities(relieved), strict=True), key=lambda pair: (pair[1], -pair[0].candidate.tmdb_id)
    )
    return best if best.located.missing and probability >= KNOWN_SERIES and _fits(best) else None


def _fits(contender: Contender) -> bool:
    return bool(contender.ids) or FIT_ORDER[contender.fit] <= FIT_ORDER[Fit.NEAR]


def _between(deliberation: Deliberation, rivals: Sequence[Contender]) -> str:
    types = {contender.candidate.type for contender in rivals}
    if len(types) > 1:
        return (
            "A film and a series have this title: an episode number (S01E02) or an id ({tmdb-...}) in the name decides."
        )
    kind = "films" if types == {ItemType.MOVIE} else "series"
    years = sorted({contender.candidate.year for contender in rivals if contender.candidate.year})
    count = _COUNTS.get(len(rivals), str(len(rivals)))
    if len(years) == 1:
        return f"{count} {kind} of {years[0]} have this title: an id in the folder name ({{tmdb-...}}) decides."
    listed = ", ".join(str(year) for year in years)
    if any(reading.year for reading in deliberation.subject.readings):
        return f"{count} {kind} come close ({listed}): the year of the release in the folder name decides."
    return f"{count} {kind} have this title ({listed}): a year in the folder name decides."


_COUNTS = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}


def _doubt(deliberation: Deliberation, best: Contender) -> str:
    """What weakens the best contender most, and what would mend it."""
    subject, name = deliberation.subject, _named(best)
    if best.candidate.type is ItemType.SERIES and subject.parsed.role is None:
        if not subject.numbered:
            return f"It seems to be of {name}: an episode number in the file name (S01E02) decides."
        if at := best.located.called_so:
            return (
                f"The number and the title in the name are of two episodes of {name}, the title of "
                f"S{at.season:02}E{at.number:02}: the one that is wrong in the file name decides."
            )
        if best.located.reckoning is Reckoning.GUESSED:
            return f"Which episode of {name} the number means is not clear: season and episode (S01E02) in the name decide."
        if best.facts is None:
            return f"The episodes of {name} could not be looked up: trying again later may decide."
    weakest = min(best.features, key=lambda feature: WEIGHTS[feature.key] * feature.value, default=None)
    key = weakest.key if weakest and weakest.key != "prior" else ""
    said = next((reading.year for reading in subject.readings if reading.year), None)
    if best.ids and best.fit is Fit.OTHER:
        return f"The id in the name is of {name}, but the name says something else: the right id or the right title decides."
    if key == "name.two":
        return f"The name says two titles, {name} is one of them: a file of its own for each decides."
    if key == "country.differs":
        return (
            f"{name} fits but for the country in the name: a year or an id ({{tmdb-...}}) in the folder name decides."
        )
    if key in ("reading.another", "reading.outer"):
        return (
            f"The file's own name is another title than the one of the folder, {name}: the same title in both decides."
        )
    if key == "name.box":
        return f"The name says several films, {name} is one of them: a file of its own for each decides."
    if key == "year.contested":
        return f"{name} fits but for the year, and another of this name as well: the year of the release decides."
    if key in ("year.far", "year.near"):
        return f"{name} fits but for the year, {said} in the name: the year of the release in the folder name decides."
    if key in ("title.near", "title.slips", "title.part", "title.other") or not _fits(best):
        return f"It may be {name}, which is spelled another way: its title in the folder name decides."
    if said is None:
        return f"It may be {name}, but the title alone is not enough: a year in the folder name decides."
    return f"It may be {name}: an id in the folder name ({{tmdb-...}}) decides."


def _named(contender: Contender) -> str:
    year = f" ({contender.candidate.year})" if contender.candidate.year else ""
    return f'{"Series " if contender.candidate.type is ItemType.SERIES else ""}"{contender.candidate.title}"{year}'

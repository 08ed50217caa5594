"""What speaks for a candidate and what against it: named pieces, each with its weight and its reason in words."""

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ..metadata.facts import Candidate, ItemFacts, ItemType
from .names import Reading, Subject
from .numbering import Located, Reckoning
from .signs import could_be_private, of_country, of_film
from .titles import ARTICLES, FIT_ORDER, Fit, Likeness, compare, fold, is_sequel_number, loosen
from .weighing import Feature

KNOWN, KNOWN_TO_ALL = 2.5, 3.5
"""Powers of ten of people that rated a title: from the first on its single word may be meant, from the second on it is
(`Aliens`). Words that people call their own recordings by (`London`, `Evening`) are titles of films that fewer know."""
SEQUEL = 3
"""Letters that the number behind a title is worth: `Shrek 2` says more than a word of six."""


class TitleFit(Struct, frozen=True):
    """The reading and the title that agree best."""

    likeness: Likeness
    place: int
    """Of the reading."""
    title: str
    alternative: bool
    """Whether it is neither the title nor the original title."""
    fuller: bool = False
    """Whether the reading stops short of the title, which the name goes on to say word by word."""


def title_fit(
    readings: Sequence[Reading], candidate: Candidate, facts: ItemFacts | None, written: Sequence[str] = ()
) -> TitleFit | None:
    """How the readings and all known titles of a candidate agree at best; None without a reading.

    `written` are the folded names that the readings were taken from.
    """
    known = [(candidate.title, False)]
    if candidate.original_title:
        known.append((candidate.original_title, False))
    if facts:
        known += [(title, True) for title in facts.alternative_titles]
    fits = [
        _fit(reading, place, title, alternative, written, candidate.type is ItemType.SERIES)
        for place, reading in enumerate(readings)
        for title, alternative in known
    ]
    return min(
        fits, key=lambda fit: (fit.likeness.rank[:2], fit.place, fit.alternative, fit.likeness.rank), default=None
    )


def _fit(
    reading: Reading, place: int, title: str, alternative: bool, written: Sequence[str], numbered: bool
) -> TitleFit:
    likeness = compare(reading.text, title)
    if FIT_ORDER[likeness.fit] > FIT_ORDER[Fit.LOOSE] and _goes_on(fold(reading.text), fold(title), written, numbered):
        return TitleFit(Likeness(Fit.EXACT, 0, 1.0), place, title, alternative, fuller=True)
    return TitleFit(likeness, place, title, alternative)


def _goes_on(read: str, title: str, written: Sequence[str], numbered: bool) -> bool:
    """Whether `title` is what was read and more, and a name says all of it.

    A number right behind it makes it another film's (`Low Tide - The Return II`); behind a series' it is an episode's.
    """
    longer = f" {title} ".startswith(f" {read} ") or f" {title} ".endswith(f" {read} ")
    if not longer:
        return False
    behind = [f" {name} ".partition(f" {title} ")[2].split()[:1] for name in written if f" {title} " in f" {name} "]
    return bool(behind) and (numbered or not any(word and is_sequel_number(word[0]) for word in behind))


def features(
    subject: Subject,
    readings: Sequence[Reading],
    candidate: Candidate,
    facts: ItemFacts | None,
    ids: Mapping[str, str],
    fit: TitleFit | None,
) -> list[Feature]:
    """All that is known about whether `candidate` is the subject, but for its episodes and its rivals.

    `ids` are those of the name that led to it, `fit` is what `title_fit` says.
    """
    found = [Feature("prior", 1.0, "most of what a search finds is something else")]
    found += [
        Feature(f"id.{source}", 1.0, f"the name has its {source} id {value}") for source, value in sorted(ids.items())
    ]
    if fit:
        found += _of_title(fit, readings, candidate, facts, subject.written, could_be_private(subject))
        in_title = numbers_beyond(fit, readings)
        years = (readings[fit.place].year, *(reading.year for reading in readings))
        found += _of_year(next((year for year in years if year and year not in in_title), None), candidate, facts)
    found += of_film(subject, candidate) if candidate.type is ItemType.MOVIE else []
    found += of_country(subject.countries, candidate, facts)
    if subject.shelf:
        agrees = subject.shelf is candidate.type
        detail = f"the folder is for {'films' if subject.shelf is ItemType.MOVIE else 'series'}"
        found.append(Feature("shelf.agrees" if agrees else "shelf.differs", 1.0, detail))
    votes = max(0, candidate.vote_count)
    found.append(Feature("popularity", math.log10(1 + votes), f"{votes} people rated it"))
    return found


def _of_title(
    fit: TitleFit,
    readings: Sequence[Reading],
    candidate: Candidate,
    facts: ItemFacts | None,
    written: Sequence[str],
    could_be_private: bool,
) -> list[Feature]:
    reading, likeness = readings[fit.place], fit.likeness
    found = [Feature(f"title.{likeness.fit}", 1.0, _title_detail(reading.text, fit, candidate))]
    if fit.fuller:
        found.append(Feature("title.fuller", 1.0, f'the name goes on to say all of "{fit.title}"'))
    if likeness.slips:
        slips = "1 letter differs" if likeness.slips == 1 else f"{likeness.slips} letters differ"
        found.append(
            Feature("title.slips", 6.0 * likeness.slips / max(1, len(fold(reading.text).replace(" ", ""))), slips)
        )
        if likeness.slips > 1:
            found.append(Feature("title.slips_more", likeness.slips - 1.0, "people seldom slip twice in a title"))
    if likeness.fit is Fit.OTHER:
        return found
    if fit.alternative:
        found.append(Feature("title.alternative", 1.0, "which is one of its other titles"))
    text = fold(fit.title if fit.fuller else reading.text)
    folded = text.split()
    words = [word for word in folded if word.isalpha() and (len(word) > 1 or word not in ARTICLES)]
    is_sequel = len(folded) > 1 and is_sequel_number(folded[-1])
    if could_be_private and not reading.year and len(words) + is_sequel < 2:
        unknown = _is_unknown(candidate) if likeness.fit is Fit.EXACT else 1.0
        found.append(Feature("title.one_word", unknown, "a single word without a year may be anything"))
    letters = len(loosen(text)) + (SEQUEL if is_sequel else 0)
    if letters < 10:
        found.append(Feature("title.short", (10 - letters) / 10, "a short title says little"))
    if reading.shortened and not _is_read_by_its_part(reading, candidate):
        key, kind = ("title.piece", " beside it") if reading.piece else ("title.shortened", "")
        found.append(Feature(key, 1.0, f'the name says more than "{reading.text}"{kind}'))
    elif readings[0].source == "alternative":
        found.append(Feature("reading.behind", 1.0, "it stands where the name of an episode would"))
    elif fit.place and readings[0].source != "alternative":
        found.append(Feature("reading.second", 1.0, f'"{readings[0].text}" would be read first'))
    sources = {each.source for each in readings}
    agreeing = {
        each.source
        for each in readings
        if not each.shortened
        and (other := title_fit([each], candidate, facts, written))
        and FIT_ORDER[other.likeness.fit] <= FIT_ORDER[Fit.LOOSE]
    }
    if len(agreeing) > 1:
        found.append(Feature("reading.agrees", 1.0, f"{' and '.join(sorted(agreeing))} agree"))
    elif (
        "file" in sources
        and "file" not in agreeing
        and fit.place
        and not (reading.shortened or reading.is_renumbered)  # which is how the file's own name may be read
    ):
        found.append(Feature("reading.differs", 1.0, "the file's own name says something else"))
    return found


def _is_unknown(candidate: Candidate) -> float:
    """1 for a title that few know, 0 for one that everybody does."""
    known = math.log10(1 + max(0, candidate.vote_count))
    return min(1.0, max(0.0, (KNOWN_TO_ALL - known) / (KNOWN_TO_ALL - KNOWN)))


def _is_read_by_its_part(reading: Reading, candidate: Candidate) -> bool:
    """Whether what the reading leaves out says which episode it is, so that it leaves out nothing of the title."""
    return reading.episode is not None and candidate.type is ItemType.SERIES


def _title_detail(written: str, fit: TitleFit, candidate: Candidate) -> str:
    match fit.likeness.fit:
        case Fit.EXACT:
            return f'"{written}" is the title' if not fit.alternative else f'"{written}" is a title of it'
        case Fit.LOOSE:
            return f'"{written}" is "{fit.title}" written another way'
        case Fit.NEAR:
            return f'"{written}" is "{fit.title}" but for a slip'
        case Fit.PART:
            return f'"{written}" and "{fit.title}" share their main words'
        case Fit.OTHER:
            return f'"{written}" is not "{candidate.title}"'


def _of_year(said: int | None, candidate: Candidate, facts: ItemFacts | None) -> list[Feature]:
    if said is None or candidate.year is None:
        return []
    apart = abs(said - candidate.year)
    kind = "release" if candidate.type is ItemType.MOVIE else "first episode"
    if apart == 0:
        return [Feature("year.exact", 1.0, f"{said} is the year of the {kind}")]
    if apart == 1:
        return [Feature("year.near", 1.0, f"{said} is a year beside the {kind}'s, {candidate.year}")]
    if candidate.type is ItemType.SERIES and facts and said in _years_on_air(facts):
        return [Feature("year.running", 1.0, f"it was on air in {said}")]
    return [Feature("year.far", 1.0, f"the name says {said}, the {kind} was in {candidate.year}")]


def _years_on_air(facts: ItemFacts) -> set[int]:
    days = [season.air_date for season in facts.seasons] + [
        episode.air_date for season in facts.seasons for episode in season.episodes
    ]
    return {day.year for day in days if day}


def numbers_beyond(fit: TitleFit, readings: Sequence[Reading]) -> frozenset[int]:
    """Numbers that the title has beyond its reading: they were read as an episode's, and are none (`Mob Psycho 100`)."""
    read = fold(readings[fit.place].text).split()
    return frozenset(
        int(word) for word in fold(fit.title).split() if fit.fuller and word.isdecimal() and word not in read
    )


def of_episodes(subject: Subject, candidate: Candidate, located: Located, in_title: frozenset[int]) -> list[Feature]:
    """What the episodes in the name say, those numbers left out that belong to the title."""
    if candidate.type is ItemType.MOVIE:
        unused = subject.numbered and not in_title.issuperset(
            subject.parsed.seasons + subject.parsed.episodes + subject.parsed.absolute_episodes
        )
        return [Feature("episode.ignored", 1.0, "the name counts episodes, and this is a film")] if unused else []
    could_be_film = subject.shelf is None and ItemType.MOVIE in (subject.types[0], *subject.other_types)
    doubt: list[Feature] = []
    if could_be_film and not (subject.numbered or subject.named or subject.parsed.seasons or subject.parsed.role):
        value = 0.5 if located.reckoning is Reckoning.SINGLE_SEASON else 1.0  # as short series are counted
        only = "only a part's" if located.reckoning else "none"
        doubt = [Feature("episode.none", value, f"the name of an episode mostly has a number, this one has {only}")]
    if located.missing:
        return [*doubt, Feature("episode.missing", 1.0, f"the series {located.missing}")]
    if not located.reckoning:
        return doubt
    key, detail = {
        Reckoning.NUMBERED: ("episode.exists", "it has this episode"),
        Reckoning.SINGLE_SEASON: ("episode.exists", "it has one season, and this episode in it"),
        Reckoning.COUNTED: ("episode.counted", "counted through its seasons there is such an episode"),
        Reckoning.DATED: ("episode.dated", "an episode was shown on that day"),
        Reckoning.TITLED: ("episode.titled", "an episode of this season is called so"),
        Reckoning.RENUMBERED: ("episode.exists", f"it has this episode, as it is counted {located.by}"),
        Reckoning.GUESSED: ("episode.guessed", "which episode the number means is a guess"),
    }[located.reckoning]
    found = [*doubt, Feature(key, 1.0, detail)]
    # An episode that was found by its title agrees with it: that is no second piece of evidence.
    said = subject.parsed.episode_title if located.reckoning is not Reckoning.TITLED else None
    if said and located.titles and not all(_is_placeholder(title) for title in located.titles):
        agrees = any(FIT_ORDER[compare(said, title).fit] <= FIT_ORDER[Fit.PART] for title in located.titles)
        verb = "is called" if agrees else "is not called"
        found.append(Feature(f"episode_title.{'agrees' if agrees else 'differs'}", 1.0, f'the episode {verb} "{said}"'))
    return found


def _is_placeholder(title: str) -> bool:
    """`Episode 5` is what a provider shows until it knows the title."""
    words = fold(title).split()
    return len(words) == 2 and words[1].isdigit()

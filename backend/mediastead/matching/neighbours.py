"""What the other files of a folder say about one whose own name is not enough: most of a folder's files are of one series.

Only matches that rest on nothing of their neighbours count (`unmatched.folder_neighbours`), so that what a file is taken for
depends on no order, and no guess leans on another guess. Counts and shares are told in few steps: a decision that leans on them
has to be made again when they change, and one file more of the same series is no news.
"""

from collections.abc import Mapping, Sequence

import msgspec
from rapidfuzz.distance import OSA

from ..metadata.facts import Candidate, ItemFacts, ItemType
from .decision import Decision, Neighbour
from .known import Known
from .names import Reading, Subject
from .numbering import Located, Reckoning
from .titles import Fit, fold, loosen
from .weighing import Feature

COUNTS = (8, 3, 1)
"""From how many files of a series on they say more; the counts that a decision is told."""
SHARES = (1.0, 0.9, 0.75)
"""Of all matched files in the folder. Below the last one the folder is a mixed one, and says nothing."""
ENOUGH = 3
"""Files of the series from which on they speak for a file whose name does not say the series at all."""
ALIKE = 0.7
"""Share of letters from which on a garbled title is taken for one that was meant."""
SHORTEST = 3
"""Letters of a short form (`brba`): fewer fit too many titles."""


def neighbours_in(counts: Mapping[tuple[ItemType, int] | None, int]) -> tuple[Neighbour, ...]:
    """Of the matched files of a folder, counted by title (None for titles that the provider has not): the series of most."""
    everything = sum(counts.values())
    found: list[Neighbour] = []
    for key, count in counts.items():
        share = next((each for each in SHARES if count >= each * everything), None)
        if key is not None and key[0] is ItemType.SERIES and share is not None:
            least = next(each for each in COUNTS if count >= each)
            found.append(Neighbour(type=key[0], tmdb_id=key[1], share=share, count=least))
    return tuple(sorted(found, key=lambda each: each.tmdb_id))


def as_stored(decision: Decision) -> str | None:
    """What `media_file_decision.neighbours` is to hold: by that it is seen whether a decision has to be made again."""
    return None if decision.neighbours is None else msgspec.json.encode(decision.neighbours).decode()


def told(neighbours: tuple[Neighbour, ...]) -> str:
    """As `as_stored` of a decision that heard these."""
    return msgspec.json.encode(neighbours).decode()


def listens(subject: Subject) -> bool:
    """Whether a file's neighbours can say anything about it: an episode with its number, and without an id that says more."""
    return subject.numbered and ItemType.SERIES in subject.types and not subject.parsed.ids


def with_neighbour(
    found: Sequence[Feature],
    neighbour: Neighbour,
    *,
    subject: Subject,
    known: Known,
    candidate: Candidate,
    facts: ItemFacts | None,
    located: Located,
    fit: Fit,
) -> list[Feature]:
    """The evidence for the neighbours' series, with what they say.

    Nothing is added where the series has not this episode, or its episodes are counted otherwise than the provider does. A title
    that the name does not say itself, because it is the folder's, short or garbled, is not held against the series.
    """
    said = list(found)
    if not located.episodes or located.reckoning in (Reckoning.GUESSED, Reckoning.RENUMBERED):
        return said
    if known.recount(candidate.type, candidate.tmdb_id):
        return said
    if fit in (Fit.OTHER, Fit.PART):
        if neighbour.count < ENOUGH:
            return said
        if _says_another(subject, [candidate.title, *(facts.alternative_titles if facts else ())]):
            return [*said, Feature("neighbours.against", 1.0, f"{_in_words(neighbour)}, but the name says another")]
        if fit is Fit.OTHER:
            said = [each for each in said if each.key in _OF_RIVALS or not each.key.startswith(("title.", "reading."))]
    key = {8: "neighbours.many", 3: "neighbours.some", 1: "neighbours.few"}[neighbour.count]
    said.append(Feature(key, 1.0, _in_words(neighbour)))
    if neighbour.share < 1.0:
        said.append(Feature("neighbours.mixed", 1.0 if neighbour.share >= SHARES[1] else 2.0, "not all of them"))
    return said


def _in_words(neighbour: Neighbour) -> str:
    count = "one file" if neighbour.count == 1 else f"{neighbour.count} files"
    of = {1.0: "all", 0.9: "nine in ten"}.get(neighbour.share, "three in four")
    return f"at least {count} in this folder, and {of} of those that are known, are of this series"


def _says_another(subject: Subject, titles: Sequence[str]) -> bool:
    """Whether the file's own name, and not that of a folder alone, says a title that is none of these in any way.

    What the name of a folder says is said of all its files, also of those that are known to be of the series.
    """
    own = f" {subject.written[0]} " if subject.written else " "
    said = [each for each in subject.readings if f" {fold(each.text)} " in own and not _is_episodes(each, subject)]
    return bool(said) and not any(_is_meant(each.text, title) for each in said for title in titles)


def _is_episodes(reading: Reading, subject: Subject) -> bool:
    """Whether what was read as a title is the name of the episode: it stands behind the number."""
    name = subject.parsed.episode_title
    return reading.source == "alternative" or (name is not None and fold(name) == fold(reading.text))


def _is_meant(read: str, title: str) -> bool:
    """Whether a reading is a title with more slips than searches and comparisons forgive (`Sh0w`), or its short form (`brba`)."""
    mine, theirs = loosen(fold(read)), loosen(fold(title))
    numbers = [word for word in fold(read).split() if word.isdigit()]
    if any(number not in fold(title).split() for number in numbers):
        return False
    longest = max(len(mine), len(theirs), 1)
    if 1.0 - OSA.distance(mine.translate(_LEET), theirs.translate(_LEET)) / longest >= ALIKE:
        return True
    words = fold(title).split()
    return len(mine) >= SHORTEST and any(_is_short_for(mine, some) for some in (words, words[1:]) if len(some) > 1)


_OF_RIVALS = ("title.outdone", "reading.another", "reading.outer")
"""What is said of titles because others fit better: that holds whoever lies beside the file."""

_LEET = str.maketrans("013457", "oleast")
"""Digits that stand for letters."""


def _is_short_for(letters: str, words: Sequence[str]) -> bool:
    """Whether beginnings of all the words, in their order, make up the letters: `got`, `brba`, `himym`."""
    if not words:
        return not letters
    longest = min(len(words[0]), len(letters))
    return any(
        letters[:length] == words[0][:length] and _is_short_for(letters[length:], words[1:])
        for length in range(longest, 0, -1)
    )

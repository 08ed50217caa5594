"""What names say beside title, year and numbers: the country, several films in one, a camera, a nearer name."""

import re
from collections.abc import Sequence

from ..metadata.facts import Candidate, ItemFacts
from .names import Reading, Subject
from .titles import FIT_ORDER, Fit, compare, fold
from .weighing import Feature


def of_film(subject: Subject, candidate: Candidate) -> list[Feature]:
    """What speaks against one film in one file: a camera's name, several films."""
    found: list[Feature] = []
    if any(_DAY.search(name) for name in subject.written[:1]):
        found.append(Feature("name.dated", 1.0, "the name begins with or holds a day, as a camera's does"))
    if _holds_two_films(subject.parsed.path):
        found.append(Feature("name.two", 1.0, "the name says two titles, each with its year"))
    if box := _box(subject.parsed.path, candidate):
        found.append(Feature("name.box", 1.0, f'"{box}" in the name says that it holds several films'))
    return found


def of_place(
    subject: Subject, readings: Sequence[Reading], place: int, title: str, episode_titles: Sequence[str]
) -> list[Feature]:
    """Where the folder around says the title, but something nearer to the file says another: a spin-off, or a mistake.

    `place` is that of the reading which fits `title`. `episode_titles` are those of the episodes that the name means: what
    the nearer name says may be one of them.
    """
    if not place or subject.parsed.role is not None:
        return []
    near, outer = readings[0], readings[place]
    if not _is_another_title(near, outer, title, subject.numbered):
        return []
    if any(FIT_ORDER[compare(near.text, each).fit] <= FIT_ORDER[Fit.PART] for each in episode_titles):
        return []
    return [Feature("reading.outer", 1.0, f'nearer to the file stands another title, "{near.text}"')]


def _is_another_title(near: Reading, outer: Reading, title: str, numbered: bool) -> bool:
    """Whether `near` is a title of its own, and not a short form of the one that a folder around it has (`GoT S01E01`).

    What a folder is called is one; what a file is called, if it has two words, apart from the folder's.
    """
    if near.source not in ("file", "folder") or outer.source not in ("folder", "parent") or near.source == outer.source:
        return False
    said, around = fold(near.text), fold(outer.text)
    if near.source == "file":
        if not numbered and set(around.split()) <= set(said.split()):
            return False
        own = [word for word in said.removeprefix(around).split() if word.isalpha() and len(word) > 2]
        if len(own) < 2:
            return False
    letters = iter(fold(title))
    return not all(letter in letters for letter in said.replace(" ", ""))


def _holds_two_films(path: str) -> bool:
    """`Low Tide (2004) & High Tide (2009).mkv`"""
    return (
        re.search(
            r"[(\[](?:19|20)\d\d[)\]][\s._]*(?:&|\+|and|und|et|y)[\s._].*[^\W\d_].*[(\[](?:19|20)\d\d[)\]]",
            path.rpartition("/")[2],
        )
        is not None
    )


def _box(path: str, candidate: Candidate) -> str | None:
    """What says that a film's file holds a whole row of them: `Trilogy`, `1999-2003`; None where the title says it itself."""
    said = _BOX.search(path.rpartition("/")[2])
    return said[0] if said and said[1].casefold() not in fold(candidate.title).split() else None


def of_country(said: frozenset[str], candidate: Candidate, facts: ItemFacts | None) -> list[Feature]:
    """What a country in the name (`Low Tide (UK)`) says about where a title was made. Nothing where either is not known."""
    made_in = frozenset(candidate.countries or (facts.countries if facts else ()))
    if not said or not made_in:
        return []
    named, where = "/".join(sorted(said)), "/".join(sorted(made_in))
    if said & made_in:
        return [Feature("country.agrees", 1.0, f"the name says {named}, and it was made there")]
    return [Feature("country.differs", 1.0, f"the name says {named}, it was made in {where}")]


def could_be_private(subject: Subject) -> bool:
    """Whether nothing but the title says that this is a film or series at all, and not somebody's own recording: no number of an
    episode, no library for films or series, no word of a release. A folder `Movies` is where some systems put the latter."""
    released = any(_RELEASE.search(name) for name in subject.written[:1])
    return not (subject.numbered or subject.declared or released)


_DAY = re.compile(r"\b(?:19|20)\d\d ?(?:0[1-9]|1[0-2]) ?(?:0[1-9]|[12]\d|3[01])\b")
"""A year, month and day in a folded name."""
_BOX = re.compile(
    r"(?<![^\W_])(duology|trilogy|tetralogy|quadrilogy|pentalogy|hexalogy|trilogie|trilogia"
    r"|(?:19|20)\d\d(?=\s?[-–]\s?(?:19|20)\d\d(?![^\W_])))(?:\s?[-–]\s?\d{4})?(?![^\W_])",
    re.IGNORECASE,
)
"""Words for several films, and a run of years, in a name."""
_RELEASE = re.compile(
    r"\b(?:\d{3,4}[pi]|4k|uhd|blu ?ray|bdrip|brrip|dvdrip|dvd|web ?dl|web ?rip|hdtv|xvid|divx|[xh] ?26[45]|hevc"
    r"|full (?:movie|film|hd)|(?:dubbed|subbed|subtitles|uncut version|film complet|ganzer film|pelicula completa))\b"
)
"""What a folded name has that somebody offered to others, and a private recording has not."""

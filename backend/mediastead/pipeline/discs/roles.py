"""What the titles of a disc are by themselves, before anybody knows of which film or season: duplicates, play-alls, shorts.

Pure. What a title plays (`segments`) proves much: the same cells are the same content, and all cells of some titles in a row
are a play-all. Where a tool does not say it, lengths and chapters must do.
"""

from collections.abc import Sequence

from msgspec import Struct

from .facts import TitleFacts
from .models import TitleRole

SHORT = 120.0
"""Seconds: what is shorter is a logo, a warning or a menu; trailers are about as long, and are extras from here on."""
FRAME = 0.08
"""Seconds by which the same content may differ: two frames."""
WHOLE_SECONDS = 1.01
"""Where a tool says whole seconds."""


class Kind(Struct, frozen=True):
    """What a title is by itself."""

    number: int
    role: TitleRole | None
    """None: an episode, a film or an extra; that only the season or the film tells."""
    confidence: float = 1.0
    of: tuple[int, ...] = ()
    """A duplicate's original; the titles that a play-all plays, in the order in which it plays them."""
    why: str = ""


def kinds_of(titles: Sequence[TitleFacts]) -> dict[int, Kind]:
    """By number."""
    found: dict[int, Kind] = {}
    # A disc of which everything is short, as home videos are, has no logos as long as that.
    short = min(SHORT, max((title.duration for title in titles), default=0.0) / 10)
    for title in titles:
        if title.duration < short:
            found[title.number] = Kind(
                title.number, TitleRole.SHORT, 0.97, why=f"it plays {title.duration:.0f} seconds"
            )
    long = [title for title in titles if title.number not in found]
    chains = [
        chain for title in long if (chain := _chain_of_segments(title, [each for each in long if each is not title]))
    ]
    played = {number for chain in chains for number in chain}
    for twins in _twins(long):
        original = max(twins, key=lambda each: (each.number in played, _company(each, long), -each.number))
        for twin in twins:
            if twin is not original:
                why = f"the same as title {original.number}"
                sure = _same(twin, original) or _same(original, twin) or 0.9
                found[twin.number] = Kind(twin.number, TitleRole.DUPLICATE, sure, (original.number,), why)
    rest = [title for title in long if title.number not in found]
    # The longest first: a play-all of two parts of a play-all plays them all.
    for title in sorted(rest, key=lambda each: -each.duration):
        others = [each for each in rest if each.duration < title.duration and each.number not in found]
        if whole := _play_all(title, others):
            found[title.number] = whole
    for title in rest:
        found.setdefault(title.number, Kind(title.number, None))
    return {title.number: found[title.number] for title in titles}


def _twins(titles: Sequence[TitleFacts]) -> list[list[TitleFacts]]:
    """Titles with the same content, together."""
    groups: list[list[TitleFacts]] = []
    for title in titles:
        group = next((group for group in groups if _same(group[0], title)), None)
        if group is None:
            groups.append([title])
        else:
            group.append(title)
    return [group for group in groups if len(group) > 1]


def _company(title: TitleFacts, titles: Sequence[TitleFacts]) -> int:
    """How many of the titles before and behind it are about as long: a copy stands alone more often than an original."""
    return sum(
        abs(each.number - title.number) == 1 and abs(each.duration - title.duration) <= 0.2 * title.duration
        for each in titles
    )


def _same(one: TitleFacts, other: TitleFacts) -> float:
    """How sure it is that both are the same content; 0 where nothing says so."""
    if one.segments and one.segments == other.segments:
        return 0.99
    tolerance = WHOLE_SECONDS if _whole_seconds(one) or _whole_seconds(other) else FRAME
    if abs(one.duration - other.duration) > tolerance or len(one.chapters) != len(other.chapters):
        return 0.0
    if one.segments and sorted(one.segments) == sorted(other.segments):
        return 0.9  # the same clips in another order are how a protected disc hides the right one
    timed = any(one.chapters) and any(other.chapters)
    if timed and len(one.chapters) >= 3:
        alike = all(abs(a - b) <= 0.5 for a, b in zip(one.chapters, other.chapters, strict=True))
        # Episodes of the same length exist, but not with the same chapters: another angle, or another track.
        return 0.93 if alike else 0.0
    return 0.9 if one.size and one.size == other.size else 0.0


def _play_all(title: TitleFacts, others: Sequence[TitleFacts]) -> Kind | None:
    if chain := _chain_of_segments(title, others):
        return Kind(
            title.number, TitleRole.PLAY_ALL, 0.99, chain, f"it plays the titles {_listed(chain)} one after another"
        )
    if title.segments and any(set(each.segments) & set(title.segments) for each in others):
        parts = [each for each in others if set(each.segments) <= set(title.segments)]
        if len(parts) >= 2 and sum(each.duration for each in parts) >= 0.9 * title.duration:
            inside = tuple(each.number for each in _as_played(title, parts))
            return Kind(title.number, TitleRole.PLAY_ALL, 0.95, inside, f"it plays all of the titles {_listed(inside)}")
        return None
    if title.segments and all(each.segments for each in others):
        return None  # it plays nothing that they play
    return _by_length(title, others)


def _chain_of_segments(title: TitleFacts, others: Sequence[TitleFacts]) -> tuple[int, ...]:
    """The titles of which the segments, one after another, are those of `title`; a few of its own may stand between."""
    rest, chain, own = list(title.segments), list[int](), 0
    while rest:
        begins = [each for each in others if each.segments and tuple(rest[: len(each.segments)]) == each.segments]
        if begins:
            longest = max(begins, key=lambda each: len(each.segments))
            chain.append(longest.number)
            rest = rest[len(longest.segments) :]
        else:
            own, rest = own + 1, rest[1:]
    return tuple(chain) if len(chain) >= 2 and own <= len(chain) + 1 else ()


def _as_played(title: TitleFacts, parts: Sequence[TitleFacts]) -> list[TitleFacts]:
    return sorted(parts, key=lambda each: title.segments.index(each.segments[0]))


def _by_length(title: TitleFacts, others: Sequence[TitleFacts]) -> Kind | None:
    """As long as some titles in a row together, with as many chapters."""
    long = [each for each in others if each.duration >= 4 * 60]
    for first in range(len(long)):
        together, chapters = 0.0, 0
        for last in range(first, len(long)):
            together += long[last].duration
            chapters += len(long[last].chapters)
            count = last - first + 1
            if count < 2 or abs(together - title.duration) > max(1.5 * count, 0.004 * together):
                continue
            said = len(title.chapters)
            agree = abs(said - chapters) <= count if said > 1 and chapters > count else None
            if agree is False or (count == 2 and not (agree and _same_cuts(title, long[first : last + 1]))):
                continue  # two that happen to be as long as a third are no proof
            run = tuple(each.number for each in long[first : last + 1])
            sure = 0.96 if agree else 0.9
            return Kind(
                title.number, TitleRole.PLAY_ALL, sure, run, f"it is as long as the titles {_listed(run)} together"
            )
    return None


def _same_cuts(title: TitleFacts, run: Sequence[TitleFacts]) -> bool:
    """Whether its chapters are as long as theirs, one after another."""
    chapters = [length for each in run for length in each.chapters]
    return len(chapters) == len(title.chapters) and all(
        a > 0 and abs(a - b) <= 1 for a, b in zip(title.chapters, chapters, strict=True)
    )


def _whole_seconds(title: TitleFacts) -> bool:
    return title.duration == int(title.duration)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(str(number) for number in numbers)

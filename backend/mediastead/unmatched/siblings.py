"""A person's answer for one number tells those of the files beside it: what is learned from it, and what will follow."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.queries import item_by_id
from ..catalog.types import ItemType
from ..db.text import shown
from ..files.types import Role
from ..matching.decision import EpisodeNumber
from ..matching.known import Answered, Known
from ..matching.meaning import episodes_meant
from ..matching.numbering import Reckoning
from ..matching.renumbering import Example
from ..matching.said import SaidNumbers, said_by
from ..matching.titles import fold
from .episodes import facts_stored
from .matches import Match
from .numbered import AskedFile, asked_about, chosen_order, said_when_answered
from .remembered import Remembered

MANY = 200
"""Files of which it is worked out what they will be."""


class Follower(Struct, frozen=True, kw_only=True):
    """A file in the queue that an answer gives its episodes as well, or why it does not."""

    file_id: int
    path: str
    """Relative to the library's root."""
    says: str
    episodes: tuple[EpisodeNumber, ...]
    problem: str | None


async def examples_in(session: AsyncSession, matches: Sequence[Match]) -> dict[int, Example]:
    """By file id, what each answer that settled a question tells of the numbers beside it; those that tell nothing are left
    out."""
    said = await said_when_answered(session, [match.verdict.file.id for match in matches])
    found = {match.verdict.file.id: _example(match, said.get(match.verdict.file.id)) for match in matches}
    return {file_id: example for file_id, example in found.items() if example}


def _example(match: Match, said: SaidNumbers | None) -> Example | None:
    """None where the name says no number or several, one that may belong to the title, or one that the series has as it is
    said: then this file may be named wrongly, and others not. Specials are in no order that others could follow."""
    if said is None or match.verdict.role is not Role.EPISODE or len(match.episodes) != 1:
        return None
    numbers, (episode,) = said_by(said.parsed()), match.episodes
    if len(numbers) != 1 or said.air_date is not None or 0 in (numbers[0].season, episode.season):
        return None
    (number,) = numbers
    if number.season is not None and (number.season, number.number) in match.title.episodes:
        return None
    if str(number.number) in fold(match.title.name).split():
        return None
    return Example(number.season, number.number, EpisodeNumber(episode.season, episode.number))


async def followers(session: AsyncSession, answer: Remembered, file_ids: Sequence[int]) -> list[Follower]:
    """What an answer that tells how files count makes of these files, which are identified anew because of it."""
    item = await item_by_id(session, answer.item_id)
    if item is None or item.tmdb_id is None or item.type is not ItemType.SERIES or answer.counted is None:
        return []
    facts, chosen = await facts_stored(session, item), await chosen_order(session, item.id)
    found: list[Follower] = []
    for file in sorted(await asked_about(session, file_ids[:MANY]), key=_in_order):
        if file.said is None or file.role in (Role.EXTRA, Role.SAMPLE):
            continue
        held = Answered(
            id=answer.id,
            type=item.type,
            tmdb_id=item.tmdb_id,
            numbering=answer.numbering_in(file.path.rpartition(b"/")[0]),
            detail=answer.in_words,
        )
        known = Known(answered=held, orders={item.tmdb_id: chosen.numbering} if chosen else {})
        path = shown(file.path)
        located = episodes_meant(file.said.parsed(path), facts, known.recount(item.type, item.tmdb_id))
        open_still = not located.episodes or located.reckoning is Reckoning.GUESSED
        found.append(
            Follower(
                file_id=file.file_id,
                path=path,
                says=file.said.in_words(),
                episodes=() if open_still else located.episodes,
                problem=(located.missing or "which episode is meant is not clear") if open_still else None,
            )
        )
    return found


def _in_order(file: AskedFile) -> tuple[bytes, list[int], bytes]:
    """Folder by folder, by the numbers in the names."""
    numbers = [each.number for each in said_by(file.said.parsed())] if file.said else []
    return file.path.rpartition(b"/")[0], numbers, file.path

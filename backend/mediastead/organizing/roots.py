"""Whether the libraries that an organizing is about are there and free, asked before a person has it done and waits for it."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from ..db.engine import Database
from ..scanning.queries import KnownPath, present_sample
from ..scanning.root import why_unavailable
from .errors import LibraryAway, StagedDiskAway
from .journal_queries import sites_of
from .plan_queries import library_to_plan
from .root_queries import name_of, waiting_group
from .trees import Place


class _Asked(NamedTuple):
    name: str
    place: Place
    sample: list[KnownPath]
    """Of a root without a marker."""


async def refuse_where_away(database: Database, organizing_id: int, *, taking_back: bool = False) -> None:
    """Raises `LibraryAway`. `taking_back`: what that organizing moved is to be put back. One that is not known is passed over."""
    async with database.read() as session:
        asked = await _asked(session, organizing_id, taking_back=taking_back)
        for each in asked:
            waiting = await waiting_group(session, each.place.library_id)
            if waiting is not None:
                raise LibraryAway(each.name, f"Organizing {waiting[0]} waits for it. {waiting[1] or ''}".rstrip())
    for each in asked:
        why = await asyncio.to_thread(why_unavailable, each.place.root, each.place.marker, each.sample)
        if why is not None:
            raise LibraryAway(each.name, f"{why} Try again when its disk is mounted; nothing was touched.")


async def refuse_where_library_is_away(database: Database, library_id: int) -> None:
    """Before a file from a folder in no library is brought in. Raises `StagedDiskAway`; one that is not known is passed over."""
    if (away := await _away(database, library_id)) is not None:
        raise StagedDiskAway(f"{away.why} It goes on when its disk is mounted.")


async def refuse_to_plan_where_away(database: Database, library_ids: Iterable[int]) -> None:
    """Before a plan is made: nothing would be found to move. Raises `LibraryAway`; one that is not known is passed over."""
    for library_id in library_ids:
        if (away := await _away(database, library_id)) is not None:
            raise LibraryAway(away.name, f"{away.why} No plan was made: ask for it when its disk is mounted.")


class _Away(NamedTuple):
    name: str
    why: str


async def _away(database: Database, library_id: int) -> _Away | None:
    """None for a library that is there, and for one that is not known."""
    async with database.read() as session:
        library = await library_to_plan(session, library_id)
        sample = [] if library is None or library.root_marker else await present_sample(session, library_id)
    if library is None:
        return None
    why = await asyncio.to_thread(why_unavailable, library.root, library.root_marker, sample)
    return _Away(library.name, why) if why is not None else None


async def _asked(session: AsyncSession, organizing_id: int, *, taking_back: bool) -> list[_Asked]:
    sites = await sites_of(session, organizing_id)
    if sites is None:
        return []
    # What was linked or copied goes to the trash of the library that it was put into, wherever it came from.
    places = [sites.own] if taking_back and sites.stays else sites.places
    asked: list[_Asked] = []
    for place in places:
        name = await name_of(session, place.library_id)
        sample = [] if place.marker else await present_sample(session, place.library_id)
        asked.append(_Asked(name, place, sample))
    return asked

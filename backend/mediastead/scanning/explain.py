"""What identification would decide about one path, going by all that it goes by, without changing anything."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.engine import Database
from ..db.text import shown
from ..files.types import UnmatchedReason
from ..libraries.models import LibraryKind
from ..matching.decide import reasoned
from ..matching.decision import Decision
from ..matching.inquiry import Asked
from ..matching.known import Known
from ..metadata.facts import ItemFacts
from ..metadata.origin import Sourced
from ..metadata.provider import CatalogProvider
from ..metadata.stored import CatalogFirst, ItemKey, stored_facts
from ..parsing.parsed import ParsedPath
from ..parsing.parser import Parser
from ..recording.queries import files_with_records
from ..unmatched.numbered import orders_in_force
from .beside import record_at
from .claims import ClaimedFile
from .explain_queries import Around, file_at
from .known import known_about, with_record
from .nfo_files import nfo_beside
from .probes import probes_for


class Gathered(Struct, frozen=True):
    """What the database knows about a path."""

    known: Known
    at_hand: Mapping[ItemKey, ItemFacts] = {}
    """Titles of which the catalog's own facts do."""
    recorded_here: bool = False
    """A record beside the file is this database's own, and not believed."""
    rule_lifted: bool = False


class Explanation(Struct, frozen=True):
    """What identification would decide about a path, and what it went by."""

    path: str
    parsed: ParsedPath
    decision: Decision
    known: Known
    asked: tuple[Asked, ...]
    """What the provider was asked, and why."""
    threshold: float


async def gather(session: AsyncSession, file: ClaimedFile, parsed: ParsedPath) -> Gathered:
    """As identification gathers it for a claimed file; `file` need not be known (then its id is 0)."""
    known = (await known_about(session, [(file, parsed)]))[file.file_id]
    probes = await probes_for(session, [file], None)
    answered = known.answered
    return Gathered(
        known=structs.replace(known, duration=probes.duration(file.file_id)),
        at_hand=await stored_facts(session, [(answered.type, answered.tmdb_id)]) if answered else {},
        recorded_here=bool(await files_with_records(session, [file.file_id])),
        rule_lifted=file.rule_lifted,
    )


async def gather_at(
    database: Database, library: Around, kind: LibraryKind, path: bytes, parsed: ParsedPath
) -> Gathered:
    """What the database knows about a path, relative to the root of its library."""
    async with database.read() as session:
        seen = await file_at(session, library.id, path)
        folder, _, name = path.rpartition(b"/")
        file = ClaimedFile(
            file_id=seen.id if seen else 0,
            version=seen.version if seen else 0,
            library_id=library.id,
            kind=kind,
            root=library.root,
            folder=folder,
            name=name,
            size=seen.size if seen else 0,
            mtime_ns=seen.mtime_ns if seen else 0,
            rule_lifted=seen.rule_lifted if seen else False,
        )
        return await gather(session, file, parsed)


async def orders_alone(database: Database, kind: LibraryKind, _parsed: ParsedPath) -> Gathered:
    """What the database knows about a path outside of all libraries."""
    async with database.read() as session:
        return Gathered(Known(kind=kind.value, orders=await orders_in_force(session)))


async def explain(
    parser: Parser,
    provider: CatalogProvider,
    *,
    root: bytes | None,
    path: bytes,
    gathering: Callable[[ParsedPath], Awaitable[Gathered]],
    threshold: float,
) -> Explanation:
    """Decide about one path (relative to `root`; it need not exist) without changing anything.

    Without `root` nothing that lies beside it is looked at. `gathering` gives what is known about a path of which the names
    say this.
    """
    nfos = await asyncio.to_thread(nfo_beside, root, [path]) if root is not None else {}
    parsed = (await parser.parse([shown(path)], nfo={shown(path): nfos.get(path, ())}))[0]
    gathered = await gathering(parsed)
    known = gathered.known
    if root is not None and not gathered.recorded_here:
        known = with_record(known, await asyncio.to_thread(record_at, root, path))
    if gathered.rule_lifted:
        parsed = parsed.without_rules()
    reasoning = await reasoned(parsed, Sourced(CatalogFirst(provider, gathered.at_hand)), known, threshold)
    if reasoning.decision.reason is UnmatchedReason.EPISODE_NOT_FOUND and known.answered:
        reasoning = await reasoned(parsed, Sourced(provider), known, threshold)
    return Explanation(shown(path), parsed, reasoning.decision, known, reasoning.asked, threshold)

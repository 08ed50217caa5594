"""The stage `organize`: a result is handed to the library. Only the server does it; no host touches a library's files."""

import asyncio
import os
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from ...clock import Clock
from ...db.engine import Database
from ...errors import MediasteadError
from ...libraries.models import BringHow
from ...organizing.errors import StagedDiskAway
from ...organizing.plan_queries import library_to_plan
from ...organizing.roots import refuse_where_library_is_away
from ...organizing.sidecars import is_media
from ...organizing.staged_queries import by_key, file_to_replace
from ...organizing.staging import Staged, StagedEnd, bring_staged, call_off_staged, end_of_staged, replace_content
from ..jobs.roots import why_away, why_elsewhere, why_read_only
from .checking import is_still
from .errors import NothingToOrganize, ResultNotSound
from .parameters import OrganizeParameters
from .verifying import verify_file


async def begin(
    database: Database,
    clock: Clock,
    actor: str,
    job_id: int,
    attempt: int,
    parameters: OrganizeParameters,
    file: bytes,
    facts: Mapping[str, Any] | None = None,
    *,
    staging_roots: Collection[str],
) -> int:
    """The id of the organizing that brings `file` into its library, or puts it in the place of a file's content.

    May be called again, by any server, after a crash at any instruction: what was asked for before, for this attempt or an
    earlier one, is given again unless it ended without an effect. Nothing is asked for before the file was found to be the
    one that was checked; where it replaces an original, it is played through once more. `facts` are told in its story.

    Takes as long as reading the file, and opens transactions of its own. Raises `ResultNotSound`, `NothingToOrganize`, and
    what `organizing.staging` raises: `StagedDiskAway` where the library's disk or the staging root is not mounted, so that
    nothing is known of the file, or can only be read.
    """
    former = await _asked_before(database, job_id, attempt)
    if former is not None:
        return former
    try:
        return await _ask(database, clock, actor, job_id, attempt, parameters, file, facts or {}, staging_roots)
    except (MediasteadError, IntegrityError):
        # Another server asked at this moment, and may have moved the file away already.
        asked = await _asked_before(database, job_id, attempt)
        if asked is not None:
            return asked
        # Whatever was wrong with the file, it proves nothing where its root is away.
        await _refuse_where_root_is_away(file, staging_roots)
        raise


async def end(database: Database, organizing_id: int) -> StagedEnd:
    """How it ended, or that it has not. Raises `NothingStaged` where there is none."""
    async with database.read() as session:
        return await end_of_staged(session, organizing_id)


async def why_unwritable(database: Database, parameters: OrganizeParameters, file: bytes) -> str | None:
    """Why nothing can be moved from where `file` lies or into its library: a disk that can only be read. None where it can."""
    library_id = await _library_of(database, parameters)
    async with database.read() as session:
        library = await library_to_plan(session, library_id) if library_id is not None else None
    folders = [library.root] if library is not None else []
    if parameters.how is BringHow.MOVE:
        folders.append(os.path.dirname(file))
    for folder in folders:
        if (why := await asyncio.to_thread(why_read_only, folder)) is not None:
            return f"{why[:1].upper()}{why[1:]} It goes on when it can be written to."
    return None


async def call_off(database: Database, clock: Clock, organizing_id: int) -> bool:
    """Whether nothing of it was begun, and nothing will be."""
    async with database.write() as session:
        return await call_off_staged(session, clock.now(), organizing_id)


async def _ask(
    database: Database,
    clock: Clock,
    actor: str,
    job_id: int,
    attempt: int,
    parameters: OrganizeParameters,
    file: bytes,
    facts: Mapping[str, Any],
    staging_roots: Collection[str],
) -> int:
    # First, because it is asked again and again while the disk is away, and to look at the file takes as long as reading it.
    library_id = await _library_of(database, parameters)
    if library_id is not None:
        await refuse_where_library_is_away(database, library_id)
    if (why := await why_unwritable(database, parameters, file)) is not None:
        raise StagedDiskAway(why)
    await _must_be_sound(parameters, file, staging_roots)
    staged = Staged(
        path=file,
        along=await asyncio.to_thread(_along, file),
        called=parameters.name or None,
        how=parameters.how,
        key=_key(job_id, attempt),
        facts={"stage_job_id": job_id, **facts},
    )
    if parameters.replaces_file_id is not None:
        return await replace_content(database, clock, actor, parameters.replaces_file_id, staged)
    if parameters.library_id is None or parameters.media_item_id is None:
        raise NothingToOrganize(
            "It is not known into which library it goes or which title it is: choose both for the item, and start it again."
        )
    return await bring_staged(
        database,
        clock,
        actor,
        parameters.library_id,
        parameters.media_item_id,
        staged,
        episode_ids=parameters.episode_ids,
        edition=parameters.edition,
        part=parameters.part,
        role=parameters.role,
        replace=parameters.replace,
    )


async def _asked_before(database: Database, job_id: int, attempt: int) -> int | None:
    """An organizing of this job that has, or may still have, its effect."""
    async with database.read() as session:
        for number in range(attempt, 0, -1):
            found = await by_key(session, _key(job_id, number))
            if found is None:
                continue
            if number == attempt or (await end_of_staged(session, found)).state != "not_done":
                return found
    return None


def _key(job_id: int, attempt: int) -> str:
    return f"stage_job:{job_id}:{attempt}"


async def _library_of(database: Database, parameters: OrganizeParameters) -> int | None:
    """That which it goes into."""
    if parameters.replaces_file_id is None:
        return parameters.library_id
    async with database.read() as session:
        old = await file_to_replace(session, parameters.replaces_file_id)
    return old.library_id if old is not None else None


async def _must_be_sound(parameters: OrganizeParameters, file: bytes, staging_roots: Collection[str]) -> None:
    fault = await _fault(parameters, file, staging_roots)
    if fault is not None:
        await _refuse_where_root_is_away(file, staging_roots)
        # Once more: its root may have been away at the first look, and back at the second.
        fault = await _fault(parameters, file, staging_roots)
    if fault is not None:
        raise ResultNotSound(f"{fault} Nothing was brought in; start the stage before again.", file=os.fsdecode(file))


async def _refuse_where_root_is_away(file: bytes, staging_roots: Collection[str]) -> None:
    away = await asyncio.to_thread(why_away, staging_roots, file)
    if away is not None:
        raise StagedDiskAway(f"{away[:1].upper()}{away[1:]} It goes on when its disk is mounted.")


async def _fault(parameters: OrganizeParameters, file: bytes, staging_roots: Collection[str]) -> str | None:
    if (elsewhere := await asyncio.to_thread(why_elsewhere, staging_roots, file)) is not None:
        return elsewhere
    if parameters.replaces_file_id is not None or parameters.checked is None:
        return await verify_file(file, parameters.checked)
    # Played through when it was made and when that was settled: what counts here is that it is still the same.
    return await is_still(file, parameters.checked)


def _along(file: bytes) -> tuple[bytes, ...]:
    """Subtitles and the like that a script left beside it: `Film.en.srt` of `Film.mkv`. Blocks."""
    folder, name = os.path.split(file)
    stem = name.rpartition(b".")[0]
    if not stem or not os.path.isdir(folder):
        return ()
    return tuple(
        os.path.join(folder, entry)
        for entry in sorted(os.listdir(folder))
        if entry != name and entry.startswith(stem + b".") and not is_media(entry)
    )

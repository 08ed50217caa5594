"""What a person, a timer or the runner can do with scans. Each is a change of the scan's row and an event."""

from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..events.outbox import record
from ..libraries.errors import LibraryNotFound
from ..libraries.models import Library, Scan, ScanOutcome, ScanPhase
from .errors import ScanDoesNotAllow, ScanNotFound
from .inventory import Ending, ScanTask
from .queries import library_exists
from .scans import open_scan, scan_view, scope_of, unanswered_scans
from .schemas import ScanView
from .scope import Scope, from_stored, to_stored


async def request_scan(
    session: AsyncSession,
    now: datetime,
    library_id: int,
    actor: str,
    *,
    trigger: str = "manual",
    without_limit: bool = False,
    scope: Scope | None = None,
) -> ScanView:
    """Queue a scan of a library, or give the one that is queued or runs already. Raises `LibraryNotFound`.

    An open scan of some folders becomes one of what is asked for too: of the whole library, or of the further folders. One that
    runs already is queued again when it has ended.
    """
    if not await library_exists(session, library_id, lock=True):
        raise LibraryNotFound(library_id)
    scan_id = await open_scan(session, library_id)
    if scan_id is None:
        inserting = insert(Scan).values(
            library_id=library_id,
            trigger=trigger,
            requested_by=actor,
            requested_at=now,
            without_limit=without_limit,
            phase=ScanPhase.QUEUED,
            scope=to_stored(scope),
            cancel_requested=False,
            counts={},
            gaps=[],
            hidden=[],
        )
        scan_id = (await session.execute(inserting.returning(Scan.id))).scalar_one()
        record(session, now, "scan.queued", scan_id=scan_id, library_id=library_id, trigger=trigger)
        return await _scan(session, scan_id)
    await _widen(session, scan_id, scope)
    if without_limit:
        # One that waits in the queue can as well look without the limit; one that runs looks once more if it would ask again.
        await session.execute(update(Scan).where(Scan.id == scan_id).values(without_limit=True))
    return await _scan(session, scan_id)


async def request_look(session: AsyncSession, now: datetime, library_id: int, scope: Scope) -> bool:
    """Queue a scan of the folders in which something changed; False where it has to be asked again later, because one runs.

    A running scan may have been in those folders before they changed. A library that is gone needs none.
    """
    if not await library_exists(session, library_id, lock=True):
        return True
    if await open_scan(session, library_id, running=True) is not None:
        return False
    await request_scan(session, now, library_id, "watch", trigger="watch", scope=None if scope.is_whole else scope)
    return True


async def cancel_scan(session: AsyncSession, now: datetime, scan_id: int, actor: str) -> ScanView:
    """A queued scan is stopped at once, a running one after its batch. What it wrote stays. Raises `ScanDoesNotAllow`."""
    scan = await _scan(session, scan_id)
    if scan.phase is ScanPhase.QUEUED and await _finish(
        session, now, scan_id, ScanPhase.QUEUED, ScanOutcome.STOPPED, error=f"Cancelled by {actor}."
    ):
        _note_finished(session, now, scan_id, scan.library_id, ScanOutcome.STOPPED, {})
        return await _scan(session, scan_id)
    asked = await session.execute(
        update(Scan)
        .where(Scan.id == scan_id, Scan.phase != ScanPhase.FINISHED)
        .values(cancel_requested=True)
        .returning(Scan.id)
    )
    if asked.scalar_one_or_none() is None:
        raise _not_now("cancelled", await _scan(session, scan_id))
    return await _scan(session, scan_id)


async def confirm_scan(session: AsyncSession, now: datetime, scan_id: int, actor: str) -> ScanView:
    """Somebody says that the files are really gone: a new scan looks again, without the limit, and is given.

    Raises `ScanDoesNotAllow` where the scan does not wait for that.
    """
    scan = await _answer(session, now, scan_id, ScanOutcome.CONFIRMED, actor)
    return await request_scan(session, now, scan.library_id, actor, trigger="confirmation", without_limit=True)


async def discard_scan(session: AsyncSession, now: datetime, scan_id: int, actor: str) -> ScanView:
    """Somebody says to leave everything as it was. Raises `ScanDoesNotAllow`."""
    await _answer(session, now, scan_id, ScanOutcome.DISCARDED, actor)
    return await _scan(session, scan_id)


async def begin_scan(session: AsyncSession, now: datetime, scan_id: int) -> ScanTask | None:
    """Take a queued scan; None where somebody else took or cancelled it. The caller holds the library's lock."""
    row = await session.execute(
        update(Scan)
        .where(Scan.id == scan_id, Scan.phase == ScanPhase.QUEUED)
        .values(phase=ScanPhase.INVENTORY, started_at=now, updated_at=now)
        .returning(Scan.library_id, Scan.without_limit, Scan.scope)
    )
    taken = row.one_or_none()
    if taken is None:
        return None
    record(session, now, "scan.started", scan_id=scan_id, library_id=taken[0])
    return ScanTask(scan_id, taken[0], taken[1], from_stored(taken[2]))


async def end_scan(session: AsyncSession, now: datetime, task: ScanTask, ending: Ending) -> None:
    """Write how a scan ended, what that says of the root, and that older questions about the library no longer stand."""
    if await _begin_again(session, now, task, ending.outcome):
        return
    if not await _finish(
        session, now, task.scan_id, ScanPhase.INVENTORY, ending.outcome, error=ending.error, **ending.columns
    ):
        return
    library = update(Library).where(Library.id == task.library_id)
    if ending.outcome is ScanOutcome.ROOT_UNAVAILABLE:
        await session.execute(library.where(Library.unavailable_since.is_(None)).values(unavailable_since=now))
        await session.execute(library.values(unavailable_reason=ending.error))
    elif ending.outcome in LOOKED_AT_ALL:
        await session.execute(
            library.where(Library.unavailable_since.is_not(None)).values(
                unavailable_since=None, unavailable_reason=None
            )
        )
        for older in [] if task.scope else await unanswered_scans(session, task.library_id, task.scan_id):
            await session.execute(update(Scan).where(Scan.id == older).values(outcome=ScanOutcome.SUPERSEDED))
    counts = ending.columns.get("counts", {})
    _note_finished(session, now, task.scan_id, task.library_id, ending.outcome, counts)


LOOKED_AT_ALL = frozenset((ScanOutcome.COMPLETED, ScanOutcome.COMPLETED_WITH_GAPS, ScanOutcome.NEEDS_CONFIRMATION))
"""Outcomes of a scan that walked to the end."""


async def retry_interrupted(session: AsyncSession, now: datetime, scan_id: int) -> ScanView | None:
    """A scan whose process died is over, and due again at once. The caller holds the library's lock, which proves it."""
    scan = await scan_view(session, scan_id)
    if scan is None or not await _finish(
        session,
        now,
        scan_id,
        ScanPhase.INVENTORY,
        ScanOutcome.INTERRUPTED,
        error="The process that ran it ended before the scan did.",
    ):
        return None
    _note_finished(session, now, scan_id, scan.library_id, ScanOutcome.INTERRUPTED, scan.counts)
    if scan.cancel_requested:
        return None
    scope = await scope_of(session, scan_id)
    return await request_scan(
        session, now, scan.library_id, scan.requested_by, trigger="retry", without_limit=scan.without_limit, scope=scope
    )


async def _widen(session: AsyncSession, scan_id: int, scope: Scope | None) -> None:
    """Let an open scan look at `scope` too. The caller has locked the library."""
    asked = await scope_of(session, scan_id)
    if asked is None:
        return
    wider = asked.with_more(scope) if scope else None
    stored = to_stored(None if wider is None or wider.is_whole else wider)
    await session.execute(update(Scan).where(Scan.id == scan_id).values(scope=stored))


async def _begin_again(session: AsyncSession, now: datetime, task: ScanTask, outcome: ScanOutcome) -> bool:
    """Queue a scan again of which more was asked meanwhile than it did: to look at further folders, or to believe that so much
    is gone, where it would ask that a second time."""
    asks = outcome is ScanOutcome.NEEDS_CONFIRMATION and not task.without_limit
    if task.scope is None and not asks:
        return False
    await library_exists(session, task.library_id, lock=True)
    asked = await scope_of(session, task.scan_id)
    looked_at_all = task.scope is None or (asked is not None and asked.folders == task.scope.folders)
    is_confirmed = asks and (await _scan(session, task.scan_id)).without_limit
    if looked_at_all and not is_confirmed:
        return False
    again = await session.execute(
        update(Scan)
        .where(Scan.id == task.scan_id, Scan.phase == ScanPhase.INVENTORY, Scan.cancel_requested.is_(False))
        .values(phase=ScanPhase.QUEUED, started_at=None, updated_at=now)
        .returning(Scan.id)
    )
    return again.scalar_one_or_none() is not None


async def _scan(session: AsyncSession, scan_id: int) -> ScanView:
    scan = await scan_view(session, scan_id)
    if scan is None:
        raise ScanNotFound(scan_id)
    return scan


async def _answer(session: AsyncSession, now: datetime, scan_id: int, outcome: ScanOutcome, actor: str) -> ScanView:
    answered = await session.execute(
        update(Scan)
        .where(Scan.id == scan_id, Scan.outcome == ScanOutcome.NEEDS_CONFIRMATION)
        .values(outcome=outcome, answered_by=actor)
        .returning(Scan.id)
    )
    done = answered.scalar_one_or_none() is not None
    scan = await _scan(session, scan_id)
    if not done:
        raise _not_now(outcome.value, scan)
    record(
        session, now, "scan.answered", scan_id=scan_id, library_id=scan.library_id, outcome=outcome.value, actor=actor
    )
    return scan


async def _finish(
    session: AsyncSession, now: datetime, scan_id: int, phase: ScanPhase, outcome: ScanOutcome, **values: object
) -> bool:
    finished = await session.execute(
        update(Scan)
        .where(Scan.id == scan_id, Scan.phase == phase)
        .values(phase=ScanPhase.FINISHED, outcome=outcome, finished_at=now, updated_at=now, **values)
        .returning(Scan.id)
    )
    return finished.scalar_one_or_none() is not None


def _note_finished(
    session: AsyncSession, now: datetime, scan_id: int, library_id: int, outcome: ScanOutcome, counts: object
) -> None:
    record(
        session,
        now,
        "scan.finished",
        scan_id=scan_id,
        library_id=library_id,
        outcome=outcome.value,
        counts=counts,
    )


def _not_now(what: str, scan: ScanView) -> ScanDoesNotAllow:
    return ScanDoesNotAllow(what, scan.id, scan.phase, scan.outcome, scan.answered_by)

"""What is asked of the records of scans."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..libraries.models import Scan, ScanOutcome, ScanPhase
from .schemas import ScanView
from .scope import Scope, first_paths, from_stored

FOLDERS_SHOWN = 100
SCOPE_START = 20_000
"""Characters of a stored scope that are read for it: of longer paths than most, fewer folders are shown."""


async def scan_view(session: AsyncSession, scan_id: int) -> ScanView | None:
    row = (await session.execute(_scans().where(Scan.id == scan_id))).one_or_none()
    return view(row) if row else None


async def scans(session: AsyncSession, library_id: int | None, before: int | None, limit: int) -> list[ScanView]:
    """Newest first, from the one before `before` on."""
    query = _scans().order_by(Scan.id.desc()).limit(limit)
    if library_id is not None:
        query = query.where(Scan.library_id == library_id)
    if before is not None:
        query = query.where(Scan.id < before)
    return [view(row) for row in await session.execute(query)]


async def open_scan(session: AsyncSession, library_id: int, *, running: bool = False) -> int | None:
    """The queued or running scan of a library; with `running` only one that runs."""
    query = select(Scan.id).where(Scan.library_id == library_id, Scan.phase != ScanPhase.FINISHED)
    if running:
        query = query.where(Scan.phase != ScanPhase.QUEUED)
    return (await session.execute(query)).scalar_one_or_none()


def view(row: Sequence[Any]) -> ScanView:
    """A row of `view_columns`."""
    values = dict(zip(ScanView.__struct_fields__, row, strict=True))
    values["scope"] = first_paths(values["scope"], FOLDERS_SHOWN)
    return ScanView(**values)


async def queued_scans(session: AsyncSession) -> list[tuple[int, int]]:
    """(scan, library) of all scans that no server has taken, in the order in which they were asked for."""
    query = select(Scan.id, Scan.library_id).where(Scan.phase == ScanPhase.QUEUED).order_by(Scan.id)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def scope_of(session: AsyncSession, scan_id: int) -> Scope | None:
    """The folders that a scan is to look at; None for the whole library."""
    return from_stored((await session.execute(select(Scan.scope).where(Scan.id == scan_id))).scalar_one_or_none())


async def running_scans(session: AsyncSession) -> list[tuple[int, int]]:
    """(scan, library) of all scans that some server has taken and not ended."""
    query = select(Scan.id, Scan.library_id).where(Scan.phase == ScanPhase.INVENTORY).order_by(Scan.id)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def unanswered_scans(session: AsyncSession, library_id: int, before: int) -> list[int]:
    """Scans before `before` that still wait for somebody to confirm or discard what they would do."""
    query = select(Scan.id).where(
        Scan.library_id == library_id, Scan.outcome == ScanOutcome.NEEDS_CONFIRMATION, Scan.id < before
    )
    return list((await session.execute(query)).scalars())


async def is_cancelled(session: AsyncSession, scan_id: int) -> bool:
    """Whether somebody cancelled the scan, or it does not exist any more."""
    query = select(Scan.cancel_requested).where(Scan.id == scan_id, Scan.phase == ScanPhase.INVENTORY)
    return (await session.execute(query)).scalar_one_or_none() is not False


def _scans() -> Select[*tuple[Any, ...]]:
    return select(*view_columns())


def view_columns() -> list[Any]:
    """What `view` takes."""
    scope = func.substr(cast(Scan.scope, Text), 1, SCOPE_START).label("scope")
    return [scope if name == "scope" else getattr(Scan, name) for name in ScanView.__struct_fields__]

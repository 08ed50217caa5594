"""Gathers what is known about claimed files beside their names, for the decisions about them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from ..matching.known import Known
from ..parsing.parsed import ParsedPath
from ..unmatched.numbered import orders_in_force
from ..unmatched.queries import rejections_of
from .claims import ClaimedFile


async def known_about(session: AsyncSession, files: Sequence[tuple[ClaimedFile, ParsedPath]]) -> dict[int, Known]:
    """By file id, for each of `files`."""
    orders = await orders_in_force(session)
    rejected = await rejections_of(session, [file.file_id for file, _ in files])
    return {
        file.file_id: Known(kind=file.kind.value, rejected=tuple(rejected.get(file.file_id, ())), orders=orders)
        for file, _ in files
    }

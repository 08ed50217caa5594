"""Every SELECT of the stages room."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .models import NotWorthIt, Preset


async def current_presets(session: AsyncSession) -> list[Preset]:
    """Those that are in force and have a row, by name."""
    query = select(Preset).where(Preset.replaced_at.is_(None)).order_by(Preset.name)
    return list((await session.execute(query)).scalars())


async def current_preset(session: AsyncSession, name: str) -> Preset | None:
    query = select(Preset).where(Preset.name == name, Preset.replaced_at.is_(None))
    return (await session.execute(query)).scalar_one_or_none()


async def name_of_preset(session: AsyncSession, preset_id: int) -> str | None:
    """Of any version."""
    return (await session.execute(select(Preset.name).where(Preset.id == preset_id))).scalar_one_or_none()


async def body_of_preset(session: AsyncSession, preset_id: int) -> dict[str, object] | None:
    """Of that version, as stored."""
    return (await session.execute(select(Preset.body).where(Preset.id == preset_id))).scalar_one_or_none()


async def ratio_of(session: AsyncSession, size: int, fingerprint: bytes, preset_hash: bytes) -> float | None:
    """Of the result that was not worth it; None where nothing is known against it."""
    query = select(NotWorthIt.ratio).where(
        NotWorthIt.size == size, NotWorthIt.fingerprint == fingerprint, NotWorthIt.preset_hash == preset_hash
    )
    return (await session.execute(query)).scalar_one_or_none()

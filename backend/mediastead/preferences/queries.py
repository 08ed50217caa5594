"""Every SELECT of the preferences room."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .models import AppSetting


async def changed_settings(session: AsyncSession) -> dict[str, Any]:
    """What people changed while the server ran, by key, as stored."""
    rows = await session.execute(select(AppSetting.key, AppSetting.value))
    return {row.key: row.value for row in rows}

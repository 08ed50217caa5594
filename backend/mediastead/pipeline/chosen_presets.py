"""The preset that an item is made with, and what was found not to be worth it with which."""

from datetime import datetime

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import NotFound
from .stages.models import NotWorthIt, Preset
from .stages.presets import BUILT_IN, PresetBody

USUAL = "h264"


class NoSuchPreset(NotFound):
    slug = "no-such-preset"
    title = "There is no such preset"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no preset {name!r}; there are: {', '.join(sorted(BUILT_IN))}, and those of /v1/presets."
        )


async def preset_for(session: AsyncSession, preset_id: int | None) -> tuple[int | None, PresetBody]:
    """The preset of an item, with its id; the usual one where nobody chose one."""
    if preset_id is None:
        return None, BUILT_IN[USUAL]
    body = (await session.execute(select(Preset.body).where(Preset.id == preset_id))).scalar_one()
    return preset_id, msgspec.convert(body, PresetBody)


async def preset_named(session: AsyncSession, now: datetime, name: str) -> int:
    """The id of the preset that has this name now; a built-in one gets its row when it is chosen first. Raises `NoSuchPreset`."""
    query = select(Preset.id).where(Preset.name == name, Preset.replaced_at.is_(None))
    found = (await session.execute(query)).scalar_one_or_none()
    if found is not None:
        return found
    if name not in BUILT_IN:
        raise NoSuchPreset(name)
    row = {
        "name": name,
        "body": msgspec.to_builtins(BUILT_IN[name]),
        "built_in": True,
        "actor": "mediastead",
        "created_at": now,
    }
    return (await session.execute(insert(Preset).returning(Preset.id), row)).scalar_one()


async def ratio_not_worth_it(session: AsyncSession, size: int, fingerprint: bytes, preset_hash: bytes) -> float | None:
    """How large the result was, by the size of this content, where it was found not to be worth it with this preset."""
    query = select(NotWorthIt.ratio).where(
        NotWorthIt.size == size, NotWorthIt.fingerprint == fingerprint, NotWorthIt.preset_hash == preset_hash
    )
    return (await session.execute(query)).scalar_one_or_none()

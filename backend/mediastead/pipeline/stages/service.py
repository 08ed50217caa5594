"""Presets: those that came along and those that people set, by name. Each version is a row that stays.

A preset that came along gets its row when something first refers to it, so that there is nothing to fill in at start.
"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ...events.outbox import record
from . import queries
from .errors import InvalidPreset, NoSuchPreset, PresetIsBuiltIn, PresetJustChanged
from .models import Preset
from .presets import BUILT_IN, PresetBody, faults_of, preset_hash
from .schemas import PresetView

DEFAULT = "h264"
"""Where nobody chose one: what everything plays."""
NOBODY = "built-in"


async def all_presets(session: AsyncSession) -> list[PresetView]:
    """Those in force, by name."""
    rows = {row.name: row for row in await queries.current_presets(session)}
    views = {name: _came_along(name) for name in BUILT_IN}
    views |= {name: _view(row) for name, row in rows.items() if not _is_former(row)}
    return [views[name] for name in sorted(views)]


async def preset(session: AsyncSession, name: str) -> PresetView:
    """Raises `NoSuchPreset`."""
    row = await queries.current_preset(session, name)
    if row is not None and not _is_former(row):
        return _view(row)
    if name in BUILT_IN:
        return _came_along(name)
    raise NoSuchPreset(name)


async def set_preset(session: AsyncSession, now: datetime, actor: str, name: str, body: PresetBody) -> PresetView:
    """Make it, or put a new version in its place. Raises `InvalidPreset` and `PresetJustChanged`."""
    fault = faults_of(body)
    if fault is not None:
        raise InvalidPreset(fault, name=name)
    row = await queries.current_preset(session, name)
    built_in = name in BUILT_IN and preset_hash(BUILT_IN[name]) == preset_hash(body)
    if row is not None and preset_hash(_body(row)) == preset_hash(body):
        return _view(row)
    await _replace(session, now, name)
    if await _insert(session, name, body, now, actor, built_in=built_in) is None:
        raise PresetJustChanged(name)
    record(session, now, "preset.changed", name=name)
    return await preset(session, name)


async def remove_preset(session: AsyncSession, now: datetime, name: str) -> None:
    """Take a person's preset away; what came along under that name is in force again. Items that were told to use it
    go on with it as it was. Raises `NoSuchPreset` and `PresetIsBuiltIn`."""
    row = await queries.current_preset(session, name)
    if row is None or row.built_in:
        raise PresetIsBuiltIn(name) if name in BUILT_IN else NoSuchPreset(name)
    await _replace(session, now, name)
    record(session, now, "preset.removed", name=name)


async def preset_named(session: AsyncSession, name: str) -> int:
    """The id of the version in force; of one that came along, its row is made. Raises `NoSuchPreset`."""
    row = await queries.current_preset(session, name)
    if row is not None and not _is_former(row):
        return row.id
    if name not in BUILT_IN:
        raise NoSuchPreset(name)
    if row is not None:
        # That one alone: another server may have put the row in force there since.
        former = update(Preset).where(Preset.id == row.id, Preset.replaced_at.is_(None))
        await session.execute(former.values(replaced_at=func.now()))
    made = await _insert(session, name, BUILT_IN[name], func.now(), NOBODY, built_in=True)
    if made is not None:
        return made
    other = await queries.current_preset(session, name)  # another server was first
    if other is None:
        raise PresetJustChanged(name)
    return other.id


async def preset_for(session: AsyncSession, preset_id: int | None) -> tuple[int | None, PresetBody]:
    """What an item goes by that was told to use that preset: the version in force now, or the one that it was told where
    there is none any more. None: the default one."""
    name = DEFAULT if preset_id is None else await queries.name_of_preset(session, preset_id)
    row = await queries.current_preset(session, name) if name is not None else None
    if row is not None and not _is_former(row):
        return row.id, _body(row)
    if name in BUILT_IN:
        return preset_id, BUILT_IN[name]
    told = await queries.body_of_preset(session, preset_id) if preset_id is not None else None
    return (preset_id, msgspec.convert(told, PresetBody)) if told is not None else (None, BUILT_IN[DEFAULT])


async def _replace(session: AsyncSession, now: Any, name: str) -> None:
    await session.execute(
        update(Preset).where(Preset.name == name, Preset.replaced_at.is_(None)).values(replaced_at=now)
    )


async def _insert(
    session: AsyncSession, name: str, body: PresetBody, now: Any, actor: str, *, built_in: bool
) -> int | None:
    """Its id; None where another transaction put one of that name there."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    values: dict[str, Any] = {
        "name": name,
        "body": msgspec.to_builtins(body),
        "built_in": built_in,
        "actor": actor,
        "created_at": now,
    }
    written = (
        dialect.insert(Preset)
        .values(**values)
        .on_conflict_do_nothing(index_elements=[Preset.name], index_where=Preset.replaced_at.is_(None))
        .returning(Preset.id)
    )
    return (await session.execute(written)).scalar_one_or_none()


def _is_former(row: Preset) -> bool:
    """One that came along with an older version of Mediastead."""
    return row.built_in and row.name in BUILT_IN and preset_hash(_body(row)) != preset_hash(BUILT_IN[row.name])


def _body(row: Preset) -> PresetBody:
    return msgspec.convert(row.body, PresetBody)


def _view(row: Preset) -> PresetView:
    body = _body(row)
    return PresetView(
        name=row.name,
        built_in=row.built_in,
        body=body,
        hash=preset_hash(body).hex(),
        default=row.name == DEFAULT,
        actor=None if row.built_in else row.actor,
        created_at=None if row.built_in else row.created_at,
    )


def _came_along(name: str) -> PresetView:
    body = BUILT_IN[name]
    return PresetView(
        name=name,
        built_in=True,
        body=body,
        hash=preset_hash(body).hex(),
        default=name == DEFAULT,
        actor=None,
        created_at=None,
    )

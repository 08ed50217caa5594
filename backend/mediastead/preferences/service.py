"""Seeing and changing settings while the server runs."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from msgspec import structs
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..events.outbox import record
from ..settings import SETTINGS, InvalidSetting, Secret, Setting, Settings, Source, masked_url
from ..settings_read import checked_value, nearest
from .errors import SettingFixed
from .models import AppSetting
from .queries import changed_settings
from .schemas import SettingsView, SettingView

log = structlog.stdlib.get_logger(__name__)


async def effective(session: AsyncSession, settings: Settings) -> Settings:
    """`settings`, which know of environment and file only, with what people changed laid beneath these."""
    values: dict[str, Any] = {}
    for key, stored in (await changed_settings(session)).items():
        setting = SETTINGS.get(key)
        if setting is None or not setting.editable or settings.source(key) is not Source.DEFAULT:
            continue
        try:
            values[key] = checked_value(setting, stored, key)
        except InvalidSetting as error:
            # Another version of Mediastead took it; that must not keep this one from starting.
            log.warning("a changed setting is ignored", reason=error.detail)
    return structs.replace(settings, **values, sources=settings.sources | dict.fromkeys(values, Source.APP))


def settings_view(settings: Settings) -> SettingsView:
    """All settings as a person may see them. No secret is in it."""
    return SettingsView([_view(setting, settings) for setting in SETTINGS.values()])


async def change_settings(
    session: AsyncSession, now: datetime, actor: str, settings: Settings, changes: Mapping[str, object]
) -> None:
    """Store `changes`; None takes a change back. `settings` are those in force.

    Raises `InvalidSetting` for an unknown key or an impossible value and `SettingFixed` where it cannot be changed here; then
    nothing is stored.
    """
    for key, value in changes.items():
        setting = SETTINGS.get(key)
        if setting is None:
            raise InvalidSetting(
                f"There is no setting {key[:100]!r}; did you mean {nearest(key[:100], list(SETTINGS))!r}?"
            )
        _refuse_fixed(setting, settings)
        await session.execute(delete(AppSetting).where(AppSetting.key == key))
        if value is not None:
            made = checked_value(setting, value, key)
            stored = made.reveal() if isinstance(made, Secret) else made
            await session.execute(insert(AppSetting).values(key=key, value=stored, updated_at=now))
    if changes:
        record(session, now, "setting.changed", keys=sorted(changes), by=actor)


def _view(setting: Setting, settings: Settings) -> SettingView:
    value = getattr(settings, setting.key)
    view = SettingView(
        key=setting.key,
        source=settings.source(setting.key),
        editable=setting.editable,
        allowed=setting.allowed,
        description=setting.description,
    )
    if setting.secret:
        view.set = value is not None
    elif setting.key == "database_url":
        view.value = masked_url(value)
    else:
        view.value = str(value) if isinstance(value, Path) else value
    return view


def _refuse_fixed(setting: Setting, settings: Settings) -> None:
    if not setting.editable:
        raise SettingFixed(
            f"{setting.key} holds from the start of the server to its end: set {setting.variable}, or {setting.key} in "
            "mediastead.yaml, and start it anew."
        )
    match settings.source(setting.key):
        case Source.ENVIRONMENT:
            raise SettingFixed(f"{setting.key} comes from the environment: change or unset {setting.variable} there.")
        case Source.FILE:
            raise SettingFixed(f"{setting.key} comes from the settings file: change or remove it there.")
        case _:
            pass

"""`/v1/settings`."""

from typing import Annotated, Any

from litestar import Controller, get, patch
from litestar.params import Body

from ..clock import Clock
from ..db.engine import Database
from ..http.permissions import Permission, requires
from ..settings import Settings
from .live import LiveSettings
from .schemas import SettingsView
from .service import change_settings, settings_view


class SettingsController(Controller):
    path = "/v1/settings"
    tags = ("settings",)

    @get(guards=[requires(Permission.MANAGE_SETTINGS)], summary="See all settings")
    async def see(self, settings: Settings) -> SettingsView:
        return settings_view(settings)

    @patch(guards=[requires(Permission.MANAGE_SETTINGS)], summary="Change settings while the server runs")
    async def change(
        self,
        data: Annotated[dict[str, Any], Body(description="New values by key; null takes a change back.")],
        database: Database,
        clock: Clock,
        actor: str,
        settings: Settings,
        live_settings: LiveSettings,
    ) -> SettingsView:
        async with database.write() as session:
            await change_settings(session, clock.now(), actor, settings, data)
        return settings_view(await live_settings.reload())

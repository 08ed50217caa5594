"""`/v1/presets`."""

from typing import Annotated

from litestar import Controller, delete, get, put
from litestar.params import PathParameter

from ...clock import Clock
from ...db.engine import Database
from ...http.paging import Page
from ...http.permissions import Permission, requires
from . import service
from .presets import PresetBody
from .schemas import PresetView

Name = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$", description="Of the preset.")]

MAY_SEE = [requires(Permission.VIEW)]
MAY_RUN = [requires(Permission.RUN_PIPELINE)]


class PresetsController(Controller):
    path = "/v1/presets"
    tags = ("pipeline",)

    @get("/", guards=MAY_SEE, summary="How files may be made")
    async def list_presets(self, database: Database) -> Page[PresetView]:
        async with database.read() as session:
            return Page(await service.all_presets(session))

    @get("/{name:str}", guards=MAY_SEE, summary="See a preset")
    async def show(self, name: Name, database: Database) -> PresetView:
        async with database.read() as session:
            return await service.preset(session, name)

    @put("/{name:str}", guards=MAY_RUN, summary="Make a preset, or a new version of one; what is left out is as usual")
    async def change(
        self,
        name: Name,
        data: PresetBody,
        database: Database,
        clock: Clock,
        actor: str,
    ) -> PresetView:
        async with database.write() as session:
            return await service.set_preset(session, clock.now(), actor, name, data)

    @delete("/{name:str}", guards=MAY_RUN, summary="Remove a preset; a built-in one of that name comes back")
    async def remove(self, name: Name, database: Database, clock: Clock) -> None:
        async with database.write() as session:
            await service.remove_preset(session, clock.now(), name)

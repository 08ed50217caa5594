"""Discs and their titles over HTTP. Above the room, because the item of a disc is the lock on it."""

import os
from typing import Annotated

from litestar import Controller, get, patch, post
from litestar.params import Body, PathParameter, QueryParameter
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from ..settings import Settings
from .discs import queries, service
from .discs.detector import Detector
from .discs.ejecting import eject
from .discs.errors import DiscIsElsewhere, NoDiscThere, NoSuchDisc
from .discs.models import DiscState
from .discs.schemas import ANumber, DiscShown, DiscView, NewDisc, PathToRead, TitleChange, TitleView, WordsOf
from .discs.showing import show
from .discs.stored import guess_of
from .flow import advance
from .items.locking import lock_active_item, lock_item
from .marking import mark_again
from .retrying import disc_again
from .rules import rules_of
from .service import correct_titles, reject_disc

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
OfItem = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER, description="Only of this pipeline item.")]
OfState = Annotated[DiscState | None, QueryParameter(name="state", description="Only in this state.")]
Inserted = Annotated[bool | None, QueryParameter(description="Only what lies in a drive or folder now, or does not.")]


class TitleChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    titles: Annotated[list[TitleChange], Meta(min_length=1, max_length=500)]


class DiscNumber(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: ANumber


class DiscsController(Controller):
    path = "/v1/discs"
    tags = ("pipeline",)

    @get("/", guards=[requires(Permission.VIEW)], summary="Discs that were seen or declared, newest first")
    async def list_discs(
        self,
        database: Database,
        item: OfItem = None,
        in_state: OfState = None,
        inserted: Inserted = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[DiscView]:
        async with database.read() as session:
            return await queries.discs_page(
                session, item_id=item, state=in_state, inserted=inserted, cursor=cursor, limit=limit
            )

    @post("/", guards=[requires(Permission.RUN_PIPELINE)], summary="Declare a disc of an item by hand")
    async def declare(
        self,
        data: Annotated[NewDisc, Body(description="The item, and which of its discs it is.")],
        database: Database,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> DiscShown:
        async with database.write() as session:
            await lock_active_item(session, data.item_id)
            disc_id = await service.declare(session, clock.now(), actor, data)
            await _follow(session, clock, settings, data.item_id)
            return await show(session, disc_id)

    @post(
        "/read",
        guards=[requires(Permission.RUN_PIPELINE)],
        status_code=200,
        summary="Read an image, a folder or a drive of the server now",
    )
    async def read(
        self,
        data: Annotated[PathToRead, Body(description="Where it lies, as the server sees it.")],
        database: Database,
        detector: Detector,
    ) -> DiscShown:
        if not data.path.startswith("/") or "\0" in data.path:
            raise NoDiscThere("Give the whole path of an image, a folder or a drive, as the server sees it.")
        disc_id = await detector.read(os.fsencode(data.path))
        if disc_id is None:
            raise NoDiscThere(
                f"There is no disc at {data.path}: see that one lies there, and that the path is right, then try again."
            )
        await detector.guess()
        async with database.read() as session:
            return await show(session, disc_id)

    @get("/{disc_id:int}", guards=[requires(Permission.VIEW)], summary="A disc with its titles")
    async def get_disc(self, disc_id: AnId, database: Database) -> DiscShown:
        async with database.read() as session:
            return await show(session, disc_id)

    @patch("/{disc_id:int}", guards=[requires(Permission.RUN_PIPELINE)], summary="Say which disc of its item it is")
    async def set_number(
        self,
        disc_id: AnId,
        data: Annotated[DiscNumber, Body(description="Its number within the item; the titles follow.")],
        database: Database,
        clock: Clock,
        settings: Settings,
    ) -> DiscShown:
        async with database.write() as session:
            item_id = await _locked_item(session, disc_id)
            disc = await queries.disc(session, disc_id)
            subject = guess_of(disc).subject if disc is not None else None
            if item_id is None or subject is None:
                raise DiscIsElsewhere(
                    f"Disc {disc_id} belongs to no item yet: make one from it (POST /v1/pipeline-items) with its number.",
                    disc_id=disc_id,
                )
            await service.place(session, clock.now(), disc_id, item_id, data.number, subject)
            await _follow(session, clock, settings, item_id)
            return await show(session, disc_id)

    @get("/{disc_id:int}/titles", guards=[requires(Permission.VIEW)], summary="The titles of a disc, in their order")
    async def list_titles(self, disc_id: AnId, database: Database) -> list[TitleView]:
        async with database.read() as session:
            return (await show(session, disc_id)).titles

    @patch(
        "/{disc_id:int}/titles",
        guards=[requires(Permission.RUN_PIPELINE)],
        summary="Say what titles are and whether they are to be ripped; the rest follows",
    )
    async def set_titles(
        self,
        disc_id: AnId,
        data: Annotated[TitleChanges, Body(description="What is left out of a title stays.")],
        database: Database,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> DiscShown:
        async with database.write() as session:
            item_id = await _locked_item(session, disc_id)
            await correct_titles(session, clock.now(), rules_of(settings), actor, disc_id, data.titles)
            shown = await show(session, disc_id)
        if item_id is not None:
            await mark_again(database, item_id, rules_of(settings).staging_roots)
        return shown

    @post(
        "/{disc_id:int}/reject",
        guards=[requires(Permission.RUN_PIPELINE)],
        status_code=200,
        summary="Do not want a disc",
    )
    async def reject(
        self,
        disc_id: AnId,
        data: Annotated[WordsOf, Body(description="Why; {} for no words.")],
        database: Database,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> DiscShown:
        async with database.write() as session:
            await _locked_item(session, disc_id)
            await reject_disc(session, clock.now(), rules_of(settings), actor, disc_id, data.words)
            return await show(session, disc_id)

    @post(
        "/{disc_id:int}/again",
        guards=[requires(Permission.RUN_PIPELINE)],
        status_code=200,
        summary="Have a disc read or ripped once more",
    )
    async def again(self, disc_id: AnId, database: Database, clock: Clock, settings: Settings, actor: str) -> DiscShown:
        async with database.write() as session:
            await _locked_item(session, disc_id)
            await disc_again(session, clock.now(), rules_of(settings), actor, disc_id)
            return await show(session, disc_id)

    @post(
        "/{disc_id:int}/eject",
        guards=[requires(Permission.RUN_PIPELINE)],
        status_code=200,
        summary="Open the drive in which a disc lies, on whichever host; answers when it is open",
    )
    async def eject(self, disc_id: AnId, database: Database, clock: Clock, actor: str, detector: Detector) -> DiscShown:
        tools, own_drives = await detector.tools(), detector.drives()
        await eject(database, clock, actor, disc_id, tools, own_drives, detector.look_again_at)
        async with database.read() as session:
            return await show(session, disc_id)


async def _locked_item(session: AsyncSession, disc_id: int) -> int | None:
    """The item of the disc, which nobody else changes until the end of the transaction. Raises `NoSuchDisc`."""
    disc = await queries.disc(session, disc_id)
    if disc is None:
        raise NoSuchDisc(disc_id)
    if disc.item_id is not None:
        await lock_item(session, disc.item_id)
    return disc.item_id


async def _follow(session: AsyncSession, clock: Clock, settings: Settings, item_id: int | None) -> None:
    """What was said of a disc has consequences for the item that it belongs to: what was asked is asked anew, and so on."""
    if item_id is not None:
        await advance(session, clock.now(), rules_of(settings), item_id)

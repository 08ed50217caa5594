"""Items are made: by hand, from a disc, and from files of a library that are to be transcoded anew."""

from datetime import datetime

from msgspec import UNSET, Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.types import ItemType as MediaType
from ..clock import Clock
from ..db.engine import Database
from ..metadata.provider import CatalogProvider
from ..metadata.schemas import NewItem as NewMediaItem
from ..metadata.service import add_item
from . import service
from .discs import queries as discs_known
from .discs.errors import NoSuchDisc
from .discs.guessing import LIKELY
from .discs.stored import guess_of
from .flow import advance
from .items import queries
from .items import service as items
from .items.errors import InvalidItem
from .items.locking import lock_active_item, lock_item
from .items.models import ItemType
from .items.service import ItemFieldsChange, NewItem
from .placing import put_disc
from .rules import Rules
from .schemas import NewPipelineItem, PipelineItemChange
from .stages.service import preset_named


class Title(Struct, frozen=True, kw_only=True):
    """Which film or series an item will be."""

    media_item_id: int | None
    type: ItemType
    name: str
    year: int | None


async def create(
    database: Database, provider: CatalogProvider, clock: Clock, rules: Rules, actor: str, new: NewPipelineItem
) -> int:
    """Make an item, and put the disc to it that it is made from; its id.

    Of a disc alone: what it is taken for. Raises `InvalidItem`, `ItemExists`, `NoSuchDisc`, `DiscIsTaken`, `NumberTaken`, and
    what the provider may raise.
    """
    if new.disc_number is not None and new.disc_id is None:
        raise InvalidItem(f"Say which disc is to be disc {new.disc_number} of it (disc_id), or leave the number out.")
    if new.disc_id is not None and new.name is None and new.tmdb_id is None and new.item_id is None:
        new = await _as_guessed(database, new, new.disc_id)
    # Asked for before the transaction: it may be the provider that is asked.
    media_item_id = await _known_title(database, provider, clock, actor, new.type, new.tmdb_id, new.item_id)
    async with database.write() as session:
        title = await _title(session, new, media_item_id)
        preset_id = await preset_named(session, new.preset) if new.preset is not None else None
        wanted = NewItem(
            type=title.type,
            name=title.name,
            year=title.year,
            season=new.season,
            edition=new.edition,
            media_item_id=title.media_item_id,
            library_id=new.library_id,
            preset_id=preset_id,
            automatic=new.automatic,
            requires=tuple(kind.value for kind in (rules.approvals if new.approvals is None else new.approvals)),
        )
        item_id = await items.make_item(session, clock.now(), actor, wanted, rules.staging_root)
        if new.disc_id is not None:
            item = await lock_item(session, item_id)
            await put_disc(session, clock.now(), item, new.disc_id, new.disc_number)
        await advance(session, clock.now(), rules, item_id)
    return item_id


async def add_disc(
    session: AsyncSession, now: datetime, rules: Rules, item_id: int, disc_id: int, number: int | None
) -> None:
    """A further disc of an item. Raises `NoSuchPipelineItem`, `ItemEnded`, `NoSuchDisc`, `DiscIsTaken`, `NumberTaken`."""
    item = await lock_active_item(session, item_id)
    await put_disc(session, now, item, disc_id, number)
    await advance(session, now, rules, item_id)


async def change(
    database: Database,
    provider: CatalogProvider,
    clock: Clock,
    rules: Rules,
    actor: str,
    item_id: int,
    wanted: PipelineItemChange,
) -> None:
    """Raises `NoSuchPipelineItem`, `ItemEnded`, `InvalidItem`, and what the provider may raise."""
    media_item_id = wanted.item_id if wanted.item_id is not UNSET else None
    if wanted.tmdb_id is not UNSET:
        async with database.read() as session:
            item = await queries.item(session, item_id)
        type_ = item.type if item is not None else None
        media_item_id = await _known_title(database, provider, clock, actor, type_, wanted.tmdb_id, None)
    async with database.write() as session:
        preset_id = wanted.preset if wanted.preset is UNSET or wanted.preset is None else UNSET
        if isinstance(wanted.preset, str):
            preset_id = await preset_named(session, wanted.preset)
        fields = ItemFieldsChange(
            automatic=wanted.automatic,
            library_id=wanted.library_id,
            preset_id=preset_id,
            requires=UNSET if wanted.approvals is UNSET else tuple(kind.value for kind in wanted.approvals),
        )
        await service.change(session, clock.now(), rules, actor, item_id, fields)
        if media_item_id is not None:
            await service.link(session, clock.now(), rules, actor, item_id, media_item_id)


async def _as_guessed(database: Database, new: NewPipelineItem, disc_id: int) -> NewPipelineItem:
    """What the disc is taken for, where that is sure. Raises `NoSuchDisc`, `InvalidItem`."""
    async with database.read() as session:
        disc = await discs_known.disc(session, disc_id)
    if disc is None:
        raise NoSuchDisc(disc_id)
    guess = guess_of(disc)
    candidates = [each for each in guess.candidates if new.type is None or new.type.value == each.type.value]
    if guess.sure and candidates and candidates[0] == guess.candidates[0]:
        type_ = ItemType(candidates[0].type.value)
        season = guess.season if new.season is None and type_ is ItemType.SERIES else new.season
        return structs.replace(new, type=type_, tmdb_id=candidates[0].tmdb_id, season=season)
    may_be = "; ".join(
        f"{each.title}{f' ({each.year})' if each.year else ''} (type {each.type.value}, tmdb_id {each.tmdb_id})"
        for each in candidates[:3]
        if each.probability >= LIKELY
    )
    raise InvalidItem(
        f"It is not sure what disc {disc_id} is"
        + (f"; it may be: {may_be}" if may_be else "")
        + ". Say it: a name and a type, or a type and a tmdb_id, or an item_id."
    )


async def _known_title(
    database: Database,
    provider: CatalogProvider,
    clock: Clock,
    actor: str,
    type: ItemType | None,
    tmdb_id: int | None,
    item_id: int | None,
) -> int | None:
    """The id here of the title that was named; None where none was."""
    if tmdb_id is None:
        return item_id
    if item_id is not None or type is None:
        raise InvalidItem("Name the title either by its type and tmdb_id, or by its item_id.")
    added = await add_item(database, provider, clock, actor, NewMediaItem(type=MediaType(type.value), tmdb_id=tmdb_id))
    return added.id


async def _title(session: AsyncSession, new: NewPipelineItem, media_item_id: int | None) -> Title:
    media = await queries.media_item(session, media_item_id) if media_item_id is not None else None
    if media_item_id is not None and media is None:
        raise InvalidItem(f"There is no title {media_item_id}; list /v1/items.")
    if media is not None:
        type_ = ItemType(media.type.value)
        if new.type is not None and new.type is not type_:
            raise InvalidItem(f"{media.title} is a {type_.value}, and no {new.type.value}.")
        year = new.year if new.year is not None else media.year
        return Title(media_item_id=media.id, type=type_, name=new.name or media.title, year=year)
    if new.type is None or new.name is None:
        raise InvalidItem("Say what it is: a type and a name, or a type and a tmdb_id, or an item_id.")
    return Title(media_item_id=None, type=new.type, name=new.name, year=new.year)

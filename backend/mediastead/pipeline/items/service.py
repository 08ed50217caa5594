"""What a person can ask for about items: make, change, link, give up."""

import itertools
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.text import raw
from ...events import outbox
from ...libraries.models import LibraryKind
from ...organizing.safe import cut, safe_name
from ..jobs.models import Stage
from . import queries
from .errors import InvalidItem, ItemDoesNotAllow, ItemExists
from .locking import lock_active_item
from .models import ItemState, ItemType, PipelineItem, Trigger
from .states import GIVEN_UP, record_transition, together

FOLDERS_LOCK = 0x666F_6C64_6572
"""Any number that no other advisory lock uses."""
LONGEST = 180
"""Bytes of an item's safe name, so that an edition and what the stages add fit into a name as well."""


class NewItem(Struct, frozen=True, kw_only=True):
    """What an item is made of."""

    type: ItemType
    name: str
    year: int | None = None
    season: int | None = None
    edition: str = ""
    media_item_id: int | None = None
    library_id: int | None = None
    preset_id: int | None = None
    automatic: bool = False
    requires: tuple[str, ...] = ()
    """Kinds of approval."""
    skips: tuple[Stage, ...] = ()


class ItemFieldsChange(Struct, frozen=True, kw_only=True):
    """What of an item is to be another; what is unset stays."""

    automatic: bool | UnsetType = UNSET
    library_id: int | UnsetType | None = UNSET
    preset_id: int | UnsetType | None = UNSET
    requires: tuple[str, ...] | UnsetType = UNSET


async def make_item(
    session: AsyncSession,
    now: datetime,
    actor: str,
    new: NewItem,
    root: str,
    *,
    folder: bytes | None = None,
    beside: queries.Active | None = None,
) -> int:
    """A new item, whose files are made beneath `root`, a staging root, or in a `folder` that is there already. Gives its id.

    `beside`: the active items of `lock_folders`, for whoever makes many; this one is among them then. Raises `InvalidItem`, and
    `ItemExists` where an active one is the same.
    """
    if beside is None:
        beside = await (lock_folders(session) if folder is None else queries.active(session))
    safe, edition = await may_be_made(session, new, beside)
    if folder is None:
        folder = _free_folder(beside, root, safe, new.season, edition)
    row: dict[str, object] = {
        "type": new.type,
        "name": " ".join(new.name.split()),
        "safe_name": safe,
        "year": new.year,
        "season": new.season,
        "edition": edition,
        "state": ItemState.NEW,
        "automatic": new.automatic,
        "media_item_id": new.media_item_id,
        "library_id": new.library_id,
        "preset_id": new.preset_id,
        "skips": together(new.skips),
        "requires": ",".join(new.requires),
        "begun": {},
        "folder": folder,
        "actor": actor,
        "created_at": now,
    }
    try:
        async with session.begin_nested():
            item_id = (await session.execute(insert(PipelineItem).returning(PipelineItem.id), row)).scalar_one()
    except IntegrityError:
        # Somebody else was making the same one at this moment, and the index decided between the two.
        same = (await queries.active(session)).same(new.type, safe, new.season, edition)
        if same is None:
            raise
        raise ItemExists(called(new), same) from None
    beside.add(item_id, new.type, safe, new.season, edition, folder)
    await record_transition(session, now, item_id, None, ItemState.NEW.value, Trigger.MANUAL, actor, None)
    return item_id


async def lock_folders(session: AsyncSession) -> queries.Active:
    """The active items, beside which nobody else gets a folder until this transaction ends: of two who look for one, one waits
    here until the other has it."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": FOLDERS_LOCK})
    return await queries.active(session)


async def may_be_made(session: AsyncSession, new: NewItem, beside: queries.Active) -> tuple[str, str]:
    """Its safe name and its edition's. Raises `InvalidItem`, and `ItemExists` where an active one is the same."""
    if new.type is ItemType.MOVIE and new.season is not None:
        raise InvalidItem("A film has no season: leave it out, or say that it is a series.")
    safe, edition = safe_name_of(new), safe_name(new.edition)
    if new.library_id is not None:
        await _fits(session, new.library_id, new.type)
    same = beside.same(new.type, safe, new.season, edition)
    if same is not None:
        raise ItemExists(called(new), same)
    return safe, edition


def called(new: NewItem) -> str:
    """For people: `Firefly, season 1`, `Blade Runner (1982), Final Cut`."""
    year = f" ({new.year})" if new.type is ItemType.MOVIE and new.year is not None else ""
    season = f", season {new.season}" if new.season is not None else ""
    return f"{new.name.strip()}{year}{season}{f', {new.edition}' if new.edition.strip() else ''}"


def safe_name_of(new: NewItem) -> str:
    """The name as a folder may be called; of a film with its year. Raises `InvalidItem` where nothing is left of it."""
    year = f" ({new.year})" if new.type is ItemType.MOVIE and new.year is not None else ""
    safe = cut(safe_name(new.name), LONGEST - len(year.encode()))
    if not safe:
        raise InvalidItem(f"No folder can be called {new.name!r}: give a name with letters or digits.")
    return safe + year


def folder_of(root: str, safe: str, season: int | None, edition: str) -> bytes:
    """`<root>/Firefly/Season 01`, `<root>/Blade Runner (1982) {edition-Final Cut}`."""
    path = f"{root.rstrip('/')}/{safe}" + (f" {{edition-{edition}}}" if edition else "")
    return raw(path if season is None else f"{path}/Season {season:02}")


def _free_folder(beside: queries.Active, root: str, safe: str, season: int | None, edition: str) -> bytes:
    """`folder_of`, or where another active item is made there (a film and a series of one name) with a number behind the name:
    they must not take each other's markers for their own. Also where only capitals differ: the file system of a staging root may
    take such folders for one."""
    for number in itertools.count(1):
        folder = folder_of(root, safe if number == 1 else f"{safe} [{number}]", season, edition)
        if not beside.has_folder(folder):
            return folder
    raise AssertionError("counting never ends")


async def change_item(session: AsyncSession, now: datetime, item_id: int, change: ItemFieldsChange) -> None:
    """Raises `NoSuchPipelineItem`, `ItemEnded`, `InvalidItem`."""
    item = await lock_active_item(session, item_id)
    values: dict[str, object] = {}
    if change.automatic is not UNSET:
        values["automatic"] = change.automatic
    if change.library_id is not UNSET:
        if change.library_id is not None:
            await _fits(session, change.library_id, item.type)
        values["library_id"] = change.library_id
    if change.preset_id is not UNSET:
        values["preset_id"] = change.preset_id
    if change.requires is not UNSET:
        values["requires"] = ",".join(change.requires)
    if values:
        await _update(session, now, item_id, **values)


async def link_item(session: AsyncSession, now: datetime, item_id: int, media_item_id: int) -> None:
    """The item is to be that title. Raises `NoSuchPipelineItem`, `ItemEnded`, `InvalidItem`."""
    item = await lock_active_item(session, item_id)
    media = await queries.media_item(session, media_item_id)
    if media is None:
        raise InvalidItem(f"There is no title {media_item_id}; list /v1/items.")
    if media.type != item.type.value:
        raise InvalidItem(f"{media.title} is a {media.type.value}, and item {item_id} is a {item.type.value}.")
    await _update(session, now, item_id, media_item_id=media_item_id)


async def set_begun(
    session: AsyncSession,
    now: datetime,
    item: PipelineItem,
    stage: Stage,
    trigger: Trigger,
    actor: str,
    notes: str | None = None,
) -> None:
    """Note who or what began a stage of a locked item, for the transition that follows."""
    begun = {**item.begun, stage.value: {"trigger": trigger.value, "actor": actor, "notes": notes}}
    item.begun = begun
    await session.execute(update(PipelineItem).where(PipelineItem.id == item.id).values(begun=begun))


async def skip_stages(session: AsyncSession, now: datetime, item: PipelineItem, stages: frozenset[Stage]) -> None:
    """These stages of a locked item are skipped from now on, and no others."""
    item.skips = together(stages)
    await _update(session, now, item.id, skips=item.skips)


async def set_blocked(session: AsyncSession, now: datetime, item: PipelineItem, words: str | None) -> None:
    """Say why a locked item cannot go on by itself; None where nothing stands in its way."""
    if item.blocked != words:
        await _update(session, now, item.id, blocked=words)


async def give_up(session: AsyncSession, now: datetime, item_id: int, actor: str, words: str | None) -> None:
    """A person ends an item before it is in a library. Its files stay where they were made.

    Raises `NoSuchPipelineItem`, `ItemEnded`.
    """
    item = await lock_active_item(session, item_id)
    gone = await session.execute(
        update(PipelineItem)
        .where(PipelineItem.id == item_id, PipelineItem.ended_at.is_(None))
        .values(ended_at=now, automatic=False, blocked=None)
        .returning(PipelineItem.id)
    )
    if gone.scalar_one_or_none() is None:
        raise ItemDoesNotAllow(f"Item {item_id} ended at this moment; look at it again.")
    await record_transition(session, now, item_id, item.state.value, GIVEN_UP, Trigger.MANUAL, actor, words)


async def _update(session: AsyncSession, now: datetime, item_id: int, **values: object) -> None:
    await session.execute(update(PipelineItem).where(PipelineItem.id == item_id).values(**values))
    outbox.record(session, now, "pipeline_item.changed", item_id=item_id, fields=sorted(values))


async def _fits(session: AsyncSession, library_id: int, type: ItemType) -> None:
    library = await queries.library(session, library_id)
    if library is None:
        raise InvalidItem(f"There is no library {library_id}; list /v1/libraries.")
    if library.bring_into_id is not None:
        raise InvalidItem(f"{library.name} is an inbox: name the library that its files are brought into.")
    wanted = {LibraryKind.MOVIES: ItemType.MOVIE, LibraryKind.SERIES: ItemType.SERIES}.get(library.kind, type)
    if wanted is not type:
        raise InvalidItem(
            f"{library.name} holds {library.kind.value}, and this is a {type.value}: name another library."
        )

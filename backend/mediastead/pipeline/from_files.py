"""Files of a library that are to be transcoded anew become items: one for a film, one for a season.

Each file is a title of a disc that is none, ripped from the beginning; what is made of it replaces the file's content, through
the trash, and the media file keeps its id.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import raw
from ..files.contents import ContentFilter
from ..files.listing import FileFilter, files_page, files_shown
from ..files.schemas import FileShown
from ..files.types import Identification, Presence, Role
from ..libraries.errors import LibraryNotFound
from ..organizing.spelling import folded_path
from .approvals.models import ApprovalKind
from .discs import service as discs
from .discs.facts import TitleFacts
from .discs.models import TitleRole
from .discs.schemas import FileTitle
from .flow import advance
from .items import queries
from .items import service as items
from .items.errors import ItemExists
from .items.locking import lock_item
from .items.models import ItemType, Trigger
from .items.service import NewItem
from .jobs.models import Stage
from .placing import subject_of
from .rules import Rules
from .schemas import MOST_FILES, FilesOfItem, FilesToMake, MadeOfFiles, Unused
from .showing import views_of
from .stages.presets import PresetBody, preset_hash
from .stages.service import preset_for, preset_named
from .stages.worth import was_not_worth_it

MOST_LOOKED_AT = 20_000
"""Files of which the size is compared in one request."""
A_PAGE = 500


class Group(Struct, frozen=True, kw_only=True):
    """What one item is made of."""

    type: ItemType
    media_item_id: int
    name: str
    year: int | None
    season: int | None
    edition: str
    files: list[FileShown]

    def new_item(self, library_id: int, preset_id: int) -> NewItem:
        return NewItem(
            type=self.type,
            name=self.name,
            year=self.year,
            season=self.season,
            edition=self.edition,
            media_item_id=self.media_item_id,
            library_id=library_id,
            preset_id=preset_id,
            # A transcode keeps the tracks that its preset says; what was a file of a library needs no other container first.
            skips=(Stage.REMUX,),
        )

    def shown(self) -> FilesOfItem:
        return FilesOfItem(
            name=self.name,
            year=self.year,
            season=self.season,
            file_ids=[file.id for file in self.files],
            bytes=sum(file.size for file in self.files),
        )


class Chosen(Struct, frozen=True, kw_only=True):
    groups: list[Group]
    """None of which an active item is the same: each can be made."""
    unused: list[Unused]
    more: bool
    preset_id: int


async def choose_and_make(
    session: AsyncSession, now: datetime, rules: Rules, actor: str, wanted: FilesToMake
) -> MadeOfFiles:
    """Items of the files that the filter names, or what they would be. Raises `LibraryNotFound`, `NoSuchPreset`."""
    chosen = await choose(session, wanted)
    made: list[int] = []
    unused = chosen.unused
    if not wanted.preview:
        made, refused = await make(session, now, rules, actor, wanted, chosen)
        unused = [*unused, *refused]
    items_made = [item for item_id in made if (item := await queries.item(session, item_id)) is not None]
    return MadeOfFiles(
        items=await views_of(session, items_made),
        groups=[group.shown() for group in chosen.groups],
        unused=unused,
        more=chosen.more,
    )


async def choose(session: AsyncSession, wanted: FilesToMake) -> Chosen:
    """The files that the filter names, as the items that they would be: what is told here, `make` does. Changes nothing.

    Raises `LibraryNotFound`, `InvalidItem` and `NoSuchPreset`.
    """
    if await queries.library(session, wanted.library_id) is None:
        raise LibraryNotFound(wanted.library_id)
    preset_id, body = await preset_for(session, await preset_named(session, wanted.preset))
    assert preset_id is not None
    files, more = await _files(session, wanted)
    taken = await queries.files_being_made(session, [file.id for file in files])
    named = sorted(set(wanted.file_ids or ()))
    there = {file.id for file in await files_shown(session, named)}
    unused = [
        Unused(file_id=each, path=f"file {each}", reason="There is none with this id (`mediastead files list`).")
        for each in named
        if each not in there
    ]
    by_item: dict[tuple[int, int | None, str], list[FileShown]] = defaultdict(list)
    for file in files:
        reason = await _unusable(session, wanted, file, taken, body)
        if reason is not None:
            unused.append(Unused(file_id=file.id, path=file.path, reason=reason))
            continue
        assert file.item is not None
        season = min((episode.season for episode in file.episodes), default=None)
        by_item[file.item.id, season, file.edition or ""].append(file)
    groups: list[Group] = []
    for (media_item_id, season, edition), its in by_item.items():
        brief = its[0].item
        assert brief is not None
        groups.append(
            Group(
                type=ItemType(brief.type.value),
                media_item_id=media_item_id,
                name=brief.title,
                year=brief.year,
                season=season,
                edition=edition,
                files=its,
            )
        )
    free: list[Group] = []
    beside = await queries.active(session)
    taken_names: set[tuple[object, ...]] = set()
    for group in groups:
        reason = await _being_made(session, group.new_item(wanted.library_id, preset_id), beside, taken_names)
        if reason is None:
            free.append(group)
        else:
            unused += _all_of(group, reason)
    return Chosen(groups=free, unused=unused, more=more, preset_id=preset_id)


async def make(
    session: AsyncSession, now: datetime, rules: Rules, actor: str, wanted: FilesToMake, chosen: Chosen
) -> tuple[list[int], list[Unused]]:
    """Items of what was chosen in the same transaction; their ids, and the files of those that are being made already."""
    made: list[int] = []
    unused: list[Unused] = []
    requires = tuple(kind.value for kind in _asked(rules, wanted))
    beside = await items.lock_folders(session)
    for group in chosen.groups:
        new = structs.replace(group.new_item(wanted.library_id, chosen.preset_id), requires=requires)
        try:
            item_id = await items.make_item(session, now, actor, new, rules.staging_root, beside=beside)
        except ItemExists:  # somebody made it at this moment
            unused += _all_of(group, f"{items.called(new)} is being made already: look at `mediastead pipeline list`.")
            continue
        item = await lock_item(session, item_id)
        await discs.add_files(session, now, item_id, await _titles(session, group), await subject_of(session, item))
        for stage, notes in ((Stage.RIP, "its files lie in a library"), (Stage.REMUX, "skipped")):
            await items.set_begun(session, now, item, stage, Trigger.MANUAL, actor, notes)
        if wanted.automatic:
            await items.change_item(session, now, item_id, items.ItemFieldsChange(automatic=True))
        await advance(session, now, rules, item_id)
        made.append(item_id)
    return made, unused


async def _being_made(
    session: AsyncSession, new: NewItem, beside: queries.Active, taken: set[tuple[object, ...]]
) -> str | None:
    """Why an item cannot be made beside those that are active, and those before it, whose names are `taken`; None where it can,
    and its name is taken from then on. Raises `InvalidItem`."""
    try:
        safe, edition = await items.may_be_made(session, new, beside)
    except ItemExists as error:
        item_id = error.extra["item_id"]
        return (
            f"{items.called(new)} is being made already, as item {item_id}: wait until that is in its library, or give it up "
            f"(`mediastead pipeline give-up {item_id}`)."
        )
    name = new.type, new.season, folded_path(raw(f"{safe}/{edition}"))
    if name in taken:
        return (
            f"It has the name of another title here, {items.called(new)}: say it again when that one is in its library."
        )
    taken.add(name)
    return None


def _all_of(group: Group, reason: str) -> list[Unused]:
    return [Unused(file_id=file.id, path=file.path, reason=reason) for file in group.files]


def _asked(rules: Rules, wanted: FilesToMake) -> Sequence[ApprovalKind]:
    """Of what is asked by itself only what there is to ask about: no disc, and no tracks that were left out."""
    if wanted.approvals is not None:
        return wanted.approvals
    return [kind for kind in rules.approvals if kind is ApprovalKind.ORGANIZE_CONFIRM]


async def _files(session: AsyncSession, wanted: FilesToMake) -> tuple[list[FileShown], bool]:
    """Up to `MOST_FILES`, and whether there are more."""
    if wanted.file_ids is not None:
        found = await files_shown(session, sorted(set(wanted.file_ids)))
        return [file for file in found if _is_large(file, wanted)], False
    which = FileFilter(
        library_id=wanted.library_id,
        item_id=wanted.item_id,
        identification=Identification.MATCHED,
        presence=Presence.PRESENT,
        words=wanted.words,
        content=ContentFilter(video_codec=wanted.video_codec, resolution=wanted.resolution, hdr=wanted.hdr).if_given(),
    )
    found: list[FileShown] = []
    cursor: str | None = None
    for _ in range(MOST_LOOKED_AT // A_PAGE):
        page = await files_page(session, which, cursor=cursor, limit=A_PAGE)
        found += [file for file in page.items if _is_large(file, wanted)]
        cursor = page.next
        if cursor is None or len(found) > MOST_FILES:
            break
    return found[:MOST_FILES], cursor is not None or len(found) > MOST_FILES


def _is_large(file: FileShown, wanted: FilesToMake) -> bool:
    return wanted.larger_than is None or file.size > wanted.larger_than


async def _unusable(
    session: AsyncSession, wanted: FilesToMake, file: FileShown, taken: dict[int, int], body: PresetBody
) -> str | None:
    """Why nothing is made of a file; None where it may be."""
    if file.library_id != wanted.library_id:
        return f"It lies in the library {file.library}: name that one."
    if file.presence is not Presence.PRESENT:
        return "It is missing."
    if file.identification is not Identification.MATCHED or file.item is None:
        return "Nobody knows what it is: match it first (`mediastead unmatched list`)."
    if file.path.rsplit("/", 1)[-1].upper() in ("VIDEO_TS", "BDMV"):
        return "It is the folder of a disc: add it as a disc instead (`mediastead discs`)."
    if file.id in taken:
        return f"It is being made anew already, in item {taken[file.id]}."
    content = await queries.content_of(session, file.id)
    if content is not None:
        ratio = await was_not_worth_it(session, *content, preset_hash(body))
        if ratio is not None:
            return f"It was made with this preset before, and the result was {ratio:.0%} of its size: not worth it."
    return None


async def _titles(session: AsyncSession, group: Group) -> Sequence[FileTitle]:
    paths = await queries.paths_of(session, [file.id for file in group.files])
    return [_title(file, group, paths[file.id]) for file in group.files if file.id in paths]


def _title(file: FileShown, group: Group, path: bytes) -> FileTitle:
    duration = file.content.duration if file.content is not None else None
    roles = {Role.EXTRA: TitleRole.EXTRA, Role.SAMPLE: TitleRole.EXTRA, Role.EPISODE: TitleRole.EPISODE}
    usual = TitleRole.EPISODE if group.type is ItemType.SERIES else TitleRole.FEATURE
    return FileTitle(
        media_file_id=file.id,
        file=path,
        facts=TitleFacts(number=1, duration=duration or 0.0, size=file.size),
        name=file.path.rsplit("/", 1)[-1].rsplit(".", 1)[0],
        season=group.season,
        episodes=tuple(episode.number for episode in file.episodes if episode.season == group.season),
        role=roles.get(file.role, usual) if file.role is not None else usual,
    )

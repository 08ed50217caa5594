"""Putting together what people look at: libraries with counts, items with files and gaps, files with their story."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.queries import StoredEpisode, episodes_of, item_by_id, seasons_of
from ..catalog.types import ItemType
from ..db.engine import Database
from ..db.text import shown
from ..files.contents import streams_shown
from ..files.counts import FileCounts, counts_by_library
from ..files.queries import ImportFilter, imports_page
from ..files.schemas import EpisodeBrief, FileShown, ProviderWait
from ..files.shown import files_shown
from ..files.types import Presence, Role
from ..http.paging import Page
from ..libraries.errors import LibraryNotFound
from ..libraries.lock import watcher_lock
from ..libraries.models import BringHow
from ..metadata.service import gone_views, item_view
from ..recording.queries import records_counted
from ..unmatched.errors import FileUnknown
from ..unmatched.queries import open_question_ids, rejections_of
from ..unmatched.remembered_files import followed_answers
from ..unmatched.showing import provider_wait
from . import queries
from .alike import others_like
from .listing import ItemFilter, ItemSort, items_page
from .roots import Roots
from .schemas import (
    EpisodeCounts,
    EpisodeShown,
    FileDetail,
    ItemDetail,
    ItemShown,
    LibraryCounts,
    LibraryShown,
    MissingFile,
    PendingShown,
    RecordCounts,
    SeasonShown,
    SeasonsShown,
    Version,
)

IMPORTS_OF_A_FILE = 50


async def libraries(session: AsyncSession, provider: str, *, watched: bool) -> list[LibraryShown]:
    """All libraries, by name."""
    return await _libraries(session, provider, await queries.library_rows(session), watched)


async def library(session: AsyncSession, library_id: int, provider: str, *, watched: bool) -> LibraryShown:
    for found in await _libraries(session, provider, await queries.library_rows(session, library_id), watched):
        return found
    raise LibraryNotFound(library_id)


async def with_those_away(database: Database, roots: Roots, found: Sequence[LibraryShown]) -> list[LibraryShown]:
    """The same, with what their roots show at this moment. No transaction is open while the disks are asked."""
    async with database.read() as session:
        where = await queries.roots_of(session, [each.id for each in found if each.removing_since is None])
    away = await roots.why_away(where)
    return [structs.replace(each, away=away.get(each.id)) for each in found]


async def are_watched(database: Database) -> bool:
    """Does a server watch? One that was killed had no time to say that it watches no more, but its lock is free.

    To be asked before the libraries are read: the next one takes back what the dead one wrote, and then holds the lock.
    """
    return await watcher_lock(database).is_held()


async def _libraries(session: AsyncSession, provider: str, rows: Sequence[Any], watched: bool) -> list[LibraryShown]:
    ids = [row.id for row in rows]
    counts = await counts_by_library(session, ids)
    scans = await queries.last_scans(session, ids)
    records = await records_counted(session, [row.id for row in rows if row.record_form])
    wait = await provider_wait(session, provider)
    return [
        LibraryShown(
            id=row.id,
            name=row.name,
            root=shown(row.root),
            kind=row.kind,
            scan_interval_minutes=row.scan_interval_minutes,
            next_scan_at=row.next_scan_at,
            exclude_patterns=row.exclude_patterns,
            naming_template=row.naming_template,
            watching=row.watching if watched else None,
            record_form=row.record_form,
            unavailable_since=row.unavailable_since,
            unavailable_reason=row.unavailable_reason,
            away=None,
            bring_into_id=row.bring_into_id,
            bring_how=BringHow(row.bring_how) if row.bring_how else None,
            removing_since=row.removing_since,
            created_at=row.created_at,
            counts=_counts(counts.get(row.id) or FileCounts(), wait),
            records=_records(records.get(row.id, (0, 0, 0))) if row.record_form else None,
            last_scan=scans.get(row.id),
        )
        for row in rows
    ]


def _records(counted: tuple[int, int, int]) -> RecordCounts:
    written, failed, worth = counted
    return RecordCounts(written=written, failed=failed, waiting=worth - written - failed)


def _counts(counts: FileCounts, wait: ProviderWait | None) -> LibraryCounts:
    total = counts.by_identification["pending"]
    return LibraryCounts(
        by_presence=counts.by_presence,
        by_identification=counts.by_identification,
        missing_by_identification=counts.missing_by_identification,
        rotted=counts.rotted,
        doubted=counts.doubted,
        pending=PendingShown(
            total=total, settling=counts.settling, out_of_reach=counts.out_of_reach, waiting_for=wait if total else None
        ),
    )


async def file_detail(session: AsyncSession, file_id: int, provider: str) -> FileDetail:
    """One file with its state, decision, imports and open question; also one that a person had forgotten."""
    found = await files_shown(session, [file_id], provider=await provider_wait(session, provider), decisions=True)
    state = await queries.file_state(session, file_id)
    if not found or state is None:
        raise FileUnknown(f"There is no file {file_id}; list /v1/media-files.")
    imports = await imports_page(session, ImportFilter(file_id=file_id), limit=IMPORTS_OF_A_FILE)
    rejected = (await rejections_of(session, [file_id])).get(file_id, [])
    return FileDetail(
        **structs.asdict(found[0]),
        state=state,
        others=(await others_like(session, [file_id])).get(file_id, []),
        streams=(await streams_shown(session, [file_id])).get(file_id, []),
        question_id=(await open_question_ids(session, [file_id])).get(file_id),
        imports=imports.items,
        rejected=[msgspec.to_builtins(each) for each in rejected],
        remembered_answer_id=(await followed_answers(session, [file_id])).get(file_id),
    )


async def missing_files(session: AsyncSession, page: Page[FileShown]) -> Page[MissingFile]:
    """A page of missing files with what is left of them."""
    others = await others_like(session, [file.id for file in page.items])
    files = [MissingFile(**structs.asdict(file), others=others.get(file.id, [])) for file in page.items]
    return Page(files, page.next)


async def items(
    session: AsyncSession,
    which: ItemFilter,
    today: date,
    *,
    sort: ItemSort,
    descending: bool,
    cursor: str | None,
    limit: int,
) -> Page[ItemShown]:
    """One page of the catalog."""
    page = await items_page(session, which, today, sort=sort, descending=descending, cursor=cursor, limit=limit)
    rows = await queries.item_rows(session, page.items)
    files = await queries.file_counts(session, page.items)
    episodes = await queries.episode_counts(session, page.items, today)
    gaps = await queries.items_with_gaps(session, page.items, today)
    doubled = await queries.doubled_items(session, page.items)
    gone = await gone_views(session, rows.values())
    return Page(
        [
            ItemShown(
                id=row.id,
                type=row.type,
                tmdb_id=row.tmdb_id,
                title=row.title,
                original_title=row.original_title,
                year=row.year,
                poster=row.poster,
                added=row.created_at,
                files=files.get(row.id, 0),
                missing=row.id in gaps,
                doubled=row.id in doubled,
                episodes=_episode_counts(row.type, episodes.get(row.id)),
                gone=gone.get(row.id),
            )
            for row in (rows[item_id] for item_id in page.items if item_id in rows)
        ],
        page.next,
    )


def _episode_counts(type: ItemType, counts: EpisodeCounts | None) -> EpisodeCounts | None:
    if type is ItemType.MOVIE:
        return None
    return counts or EpisodeCounts(total=0, aired=0, present=0, missing=0)


async def item_detail(session: AsyncSession, item_id: int, today: date) -> ItemDetail:
    """One item with its files and gaps; raises `NoSuchItem`."""
    view = await item_view(session, item_id)
    item = await item_by_id(session, item_id)
    assert item is not None  # read in the same transaction
    files = await _files_by_id(session, await queries.file_ids_of_item(session, item_id))
    episodes = await queries.episode_counts(session, [item_id], today)
    return ItemDetail(
        **structs.asdict(view),
        poster=item.poster,
        backdrop=item.backdrop,
        rating=item.rating,
        added=item.created_at,
        missing=item_id in await queries.items_with_gaps(session, [item_id], today),
        versions=versions_of([file for file in files.values() if file.role is Role.FEATURE]),
        extras=[file for file in files.values() if file.role in (Role.EXTRA, Role.SAMPLE)],
        episodes=_episode_counts(item.type, episodes.get(item_id)),
        doubled=item_id in await queries.doubled_items(session, [item_id]),
        doubled_episodes=[
            EpisodeBrief(season, number) for season, number in await queries.doubled_episodes(session, item_id)
        ],
        missing_episodes=await _missing_episodes(session, item_id, today) if item.type is ItemType.SERIES else [],
    )


def versions_of(files: Iterable[FileShown]) -> list[Version]:
    """The versions of a film: parts of one edition in one folder belong together, any other file is one by itself."""
    grouped: dict[tuple[object, ...], list[FileShown]] = {}
    for file in files:
        key = (file.folder_id, file.edition) if file.part is not None else ("whole", file.id)
        grouped.setdefault(key, []).append(file)
    versions: list[Version] = []
    for parts in (version for alike in grouped.values() for version in _told_apart(alike)):
        there = {file.part for file in parts if file.part is not None and file.presence is not Presence.MISSING}
        highest = max((file.part or 0 for file in parts), default=0)
        missing = [part for part in range(1, highest + 1) if part not in there]
        versions.append(Version(edition=parts[0].edition, parts=parts, missing_parts=missing))
    return versions


def _told_apart(files: Sequence[FileShown]) -> list[list[FileShown]]:
    """Files of a folder of which several are the same part are of several versions: those of one suffix belong together, and of
    these the first ones of each part, by their names, the second ones, and so on."""
    files = sorted(files, key=lambda file: (file.part or 0, file.path, file.id))
    if len({file.part for file in files}) == len(files):
        return [files]
    versions: dict[tuple[str, int], list[FileShown]] = {}
    seen: Counter[tuple[str, int | None]] = Counter()
    for file in files:
        suffix = file.path.rpartition(".")[2].lower()
        versions.setdefault((suffix, seen[suffix, file.part]), []).append(file)
        seen[suffix, file.part] += 1
    return list(versions.values())


async def _missing_episodes(session: AsyncSession, item_id: int, today: date) -> list[EpisodeBrief]:
    seasons = await seasons_shown(session, item_id, today)
    return [
        EpisodeBrief(season.number, episode.number)
        for season in seasons.seasons
        for episode in season.episodes
        if episode.status == "missing"
    ]


async def seasons_shown(session: AsyncSession, item_id: int, today: date) -> SeasonsShown:
    """The seasons of a series with what is there of each episode; raises `NoSuchItem`. A film has none."""
    await item_view(session, item_id)
    held = await queries.files_by_episode(session, item_id)
    files = await _files_by_id(session, sorted({file_id for ids in held.values() for file_id in ids}))
    episodes: dict[int, list[EpisodeShown]] = {}
    for episode in await episodes_of(session, item_id):
        holding = [files[file_id] for file_id in held.get(episode.id, ()) if file_id in files]
        episodes.setdefault(episode.season_id, []).append(_episode(episode, holding, today))
    shown_seasons: list[SeasonShown] = []
    specials: SeasonShown | None = None
    for season in await seasons_of(session, item_id):
        own = episodes.get(season.id, [])
        one = SeasonShown(**structs.asdict(season), counts=_season_counts(own, today), episodes=own)
        if season.number == 0:
            specials = one
        else:
            shown_seasons.append(one)
    return SeasonsShown(seasons=shown_seasons, specials=specials)


def _episode(episode: StoredEpisode, files: list[FileShown], today: date) -> EpisodeShown:
    presences = {file.presence for file in files}
    if Presence.PRESENT in presences:
        status = "present"
    elif Presence.UNKNOWN in presences:
        status = "unknown"
    else:
        status = "missing" if episode.air_date is not None and episode.air_date <= today else "unaired"
    return EpisodeShown(
        id=episode.id,
        number=episode.number,
        title=episode.title,
        air_date=episode.air_date,
        runtime=episode.runtime,
        overview=episode.overview,
        status=status,
        files=files,
    )


def _season_counts(episodes: Sequence[EpisodeShown], today: date) -> EpisodeCounts:
    statuses = Counter(episode.status for episode in episodes)
    return EpisodeCounts(
        total=len(episodes),
        aired=sum(episode.air_date is not None and episode.air_date <= today for episode in episodes),
        present=statuses["present"] + statuses["unknown"],
        missing=statuses["missing"],
    )


async def _files_by_id(session: AsyncSession, file_ids: Sequence[int]) -> Mapping[int, FileShown]:
    """Files in the order of `file_ids`."""
    found = {file.id: file for file in await files_shown(session, file_ids)}
    return {file_id: found[file_id] for file_id in file_ids if file_id in found}

"""What is asked about files that come from folders in no library."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from msgspec import Struct, structs
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import Episode, Season
from ..files.models import Folder, MediaFile, MediaFileState
from ..files.paths import joined
from ..files.types import Presence, Role
from ..libraries.queries import roots
from . import plan_queries
from .models import GroupState, Organizing, OrganizingGroup, OrganizingState, OrganizingStep, StepAction
from .moves import MoveRole, Way
from .naming import EpisodeFacts, Facts
from .replace_queries import known_at


class StagedAs(Struct, frozen=True, kw_only=True):
    """What is kept of it with the organizing (`models.Organizing.staged`)."""

    item_id: int | None = None
    """None where it is the content of a file that is known."""
    episode_ids: tuple[int, ...] = ()
    role: Role | None = None
    edition: str | None = None
    part: int | None = None
    file_id: int | None = None
    """The file of which it is the new content."""
    facts: dict[str, Any] = {}


class ToReplace(NamedTuple):
    """A media file that is to get other content."""

    id: int
    version: int
    library_id: int
    path: bytes
    name: bytes
    role: Role | None
    facts: Facts | None
    """None where it is not known what it is."""


class Went(NamedTuple):
    state: Literal["running", "done", "not_done"]
    words: str | None
    file_id: int | None
    path: bytes | None


async def by_key(session: AsyncSession, key: str | None) -> int | None:
    """The organizing that was asked for with this key."""
    if key is None:
        return None
    query = select(Organizing.id).where(Organizing.staged_key == key)
    return (await session.execute(query)).scalar_one_or_none()


async def file_to_replace(session: AsyncSession, file_id: int) -> ToReplace | None:
    """None where it is not there, still being written, or in a folder that cannot be listed."""
    query = (
        select(MediaFile, Folder.path)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(
            MediaFile.id == file_id,
            MediaFile.holds_path,
            MediaFileState.presence == Presence.PRESENT,
            MediaFileState.unsettled_since.is_(None),
            Folder.gap_since.is_(None),
        )
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    file: MediaFile = row[0]
    facts = None
    if file.media_item_id is not None:
        facts = (await plan_queries.items(session, [file.media_item_id])).get(file.media_item_id)
        episodes = await plan_queries.episodes(session, [file_id])
        if facts is not None:
            facts = structs.replace(
                facts, episodes=tuple(episodes.get(file_id, ())), edition=file.edition, part=file.part
            )
    path = joined(row[1], file.name)
    return ToReplace(file.id, file.version, file.library_id, path, file.name, file.role, facts)


async def facts_of(
    session: AsyncSession, item_id: int, episode_ids: Sequence[int], edition: str | None, part: int | None
) -> Facts | None:
    """None where there is no such title, or one of the episodes is not of it."""
    facts = (await plan_queries.items(session, [item_id])).get(item_id)
    query = (
        select(Season.number, Episode.number, Episode.title)
        .join(Season, Season.id == Episode.season_id)
        .where(Episode.id.in_(episode_ids), Season.item_id == item_id)
        .order_by(Season.number, Episode.number)
    )
    episodes = [EpisodeFacts(*row) for row in await session.execute(query)]
    if facts is None or len(episodes) != len(set(episode_ids)):
        return None
    return structs.replace(facts, episodes=tuple(episodes), edition=edition, part=part)


async def is_known(session: AsyncSession, path: bytes) -> bool:
    """Whether a media file of a library is there at this absolute path."""
    for library_id, _, root, _ in await roots(session):
        within = root.rstrip(b"/") + b"/"
        if path.startswith(within):
            relative = path[len(within) :]
            if relative in await known_at(session, library_id, [relative]):
                return True
    return False


async def how_it_went(session: AsyncSession, organizing_id: int) -> Went | None:
    """None where there is no such organizing of a staged file."""
    query = (
        select(Organizing.state, OrganizingGroup.state, OrganizingGroup.said, OrganizingStep)
        .join(OrganizingGroup, OrganizingGroup.organizing_id == Organizing.id)
        .join(OrganizingStep, OrganizingStep.group_id == OrganizingGroup.id)
        .where(
            Organizing.id == organizing_id,
            Organizing.staged.is_not(None),
            OrganizingStep.action == StepAction.MOVE,
            OrganizingStep.role == MoveRole.MEDIA,
        )
    )
    found = (await session.execute(query)).all()
    media: Any = next((row for row in found if row[3].way != Way.TRASH), None)
    if media is None:
        return None
    organizing, group, said, step = media
    state: Literal["running", "done", "not_done"] = "done" if group is GroupState.DONE else "not_done"
    if state != "done" and organizing is OrganizingState.APPLYING:
        state = "running"
    return Went(state, said, step.made_file_id or step.file_id, step.target)

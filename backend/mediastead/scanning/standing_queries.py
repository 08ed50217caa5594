"""What is asked of matches that identification looks at once more."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import MediaItem
from ..catalog.types import ItemType
from ..files.models import MediaFile, MediaFileDecision, MediaFileState
from ..files.shown import episodes_of
from ..matching.decision import Decision, EpisodeNumber, Suggestion


class StandingMatch(Struct, frozen=True, kw_only=True):
    """What a file is taken for now."""

    type: ItemType
    tmdb_id: int
    episodes: tuple[EpisodeNumber, ...]
    doubt: str | None
    suggested: Suggestion
    """The title as it was found when it was matched."""


async def standing_matches(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, StandingMatch]:
    """By file; files that are matched to nothing that the provider has are left out."""
    query = (
        select(
            MediaFile.id,
            MediaItem.type,
            MediaItem.tmdb_id,
            MediaItem.title,
            MediaItem.year,
            MediaFileState.doubt,
            MediaFileDecision.body,
        )
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .join(MediaItem, MediaItem.id == MediaFile.media_item_id)
        .outerjoin(MediaFileDecision, MediaFileDecision.file_id == MediaFile.id)
        .where(MediaFile.id.in_(file_ids), MediaItem.tmdb_id.is_not(None))
    )
    held = await episodes_of(session, file_ids)
    found: dict[int, StandingMatch] = {}
    for file_id, item_type, tmdb_id, title, year, doubt, body in await session.execute(query):
        if tmdb_id is None:
            continue
        before = msgspec.json.decode(body, type=Decision).item if body else None
        if before is None or (before.type, before.tmdb_id) != (item_type, tmdb_id):
            before = Suggestion(type=item_type, tmdb_id=tmdb_id, title=title, year=year, probability=0.5)
        found[file_id] = StandingMatch(
            type=item_type,
            tmdb_id=tmdb_id,
            episodes=tuple(EpisodeNumber(each.season, each.number) for each in held.get(file_id, ())),
            doubt=doubt,
            suggested=before,
        )
    return found

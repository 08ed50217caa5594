"""What is asked of the metadata room's tables."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.models import MediaFile, MediaFileDecision, MediaFileEpisode
from .errors import ProviderTrouble
from .models import ApiCache, KeptAnswer, ProviderState


class CachedAnswer(Struct, frozen=True):
    body: bytes
    expires_at: datetime


class KnownTrouble(Struct, frozen=True):
    """What keeps a provider from being asked, as stored."""

    trouble: ProviderTrouble
    detail: str
    since: datetime
    retry_at: datetime | None
    failures: int
    settings_digest: str | None


class ProviderWait(Struct, frozen=True, kw_only=True):
    """What pending files wait for, as people are shown it."""

    what: str = "provider"
    provider: str
    trouble: ProviderTrouble
    detail: str
    """A sentence that ends with what to do."""
    since: datetime
    retry_at: datetime | None
    """None: only a change of the settings helps."""


async def cached_answer(session: AsyncSession, key: str, now: datetime) -> CachedAnswer | None:
    """The answer to a question, unless it has expired."""
    query = select(ApiCache.body, ApiCache.expires_at).where(ApiCache.key == key, ApiCache.expires_at > now)
    row = (await session.execute(query)).one_or_none()
    return CachedAnswer(*row) if row else None


async def trouble_of(session: AsyncSession, provider: str) -> KnownTrouble | None:
    """Why a provider cannot be asked, or None where nothing is known against it."""
    query = select(
        ProviderState.trouble,
        ProviderState.detail,
        ProviderState.since,
        ProviderState.retry_at,
        ProviderState.failures,
        ProviderState.settings_digest,
    ).where(ProviderState.provider == provider)
    row = (await session.execute(query)).one_or_none()
    return KnownTrouble(*row) if row else None


async def waiting_for(session: AsyncSession, provider: str) -> ProviderWait | None:
    """What files that are pending wait for on the side of the provider; None where it can be asked."""
    known = await trouble_of(session, provider)
    if known is None:
        return None
    return ProviderWait(
        provider=provider, trouble=known.trouble, detail=known.detail, since=known.since, retry_at=known.retry_at
    )


async def held_episodes(session: AsyncSession, episode_ids: Iterable[int]) -> set[int]:
    """Those of the episodes that some file holds."""
    query = select(MediaFileEpisode.episode_id).where(MediaFileEpisode.episode_id.in_(list(episode_ids))).distinct()
    return set((await session.execute(query)).scalars())


async def files_of(session: AsyncSession, item_id: int) -> list[int]:
    """The files that are matched to an item, hidden ones included."""
    query = select(MediaFile.id).where(MediaFile.media_item_id == item_id).order_by(MediaFile.id)
    return list((await session.execute(query)).scalars())


class KeptUse(Struct, frozen=True):
    id: int
    used_at: datetime


async def uses_of(session: AsyncSession, digests: Sequence[bytes]) -> dict[bytes, KeptUse]:
    """Those of these answers that are kept, by their digests."""
    query = select(KeptAnswer.digest, KeptAnswer.id, KeptAnswer.used_at).where(KeptAnswer.digest.in_(digests))
    return {digest: KeptUse(answer_id, used_at) for digest, answer_id, used_at in await session.execute(query)}


class KeptBody(Struct, frozen=True):
    id: int
    question: str
    body: bytes
    """Compressed."""


async def kept_bodies(session: AsyncSession, answer_ids: Iterable[int]) -> list[KeptBody]:
    query = select(KeptAnswer.id, KeptAnswer.question, KeptAnswer.body).where(KeptAnswer.id.in_(list(answer_ids)))
    return [KeptBody(*row) for row in await session.execute(query)]


async def newest_kept(session: AsyncSession, question: str, question_hash: bytes) -> KeptBody | None:
    """The answer to a question that a decision went by last."""
    query = (
        select(KeptAnswer.id, KeptAnswer.question, KeptAnswer.body)
        .where(KeptAnswer.question_hash == question_hash, KeptAnswer.question == question)
        .order_by(KeptAnswer.used_at.desc(), KeptAnswer.id.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    return KeptBody(*row) if row else None


async def newest_kept_id(session: AsyncSession) -> int:
    """0 where nothing is kept."""
    return (await session.execute(select(func.max(KeptAnswer.id)))).scalar_one() or 0


async def kept_before(session: AsyncSession, after: int, until: int, unused_since: datetime, limit: int) -> list[int]:
    """Ids in (`after`, `until`] of answers that no decision was recorded with since, in order."""
    query = (
        select(KeptAnswer.id)
        .where(KeptAnswer.id > after, KeptAnswer.id <= until, KeptAnswer.used_at < unused_since)
        .order_by(KeptAnswer.id)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def inputs_after(session: AsyncSession, file_id: int, limit: int) -> list[tuple[int, str]]:
    """What the decisions about the files after this one went by, as stored, by file id, in order."""
    query = (
        select(MediaFileDecision.file_id, MediaFileDecision.inputs)
        .where(MediaFileDecision.file_id > file_id, MediaFileDecision.inputs.is_not(None))
        .order_by(MediaFileDecision.file_id)
        .limit(limit)
    )
    return [(each, inputs) for each, inputs in await session.execute(query) if inputs is not None]

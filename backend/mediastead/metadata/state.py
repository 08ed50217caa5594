"""Whether a provider can be asked now: its trouble is kept once, for all questions and all servers on one database."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..events.outbox import record
from .errors import ProviderTrouble, ProviderUnavailable
from .models import ProviderState
from .queries import KnownTrouble

FIRST_RETRY = timedelta(seconds=30)
"""After the first failure; doubled with each further one."""
LONGEST_RETRY = timedelta(hours=1)
"""Also for a refused key, which may have been refused by mistake; a new key is tried at once."""


def refusal(
    known: KnownTrouble | None, provider: str, settings_digest: str, now: datetime
) -> ProviderUnavailable | None:
    """The stored trouble as an error; None when it is time to try again or the settings have changed since."""
    if known is None or known.settings_digest != settings_digest:
        return None
    if known.retry_at is not None and known.retry_at <= now:
        return None
    return ProviderUnavailable(known.detail, provider=provider, trouble=known.trouble, retry_at=known.retry_at)


async def record_trouble(
    session: AsyncSession,
    now: datetime,
    error: ProviderUnavailable,
    known: KnownTrouble | None,
    settings_digest: str,
) -> bool:
    """Note that a question could not be asked. `known` is what was stored when the question began.

    Of many questions that fail together only the first is counted, for each finds that what it knew is no longer what is
    stored; those give False. An event is written where the trouble is new or another one.
    """
    same = known is not None and known.settings_digest == settings_digest and known.trouble is error.trouble
    failures = known.failures + 1 if known and same else 1
    values = {
        "trouble": error.trouble,
        "detail": error.detail,
        "since": known.since if known and same else now,
        "retry_at": _retry_at(error, failures, now),
        "failures": failures,
        "settings_digest": settings_digest,
    }
    if known is None:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        noted = dialect.insert(ProviderState).values(provider=error.provider, **values)
        written = await session.execute(noted.on_conflict_do_nothing().returning(ProviderState.provider))
    else:
        unchanged = (
            ProviderState.provider == error.provider,
            ProviderState.failures == known.failures,
            ProviderState.since == known.since,
        )
        changed = update(ProviderState).where(*unchanged).values(**values)
        written = await session.execute(changed.returning(ProviderState.provider))
    first = written.one_or_none() is not None
    if first and not same:
        retry_at = values["retry_at"]
        record(
            session,
            now,
            "provider.trouble",
            provider=error.provider,
            trouble=error.trouble.value,
            detail=error.detail,
            retry_at=retry_at.isoformat() if isinstance(retry_at, datetime) else None,
        )
    return first


async def record_recovery(session: AsyncSession, now: datetime, provider: str) -> None:
    """Note that a question was answered after trouble."""
    gone = delete(ProviderState).where(ProviderState.provider == provider).returning(ProviderState.provider)
    if (await session.execute(gone)).one_or_none():
        record(session, now, "provider.recovered", provider=provider)


def _retry_at(error: ProviderUnavailable, failures: int, now: datetime) -> datetime | None:
    if error.trouble is ProviderTrouble.NOT_CONFIGURED:
        return None
    if error.trouble is ProviderTrouble.UNAUTHORIZED:
        return now + LONGEST_RETRY
    own = now + min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(failures - 1, 10))
    return max(own, error.retry_at) if error.retry_at else own

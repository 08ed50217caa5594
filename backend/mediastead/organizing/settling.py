"""A person has groups tried again that did not come to their end by themselves."""

from sqlalchemy.ext.asyncio import AsyncSession

from . import journal_queries as queries
from .errors import OrganizingDoesNotAllow, OrganizingNotFound
from .journal import Lost, try_again


async def settle(session: AsyncSession, organizing_id: int) -> None:
    """The first group of an organizing that is stuck or waits is tried at once (`organizer.Organizer` does).

    Raises `OrganizingNotFound` and `OrganizingDoesNotAllow`.
    """
    row = await queries.organizing_row(session, organizing_id)
    if row is None:
        raise OrganizingNotFound(organizing_id)
    group_id = await queries.first_open(session, organizing_id)
    if group_id is None:
        raise OrganizingDoesNotAllow(
            f"Every group of organizing {organizing_id} is at its end, so that there is nothing to settle.",
            state=row.state.value,
        )
    sites = await queries.sites_of(session, organizing_id)
    if sites is None:
        raise OrganizingNotFound(organizing_id)
    try:
        await try_again(session, sites, group_id)
    except Lost:
        raise OrganizingDoesNotAllow(
            f"Other files of library {row.library_id} are being moved at this moment; try again when they are at their end.",
            state=row.state.value,
        ) from None

"""A machine becomes a host, and is one no longer: its row and its role in the database come and go in one transaction."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from . import invites, roles, service


class Admitted(Struct, frozen=True, kw_only=True):
    host_id: int
    name: str
    role: str
    password: str


async def register(
    session: AsyncSession, now: datetime, code: str, name: str, platform: str | None, version: str | None
) -> Admitted:
    """Whoever has the code becomes a host, of the name that was chosen with it. Raises `InviteNotValid`, `NameTaken`,
    `NameOfServer`, `MayNotMakeRoles`."""
    invite_id, chosen = await invites.use_invite(session, now, code)
    name = chosen or name
    role, password = await roles.make_role(session)
    host_id = await service.add_host(session, now, name, platform, version, role)
    await invites.belongs_to(session, invite_id, host_id)
    return Admitted(host_id=host_id, name=name, role=role, password=password)


async def remove(session: AsyncSession, now: datetime, host_id: int) -> None:
    """Its credential is worth nothing from the commit on; its attempts stay told. Raises `NoSuchHost`, `OwnHost`."""
    await roles.drop_role(session, await service.remove(session, now, host_id))

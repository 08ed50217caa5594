"""Codes with which a machine may register once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from . import queries
from .errors import InviteNotValid, NameOfServer, NameTaken
from .models import OWN_NAME, HostInvite

VALID_FOR = timedelta(hours=1)
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what looks alike: somebody may have to type it."""
GROUPS, EACH = 6, 5
"""30 signs of 5 bits: 150 bits, which nobody guesses in an hour."""


async def make_invite(session: AsyncSession, now: datetime, actor: str, name: str | None) -> str:
    """A code that admits one host within the hour. It is given once, and only its hash is kept. Raises `NameTaken`,
    `NameOfServer`."""
    if name == OWN_NAME:
        raise NameOfServer(name)
    if name is not None and await queries.host_called(session, name) is not None:
        raise NameTaken(name)
    await session.execute(delete(HostInvite).where(HostInvite.host_id.is_(None), HostInvite.expires_at <= now))
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(EACH)) for _ in range(GROUPS))
    await session.execute(
        insert(HostInvite).values(
            code_hash=_hash(code), name=name, actor=actor, created_at=now, expires_at=now + VALID_FOR
        )
    )
    return code


async def use_invite(session: AsyncSession, now: datetime, code: str) -> tuple[int, str | None]:
    """Use up a code in this transaction: the invite's id, for `belongs_to`, and the name that was chosen with it. Of two that
    come with the same code at once, one waits here for the other. Raises `InviteNotValid`."""
    used = (
        update(HostInvite)
        .where(HostInvite.code_hash == _hash(code), HostInvite.host_id.is_(None), HostInvite.expires_at > now)
        .values(expires_at=now)
        .returning(HostInvite.id, HostInvite.name)
    )
    row = (await session.execute(used)).one_or_none()
    if row is None:
        raise InviteNotValid
    return row.id, row.name


async def belongs_to(session: AsyncSession, invite_id: int, host_id: int) -> None:
    """Note who used it."""
    await session.execute(update(HostInvite).where(HostInvite.id == invite_id).values(host_id=host_id))


def _hash(code: str) -> bytes:
    # The codes are long and random: nothing is gained by a slow hash. Typed in small letters or without dashes it is the same.
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.blake2b(plain.encode(), digest_size=32, person=b"host invite").digest()

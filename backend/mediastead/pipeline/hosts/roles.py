"""The credential of a host: a role in PostgreSQL that sees its own work and nothing else.

What a row of which table is to whom, the policies say that migration 0022 made (row level security); a role gets the columns.
"""

import re
import secrets
from typing import Any

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import MayNotMakeRoles

PREFIX = "mediastead_host_"
"""By which the policies know the roles of hosts."""
CONNECTIONS = 20
ROLES_LOCK = 0x726F6C6573
"""Any number that no other advisory lock uses."""
_A_ROLE = re.compile(r"mediastead_host_[0-9a-f]{16}")

GRANTS = (
    "SELECT ON alembic_version, host, stage_job, stage_job_attempt",
    "UPDATE (platform, version, load, free_bytes, refuses, last_seen_at) ON host",
    "SELECT, INSERT, UPDATE, DELETE ON host_capability",
    "UPDATE (state, why, output, result, settled, not_before, ended_at) ON stage_job",
    "UPDATE (started_at, lease_until, pid, progress, progress_at, speed, seconds_left, outcome, error, result, ended_at) "
    "ON stage_job_attempt",
    "INSERT ON stage_job_log, event, disc_seen",
    "SELECT (id, host_id, source, until, taken_at, ended_at), UPDATE (taken_at, ended_at, error) ON drive_order",
    "USAGE ON SEQUENCE stage_job_log_id_seq, event_id_seq, disc_seen_id_seq",
    "SELECT, UPDATE, DELETE ON procrastinate.procrastinate_jobs",
    "SELECT, INSERT, UPDATE, DELETE ON procrastinate.procrastinate_workers",
    "INSERT ON procrastinate.procrastinate_events",
    # Nothing is in it, and a trigger looks there for each ticket that was delivered and is deleted.
    "SELECT (job_id), UPDATE (job_id) ON procrastinate.procrastinate_periodic_defers",
    "USAGE ON ALL SEQUENCES IN SCHEMA procrastinate",
)


async def may_make_roles(session: AsyncSession) -> None:
    """Raises `MayNotMakeRoles` where the server's own role may not. Asked beforehand: an error would end the transaction."""
    asked = "SELECT rolname, rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"
    name, may = (await session.execute(text(asked))).one()
    if not may:
        raise MayNotMakeRoles(name)


async def make_role(session: AsyncSession) -> tuple[str, str]:
    """A new role with its password, in this transaction. Raises `MayNotMakeRoles`."""
    await may_make_roles(session)
    await _one_at_a_time(session)
    role, password = PREFIX + secrets.token_hex(8), secrets.token_urlsafe(32)
    # The server is told only what it stores, so that the password stands in no log of its statements.
    kept = (await _driver(session)).pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    made = f"CREATE ROLE {role} LOGIN NOINHERIT CONNECTION LIMIT {CONNECTIONS} PASSWORD '{kept}'"
    # As it stands: `text` takes the colons in it for parameters.
    await (await session.connection()).exec_driver_sql(made)
    await session.execute(text(f"GRANT USAGE ON SCHEMA public, procrastinate TO {role}"))
    for grant in GRANTS:
        await session.execute(text(f"GRANT {grant} TO {role}"))
    return role, password


async def drop_role(session: AsyncSession, role: str) -> None:
    """From the commit on nobody comes in with it; whoever is in is thrown out at once."""
    checked = _checked(role)
    known = await session.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": checked})
    if known.scalar_one_or_none() is None:
        return
    await _one_at_a_time(session)
    # Who made a role may change it, and only its members may end its sessions and take back what it was granted.
    await session.execute(text(f"GRANT {checked} TO CURRENT_USER"))
    await session.execute(text(f"ALTER ROLE {checked} NOLOGIN"))
    await session.execute(text(f"REVOKE USAGE ON SCHEMA public, procrastinate FROM {checked}"))
    await session.execute(text(f"DROP OWNED BY {checked}"))
    await session.execute(
        text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :role"), {"role": checked}
    )
    await session.execute(text(f"DROP ROLE {checked}"))


async def _one_at_a_time(session: AsyncSession) -> None:
    """PostgreSQL refuses to change what is granted on a table in two transactions at once."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ROLES_LOCK})


def url_for(database_url: str, address: str, role: str, password: str) -> str:
    """Where a host finds the database: as the server does, or at `address` (`host` or `host:port`)."""
    url: URL = make_url(database_url).set(username=role, password=password)
    if address:
        name, _, port = address.partition(":")
        url = url.set(
            host=name, port=int(port) if port else url.port, query={k: v for k, v in url.query.items() if k != "host"}
        )
    return url.render_as_string(hide_password=False)


def _checked(role: str) -> str:
    if not _A_ROLE.fullmatch(role):
        raise ValueError(f"no role of a host: {role!r}")
    return role


async def _driver(session: AsyncSession) -> Any:
    return (await (await session.connection()).get_raw_connection()).driver_connection

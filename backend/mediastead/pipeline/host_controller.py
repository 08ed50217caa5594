"""Hosts over HTTP."""

from typing import Annotated, get_args

from litestar import Controller, delete, get, patch, post
from litestar.params import Body, PathParameter
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..http.paging import LARGEST_INTEGER, Page
from ..http.permissions import Permission, public, requires
from ..settings import Settings
from .discs.seeing import forget_host
from .host_commands import check_commands
from .hosts import invites, queries, registering, roles, service
from .hosts.errors import NoSuchHost, OneMachineOnly
from .hosts.models import Host
from .hosts.schemas import HostChange, HostStage, HostView, Invitation, NewInvite, Registered, Registration
from .jobs.hours import closed_on
from .jobs.service import take_from
from .jobs.statistics import statistics_of

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]


class HostsController(Controller):
    path = "/v1/hosts"
    tags = ("pipeline",)

    @get("/", guards=[requires(Permission.VIEW)], summary="The machines that run stage jobs, by name")
    async def list_hosts(self, database: Database, clock: Clock, settings: Settings) -> Page[HostView]:
        async with database.read() as session:
            return Page(await _views(session, clock, settings, await queries.hosts(session)))

    @get("/{host_id:int}", guards=[requires(Permission.VIEW)], summary="One of them")
    async def show_host(self, host_id: AnId, database: Database, clock: Clock, settings: Settings) -> HostView:
        async with database.read() as session:
            return await _view(session, clock, settings, host_id)

    @post(
        "/invites",
        guards=[requires(Permission.MANAGE_HOSTS)],
        summary="A code with which one machine may register within an hour",
    )
    async def invite(
        self,
        data: Annotated[NewInvite, Body(description="{} lets the machine choose its name.")],
        database: Database,
        clock: Clock,
        settings: Settings,
        actor: str,
    ) -> Invitation:
        if database.is_sqlite:
            raise OneMachineOnly
        now = clock.now()
        async with database.write() as session:
            await roles.may_make_roles(session)
            code = await invites.make_invite(session, now, actor, data.name)
        return Invitation(code=code, name=data.name, expires_at=now + invites.VALID_FOR, port=settings.port or None)

    @post("/register", guards=[public], summary="For a machine that has a code: become a host, and get a credential")
    async def register(self, data: Registration, database: Database, clock: Clock, settings: Settings) -> Registered:
        if database.is_sqlite:
            raise OneMachineOnly
        async with database.write() as session:
            admitted = await registering.register(
                session, clock.now(), data.code, data.name, data.platform, data.version
            )
        address = settings.database_address_for_hosts
        url = roles.url_for(settings.database_url, address, admitted.role, admitted.password)
        return Registered(host_id=admitted.host_id, name=admitted.name, database_url=url)

    @patch(
        "/{host_id:int}",
        guards=[requires(Permission.MANAGE_HOSTS)],
        summary="Enable, drain, disable, limit, rename it, or give it hours",
    )
    async def change_host(
        self,
        host_id: AnId,
        data: Annotated[HostChange, Body()],
        database: Database,
        clock: Clock,
        settings: Settings,
    ) -> HostView:
        if data.commands is not UNSET:
            check_commands(data.commands)
        async with database.write() as session:
            await service.change(session, clock.now(), host_id, data)
            if data.state == "disabled":
                await take_from(session, host_id, "its host was disabled")
            return await _view(session, clock, settings, host_id)

    @post(
        "/{host_id:int}/bring-back",
        guards=[requires(Permission.MANAGE_HOSTS)],
        status_code=200,
        summary="It was mended: no longer set aside, and asked anew what it can do",
    )
    async def bring_back(self, host_id: AnId, database: Database, clock: Clock, settings: Settings) -> HostView:
        async with database.write() as session:
            await service.bring_back(session, clock.now(), host_id)
            return await _view(session, clock, settings, host_id)

    @delete(
        "/{host_id:int}",
        guards=[requires(Permission.MANAGE_HOSTS)],
        summary="Take its credential away; what it was at goes to other hosts",
    )
    async def remove_host(self, host_id: AnId, database: Database, clock: Clock) -> None:
        async with database.write() as session:
            await registering.remove(session, clock.now(), host_id)
            # Nobody will say when its discs go.
            await forget_host(session, clock.now(), host_id)


async def _view(session: AsyncSession, clock: Clock, settings: Settings, host_id: int) -> HostView:
    host = await queries.host(session, host_id)
    if host is None:
        raise NoSuchHost(host_id)
    [view] = await _views(session, clock, settings, [host])
    return view


async def _views(session: AsyncSession, clock: Clock, settings: Settings, hosts: list[Host]) -> list[HostView]:
    closed = closed_on(settings.stage_hours, clock.now().astimezone())
    ids = [host.id for host in hosts]
    capabilities = await queries.capabilities(session, ids)
    statistics = await statistics_of(session, ids)
    one_machine = session.get_bind().dialect.name == "sqlite"
    views: list[HostView] = []
    for host in hosts:
        now, why = service.waits(host, clock.now(), one_machine=one_machine)
        views.append(
            HostView(
                id=host.id,
                name=host.name,
                state=host.state,
                now=now,
                why=why,
                own=host.role_name is None,
                priority=host.priority,
                platform=host.platform,
                version=host.version,
                limits=host.limits,
                hours=host.hours,
                closed=[stage for stage in get_args(HostStage) if stage in closed(host.hours)],
                path_map=host.path_map,
                commands=host.commands,
                load=host.load,
                free_bytes=host.free_bytes,
                set_aside_until=host.set_aside_until,
                created_at=host.created_at,
                last_seen_at=host.last_seen_at,
                capabilities=capabilities[host.id],
                statistics=statistics[host.id],
            )
        )
    return views

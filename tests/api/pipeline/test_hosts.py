"""Hosts over HTTP."""

from collections.abc import AsyncGenerator

import httpx
import pytest
from msgspec import structs

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.pipeline.hosts import queries, roles, service
from mediastead.settings import Settings

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def no_roles_left(database: Database) -> AsyncGenerator[None]:
    yield
    async with database.read() as session:
        left = [host.role_name for host in await queries.hosts(session) if host.role_name]
    for role in left:
        async with database.write() as session:
            await roles.drop_role(session, role)


async def invited(client: httpx.AsyncClient, name: str | None = None) -> str:
    answer = await client.post("/v1/hosts/invites", json={"name": name} if name else {})
    assert answer.status_code == 201
    return answer.json()["code"]


async def register(client: httpx.AsyncClient, code: str, name: str = "attic") -> httpx.Response:
    return await client.post("/v1/hosts/register", json={"code": code, "name": name, "platform": "linux x86_64"})


@on_postgresql
@pytest.mark.usefixtures("no_roles_left")
async def test_a_machine_with_a_code_becomes_a_host_with_a_credential_that_works(client: httpx.AsyncClient) -> None:
    registered = await register(client, await invited(client))
    assert registered.status_code == 201
    given = registered.json()
    its_own = Database(given["database_url"])
    try:
        async with its_own.read() as session:
            host = await queries.host(session, given["host_id"])
        assert host is not None and host.name == "attic"
    finally:
        await its_own.dispose()
    [shown] = (await client.get("/v1/hosts")).json()["items"]
    assert (shown["name"], shown["now"], shown["capabilities"]) == ("attic", "ready", [])
    assert given["database_url"] not in (await client.get(f"/v1/hosts/{given['host_id']}")).text


@on_postgresql
@pytest.mark.usefixtures("no_roles_left")
async def test_a_code_is_worth_nothing_the_second_time_and_a_failed_registration_does_not_use_it_up(
    client: httpx.AsyncClient,
) -> None:
    await register(client, await invited(client), "attic")
    code = await invited(client)
    taken = await register(client, code, "attic")
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:mediastead:problem:host-name-taken")
    assert (await register(client, code, "cellar")).status_code == 201
    again = await register(client, code, "third")
    assert again.status_code == 400
    assert "mediastead host invite" in again.json()["detail"]
    assert len((await client.get("/v1/hosts")).json()["items"]) == 2


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return structs.replace(settings, port=9000)


@on_postgresql
@pytest.mark.usefixtures("no_roles_left")
async def test_an_invite_says_at_which_port_the_server_listens(client: httpx.AsyncClient, settings: Settings) -> None:
    assert (await client.post("/v1/hosts/invites", json={})).json()["port"] == settings.port


@on_postgresql
@pytest.mark.usefixtures("no_roles_left")
async def test_an_invite_for_a_name_that_a_host_has_is_refused_at_once(client: httpx.AsyncClient) -> None:
    await register(client, await invited(client), "attic")
    taken = await client.post("/v1/hosts/invites", json={"name": "attic"})
    assert taken.status_code == 409
    assert "`mediastead host remove attic`" in taken.json()["detail"]


@on_postgresql
@pytest.mark.usefixtures("no_roles_left")
async def test_a_host_is_changed_brought_back_and_removed(
    client: httpx.AsyncClient, database: Database, clock: SetClock
) -> None:
    given = (await register(client, await invited(client, "attic"), "whatever")).json()
    assert given["name"] == "attic"
    path = f"/v1/hosts/{given['host_id']}"
    change = {
        "state": "draining",
        "priority": 5,
        "limits": {"transcode": 2},
        "path_map": [["/staging", "/mnt/staging"]],
    }
    changed = (await client.patch(path, json=change)).json()
    assert changed["now"] == "draining"
    assert {key: changed[key] for key in change} == change
    for wrong in ({"state": "removed"}, {"limits": {"organize": 1}}, {"path_map": [["a", "/b"]]}, {"name": "a b"}):
        assert (await client.patch(path, json=wrong)).status_code == 400, wrong
    async with database.write() as session:
        await service.lost(session, clock.now(), given["host_id"], "rip:dvd", "the key has expired")
    assert (await client.get(path)).json()["capabilities"][0]["reason"] == "the key has expired"
    assert (await client.post(f"{path}/bring-back")).json()["capabilities"] == []
    assert (await client.delete(path)).status_code == 204
    assert (await client.get("/v1/hosts")).json()["items"] == []
    assert (await client.patch(path, json={"priority": 1})).status_code == 404
    with pytest.raises(Exception, match=r"authentication failed|does not exist"):
        gone = Database(given["database_url"])
        try:
            async with gone.read() as session:
                await queries.host(session, 1)
        finally:
            await gone.dispose()


async def test_paths_of_a_host_are_whole_and_each_of_the_servers_is_said_once(
    client: httpx.AsyncClient, database: Database, clock: SetClock
) -> None:
    async with database.write() as session:
        host_id = await service.own_host(session, clock.now(), "linux x86_64", "0.1.0")
    path = f"/v1/hosts/{host_id}"
    for wrong, words in (
        ([["staging", "/mnt"]], '"staging" is no whole path: both must begin with /, such as /srv/staging.'),
        ([["/staging", ""]], '"" is no whole path'),
        ([["/staging", "/a"], ["/staging/", "/b"]], "/staging of the server was said twice"),
    ):
        refused = await client.patch(path, json={"path_map": wrong})
        assert (refused.status_code, words in refused.json()["detail"]) == (400, True), refused.text
    told = await client.patch(path, json={"path_map": [["/staging/", "/mnt//staging"], ["/", "/mnt/all"]]})
    assert told.json()["path_map"] == [["/staging", "/mnt/staging"], ["/", "/mnt/all"]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_sqlite_there_is_one_machine_and_the_refusal_says_how_there_may_be_more(
    client: httpx.AsyncClient,
) -> None:
    for path, body in (("invites", {}), ("register", {"code": "A", "name": "attic"})):
        refused = await client.post(f"/v1/hosts/{path}", json=body)
        assert refused.status_code == 409
        assert "PostgreSQL" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("commands", "says"),
    [
        ({"rip": {"dvd": "my-rip {input}"}}, "array"),
        ({"rip": {"dvd": []}}, "length"),
        ({"rip": {"dvd": ["my-rip", "{titel}"]}}, "There is no {titel}"),
        ({"rip": {"dwd": ["my-rip"]}}, "dvd, bluray"),
        ({"transcode": {"script": {"argv": ["encode.sh", "{source}"]}}}, "There is no {source}"),
        ({"transcode": {"script": {"argv": ["encode.sh"], "exit_codes": {"3": "meh"}}}}, "meh"),
        ({"transcode": {"script": {"argv": ["encode.sh"], "results": ["{nowhere}/*.mkv"]}}}, "nowhere"),
        ({"remux": {"tools": ["mkvmerge"]}}, "object"),
        ({"read": {"lsdvd": ["lsdvd"], "lsblk": ["x"]}}, "limit_seconds"),
    ],
)
async def test_commands_that_no_job_could_follow_are_refused_at_once(
    client: httpx.AsyncClient, database: Database, clock: SetClock, commands: dict[str, object], says: str
) -> None:
    async with database.write() as session:
        host_id = await service.own_host(session, clock.now(), "linux", "1")
    refused = await client.patch(f"/v1/hosts/{host_id}", json={"commands": commands})
    assert (refused.status_code, refused.json()["type"]) == (400, "urn:mediastead:problem:invalid-commands")
    assert says in refused.json()["detail"]
    assert (await client.get(f"/v1/hosts/{host_id}")).json()["commands"] == {}


async def test_how_discs_are_read_is_said_of_a_host_as_what_its_stages_run(
    client: httpx.AsyncClient, database: Database, clock: SetClock
) -> None:
    async with database.write() as session:
        host_id = await service.own_host(session, clock.now(), "linux", "1")
    commands = {
        "read": {"lsdvd": ["/opt/lsdvd", "-x", "{source}"]},
        "rip": {"dvd": ["my-rip", "--title={title}", "{{", "{input}", "{output}"], "tools": {"makemkvcon": "/opt/m"}},
        "transcode": {"script": {"argv": ["encode.sh", "{input}"], "exit_codes": {"3": "not_worth_it"}}},
    }
    assert (await client.patch(f"/v1/hosts/{host_id}", json={"commands": commands})).json()["commands"] == commands

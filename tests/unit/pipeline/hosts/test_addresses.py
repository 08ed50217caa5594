"""Where hosts are told that the database is."""

import pytest

from mediastead.pipeline.hosts.roles import url_for

SOCKET = "postgresql+psycopg://me:mine@/media?host=/run/postgresql"
NETWORK = "postgresql+psycopg://me:mine@db.local:5433/media"


@pytest.mark.parametrize(
    ("server", "address", "told"),
    [
        (NETWORK, "", "postgresql+psycopg://role:word@db.local:5433/media"),
        (NETWORK, "nas.local", "postgresql+psycopg://role:word@nas.local:5433/media"),
        (NETWORK, "nas.local:5432", "postgresql+psycopg://role:word@nas.local:5432/media"),
        (SOCKET, "nas.local:5432", "postgresql+psycopg://role:word@nas.local:5432/media"),
        (SOCKET, "", "postgresql+psycopg://role:word@/media?host=%2Frun%2Fpostgresql"),
    ],
)
def test_a_host_is_told_its_own_role_at_the_servers_address_or_at_the_one_that_was_set(
    server: str, address: str, told: str
) -> None:
    assert url_for(server, address, "role", "word") == told

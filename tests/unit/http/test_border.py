"""Which hosts are this machine."""

import pytest

from mediastead.http.border import is_loopback


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])
def test_loopback_is_this_machine_only(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.168.1.4", "example.org", "localhost.example.org", "127.0.0.1.example.org", "", "127.1x"],
)
def test_anything_else_is_beyond_loopback(host: str) -> None:
    assert not is_loopback(host)

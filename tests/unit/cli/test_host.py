"""What is said of hosts."""

import pytest

from mediastead.cli.host import way_to


@pytest.mark.parametrize(("port", "told"), [(9000, "9000"), (None, "PORT")])
def test_a_machine_is_told_the_port_at_which_the_server_listens(port: int | None, told: str) -> None:
    said = way_to(port)
    assert f"`ssh -L {told}:127.0.0.1:{told} THIS-SERVER`" in said
    assert f"--server http://127.0.0.1:{told}." in said

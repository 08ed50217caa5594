"""What is brought in and taken back where something is mounted in an inbox or a library: real mounts."""

import os
from pathlib import Path

import pytest

from ..commands import own_namespace, run_command


@pytest.mark.timeout(180)
def test_files_come_out_of_and_into_what_is_mounted_in_an_inbox_or_a_library(database_url: str, tmp_path: Path) -> None:
    namespace = own_namespace()
    if namespace is None or (namespace == "user" and database_url.startswith("postgresql")):
        pytest.skip("nothing can be mounted here, or the database cannot be reached from there")
    arguments, module = [database_url, str(tmp_path)], "tests.flow.organizing.mounting"
    done = run_command(arguments, env=os.environ, module=module, namespace=namespace, timeout=170)
    assert done.returncode == 0, done.stderr[-3000:]

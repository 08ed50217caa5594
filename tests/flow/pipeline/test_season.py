"""A season on four discs, inserted out of order, the server killed between them: each episode comes into the library once."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ...generators.bluray import press
from ...standin import KEY, StandIn
from ...standin.catalogue import Title
from ..servers import ServerProcess, environment_for, running_server, wait_until
from ..stages.media import needs

pytestmark = [needs("ffmpeg", "ffprobe", "mkvmerge"), pytest.mark.timeout(600)]

RUNTIMES = (44,) * 8
ON = {1: (1, 2), 2: (3, 4), 3: (5, 6), 4: (7, 8)}
"""Episodes by disc."""
MAKING_OF = 44 * 60 - 9
PLAY_ALL, COPY = 800, 801
"""Titles of the first disc."""
SCRIPT = """#!/bin/sh
# Somebody's own way to rip, told apart from others by what it says of scratched discs.
[ -e {scratched} ] && {{ echo "sector 1234 cannot be read: clean the disc"; exit 65; }}
for title in $PIPELINE_TITLES; do
    mkvmerge -q -o "title $(printf %02d "$title").mkv" "$PIPELINE_INPUT/BDMV/PLAYLIST/$(printf %05d "$title").mpls" || exit 1
done
"""


def soon(holds: Callable[[], bool]) -> None:
    wait_until(holds, seconds=200, every=0.25)


def length(episode: int) -> int:
    """Seconds: of each another, by so much that none is taken for a copy of the one before."""
    return RUNTIMES[episode - 1] * 60 + 5 * episode


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four discs in their box, by number."""
    box = tmp_path_factory.mktemp("box")
    for number, episodes in ON.items():
        lengths = {f"{episode:05}": length(episode) for episode in episodes}
        titles = {at: [clip] for at, clip in enumerate(lengths, start=1)}
        if number == 1:
            titles |= {PLAY_ALL: list(lengths), COPY: [f"{episodes[1]:05}"]}
        if number == 2:
            # Made as the episodes are, and before them.
            titles = {1: ["00099"], **{at + 1: clips for at, clips in titles.items()}}
            lengths["00099"] = MAKING_OF
        press(box / f"NORTHERN_LINES_S1_D{number}", lengths, titles)
    return box


class Season:
    """The server, its drives (a folder in which discs lie), and the item."""

    def __init__(self, server: ServerProcess, shelf: Path, drives: Path) -> None:
        self.server, self._shelf, self._drives = server, shelf, drives
        self.item_id = 0

    def insert(self, number: int) -> None:
        name = f"NORTHERN_LINES_S1_D{number}"
        (self._shelf / name).rename(self._drives / name)

    def take_out(self, number: int) -> None:
        name = f"NORTHERN_LINES_S1_D{number}"
        (self._drives / name).rename(self._shelf / name)

    def power_fails(self) -> None:
        self.server.kill()

    def power_is_back(self) -> None:
        self.server.start()

    def seen(self, number: int) -> dict[str, Any]:
        """The disc, when it was read."""
        name = f"/NORTHERN_LINES_S1_D{number}"

        def those() -> list[dict[str, Any]]:
            discs = self.server.every("/discs")
            return [each for each in discs if (each["source"] or "").endswith(name) and each["guess"]]

        soon(lambda: bool(those()))
        (disc,) = those()
        return disc

    def add(self, number: int) -> int:
        disc = self.seen(number)
        self.server.post(f"/pipeline-items/{self.item_id}/discs", {"disc_id": disc["id"]})
        return disc["id"]

    def shown(self) -> dict[str, Any]:
        return self.server.get(f"/pipeline-items/{self.item_id}")

    def disc(self, number: int) -> dict[str, Any]:
        return next(disc for disc in self.shown()["discs"] if disc["number"] == number)

    def episodes(self, number: int) -> dict[int, list[int]]:
        """By title, those that are to be ripped."""
        return {each["number"]: each["episodes"] for each in self.disc(number)["titles"] if each["selected"]}

    def question(self, number: int) -> dict[str, Any] | None:
        disc_id = self.disc(number)["id"]
        asked = [self.server.get(f"/approvals/{each}") for each in self.shown()["item"]["pending_approvals"]]
        return next((each for each in asked if each["disc_id"] == disc_id), None)

    def approve(self, number: int, *changes: dict[str, Any]) -> None:
        soon(lambda: self.question(number) is not None)
        asked = self.question(number)
        assert asked is not None
        answer = {"decision": "approve", **({"changes": {"titles": changes}} if changes else {})}
        self.server.post(f"/approvals/{asked['id']}/answer", answer)

    def until_in_library(self, number: int) -> None:
        soon(lambda: self.disc(number)["progress"] == 1.0)

    def progress(self) -> float:
        return self.shown()["item"]["progress"]

    def rips(self, number: int) -> list[dict[str, Any]]:
        disc_id = self.disc(number)["id"]
        return [job for job in self.shown()["jobs"] if (job["stage"], job["disc_id"]) == ("rip", disc_id)]


@pytest.fixture
def season(shelf: Path, tmp_path: Path) -> Iterator[Season]:
    series = Title("tv", 77001, "Northern Lines", "2011-03-04", seasons={1: len(RUNTIMES)}, runtimes=RUNTIMES)
    for folder in ("drives", "library"):
        (tmp_path / folder).mkdir()
    settings = {
        "MEDIASTEAD_METADATA": "tmdb",
        "MEDIASTEAD_TMDB_API_KEY": KEY,
        "MEDIASTEAD_DISC_FOLDERS": str(tmp_path / "drives"),
        "MEDIASTEAD_DISC_POLL_SECONDS": "1",
    }
    database = f"sqlite:///{tmp_path / 'data' / 'mediastead.db'}"
    (tmp_path / "data").mkdir()
    with StandIn() as tmdb:
        tmdb.titles.append(series)
        settings["MEDIASTEAD_TMDB_BASE_URL"] = tmdb.base_url
        with running_server(environment_for(database, tmp_path / "data", **settings)) as server:
            yield Season(server, shelf, tmp_path / "drives")


def seconds_of(file: Path) -> float:
    asked = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "json", str(file)]
    said = subprocess.run(asked, check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout
    return float(json.loads(said)["format"]["duration"])


def test_a_season_on_four_discs_goes_on_at_the_right_episode_whatever_happens_between_them(
    season: Season, tmp_path: Path
) -> None:
    server, library = season.server, tmp_path / "library"
    shelf = server.post("/libraries", {"name": "Series", "root": str(library), "kind": "series"})

    # The first disc says by itself what it is. Four are in the box.
    season.insert(1)
    first = season.seen(1)
    (candidate, *_) = first["guess"]["candidates"]
    assert (candidate["tmdb_id"], first["guess"]["season"], first["guess"]["number"]) == (77001, 1, 1)
    wanted = {"type": "series", "tmdb_id": candidate["tmdb_id"], "season": 1, "library_id": shelf["id"]}
    made = server.post("/pipeline-items", {**wanted, "disc_id": first["id"], "automatic": True})
    season.item_id = made["item"]["id"]
    for number in (2, 3, 4):
        server.post("/discs", {"item_id": season.item_id, "number": number, "kind": "bluray"})
    for stage in ("remux", "transcode"):
        server.post(f"/pipeline-items/{season.item_id}/skip", {"stage": stage})
    assert season.episodes(1) == {1: [1], 2: [2]}
    roles = {each["number"]: each["role"] for each in season.disc(1)["titles"]}
    assert (roles[PLAY_ALL], roles[COPY]) == ("play_all", "duplicate")
    assert season.progress() == 0.0
    season.approve(1)
    season.until_in_library(1)
    # Three discs of which nothing is known count as much as the one that is.
    assert season.progress() == pytest.approx(1 / 4)

    season.power_fails()
    season.take_out(1)
    season.insert(3)
    season.power_is_back()
    third = season.add(3)
    soon(lambda: not season.disc(1)["inserted"])
    assert season.episodes(3) == {1: [5], 2: [6]}
    soon(lambda: season.question(3) is not None)

    # Only now the second, which begins with something that looks like an episode.
    season.power_fails()
    season.insert(2)
    season.power_is_back()
    second = season.add(2)
    assert season.episodes(2) == {1: [3], 2: [4], 3: [5]}
    assert season.episodes(3) == {1: [6], 2: [7]}
    # What was taken for episode 3 is a film about the film: the others follow, on both discs.
    season.approve(2, {"number": 1, "role": "extra", "selected": False})
    assert season.episodes(2) == {2: [3], 3: [4]}
    assert season.episodes(3) == {1: [5], 2: [6]}
    # Killed while it rips; what it had half made is made anew.
    season.power_fails()
    season.power_is_back()
    season.until_in_library(2)
    known, done = sum(map(length, range(1, 7))), sum(map(length, range(1, 5)))
    assert season.progress() == pytest.approx(done / (known + known / 3), abs=0.0001)

    # The third is scratched, and its host rips by a script.
    scratched, script = tmp_path / "scratched", tmp_path / "rip.sh"
    scratched.touch()
    script.write_text(SCRIPT.format(scratched=scratched))
    script.chmod(0o755)
    (host,) = server.every("/hosts")
    commands = {"rip": {"script": {"argv": [str(script)]}}}
    server.client.patch(f"/v1/hosts/{host['id']}", json={"commands": commands}).raise_for_status()
    season.approve(3)
    soon(lambda: season.disc(3)["state"] == "failed")
    assert "clean the disc" in season.disc(3)["error"]
    assert season.progress() == pytest.approx(done / (known + known / 3), abs=0.0001)
    season.power_fails()
    season.take_out(3)
    scratched.unlink()
    season.power_is_back()
    soon(lambda: not season.disc(3)["inserted"])
    season.insert(3)
    soon(lambda: season.disc(3)["inserted"])
    assert (season.seen(3)["id"], season.disc(3)["state"]) == (third, "failed")
    assert [rip["state"] for rip in season.rips(3)] == ["failed"]
    server.post(f"/discs/{third}/again")
    season.until_in_library(3)
    assert season.progress() == pytest.approx(known / (known + known / 3), abs=0.0001)

    season.power_fails()
    season.take_out(2)
    season.insert(4)
    season.power_is_back()
    season.add(4)
    assert season.episodes(4) == {1: [7], 2: [8]}
    season.approve(4)
    soon(lambda: season.shown()["item"]["state"] == "in_library")
    assert season.progress() == 1.0
    assert [disc["number"] for disc in season.shown()["discs"]] == [1, 2, 3, 4]
    assert season.disc(2)["id"] == second

    # Each episode is there once, and is what it is called.
    soon(lambda: len(server.every("/media-files")) == len(RUNTIMES))
    soon(lambda: all(file["identification"] == "matched" for file in server.every("/media-files")))
    files = server.every("/media-files")
    assert {file["item"]["tmdb_id"] for file in files} == {77001}
    places = {file["episodes"][0]["number"]: library / file["path"] for file in files if len(file["episodes"]) == 1}
    assert sorted(places) == list(range(1, len(RUNTIMES) + 1))
    for episode, place in places.items():
        assert round(seconds_of(place)) == length(episode), f"{place.name} is another episode"
    assert len(list(library.rglob("*.mkv"))) == len(RUNTIMES)

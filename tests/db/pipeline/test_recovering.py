"""What the database lost is rebuilt from the folders that items were made in."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.pipeline.discs.models import Disc, DiscState, DiscTitle
from mediastead.pipeline.items import queries
from mediastead.pipeline.items.models import ItemState, ItemType, PipelineItem
from mediastead.pipeline.items.service import NewItem
from mediastead.pipeline.jobs.models import JobState, Stage, StageJob
from mediastead.pipeline.jobs.numbering import number_above
from mediastead.pipeline.jobs.roots import MARKER
from mediastead.pipeline.marking import mark_item
from mediastead.pipeline.recovering import recover
from mediastead.pipeline.rules import Rules
from mediastead.pipeline.runner import Flow
from mediastead.pipeline.schemas import Recovered
from mediastead.pipeline.service import give_up, skip_stage, start_stage
from mediastead.pipeline.stages.markers import highest_job_beneath

from .jobs_shelf import JobShelf
from .making import a_disc, an_item, item_of, titles_of
from .working import work_off

A_JOB: dict[str, Any] = {
    "stage": Stage.RIP,
    "state": JobState.COMPLETED,
    "tries_left": 1,
    "capability": "rip:dvd",
    "work": {},
    "directory": b"/staging",
    "actor": "local",
}
SEASON = NewItem(type=ItemType.SERIES, name="Firefly", season=1, requires=("organize_confirm",))


async def again(database: Database, clock: SetClock, root: Path, *, dry_run: bool = False) -> Recovered:
    return await recover(database, clock, Rules(staging_roots=(str(root),)), "local", dry_run=dry_run)


async def all_items(database: Database) -> list[PipelineItem]:
    async with database.read() as session:
        return list((await session.execute(select(PipelineItem).order_by(PipelineItem.id))).scalars())


async def a_ripped_season(database: Database, clock: SetClock, root: Path) -> int:
    """With files where its titles say, and its folder marked."""
    item_id = await an_item(database, clock, SEASON, root=root)
    await a_disc(database, clock, item_id, label="FIREFLY_S1_D1", fingerprint=b"f" * 16)
    async with database.write() as session:
        await start_stage(session, clock.now(), Rules(), "local", item_id, None, again=False)
    await work_off(database, clock, Stage.RIP)
    for title in await titles_of(database):
        assert title.file is not None
        put(title.file)
    await mark_item(database, item_id, ())
    return item_id


def put(file: bytes) -> None:
    path = Path(os.fsdecode(file))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"film")


def remove(file: bytes) -> None:
    Path(os.fsdecode(file)).unlink()


async def lose(database: Database) -> None:
    async with database.write() as session:
        for table in (StageJob, DiscTitle, Disc, PipelineItem):
            await session.execute(delete(table))


async def test_an_item_that_the_database_lost_goes_on_where_it_was(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    former = await a_ripped_season(database, clock, tmp_path)
    folder = (await item_of(database, former)).folder
    assert (await again(database, clock, tmp_path)).items == [], "what the database knows is left alone"
    files = [title.file for title in await titles_of(database)]
    await lose(database)

    dry = await again(database, clock, tmp_path, dry_run=True)
    assert [(each.name, each.item_id, each.words) for each in dry.items] == [
        ("Firefly", None, "1 discs, 2 titles with files")
    ]
    assert await all_items(database) == []

    (found,) = (await again(database, clock, tmp_path)).items
    (item,) = await all_items(database)
    assert (item.id, item.name, item.season, item.state) == (found.item_id, "Firefly", 1, ItemState.RIPPED)
    assert (item.folder, item.requires) == (folder, "organize_confirm")
    assert [(title.file, title.done, title.episodes) for title in await titles_of(database)] == [
        (files[0], "rip", [1]),
        (files[1], "rip", [2]),
    ]
    async with database.read() as session:
        (disc,) = (await queries.discs_of(session, [item.id]))[item.id]
    assert (disc.state, disc.label, disc.fingerprint) == (DiscState.RIPPED, "FIREFLY_S1_D1", b"f" * 16)
    assert (await again(database, clock, tmp_path)).items == []
    async with database.read() as session:
        (_, ripped) = await queries.transitions_of(session, item.id)
    assert (ripped.to_state, ripped.trigger.value, ripped.actor) == ("ripped", "manual", "local")
    assert "found in the staging folder" in (ripped.notes or "")


async def test_what_was_ripped_is_not_overwritten_by_a_job_of_a_database_that_counts_from_one_again(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    await a_ripped_season(database, clock, tmp_path)
    await lose(database)
    async with database.write() as session:
        session.add(StageJob(**A_JOB, created_at=clock.now()))
        await session.flush()
        await session.execute(delete(StageJob))
    folder = tmp_path / "Firefly" / "Season 01" / ".rip" / "700-2"
    folder.mkdir()
    await again(database, clock, tmp_path)
    shelf = JobShelf(database)
    assert await shelf.job(Stage.RIP, clock.now()) == 701
    assert await shelf.job(Stage.RIP, clock.now()) == 702
    async with database.write() as session:
        await number_above(session, 5)
    assert await shelf.job(Stage.RIP, clock.now()) == 703
    assert highest_job_beneath([str(tmp_path), "/nowhere"]) == 700


async def test_a_title_whose_file_is_gone_is_to_be_ripped_again(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    await a_ripped_season(database, clock, tmp_path)
    gone = (await titles_of(database))[1].file
    await lose(database)
    assert gone is not None
    remove(gone)
    assert [each.words for each in (await again(database, clock, tmp_path)).items] == ["1 discs, 1 titles with files"]
    assert [title.done for title in await titles_of(database)] == ["rip", None]
    (item,) = await all_items(database)
    assert item.state is ItemState.NEW


async def test_ripped_files_without_a_word_about_them_are_named_by_their_folder_and_asked_about(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    for path in (
        "Alien (1979)/.rip/7-1/half.mkv",
        "Alien (1979)/.rip/7-2/Alien (1979).mkv",
        "Alien (1979)/.rip/x/a.mkv",
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).touch()
    (tmp_path / "holidays").mkdir()
    (found,) = (await again(database, clock, tmp_path)).items
    assert found.name == "Alien"
    (item,) = await all_items(database)
    assert (item.type, item.name, item.year, item.safe_name) == (ItemType.MOVIE, "Alien", 1979, "Alien (1979)")
    assert item.requires == "remux_review,organize_confirm"
    (title,) = await titles_of(database)
    assert title.file == os.fsencode(tmp_path / "Alien (1979)/.rip/7-2/Alien (1979).mkv")


async def test_what_was_given_up_or_is_broken_is_not_taken_up(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    item_id = await a_ripped_season(database, clock, tmp_path)
    async with database.write() as session:
        await give_up(session, clock.now(), Rules(), "local", item_id, None)
    await mark_item(database, item_id, ())
    await lose(database)
    assert (await again(database, clock, tmp_path)).items == []
    season = tmp_path / "Firefly" / "Season 01"
    (season / ".pipeline" / "metadata.json").write_text("{")
    shutil.rmtree(season / ".rip")
    (told,) = (await again(database, clock, tmp_path)).items
    assert told.item_id is None and "neither metadata.json nor ripped files" in told.words
    assert (await again(database, clock, tmp_path / "no such root")).items == []


async def test_files_that_a_script_marked_are_taken_up_as_far_as_its_markers_say(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    film = tmp_path / "Alien (1979)"
    for second, name in enumerate(("rip.mkv", ".pipeline/rip.done", "title_t01.mkv", ".pipeline/remux.done")):
        put(os.fsencode(film / name))
        os.utime(film / name, (1_000_000, 1_000_000 + 10 * second))
    put(os.fsencode(tmp_path / "Heat (1995)" / "heat.mkv"))
    put(os.fsencode(tmp_path / "Heat (1995)" / ".pipeline" / "filebot.done"))
    (found,) = (await again(database, clock, tmp_path)).items
    assert (found.name, found.words) == ("Alien", "1 discs, 1 titles with files")
    (title,) = await titles_of(database)
    assert (title.file, title.done) == (os.fsencode(film / "title_t01.mkv"), "remux")


async def test_files_are_found_where_the_staging_root_is_now_and_broken_words_about_them_stop_nothing_else(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    await a_ripped_season(database, clock, tmp_path / "old")
    await lose(database)
    (tmp_path / "old").rename(tmp_path / "new")
    put(os.fsencode(tmp_path / "new" / "Alien (1979)" / ".pipeline" / "metadata.json"))
    (tmp_path / "new" / "Alien (1979)" / ".pipeline" / "metadata.json").write_text('{"form": 1, "discs": [7]}')
    told = (await again(database, clock, tmp_path / "new")).items
    assert "is not as it was written" in told[0].words and told[1].words == "1 discs, 2 titles with files"
    files = [Path(os.fsdecode(title.file or b"")) for title in await titles_of(database)]
    assert [file.is_file() for file in files] == [True, True]


async def test_what_a_person_skipped_or_gave_up_is_marked_by_the_server_and_not_taken_up_again(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    rules = Rules(staging_roots=(str(tmp_path),))
    (tmp_path / MARKER).touch()
    flow = Flow(database, clock, lambda: rules)
    item_id = await a_ripped_season(database, clock, tmp_path)
    await flow.look(again=False)
    async with database.write() as session:
        await skip_stage(session, clock.now(), rules, "local", item_id, Stage.REMUX)
    await flow.look(again=False)
    assert (tmp_path / "Firefly" / "Season 01" / ".pipeline" / "remux.done").exists()
    async with database.write() as session:
        await give_up(session, clock.now(), rules, "local", item_id, None)
    await flow.look(again=False)
    await lose(database)
    assert (await again(database, clock, tmp_path)).items == []


async def test_names_that_are_no_utf_8_are_taken_up_as_they_are_shown(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    folder = os.path.join(bytes(tmp_path), b"Am\xe9lie (2001)")
    put(folder + b"/.rip/7-1/Am\xe9lie.mkv")
    put(os.path.join(bytes(tmp_path), b"Alien (1979)/.rip/8-1/Alien.mkv"))
    told = (await again(database, clock, tmp_path)).items
    assert [each.name for each in told] == ["Alien", "Am\ufffdlie"]
    (_, title) = await titles_of(database)
    assert (title.file, title.name) == (folder + b"/.rip/7-1/Am\xe9lie.mkv", "Am\ufffdlie")


async def test_a_disc_that_was_rejected_is_not_asked_for_again(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    item_id = await a_ripped_season(database, clock, tmp_path)
    await a_disc(database, clock, item_id, number=None, state=DiscState.REJECTED)
    await mark_item(database, item_id, ())
    await lose(database)
    (found,) = (await again(database, clock, tmp_path)).items
    assert found.words == "1 discs, 2 titles with files"
    (item,) = await all_items(database)
    assert item.state is ItemState.RIPPED


async def test_files_elsewhere_are_nobodys_results_whatever_a_folder_says_of_them(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    await a_ripped_season(database, clock, tmp_path / "staging")
    await lose(database)
    for name in ("private.mkv", "also.mkv"):
        put(bytes(tmp_path / name))
    metadata = tmp_path / "staging" / "Firefly" / "Season 01" / ".pipeline" / "metadata.json"
    told = json.loads(metadata.read_bytes())
    titles = told["discs"][0]["titles"]
    titles[0]["file"] = bytes(tmp_path / "private.mkv").hex()
    titles[1]["file"] = bytes(tmp_path / "staging/Firefly/Season 01/.rip/../../../../also.mkv").hex()
    metadata.write_text(json.dumps(told))
    (found,) = (await again(database, clock, tmp_path / "staging")).items
    assert found.words == "1 discs, 0 titles with files"


async def test_what_cannot_be_so_stops_nothing_else(database: Database, clock: SetClock, tmp_path: Path) -> None:
    await a_ripped_season(database, clock, tmp_path)
    await lose(database)
    season = tmp_path / "Firefly" / "Season 01" / ".pipeline" / "metadata.json"
    good = json.loads(season.read_bytes())
    for name, wrong in {
        "year": {"year": "soon"},
        "name": {"name": 7},
        "discs": {"discs": [good["discs"][0], good["discs"][0]]},
        "titles": {"discs": [good["discs"][0] | {"titles": [good["discs"][0]["titles"][0]] * 2}]},
        "half": {"discs": [good["discs"][0] | {"label": "\ud800"}]},
    }.items():
        put(bytes(tmp_path / name / ".pipeline" / "metadata.json"))
        (tmp_path / name / ".pipeline" / "metadata.json").write_text(json.dumps(good | {"edition": name} | wrong))
    told = (await again(database, clock, tmp_path)).items
    assert {Path(each.folder).name: each.item_id is not None for each in told} == {
        "Season 01": True,
        **dict.fromkeys(("year", "name", "discs", "titles", "half"), False),
    }

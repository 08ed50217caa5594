"""The stage `organize`: a result comes into a library once, however often it is asked for, and only when it is sound."""

import asyncio
import os
from pathlib import Path

import pytest

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.files.types import Role
from mediastead.pipeline.stages import organize
from mediastead.pipeline.stages.errors import NothingToOrganize, ResultNotSound
from mediastead.pipeline.stages.parameters import OrganizeParameters, Sound
from mediastead.probing import read_fingerprint

from ...db.organizing.house import make_house
from ...db.organizing.test_staging import NEW, OLD, Stage
from .media import copied, film, needs

pytestmark = needs("ffmpeg", "ffprobe")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("made") / "film.mkv", seconds=3)


@pytest.fixture
async def stage(database: Database, clock: SetClock, tmp_path: Path) -> Stage:
    return Stage(await make_house(database, clock, tmp_path / "media"), tmp_path / "item" / ".transcode" / "7-1")


def sound(file: Path) -> Sound:
    taken = read_fingerprint(bytes(file))
    return Sound(size=taken.size, fingerprint=(taken.value or b"").hex(), duration_seconds=3.0)


async def begin(stage: Stage, attempt: int, parameters: OrganizeParameters, file: Path) -> int:
    return await organize.begin(
        stage.database, stage.clock, "a person", 7, attempt, parameters, bytes(file), staging_roots=["/staging"]
    )


async def test_a_file_that_is_made_anew_keeps_its_id_and_its_former_content_goes_to_the_trash(
    stage: Stage, made: Path
) -> None:
    file_id = await stage.furnish()
    new = copied(made, stage.folder / "out.mkv")
    parameters = OrganizeParameters(number=1, replaces_file_id=file_id, checked=sound(new))
    asked = await begin(stage, 1, parameters, new)
    # A server that died before it wrote that down asks again; so does the next attempt.
    assert await begin(stage, 1, parameters, new) == asked
    assert await begin(stage, 2, parameters, new) == asked
    assert (await organize.end(stage.database, asked)).state == "running"
    done = await stage.do(asked)
    assert (done.state, done.file_id, done.path) == ("done", file_id, os.fsencode(NEW))
    # The staged file is gone by now, and it is known what became of it.
    assert await begin(stage, 3, parameters, new) == asked
    root = stage.house.shelf.root
    assert sound(root / NEW) == sound(made)
    assert OLD not in stage.house.disk()
    imported = (await stage.imports())[-1]
    assert imported.evidence is not None
    assert imported.evidence["stage_job_id"] == 7


@pytest.mark.parametrize("spoilt", ["truncated", "changed", "gone"])
async def test_an_original_stays_where_its_replacement_is_not_sound(stage: Stage, made: Path, spoilt: str) -> None:
    file_id = await stage.furnish()
    new = copied(made, stage.folder / "out.mkv")
    known = sound(new)
    if spoilt == "gone":
        await asyncio.to_thread(new.unlink)
    else:
        await asyncio.to_thread(os.truncate, new, known.size // 2)
    if spoilt == "truncated":
        known = sound(new)  # whoever measured it says so of half a film
    parameters = OrganizeParameters(number=1, replaces_file_id=file_id, checked=known)
    with pytest.raises(ResultNotSound, match="Nothing was brought in"):
        await begin(stage, 1, parameters, new)
    assert OLD in stage.house.disk()


async def test_a_new_file_comes_in_where_the_library_says_and_another_attempt_asks_anew_after_a_refusal(
    stage: Stage, made: Path
) -> None:
    await stage.furnish()
    new = copied(made, stage.folder / "out.mkv")
    wanted = OrganizeParameters(
        number=1,
        library_id=stage.house.shelf.library_id,
        media_item_id=stage.item,
        role=Role.FEATURE,
        edition="Director's Cut",
        checked=sound(new),
    )
    with pytest.raises(NothingToOrganize, match="choose both"):
        await begin(stage, 1, OrganizeParameters(number=1, checked=sound(new)), new)
    first = await begin(stage, 1, wanted, new)
    await asyncio.to_thread(new.unlink)
    assert (await stage.do(first)).state == "not_done"
    again = copied(made, stage.folder / "out.mkv")
    assert await begin(stage, 1, wanted, again) == first
    second = await begin(stage, 2, wanted, again)
    assert second != first
    done = await stage.do(second)
    assert (done.state, "Director's Cut" in os.fsdecode(done.path or b"")) == ("done", True)


async def test_several_servers_ask_for_a_result_at_one_moment_and_it_is_organized_once(
    stage: Stage, made: Path
) -> None:
    file_id = await stage.furnish()
    new = copied(made, stage.folder / "out.mkv")
    parameters = OrganizeParameters(number=1, replaces_file_id=file_id, checked=sound(new))
    asked = await asyncio.gather(*(begin(stage, 1, parameters, new) for _ in range(3)))
    assert len(set(asked)) == 1

"""The stage `remux` with the real programs."""

import asyncio
import os
from pathlib import Path

import pytest

from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.jobs.work import StageFailed, Stopped
from mediastead.pipeline.stages.measuring import Track, measure
from mediastead.pipeline.stages.parameters import RemuxParameters
from mediastead.pipeline.stages.presets import TrackRules
from mediastead.pipeline.stages.remux import remux
from mediastead.pipeline.stages.tools import Tools

from .media import KeptReport, entries, film, made, needs, run, work_for

pytestmark = needs("ffmpeg", "ffprobe", "mkvmerge")

RULES = TrackRules(audio=["de", "original"], subtitles=["de"])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    (folder / "cover.ttf").write_bytes(b"a font")
    more = ("-attach", str(folder / "cover.ttf"), "-metadata:s:t", "mimetype=application/x-truetype-font")
    more += ("-metadata:s:a:3", "title=Director's commentary")
    sound, subtitles = ("fre", "eng", "ger", "ger"), ("ger", "eng!", "ger!", "fre")
    return film(folder / "film.mkv", sound=sound, subtitles=subtitles, chapters=True, more=more)


def summary(tracks: list[Track]) -> list[str]:
    flags = ("default", "forced", "commentary")
    return [
        " ".join([track.kind[:3], track.language or "-", *(flag for flag in flags if getattr(track, flag))])
        for track in tracks
        if track.kind in ("audio", "subtitle")
    ]


@pytest.mark.parametrize("program", ["mkvmerge", "ffmpeg"])
async def test_the_wanted_tracks_with_their_flags_chapters_and_attachments_stay(
    source: Path, tmp_path: Path, program: str
) -> None:
    parameters = RemuxParameters(number=3, name="Show - S01E03", tracks=RULES, original_language="en")
    commands = {} if program == "mkvmerge" else {"tools": {"mkvmerge": "/nowhere/mkvmerge"}}
    work, report = work_for(Stage.REMUX, tmp_path, source, parameters, **commands), KeptReport()
    result = await remux(work, report)
    (file,) = made(work, result)
    assert (file.name, result.files[0].title, result.facts["program"]) == ("Show - S01E03.mkv", 3, program)
    found = await measure(Tools(work, KeptReport(), "remux"), bytes(file))
    assert summary(found.tracks) == [
        "aud en",
        "aud de default",
        "aud de commentary",
        "sub de",
        "sub en forced",
        "sub de default forced",
    ]
    assert found.chapters == 2
    assert [track.kind for track in found.tracks][-1] == "other"  # the font
    assert report.shares == sorted(report.shares)
    assert report.shares[-1] == pytest.approx(1, abs=0.02)


async def test_a_second_run_makes_the_same_again_and_leaves_nothing_else(source: Path, tmp_path: Path) -> None:
    work = work_for(Stage.REMUX, tmp_path, source, RemuxParameters(number=1, name="Film (1999)", tracks=RULES))
    left = Path(os.fsdecode(work.directory))
    (left / "Film (1999).mkv").write_bytes(b"half")
    (left / "rest").mkdir()
    (left / "rest" / "of it").write_bytes(b"x")
    assert made(work, await remux(work, KeptReport())) == entries(work)


async def test_names_that_no_program_takes_are_taken(source: Path, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(bytes(tmp_path) + b"/-\xff|film.mkv"))
    await asyncio.to_thread(odd.symlink_to, source)
    work = work_for(Stage.REMUX, tmp_path, odd, RemuxParameters(number=1, name="../a/b: c?"))
    (file,) = made(work, await remux(work, KeptReport()))
    assert file.name == "_a_b_ c_.mkv"


async def test_a_format_that_mkvmerge_does_not_take_is_copied_by_ffmpeg(source: Path, tmp_path: Path) -> None:
    nut = tmp_path / "film.nut"
    run("ffmpeg", "-v", "error", "-i", source, "-map", "0:v", "-map", "0:a:0", "-c", "copy", nut)
    work = work_for(Stage.REMUX, tmp_path, nut, RemuxParameters(number=1, name="Film"))
    assert (await remux(work, KeptReport())).facts["program"] == "ffmpeg"


async def test_an_input_that_is_gone_or_broken_ends_in_a_sentence(source: Path, tmp_path: Path) -> None:
    work = work_for(Stage.REMUX, tmp_path, tmp_path / "gone.mkv", RemuxParameters(number=1))
    with pytest.raises(StageFailed, match=r"gone.mkv is not there: is it mounted") as gone:
        await remux(work, KeptReport())
    assert gone.value.retry
    (tmp_path / "broken.mkv").write_bytes(b"no film at all" * 100)
    work = work_for(Stage.REMUX, tmp_path, tmp_path / "broken.mkv", RemuxParameters(number=1))
    with pytest.raises(StageFailed, match="cannot be read") as broken:
        await remux(work, KeptReport())
    assert not broken.value.retry


async def test_a_stop_ends_it(source: Path, tmp_path: Path) -> None:
    work, report = work_for(Stage.REMUX, tmp_path, source, RemuxParameters(number=1)), KeptReport()
    report.stop()
    with pytest.raises(Stopped):
        await remux(work, report)

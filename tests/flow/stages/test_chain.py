"""From a DVD image to a small file, each stage working on what the one before made."""

import asyncio
from pathlib import Path

from msgspec import structs

from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.stages.handlers import HOST_HANDLERS
from mediastead.pipeline.stages.measuring import measure
from mediastead.pipeline.stages.parameters import (
    Limits,
    RemuxParameters,
    RipParameters,
    TranscodeParameters,
    rip_title,
)
from mediastead.pipeline.stages.presets import AudioRule, PresetBody, TrackRules, VideoRule
from mediastead.pipeline.stages.tools import Tools
from mediastead.pipeline.stages.verifying import verify_result

from .discs import dvd_folder, dvd_image
from .media import KeptReport, made, needs, work_for
from .test_rip import titles_on

pytestmark = needs("ffmpeg", "ffprobe", "mkvmerge", "dvdauthor", "spumux", "genisoimage", "dvdbackup", "lsdvd")

RULES = TrackRules(audio=["de"], subtitles=["de"])


async def test_an_episode_comes_from_its_disc_with_picture_sound_and_subtitles(tmp_path: Path) -> None:
    folder = await asyncio.to_thread(dvd_folder, tmp_path, subtitles=True)
    image = await asyncio.to_thread(dvd_image, folder, tmp_path / "disc.iso")
    *_, three = await titles_on(image)
    name = "Show - S01E03"
    small = PresetBody(
        video=VideoRule(codec="h264", crf=35, speed="ultrafast"), audio=AudioRule(codec="aac"), tracks=RULES
    )
    stages = {
        Stage.RIP: RipParameters(kind="dvd", titles=[rip_title(name, three)]),
        Stage.REMUX: RemuxParameters(number=3, name=name, tracks=RULES),
        Stage.TRANSCODE: TranscodeParameters(number=3, name=name, preset=small, limits=Limits(larger=2)),
    }
    file, work = image, None
    for stage, parameters in stages.items():
        work = work_for(stage, tmp_path, file, parameters)
        result = await HOST_HANDLERS[stage](work, KeptReport())
        assert await verify_result(work.directory, result) is None
        assert [one.title for one in result.files] == [3]
        (file,) = made(work, result)
    assert work is not None
    look = structs.replace(work, directory=bytes(tmp_path))
    found = await measure(Tools(look, KeptReport(), "transcode"), bytes(file))
    assert [(track.kind, track.codec, track.language) for track in found.tracks] == [
        ("video", "h264", None),
        ("audio", "aac", "de"),
        ("subtitle", "dvd_subtitle", "de"),
    ]
    assert (file.name, found.chapters, round(found.seconds or 0)) == (f"{name}.mkv", 2, 6)

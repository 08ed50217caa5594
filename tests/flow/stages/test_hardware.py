"""What other machines have: a disc in a drive, MakeMKV, the encoders of a graphics card. `make hardware` says what was tried.

    MEDIASTEAD_TEST_DISC=/dev/sr0 make hardware

Without a disc those tests are skipped that need one. Of the encoders each is tried that works here, at least that in software.
"""

import os
import shutil
from pathlib import Path
from typing import Literal

import pytest

from mediastead.pipeline.discs.facts import TitleFacts
from mediastead.pipeline.discs.looking import Looker
from mediastead.pipeline.discs.models import DiscKind
from mediastead.pipeline.discs.reading import read_source
from mediastead.pipeline.discs.tools import Tools as ReadingTools
from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.stages import transcode as transcoding
from mediastead.pipeline.stages.encoding import ENCODED, SOFTWARE
from mediastead.pipeline.stages.measuring import measure
from mediastead.pipeline.stages.parameters import Limits, RipParameters, TranscodeParameters, rip_title
from mediastead.pipeline.stages.presets import AudioRule, PresetBody, VideoRule
from mediastead.pipeline.stages.rip import rip
from mediastead.pipeline.stages.tools import Tools
from mediastead.pipeline.stages.transcode import encoders_for, transcode

from .media import KeptReport, film, made, needs, work_for

READERS = {"the free programs": ReadingTools(makemkvcon=()), "MakeMKV": ReadingTools(lsdvd=())}
SHORTEST = 20.0
"""Seconds of a title that is worth to be ripped."""
HDR = (
    *("-c:v", "libx265", "-preset", "ultrafast", "-crf", "5", "-pix_fmt", "yuv420p10le"),
    *("-x265-params", "log-level=error:hdr10=1:max-cll=1000,400"),
    *("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"),
)


@pytest.fixture
def disc() -> Path:
    given = os.environ.get("MEDIASTEAD_TEST_DISC")
    if not given:
        pytest.skip("needs a disc: `MEDIASTEAD_TEST_DISC=/dev/sr0 make hardware`")
    return Path(given)


@needs("ffmpeg", "ffprobe")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("reader", READERS)
async def test_the_shortest_title_of_a_disc_is_ripped_as_long_as_it_is(disc: Path, reader: str, tmp_path: Path) -> None:
    if reader == "MakeMKV" and shutil.which("makemkvcon") is None:
        pytest.skip("makemkvcon is not installed")
    looker = Looker()
    try:
        seen = await read_source(bytes(disc), READERS[reader], looker)
    finally:
        await looker.stop()
    assert seen.facts is not None, seen.error
    assert seen.fingerprint is not None
    title = min((each for each in seen.facts.titles if each.duration >= SHORTEST), key=_length)
    parameters = RipParameters(
        kind="dvd" if seen.facts.kind is DiscKind.DVD else "bluray", titles=[rip_title("Title", title)]
    )
    work, report = work_for(Stage.RIP, tmp_path, disc, parameters), KeptReport()
    result = await rip(work, report)
    (file,) = made(work, result)
    found = await measure(Tools(work, report, "rip"), bytes(file))
    assert found.seconds == pytest.approx(title.duration, rel=0.02, abs=2)
    assert len(found.of("audio")) == len(title.audio)
    print(f"{reader}: title {title.number} of {len(seen.facts.titles)} of {seen.label}, {result.facts}")


def _length(title: TitleFacts) -> float:
    return title.duration


@needs("ffmpeg", "ffprobe")
@pytest.mark.parametrize(
    ("codec", "hdr"), [("h264", False), ("h265", False), ("h265", True), ("av1", False), ("av1", True)]
)
async def test_every_encoder_that_works_here_makes_what_the_preset_promises(
    codec: Literal["h264", "h265", "av1"], hdr: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = film(tmp_path / "film.mkv", seconds=2, size="320x240", more=HDR if hdr else ())
    video = VideoRule(codec=codec, crf=30, hardware=True, bits=10 if hdr else 8, hdr="keep")
    body = PresetBody(video=video, audio=AudioRule(codec="aac"))
    parameters = TranscodeParameters(number=1, name="Film", preset=body, limits=Limits(larger=100))
    looking = work_for(Stage.TRANSCODE, tmp_path / "look", source, parameters)
    working = await encoders_for(Tools(looking, KeptReport(), "transcode"), codec, hardware=True)
    assert working[-1] == SOFTWARE[codec]
    for encoder in working:
        monkeypatch.setattr(transcoding, "HARDWARE", {codec: (encoder,)})
        work, report = work_for(Stage.TRANSCODE, tmp_path / encoder, source, parameters), KeptReport()
        result = await transcode(work, report)
        (file,) = made(work, result)
        found = await measure(Tools(work, report, "transcode"), bytes(file))
        assert result.facts["encoder"] == encoder, report.lines
        assert found.picture is not None
        assert found.picture.codec == ENCODED[codec]
        assert (found.picture.hdr is not None) is hdr
        print(f"{encoder}, {'HDR10' if hdr else 'SDR'}: {result.facts['ratio']:.0%} in {result.facts['seconds']} s")

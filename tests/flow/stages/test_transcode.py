"""The stage `transcode` with real ffmpeg."""

import asyncio
import contextlib
import subprocess
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.jobs.work import HostUnfit, NotWorthIt, StageFailed, Stopped
from mediastead.pipeline.stages.measuring import Measured, measure
from mediastead.pipeline.stages.parameters import Limits, TranscodeParameters
from mediastead.pipeline.stages.presets import AudioRule, PresetBody, VideoRule, preset_hash
from mediastead.pipeline.stages.tools import Tools
from mediastead.pipeline.stages.transcode import transcode
from mediastead.probing import read_fingerprint

from .media import KeptReport, copied, entries, film, made, needs, work_for

pytestmark = needs("ffmpeg", "ffprobe")

SMALL = PresetBody(video=VideoRule(codec="h264", crf=40, speed="ultrafast"), audio=AudioRule(codec="aac"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    return film(folder / "film.mkv", sound=("eng", "ger"), subtitles=("eng", "ger!"), chapters=True, size="128x96")


def parameters(body: PresetBody, **limits: float) -> TranscodeParameters:
    return TranscodeParameters(number=2, name="Film (1999)", preset=body, limits=Limits(**limits))


async def probed(file: Path) -> Measured:
    folder = file.parent / "look"
    folder.mkdir(exist_ok=True)
    work = work_for(Stage.TRANSCODE, folder, None, parameters(SMALL))
    return await measure(Tools(work, KeptReport(), "transcode"), bytes(file))


async def test_picture_and_sound_are_encoded_and_all_else_is_kept(source: Path, tmp_path: Path) -> None:
    body = PresetBody(
        video=VideoRule(codec="h264", bitrate_kbps=50, speed="ultrafast", max_width=64, max_height=64),
        audio=AudioRule(codec="aac"),
    )
    work, report = work_for(Stage.TRANSCODE, tmp_path, source, parameters(body, larger=5)), KeptReport()
    result = await transcode(work, report)
    (file,) = made(work, result)
    found = await probed(file)
    picture = found.picture
    assert picture is not None
    assert (picture.codec, picture.width, picture.height) == ("h264", 64, 48)
    assert [(track.codec, track.language) for track in found.of("audio")] == [("aac", "en"), ("aac", "de")]
    assert [(track.language, track.forced) for track in found.of("subtitle")] == [("en", False), ("de", True)]
    assert found.chapters == 2
    assert (result.files[0].title, result.facts["encoder"]) == (2, "libx264")
    assert result.files[0].fingerprint == (read_fingerprint(bytes(file)).value or b"").hex()
    assert 0 < result.facts["ratio"] < 1
    assert report.shares == sorted(report.shares)


async def test_hdr_is_kept_where_the_preset_keeps_it_and_a_hardware_encoder_that_is_not_there_is_passed_over(
    tmp_path: Path,
) -> None:
    display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
    hdr = (
        "-pix_fmt",
        "yuv420p10le",
        "-x265-params",
        f"log-level=error:hdr10=1:master-display={display}:max-cll=1000,400",
    )
    colors = ("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
    source = film(
        tmp_path / "hdr.mkv",
        seconds=3,
        codec=("-c:v", "libx265", "-preset", "ultrafast", "-crf", "5"),
        more=(*hdr, *colors),
    )
    before = (await probed(source)).picture
    assert before is not None
    assert before.hdr == "HDR10"
    kept = PresetBody(video=VideoRule(codec="h265", crf=40, speed="ultrafast", bits=10, hdr="keep", hardware=True))
    work = work_for(Stage.TRANSCODE, tmp_path, source, parameters(kept, larger=5))
    result = await transcode(work, KeptReport())
    (file,) = made(work, result)
    after = (await probed(file)).picture
    assert after is not None
    assert (after.hdr, after.bits, result.facts["encoder"]) == ("HDR10", 10, "libx265")
    shown = await asyncio.to_thread(first_frame, file)
    assert "max_content=1000" in shown
    assert "red_x=34000/50000" in shown
    flat = PresetBody(video=VideoRule(codec="h264", crf=40, speed="ultrafast", hdr="tonemap"))
    work = work_for(Stage.TRANSCODE, tmp_path, source, parameters(flat, larger=5))
    (file,) = made(work, await transcode(work, KeptReport()))
    after = (await probed(file)).picture
    assert after is not None
    assert (after.hdr, after.bits) == (None, 8)


async def test_a_result_that_is_larger_than_it_is_worth_is_discarded_and_tells_of_what(
    source: Path, tmp_path: Path
) -> None:
    large = PresetBody(video=VideoRule(codec="h264", crf=0, speed="ultrafast"), audio=AudioRule(codec="flac"))
    work = work_for(Stage.TRANSCODE, tmp_path, source, parameters(large))
    with pytest.raises(NotWorthIt, match="the source stays") as said:
        await transcode(work, KeptReport())
    known = read_fingerprint(bytes(source))
    assert (said.value.facts["size"], said.value.facts["fingerprint"]) == (known.size, (known.value or b"").hex())
    assert said.value.facts["preset_hash"] == preset_hash(large).hex()
    assert said.value.facts["ratio"] > 0.95
    assert entries(work) == []


async def test_a_stop_ends_everything_within_seconds(source: Path, tmp_path: Path) -> None:
    slow = PresetBody(video=VideoRule(codec="av1", crf=20, speed="0", bits=10, hdr="keep", max_width=None))
    long = film(tmp_path / "long.mkv", seconds=60, size="320x240")
    work, report = work_for(Stage.TRANSCODE, tmp_path, long, parameters(slow)), KeptReport()
    at_work = asyncio.create_task(transcode(work, report))
    while not any(b"libsvtav1" in command_of(pid) for pid in report.pids):
        assert not at_work.done()
        await asyncio.sleep(0.05)
    began = time.monotonic()
    report.stop()
    with pytest.raises(Stopped):
        await at_work
    assert time.monotonic() - began < 12
    assert not any(command_of(pid) for pid in report.pids)


async def test_an_input_that_vanishes_meanwhile_ends_in_a_sentence(source: Path, tmp_path: Path) -> None:
    """A copy that is cut short while it is read, as by a share that goes away."""
    copy = copied(source, tmp_path / "film.mkv")
    work = work_for(Stage.TRANSCODE, tmp_path, copy, parameters(SMALL, larger=5))

    class Cutting(KeptReport):
        def started(self, pid: int) -> None:
            super().started(pid)
            if b"libx264" in command_of(pid):
                copy.unlink(missing_ok=True)

    with pytest.raises(StageFailed, match=r"is not there|not there any more|cannot be read"):
        await transcode(work, Cutting())


@pytest.fixture
def full_disk(tmp_path: Path) -> Generator[Path]:
    """A disk of 600 kB, for as long as the test takes."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("NOT TESTED, because no disk can be mounted here")
    yield folder
    with contextlib.suppress(OSError):
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_ends_in_a_sentence_and_is_the_hosts_fault(tmp_path: Path, full_disk: Path) -> None:
    long = film(tmp_path / "long.mkv", seconds=10, size="64x48")
    body = PresetBody(video=VideoRule(codec="h264", crf=0, speed="ultrafast"), audio=AudioRule(codec="flac"))
    work = work_for(Stage.TRANSCODE, full_disk, long, parameters(body, larger=9))
    await asyncio.to_thread((full_disk / "rest").write_bytes, bytes(400_000))
    with pytest.raises(HostUnfit, match="The disk of the staging root is full"):
        await transcode(work, KeptReport())


def first_frame(file: Path) -> str:
    options = ["-v", "error", "-show_frames", "-read_intervals", "%+#1", "-select_streams", "v"]
    return subprocess.run(["ffprobe", *options, str(file)], capture_output=True, text=True, check=True).stdout


def command_of(pid: int) -> bytes:
    """Empty where there is no such process any more."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""

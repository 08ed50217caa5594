"""Results that are no results: truncated, lying, silent, too short, without what was promised."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs

from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.jobs.work import CapabilityLost, Result
from mediastead.pipeline.stages.checking import (
    Promised,
    check,
    faults_of_published,
    listen,
    result_file,
)
from mediastead.pipeline.stages.measuring import measure
from mediastead.pipeline.stages.parameters import Limits, RemuxParameters
from mediastead.pipeline.stages.tools import Tools
from mediastead.pipeline.stages.verifying import verify_result

from .media import KeptReport, copied, film, needs, run, work_for

pytestmark = needs("ffmpeg", "ffprobe")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(
        tmp_path_factory.mktemp("good") / "film.mkv", seconds=12, sound=("eng", "ger"), subtitles=("eng", "ger!")
    )


@pytest.fixture(scope="module")
def promised(good: Path, tmp_path_factory: pytest.TempPathFactory) -> Promised:
    """What a result of the good file must have."""

    async def look() -> Promised:
        tools = tools_in(tmp_path_factory.mktemp("look"))
        before = await measure(tools, bytes(good))
        return Promised(
            seconds=before.seconds, tracks=before.tracks, loudest=await listen(tools, bytes(good), before.seconds or 0)
        )

    return asyncio.run(look())


def tools_in(folder: Path) -> Tools:
    return Tools(work_for(Stage.REMUX, folder, None, RemuxParameters(number=1)), KeptReport(), "remux")


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    return tools_in(tmp_path)


async def test_a_sound_file_has_no_faults(tools: Tools, good: Path, promised: Promised) -> None:
    found = await check(tools, bytes(good), promised, Limits())
    assert found.faults == []
    assert 11.5 < found.reached < 12.5
    assert [(track.kind, track.language, track.forced) for track in found.measured.tracks] == [
        ("video", None, False),
        ("audio", "en", False),
        ("audio", "de", False),
        ("subtitle", "en", False),
        ("subtitle", "de", True),
    ]


def empty(_: Path, target: Path) -> None:
    target.write_bytes(b"")


def cut_in_half(good: Path, target: Path) -> None:
    """Its header claims the whole length."""
    target.write_bytes(good.read_bytes()[: good.stat().st_size // 2])


def zeros_from_the_middle(good: Path, target: Path) -> None:
    """The right size and length, as of a copy onto a full or broken disk."""
    half = good.stat().st_size // 2
    target.write_bytes(good.read_bytes()[:half] + bytes(good.stat().st_size - half))


def nonsense(_: Path, target: Path) -> None:
    target.write_bytes(b"this is no film " * 1000)


def too_short(_: Path, target: Path) -> None:
    film(target, seconds=9, sound=("eng", "ger"), subtitles=("eng", "ger!"))


def too_long(_: Path, target: Path) -> None:
    film(target, seconds=30, sound=("eng", "ger"), subtitles=("eng", "ger!"))


def silent(good: Path, target: Path) -> None:
    run("ffmpeg", "-v", "error", "-i", good, "-map", "0", "-c", "copy", "-c:a", "ac3", "-af", "volume=0", target)


def without_sound(good: Path, target: Path) -> None:
    run("ffmpeg", "-v", "error", "-i", good, "-map", "0:v", "-map", "0:s", "-c", "copy", target)


def one_sound_less(good: Path, target: Path) -> None:
    run("ffmpeg", "-v", "error", "-i", good, "-map", "0:v", "-map", "0:a:0", "-map", "0:s", "-c", "copy", target)


def not_forced_any_more(good: Path, target: Path) -> None:
    run("ffmpeg", "-v", "error", "-i", good, "-map", "0", "-c", "copy", "-disposition:s:1", "0", target)


def without_picture(good: Path, target: Path) -> None:
    run("ffmpeg", "-v", "error", "-i", good, "-map", "0:a", "-map", "0:s", "-c", "copy", target)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (empty, "is empty"),
        (nonsense, "cannot be read"),
        (cut_in_half, "truncated"),
        (zeros_from_the_middle, "truncated"),
        (too_short, "too short"),
        (too_long, "too long"),
        (silent, "silent"),
        (without_sound, "lacks 1 audio track in en"),
        (one_sound_less, "lacks 1 audio track in de"),
        (not_forced_any_more, "lacks 1 forced subtitle track in de"),
        (without_picture, "no picture"),
    ],
)
async def test_a_file_that_is_no_result_is_told_by_what_is_wrong_with_it(
    tools: Tools, good: Path, promised: Promised, tmp_path: Path, spoil: Callable[[Path, Path], None], says: str
) -> None:
    target = tmp_path / "result.mkv"
    spoil(good, target)
    assert says in " ".join((await check(tools, bytes(target), promised, Limits())).faults)


async def test_a_file_of_which_the_picture_is_broken_is_no_result(tools: Tools, good: Path, tmp_path: Path) -> None:
    """The packets are all there, with the right times; what is in them is noise."""
    target = tmp_path / "result.mkv"
    run("ffmpeg", "-v", "error", "-i", good, "-map", "0", "-c", "copy", "-bsf:v", "noise=amount=3", target)
    assert "cannot be decoded" in " ".join((await check(tools, bytes(target), Promised(), Limits())).faults)


async def test_hdr_that_was_promised_and_is_not_there_is_a_fault(tools: Tools, good: Path) -> None:
    found = await check(tools, bytes(good), Promised(hdr="HDR10"), Limits())
    assert found.faults == ["Its picture is without HDR, and HDR10 was promised."]


async def test_a_host_that_lies_is_found_out_by_whoever_looks_at_its_result(
    tools: Tools, good: Path, tmp_path: Path
) -> None:
    directory = tmp_path / "attempt"
    directory.mkdir()
    target = copied(good, directory / "film.mkv")
    file = await result_file(
        bytes(target), bytes(directory), 1, await check(tools, bytes(target), Promised(), Limits())
    )
    assert await faults_of_published(tools, bytes(directory), Result(files=[file])) == []
    assert await faults_of_published(tools, bytes(directory), Result()) != []
    asked = {1: (file.duration_seconds or 0.0) * 2, 2: None}
    assert [
        fault.split(":")[0] for fault in await faults_of_published(tools, bytes(directory), Result(files=[file]), asked)
    ] == [
        "film.mkv is too short",
        "No file is named for title 2.",
    ]
    outside = structs.replace(file, path="../../film.mkv")
    assert "outside" in (await faults_of_published(tools, bytes(directory), Result(files=[outside])))[0]
    cut_in_half(good, target)
    (said,) = await faults_of_published(tools, bytes(directory), Result(files=[file]))
    assert "is not the file that was checked" in said
    assert "is not the file that was checked" in (await verify_result(bytes(directory), Result(files=[file])) or "")
    # It says the truth about size and content, and the content is half a film.
    half = await result_file(
        bytes(target), bytes(directory), 1, await check(tools, bytes(target), Promised(), Limits())
    )
    assert "truncated" in " ".join(await faults_of_published(tools, bytes(directory), Result(files=[half])))


async def test_a_host_without_ffprobe_loses_the_capability_and_says_what_to_install(tmp_path: Path, good: Path) -> None:
    commands = {"tools": {"ffprobe": "/nowhere/ffprobe"}}
    tools = Tools(work_for(Stage.REMUX, tmp_path, None, RemuxParameters(number=1), **commands), KeptReport(), "remux")
    with pytest.raises(CapabilityLost, match="ffprobe is not there at /nowhere/ffprobe: install it") as lost:
        await measure(tools, bytes(good))
    assert lost.value.capability == "remux"

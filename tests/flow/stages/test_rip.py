"""The stage `rip`: a DVD by the free programs, MakeMKV's messages by a stand-in, and a host's own command."""

import os
import stat
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mediastead.pipeline.discs.facts import Reader, TitleFacts
from mediastead.pipeline.discs.looking import Looker
from mediastead.pipeline.discs.reading import read_source
from mediastead.pipeline.discs.tools import Tools as ReadingTools
from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.jobs.work import CapabilityLost, HostUnfit, NotThere, Result, StageFailed, Work
from mediastead.pipeline.stages.inserted import disc_of
from mediastead.pipeline.stages.measuring import measure
from mediastead.pipeline.stages.parameters import RipParameters, RipTitle, rip_title
from mediastead.pipeline.stages.rip import rip
from mediastead.pipeline.stages.tools import Tools

from ...generators.bluray import Item, playlist, write_bdmv
from .discs import dvd_folder, dvd_image
from .media import KeptReport, entries, film, made, needs, work_for

by_free_programs = needs("ffmpeg", "ffprobe", "dvdauthor", "genisoimage", "dvdbackup", "lsdvd")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dvd_folder(tmp_path_factory.mktemp("dvd"))


@pytest.fixture(scope="module")
def image(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dvd_image(folder, tmp_path_factory.mktemp("image") / "disc.iso")


async def titles_on(source: Path) -> tuple[TitleFacts, ...]:
    """As the disc is read before it is ripped."""
    looker = Looker()
    try:
        seen = await read_source(bytes(source), ReadingTools(), looker)
    finally:
        await looker.stop()
    assert seen.facts is not None, seen.error
    return seen.facts.titles


async def tracks_of(work: Work, file: Path) -> list[tuple[str, str, str | None]]:
    found = await measure(Tools(work, KeptReport(), "rip:dvd"), bytes(file))
    return [(track.kind, track.codec, track.language) for track in found.tracks]


@by_free_programs
async def test_the_titles_of_a_dvd_come_out_as_they_are_each_with_its_own_length(image: Path, tmp_path: Path) -> None:
    _, two, three = await titles_on(image)
    parameters = RipParameters(kind="dvd", titles=[rip_title("Show - S01E01", two), rip_title("", three)])
    work, report = work_for(Stage.RIP, tmp_path, image, parameters), KeptReport()
    result = await rip(work, report)
    first, second = made(work, result)
    assert (first.name, second.name, result.facts["program"]) == ("Show - S01E01.mkv", "title 03.mkv", "dvdbackup")
    assert [file.title for file in result.files] == [2, 3]
    assert [round(file.duration_seconds or 0) for file in result.files] == [3, 6]
    assert await tracks_of(work, second) == [
        ("video", "mpeg2video", None),
        ("audio", "ac3", "en"),
        ("audio", "ac3", "de"),
    ]
    chapters = (await measure(Tools(work, KeptReport(), "rip:dvd"), bytes(second))).chapters
    assert chapters == 2
    assert entries(work) == sorted([first, second])
    assert report.shares == sorted(report.shares)


@by_free_programs
async def test_a_folder_is_read_where_it_lies_also_in_small_letters_and_twice(folder: Path, tmp_path: Path) -> None:
    lower = tmp_path / "a|b" / "video_ts"
    lower.mkdir(parents=True)
    for file in (folder / "VIDEO_TS").iterdir():
        (lower / file.name.lower()).symlink_to(file)
    one, *_ = await titles_on(folder)
    work = work_for(Stage.RIP, tmp_path, lower.parent, RipParameters(kind="dvd", titles=[rip_title("One", one)]))
    await rip(work, KeptReport())
    result = await rip(work, KeptReport())
    assert result.facts["program"] == "ffmpeg"
    (file,) = made(work, result)
    assert entries(work) == [file]


@by_free_programs
async def test_a_disc_of_which_a_part_is_missing_fails_with_the_reason(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "disc" / "VIDEO_TS"
    broken.mkdir(parents=True)
    for file in (folder / "VIDEO_TS").iterdir():
        content = file.read_bytes()
        (broken / file.name).write_bytes(content[: len(content) // 2] if file.name == "VTS_02_1.VOB" else content)
    *_, three = await titles_on(folder)
    work = work_for(Stage.RIP, tmp_path, broken.parent, RipParameters(kind="dvd", titles=[rip_title("Three", three)]))
    with pytest.raises(StageFailed, match=r"titleset 2 ends after \d+ sectors"):
        await rip(work, KeptReport())


STANDIN = """#!{python}
import shutil, sys
print('MSG:1005,0,1,"MakeMKV v1.17.7 linux started","%1 started","MakeMKV v1.17.7"')
print('PRGT:5024,0,"Saving all titles to MKV files"')
print('PRGC:5017,0,"Saving to MKV file"')
for done in (0, 32768, 65536):
    print(f"PRGV:{{done}},{{done}},65536")
{body}
"""


def makemkv(folder: Path, body: str) -> dict[str, Any]:
    """A program that speaks like makemkvcon; `sys.argv[-1]` is where the file goes."""
    program = folder / "makemkvcon"
    program.write_text(STANDIN.format(python=sys.executable, body=body))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"tools": {"makemkvcon": str(program)}}


async def ripped(folder: Path, body: str, report: KeptReport) -> tuple[Work, Result]:
    source = film(folder / "source.mkv", seconds=3)
    (folder / "disc.iso").write_bytes(b"encrypted" * 100)
    body = body.replace("SOURCE", repr(str(source)))
    titles = [RipTitle(number=0, name="Film", duration=3, audio=["en"])]
    parameters = RipParameters(kind="bluray", reader=Reader.MAKEMKV, titles=titles)
    work = work_for(Stage.RIP, folder, folder / "disc.iso", parameters, **makemkv(folder, body))
    return work, await rip(work, report)


@needs("ffmpeg", "ffprobe")
async def test_makemkv_is_followed_by_its_messages(tmp_path: Path) -> None:
    body = "shutil.copy(SOURCE, sys.argv[-1] + '/B1_t00.mkv')\nprint(sys.argv[1:])\n"
    body += """print('MSG:5036,260,1,"Copy complete. 1 titles saved.","Copy complete. %1 titles saved.","1"')"""
    report = KeptReport()
    work, result = await ripped(tmp_path, body, report)
    (file,) = made(work, result)
    assert (file.name, entries(work)) == ("Film.mkv", [file])
    said = [text for _, text in report.lines]
    assert "Saving to MKV file" in said
    assert any(f"'mkv', 'iso:{tmp_path}/disc.iso', '0'" in text for text in said)
    assert [share for share in report.shares if share <= 0.8][:3] == [0, 0.4, 0.8]


@needs("ffmpeg", "ffprobe")
@pytest.mark.parametrize(
    ("message", "raised", "says"),
    [
        (
            'MSG:5055,0,0,"Evaluation period has expired, shareware functionality unavailable.","x"',
            CapabilityLost,
            "new key",
        ),
        (
            'MSG:5021,260,1,"This application version is too old.","x","http://www.makemkv.com/"',
            CapabilityLost,
            "newer",
        ),
        (
            """MSG:2003,0,3,"Error 'Scsi error - MEDIUM ERROR' occurred while reading '/dev/sr0'","x"\\n"""
            'MSG:5003,0,2,"Failed to save title 0 to file t00.mkv","x","0","t00.mkv"',
            StageFailed,
            "clean the disc",
        ),
        ('MSG:5037,516,2,"Copy complete. 0 titles saved, 1 failed.","x","0","1"', StageFailed, "1 failed"),
        ('MSG:5010,0,0,"Failed to open disc","Failed to open disc"', StageFailed, "Failed to open disc"),
        (
            """MSG:2019,0,3,"Error 'Posix error - No space left on device' occurred while creating 'x'","x"\\n"""
            'MSG:5003,0,2,"Failed to save title 0 to file t00.mkv","x","0","t00.mkv"',
            HostUnfit,
            "is full",
        ),
        ('MSG:5036,260,1,"Copy complete. 1 titles saved.","x","1"', StageFailed, "made 0 files"),
    ],
)
async def test_what_makemkv_fails_with_is_told_in_words_and_an_expired_key_is_the_hosts_matter(
    tmp_path: Path, message: str, raised: type[Exception], says: str
) -> None:
    """It ends with 0 whatever happened, as the real one does."""
    with pytest.raises(raised, match=says) as said:
        await ripped(tmp_path, f"print({message!r}.replace(chr(92) + 'n', chr(10)))", KeptReport())
    if isinstance(said.value, CapabilityLost):
        assert said.value.capability == "rip:bluray:makemkv"


@needs("ffmpeg", "ffprobe")
async def test_a_command_of_the_host_takes_the_place_of_all_that(tmp_path: Path) -> None:
    """What a disc is called is one argument, whatever is in it."""
    source = film(tmp_path / "source.mkv", seconds=3)
    disc = tmp_path / "a; touch pwned $(touch pwned).iso"
    disc.write_bytes(b"x" * 1000)
    script = tmp_path / "my-rip.sh"
    script.write_text('#!/bin/sh\necho "50%"\necho "taking $1"\ncp "$2" "$3"\n')
    script.chmod(0o755)
    commands = {"dvd": [str(script), "title {title} of {input}", str(source), "{output}"]}
    titles = [RipTitle(number=7, name="Film", duration=3)]
    work, report = (
        work_for(Stage.RIP, tmp_path, disc, RipParameters(kind="dvd", titles=titles), **commands),
        KeptReport(),
    )
    result = await rip(work, report)
    (file,) = made(work, result)
    assert file.name == "Film.mkv"
    assert ("info", f"taking title 7 of {disc}") in report.lines
    assert not any(entry.name == "pwned" for entry in entries(work))
    assert report.shares[0] == pytest.approx(0.4)


async def test_parameters_that_are_not_understood_are_refused_for_good(tmp_path: Path) -> None:
    work = work_for(Stage.RIP, tmp_path, None, RipParameters(kind="dvd", titles=[RipTitle(number=1)]))
    with pytest.raises(StageFailed, match="same version") as refused:
        await rip(msgspec.structs.replace(work, parameters={"kind": "cassette"}), KeptReport())
    assert not refused.value.retry


async def test_a_disc_that_was_taken_out_ends_in_a_sentence(tmp_path: Path) -> None:
    gone = Path(os.fsdecode(bytes(tmp_path / "gone")))
    work = work_for(Stage.RIP, tmp_path, gone, RipParameters(kind="dvd", titles=[RipTitle(number=1)]))
    with pytest.raises(NotThere, match="put the disc back there, or into another drive"):
        await rip(work, KeptReport())


async def test_another_disc_in_the_place_of_the_wanted_one_is_not_ripped(tmp_path: Path) -> None:
    disc = tmp_path / "disc"
    write_bdmv(disc, {800: playlist([Item("00001", 600)], [0])}, {"00001": 1_000})
    looker = Looker()
    try:
        own = (await looker.structure(bytes(disc))).fingerprint
    finally:
        await looker.stop()
    assert own is not None
    titles = [RipTitle(number=1)]
    parameters = RipParameters(kind="bluray", titles=titles, label="FIREFLY_D2", fingerprint=own.hex())
    assert await disc_of(bytes(disc), parameters) == bytes(disc)
    other = msgspec.structs.replace(parameters, fingerprint="00" * 16)
    with pytest.raises(NotThere, match=r"Another disc lies in .*: put the disc FIREFLY_D2 back there"):
        await rip(work_for(Stage.RIP, tmp_path, disc, other), KeptReport())

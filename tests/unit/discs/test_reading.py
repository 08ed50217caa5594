"""Titles of images, folders and what is neither, read with the real tools and with one that stands in for MakeMKV."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mediastead.pipeline.discs.facts import Audio, Reader, Seen, Subtitle
from mediastead.pipeline.discs.looking import Looker
from mediastead.pipeline.discs.models import DiscKind
from mediastead.pipeline.discs.reading import read_source
from mediastead.pipeline.discs.tools import Tools, tools_of

from ...generators.bluray import Item, playlist, write_bdmv
from ...generators.dvd import image_of

STANDIN = (sys.executable, str(Path(__file__).parents[2] / "standin" / "makemkvcon.py"), "-r", "info", "{source}")
WITHOUT_MAKEMKV = Tools(makemkvcon=())
WITH_MAKEMKV = Tools(makemkvcon=STANDIN)


async def read(path: Path, looker: Looker, tools: Tools = WITHOUT_MAKEMKV) -> Seen:
    return await read_source(os.fsencode(path), tools, looker)


async def test_an_image_of_a_dvd_is_read_whole(dvd: Path, looker: Looker) -> None:
    seen = await read(dvd / "disc.iso", looker)
    assert seen.facts is not None
    assert (seen.kind, seen.label, seen.facts.reader) == (DiscKind.DVD, "FIREFLY_S1_D1", Reader.LSDVD)
    assert [(each.number, each.duration) for each in seen.facts.titles] == [(1, 12.0), (2, 14.0), (3, 26.0), (4, 5.0)]
    first, second, both, short = seen.facts.titles
    assert first.chapters == (4.2, 3.6, 4.2)
    assert first.audio == (
        Audio(language="en", codec="ac3", channels=1),
        Audio(language="de", codec="ac3", channels=1, commentary=True),
    )
    assert both.segments == first.segments + second.segments
    assert not set(short.segments) & set(both.segments)
    vobs = sum(each.stat().st_size for each in (dvd / "disc" / "VIDEO_TS").glob("VTS_01_[1-9].VOB"))
    assert both.size == vobs == (first.size or 0) + (second.size or 0)


async def test_image_and_folders_of_one_pressing_are_one_disc_and_another_is_not(
    dvd: Path, other_dvd: Path, tmp_path: Path, looker: Looker
) -> None:
    lower = tmp_path / "copy" / "video_ts"
    shutil.copytree(dvd / "disc" / "VIDEO_TS", lower)
    for each in list(lower.iterdir()):
        each.rename(each.with_name(each.name.lower()))
    places = (dvd / "disc.iso", dvd / "disc", dvd / "disc" / "VIDEO_TS", lower)
    known = {(await looker.structure(os.fsencode(place))).fingerprint for place in places}
    assert len(known) == 1
    (one,) = known
    assert one is not None and len(one) == 16
    assert (await looker.structure(os.fsencode(other_dvd / "disc.iso"))).fingerprint not in (one, None)


async def test_an_info_file_that_is_gone_is_read_from_its_backup(dvd: Path, tmp_path: Path, looker: Looker) -> None:
    copy = tmp_path / "disc"
    shutil.copytree(dvd / "disc", copy)
    (copy / "VIDEO_TS" / "VTS_01_0.IFO").unlink()
    (copy / "VIDEO_TS" / "VIDEO_TS.IFO").write_bytes(b"")
    whole = await looker.structure(os.fsencode(dvd / "disc"))
    assert await looker.structure(os.fsencode(copy)) == whole


async def test_odd_labels_and_paths_do_not_stand_in_the_way(dvd: Path, tmp_path: Path, looker: Looker) -> None:
    folder = tmp_path / "odd & <dir> 'x' ü"
    folder.mkdir()
    image_of(dvd / "disc", folder / "a&b.iso", "A & B <\"x'> 1")
    seen = await read(folder / "a&b.iso", looker)
    assert seen.label == "A & B <\"x'> 1"
    assert seen.facts is not None and len(seen.facts.titles) == 4


async def test_what_is_no_disc_says_what_to_do(tmp_path: Path, looker: Looker) -> None:
    (tmp_path / "film.iso").write_bytes(b"x" * 100_000)
    (tmp_path / "empty").mkdir()
    for name in ("film.iso", "empty"):
        seen = await read(tmp_path / name, looker)
        assert seen.facts is None and "install it" in (seen.error or "")
    assert "not there any more" in ((await read(tmp_path / "none.iso", looker)).error or "")


async def test_a_dvd_that_is_cut_off_is_an_error_and_no_exception(dvd: Path, tmp_path: Path, looker: Looker) -> None:
    content = (dvd / "disc.iso").read_bytes()
    for size in (40_000, 700_000, len(content) // 2):
        (tmp_path / "cut.iso").write_bytes(content[:size])
        seen = await read(tmp_path / "cut.iso", looker)
        assert (seen.facts is None) == bool(seen.error)


async def test_without_any_tool_a_dvd_is_known_but_not_read(dvd: Path, looker: Looker) -> None:
    seen = await read(dvd / "disc.iso", looker, Tools(lsdvd=("no-such-lsdvd",), makemkvcon=()))
    assert seen.kind is DiscKind.DVD and seen.fingerprint
    assert "install the package `lsdvd`" in (seen.error or "")


async def test_a_bdmv_folder_is_read_without_any_tool(tmp_path: Path, looker: Looker) -> None:
    write_bdmv(
        tmp_path,
        {
            800: playlist([Item("00011", 1800.5), Item("00012", 900)], [0, 600, 1800.5, 2000], ("eng", "ger")),
            801: playlist([Item("00011", 1800.5)], [0]),
        },
        {"00011": 4_000_000, "00012": 2_000_000},
    )
    seen = await read(tmp_path, looker)
    assert seen.facts is not None and seen.facts.reader is Reader.BDMV
    long, short = seen.facts.titles
    assert (long.number, long.duration, long.size) == (800, 2700.5, 6_000_000)
    assert long.chapters == (600.0, 1200.5, 199.5, 700.5)
    assert long.segments == ("00011", "00012")
    assert long.video is not None and (long.video.codec, long.video.height, long.video.fps) == ("h264", 1080, 23.976)
    assert [each.language for each in long.audio] == ["en", "de"]
    assert long.subtitles == (Subtitle(language="en", codec="pgs"),)
    assert short.segments == ("00011",)


async def test_a_broken_playlist_leaves_the_others(tmp_path: Path, looker: Looker) -> None:
    whole = playlist([Item("00011", 60)], [0])
    write_bdmv(tmp_path, {1: whole, 2: whole[:70], 3: b"", 4: b"MPLS0200" + b"\xff" * 200}, {"00011": 1000})
    seen = await read(tmp_path, looker)
    assert seen.facts is not None and [each.number for each in seen.facts.titles] == [1]


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="not installed: ffprobe")
def test_libbluray_reads_our_playlists_as_we_do(tmp_path: Path) -> None:
    write_bdmv(
        tmp_path, {7: playlist([Item("00011", 900), Item("00012", 450)], [0, 30])}, {"00011": 600_000, "00012": 600_000}
    )
    said = subprocess.run(
        ["ffprobe", "-v", "info", f"bluray:{tmp_path}"], capture_output=True, text=True, check=False
    ).stderr
    if "Protocol not found" in said:
        pytest.skip("this ffprobe was built without libbluray")
    assert "playlist 00007.mpls (0:22:30)" in said


async def test_makemkv_says_what_only_it_can_read(tmp_path: Path, looker: Looker) -> None:
    (tmp_path / "blu.iso").write_bytes(b"")
    seen = await read(tmp_path / "blu.iso", looker, WITH_MAKEMKV)
    assert seen.facts is not None and seen.fingerprint is not None
    assert (seen.kind, seen.label, seen.facts.name) == (
        DiscKind.BLURAY,
        "SHOW_S2_D1",
        'The "Show", Season 2: Disc 1',
    )
    both, first, _, extra = seen.facts.titles
    assert (both.number, both.duration, len(both.chapters), both.size) == (0, 5286.0, 14, 12_000_000_000)
    assert (both.source, both.file, both.segments) == ("00800.mpls", "Show_t00.mkv", ("11", "12"))
    # The core within the DTS-HD track is no track of its own.
    assert [(each.language, each.channels, each.commentary) for each in first.audio] == [
        ("en", 8, False),
        ("de", 2, True),
    ]
    assert first.subtitles == (Subtitle(language="de", codec="pgs", forced=True),)
    assert first.video is not None and (first.video.width, first.video.fps) == (1920, 23.976)
    assert extra.segments == ("20", "22", "23", "24")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("expired.iso", "enter a key with `makemkvcon reg KEY`"),
        ("locked.iso", "MEDIUM ERROR"),
        ("silent.iso", "MakeMKV could not read"),
    ],
)
async def test_what_makemkv_cannot_read_says_why(tmp_path: Path, looker: Looker, name: str, words: str) -> None:
    (tmp_path / name).write_bytes(b"")
    seen = await read(tmp_path / name, looker, WITH_MAKEMKV)
    assert seen.facts is None and words in (seen.error or "") and "discs again" in (seen.error or "")


async def test_a_tool_that_does_not_end_is_ended(tmp_path: Path, looker: Looker) -> None:
    (tmp_path / "slow.iso").write_bytes(b"")
    seen = await read(tmp_path / "slow.iso", looker, Tools(makemkvcon=STANDIN, limit_seconds=0.5))
    assert "did not end within" in (seen.error or "")


def test_a_host_may_call_the_tools_otherwise() -> None:
    tools = tools_of({"makemkvcon": "flatpak run makemkvcon -r info {source}", "lsdvd": [], "rip": "x"})
    assert tools.makemkvcon[:2] == ("flatpak", "run") and tools.lsdvd == () and tools.eject == Tools().eject

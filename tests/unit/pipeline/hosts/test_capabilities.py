"""What a machine finds that it can do, with tools that a test put there."""

import sys
from pathlib import Path

import pytest

from mediastead.pipeline.hosts.capabilities import Capability, find_capabilities

ENCODERS = """Encoders:
 V..... = Video
 ------
 V....D libx264              H.264
 V....D h264_nvenc           NVIDIA
 A....D aac                  AAC
"""


def tool(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin" if sys.platform == "darwin" else str(tmp_path))
    return tmp_path


async def found(commands: dict[str, object] | None = None, drives: list[str] | None = None) -> dict[str, Capability]:
    return {each.name: each for each in await find_capabilities(commands or {}, drives or [])}


@pytest.mark.usefixtures("tools")
async def test_a_machine_without_tools_can_do_nothing_and_says_what_to_install() -> None:
    able = await found()
    assert not any(each.available for each in able.values())
    assert {"rip:dvd", "rip:bluray", "remux", "transcode"} <= set(able)
    assert all(each.reason and ("install" in each.reason) for each in able.values())


async def test_an_encoder_that_is_built_in_but_has_no_hardware_is_not_available(tools: Path) -> None:
    tool(tools, "ffprobe", "exit 0")
    tool(
        tools,
        "ffmpeg",
        f"""case "$*" in
*-encoders*) printf '%s' '{ENCODERS}';;
*nvenc*) echo 'Cannot load libcuda.so.1' >&2; exit 1;;
*) echo 'ffmpeg version 7';;
esac""",
    )
    able = await found()
    assert able["transcode"].available
    assert able["transcode:libx264"].available
    assert not able["transcode:h264_nvenc"].available
    assert "libcuda" in (able["transcode:h264_nvenc"].reason or "")
    assert "transcode:aac" not in able


async def test_a_key_of_makemkv_that_has_expired_takes_what_needs_makemkv_and_no_more(tools: Path) -> None:
    line = 'MSG:5055,0,0,"Evaluation period has expired.","Evaluation period has expired."'
    tool(tools, "makemkvcon", f"echo '{line}'; exit 253")
    tool(tools, "dvdbackup", "exit 0")
    tool(tools, "mkvmerge", "exit 0")
    able = await found()
    for kind in ("dvd", "bluray"):
        assert able[f"rip:{kind}"].available
        assert not able[f"rip:{kind}:makemkv"].available
        assert "Evaluation period has expired." in (able[f"rip:{kind}:makemkv"].reason or "")
    tool(tools, "makemkvcon", 'echo \'MSG:1005,0,1,"MakeMKV started","%1 started","MakeMKV"\'; exit 0')
    able = await found()
    assert able["rip:bluray:makemkv"].available and able["rip:dvd:makemkv"].available


async def test_with_makemkv_alone_a_disc_that_free_programs_have_read_waits(tools: Path) -> None:
    tool(tools, "makemkvcon", "exit 0")
    able = await found()
    assert able["rip:dvd:makemkv"].available
    assert "apt-get install dvdbackup" in (able["rip:dvd"].reason or "")
    assert "mkvmerge" in (able["rip:bluray"].reason or "")


async def test_commands_that_a_person_wrote_down_count_where_their_program_is_there(tools: Path) -> None:
    tool(tools, "my-rip", "exit 0")
    commands: dict[str, object] = {
        "rip": {"dvd": ["my-rip", "{input}"], "bluray": ["gone"]},
        "transcode": {"script": {"argv": ["my-rip"]}},
    }
    able = await found(commands)
    for of in ("", ":makemkv"):
        assert able[f"rip:dvd{of}"].available
        assert not able[f"rip:bluray{of}"].available and "gone" in (able[f"rip:bluray{of}"].reason or "")
    assert able["script:transcode"].available


async def test_a_drive_that_is_not_there_is_named(tools: Path) -> None:
    (tools / "sr0").touch()
    able = await found(drives=[str(tools / "sr0"), str(tools / "sr1")])
    assert able[f"drive:{tools / 'sr0'}"].available
    assert able[f"drive:{tools / 'sr1'}"].reason == f"{tools / 'sr1'} cannot be read: connect it."

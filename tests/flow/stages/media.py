"""Small media files, made by ffmpeg: 64 by 48 points, a few seconds, with everything that real ones have."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.jobs.work import Result, Work
from mediastead.pipeline.stages.parameters import as_work

from ...unit.pipeline.reports import KeptReport

SUBTITLES = "1\n00:00:00,500 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:05,000\nthere\n"
CHAPTERS = ";FFMETADATA1\n" + "".join(
    f"[CHAPTER]\nTIMEBASE=1/1\nSTART={at}\nEND={at + 3}\ntitle={at}\n" for at in (0, 3)
)


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skips, and says so, where a program is not installed."""
    lacking = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(lacking), reason=f"NOT TESTED, because it is not installed: {', '.join(lacking)}")


def run(*arguments: str | Path) -> None:
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def film(
    target: Path,
    *,
    seconds: float = 6,
    sound: Sequence[str] = ("eng",),
    subtitles: Sequence[str] = (),
    chapters: bool = False,
    more: Sequence[str] = (),
    codec: Sequence[str] = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "10"),
    size: str = "64x48",
) -> Path:
    """Matroska: a test picture, a tone for each language of `sound`, subtitles with forced ones marked `ger!`."""
    text, marks = target.with_suffix(".srt"), target.with_suffix(".ffmeta")
    text.write_text(SUBTITLES)
    marks.write_text(CHAPTERS)
    arguments: list[str | Path] = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi"]
    arguments += ["-i", f"testsrc=size={size}:rate=10:duration={seconds}"]
    for place, _ in enumerate(sound):
        arguments += ["-f", "lavfi", "-i", f"sine=frequency={440 + 110 * place}:sample_rate=48000:duration={seconds}"]
    for _ in subtitles:
        arguments += ["-i", text]
    if chapters:
        arguments += ["-i", marks, "-map_chapters", str(1 + len(sound) + len(subtitles))]
    for place in range(1 + len(sound) + len(subtitles)):
        arguments += ["-map", str(place)]
    for place, language in enumerate(sound):
        arguments += [f"-metadata:s:a:{place}", f"language={language}"]
    for place, language in enumerate(subtitles):
        arguments += [f"-metadata:s:s:{place}", f"language={language.rstrip('!')}"]
        arguments += [f"-disposition:s:{place}", "forced" if language.endswith("!") else "0"]
    run(
        *arguments,
        *codec,
        "-g",
        "10",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "ac3",
        "-b:a",
        "64k",
        "-c:s",
        "srt",
        *more,
        target,
    )
    text.unlink()
    marks.unlink()
    return target


def work_for(stage: Stage, folder: Path, source: Path | None, parameters: msgspec.Struct, **commands: Any) -> Work:
    """An attempt in a directory of its own beneath `folder`."""
    directory = folder / f".{stage.value}" / "1-1"
    directory.mkdir(parents=True, exist_ok=True)
    return Work(
        job_id=1,
        attempt=1,
        stage=stage,
        input=None if source is None else bytes(source),
        directory=bytes(directory),
        item_directory=bytes(folder),
        parameters=msgspec.json.decode(msgspec.json.encode(as_work(parameters))),
        commands=commands,
    )


def copied(source: Path, target: Path) -> Path:
    target.write_bytes(source.read_bytes())
    return target


def entries(work: Work) -> list[Path]:
    """What lies in the directory of an attempt."""
    return sorted(Path(work.directory.decode()).rglob("*"))


def made(work: Work, result: Result) -> list[Path]:
    """The files of a result, which must be there with the sizes that it tells."""
    files = [Path(work.directory.decode()) / file.path for file in result.files]
    assert [file.stat().st_size for file in files] == [file.size for file in result.files]
    return files


__all__ = ["KeptReport", "copied", "entries", "film", "made", "needs", "run", "work_for"]

"""Small DVDs made of generated video: some seconds long, with chapters, two tracks of sound, a play-all and a short title."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

PROGRAMS = ("ffmpeg", "dvdauthor", "genisoimage", "lsdvd")
MISSING = [program for program in PROGRAMS if shutil.which(program) is None]
"""Tests that author a DVD are left out where one of them is not installed."""

SECONDS = {"a": 12, "b": 14, "c": 5}
_CHAPTERS = {"a": "0,4,8", "b": "0,5", "c": "0"}


def author_dvd(folder: Path, label: str = "FIREFLY_S1_D1", *, swapped: bool = False) -> Path:
    """`folder/disc` (with VIDEO_TS) and `folder/disc.iso`: title 1 is a, 2 is b, 3 plays both, 4 (of another titleset) is c.

    `swapped`: b comes before a, which is another disc.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, seconds) in enumerate(SECONDS.items(), start=3):
        _run(
            f"ffmpeg -v error -y -f lavfi -i testsrc2=s=352x288:r=25:d={seconds} "
            f"-f lavfi -i sine=frequency={number}00:duration={seconds} -f lavfi -i sine=frequency=900:duration={seconds} "
            f"-map 0 -map 1 -map 2 -target pal-dvd -s 352x288 -b:v 300k -maxrate 500k -b:a 64k {name}.mpg".split(),
            folder,
        )
    first, second = ("b", "a") if swapped else ("a", "b")
    files = {name: f'<vob file="{name}.mpg" chapters="{chapters}"/>' for name, chapters in _CHAPTERS.items()}
    (folder / "disc.xml").write_text(
        '<dvdauthor dest="disc"><vmgm/>'
        '<titleset><titles><video format="pal" aspect="4:3"/><audio lang="en"/><audio lang="de" content="comments1"/>'
        f"<pgc>{files[first]}</pgc><pgc>{files[second]}</pgc><pgc>{files[first]}{files[second]}</pgc></titles></titleset>"
        f'<titleset><titles><video format="pal"/><audio lang="en"/><pgc>{files["c"]}</pgc></titles></titleset>'
        "</dvdauthor>"
    )
    _run(["dvdauthor", "-x", "disc.xml"], folder)
    image_of(folder / "disc", folder / "disc.iso", label)
    return folder


def image_of(disc: Path, image: Path, label: str) -> None:
    _run(["genisoimage", "-quiet", "-dvd-video", "-V", label, "-o", str(image), str(disc)], disc.parent)


def authored_once(shared: Path, name: str, *, swapped: bool = False) -> Path:
    """The DVD of all workers of a run: whoever is first makes it."""
    place = shared / name
    if not place.exists():
        mine = author_dvd(shared / f"{name}-{os.getpid()}", swapped=swapped)
        with contextlib.suppress(OSError):  # another worker was first
            mine.rename(place)
    return place


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=os.environ | {"VIDEO_FORMAT": "PAL"})

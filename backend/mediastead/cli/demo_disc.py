"""A small DVD image of generated pictures and sounds, authored by the programs that make real ones."""

import os
import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

NEEDED = {
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "dvdauthor": "dvdauthor",
    "genisoimage": "genisoimage",
    "lsdvd": "lsdvd",
    "dvdbackup": "dvdbackup",
    "mkvmerge": "mkvtoolnix",
}
"""The programs that the demo runs, and the packages that they come in."""
DEMO_TITLE = {"type": "movie", "tmdb_id": 348}
"""Alien, of 1979: known to the catalogue that comes along."""
EXTRA_SECONDS = 20
LABEL = "ALIEN_1979"


def make_disc(image: Path, seconds: int) -> None:
    """A DVD with a film of so many seconds and a short extra. Blocks; raises `subprocess.CalledProcessError`."""
    with tempfile.TemporaryDirectory(dir=image.parent.parent) as folder:
        work = Path(folder)
        for name, length, hue in (("film", seconds, 0), ("extra", EXTRA_SECONDS, 90)):
            _encode(work / f"{name}.mpg", length, hue)
        disc = work / "disc"
        (work / "disc.xml").write_text(
            f"<dvdauthor dest={quoteattr(str(disc))}><vmgm /><titleset><titles>"
            '<video format="pal" aspect="4:3" /><audio lang="en" />'
            + "".join(
                f"<pgc><vob file={quoteattr(str(work / name))} chapters={quoteattr(chapters)} /></pgc>"
                for name, chapters in (("film.mpg", f"0,{seconds // 2}"), ("extra.mpg", "0"))
            )
            + "</titles></titleset></dvdauthor>",
            "utf-8",
        )
        _run(["dvdauthor", "-x", str(work / "disc.xml")], {"VIDEO_FORMAT": "PAL"})
        made = work / "disc.iso"
        _run(["genisoimage", "-quiet", "-dvd-video", "-V", LABEL, "-o", str(made), str(disc)])
        # Whole or not at all: the folder is being looked at.
        made.rename(image)


def _encode(target: Path, seconds: int, hue: int) -> None:
    picture = f"testsrc2=size=352x288:rate=25:duration={seconds},hue=h={hue}"
    sound = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    _run([*command, "-target", "pal-dvd", "-s", "352x288", "-b:v", "3M", "-ac", "2", str(target)])


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:

    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )

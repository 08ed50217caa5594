"""Small discs: a DVD with two titles of two titlesets that dvdauthor makes, as a folder and as an image."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

from .media import run

TITLES = (4, 6)
"""Seconds; the second is two programs of the same titleset, after a third title of 3 s."""


def dvd_folder(folder: Path) -> Path:
    """A folder with VIDEO_TS: title 1 alone in its titleset, titles 2 (3 s) and 3 (6 s, two chapters) in another."""
    for name, seconds, tone in (("one", 4, 440), ("two", 3, 550), ("three", 6, 660)):
        arguments = [
            "ffmpeg",
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            f"testsrc=size=352x576:rate=25:duration={seconds}",
        ]
        for frequency in (tone, tone * 2):
            arguments += ["-f", "lavfi", "-i", f"sine=frequency={frequency}:sample_rate=48000:duration={seconds}"]
        arguments += ["-map", "0", "-map", "1", "-map", "2", "-target", "pal-dvd", "-b:v", "600k", "-s", "352x576"]
        run(*arguments, "-b:a", "64k", folder / f"{name}.mpg")
    target = folder / "disc"
    xml = folder / "dvd.xml"

    def titles(*vobs: tuple[str, str]) -> str:
        pgcs = "".join(
            f"<pgc><vob file={quoteattr(str(folder / name))} chapters={quoteattr(at)}/></pgc>" for name, at in vobs
        )
        sound = '<audio lang="en"/><audio lang="de"/>'
        return f'<titleset><titles><video format="pal"/>{sound}{pgcs}</titles></titleset>'

    one, other = titles(("one.mpg", "0")), titles(("two.mpg", "0"), ("three.mpg", "0,0:03"))
    xml.write_text(f"<dvdauthor dest={quoteattr(str(target))}><vmgm/>{one}{other}</dvdauthor>")
    run("env", "VIDEO_FORMAT=PAL", "dvdauthor", "-x", xml)
    return target


def dvd_image(folder: Path, target: Path) -> Path:
    run("genisoimage", "-quiet", "-dvd-video", "-V", "TEST_DISC", "-o", target, folder)
    return target

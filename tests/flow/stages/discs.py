"""Small discs: a DVD with two titles of two titlesets that dvdauthor makes, as a folder and as an image."""

import subprocess
from pathlib import Path
from xml.sax.saxutils import quoteattr

from .media import run


def dvd_folder(folder: Path, *, subtitles: bool = False) -> Path:
    """A folder with VIDEO_TS: title 1 alone in its titleset, titles 2 (3 s) and 3 (6 s, two chapters) in another. All have
    sound in English and German; with `subtitles`, title 3 has German ones."""
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
    if subtitles:
        _subtitled(folder / "three.mpg")
    target = folder / "disc"
    xml = folder / "dvd.xml"

    def titles(*vobs: tuple[str, str]) -> str:
        pgcs = "".join(
            f"<pgc><vob file={quoteattr(str(folder / name))} chapters={quoteattr(at)}/></pgc>" for name, at in vobs
        )
        sound = '<audio lang="en"/><audio lang="de"/>' + ('<subpicture lang="de"/>' if subtitles else "")
        return f'<titleset><titles><video format="pal"/>{sound}{pgcs}</titles></titleset>'

    one, other = titles(("one.mpg", "0")), titles(("two.mpg", "0"), ("three.mpg", "0,0:03"))
    xml.write_text(f"<dvdauthor dest={quoteattr(str(target))}><vmgm/>{one}{other}</dvdauthor>")
    run("env", "VIDEO_FORMAT=PAL", "dvdauthor", "-x", xml)
    return target


def _subtitled(film: Path) -> None:
    """A subtitle of a picture, as DVDs have them: 1.0 to 2.5 s and 4.0 to 5.0 s."""
    picture = film.with_suffix(".png")
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "color=white:size=64x32", "-frames:v", "1", picture)
    spus = "".join(
        f'<spu start="00:00:{start}" end="00:00:{end}" image={quoteattr(str(picture))} xoffset="20" yoffset="500"/>'
        for start, end in (("01.00", "02.50"), ("04.00", "05.00"))
    )
    form = film.with_suffix(".xml")
    form.write_text(f"<subpictures format='PAL'><stream>{spus}</stream></subpictures>")
    plain = film.rename(film.with_suffix(".plain.mpg"))
    with plain.open("rb") as before, film.open("wb") as after:
        done = subprocess.run(["spumux", str(form)], stdin=before, stdout=after, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def dvd_image(folder: Path, target: Path) -> Path:
    run("genisoimage", "-quiet", "-dvd-video", "-V", "TEST_DISC", "-o", target, folder)
    return target

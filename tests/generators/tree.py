"""A folder as people have them: films, episodes, extras, junk, sidecars, hidden trees and what is no video.

    expected = make_tree(tmp_path / "root", seed=7, files=2_000)

What must be counted is known from how the tree was made, not from the product's rules.
"""

import os
import random
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

import mediastead.metadata


class Expected(Struct, frozen=True):
    """What a look at the tree must find. Paths are relative to the root."""

    media: frozenset[bytes]
    """Every media file; a VIDEO_TS or BDMV folder counts as one."""
    hidden: frozenset[bytes]
    """The topmost folder or file that a rule hides, of each hidden tree with a video in it."""
    files: int
    """All files on disk, of any sort."""

    @property
    def media_files(self) -> int:
        return len(self.media)


def make_tree(root: Path, *, seed: int, files: int) -> Expected:
    """Write about `files` files (never less, at most a few dozen more) beneath `root`, which is made. Same seed, same tree."""
    maker = _Maker(root, random.Random(seed))
    # A folder of each sort first, so that also a small tree has all of them.
    for sort in _SORTS:
        sort(maker)
    sorts, weights = list(_SORTS), list(_SORTS.values())
    while maker.files < files:
        maker.random.choices(sorts, weights)[0](maker)
    return Expected(frozenset(maker.media), frozenset(maker.hidden), maker.files)


class _Titles(Struct):
    films: list["_Title"]
    series: list["_Title"]


class _Season(Struct):
    number: int
    episodes: int


class _Title(Struct):
    title: str
    year: int
    seasons: list[_Season] = []


class _Maker:
    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root = os.fsencode(root)
        self.random = chance
        self.media: set[bytes] = set()
        self.hidden: set[bytes] = set()
        self.files = 0
        self._taken: set[str] = set()
        titles = msgspec.json.decode(
            (Path(mediastead.metadata.__file__).parent / "bundled.json").read_bytes(), type=_Titles
        )
        self.films = [(_in_name(film.title), film.year) for film in titles.films]
        self.series = [
            (_in_name(one.title), one.year, season)
            for one in titles.series
            for season in one.seasons
            if 0 < season.episodes <= 26 and season.number > 0
        ]

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def own(self, name: str) -> str:
        """`name`, or the same with a number: no two alike, also where large and small letters are one."""
        number, made = 1, name
        while made.casefold() in self._taken:
            number += 1
            made = f"{name} {number}"
        self._taken.add(made.casefold())
        return made

    def video(self, path: str | bytes) -> None:
        self.media.add(self._write(path))

    def other(self, path: str | bytes) -> None:
        self._write(path)

    def text(self, path: str, content: str) -> None:
        self._write(path, content.encode())

    def _write(self, path: str | bytes, content: bytes | None = None) -> bytes:
        relative = os.fsencode(path)
        whole = os.path.join(self.root, relative)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        # "x": a name that is made twice would make the expected numbers wrong.
        with open(whole, "xb") as file:
            file.write(b"%06d " % self.files + relative if content is None else content)
        self.files += 1
        return relative


def _in_name(title: str) -> str:
    """As people write it into a file name: without what file systems refuse."""
    return "".join(" " if char in '/:\\*?"<>|' else char for char in title).replace("  ", " ").strip(" .")


def _film_in_folder(make: _Maker) -> None:
    title, year = make.random.choice(make.films)
    folder = "Films/" + make.own(f"{title} ({year})")
    stem = f"{folder}/{title} ({year})"
    for token in make.random.choice([[""], [""], [""], [" cd1", " cd2"], [" - Director's Cut", " - Theatrical"]]):
        make.video(stem + token + make.pick(".mkv", ".mkv", ".mp4", ".avi", ".MKV"))
    for sidecar in make.random.sample([".nfo", ".en.srt", "-poster.jpg", "-fanart.jpg", ".sub", ".idx"], k=2):
        make.other(stem + sidecar)
    if make.random.random() < 0.3:
        make.video(
            f"{folder}/{make.pick('Featurettes', 'Extras', 'Behind The Scenes')}/{make.pick('Making of', 'Interview')}.mkv"
        )
    if make.random.random() < 0.2:
        make.video(f"{stem}-trailer.mp4")


def _release(make: _Maker) -> None:
    title, year = make.random.choice(make.films)
    words = ".".join(title.replace("'", "").split())
    quality = (
        f"{make.pick('720p', '1080p', '2160p')}.{make.pick('BluRay', 'WEB-DL', 'HDTV')}.{make.pick('x264', 'x265')}"
    )
    name = make.own(f"{words}.{year}.{quality}-GRP")
    make.video(f"Downloads/{name}/{name}.mkv")
    make.other(f"Downloads/{name}/{name.lower()}.nfo")
    if make.random.random() < 0.5:
        make.video(f"Downloads/{name}/Sample/{name.lower()}-sample.mkv")
    if make.random.random() < 0.3:
        make.other(f"Downloads/{name}/RARBG.txt")


def _season(make: _Maker) -> None:
    title, year, season = make.random.choice(make.series)
    folder = "Series/" + make.own(f"{title} ({year})") + f"/Season {season.number:02}"
    style = make.pick(
        "{title} - S{season:02}E{number:02}",
        "{title} {season}x{number:02}",
        "{dots}.S{season:02}E{number:02}.720p.HDTV.x264-GRP",
    )
    number = 1
    while number <= season.episodes:
        stem = style.format(title=title, dots=title.replace(" ", "."), season=season.number, number=number)
        if make.random.random() < 0.04 and number < season.episodes and "S{season" in style:
            number += 1
            stem = stem.replace(f"E{number - 1:02}", f"E{number - 1:02}-E{number:02}")
        if make.random.random() < 0.93:  # gaps, as people have them
            make.video(f"{folder}/{stem}.mkv")
            if make.random.random() < 0.25:
                make.other(f"{folder}/{stem}{make.pick('.srt', '.nfo', '-thumb.jpg')}")
        number += 1
    make.other(f"{folder}/folder.jpg")


def _anime(make: _Maker) -> None:
    title, _, season = make.random.choice(make.series)
    folder = "Anime/" + make.own(f"[Subs] {title}")
    for number in range(1, season.episodes + 1):
        make.video(f"{folder}/[Subs] {title} - {number:02} [1080p].mkv")


def _loose(make: _Maker) -> None:
    """Names that say little or nothing."""
    number = make.random.randrange(10_000)
    name = make.pick(
        f"VID_2019{number:04}_{number:06}",
        f"title_t{number % 100:02}",
        f"{make.random.getrandbits(64):016x}",
        f"MVI_{number:04}",
        "movie",
        "asdf",
    )
    make.video("Downloads/" + make.own(name) + make.pick(".mkv", ".mp4", ".mov", ".m2ts", ".webm"))


def _unidentifiable_bytes(make: _Maker) -> None:
    """A name in Latin-1; Linux takes it as it is."""
    name = make.own(f"Am?lie {make.random.randrange(1_000)}").encode().replace(b"?", b"\xe9")
    make.video(b"Downloads/" + name + b".avi")


def _disc(make: _Maker) -> None:
    title, year = make.random.choice(make.films)
    folder = "Discs/" + make.own(f"{title} ({year})")
    if make.random.random() < 0.5:
        for name in ("VIDEO_TS.IFO", "VTS_01_0.IFO", "VTS_01_1.VOB", "VTS_01_2.VOB"):
            make.other(f"{folder}/VIDEO_TS/{name}")
        make.media.add(os.fsencode(f"{folder}/VIDEO_TS"))
    else:
        for name in ("index.bdmv", "STREAM/00000.m2ts", "STREAM/00001.m2ts", "PLAYLIST/00000.mpls"):
            make.other(f"{folder}/BDMV/{name}")
        make.media.add(os.fsencode(f"{folder}/BDMV"))


def _hidden_tree(make: _Maker) -> None:
    marked = make.pick(".nomedia", ".ignore", "name", "name")
    if marked == "name":
        # The names of system folders are given once in each folder that holds them.
        folder = (
            f"Shelf {make.own('shelf')}/{make.pick('@eaDir', '#recycle', 'lost+found', '.Trash-1000', '.incomplete')}"
        )
    else:
        folder = "Downloads/" + make.own("Phone")
        make.text(f"{folder}/{marked}", "")
    for number in range(make.random.randint(1, 5)):
        make.other(f"{folder}/deeper/Film {number} (2001).mkv")
    make.hidden.add(os.fsencode(folder))


def _hidden_by_pattern(make: _Maker) -> None:
    folder = "Downloads/" + make.own("Encoding")
    make.text(f"{folder}/.plexignore", "# half done\n*.part.mkv\n")
    make.other(f"{folder}/Up (2009).part.mkv")
    make.hidden.add(os.fsencode(f"{folder}/Up (2009).part.mkv"))
    make.video(f"{folder}/Up (2009).mkv")


def _hidden_file(make: _Maker) -> None:
    name = make.own("._Resource fork") + ".mkv"
    make.other(f"Downloads/{name}")
    make.hidden.add(os.fsencode(f"Downloads/{name}"))


def _no_video(make: _Maker) -> None:
    name = make.own(make.pick("soundtrack", "notes", "cover", "backup"))
    make.other(
        f"Downloads/{name}{make.pick('.flac', '.mp3', '.txt', '.jpg', '.zip', '.part', '.mkv.part', '.pdf', '')}"
    )


def _deep(make: _Maker) -> None:
    folder = "Archive/" + "/".join([make.own("old disk"), *"abcdefgh"])
    make.video(f"{folder}/Gladiator (2000).mkv")


_SORTS: dict[Callable[[_Maker], None], float] = {
    _film_in_folder: 30,
    _release: 20,
    _season: 6,
    _anime: 2,
    _loose: 12,
    _unidentifiable_bytes: 1,
    _disc: 2,
    _hidden_tree: 3,
    _hidden_by_pattern: 1,
    _hidden_file: 2,
    _no_video: 6,
    _deep: 1,
}
"""What folders are made of, and how often it comes."""

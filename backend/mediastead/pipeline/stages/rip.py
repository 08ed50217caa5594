"""The stage `rip`: the wanted titles of a disc, each into a Matroska file, with all of its tracks and nothing encoded anew.

Free programs do it where nothing is encrypted: dvdbackup and ffmpeg for a DVD, mkvmerge for a Blu-ray's folder; HandBrakeCLI for
a DVD where dvdbackup is missing. `makemkvcon` does the discs that it has read. A host may name a command of its own instead.
"""

import asyncio
import os
import re
import shutil
import stat
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

from ..discs.facts import Reader
from ..jobs.work import CapabilityLost, Report, Result, ResultFile, StageFailed, Work
from . import dvd, makemkv
from .checking import Promised, check_or_fail, result_file
from .inserted import disc_of
from .measuring import measure
from .parameters import RipParameters, RipTitle, capability_to_rip, read
from .places import cleared, file_named
from .remux import copy_progress, merge_progress, percent
from .templates import BadTemplate, Value, filled
from .tools import Ended, Tools, failure, must_have_room

BACKUP = "disc"
"""What dvdbackup calls its folder."""
VIDEO = "video_ts"
"""A link to where the VOB files lie, so that ffmpeg gets names without anything special in them."""
MARKS = "chapters.txt"


async def rip(work: Work, report: Report) -> Result:
    parameters = read(RipParameters, work.parameters)
    source = await disc_of(work.input, parameters)
    began = time.monotonic()
    await asyncio.to_thread(cleared, work.directory)
    tools = Tools(work, report, capability_to_rip(parameters))
    ripper = Ripper(work, report, tools, parameters, source)
    files, program = await ripper.all_titles()
    return Result(files=files, facts={"program": program, "seconds": round(time.monotonic() - began, 1)})


OWN_NAMES: tuple[str, ...] = ("input", "directory", "item_directory", "output", "title", "name", "source", "kind")
"""What a host's own command for a kind of disc may name in braces."""


class Ripper:
    """One run over one disc."""

    def __init__(self, work: Work, report: Report, tools: Tools, parameters: RipParameters, source: bytes) -> None:
        self._work, self._report, self._tools = work, report, tools
        self._parameters, self._source = parameters, source
        self._is_folder = Path(os.fsdecode(source)).is_dir()
        self._folder = Path(os.fsdecode(work.directory))
        self._done = 0.0
        """The share of the work that is behind it when the first title begins."""

    async def all_titles(self) -> tuple[list[ResultFile], str]:
        """The results, and by which program."""
        own = self._work.commands.get(self._parameters.kind)
        if own is not None:
            return await self._each(lambda title, target, share: self._own(own, title, target, share)), str(own[0])
        reader = self._parameters.reader
        if reader is Reader.MAKEMKV:
            return await self._each(self._makemkv), "makemkvcon"
        if reader is Reader.BDMV:
            return await self._each(self._playlist), "mkvmerge"
        if not self._is_folder and not self._tools.has("dvdbackup") and self._tools.has("HandBrakeCLI"):
            self._report.log(
                "warning", "dvdbackup is not installed: HandBrakeCLI does it, which encodes the picture anew"
            )
            return await self._each(self._handbrake), "HandBrakeCLI"
        vobs = await self._vobs()
        files = await self._each(lambda title, target, share: self._title(vobs, title, target, share))
        await asyncio.to_thread(self._drop_backup)
        return files, "ffmpeg" if self._is_folder else "dvdbackup"

    async def _each(self, make: "Make") -> list[ResultFile]:
        """Each title made and checked, one after another: a drive reads one place at a time."""
        titles = self._parameters.titles
        whole = sum(title.duration or 1.0 for title in titles)
        done, files = 0.0, list[ResultFile]()
        names: set[bytes] = set()
        for title in titles:
            target = file_named(self._work.directory, title.name, title.number, ".mkv")
            if target in names:
                target = file_named(self._work.directory, f"{title.name} ({title.number})", title.number, ".mkv")
            names.add(target)
            begin = self._done + done / whole * (1 - self._done)
            done += title.duration or 1.0
            end = self._done + done / whole * (1 - self._done)
            middle = begin + (end - begin) * 0.8
            kinds = await make(title, target, (begin, middle))
            promised = Promised(seconds=title.duration, counts=kinds)
            checked = await check_or_fail(self._tools, target, promised, self._parameters.limits, (middle, end))
            files.append(await result_file(target, self._work.directory, title.number, checked))
        return files

    async def _vobs(self) -> dict[int, list[tuple[str, int]]]:
        """The VOB files of the wanted titles, of which a link in the attempt's directory leads to the folder."""
        if self._is_folder:
            folder = await asyncio.to_thread(dvd.video_ts, self._source)
            if folder is None:
                raise StageFailed(
                    f"There is no VIDEO_TS in {os.fsdecode(self._source)}; read the disc again.", retry=False
                )
        else:
            folder = await self._backup()
        link = self._folder / VIDEO
        await asyncio.to_thread(link.symlink_to, folder)
        return await asyncio.to_thread(dvd.vobs_in, folder)

    async def _backup(self) -> Path:
        size = await asyncio.to_thread(_size_of_image, self._source)
        await must_have_room(self._work.directory, 2 * size)
        titlesets = sorted({number for title in self._parameters.titles for number in _titlesets(title)})
        every = all(_titlesets(title) for title in self._parameters.titles)
        parts = [["-T", str(number)] for number in titlesets] if every else [["-M"]]
        for place, part in enumerate(parts):
            hear = percent(self._report, 0.5 * place / len(parts), 0.5 * (place + 1) / len(parts))
            arguments = ["-p", "-i", self._source, "-o", ".", "-n", BACKUP, *part]
            ended = await self._tools.run("dvdbackup", arguments, on_line=hear)
            if ended.code != 0:
                raise failure("dvdbackup", ended, "Reading the disc")
        self._done = 0.5
        return self._folder / BACKUP / "VIDEO_TS"

    def _drop_backup(self) -> None:
        (self._folder / VIDEO).unlink(missing_ok=True)
        (self._folder / MARKS).unlink(missing_ok=True)
        shutil.rmtree(self._folder / BACKUP, ignore_errors=True)

    async def _title(
        self, vobs: dict[int, list[tuple[str, int]]], title: RipTitle, target: bytes, share: "Share"
    ) -> dict[str, int]:
        try:
            pieces = dvd.pieces_of(title.segments, next(iter(_titlesets(title)), None), vobs, VIDEO + "/")
            url = dvd.url_of(pieces)
        except dvd.NotUnderstood as error:
            raise StageFailed(
                f"Title {title.number} cannot be taken from this disc: {error}. Read the disc again, or use MakeMKV.",
                retry=False,
            ) from None
        await must_have_room(self._work.directory, dvd.size_of(pieces))
        before = await measure(self._tools, url, *dvd.PROBE)
        if before.error is not None:
            raise StageFailed(f"Title {title.number} cannot be read: {before.error}. An encrypted disc needs MakeMKV.")
        tracks = [
            (track, dvd.stream_language(track, title.audio, title.subtitles))
            for track in before.tracks
            if track.kind in ("video", "audio", "subtitle")
        ]
        marks = dvd.marks_of(title.chapters)
        if marks is not None:
            await asyncio.to_thread((self._folder / MARKS).write_text, marks)
        arguments = dvd.copy_arguments(url, MARKS if marks else None, target, tracks, title.name)
        ended = await self._tools.run("ffmpeg", arguments, on_line=copy_progress(self._report, title.duration, *share))
        if ended.code != 0:
            raise failure("ffmpeg", ended, f"Taking title {title.number} from the disc")
        return dict(Counter(track.kind for track, _ in tracks))

    async def _playlist(self, title: RipTitle, target: bytes, share: "Share") -> dict[str, int]:
        """mkvmerge reads the playlists of Blu-rays, with chapters and languages."""
        playlist = await asyncio.to_thread(_playlist_in, self._source, title)
        if playlist is None:
            raise StageFailed(
                f"Title {title.number} has no playlist in {os.fsdecode(self._source)}; read the disc again.",
                retry=False,
            )
        arguments: list[str | bytes] = ["--gui-mode", "--ui-language", "en_US", "-o", target, "--title", title.name]
        hear = merge_progress(self._report, *share)
        ended = await self._tools.run("mkvmerge", [*arguments, playlist], on_line=hear)
        if ended.code not in (0, 1):
            raise failure("mkvmerge", ended, f"Taking title {title.number} from the disc")
        return {"audio": len(title.audio)}

    async def _makemkv(self, title: RipTitle, target: bytes, share: "Share") -> dict[str, int]:
        into = self._folder / f"title {title.number}"
        await asyncio.to_thread(into.mkdir, exist_ok=True)
        robot = makemkv.Robot(self._report, *share)
        arguments = makemkv.arguments_for(self._source, self._is_folder, title.number, os.fsencode(into))
        ended = await self._tools.run("makemkvcon", arguments, on_line=robot.hear)
        if robot.expired is not None:
            raise CapabilityLost(
                capability_to_rip(self._parameters),
                f"MakeMKV no longer works here ({robot.expired}): enter a new key (`makemkvcon reg KEY`), or install a newer "
                "version.",
            )
        if robot.failure is not None or ended.code != 0:
            words = robot.failure or ended.words
            raise failure(
                "makemkvcon", Ended(code=ended.code, said=[words]), f"Taking title {title.number} from the disc"
            )
        await asyncio.to_thread(_move_only, into, target)
        return {"audio": len(title.audio)}

    async def _handbrake(self, title: RipTitle, target: bytes, share: "Share") -> dict[str, int]:
        arguments: list[str | bytes] = ["-i", self._source, "-t", str(title.number), "-o", target, "-f", "av_mkv", "-m"]
        arguments += [
            "-e",
            "x264",
            "-q",
            "16",
            "--all-audio",
            "-E",
            "copy",
            "--audio-fallback",
            "ac3",
            "--all-subtitles",
        ]
        ended = await self._tools.run("HandBrakeCLI", arguments, on_line=percent(self._report, *share))
        if ended.code != 0:
            raise failure("HandBrakeCLI", ended, f"Taking title {title.number} from the disc")
        return {"audio": len(title.audio)}

    async def _own(self, template: list[str], title: RipTitle, target: bytes, share: "Share") -> dict[str, int]:
        given: tuple[Value, ...] = (
            self._source,
            self._work.directory,
            self._work.item_directory,
            target,
            title.number,
            title.name,
            title.source,
            self._parameters.kind,
        )
        values = dict(zip(OWN_NAMES, given, strict=True))
        try:
            program, *arguments = filled(template, values)
        except BadTemplate as error:
            raise StageFailed(f"{error} See the commands of this host.", retry=False) from None
        robot = makemkv.Robot(self._report, *share)
        share_of = percent(self._report, *share)
        ended = await self._tools.run(
            os.fsdecode(program), arguments, on_line=lambda line: robot.hear(line) or share_of(line)
        )
        if ended.code != 0:
            raise failure(os.fsdecode(program), ended, f"Taking title {title.number} from the disc")
        return {}


Share: TypeAlias = tuple[float, float]
"""From where to where of the attempt's work."""
Make: TypeAlias = Callable[[RipTitle, bytes, Share], Awaitable[dict[str, int]]]
"""Makes the file of a title; gives how many tracks of each kind there must be in it."""


def _titlesets(title: RipTitle) -> list[int]:
    match = re.fullmatch(r"VTS_(\d\d)", title.source or "")
    return dvd.titlesets_of(title.segments) or ([int(match[1])] if match else [])


def _playlist_in(source: bytes, title: RipTitle) -> bytes | None:
    """Names may be written in any case of letters."""
    name = (title.source or f"{title.number:05}").upper().removesuffix(".MPLS") + ".MPLS"
    folder = Path(os.fsdecode(source))
    for part in () if folder.name.upper() == "BDMV" else ("BDMV",):
        folder = next((entry for entry in folder.iterdir() if entry.name.upper() == part), folder / part)
    for playlists in folder.iterdir() if folder.is_dir() else ():
        if playlists.name.upper() == "PLAYLIST":
            return next((os.fsencode(entry) for entry in playlists.iterdir() if entry.name.upper() == name), None)
    return None


def _size_of_image(source: bytes) -> int:
    """0 for a drive, which has no size of its own."""
    status = Path(os.fsdecode(source)).stat()
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _move_only(folder: Path, target: bytes) -> None:
    """makemkvcon names the file as it likes."""
    made = [entry for entry in folder.iterdir() if entry.suffix.lower() == ".mkv"]
    if len(made) != 1:
        raise StageFailed(f"MakeMKV says that it is done, and made {len(made)} files instead of one.")
    made[0].rename(os.fsdecode(target))
    folder.rmdir()

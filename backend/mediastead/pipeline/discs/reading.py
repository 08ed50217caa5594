"""Reads the titles of a drive, an image or a folder: of a DVD by lsdvd, of a Blu-ray by MakeMKV, or without it by ourselves."""

import asyncio
import os
import stat
from pathlib import Path

from msgspec import structs

from . import fingerprint, lsdvd, makemkv
from .facts import DiscFacts, Reader, Seen, TitleFacts
from .looking import Looker, Structure
from .models import DiscKind
from .tools import Tools, run, there

AGAIN = "then `mediastead discs again`"


class Unreadable(Exception):
    """The words say why, and what to do."""


async def read_source(source: bytes, tools: Tools, looker: Looker) -> Seen:
    """One look at what lies there. Never raises for what lies there."""
    structure = await looker.structure(source)
    if structure.empty:
        return Seen(source=source, inserted=False, error=structure.error)
    seen = Seen(source=source, kind=structure.kind, label=structure.label, fingerprint=structure.fingerprint)
    if structure.error is not None:
        return structs.replace(seen, error=structure.error)
    try:
        facts = await _facts(source, structure, tools)
    except Unreadable as error:
        return structs.replace(seen, error=str(error))
    # What the volume is called, we read ourselves; a folder has no volume.
    facts = structs.replace(facts, label=structure.label or facts.label)
    if not facts.titles:
        error = f"{_shown(source)} has no titles: look whether it is whole, {AGAIN}."
        return structs.replace(seen, kind=facts.kind, label=facts.label, error=error)
    return structs.replace(
        seen,
        kind=facts.kind,
        label=facts.label,
        facts=facts,
        fingerprint=structure.fingerprint or fingerprint.of_titles(facts.titles),
    )


async def _facts(source: bytes, structure: Structure, tools: Tools) -> DiscFacts:
    has_lsdvd, has_makemkv = there(tools.lsdvd), there(tools.makemkvcon)
    if structure.kind is DiscKind.DVD:
        if has_lsdvd:
            return await _by_lsdvd(source, structure, tools, has_makemkv)
        if has_makemkv:
            return await _by_makemkv(source, structure, tools)
        raise Unreadable(f"There is nothing here that reads a DVD: install the package `lsdvd`, {AGAIN}.")
    if has_makemkv:
        try:
            return await _by_makemkv(source, structure, tools)
        except Unreadable:
            if not structure.playlists:
                raise
    if structure.playlists:
        return DiscFacts(kind=DiscKind.BLURAY, reader=Reader.BDMV, titles=structure.playlists)
    raise Unreadable(
        f"{_shown(source)} holds no VIDEO_TS that can be read here. A Blu-ray in a drive or an image is read by MakeMKV: "
        f"install it (`makemkvcon` must be found), or copy the disc as a BDMV folder, {AGAIN}."
    )


async def _by_lsdvd(source: bytes, structure: Structure, tools: Tools, or_makemkv: bool) -> DiscFacts:
    ran = await run(tools.lsdvd, os.fsdecode(source), tools.limit_seconds)
    try:
        titles = lsdvd.titles_of(ran.output) if ran.code == 0 else ()
    except lsdvd.NotUnderstood:
        titles = ()
    if not titles and or_makemkv:
        return await _by_makemkv(source, structure, tools)
    if not titles:
        raise Unreadable(
            f"lsdvd could not read {_shown(source)} ({_why(ran.code, ran.errors)}): clean the disc, or copy it with "
            f"`dvdbackup -M`, {AGAIN}."
        )
    return DiscFacts(
        kind=DiscKind.DVD, reader=Reader.LSDVD, titles=tuple(_with_cells(each, structure) for each in titles)
    )


def _with_cells(title: TitleFacts, structure: Structure) -> TitleFacts:
    cells = structure.cells.get(title.number)
    return structs.replace(title, segments=cells.segments, size=cells.size) if cells else title


async def _by_makemkv(source: bytes, structure: Structure, tools: Tools) -> DiscFacts:
    ran = await run(tools.makemkvcon, await asyncio.to_thread(_named_for_makemkv, source), tools.limit_seconds)
    if ran.code is None:
        raise Unreadable(
            f"MakeMKV did not end within {tools.limit_seconds:.0f} seconds: clean the disc, or try another drive, {AGAIN}."
        )
    said = makemkv.said_of(ran.output.decode("utf-8", "replace").splitlines())
    if said.expired is not None:
        raise Unreadable(
            f"MakeMKV does not work any more ({said.expired}): install its newest version, or enter a key with "
            f"`makemkvcon reg KEY`, {AGAIN}."
        )
    if said.facts is None or not said.facts.titles:
        raise Unreadable(
            f"MakeMKV could not read {_shown(source)} ({said.complaint or _why(ran.code, ran.errors)}): clean the disc, or try "
            f"another drive, {AGAIN}."
        )
    return structs.replace(said.facts, kind=structure.kind or said.facts.kind)


def _named_for_makemkv(source: bytes) -> str:
    """https://www.makemkv.com/developers/usage.txt"""
    try:
        mode = Path(os.fsdecode(source)).stat().st_mode
    except OSError:
        mode = 0
    kind = "file" if stat.S_ISDIR(mode) else "dev" if stat.S_ISBLK(mode) or stat.S_ISCHR(mode) else "iso"
    return f"{kind}:{os.fsdecode(source)}"


def _why(code: int | None, errors: bytes) -> str:
    if code is None:
        return "it took too long"
    words = [line.strip() for line in errors.decode("utf-8", "replace").splitlines() if line.strip(" *\t")]
    return words[-1][:200] if words else f"exit code {code}"


def _shown(source: bytes) -> str:
    return source.decode("utf-8", "replace")

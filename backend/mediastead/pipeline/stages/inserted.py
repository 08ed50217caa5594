"""Whether the disc that is to be ripped lies there: not an empty drive, and not another disc with as many titles."""

import asyncio
import os

from ..discs.looking import Looker, is_gone
from ..jobs.work import NotThere
from .parameters import RipParameters
from .tools import must_be_there


async def disc_of(source: bytes | None, parameters: RipParameters) -> bytes:
    """The source, in which that disc lies. Raises `NotThere`, `StageFailed`.

    A disc that only MakeMKV can read is not known by its own files, so that of it only is looked whether there is any.
    """
    called = f" {parameters.label}" if parameters.label else ""
    again = f"put the disc{called} back there, or into another drive: the rip begins by itself"
    where = os.fsdecode(source or b"").encode("utf-8", "replace").decode()
    if source is not None and await asyncio.to_thread(is_gone, source):
        raise NotThere(f"{where} is not there any more: {again}.")
    path = await must_be_there(source)
    if parameters.fingerprint is None and not path.startswith(b"/dev/"):
        return path
    looker = Looker(at_once=1)
    try:
        found = await looker.structure(path)
    finally:
        await looker.stop()
    if found.empty:
        raise NotThere(f"There is no disc in {where}: {again}.")
    if found.fingerprint is not None and parameters.fingerprint not in (None, found.fingerprint.hex()):
        raise NotThere(f"Another disc lies in {where}{f' ({found.label})' if found.label else ''}: {again}.")
    return path

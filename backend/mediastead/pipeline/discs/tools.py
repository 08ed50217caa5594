"""The programs that read discs: how they are called, and calling them so that none outlives its time."""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, convert

MOST_OUTPUT = 64 << 20
"""Bytes that a tool may say."""


class Tools(Struct, frozen=True, kw_only=True):
    """Command templates: `{source}` becomes the path, for MakeMKV `dev:`, `iso:` or `file:` with it. An empty one: never used."""

    lsdvd: tuple[str, ...] = ("lsdvd", "-q", "-x", "-Ox", "{source}")
    makemkvcon: tuple[str, ...] = ("makemkvcon", "-r", "--noscan", "--minlength=10", "--cache=1", "info", "{source}")
    eject: tuple[str, ...] = ("eject", "{source}")
    limit_seconds: float = 300.0
    """MakeMKV takes minutes for a disc with many playlists."""


def tools_of(commands: Mapping[str, Any]) -> Tools:
    """`commands`: of a host (`host.commands["read"]`), each a list of words or a line; what is not in there is as usual."""
    said = {
        name: value.split() if isinstance(value, str) else value
        for name, value in commands.items()
        if name in Tools.__struct_fields__
    }
    return convert(said, Tools, strict=False)


class Ran(Struct, frozen=True):
    code: int | None
    """None: it was ended, because it took too long or said too much."""
    output: bytes
    errors: bytes


def there(template: Sequence[str]) -> bool:
    """Whether the program of a template can be called."""
    return bool(template) and shutil.which(template[0]) is not None


async def run(template: Sequence[str], source: str, limit_seconds: float) -> Ran:
    """The program with its words, as the leader of a process group that ends with the limit, or when we are cancelled."""
    process = await asyncio.create_subprocess_exec(
        *(word.replace("{source}", source) for word in template),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        async with asyncio.timeout(limit_seconds):
            output, errors = await asyncio.gather(_all_of(process.stdout), _all_of(process.stderr))
            code = await process.wait()
    except (TimeoutError, _TooMuch):
        return Ran(None, b"", b"")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return Ran(code, output, errors)


class _TooMuch(Exception):
    pass


async def _all_of(stream: asyncio.StreamReader) -> bytes:
    said = bytearray()
    while some := await stream.read(1 << 16):
        said += some
        if len(said) > MOST_OUTPUT:
            raise _TooMuch
    return bytes(said)

"""Child processes of handlers: in a group of their own that ends as a whole, also when this process is killed."""

import asyncio
import os
import secrets
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from .work import Report, StageFailed, Stopped, Stopping

Stream: TypeAlias = Literal["out", "err"]
OnLine: TypeAlias = Callable[[str, Stream], None]

POLITELY = 10.0
"""Seconds between asking a group to end and killing it."""
LAST_WORDS = 1.0
"""Seconds that output is read on after a program has ended, where something else still holds it open."""
LONGEST_LINE = 65_536
"""Bytes; the rest of a longer line is dropped."""

MARK = "RUN_OF_MEDIASTEAD"
"""In the environment of a program and of all that it starts: by it those are found that left its group (`setsid`), on Linux.
What cleans its environment as well (`sudo`, `systemd-run`) is not."""
PROCESSES = "/proc"
ROUNDS = 5
"""What starts others while it is looked for is looked for again."""

_WATCHER = """trap '' TERM INT HUP QUIT; read -r _
for process in /proc/[0-9]*; do grep -qs "$1" "$process/environ" && kill -KILL "${process#/proc/}"; done 2> /dev/null
kill -KILL 0"""


async def run_child(
    argv: Sequence[str | bytes],
    *,
    report: Report,
    on_line: OnLine | None = None,
    cwd: bytes | str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    politely: float = POLITELY,
) -> int:
    """Run a program to its end; its exit code (negative: the signal that ended it).

    `on_line` gets each line as it comes, without its end, which may be a newline or a carriage return (as progress bars
    write); bytes that are no UTF-8 are shown as such. It may raise, which ends the program. Standard input is empty.
    `env` is laid over the environment of this process. When `report` says to stop, the whole group, and on Linux whatever left
    it, gets SIGTERM, and SIGKILL after `politely` seconds; then `Stopped` is raised. Whatever the program left running in its
    group is killed at its end.

    Raises `Stopped`; `StageFailed` where the program cannot be started (not to be tried again), or takes more than
    `timeout` seconds.
    """
    if report.stopped.is_set():
        raise Stopped(report.why or Stopping.GIVEN_BACK)
    name = os.fsdecode(argv[0])
    async with AsyncExitStack() as stack:
        outputs = [await _output(stack, stream, on_line) for stream in ("out", "err")]
        group = await stack.enter_async_context(_Group(politely))
        try:
            child = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=outputs[0].end,
                stderr=outputs[1].end,
                cwd=cwd,
                env={**os.environ, **(env or {}), MARK: group.mark},
                process_group=group.id,
            )
        except OSError as error:
            raise StageFailed(
                f"{name} cannot be started ({error.strerror}): see that it is installed on this host.", retry=False
            ) from error
        finally:
            for output in outputs:
                os.close(output.end)
        group.child = child
        report.started(child.pid)
        return await _watched(child, [output.reading for output in outputs], report, timeout, name)


class _Output(NamedTuple):
    end: int
    """For the program."""
    reading: "asyncio.Task[None]"


async def _output(stack: AsyncExitStack, stream: Stream, on_line: OnLine | None) -> _Output:
    # Not asyncio's own pipes: with those a program counts as ended only when nobody holds its output open any more, also not
    # what it started and left behind.
    ours, theirs = os.pipe()
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours, "rb", buffering=0)
    )
    stack.callback(transport.close)
    reading = asyncio.create_task(_lines(reader, stream, on_line))

    async def end() -> None:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

    stack.push_async_callback(end)
    return _Output(theirs, reading)


async def _watched(
    child: asyncio.subprocess.Process,
    outputs: Sequence["asyncio.Task[None]"],
    report: Report,
    timeout: float | None,
    name: str,
) -> int:
    ended, stopped = asyncio.create_task(child.wait()), asyncio.create_task(report.stopped.wait())
    loop = asyncio.get_running_loop()
    until = None if timeout is None else loop.time() + timeout
    waiting: set[asyncio.Task[Any]] = {ended, stopped, *outputs}
    try:
        while not ended.done():
            left = None if until is None else until - loop.time()
            done, waiting = await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                raise StageFailed(f"{name} did not end within {timeout:.0f} seconds and was stopped.")
            if stopped in done and not ended.done():
                raise Stopped(report.why or Stopping.GIVEN_BACK)
            for output in done.intersection(outputs):
                output.result()  # raises what `on_line` did
        # What is still in the pipes; whoever was left behind and holds them open is not waited for.
        await asyncio.wait(outputs, timeout=LAST_WORDS)
        for output in outputs:
            if output.done():
                output.result()
        return ended.result()
    finally:
        for task in (ended, stopped):
            task.cancel()
        await asyncio.gather(ended, stopped, return_exceptions=True)


class _Group:
    """A process group whose leader is a watcher: it kills the group when the pipe from this process breaks, so that neither a
    program nor what it started outlives a server that was killed.

    A parent-death signal would reach the program itself only, and exists on Linux alone. The watcher is there before the
    program is, so that there is no moment without it, and keeps the group's number from being used again. It also kills what left
    the group.
    """

    def __init__(self, politely: float) -> None:
        self._politely = politely
        self.mark = secrets.token_hex(16)
        self.child: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> "_Group":
        reading, self._pipe = os.pipe()
        try:
            self._watcher = await asyncio.create_subprocess_exec(
                "/bin/sh",
                "-c",
                _WATCHER,
                "watcher",
                f"{MARK}={self.mark}",
                stdin=reading,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                process_group=0,
            )
        except BaseException:
            os.close(self._pipe)
            raise
        finally:
            os.close(reading)
        self.id = self._watcher.pid
        return self

    async def __aexit__(self, *_: object) -> None:
        is_stopped = self.child is not None and self.child.returncode is None
        try:
            if self.child is not None and is_stopped:
                self._signal(signal.SIGTERM)
                self._signal_those_that_left(signal.SIGTERM)
                await asyncio.wait([asyncio.ensure_future(self.child.wait())], timeout=self._politely)
        finally:
            # Also the watcher, and whatever the program left behind.
            self._signal(signal.SIGKILL)
            # A program that came to its end by itself may have started something that is to outlive it.
            if is_stopped:
                rounds = 0
                while rounds < ROUNDS and self._signal_those_that_left(signal.SIGKILL):
                    rounds += 1
            os.close(self._pipe)
            await self._watcher.wait()
            if self.child is not None:
                await self.child.wait()

    def _signal(self, number: int) -> None:
        # On macOS a group of which all have ended but nobody was waited for gives EPERM.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.id, number)

    def _signal_those_that_left(self, number: int) -> int:
        """How many; none where the system does not show what a program was started with."""
        found = 0
        wanted = f"{MARK}={self.mark}".encode()
        for name in os.listdir(PROCESSES) if os.path.isdir(PROCESSES) else ():
            # It may end meanwhile, or be another user's.
            with suppress(OSError):
                if not name.isdecimal() or wanted not in Path(PROCESSES, name, "environ").read_bytes():
                    continue
                if os.getpgid(int(name)) != self.id:
                    os.kill(int(name), number)
                    found += 1
        return found


async def _lines(stream: asyncio.StreamReader, name: Stream, on_line: OnLine | None) -> None:
    begun = b""
    while chunk := await stream.read(LONGEST_LINE):
        if on_line is None:
            continue
        *whole, begun = (begun + chunk).replace(b"\r", b"\n").split(b"\n")
        begun = begun[:LONGEST_LINE]
        for line in whole:
            if line:
                on_line(line[:LONGEST_LINE].decode("utf-8", "backslashreplace"), name)
    if begun and on_line is not None:
        on_line(begun.decode("utf-8", "backslashreplace"), name)

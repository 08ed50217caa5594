"""Processes that are forked from one that has imported everything, and are killed."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

PATIENCE = 60.0


class Zygote:
    """Starts processes, each within milliseconds. `module` says which roles there are; what they say goes to `said`."""

    def __init__(self, url: str, module: str = "zygote", said: Path | None = None) -> None:
        self._url = url
        command = [sys.executable, "-m", f"{__package__}.{module}", url]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        pipe = subprocess.PIPE
        out = said.open("ab") if said is not None else None
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=out, text=True, env=environment)
        if out is not None:
            out.close()
        assert self._line() == "ready"

    def start(self, role: str, host_id: int, commit: int = -1, url: str | None = None, *, stops: bool = False) -> int:
        """The id of the process, which dies at that commit (`zygote`), or `stops` there until it is told to go on. `url`: its own
        way to the database, where it has one."""
        assert self.process.stdin is not None
        print(role, host_id, commit, "STOP" if stops else "KILL", url or self._url, file=self.process.stdin, flush=True)
        return int(self._line())

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


async def gone(pid: int, seconds: float) -> bool:
    """Whether the process ends by itself within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            while lives(pid):  # noqa: ASYNC110 - it is nobody's child here
                await asyncio.sleep(0.01)
    except TimeoutError:
        return False
    return True


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_stopped(pid: int) -> bool:
    """By SIGSTOP. Asked of the system's own program, which macOS has as well."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return state.startswith("T")


async def kill(pid: int) -> None:
    if lives(pid):
        os.kill(pid, signal.SIGKILL)
    assert await gone(pid, PATIENCE)

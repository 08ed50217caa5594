"""The command line in processes of their own that start at once.

    done = run_command(["library", "list"], env=environment)
    server = Command(["serve", "--port", "0"], env=environment, stdout=subprocess.PIPE)

To import the application takes most of a short command's time, and the tests start it some hundred times. So one process
(a worker of pytest has one) imports it and does nothing else; each command is forked from that one, and gets the arguments,
environment, folder and standard streams that it would have had. It is a whole process: it can be killed, it starts its own
parser workers, it ends as any other. What only a start from nothing shows (the installed command, what is imported when)
is held by the tests in `test_commands.py` and `demo/` that have a `COMMAND`.
"""

import atexit
import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from runpy import run_module
from tempfile import TemporaryFile
from typing import IO, Any, Literal, NoReturn, TypeAlias

from sqlalchemy.orm import configure_mappers

REPOSITORY = Path(__file__).parents[2]
Namespace: TypeAlias = Literal["mounts", "user"]
"""For mounts alone, or where this process may not have that, with users as well: there it is root."""
_NEW_MOUNTS, _NEW_USERS, _PRIVATE = 0x20000, 0x10000000, 1 << 18 | 1 << 14
"""CLONE_NEWNS and CLONE_NEWUSER of unshare(2), MS_PRIVATE | MS_REC of mount(2)."""


class Command:
    """A running `mediastead`, with the methods of `subprocess.Popen` that the tests use.

    `stdin`, `stdout` and `stderr` are descriptors or `subprocess.DEVNULL`, `stdout` also `subprocess.PIPE`; None is ours.
    With a `module` it is `python -m module` instead; what mounts has a `namespace` of its own.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path | None = None,
        stdin: int = subprocess.DEVNULL,
        stdout: int | None = None,
        stderr: int | None = None,
        module: str | None = None,
        namespace: Namespace | None = None,
    ) -> None:
        self.stdout: IO[str] | None = None
        self.returncode: int | None = None
        self._line, theirs = socket.socketpair()
        opened: list[int] = []
        if stdout == subprocess.PIPE:
            reading, stdout = os.pipe()
            opened.append(stdout)
            self.stdout = os.fdopen(reading)
        streams: list[int] = []
        for given, ours in ((stdin, 0), (stdout, 1), (stderr, 2)):
            if given == subprocess.DEVNULL:
                given = os.open(os.devnull, os.O_RDWR)
                opened.append(given)
            streams.append(ours if given is None else given)
        with theirs:
            socket.send_fds(_origin(), [b"."], [theirs.fileno(), *streams])
        for descriptor in opened:
            os.close(descriptor)
        order = {
            "arguments": list(arguments),
            "env": dict(env),
            "cwd": str(cwd or Path.cwd()),
            "module": module,
            "namespace": namespace,
        }
        self._answers = self._line.makefile("rw")
        self._answers.write(json.dumps(order) + "\n")
        self._answers.flush()
        self.pid = int(self._answers.readline())

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; minus the number of the signal that killed it. Raises `subprocess.TimeoutExpired`."""
        if self.returncode is None:
            self._line.settimeout(max(timeout, 1e-3) if timeout is not None else None)
            try:
                # Peeked at first: what a file has read in part before a time-out is lost to it.
                self._line.recv(1, socket.MSG_PEEK)
            except TimeoutError:
                raise subprocess.TimeoutExpired("mediastead", timeout or 0.0) from None
            self._line.settimeout(None)
            self.returncode = int(self._answers.readline())
            self._answers.close()
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run_command(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    input: str = "",
    timeout: float = 90,
    check: bool = False,
    module: str | None = None,
    namespace: Namespace | None = None,
) -> "subprocess.CompletedProcess[str]":
    """As `subprocess.run` with its output captured. The streams are files, so that none can fill up."""
    with TemporaryFile() as stdin, TemporaryFile() as stdout, TemporaryFile() as stderr:
        stdin.write(input.encode())
        stdin.seek(0)
        streams = {"stdin": stdin.fileno(), "stdout": stdout.fileno(), "stderr": stderr.fileno()}
        command = Command(arguments, env=env, cwd=cwd, module=module, namespace=namespace, **streams)
        try:
            code = command.wait(timeout)
        except subprocess.TimeoutExpired:
            command.kill()
            command.wait()
            raise
        said: list[str] = []
        for file in (stdout, stderr):
            file.seek(0)
            said.append(file.read().decode())
    name = module or "mediastead"
    done = subprocess.CompletedProcess([name, *arguments], code, *said)
    if check and code != 0:
        raise AssertionError(f"{name} {' '.join(arguments)} ended with {code}: {done.stderr}")
    return done


@cache
def own_namespace() -> Namespace | None:
    """The kind in which this machine lets a process mount; None where it does not."""
    kinds: tuple[Namespace, ...] = ("mounts", "user")
    return next((kind for kind in kinds if run_command(["--version"], env={}, namespace=kind).returncode == 0), None)


@cache
def _origin() -> socket.socket:
    """Our end of the line to the process that all commands are forked from; it ends when this process does."""
    ours, theirs = socket.socketpair()
    code = f"from tests.flow.commands import serve; serve({theirs.fileno()})"
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=REPOSITORY,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def serve(descriptor: int) -> None:
    """Import everything, and fork a command for each that is asked for, until the other end is gone."""
    from mediastead.cli.main import COMMANDS

    for place, _ in COMMANDS.values():
        importlib.import_module(f"mediastead.cli.{place.partition(':')[0]}")
    for name in ("mediastead.schema", "alembic.command", "httpx", "uvicorn"):
        importlib.import_module(name)
    _make_beforehand()
    assert threading.active_count() == 1, "a thread does not live on in a forked process"
    # Children that nobody waits for are those that keep watch; what they watch they wait for themselves.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asked = socket.socket(fileno=descriptor)
    while True:
        byte, descriptors, _, _ = socket.recv_fds(asked, 1, 4)
        if not byte:
            return
        if os.fork() == 0:
            asked.close()
            _keep_watch(*descriptors)
        for each in descriptors:
            os.close(each)


def _make_beforehand() -> None:
    """What every command would else make for itself in a second of computing: routes, mappers, and the process that its
    workers are forked from, which all commands share."""
    from mediastead import app, processes

    routes = app.make_routes()
    app.make_routes = lambda: routes
    configure_mappers()
    processes.warm_context()
    forkserver.ensure_running()
    # A command would ask whether that is still a child of it.
    _forkserver: Any = vars(forkserver)["_forkserver"]
    _forkserver.ensure_running = resource_tracker.ensure_running
    gc.collect()
    gc.freeze()


def _keep_watch(line: int, *streams: int) -> None:
    """Fork once more; in the child become the command, and in this process tell its number and its end."""
    from mediastead.cli.main import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with socket.socket(fileno=line) as answers, answers.makefile("rw") as file:
        order: dict[str, Any] = json.loads(file.readline())
        child = os.fork()
        if child:
            for each in streams:
                os.close(each)
            file.write(f"{child}\n")
            file.flush()
            _, status = os.waitpid(child, 0)
            file.write(f"{os.waitstatus_to_exitcode(status)}\n")
            file.flush()
            os._exit(0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    if "PYTHONUNBUFFERED" in order["env"]:
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(write_through=True)  # type: ignore[union-attr] - no other kind of stream stands there
    sys.argv = [order["module"] or "mediastead", *order["arguments"]]
    if order["namespace"]:
        try:
            _enter(order["namespace"])
        except OSError:
            os._exit(1)
    _end_after(partial(run_module, order["module"], run_name="__main__") if order["module"] else main)


def _end_after(command: Callable[[], object]) -> NoReturn:
    """As a process of `multiprocessing` ends: to take down all that was imported would copy it page by page."""
    code: Any = 0
    try:
        command()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        shutdown: Any = vars(threading)["_shutdown"]
        shutdown()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(ValueError, OSError):
                stream.flush()
        os._exit(code)


def _enter(namespace: Namespace) -> None:
    """What is mounted from now on is seen by nobody else, as with `unshare`."""
    users, groups = os.geteuid(), os.getegid()
    _checked(_libc().unshare(_NEW_MOUNTS | (_NEW_USERS if namespace == "user" else 0)))
    if namespace == "user":
        for name, content in (("setgroups", "deny"), ("uid_map", f"0 {users} 1"), ("gid_map", f"0 {groups} 1")):
            Path("/proc/self", name).write_text(content)
    _checked(_libc().mount(b"none", b"/", None, _PRIVATE, None))


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

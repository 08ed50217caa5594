"""Programs that handlers run: what they say, how they are ended, and that none outlives its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mediastead.pipeline.jobs.children import run_child
from mediastead.pipeline.jobs.work import StageFailed, Stopped, Stopping

from .reports import KeptReport

LEAVES_ONE_BEHIND = "sleep 1000 & echo $!; {}"
PARENT = """
import asyncio, sys
from mediastead.pipeline.jobs.children import run_child
from tests.unit.pipeline.reports import KeptReport
async def main():
    await run_child(["sh", "-c", sys.argv[1]], report=KeptReport(), on_line=lambda line, stream: print(line, flush=True))
asyncio.run(main())
"""


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.005)


async def test_each_line_is_told_with_where_it_came_from_and_the_exit_code_is_given() -> None:
    lines: list[tuple[str, str]] = []
    script = r"printf 'one\rtwo\nlast'; printf 'b\377d\n' >&2; cat; exit 3"
    code = await run_child(["sh", "-c", script], report=KeptReport(), on_line=lambda *line: lines.append(line))
    assert code == 3
    assert sorted(lines) == [("b\\xffd", "err"), ("last", "out"), ("one", "out"), ("two", "out")]


async def test_a_line_without_end_is_cut_instead_of_kept() -> None:
    lengths: list[int] = []
    script = "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo after"
    await run_child(["sh", "-c", script], report=KeptReport(), on_line=lambda line, _: lengths.append(len(line)))
    assert lengths == [65_536, 5]


async def test_environment_and_folder_are_given(tmp_path: Path) -> None:
    lines: list[str] = []
    argv = ["sh", "-c", 'echo "$STAGE"; pwd; echo "${HOME:+home}"']
    await run_child(
        argv, report=KeptReport(), on_line=lambda line, _: lines.append(line), cwd=tmp_path, env={"STAGE": "rip"}
    )
    assert lines == ["rip", str(tmp_path), "home"]


async def test_a_program_that_is_not_there_fails_with_what_to_do_and_is_not_tried_again() -> None:
    with pytest.raises(StageFailed, match=r"no-such-ripper cannot be started .* installed") as failed:
        await run_child(["no-such-ripper"], report=KeptReport())
    assert not failed.value.retry


async def test_a_program_that_ends_leaves_nothing_running_and_is_not_waited_for_through_what_it_left() -> None:
    lines: list[str] = []
    began = time.monotonic()
    code = await run_child(
        ["sh", "-c", LEAVES_ONE_BEHIND.format("exit 0")],
        report=KeptReport(),
        on_line=lambda line, _: lines.append(line),
    )
    assert code == 0
    assert time.monotonic() - began < 10
    wait_until(lambda: not lives(int(lines[0])))


async def test_a_stop_ends_the_whole_group_politely() -> None:
    report, lines = KeptReport(), list[str]()
    script = "trap 'echo bye; exit 5' TERM; sleep 1000 & echo $!; wait"

    def heard(line: str, _: str) -> None:
        lines.append(line)
        if len(lines) == 1:
            report.stop()

    with pytest.raises(Stopped) as stopped:
        await run_child(["sh", "-c", script], report=report, on_line=heard)
    assert stopped.value.why is Stopping.CANCELLED
    wait_until(lambda: not lives(int(lines[0])))


@pytest.mark.skipif(sys.platform != "linux", reason="only there can be seen who was started by whom")
@pytest.mark.parametrize("daemon", ["setsid sleep 1000 & echo $!", "sh -c 'setsid sleep 1000 & echo $!'"])
async def test_a_stop_ends_also_what_left_the_group(daemon: str) -> None:
    report, lines = KeptReport(), list[str]()

    def heard(line: str, _: str) -> None:
        lines.append(line)
        if len(lines) == 2:
            report.stop()

    with pytest.raises(Stopped):
        await run_child(["sh", "-c", f"{daemon}; sleep 0.2; echo on; sleep 1000"], report=report, on_line=heard)
    wait_until(lambda: not lives(int(lines[0])))


@pytest.mark.skipif(sys.platform != "linux", reason="only there can be seen who was started by whom")
async def test_what_left_the_group_of_a_program_that_came_to_its_end_is_left_alone() -> None:
    """A script may start something on purpose that is to outlive it."""
    lines: list[str] = []
    script = "setsid sleep 1000 >/dev/null 2>&1 & echo $!; sleep 0.2"
    await run_child(["sh", "-c", script], report=KeptReport(), on_line=lambda line, _: lines.append(line))
    assert lives(int(lines[0]))
    os.kill(int(lines[0]), signal.SIGKILL)


async def test_who_does_not_end_when_asked_is_killed() -> None:
    report, lines = KeptReport(), list[str]()
    script = "trap '' TERM; echo $$; while :; do sleep 0.05; done"

    def heard(line: str, _: str) -> None:
        lines.append(line)
        report.stop(Stopping.FENCED)

    with pytest.raises(Stopped):
        await run_child(["sh", "-c", script], report=report, on_line=heard, politely=0.1)
    assert not lives(int(lines[0]))


async def test_a_program_that_takes_too_long_fails() -> None:
    with pytest.raises(StageFailed, match="sleep did not end within 0 seconds"):
        await run_child(["sleep", "1000"], report=KeptReport(), timeout=0.1)


async def test_an_error_in_the_reading_of_lines_ends_the_program() -> None:
    report = KeptReport()

    def heard(line: str, _: str) -> None:
        raise ValueError(line)

    with pytest.raises(ValueError, match="boom"):
        await run_child(["sh", "-c", "echo boom; sleep 1000"], report=report, on_line=heard)
    assert not lives(report.pids[0])


async def test_a_task_that_is_cancelled_ends_the_program() -> None:
    report = KeptReport()
    task = asyncio.create_task(run_child(["sleep", "1000"], report=report))
    await asyncio.wait_for(report.began.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not lives(report.pids[0])


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("started", ["sleep 1000", "setsid sleep 1000"])
def test_a_program_and_what_it_started_end_with_a_parent_that_is_killed(started: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, f"trap '' TERM HUP; {started} & echo $!; sleep 0.2; echo $$; wait"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert parent.stdout is not None
    pids = [int(parent.stdout.readline()) for _ in range(2)]
    assert all(map(lives, pids))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not any(map(lives, pids)))

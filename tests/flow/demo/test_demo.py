"""The demo as a newcomer runs it: a process of its own, real files, a real server."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..commands import run_command

COMMAND = [str(Path(sys.executable).with_name("mediastead")), "demo"]
"""The command as it was installed."""


def run_once(folder: Path) -> str:
    """Its output; it must have succeeded."""
    return run_command(["demo", "--once", "--data-dir", "demo-data"], env=os.environ, cwd=folder, check=True).stdout


def total(output: str, label: str) -> int:
    """The last column of a line of the summary."""
    line = re.search(rf"^ *{label} .*?(\d+)$", output, re.MULTILINE)
    assert line, output
    return int(line[1])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder in which the demo ran once, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, run_once(folder)


def test_it_identifies_most_files_adds_up_and_a_rescan_asks_and_parses_nothing(demo: tuple[Path, str]) -> None:
    folder, first = demo
    assert total(first, "matched") >= 110
    assert total(first, "pending") == total(first, "missing") == 0
    states = ("matched", "unmatched", "pending", "ignored", "dismissed")
    assert total(first, "present") == sum(total(first, state) for state in states) > 140
    assert "It adds up" in first
    assert " 0 paths parsed" not in first

    second = run_once(folder)
    assert "0 calls to the provider, 0 paths parsed" in second
    assert [total(second, state) for state in states] == [total(first, state) for state in states]

    (folder / "demo-data/library/Movies/Her (2013)/Her (2013).mkv").unlink()
    third = run_once(folder)
    assert total(third, "missing") == 1
    assert total(third, "present") == total(first, "present") - 1
    assert "0 calls to the provider, 0 paths parsed" in third


@contextmanager
def serving(folder: Path, port: int) -> Generator[tuple[subprocess.Popen[str], str]]:
    """The demo while it serves, with its address."""
    command = [*COMMAND, "--data-dir", "demo-data", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as process:
        try:
            assert process.stdout
            for line in process.stdout:
                if found := re.match(r"Mediastead listens on (http://127\.0\.0\.1:\d+)", line):
                    yield process, found[1]
                    break
            else:
                pytest.fail("it never listened")
        finally:
            process.kill()


def test_it_serves_on_the_next_free_port_until_ctrl_c(demo: tuple[Path, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving(demo[0], port) as (process, address):
            assert address != f"http://127.0.0.1:{port}"
            with urllib.request.urlopen(f"{address}/v1/unmatched-files/summary", timeout=10) as answer:
                assert json.load(answer)["open"] > 10
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0


def test_it_leaves_a_folder_alone_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "demo-data/library").mkdir(parents=True)
    (tmp_path / "demo-data/library/mine.mkv").write_bytes(b"mine")
    done = run_command(["demo", "--once", "--data-dir", "demo-data"], env=os.environ, cwd=tmp_path)
    assert done.returncode == 1
    assert "--data-dir" in done.stderr
    assert [path.name for path in (tmp_path / "demo-data").iterdir()] == ["library"]

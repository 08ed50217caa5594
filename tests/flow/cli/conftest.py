"""Real commands with settings and data of their own: in processes of their own, or in this one where TMDB is a stand-in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from mediastead import app
from mediastead.cli import main

from ...standin import KEY, StandIn
from ..commands import run_command

_routes = cache(app.make_routes)
"""The same for all commands in this process."""


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


Run: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]
RunHere: TypeAlias = Callable[..., Done]
COMMAND = [sys.executable, "-c", "from mediastead.cli.main import main; main()"]


@pytest.fixture
def environ(tmp_path: Path, sqlite_template: Path) -> dict[str, str]:
    """With a database that is empty, and not still to be made."""
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "mediastead.db")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MEDIASTEAD_")}
    ours = {
        "MEDIASTEAD_DATA_DIR": str(tmp_path / "data"),
        "MEDIASTEAD_METADATA": "bundled",
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    return kept | ours


@pytest.fixture
def nothing(tmp_path: Path) -> dict[str, str]:
    """The environment of a person who has nothing yet, neither a database nor a folder for it."""
    return {"MEDIASTEAD_DATA_DIR": str(tmp_path / "nothing")}


@pytest.fixture
def run(environ: dict[str, str], tmp_path: Path) -> Run:
    """`run("library", "list")` gives the ended process; `env` adds variables, `input` is what it reads."""

    def run(*arguments: str, env: dict[str, str] | None = None, input: str = "") -> "subprocess.CompletedProcess[str]":
        return run_command(arguments, env=environ | (env or {}), cwd=tmp_path, input=input)

    return run


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Two files: one that the bundled catalogue knows, and one that nobody does. Old, so that nothing is still written to."""
    root = tmp_path / "films"
    root.mkdir()
    for name in ("The.Matrix.1999.mkv", "qwertz uiop.mkv"):
        (root / name).touch()
        os.utime(root / name, (1_600_000_000, 1_600_000_000))
    return root


@pytest.fixture
def tmdb() -> Generator[StandIn]:
    with StandIn() as standin:
        yield standin


@pytest.fixture
def run_here(
    environ: dict[str, str], tmdb: StandIn, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> RunHere:
    """Commands in this process, which ask the stand-in: a dozen of them would else spend most of their time starting."""
    for key in [key for key in os.environ if key.startswith("MEDIASTEAD_")]:
        monkeypatch.delenv(key)
    asked = {
        "MEDIASTEAD_METADATA": "tmdb",
        "MEDIASTEAD_TMDB_BASE_URL": tmdb.base_url,
        "MEDIASTEAD_TMDB_API_KEY": KEY,
        "MEDIASTEAD_PARSER_WORKERS": "1",
    }
    for key, value in (environ | asked).items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr(app, "make_routes", _routes)

    def run(*arguments: str) -> Done:
        capfd.readouterr()
        code = main.run(list(arguments))
        told = capfd.readouterr()
        return Done(code, str(told.out), str(told.err))

    return run

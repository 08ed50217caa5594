"""Scripts that people have already, run unchanged as stages."""

import os
from pathlib import Path
from typing import Any

import pytest

from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.jobs.work import CapabilityLost, NotWorthIt, Result, StageFailed, Work
from mediastead.pipeline.stages.handlers import HOST_HANDLERS
from mediastead.pipeline.stages.parameters import RemuxParameters, RipParameters, RipTitle, TranscodeParameters
from mediastead.pipeline.stages.presets import BUILT_IN
from mediastead.pipeline.stages.scripts import ENVIRONMENT, Wanted, pair

from .media import KeptReport, entries, film, made, needs, work_for

pytestmark = needs("ffmpeg", "ffprobe")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("source") / "source.mkv", seconds=3)


def script(folder: Path, body: str) -> str:
    file = folder / "my script.sh"
    file.write_text(f"#!/bin/sh\nset -eu\n{body}\n")
    file.chmod(0o755)
    return str(file)


async def run(work: Work, report: KeptReport | None = None) -> Result:
    return await HOST_HANDLERS[work.stage](work, report or KeptReport())


async def test_a_script_that_makes_its_files_where_it_always_did_is_a_rip(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows nothing of attempts: it writes into the item's folder, under names of its own."""
    monkeypatch.setenv("MEDIASTEAD_TMDB_API_KEY", "secret")
    body = """mkdir -p "$1/rips"; echo "ripping $PIPELINE_TITLES of $PIPELINE_INPUT as $PIPELINE_NAME, quality $Q"
    echo "key: <${MEDIASTEAD_TMDB_API_KEY}>"; echo "  50% done"
    cp "$FROM" "$1/rips/disc_t02.mkv"; cp "$FROM" "$1/rips/disc_t05.mkv" """
    command: dict[str, Any] = {
        "argv": [script(tmp_path, body), "{item_directory}"],
        "environment": {"FROM": str(source), "Q": "{stage}-high"},
        "results": ["{item_directory}/rips/*.mkv"],
    }
    titles = [RipTitle(number=2, name="S01E02", duration=3), RipTitle(number=5, name="S01E05", duration=3)]
    (tmp_path / "rips").mkdir()
    (tmp_path / "rips" / "old_t02.mkv").write_bytes(b"of last year")
    os.utime(tmp_path / "rips" / "old_t02.mkv", (1, 1))
    work = work_for(Stage.RIP, tmp_path, source, RipParameters(kind="dvd", titles=titles), script=command)
    report = KeptReport()
    result = await run(work, report)
    assert [(file.path, file.title) for file in result.files] == [("disc_t02.mkv", 2), ("disc_t05.mkv", 5)]
    assert entries(work) == made(work, result)
    said = [text for _, text in report.lines]
    assert said == [f"ripping 2 5 of {source} as S01E02, quality rip-high", "key: <>"]
    assert report.shares[0] == pytest.approx(0.45)


@pytest.mark.parametrize(
    ("code", "meanings", "raised", "says"),
    [
        (1, {}, StageFailed, "ended with exit code 1: it is raining"),
        (64, {}, StageFailed, "exit code 64"),
        (69, {}, CapabilityLost, "Mend that on this host"),
        (7, {"7": "not_worth_it"}, NotWorthIt, "The source stays"),
        (0, {"0": "failed_for_good"}, StageFailed, "exit code 0"),
    ],
)
async def test_exit_codes_mean_what_the_host_says_or_what_is_usual(
    source: Path, tmp_path: Path, code: int, meanings: dict[str, str], raised: type[Exception], says: str
) -> None:
    command = {"argv": [script(tmp_path, f"echo it is raining; exit {code}")], "exit_codes": meanings}
    work = work_for(Stage.REMUX, tmp_path, source, RemuxParameters(number=1), script=command)
    with pytest.raises(raised, match=says) as failed:
        await run(work)
    if isinstance(failed.value, StageFailed):
        assert failed.value.retry is (code == 1)


async def test_a_script_that_says_it_is_done_is_not_believed(source: Path, tmp_path: Path) -> None:
    for body, says in (
        ("true", "made nothing"),
        ('head -c 20000 "$PIPELINE_INPUT" > "$PIPELINE_OUTPUT"', "truncated"),
        ('cp "$PIPELINE_INPUT" a.mkv; cp "$PIPELINE_INPUT" b.mkv', "cannot be told"),
    ):
        command = {"argv": [script(tmp_path, body)]}
        work = work_for(Stage.REMUX, tmp_path, source, RemuxParameters(number=1, name="Film"), script=command)
        with pytest.raises(StageFailed, match=says):
            await run(work)


async def test_what_a_script_transcoded_is_measured_against_its_source(source: Path, tmp_path: Path) -> None:
    parameters = TranscodeParameters(number=1, name="Film", preset=BUILT_IN["h264"])
    command = {"argv": [script(tmp_path, 'cp "$PIPELINE_INPUT" "$PIPELINE_OUTPUT"')]}
    work = work_for(Stage.TRANSCODE, tmp_path, source, parameters, script=command)
    with pytest.raises(NotWorthIt, match="100%") as said:
        await run(work)
    assert said.value.facts["ratio"] == 1


async def test_a_script_that_is_not_there_or_told_wrongly_is_said_so(source: Path, tmp_path: Path) -> None:
    gone = work_for(Stage.REMUX, tmp_path, source, RemuxParameters(number=1), script={"argv": ["/nowhere/rip.sh"]})
    with pytest.raises(CapabilityLost, match=r"/nowhere/rip\.sh is not there"):
        await run(gone)
    for wrong in ({"argv": []}, {"argv": ["true", "{unput}"]}, {"argv": ["true"], "exit_code": 3}):
        work = work_for(Stage.REMUX, tmp_path, source, RemuxParameters(number=1), script=wrong)
        with pytest.raises(StageFailed, match="commands") as failed:
            await run(work)
        assert not failed.value.retry


def test_files_are_never_guessed_to_be_a_title() -> None:
    wanted = [Wanted(number=1, name="S01E01", seconds=None), Wanted(number=2, name="S01E02", seconds=None)]
    named = [Path("S01E02.mkv"), Path("S01E01.mkv")]
    assert [file.name for _, file in pair(wanted, named)] == ["S01E01.mkv", "S01E02.mkv"]
    assert [file.name for _, file in pair(wanted, [Path("Title 02.mkv"), Path("title_t01.mkv")])] == [
        "title_t01.mkv",
        "Title 02.mkv",
    ]
    for files in ([], [Path("a.mkv"), Path("b.mkv")], [Path("t01.mkv"), Path("title 1.mkv"), Path("t02.mkv")]):
        with pytest.raises(StageFailed, match="cannot be told"):
            pair(wanted, files)


async def test_every_name_of_the_environment_is_told(source: Path, tmp_path: Path) -> None:
    command = {"argv": [script(tmp_path, 'env | grep ^PIPELINE_ | cut -d= -f1 | sort; cp "$PIPELINE_INPUT" x.mkv')]}
    work = work_for(Stage.REMUX, tmp_path, source, RemuxParameters(number=1, name="Film"), script=command)
    report = KeptReport()
    await run(work, report)
    assert [text for _, text in report.lines] == sorted(ENVIRONMENT)

"""`mediastead presets`."""

import json
from pathlib import Path

from .conftest import RunHere


def test_presets_are_set_by_what_differs_from_another(run_here: RunHere, tmp_path: Path) -> None:
    assert "h264 (default)" in run_here("presets", "list").stdout
    made = run_here(
        "presets", "set", "tv", "--like", "h265", "video.crf=24.5", "tracks.audio=de,original", "video.speed=none"
    )
    assert made.stdout == "tv: h265, crf 24.5, 10 bits, HDR: keep, eac3.\n", made.stderr
    shown = json.loads(run_here("presets", "show", "tv", "--json").stdout)["body"]
    assert (shown["tracks"]["audio"], shown["video"]["speed"]) == (["de", "original"], None)
    assert run_here("presets", "set", "tv", "video.colour=red").returncode == 2
    refused = run_here("presets", "set", "tv", "video.bitrate_kbps=900")
    assert (refused.returncode, "leave one of them out" in refused.stderr) == (1, True)
    (tmp_path / "own.json").write_text('{"video": {"codec": "copy"}}')
    assert "as it is" in run_here("presets", "set", "own", "--file", str(tmp_path / "own.json")).stdout
    assert run_here("presets", "remove", "own").returncode == 0
    assert run_here("presets", "remove", "h264").returncode == 1

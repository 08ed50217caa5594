"""What was done is listed, shown and taken back from the command line; a dismissed folder among it."""

import json
import os
from pathlib import Path

from .conftest import RunHere


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
        os.utime(path, (1_600_000_000, 1_600_000_000))


def states(run_here: RunHere) -> dict[str, str]:
    lines = run_here("files", "list", "--json").stdout.splitlines()
    return {file["path"]: file["identification"] for file in map(json.loads, lines)}


def test_a_dismissed_folder_is_listed_taken_back_and_dismissed_again(run_here: RunHere, tmp_path: Path) -> None:
    root = tmp_path / "media"
    put(root, "Hols/DSC_0001.mp4", "Hols/Beach/DSC_0002.mp4", "Else/DSC_0003.mp4")
    assert run_here("library", "add", str(root), "--kind", "mixed").returncode == 0
    assert run_here("scan").returncode == 0
    questions = [json.loads(line) for line in run_here("unmatched", "list", "--json").stdout.splitlines()]
    question = next(str(each["id"]) for each in questions if each["path"] == "Hols/DSC_0001.mp4")

    dismissed = run_here("unmatched", "dismiss-folder", question)
    assert dismissed.returncode == 0, dismissed.stderr
    assert 'What is in "Hols" is dismissed, now and later; 2 open questions were settled.' in dismissed.stdout
    (folder,) = [json.loads(line) for line in run_here("remembered", "folders", "--json").stdout.splitlines()]
    assert (folder["path"], folder["files"], folder["revoked_by"]) == ("Hols", 2, None)
    put(root, "Hols/DSC_0004.mp4")
    assert run_here("scan").returncode == 0
    assert states(run_here) == {
        "Hols/DSC_0001.mp4": "dismissed",
        "Hols/Beach/DSC_0002.mp4": "dismissed",
        "Hols/DSC_0004.mp4": "dismissed",
        "Else/DSC_0003.mp4": "unmatched",
    }

    done = [
        json.loads(line)
        for line in run_here("history", "list", "--kind", "dismiss_folder", "--json").stdout.splitlines()
    ]
    assert [(each["files"], each["can_be_undone"]) for each in done] == [(2, True)]
    operation = str(done[0]["id"])
    shown = run_here("history", "show", operation).stdout
    assert "Hols/Beach/DSC_0002.mp4: unmatched" in shown
    looked = run_here("history", "undo", operation, "--dry-run")
    assert "2 files would be again what they were" in looked.stdout
    assert "folders that are no longer dismissed, and what they dismissed is asked about again: 1" in looked.stdout
    undone = run_here("history", "undo", operation)
    assert undone.returncode == 0, undone.stderr
    assert f"Operation {operation} is taken back; 2 files are again what they were." in undone.stdout
    assert run_here("scan").returncode == 0
    assert set(states(run_here).values()) == {"unmatched"}
    again = run_here("history", "undo", operation)
    assert again.returncode == 1 and "was taken back already" in again.stderr
    (folder,) = [json.loads(line) for line in run_here("remembered", "folders", "--json").stdout.splitlines()]
    assert folder["revoked_by"] == "local"
    listed = run_here("history", "list").stdout
    assert "taken back: what is in the folder" in listed
    nothing = run_here("history", "undo", "4711")
    assert nothing.returncode == 1 and "`mediastead history list` lists what there is" in nothing.stderr

    # By hand, as it is taken back without the history.
    assert run_here("unmatched", "dismiss-folder", question).returncode == 0
    (_, folder) = sorted(
        (json.loads(line) for line in run_here("remembered", "folders", "--json").stdout.splitlines()),
        key=lambda each: each["id"],
    )
    revoked = run_here("remembered", "revoke-folder", str(folder["id"]), "--also-files")
    assert "are asked about again" in revoked.stdout
    assert run_here("scan").returncode == 0
    assert set(states(run_here).values()) == {"unmatched"}

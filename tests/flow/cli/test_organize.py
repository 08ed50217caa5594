"""Organizing as a person does it: a look at the plan, apply, scan, and everything put back."""

import json
import os
from pathlib import Path
from typing import Any

from .conftest import Run

MATRIX = "The Matrix (1999) {tmdb-603}/The Matrix (1999) {tmdb-603}"
FIGHT = "Fight Club (1999) {tmdb-550}/Fight Club (1999) {tmdb-550}"
LONG = "Memento.2000." + "x" * 230 + "1080p.mkv"
BY_HAND = "holidays.mkv"


def test_files_go_where_they_belong_and_back(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "films"
    put(root, "Mad.Max.Fury.Road.2015.mkv", b"mad max")
    put(root, "Mad.Max.Fury.Road.2015.en.forced.srt", b"words")
    put(root, "Mad.Max.Fury.Road.2015.nfo", b"a person's own notes")
    put(root, "Mad.Max.Fury.Road.2015-poster.jpg", b"picture")
    put(root, "Unsorted/Alien.1979.MKV", b"alien")
    put(root, "Unsorted/notes.txt", b"stays")
    put(root, LONG, b"memento")
    put(root, BY_HAND, b"by hand")
    # Two films under each other's names.
    put(root, MATRIX + ".mkv", b"fight club")
    put(root, FIGHT + ".mkv", b"the matrix")
    put(root, FIGHT + ".srt", b"words of the matrix")
    assert len(LONG) == 252
    done(run("library", "add", str(root), "--kind", "movies", "--name", "Films"))
    done(run("scan", "Films"))
    ids = file_ids(run)
    done(run("files", "match", ids[MATRIX + ".mkv"], "--type", "movie", "--tmdb-id", "550"))
    done(run("files", "match", ids[FIGHT + ".mkv"], "--type", "movie", "--tmdb-id", "603"))
    made = json.loads(
        done(run("items", "add", "--type", "movie", "--title", "Where: Here?", "--year", "2020", "--json"))
    )
    done(run("files", "match", ids[BY_HAND], "--item-id", str(made["id"])))
    before = contents(root)
    done(run("library", "set", "Films", "--file-mode", "640", "--folder-mode", "750"))

    plan = done(run("organize", "plan", "Films"))
    assert all(len(line) <= 80 for line in plan.splitlines())
    assert "Mad.Max.Fury.Road.2015.mkv\n  -> Mad Max - Fury Road (2015) {tmdb-76341}/" in plan
    assert "with -poster.jpg, .en.forced.srt, .nfo" in plan
    assert '"notes.txt" stays' in plan
    assert "`mediastead organize apply 1`" in plan
    assert contents(root) == before, "a plan touches nothing"

    applied = done(run("organize", "apply", "1"))
    assert "is ended: 5 done, 1 refused." in applied
    after = contents(root)
    mad = "Mad Max - Fury Road (2015) {tmdb-76341}/Mad Max - Fury Road (2015) {tmdb-76341}"
    assert after == {
        f"{mad}.mkv": b"mad max",
        f"{mad}.en.forced.srt": b"words",
        f"{mad}.nfo": b"a person's own notes",
        f"{mad}-poster.jpg": b"picture",
        "Alien (1979) {tmdb-348}/Alien (1979) {tmdb-348}.mkv": b"alien",
        "Unsorted/notes.txt": b"stays",
        "Memento (2000) {tmdb-77}/Memento (2000) {tmdb-77}.mkv": b"memento",
        "Where - Here (2020)/Where - Here (2020).mkv": b"by hand",
        f"{MATRIX}.mkv": b"the matrix",
        f"{MATRIX}.srt": b"words of the matrix",
        f"{FIGHT}.mkv": b"fight club",
    }

    assert mode(root / f"{mad}.mkv") == mode(root / f"{mad}.nfo") == 0o640
    assert mode((root / mad).parent) == 0o750
    assert nothing_new(run), "a scan finds everything where it was put"
    again = done(run("organize", "plan", "Films"))
    assert "Nothing would move, so that the plan has ended. Where they belong: 6." in again

    put(root, "Alien.1979.2160p.mkv", b"alien, sharper")
    done(run("scan", "Films"))
    sharper = file_ids(run)["Alien.1979.2160p.mkv"]
    plan = done(run("organize", "plan", "--file", sharper, "--replace"))
    assert "Of these, 1 go to the trash" in plan
    assert "to the trash: Alien (1979) {tmdb-348}/Alien (1979) {tmdb-348}.mkv" in plan
    done(run("organize", "apply", "3"))
    assert contents(root)["Alien (1979) {tmdb-348}/Alien (1979) {tmdb-348}.mkv"] == b"alien, sharper"
    done(run("organize", "undo", "3"))
    assert contents(root) == after | {"Alien.1979.2160p.mkv": b"alien, sharper"}
    (root / "Alien.1979.2160p.mkv").unlink()

    undone = done(run("organize", "undo", "1"))
    assert "is ended: 5 done." in undone
    assert contents(root) == before


def test_a_template_is_shown_before_it_is_used_and_refused_with_what_is_wrong(run: Run, films: Path) -> None:
    done(run("library", "add", str(films), "--kind", "movies", "--name", "Films"))
    preview = done(
        run("library", "set", "Films", "--naming", "{{ title|letter }}/{{ title }} ({{ year }})", "--preview")
    )
    assert "would be called" in preview
    assert "B/Blade Runner (1982).mkv" in preview
    assert json.loads(done(run("library", "list", "--json")))["naming_template"] is None
    wrong = run("library", "set", "Films", "--naming", "{{ titel }}/x")
    assert wrong.returncode == 1
    assert 'There is no "titel" to fill in; did you mean title?' in wrong.stderr
    done(run("library", "set", "Films", "--naming", "jellyfin"))
    done(run("scan", "Films"))
    assert "-> The Matrix (1999) [tmdbid-603]/The Matrix (1999) [tmdbid-603].mkv" in done(
        run("organize", "plan", "Films")
    )
    assert "is forgotten" in done(run("organize", "discard", "1"))
    gone = run("organize", "apply", "1")
    assert gone.returncode == 1
    assert "which is discarded: make a new plan" in gone.stderr
    assert run("organize", "plan").returncode == 2


def put(root: Path, path: str, content: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content)
    os.utime(root / path, (1_600_000_000, 1_600_000_000))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def contents(root: Path) -> dict[str, bytes]:
    files = {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name != ".mediastead-library"}


def done(process: Any) -> str:
    assert process.returncode == 0, process.stderr + process.stdout
    return process.stdout


def file_ids(run: Run) -> dict[str, str]:
    files = [json.loads(line) for line in done(run("files", "list", "--json")).splitlines()]
    return {each["path"]: str(each["id"]) for each in files}


def nothing_new(run: Run) -> bool:
    counts = json.loads(done(run("scan", "Films", "--json")).splitlines()[-1])["counts"]
    return not any(counts[name] for name in ("new", "changed", "moved", "missing", "back"))


def test_files_come_from_an_inbox_and_what_is_taken_back_is_in_the_trash(run: Run, tmp_path: Path) -> None:
    films, inbox = tmp_path / "films", tmp_path / "inbox"
    films.mkdir()
    put(inbox, "The.Matrix.1999.mkv", b"the matrix")
    put(inbox, "The.Matrix.1999.srt", b"words")
    put(inbox, "more/Fight.Club.1999.mkv", b"fight club")
    done(run("library", "add", str(films), "--kind", "movies", "--name", "Films"))
    nowhere = run("bring-in", "plan", str(inbox))
    assert nowhere.returncode == 1
    assert "add it as an inbox first: mediastead library add" in nowhere.stderr
    done(run("library", "add", str(inbox), "--kind", "movies", "--name", "Inbox", "--inbox-for", "Films"))
    done(run("scan", "Inbox"))
    plan = done(run("bring-in", "plan", str(inbox / "The.Matrix.1999.mkv")))
    assert "The.Matrix.1999.mkv\n  -> The Matrix (1999) {tmdb-603}/" in plan
    assert "`mediastead organize apply 1`" in plan
    assert contents(films) == {}
    assert "is ended: 1 done." in done(run("organize", "apply", "1"))
    assert contents(films) == {f"{MATRIX}.mkv": b"the matrix", f"{MATRIX}.srt": b"words"}
    assert (films / f"{MATRIX}.mkv").samefile(inbox / "The.Matrix.1999.mkv")
    assert "bring in (link)" in done(run("organize", "list"))
    assert "hardlink" in done(run("imports", "list"))
    assert nothing_new(run)
    assert "is ended: 1 done." in done(run("organize", "undo", "1"))
    trashed = [json.loads(line) for line in done(run("trash", "list", "--json")).splitlines()]
    assert sorted(each["path"] for each in trashed) == [f"{MATRIX}.mkv", f"{MATRIX}.srt"]
    assert len(contents(inbox)) == 3
    back = next(each for each in trashed if each["path"].endswith(".srt"))
    assert "is back in Films" in done(run("trash", "put-back", str(back["id"])))
    assert "Deleted 1 with 10 bytes." in done(run("trash", "empty", "--yes"))
    assert contents(films) == {f"{MATRIX}.srt": b"words"}
    assert "Nothing is in the trash." in done(run("trash", "list"))
    assert "`mediastead organize apply 3`" in done(run("bring-in", "plan", str(inbox / "more")))
    done(run("organize", "apply", "3"))
    done(run("organize", "undo", "3"))
    forgotten = " ".join(done(run("library", "remove", "Films", "--yes")).split())
    assert (
        f"1 of its files (10 bytes) are in the trash on its disk, and nobody deletes them any more: see to {films}"
        in forgotten
    )

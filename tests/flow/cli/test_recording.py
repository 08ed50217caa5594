"""`mediastead library record`, and that what it wrote is found without its database."""

from pathlib import Path

from .conftest import Run


def test_records_are_previewed_written_and_found_without_the_database(run: Run, films: Path, tmp_path: Path) -> None:
    assert run("library", "add", str(films), "--kind", "movies", "--name", "Films").returncode == 0
    assert run("scan").returncode == 0
    previewed = run("library", "record", "Films", "--as", "nfo", "--preview")
    assert "The.Matrix.1999.mkv: would be written" in previewed.stdout
    assert not (films / "The.Matrix.1999.nfo").exists()
    assert run("library", "set", "Films", "--record", "nfo").returncode == 0
    scanned = run("scan")
    assert scanned.returncode == 0, scanned.stderr
    assert (films / "The.Matrix.1999.nfo").exists()
    recorded = run("library", "record", "Films")
    assert "every record lies where it should" in recorded.stdout, recorded.stderr

    told = run("identify", str(films / "The.Matrix.1999.mkv"), env={"MEDIASTEAD_DATA_DIR": str(tmp_path / "new")})
    assert "recorded beside the file" in told.stdout
    assert "The Matrix (1999)" in told.stdout

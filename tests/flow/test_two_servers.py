"""Two servers on one PostgreSQL: due scans are shared, none runs twice, and what a dead server left is taken over."""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select
from sqlalchemy.pool import NullPool

from mediastead.files.models import MediaFile
from mediastead.libraries.models import Library, LibraryKind, Scan, ScanOutcome
from mediastead.scanning.models import IdentifyClaim

from .servers import environment_for, running_server, wait_until

LIBRARIES = 24


@pytest.fixture
def due_libraries(postgres_url: str, database_url: str, tmp_path: Path) -> str:
    """Many libraries, all of them due since an hour."""
    then = datetime.now(UTC) - timedelta(hours=1)
    rows = []
    for number in range(LIBRARIES):
        root = tmp_path / f"library {number}"
        root.mkdir()
        for film in ("The Matrix (1999).mkv", "Inception (2010).mkv", f"unknown thing {number}.mkv"):
            (root / film).write_bytes(b"x" * (number + 1))
            os.utime(root / film, (1, 1))
        rows.append(
            {
                "name": root.name,
                "root": os.fsencode(root),
                "kind": LibraryKind.MOVIES,
                "scan_interval_minutes": 60,
                "next_scan_at": then,
                "exclude_patterns": [],
                "created_at": then,
            }
        )
    with create_engine(postgres_url, poolclass=NullPool).begin() as connection:
        connection.execute(insert(Library), rows)
    return postgres_url


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_due_scans_run_once_each_and_those_of_a_killed_server_are_taken_over(
    due_libraries: str, tmp_path: Path
) -> None:
    url = due_libraries
    engine = create_engine(url, poolclass=NullPool)

    def scans() -> list[tuple[int, str, ScanOutcome | None]]:
        with engine.connect() as connection:
            query = select(Scan.library_id, Scan.trigger, Scan.outcome).order_by(Scan.id)
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]

    with (
        running_server(environment_for(url, tmp_path / "one")) as one,
        running_server(environment_for(url, tmp_path / "two")) as two,
    ):
        wait_until(lambda: len(scans()) > 2)
        one.kill()
        wait_until(lambda: Counter(outcome for _, _, outcome in scans())[ScanOutcome.COMPLETED] == LIBRARIES)
        wait_until(lambda: all(each["counts"]["pending"]["total"] == 0 for each in two.every("/libraries")))
        assert two.stop() == 0
    done = scans()
    assert Counter(library for library, trigger, _ in done if trigger == "schedule") == Counter(
        {library: 1 for library, _, _ in done}
    )
    # Only what the killed server had begun was looked at again.
    again = [library for library, trigger, _ in done if trigger == "retry"]
    interrupted = [library for library, _, outcome in done if outcome is ScanOutcome.INTERRUPTED]
    assert sorted(again) == sorted(interrupted)
    with engine.connect() as connection:
        files = connection.execute(select(MediaFile.identification)).scalars().all()
        assert len(files) == LIBRARIES * 3
        assert Counter(files) == {"matched": LIBRARIES * 2, "unmatched": LIBRARIES}
        assert connection.execute(select(IdentifyClaim.file_id)).all() == []

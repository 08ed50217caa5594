"""When a machine takes no work."""

import os
from pathlib import Path

from mediastead.disk.marker import MARKER_NAME
from mediastead.pipeline.hosting import condition_of
from mediastead.pipeline.jobs.roots import MARKER, prepare_roots


def test_a_staging_folder_that_is_not_the_servers_is_refused_with_what_to_do(tmp_path: Path) -> None:
    here = tmp_path / "mnt"
    here.mkdir()  # the mount point, without its share
    refuses = condition_of({"/staging": str(here)}, 0).refuses
    assert refuses is not None and str(here) in refuses and "mount" in refuses
    prepare_roots([str(here)])
    condition = condition_of({"/staging": str(here)}, 0)
    assert condition.refuses is None
    assert condition.free_bytes["/staging"] > 0


def test_a_library_that_is_mounted_is_no_staging_folder_that_lacks_its_marker(tmp_path: Path) -> None:
    films, staging = tmp_path / "films", tmp_path / "staging"
    films.mkdir()
    prepare_roots([str(staging)])
    paths = {"/srv/films": str(films), "/staging": str(staging)}
    assert str(films) in (condition_of(paths, 0).refuses or "")  # nobody knows what it is
    (films / os.fsdecode(MARKER_NAME)).write_text("{}")
    condition = condition_of(paths, 0)
    assert condition.refuses is None
    assert list(condition.free_bytes) == ["/staging"]


def test_a_full_disk_is_refused_and_says_how_much_is_needed(tmp_path: Path) -> None:
    prepare_roots([str(tmp_path)])
    refuses = condition_of({"/staging": str(tmp_path)}, 1 << 62).refuses
    assert refuses is not None and "free some" in refuses


def test_preparing_makes_what_is_missing_and_leaves_what_is_there(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b"
    prepare_roots([str(root)])
    (root / MARKER).write_text("kept")
    prepare_roots([str(root), "/proc/cannot/be/made"])
    assert (root / MARKER).read_text() == "kept"

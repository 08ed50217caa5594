"""What exclude patterns would hide."""

import pytest

from mediastead.libraries.errors import InvalidPattern, LibraryNotFound
from mediastead.scanning.preview import HiddenTree, preview_exclusion

from .shelf import Shelf


async def test_a_preview_names_the_topmost_tree_and_counts_its_files(shelf: Shelf) -> None:
    for name in ("Film/film.mkv", "Film/Extras/a.mkv", "Film/Extras/deep/b.mkv", "x.sample.mkv"):
        shelf.put(name)
    await shelf.scan()
    async with shelf.database.read() as session:
        preview = await preview_exclusion(session, shelf.library_id, ["Extras/", "*.sample.mkv"])
    assert (preview.files, preview.of) == (3, 4)
    assert preview.trees == [
        HiddenTree("Film/Extras", "pattern Extras/", 2),
        HiddenTree("x.sample.mkv", "pattern *.sample.mkv", 1),
    ]


async def test_a_scan_hides_what_the_preview_said(shelf: Shelf) -> None:
    from sqlalchemy import update

    from mediastead.libraries.models import Library

    for name in ("Film/film.mkv", "Film/Extras/a.mkv", "Film/Extras/deep/b.mkv"):
        shelf.put(name)
    await shelf.scan()
    async with shelf.database.write() as session:
        await session.execute(update(Library).values(exclude_patterns=["Extras/"]))
    scan = await shelf.scan()
    assert scan.hidden == [{"path": "Film/Extras", "rule": "pattern Extras/"}]
    assert set(await shelf.present()) == {b"Film/film.mkv"}
    assert scan.counts["missing"] == 2


async def test_what_is_no_pattern_and_no_library_is_refused(shelf: Shelf) -> None:
    async with shelf.database.read() as session:
        with pytest.raises(InvalidPattern):
            await preview_exclusion(session, shelf.library_id, ["!"])
        with pytest.raises(LibraryNotFound):
            await preview_exclusion(session, 999, [])

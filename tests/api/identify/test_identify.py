"""What a path would be taken for, over the API: the whole reasoning, without a trace."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from mediastead.db.engine import Database
from mediastead.files.models import MediaFile

NFO = '<movie><uniqueid type="tmdb">550</uniqueid></movie>'


@pytest.fixture
async def root(client: httpx.AsyncClient, tmp_path: Path) -> Path:
    root = tmp_path / "media"
    film = root / "Evening" / "qwertz.mkv"
    film.parent.mkdir(parents=True)
    film.touch()
    film.with_suffix(".nfo").write_text(NFO)
    added = await client.post("/v1/libraries", json={"root": str(root), "kind": "movies", "name": "Films"})
    assert added.status_code == 201, added.text
    return root


async def identify(client: httpx.AsyncClient, path: object, expected: int = 200, **query: Any) -> dict[str, Any]:
    answer = await client.get("/v1/identify", params={"path": str(path), **query})
    assert answer.status_code == expected, answer.text
    return answer.json()


async def test_a_path_in_a_library_is_decided_about_with_what_lies_beside_it(
    client: httpx.AsyncClient, root: Path, database: Database
) -> None:
    told = await identify(client, root / "Evening" / "qwertz.mkv")
    assert (told["path"], told["library"], told["kind"], told["left_out"]) == (
        "Evening/qwertz.mkv",
        "Films",
        "movies",
        None,
    )
    assert (told["decision"]["outcome"], told["decision"]["item"]["tmdb_id"]) == ("match", 550)
    assert told["parsed"]["ids"] == {"tmdb": "550"}
    assert "NFO" in told["says"]["ids"]
    (first, *_) = told["asked"]
    assert first == {
        "question": "item movie 550",
        "why": "the name has this id",
        "answer": '"Fight Club"',
        "origin": "asked",
    }
    async with database.read() as session:
        assert (await session.execute(select(func.count()).select_from(MediaFile))).scalar_one() == 0


async def test_elsewhere_the_names_have_to_do_and_nothing_is_looked_at(client: httpx.AsyncClient, root: Path) -> None:
    outside = root.parent / "The Matrix (1999)" / "The Matrix (1999).mkv"
    outside.parent.mkdir()
    outside.with_suffix(".nfo").write_text(NFO)
    told = await identify(client, outside, root=str(root.parent), kind="mixed")
    assert (told["path"], told["library"]) == ("The Matrix (1999)/The Matrix (1999).mkv", None)
    assert told["decision"]["item"]["tmdb_id"] == 603
    hidden = await identify(client, root / "@eaDir" / "x.mkv")
    assert "@eaDir" in hidden["left_out"]


@pytest.mark.parametrize("path", ["films/x.mkv", "/films/\0.mkv", ""])
async def test_a_path_that_is_none_is_refused(client: httpx.AsyncClient, path: str) -> None:
    assert (await identify(client, path, 400))["title"]

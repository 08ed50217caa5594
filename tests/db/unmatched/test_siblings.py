"""An answer for one bare number tells those of the files beside it, as far as nothing else can be meant."""

from typing import Any

from sqlalchemy import select

from mediastead.catalog.models import Episode, Season
from mediastead.files.models import MediaFileEpisode
from mediastead.unmatched.models import RememberedAnswer
from mediastead.unmatched.remembered_shown import holding_shown

from .house import BREAKING_BAD, DEXTER, House


def dextr(number: int, folder: str = "Dextr") -> str:
    return f"{folder}/Dextr - {number}.mkv"


async def held(house: House, path: str) -> list[tuple[int, int]]:
    """The episodes that a file is matched to."""
    query = (
        select(Season.number, Episode.number)
        .join(Episode, Episode.season_id == Season.id)
        .join(MediaFileEpisode, MediaFileEpisode.episode_id == Episode.id)
        .where(MediaFileEpisode.file_id == (await house.file(path)).id)
    )
    async with house.database.read() as session:
        return [(season, number) for season, number in await session.execute(query)]


async def test_files_beside_it_follow_through_all_seasons_and_the_answer_says_which(house: House) -> None:
    await house.add(*map(dextr, (5, 13, 14, 25, 97)))
    (holding,) = await house.answer(dextr(13), DEXTER, 2, 1)
    (shown,) = holding_shown([holding])
    assert {each.says: (each.episodes, bool(each.problem)) for each in shown.following}["97"] == ([], True)
    assert shown.detail == (
        'Files that are read as "Dextr" in this library are "Dexter" from now on. They are counted so: 13 is S02E01, and the '
        "numbers of the files beside it follow. 4 more files that are read the same are identified anew. 3 of them follow: "
        "5 is S01E05, 14 is S02E02, 25 is S03E01. 1 stays in the queue: 97, as it has 96 episodes in all, the name says 97."
    )
    await house.identify()
    assert [await held(house, dextr(number)) for number in (5, 14, 25, 97)] == [[(1, 5)], [(2, 2)], [(3, 1)], []]
    await house.add(dextr(26))
    assert await held(house, dextr(26)) == [(3, 2)]


async def test_an_offset_ends_with_its_season_and_the_next_answer_adds_to_it(house: House) -> None:
    await house.add(*map(dextr, (3, 4, 14, 15, 16)))
    await house.answer(dextr(4), DEXTER, 2, 2)
    await house.identify()
    assert [await held(house, dextr(number)) for number in (3, 14, 15)] == [[(2, 1)], [(2, 12)], []]
    async with house.database.read() as session:
        assert (await session.execute(select(RememberedAnswer.numbering))).scalar_one() == {
            "shifts": [],
            "rows": [],
            "examples": [{"season": None, "number": 4, "to": {"season": 2, "number": 2}}],
        }
    await house.answer(dextr(15), DEXTER, 3, 1)
    await house.add(dextr(2))
    assert [await held(house, dextr(number)) for number in (16, 2)] == [[(3, 2)], []]
    assert [answer[2] for answer in await house.answers()] == ["superseded", None]


async def test_numbers_in_a_seasons_folder_follow_where_the_season_lacks_them(house: House) -> None:
    season = "Dextr/Season 02"
    await house.add(*(dextr(number, season) for number in (13, 14, 30)), dextr(25, "Dextr/Season 03"))
    await house.answer(dextr(13, season), DEXTER, 2, 1)
    await house.identify()
    assert await held(house, dextr(14, season)) == [(2, 2)]
    assert await held(house, dextr(30, season)) == []
    assert await held(house, dextr(25, "Dextr/Season 03")) == []


async def test_what_lies_elsewhere_has_only_the_title(house: House) -> None:
    await house.add(dextr(13), dextr(3, "Dextr OVA"), dextr(1, "Other/Dextr"))
    await house.answer(dextr(13), DEXTER, 2, 1)
    await house.identify()
    assert await house.state(dextr(3, "Dextr OVA"), dextr(1, "Other/Dextr")) == ["unmatched", "unmatched"]


async def test_specials_and_numbers_that_the_series_has_tell_nothing_of_others(house: House) -> None:
    await house.add("Dextr/Dextr - 13.mkv", "Brekin Med/Brekin Med S02E03.mkv")
    for path, tmdb_id, at in ((dextr(13), DEXTER, (0, 1)), ("Brekin Med/Brekin Med S02E03.mkv", BREAKING_BAD, (3, 3))):
        await house.answer(path, tmdb_id, *at)
    async with house.database.read() as session:
        numberings: list[Any] = list((await session.execute(select(RememberedAnswer.numbering))).scalars())
    assert numberings == [None, None]


async def test_answers_that_contradict_each_other_leave_the_rest_in_the_queue(house: House) -> None:
    await house.add(*map(dextr, (3, 4, 5)))
    await house.answer(dextr(3), DEXTER, 2, 1)
    await house.answer(dextr(4), DEXTER, 2, 7)
    await house.identify()
    assert await held(house, dextr(5)) == []

"""What a disc may be, by its names and the lengths of its titles."""

from collections.abc import Sequence

import pytest

from mediastead.catalog.types import ItemType
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.parsing.guess import Guess as NameGuess
from mediastead.parsing.guess import guess_name
from mediastead.parsing.parser import Parser
from mediastead.pipeline.discs.facts import TitleFacts
from mediastead.pipeline.discs.guess import Guess
from mediastead.pipeline.discs.guessing import Names, guess_disc, looks_like


class ParserWithoutWorkers(Parser):
    async def _guesses(self, names: Sequence[str]) -> dict[str, NameGuess]:
        return {name: guess_name(name) for name in names}


@pytest.fixture(scope="module")
def catalogue() -> BundledCatalogue:
    return BundledCatalogue()


def titles(*minutes: float) -> list[TitleFacts]:
    return [TitleFacts(number=at, duration=each * 60, segments=(str(at),)) for at, each in enumerate(minutes, start=1)]


async def guess(catalogue: BundledCatalogue, *minutes: float, **names: object) -> Guess:
    called = Names(**names)  # type: ignore[arg-type] - text and bytes by their names
    return await guess_disc(called, titles(*minutes), ParserWithoutWorkers(workers=1), catalogue, threshold=0.95)


async def test_a_film_is_found_by_its_label_and_its_length(catalogue: BundledCatalogue) -> None:
    found = await guess(catalogue, 3, 136, 12, label="THE_MATRIX")
    assert found.type is ItemType.MOVIE and found.candidates[0].tmdb_id == 603
    assert found.sure and (found.title, found.year) == ("The Matrix", 1999)
    assert "one title of 136 minutes" in found.words
    far = await guess(catalogue, 3, 91, 12, label="THE_MATRIX")
    assert far.candidates[0].probability < found.candidates[0].probability


async def test_a_season_is_found_by_its_label(catalogue: BundledCatalogue) -> None:
    found = await guess(catalogue, 55, 52, 58, label="GAME_OF_THRONES_S2_D3")
    assert (found.type, found.season, found.number) == (ItemType.SERIES, 2, 3)
    assert found.candidates[0].tmdb_id == 1399 and found.sure


async def test_what_was_found_and_hardly_can_be_it_is_not_what_the_disc_is_taken_for(
    catalogue: BundledCatalogue,
) -> None:
    found = await guess(catalogue, 22, 22, label="TINY_S1_D3")
    assert found.candidates and found.candidates[0].probability < 0.01
    assert (found.type, found.title, found.year, found.season, found.number) == (ItemType.SERIES, "Tiny", None, 1, 3)
    assert "nothing that it may well be" in found.words


async def test_several_titles_of_one_length_are_a_series_without_a_season(catalogue: BundledCatalogue) -> None:
    found = await guess(catalogue, 55, 52, 58, 54, label="GAME_OF_THRONES_DISC_3")
    assert (found.type, found.season, found.number) == (ItemType.SERIES, None, 3)
    assert not found.sure


async def test_a_label_that_says_nothing_leaves_it_to_the_folder(catalogue: BundledCatalogue) -> None:
    found = await guess(catalogue, 136, 12, label="DVD_VIDEO", source=b"/discs/The Matrix (1999).iso")
    assert found.candidates[0].tmdb_id == 603
    found = await guess(catalogue, 136, 12, label="DVD_VIDEO", source=b"/discs/The Matrix/VIDEO_TS")
    assert found.candidates[0].tmdb_id == 603


async def test_nothing_is_guessed_from_nothing(catalogue: BundledCatalogue) -> None:
    found = await guess(catalogue, 136, 12, label="DVD_VIDEO", source=b"/dev/sr0")
    assert found.guessed and not found.sure and not found.candidates and found.title is None
    assert "Say what it is" in found.words


@pytest.mark.parametrize(
    ("minutes", "type_"),
    [
        ((118, 20, 5), ItemType.MOVIE),
        ((44, 43, 45, 44, 12), ItemType.SERIES),
        ((22, 22, 21, 23, 22, 21), ItemType.SERIES),
        ((92, 91), None),
        ((30,), None),
        ((), None),
    ],
)
def test_the_lengths_of_titles_tell_films_from_series(minutes: tuple[float, ...], type_: ItemType | None) -> None:
    assert looks_like(titles(*minutes), None)[0] is type_

import pytest

from mediastead.matching.titles import Fit, compare, fold, main_title, with_apostrophes, with_other_numbers


@pytest.mark.parametrize(
    ("written", "title", "fit"),
    [
        ("amelie", "Amélie", Fit.EXACT),
        ("SPIDER MAN", "Spider-Man", Fit.EXACT),
        ("Lilo and Stitch", "Lilo & Stitch", Fit.EXACT),
        ("Oceans Eleven", "Ocean's Eleven", Fit.EXACT),
        ("Loft", "Løft", Fit.EXACT),
        ("Naruto", "ナルト", Fit.EXACT),
        ("Matrix, The", "The Matrix", Fit.LOOSE),
        ("Rocky 2", "Rocky II", Fit.LOOSE),
        ("Seven Samurai", "7 Samurai", Fit.LOOSE),
        ("Dune Part Two", "Dune 2", Fit.LOOSE),
        ("Spiderman", "Spider-Man", Fit.LOOSE),
        ("It s a Wonderful Life", "It's a Wonderful Life", Fit.LOOSE),
        ("The Woder Years", "The Wonder Years", Fit.NEAR),
        ("Paddintgon", "Paddington", Fit.NEAR),
        ("Alien", "Alien: Covenant", Fit.PART),
        ("Borat - Cultural Learnings", "Borat", Fit.PART),
        ("Rocky 2", "Rocky 3", Fit.OTHER),
        ("Up", "Us", Fit.OTHER),
        ("Heat", "Amélie", Fit.OTHER),
        ("", "Heat", Fit.OTHER),
        ("!!!", "???", Fit.OTHER),
    ],
)
def test_titles_agree_as_closely_as_they_are_written(written: str, title: str, fit: Fit) -> None:
    assert compare(written, title).fit is fit


def test_comparing_does_not_depend_on_which_title_comes_first() -> None:
    for one, other in [("Rocky 2", "Rocky II"), ("Alien", "Alien: Covenant"), ("Woder", "Wonder")]:
        assert compare(one, other) == compare(other, one)


def test_slips_are_counted() -> None:
    assert compare("The Legned of Tarzan", "The Legend of Tarzan").slips == 1


def test_folding_leaves_words_of_letters_and_digits() -> None:
    assert fold("  WALL·E — (Édition spéciale)!  ") == "walle edition speciale"


def test_the_main_title_stands_before_the_subtitle() -> None:
    assert main_title("Alien: Covenant") == "Alien"
    assert main_title("Alien") is None


def test_numbers_are_written_in_the_other_ways() -> None:
    assert with_other_numbers("Rocky 3") == ["Rocky III", "Rocky Three"]
    assert with_other_numbers("Rocky III") == ["Rocky 3", "Rocky Three"]
    assert with_other_numbers("Heat") == []


def test_a_lost_apostrophe_is_put_back() -> None:
    assert with_apostrophes("Charlie s Angels") == ["Charlie's Angels"]
    assert with_apostrophes("L Art de la fugue") == ["L'Art de la fugue"]
    assert with_apostrophes("Charlies Angels") == []

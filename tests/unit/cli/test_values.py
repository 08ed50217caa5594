"""What commands take for episodes and answers."""

from typing import Any

import click
import pytest

from mediastead.cli.output import printable
from mediastead.cli.values import EpisodeNumbers, answer_of, numbers


@pytest.mark.parametrize(
    ("text", "episodes"),
    [
        ("S01E02", [(1, 2)]),
        ("s1e2", [(1, 2)]),
        ("2x10", [(2, 10)]),
        ("S00E01", [(0, 1)]),
        ("S01E02-E04", [(1, 2), (1, 3), (1, 4)]),
        ("S2020E1-3", [(2020, 1), (2020, 2), (2020, 3)]),
    ],
)
def test_episodes_are_read(text: str, episodes: list[tuple[int, int]]) -> None:
    read = EpisodeNumbers().convert(text, None, None)
    assert [(each["season"], each["number"]) for each in read] == episodes


@pytest.mark.parametrize("text", ["", "E02", "S01", "S01E05-E02", "S01E001-E900", "1.2", "S01E02 ", "S１E２x"])
def test_what_is_no_episode_is_wrong_use(text: str) -> None:
    with pytest.raises(click.UsageError):
        EpisodeNumbers().convert(text, None, None)


def answer(**said: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "item_id": None, "tmdb_id": None, "type_": None, "episodes": (), "role": None, "part": None, "edition": None,
        "once": False,
    }  # fmt: skip
    return answer_of(**nothing | said)


def test_an_answer_names_a_title_and_only_what_was_said() -> None:
    assert answer(item_id=7) == {"item_id": 7}
    assert answer(tmdb_id=603, type_="movie", part=2) == {"type": "movie", "tmdb_id": 603, "part": 2}
    held = [[{"season": 1, "number": 1}], [{"season": 1, "number": 2}]]
    assert answer(tmdb_id=4607, type_="series", episodes=held)["episodes"] == held[0] + held[1]


@pytest.mark.parametrize("said", [{}, {"item_id": 7, "tmdb_id": 603}, {"tmdb_id": 603}])
def test_an_answer_that_names_no_one_title_is_wrong_use(said: dict[str, Any]) -> None:
    with pytest.raises(click.UsageError):
        answer(**said)


def test_episodes_are_shown_as_they_are_written() -> None:
    assert numbers([{"season": 1, "number": 2}, {"season": 10, "number": 100}]) == "S01E02 S10E100"


def test_names_cannot_command_a_terminal() -> None:
    assert printable("a\x1b[31mb\x07\u202ec") == "a\ufffd[31mb\ufffd\ufffdc"

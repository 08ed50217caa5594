"""Titles laid along the episodes of a season, and the feature of a film."""

import random
from collections.abc import Sequence

import pytest

from mediastead.pipeline.discs.assigning import Assignment, DiscKnown, Fixed, assign_film, assign_season
from mediastead.pipeline.discs.facts import TitleFacts
from mediastead.pipeline.discs.likelihood import EpisodeKnown, SeasonKnown
from mediastead.pipeline.discs.models import TitleRole

from ...generators.seasons import STYLES, Style, press

MINUTES = (44, 41, 46, 43, 47, 42, 45, 40, 48, 43, 46, 41)


def season(*minutes: float | None) -> SeasonKnown:
    return SeasonKnown(number=1, episodes=tuple(EpisodeKnown(at, each) for at, each in enumerate(minutes, start=1)))


SEASON = season(*MINUTES)


def disc(*minutes: float, number: int | None = None, fixed: dict[int, Fixed] | None = None) -> DiscKnown:
    titles = tuple(
        TitleFacts(number=at, duration=each * 60 + 7, segments=(f"{number}.{at}.{each}",))
        for at, each in enumerate(minutes, start=1)
    )
    return DiscKnown(titles=titles, number=number, fixed=fixed or {})


def episodes(found: dict[int, Assignment]) -> list[tuple[int, ...]]:
    return [found[number].episodes for number in sorted(found) if found[number].role is TitleRole.EPISODE]


def taken(*numbers: Sequence[int]) -> dict[int, Fixed]:
    return {at: Fixed(TitleRole.EPISODE, tuple(each)) for at, each in enumerate(numbers, start=1)}


def test_episodes_follow_each_other_over_the_discs() -> None:
    found = assign_season(
        [disc(*MINUTES[:4], number=1), disc(*MINUTES[4:8], number=2), disc(*MINUTES[8:], number=3)], SEASON
    )
    assert [episodes(each) for each in found] == [
        [(1,), (2,), (3,), (4,)],
        [(5,), (6,), (7,), (8,)],
        [(9,), (10,), (11,), (12,)],
    ]
    assert min(title.confidence for each in found for title in each.values()) > 0.95


def test_what_was_ripped_before_is_continued() -> None:
    ripped = disc(44, 44, 44, number=1, fixed=taken([1], [2], [3]))
    found = assign_season([ripped, disc(44, 44, 44, number=2)], season(*[44] * 12))
    assert episodes(found[1]) == [(4,), (5,), (6,)]


def test_discs_at_the_speed_of_european_television_are_laid_the_same() -> None:
    found = assign_season([disc(*(each * 24 / 25 for each in MINUTES[:5]), number=1)], SEASON)
    assert episodes(found[0]) == [(1,), (2,), (3,), (4,), (5,)]


def test_a_later_disc_that_comes_first_is_placed_by_its_number_and_lengths() -> None:
    found = assign_season([disc(*MINUTES[4:8], number=2)], SEASON)
    assert episodes(found[0]) == [(5,), (6,), (7,), (8,)]
    alike = assign_season([disc(44, 44, 44, 44, number=2)], season(*[44] * 12))
    assert episodes(alike[0]) == [(5,), (6,), (7,), (8,)]
    assert all(each.confidence < 0.9 for each in alike[0].values())


def test_it_moves_when_the_disc_before_it_is_read() -> None:
    late = disc(44, 44, 44, 44, number=2)
    found = assign_season([late, disc(44, 44, 44, number=1)], season(*[44] * 12))
    assert episodes(found[0]) == [(4,), (5,), (6,), (7,)]
    assert episodes(found[1]) == [(1,), (2,), (3,)]
    assert min(each.confidence for each in found[0].values()) > 0.85


def test_a_disc_that_could_be_any_is_not_claimed_to_be_known() -> None:
    found = assign_season([disc(44, 44, 44, 44)], season(*[44] * 24))
    assert max(each.confidence for each in found[0].values()) < 0.8


def test_a_person_corrects_one_and_the_rest_follows() -> None:
    alike = season(*[44] * 24)
    said = disc(44, 44, 44, 44, fixed={2: Fixed(TitleRole.EPISODE, (10,))})
    found = assign_season([said], alike)
    assert episodes(found[0]) == [(9,), (10,), (11,), (12,)]
    assert found[0][2].confidence == 1.0
    extra = disc(44, 44, 44, 44, number=1, fixed={1: Fixed(TitleRole.EXTRA)})
    found = assign_season([extra, disc(44, 44, 44, number=2)], alike)
    assert [episodes(each) for each in found] == [[(1,), (2,), (3,)], [(4,), (5,), (6,)]]


def test_titles_out_of_order_follow_what_a_person_says_of_two() -> None:
    said = disc(44, 44, 44, number=1, fixed={1: Fixed(TitleRole.EPISODE, (3,)), 3: Fixed(TitleRole.EPISODE, (1,))})
    assert episodes(assign_season([said], season(*[44] * 6))[0]) == [(3,), (2,), (1,)]


def test_what_contradicts_itself_stands_as_it_was_said() -> None:
    said = disc(44, 44, number=1, fixed={1: Fixed(TitleRole.EPISODE, (1,)), 2: Fixed(TitleRole.EPISODE, (1,))})
    found = assign_season([said], season(*[44] * 6))
    assert episodes(found[0]) == [(1,), (1,)]


def test_lengths_tell_titles_that_are_out_of_order() -> None:
    found = assign_season([disc(60, 45, 25, number=1)], season(25, 45, 60, 44))
    assert episodes(found[0]) == [(3,), (2,), (1,)]


def test_a_play_all_gives_the_order_where_lengths_do_not() -> None:
    titles = tuple(TitleFacts(number=at, duration=2640.0 + at, segments=(str(at),)) for at in (1, 2, 3))
    whole = TitleFacts(number=4, duration=7926.0, segments=("2", "1", "3"))
    found = assign_season([DiscKnown(titles=(*titles, whole), number=1)], season(*[44] * 12))
    assert [found[0][at].episodes for at in (1, 2, 3)] == [(2,), (1,), (3,)]
    assert found[0][4].role is TitleRole.PLAY_ALL and not found[0][4].episodes


def test_two_episodes_in_one_title() -> None:
    known = SeasonKnown(
        number=1,
        episodes=tuple(
            EpisodeKnown(at, 43, title)
            for at, title in enumerate(["The Way (1)", "The Way (2)", "Three", "Four"], start=1)
        ),
    )
    found = assign_season([disc(85, 43, 43, number=1)], known)
    assert episodes(found[0]) == [(1, 2), (3,), (4,)]


def test_a_pilot_of_double_length_is_one_episode() -> None:
    assert episodes(assign_season([disc(88, 43, 44, number=1)], season(89, 43, 44, 43))[0]) == [(1,), (2,), (3,)]


def test_extras_are_no_episodes() -> None:
    found = assign_season([disc(12, 44, 41, 46, 25, 4, 1, number=1)], SEASON)
    assert episodes(found[0]) == [(1,), (2,), (3,)]
    assert [found[0][at].role for at in (1, 5, 6, 7)] == [TitleRole.EXTRA] * 3 + [TitleRole.SHORT]


def test_one_title_with_all_episodes_says_where_they_begin() -> None:
    chapters = tuple(each * 60.0 for minutes in (44, 43, 44) for each in (minutes / 2, minutes / 2))
    whole = TitleFacts(number=1, duration=sum(chapters), chapters=chapters)
    found = assign_season([DiscKnown(titles=(whole,), number=1)], season(44, 43, 44, 45))[0][1]
    assert (found.role, found.episodes) == (TitleRole.PLAY_ALL, (1, 2, 3))
    assert "chapters 1, 3, 5" in found.why


def test_without_any_runtime_titles_of_one_length_are_episodes() -> None:
    for known in (season(None, None, None, None, None, None), SeasonKnown(number=1)):
        found = assign_season([disc(52, 55, 53, 9, number=1)], known)
        assert episodes(found[0]) == [(1,), (2,), (3,)]


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_anything_that_may_be_pressed_is_assigned_whole(style: Style) -> None:
    for seed in range(3):
        pressed = press(style, 9, 43, random.Random(f"{style.name} {seed}"))
        discs = [each.known for each in pressed.discs]
        found = assign_season(discs, pressed.season)
        for known, titles in zip(discs, found, strict=True):
            assert set(titles) == {title.number for title in known.titles}
            assert all(0 <= each.confidence <= 1 and each.why for each in titles.values())


def test_a_disc_of_some_seconds_is_laid_as_well() -> None:
    found = assign_season([disc(0.2, 0.23, number=1)], SeasonKnown(number=1))
    assert episodes(found[0]) == [(1,), (2,)]


def test_a_film_is_the_title_of_its_length() -> None:
    titles = [TitleFacts(number=at, duration=each * 60) for at, each in enumerate((12, 134, 150, 3), start=1)]
    found = assign_film(titles, 136)
    assert (found[2].role, found[3].role) == (TitleRole.FEATURE, TitleRole.EXTRA)
    assert found[2].confidence > 0.9 and "another cut" in found[3].why
    assert assign_film(titles, None)[3].role is TitleRole.FEATURE
    assert assign_film(titles, None)[3].confidence < 0.7


def test_a_film_hidden_among_false_playlists_is_asked_about() -> None:
    titles = [
        TitleFacts(number=800 + at, duration=8160, segments=order)
        for at, order in enumerate((("1", "2", "3"), ("1", "3", "2"), ("3", "2", "1")))
    ]
    found = assign_film(titles, 136)
    assert max(each.confidence for each in found.values() if each.role is TitleRole.FEATURE) <= 0.5


def test_a_disc_without_titles_that_could_be_a_film() -> None:
    assert assign_film([], 90) == {}
    assert assign_film([TitleFacts(number=1, duration=20)], 90)[1].confidence < 0.5

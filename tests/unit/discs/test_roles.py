"""What titles are by themselves: duplicates, play-alls, shorts."""

from mediastead.pipeline.discs.facts import TitleFacts
from mediastead.pipeline.discs.models import TitleRole
from mediastead.pipeline.discs.roles import kinds_of


def title(
    number: int, minutes: float, *segments: str, chapters: tuple[float, ...] = (), size: int | None = None
) -> TitleFacts:
    return TitleFacts(number=number, duration=minutes * 60, segments=segments, chapters=chapters, size=size)


def test_the_same_cells_are_the_same_content() -> None:
    kinds = kinds_of([title(1, 44, "a", "b"), title(2, 44, "c"), title(3, 44, "a", "b")])
    assert [kinds[number].role for number in (1, 2, 3)] == [None, None, TitleRole.DUPLICATE]
    assert kinds[3].of == (1,)


def test_of_two_copies_the_one_that_a_play_all_plays_is_the_original() -> None:
    alike = (600.0, 900.0, 1140.0)
    kinds = kinds_of(
        [
            title(1, 44, "ax", chapters=alike),
            title(2, 43, "b"),
            title(3, 44, "a", chapters=alike),
            title(4, 87, "a", "b"),
        ]
    )
    assert kinds[1].role is TitleRole.DUPLICATE and kinds[1].of == (3,)
    assert kinds[4].role is TitleRole.PLAY_ALL and kinds[4].of == (3, 2)


def test_two_episodes_of_one_length_are_not_copies() -> None:
    kinds = kinds_of([title(1, 22, chapters=(1320.0,)), title(2, 22, chapters=(1320.0,))])
    assert {kind.role for kind in kinds.values()} == {None}


def test_a_play_all_says_the_order_of_its_titles() -> None:
    kinds = kinds_of([title(1, 130, "c", "a", "b"), title(2, 44, "a"), title(3, 43, "b"), title(4, 43, "c")])
    assert kinds[1].role is TitleRole.PLAY_ALL and kinds[1].of == (4, 2, 3)


def test_without_segments_a_play_all_is_as_long_as_the_others_together() -> None:
    whole = TitleFacts(number=0, duration=7921, chapters=(0.0,) * 18)
    rest = [TitleFacts(number=at, duration=2640, chapters=(0.0,) * 6) for at in (1, 2, 3)]
    kinds = kinds_of([whole, *rest])
    assert kinds[0].role is TitleRole.PLAY_ALL and kinds[0].of == (1, 2, 3)


def test_a_double_episode_is_no_play_all_of_two_others() -> None:
    titles = [title(1, 88.0, "a"), title(2, 44.0, "b"), title(3, 44.0, "c")]
    assert kinds_of(titles)[1].role is None
    no_segments = [
        TitleFacts(number=at, duration=minutes * 60, chapters=(0.0,) * 5) for at, minutes in enumerate((88, 44, 44))
    ]
    assert kinds_of(no_segments)[0].role is None


def test_logos_and_warnings_are_short() -> None:
    assert kinds_of([title(1, 0.5), title(2, 44)])[1].role is TitleRole.SHORT


def test_where_everything_is_short_nothing_is_a_logo() -> None:
    kinds = kinds_of([title(1, 0.5), title(2, 0.6), title(3, 0.05)])
    assert [kinds[number].role for number in (1, 2, 3)] == [None, None, TitleRole.SHORT]


def test_clips_in_another_order_may_be_a_trap() -> None:
    kinds = kinds_of([title(800, 136, "1", "2", "3"), title(801, 136, "1", "3", "2")])
    assert kinds[801].role is TitleRole.DUPLICATE and kinds[801].confidence <= 0.9

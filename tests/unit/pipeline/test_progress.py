"""The one figure for how far an item is."""

import pytest

from mediastead.pipeline.items.progress import SHARES, TitleSoFar, of_disc, of_item, of_title
from mediastead.pipeline.jobs.models import Stage


def test_the_shares_of_the_stages_are_a_whole() -> None:
    assert sum(SHARES.values()) == pytest.approx(1)


def test_a_title_goes_from_nothing_to_all_and_never_back() -> None:
    figures = [
        of_title(title, ())
        for title in (
            TitleSoFar(60, None),
            TitleSoFar(60, None, Stage.RIP, 0.5),
            TitleSoFar(60, Stage.RIP),
            TitleSoFar(60, Stage.REMUX),
            TitleSoFar(60, Stage.REMUX, Stage.TRANSCODE, 0.99),
            TitleSoFar(60, Stage.TRANSCODE),
            TitleSoFar(60, Stage.ORGANIZE),
        )
    ]
    assert figures == sorted(figures) and (figures[0], figures[-1]) == (0.0, pytest.approx(1))


def test_a_skipped_stage_counts_for_nothing() -> None:
    skips = {Stage.TRANSCODE}
    assert of_title(TitleSoFar(60, Stage.TRANSCODE), skips) == pytest.approx(0.30 / 0.35)


def test_a_stage_that_is_done_again_does_not_count_twice() -> None:
    assert of_title(TitleSoFar(60, Stage.RIP, Stage.RIP, 0.5), ()) == of_title(TitleSoFar(60, Stage.RIP), ())


def test_a_long_title_weighs_more_than_a_short_one() -> None:
    assert of_disc([TitleSoFar(300, Stage.ORGANIZE), TitleSoFar(100, None)], ()) == pytest.approx(0.75)


def test_a_season_is_summed_over_its_discs_and_one_that_nobody_has_seen_counts_as_one_like_them() -> None:
    done = [TitleSoFar(60, Stage.ORGANIZE)] * 3
    assert of_item([done, done], ()) == pytest.approx(1)
    assert of_item([done, done, [], []], ()) == pytest.approx(0.5)
    assert of_item([[], []], ()) == of_item([], ()) == 0

"""When a host is set aside."""

from datetime import UTC, datetime, timedelta

from mediastead.pipeline.hosts.judging import LONGEST, SHORTEST, Ended, blamed

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SOON = timedelta(seconds=2)


def failed(job_id: int, lasted: timedelta = SOON) -> Ended:
    return Ended(job_id, True, lasted, NOW, "no such encoder")


def test_three_jobs_in_a_row_that_fail_at_once_set_a_host_aside() -> None:
    blame = blamed([failed(3), failed(2), failed(1)], NOW, 0)
    assert blame is not None
    assert blame.until == NOW + SHORTEST
    assert set(blame.job_ids) == {1, 2, 3}
    assert "no such encoder" in blame.reason


def test_one_job_that_fails_again_and_again_says_nothing_about_the_host() -> None:
    assert blamed([failed(1)] * 9, NOW, 0) is None


def test_a_job_that_went_well_or_lasted_ends_the_row() -> None:
    well = Ended(9, False, SOON, NOW)
    assert blamed([failed(3), failed(2), well, failed(1)], NOW, 0) is None
    assert blamed([failed(3), failed(2), failed(1, timedelta(minutes=20))], NOW, 0) is None


def test_each_further_time_lasts_twice_as_long_up_to_a_limit() -> None:
    row = [failed(3), failed(2), failed(1)]
    second, hundredth = blamed(row, NOW, 1), blamed(row, NOW, 100)
    assert second is not None and second.until == NOW + 2 * SHORTEST
    assert hundredth is not None and hundredth.until == NOW + LONGEST


def test_a_host_that_lied_of_two_jobs_is_set_aside_however_long_they_took_and_whatever_else_went_well() -> None:
    well = Ended(9, False, SOON, NOW)
    hours = timedelta(hours=2)
    first, second = (Ended(job, True, hours, NOW, "it is empty", lied=True) for job in (1, 2))
    assert blamed([first, well, first], NOW, 0) is None
    blame = blamed([second, well, first], NOW, 0)
    assert blame is not None
    assert (set(blame.job_ids), blame.until) == ({1, 2}, NOW + SHORTEST)
    assert "it is empty" in blame.reason

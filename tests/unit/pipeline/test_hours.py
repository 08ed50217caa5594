"""The hours of stages."""

from datetime import datetime, time

import pytest

from mediastead.pipeline.hosts.service import HOURS
from mediastead.pipeline.jobs.hours import closed_on, closed_stages, closed_until
from mediastead.pipeline.jobs.models import Stage
from mediastead.settings import InvalidSetting
from mediastead.settings_read import load_settings

NIGHT = "transcode 22:00-06:00, remux 08:00-12:00, remux 14:00-18:00"


@pytest.mark.parametrize(
    ("moment", "closed"),
    [
        (time(23, 0), {Stage.REMUX}),
        (time(5, 59), {Stage.REMUX}),
        (time(6, 0), {Stage.TRANSCODE, Stage.REMUX}),
        (time(8, 0), {Stage.TRANSCODE}),
        (time(13, 0), {Stage.TRANSCODE, Stage.REMUX}),
        (time(17, 59), {Stage.TRANSCODE}),
    ],
)
def test_a_stage_with_hours_is_closed_outside_all_of_them(moment: time, closed: set[Stage]) -> None:
    assert closed_stages(NIGHT, datetime.combine(datetime(2026, 3, 1), moment)) == closed


def test_without_hours_nothing_is_closed() -> None:
    assert closed_stages("", datetime(2026, 3, 1)) == frozenset()


@pytest.mark.parametrize(
    ("host", "closed"),
    [
        ("", {Stage.TRANSCODE}),
        ("transcode 11:00-13:00", set[Stage]()),
        ("transcode always, rip 00:00-01:00", {Stage.RIP}),
        ("remux 20:00-08:00", {Stage.TRANSCODE, Stage.REMUX}),
    ],
)
def test_what_a_host_says_of_a_stage_holds_there_in_place_of_what_the_setting_says(
    host: str, closed: set[Stage]
) -> None:
    assert set(closed_on("transcode 22:00-06:00, remux 08:00-18:00", datetime(2026, 3, 1, 12))(host)) == closed


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (datetime(2026, 2, 28, 7), datetime(2026, 2, 28, 8)),
        (datetime(2026, 2, 28, 13), datetime(2026, 2, 28, 14)),
        (datetime(2026, 2, 28, 18), datetime(2026, 3, 1, 8)),
        (datetime(2026, 2, 28, 9), None),
    ],
)
def test_a_closed_stage_opens_with_the_next_of_its_hours(moment: datetime, opens: datetime | None) -> None:
    assert closed_until(NIGHT, Stage.REMUX, moment) == opens


def test_hours_of_a_host_are_checked_before_they_are_kept() -> None:
    for good in ("", "transcode always", "transcode 22:00-06:00, remux 20:00-08:00,rip always"):
        assert HOURS.fullmatch(good)
    for wrong in ("organize 22:00-06:00", "transcode 24:00-06:00", "transcode", "transcode always remux always"):
        assert not HOURS.fullmatch(wrong)


@pytest.mark.parametrize("wrong", ["transcode", "transcode 25:00-06:00", "cook 10:00-11:00", "rip 10:00-11:00 x"])
def test_hours_that_make_no_sense_are_refused_by_the_settings(wrong: str) -> None:
    with pytest.raises(InvalidSetting, match="such as transcode"):
        load_settings({"MEDIASTEAD_STAGE_HOURS": wrong})
    assert load_settings({"MEDIASTEAD_STAGE_HOURS": NIGHT}).stage_hours == NIGHT

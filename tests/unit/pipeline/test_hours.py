"""The hours of stages."""

from datetime import datetime, time

import pytest

from mediastead.pipeline.jobs.hours import closed_stages
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


@pytest.mark.parametrize("wrong", ["transcode", "transcode 25:00-06:00", "cook 10:00-11:00", "rip 10:00-11:00 x"])
def test_hours_that_make_no_sense_are_refused_by_the_settings(wrong: str) -> None:
    with pytest.raises(InvalidSetting, match="such as transcode"):
        load_settings({"MEDIASTEAD_STAGE_HOURS": wrong})
    assert load_settings({"MEDIASTEAD_STAGE_HOURS": NIGHT}).stage_hours == NIGHT

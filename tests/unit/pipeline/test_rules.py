"""What a person set for the pipeline."""

from pathlib import Path

import pytest

from mediastead.pipeline.approvals.models import ApprovalKind
from mediastead.pipeline.rules import rules_of
from mediastead.settings import InvalidSetting
from mediastead.settings_read import load_settings


def asked(tmp_path: Path, **environment: str) -> tuple[ApprovalKind, ...]:
    return rules_of(load_settings({"MEDIASTEAD_DATA_DIR": str(tmp_path), **environment})).approvals


def test_what_is_asked_before_is_a_setting(tmp_path: Path) -> None:
    assert asked(tmp_path) == (ApprovalKind.DISC_PREVIEW,)
    assert asked(tmp_path, MEDIASTEAD_APPROVALS="disc_preview, organize_confirm") == (
        ApprovalKind.DISC_PREVIEW,
        ApprovalKind.ORGANIZE_CONFIRM,
    )
    assert asked(tmp_path, MEDIASTEAD_APPROVALS="remux_review,organize_confirm") == (
        ApprovalKind.REMUX_REVIEW,
        ApprovalKind.ORGANIZE_CONFIRM,
    )
    assert asked(tmp_path, MEDIASTEAD_APPROVALS="none") == ()


@pytest.mark.parametrize("wrong", ["everything", "disc_preview remux_review", "disc_preview,", "none, disc_preview"])
def test_what_is_no_approval_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(InvalidSetting):
        asked(tmp_path, MEDIASTEAD_APPROVALS=wrong)

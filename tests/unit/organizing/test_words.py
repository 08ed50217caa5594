"""What is said of moves that were not made."""

import errno
import os

from mediastead.organizing import words


def test_a_disk_that_refuses_is_named_with_what_to_do_then() -> None:
    trouble = words.trouble(OSError(errno.EROFS, os.strerror(errno.EROFS)), b"/srv/staging")
    assert trouble == (
        "The disk of /srv/staging refused (Read-only file system): mount the disk so that it can be written to"
    )
    assert words.refused(trouble, staged=True) == f"{trouble}. Nothing was moved; then start it again."
    assert words.refused(trouble, staged=False) == f"{trouble}. Nothing was moved; then make a new plan."


def test_what_was_taken_back_says_what_to_do_then_to_those_with_a_plan_and_those_without() -> None:
    assert words.taken_back("The disk is full", staged=True) == (
        "The disk is full. Everything is where it was; start it again when that is mended."
    )
    assert words.taken_back(None, staged=False) == (
        "It was broken off. Everything is where it was; make a new plan when that is mended."
    )

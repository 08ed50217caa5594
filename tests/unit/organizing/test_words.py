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

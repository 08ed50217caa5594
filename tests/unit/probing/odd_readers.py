"""Readers that worker processes can import: one that hangs, one that crashes."""

import os
import time

from mediastead.probing import Content


def hangs(path: bytes) -> Content:
    if path == b"hang":
        time.sleep(600)
    return Content(duration_ms=1000)


def crashes(path: bytes) -> Content:
    if path == b"crash":
        os._exit(3)
    return Content(duration_ms=1000)

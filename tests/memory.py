"""Where databases of tests lie, which lose nothing when the machine dies: in memory, where the system has room for that."""

import os
import shutil
from pathlib import Path

ROOM = 2 << 30
"""Bytes. In a container it is often 64 MB, which PostgreSQL alone fills."""


def memory_folder() -> Path | None:
    """None: take the usual folder for temporary files."""
    folder = Path("/dev/shm")
    if os.access(folder, os.W_OK | os.X_OK) and shutil.disk_usage(folder).free >= ROOM:
        return folder
    return None

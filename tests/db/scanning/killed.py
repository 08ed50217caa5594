"""A process that runs the scans that are queued and dies at a commit: `python -m tests.db.scanning.killed URL COMMIT`, of which 0
is the first."""

import asyncio
import os
import signal
import sys

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from mediastead.clock import SystemClock
from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.scanning import pump
from mediastead.scanning.runner import ScanRunner
from mediastead.schema import metadata_of_all_tables


def main(url: str, commit: int) -> None:
    assert metadata_of_all_tables.tables, "all rooms' tables are known"
    pump.BATCH_FOLDERS = 1
    left = commit

    def count(_: Connection) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", count)
    asyncio.run(ScanRunner(Database(url), SystemClock(), Wake()).run_queued())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

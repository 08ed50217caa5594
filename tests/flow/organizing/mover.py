"""A process that applies what is to be applied: `python -m tests.flow.organizing.mover URL [CALL]`; it stops itself at a call.

Prints `ready` before it begins and `done` at its end.
"""

import asyncio
import sys

from mediastead.db.engine import Database
from mediastead.logs import set_up_logs
from mediastead.organizing.organizer import Organizer
from mediastead.schema import metadata_of_all_tables

from .faults import Faults
from .rooms import Later


async def main(url: str, stop_at: int | None) -> None:
    assert metadata_of_all_tables.tables, "all rooms' tables are known"
    faults = Faults()
    database = Database(url)
    organizer = Organizer(database, Later(1), calls=faults)
    print("ready", flush=True)
    sys.stdin.readline()
    faults.arm({} if stop_at is None else {stop_at: "stop"})
    while await organizer.step():
        pass
    await database.dispose()
    print("done", flush=True)


if __name__ == "__main__":
    set_up_logs("critical", "text")
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None))

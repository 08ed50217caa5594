"""A process that scans and identifies, and can be killed at any commit: a fork server, because starting costs most.

    python -m tests.flow.kills.victim
    in   {"url": "...", "kill_at": 7, "when": "after"}     kill_at null: run to the end
    out  {"killed": true, "commits": 7}                    commits: how many were reached

It reads one order a line and forks for each. What the child would parse is parsed once beforehand, by the guessit of the
product, and with {"warm": true} it goes through a run itself: what that makes ready (statements, mappers, the catalogue) all
later ones have, so that a run costs what scanning and recording cost.
"""

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import event
from sqlalchemy.orm import Session

from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.libraries.queries import roots
from mediastead.logs import set_up_logs
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.parsing.guess import Guess, guess_name
from mediastead.parsing.nfo import NfoFacts
from mediastead.parsing.parsed import ParsedPath
from mediastead.parsing.parser import Parser
from mediastead.parsing.paths import names_to_guess, parse_path
from mediastead.scanning.claims import own_slot
from mediastead.scanning.identify import Identifier
from mediastead.scanning.runner import ScanRunner
from mediastead.scanning.service import request_scan

BATCH = 13
"""Files a transaction, so that a small tree has many commits: four batches."""


GUESSED: dict[str, Guess] = {}
"""By name; filled before the fork."""
DATABASES: dict[str, Database] = {}
"""By address."""


class LaterClock:
    """An hour ahead, so that the files that a test has just made count as settled."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)


class ParserInThisProcess(Parser):
    """Guesses without workers, from what was guessed before the fork."""

    async def parse(
        self, paths: Sequence[str], *, nfo: Mapping[str, Sequence[NfoFacts]] | None = None
    ) -> list[ParsedPath]:
        parsed: list[ParsedPath] = []
        for path in paths:
            for name in names_to_guess(path):
                if name not in GUESSED:
                    GUESSED[name] = guess_name(name)
            parsed.append(parse_path(path, guessed=GUESSED, nfo=(nfo or {}).get(path, ())))
        return parsed


async def scan_and_identify(url: str) -> None:
    """What `mediastead scan` does: every library, and then every pending file."""
    database, clock, wake = DATABASES.setdefault(url, Database(url)), LaterClock(), Wake()
    async with database.write() as session:
        for library_id, *_ in await roots(session):
            await request_scan(session, clock.now(), library_id, "tester")
    await ScanRunner(database, clock, wake, batch_files=BATCH).run_queued()
    identifier = Identifier(
        database, clock, ParserInThisProcess(), BundledCatalogue(), wake, threshold=0.98, batch_size=BATCH
    )
    async with own_slot(database) as owner:
        while await identifier.batch(owner):
            pass
    await database.dispose()


def kill_at_commit(number: int | None, when: str, report: int) -> None:
    """Die at the commit of this number (1 is the first) of a transaction that writes, before or after it took effect."""
    commits = 0

    def before(session: Session) -> None:
        nonlocal commits
        if session.in_nested_transaction():
            return
        commits += 1
        os.write(report, b".")
        if when == "before" and commits == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(session: Session) -> None:
        if when == "after" and commits == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Session, "before_commit", before)
    event.listen(Session, "after_commit", after)


def serve() -> None:
    set_up_logs("warning", "text")
    for line in sys.stdin:
        order = json.loads(line)
        for path in order.get("paths", []):
            for name in names_to_guess(path):
                GUESSED.setdefault(name, guess_name(name))
        if order.get("warm"):
            asyncio.run(scan_and_identify(order["url"]))
            gc.collect()
            gc.freeze()  # or each forked process would copy all that it only looks through for garbage
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            kill_at_commit(order["kill_at"], order["when"], writing)
            status = 1
            try:
                asyncio.run(scan_and_identify(order["url"]))
                status = 0
            finally:
                sys.stderr.flush()
                os._exit(status)
        os.close(writing)
        commits = 0
        while seen := os.read(reading, 4096):
            commits += len(seen)
        os.close(reading)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status)
        failed = not killed and os.waitstatus_to_exitcode(status) != 0
        print(json.dumps({"killed": killed, "failed": failed, "commits": commits}), flush=True)


if __name__ == "__main__":
    serve()

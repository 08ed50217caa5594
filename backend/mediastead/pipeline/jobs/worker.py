"""A host's side of stage jobs: makes the attempts that are brought to it, says how they go, and gives back what it cannot end."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeAlias, TypeVar

import structlog
from msgspec import to_builtins

from ...clock import Clock
from ...db.engine import AWAY, Database
from ...db.text import readable
from ..engine.interface import Engine, Ticket
from ..engine.nudges import first_of
from ..hosts import service as hosts
from . import attempts, queries
from .attempts import AskedToEnd, Ended, Fenced
from .directories import make_durable, make_empty, remove_half_made
from .dispatcher import LEASE
from .errors import StaleJob
from .models import Outcome
from .reaping import abandon
from .reporting import MOST_LINES, KeptReport
from .together import Together
from .unfit import UNFIT, why_unfit, words_of
from .work import (
    CapabilityLost,
    Handlers,
    HostUnfit,
    NotWorthIt,
    Result,
    StageFailed,
    Stopped,
    Stopping,
    Work,
)

WRITE_EVERY = 1.0
"""Seconds between two times that what attempts say is written, at least."""
BEATS = 6
"""Heartbeats within one lease."""
STUBBORN = 30.0
"""Seconds after which a handler that does not end when it is told to is cancelled."""
AGAIN = 1.0
"""Seconds until the database is asked again that did not answer."""

T = TypeVar("T")
_Asked: TypeAlias = Ticket | tuple[Ticket, Ended]
"""An attempt to be begun, or one that has ended."""
log = structlog.stdlib.get_logger(__name__)


def _nothing_is_away(_directory: bytes) -> str | None:
    return None


class Worker:
    """One a host. `run` until `stop` is set; then what is at work is ended and given back.

    `away`: why the staging root that a folder is in is not mounted, None where it is (`roots.why_away`). Blocks.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        host_id: int,
        handlers: Handlers,
        *,
        lease: float = LEASE,
        most_lines: int = MOST_LINES,
        stubborn: float = STUBBORN,
        away: Callable[[bytes], str | None] = _nothing_is_away,
    ) -> None:
        self._database = database
        self._clock = clock
        self._engine = engine
        self._host_id = host_id
        self._handlers = handlers
        self._lease = lease
        self._most_lines = most_lines
        self._stubborn = stubborn
        self._away = away
        self._reports: dict[Ticket, KeptReport] = {}
        self._tasks: dict[Ticket, asyncio.Task[None]] = {}
        self._write = Together(self._write_together)
        self._telling = asyncio.Lock()
        self._look = asyncio.Event()
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        beating_on = asyncio.Event()
        beating = asyncio.create_task(self._beat(beating_on))
        try:
            await self._engine.deliver(self._host_id, self, stop)
        finally:
            self._stopping = True
            for report in self._reports.values():
                report.stop(Stopping.GIVEN_BACK)
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            beating_on.set()
            await beating

    def begin(self, ticket: Ticket) -> None:
        """`engine.interface.Bearer`."""
        if ticket in self._tasks or self._stopping:
            return
        task = asyncio.create_task(self._make(ticket), name=f"attempt {ticket.attempt} at stage job {ticket.job_id}")
        self._tasks[ticket] = task
        task.add_done_callback(lambda _: self._tasks.pop(ticket, None))

    def stop(self, ticket: Ticket) -> None:
        """`engine.interface.Bearer`."""
        if ticket in self._reports:
            self._look.set()

    async def alone(self) -> None:
        """`engine.interface.Bearer`: who was at work here is dead, and its children ended with it."""
        async with self._database.read() as session:
            left = await queries.attempts_of(session, self._host_id)
        for attempt in left:
            if attempt.started_at is None:
                continue
            with suppress(StaleJob):
                async with self._database.write() as session:
                    await abandon(session, self._clock.now(), self._engine, attempt)

    async def _make(self, ticket: Ticket) -> None:
        """One attempt, from its beginning to its end."""
        try:
            work = await self._written(ticket, self._write, ticket)
            if work is None:
                return
            await self._make_work(ticket, work)
        except Fenced:
            log.warning("an attempt was no longer ours", job_id=ticket.job_id, attempt=ticket.attempt)
        except Exception:
            # The lease ends, and another attempt is made; what went wrong is in the log.
            log.exception("an attempt ended with an error", job_id=ticket.job_id, attempt=ticket.attempt)

    async def _make_work(self, ticket: Ticket, work: Work) -> None:
        report = KeptReport(ticket, self._clock, self._look, most_lines=self._most_lines)
        if self._stopping:
            report.stop(Stopping.GIVEN_BACK)
        self._reports[ticket] = report
        try:
            ended = await self._excused(work, await self._handled(work, report))
            if ended.outcome is not Outcome.COMPLETED:
                # Before it is told, so that who reads that it ended finds nothing half-made.
                await asyncio.to_thread(remove_half_made, work.directory)
            await self._end(ticket, work, report, ended)
        except Fenced:
            await asyncio.to_thread(remove_half_made, work.directory)
            raise
        finally:
            self._reports.pop(ticket, None)

    async def _handled(self, work: Work, report: KeptReport) -> Ended:
        handler = self._handlers.get(work.stage)
        if handler is None:
            return Ended(outcome=Outcome.GIVEN_BACK, error=f"this host has nothing that could {work.stage}")
        handling: asyncio.Task[Result] | None = None
        try:
            if away := await asyncio.to_thread(self._away, work.directory):
                # Else it would be made in the folder that the disk is mounted on, and be gone when that comes back.
                raise HostUnfit(f"{away[:1].upper()}{away[1:]}")
            await asyncio.to_thread(make_empty, work.directory)
            handling = asyncio.ensure_future(handler(work, report))
            result = await self._unless_stubborn(handling, report)
            if result.files:
                await asyncio.to_thread(make_durable, work.directory, [file.path.encode() for file in result.files])
            return Ended(outcome=Outcome.COMPLETED, result=to_builtins(result))
        except Stopped as stopped:
            if stopped.why is Stopping.FENCED:
                raise Fenced from None
            return Ended(outcome=Outcome(stopped.why.value))
        except asyncio.CancelledError:
            return Ended(outcome=Outcome.GIVEN_BACK, error="its host ended")
        except NotWorthIt as result:
            return Ended(outcome=Outcome.NOT_WORTH_IT, error=result.reason, result={"facts": result.facts})
        except StageFailed as failed:
            return Ended(outcome=Outcome.FAILED, error=failed.reason, result=failed.told)
        except CapabilityLost as lost:
            await self._written(None, self._lose_capability, lost)
            return Ended(outcome=Outcome.GIVEN_BACK, error=lost.reason)
        except HostUnfit as unfit:
            await self._written(None, self._refuse, unfit.reason)
            return Ended(outcome=Outcome.GIVEN_BACK, error=unfit.reason)
        except OSError as error:
            words = words_of(error, work.directory)
            if error.errno not in UNFIT:
                return Ended(outcome=Outcome.FAILED, error=words)
            await self._written(None, self._refuse, words)
            return Ended(outcome=Outcome.GIVEN_BACK, error=words)
        except Exception as error:
            log.exception("a stage failed unexpectedly", job_id=work.job_id, stage=work.stage.value)
            return Ended(outcome=Outcome.FAILED, error=f"unexpected {type(error).__name__}: {error}"[:2000])
        finally:
            if handling is not None and not handling.done():
                handling.cancel()
                await asyncio.gather(handling, return_exceptions=True)

    async def _excused(self, work: Work, ended: Ended) -> Ended:
        """What failed is not to blame where its disk is."""
        if ended.outcome is not Outcome.FAILED or (ended.result or {}).get("final"):
            return ended
        unfit = await asyncio.to_thread(self._away, work.directory) or await asyncio.to_thread(
            why_unfit, work.item_directory
        )
        if unfit is None:
            return ended
        await self._written(None, self._refuse, unfit)
        return Ended(outcome=Outcome.GIVEN_BACK, error=f"{unfit} ({ended.error})")

    async def _unless_stubborn(self, handling: "asyncio.Task[Result]", report: KeptReport) -> Result:
        stopped = asyncio.create_task(report.stopped.wait())
        try:
            await asyncio.wait({handling, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not handling.done():
                await asyncio.wait({handling}, timeout=self._stubborn)
            if handling.done():
                return handling.result()
            raise Stopped(report.why or Stopping.GIVEN_BACK)
        finally:
            stopped.cancel()
            await asyncio.gather(stopped, return_exceptions=True)

    async def _end(self, ticket: Ticket, work: Work, report: KeptReport, ended: Ended) -> None:
        report.last_words()
        # From here on it is not said any more that it is at work: once it has ended that would look as if it were fenced off.
        self._reports.pop(ticket, None)
        # What the heartbeat has in its hands is to be written before, or given back: nothing is heard of what has ended.
        async with self._telling:
            pass
        while report.has_news:
            await self._written(ticket, self._tell, [report])
        try:
            await self._written(ticket, self._write, (ticket, ended))
        except AskedToEnd as asked:
            await asyncio.to_thread(remove_half_made, work.directory)
            await self._written(ticket, self._write, (ticket, Ended(outcome=asked.outcome)))

    async def _written(self, ticket: Ticket | None, write: Callable[..., Awaitable[T]], *given: object) -> T:
        """What the database did not take is said again until it does, or this host ends: the work of hours must not be lost to
        a restart of the database."""
        while True:
            try:
                return await write(*given)
            except StaleJob as stale:
                raise Fenced from stale
            except AWAY as error:
                if self._stopping:
                    raise
                told = {"job_id": ticket.job_id, "attempt": ticket.attempt} if ticket else {}
                log.warning("the database does not take what a host says, will try again", **told, error=str(error))
            await asyncio.sleep(AGAIN)

    async def _write_together(self, asked: Sequence[_Asked]) -> Sequence[Work | Exception | None]:
        """Beginnings and ends of attempts, in one transaction; where that fails for one of them, each in its own."""
        try:
            return await self._write_in_one(asked)
        except AWAY:
            raise  # the database is away, and each is asked again
        except Exception as error:
            if len(asked) == 1:
                return [error]
        return [(await self._write_together([each]))[0] for each in asked]

    async def _write_in_one(self, asked: Sequence[_Asked]) -> Sequence[Work | Exception | None]:
        begins = [each for each in asked if isinstance(each, Ticket)]
        ends = dict(each for each in asked if not isinstance(each, Ticket))
        async with self._database.write() as session:
            now = self._clock.now()
            refused = await attempts.end_all(session, now, self._host_id, ends) if ends else {}
            begun = await attempts.begin_all(session, now, self._host_id, begins, self._lease) if begins else {}
        return [begun.get(each) if isinstance(each, Ticket) else refused.get(each[0]) for each in asked]

    async def _lose_capability(self, lost: CapabilityLost) -> None:
        async with self._database.write() as session:
            await hosts.lost(session, self._clock.now(), self._host_id, lost.capability, readable(lost.reason))

    async def _refuse(self, reason: str) -> None:
        async with self._database.write() as session:
            await hosts.refuse(session, self._clock.now(), self._host_id, readable(reason))

    async def _beat(self, end: asyncio.Event) -> None:
        """Say that attempts are at work, and what they say, until `end` is set."""
        loop = asyncio.get_running_loop()
        beat = float("-inf")
        while not end.is_set():
            reports = list(self._reports.values())
            due = bool(reports) and loop.time() - beat >= self._lease / BEATS
            if due or self._look.is_set() or any(report.has_news for report in reports):
                self._look.clear()
                try:
                    await self._tell(reports)
                    beat = loop.time() if due else beat
                except AWAY as error:
                    log.warning("the database does not hear this host, will try again", error=str(error))
                    self._look.clear()
            await first_of(min(WRITE_EVERY, self._lease / BEATS), self._look, end)

    async def _tell(self, reports: list[KeptReport]) -> None:
        async with self._telling:
            said = [report.take() for report in reports]
            try:
                async with self._database.write() as session:
                    kept = await attempts.tell(session, self._clock.now(), self._host_id, said, self._lease)
            except BaseException:
                for report, each in zip(reports, said, strict=True):
                    report.give_back(each)
                raise
        for report in reports:
            if report.ticket not in kept:
                report.stop(Stopping.FENCED)
            elif (asked := kept[report.ticket]) is not None:
                report.stop(Stopping(asked.value))

"""What is due for an item: which questions to ask, which jobs to start, where it stands, and what is in its way.

Pure. It goes by what stands in the database and by nothing that happened before, so that it can be asked again at any moment,
after a crash as after a click, and says the same.
"""

from collections.abc import Sequence

from msgspec import Struct

from .approvals.models import ApprovalKind, ApprovalState
from .discs.models import DiscKind, DiscState, TitleRole
from .facts import TheApproval, TheDisc, TheItem, TheJob, TheTitle
from .items.models import ItemState, ItemType
from .items.queries import OPEN
from .items.states import STATES, is_behind, next_stage, state_after
from .jobs.models import JobState, Stage
from .words import ended_job, sentences, waiting_job


class Work(Struct, frozen=True):
    """A job that can be made now: a rip of a disc, or another stage of a title."""

    stage: Stage
    disc_id: int
    title_id: int | None = None
    again: int | None = None
    """The job that failed or was cancelled, and is to be tried again instead."""


class Question(Struct, frozen=True):
    kind: ApprovalKind
    disc_id: int | None = None
    title_ids: tuple[int, ...] = ()


class Due(Struct, frozen=True, kw_only=True):
    """What is due. `ready` is what a person may start, and what starts by itself where the item is automatic."""

    state: ItemState
    skip: tuple[tuple[int, Stage], ...] = ()
    """Titles that have a stage behind them by its being skipped."""
    ask: tuple[Question, ...] = ()
    withdraw: tuple[int, ...] = ()
    ready: tuple[Work, ...] = ()
    stopped: tuple[Work, ...] = ()
    """Jobs that failed or were cancelled: only a person has them tried again."""
    blocked: str | None = None
    waits: str | None = None
    """For what or whom, where that is no obstacle: an answer, a disc, a host."""
    at_work: str | None = None
    """What is being done."""
    asks: bool = False
    """An answer of a person is among it."""


def due(
    item: TheItem,
    discs: Sequence[TheDisc],
    titles: Sequence[TheTitle],
    jobs: Sequence[TheJob],
    approvals: Sequence[TheApproval],
) -> Due:
    """What is due for an active item. `jobs` and `approvals` are all of the item's, oldest first."""
    return _Look(item, discs, titles, jobs, approvals).due()


class _Look:
    def __init__(
        self,
        item: TheItem,
        discs: Sequence[TheDisc],
        titles: Sequence[TheTitle],
        jobs: Sequence[TheJob],
        approvals: Sequence[TheApproval],
    ) -> None:
        self.item = item
        self.discs = [disc for disc in discs if disc.state is not DiscState.REJECTED]
        live = {disc.id for disc in self.discs}
        self.wanted = [title for title in titles if title.selected and title.disc_id in live]
        self.by_id = {title.id: title for title in self.wanted}
        self.disc_of = {disc.id: disc for disc in self.discs}
        self.last_job: dict[tuple[Stage, int | None, int | None], TheJob] = {}
        for job in jobs:
            self.last_job[job.stage, job.disc_id if job.stage is Stage.RIP else None, job.title_id] = job
        self.approvals = approvals
        self.ready: list[Work] = []
        self.stopped: list[Work] = []
        self.ask: list[Question] = []
        self.blocked: list[str] = []
        self.waits: list[str] = []
        self.at_work: list[str] = []
        self.asks = False

    def due(self) -> Due:
        skip = [(title.id, stage) for title in self.wanted for stage in self._skips(title)]
        for disc in self.discs:
            self._look_at_disc(disc)
        for title in self.wanted:
            self._look_at_title(title)
        for kind in (ApprovalKind.REMUX_REVIEW, ApprovalKind.ORGANIZE_CONFIRM):
            self._look_at_review(kind)
        asked = {(question.kind, question.disc_id) for question in self.ask}
        stale = [
            each.id
            for each in self.approvals
            if each.state is ApprovalState.PENDING and not self._stands(each) and (each.kind, each.disc_id) not in asked
        ]
        return Due(
            state=self._state(),
            skip=tuple(skip),
            ask=tuple(self.ask),
            withdraw=tuple(stale),
            ready=tuple(self.ready),
            stopped=tuple(self.stopped),
            blocked=sentences(self.blocked),
            waits=sentences(self.waits),
            at_work=sentences(self.at_work),
            asks=self.asks,
        )

    def _done(self, title: TheTitle) -> Stage | None:
        """With what is skipped."""
        return next(reversed(self._skips(title)), title.done)

    def _skips(self, title: TheTitle) -> list[Stage]:
        skipped: list[Stage] = []
        done = title.done
        while done is not None and (following := next_stage(done)) in self.item.skips:
            # The gate behind the remux holds also where the transcode is skipped.
            if following is Stage.TRANSCODE and self._is_held(ApprovalKind.REMUX_REVIEW, title):
                break
            done = following
            if done is not None:
                skipped.append(done)
        return skipped

    def _look_at_disc(self, disc: TheDisc) -> None:
        if disc.kind is DiscKind.FILES:
            return
        to_rip = [title for title in self.wanted if title.disc_id == disc.id and title.done is None]
        last = self.last_job.get((Stage.RIP, disc.id, None))
        if last is not None and last.state in OPEN:
            if last.state is JobState.RUNNING:
                self.at_work.append(f"{disc.called} is being ripped")
            else:
                self.waits.append(waiting_job(last))
        elif last is not None and not last.settled:
            self.at_work.append(f"the rip of {disc.called} is being looked at")
        elif not disc.known:
            if disc.state is DiscState.FAILED:
                self.blocked.append(f"{disc.called} failed: {disc.error or 'nobody said why'}")
            elif disc.state in (DiscState.PENDING, DiscState.READING):
                if disc.inserted:
                    self.at_work.append(f"{disc.called} is being read")
                else:
                    self.waits.append(f"{disc.called} is to be inserted")
        elif not to_rip and any(title.disc_id == disc.id for title in self.wanted):
            return
        elif not self._previewed(disc):
            self.waits.append(f"the preview of {disc.called} is to be approved")
            self.asks = True
            if disc.state is DiscState.PENDING:
                self.ask.append(Question(ApprovalKind.DISC_PREVIEW, disc.id))
        elif not to_rip:
            self.blocked.append(f"nothing of {disc.called} is chosen: choose titles, or reject the disc")
        elif last is not None and last.state in (JobState.FAILED, JobState.CANCELLED):
            self.stopped.append(Work(Stage.RIP, disc.id, None, last.id))
            self.blocked.append(ended_job(f"the rip of {disc.called}", last))
        elif disc.state is DiscState.RIPPED:
            numbers = ", ".join(str(title.number) for title in to_rip)
            self.blocked.append(f"title {numbers} of {disc.called} was not ripped: rip the disc again, or unselect it")
        elif disc.state is DiscState.FAILED:
            self.blocked.append(f"{disc.called} failed: {disc.error or 'nobody said why'}")
        elif not disc.inserted:
            self.waits.append(f"{disc.called} is to be inserted")
        else:
            self.ready.append(Work(Stage.RIP, disc.id))

    def _look_at_title(self, title: TheTitle) -> None:
        done = self._done(title)
        if done is None or (stage := next_stage(done)) is None:
            return
        disc = self.disc_of[title.disc_id]
        called = f"title {title.number} of {disc.called}"
        last = self.last_job.get((stage, None, title.id))
        if last is not None and last.state in OPEN:
            if last.state is not JobState.RUNNING:
                self.waits.append(waiting_job(last))
            elif last.why:
                self.waits.append(f"the {stage.value} of {called} waits: {last.why.rstrip('.')}")
            else:
                self.at_work.append(f"the {stage.value} of {called}")
            return
        if last is not None and not last.settled:
            self.at_work.append(f"the {stage.value} of {called} is being looked at")
            return
        gate = _gate(stage)
        if gate is not None and self._is_held(gate, title, done=done):
            return
        if stage is Stage.ORGANIZE and (lacks := self._lacks(title, called)) is not None:
            self.blocked.append(lacks)
        elif last is not None and last.state in (JobState.FAILED, JobState.CANCELLED) and last.input == title.file:
            self.stopped.append(Work(stage, title.disc_id, title.id, last.id))
            self.blocked.append(ended_job(f"the {stage.value} of {called}", last))
        else:
            self.ready.append(Work(stage, title.disc_id, title.id))

    def _lacks(self, title: TheTitle, called: str) -> str | None:
        """What is not known, and must be before it can go into a library."""
        if title.media_file_id is not None:
            return None
        if self.item.library_id is None:
            return f"nobody said into which library it goes: mediastead pipeline set {self.item.id} --library NAME"
        if self.item.media_item_id is None:
            return f"nobody said yet which title it is: mediastead pipeline set {self.item.id} --tmdb-id ID (or --item-id ID)"
        if self.item.type is ItemType.SERIES and title.role in (None, TitleRole.EPISODE) and not title.episodes:
            return f"nobody said which episode {called} is: correct the disc's titles"
        if title.unheard_of:
            numbers = ", ".join(map(str, title.unheard_of))
            return f"the catalogue knows no episode {numbers} for {called}: correct the disc's titles, or refresh the series"
        return None

    def _look_at_review(self, kind: ApprovalKind) -> None:
        held = [title for title in self.wanted if self._is_at_gate(kind, title) and self._is_held(kind, title)]
        if not held:
            return
        rejected = [each for title in held if (each := self._rejection(kind, title)) is not None]
        if rejected:
            each = rejected[-1]
            # The stage before the question.
            stage = Stage.REMUX if kind is ApprovalKind.REMUX_REVIEW else Stage.TRANSCODE
            self.blocked.append(
                f"{each.actor} rejected it ({each.words}): have it made again (`mediastead pipeline start {self.item.id} "
                f"--stage {stage.value} --again`), or give it up (`mediastead pipeline give-up {self.item.id}`)"
            )
            return
        self.waits.append(f"the {kind.value.replace('_', ' ')} is to be answered")
        self.asks = True
        waiting = next(
            (each for each in self.approvals if each.kind is kind and each.state is ApprovalState.PENDING), None
        )
        # Who is about to answer one shall not lose it because another title came: that is asked about next.
        if waiting is not None and self._stands(waiting):
            return
        # All together, when those that were begun have come as far.
        if all(
            self._is_at_gate(kind, title) or self._is_past(kind, title)
            for title in self.wanted
            if title.done is not None
        ):
            self.ask.append(Question(kind, None, tuple(title.id for title in held)))

    def _previewed(self, disc: TheDisc) -> bool:
        return ApprovalKind.DISC_PREVIEW not in self.item.requires or any(
            each.kind is ApprovalKind.DISC_PREVIEW and each.disc_id == disc.id and each.state is ApprovalState.APPROVED
            for each in self.approvals
        )

    def _stands(self, approval: TheApproval) -> bool:
        """Whether what it asks about is still so; a preview is compared when it is asked again."""
        if approval.kind not in self.item.requires:
            return False
        if approval.kind is ApprovalKind.DISC_PREVIEW:
            return any(question.disc_id == approval.disc_id for question in self.ask)
        # Who answers must see what is so: a title that is called otherwise now is asked about anew.
        return (
            not approval.outdated
            and bool(approval.files)
            and all(
                (title := self.by_id.get(title_id)) is not None
                and title.file == file
                and self._is_at_gate(approval.kind, title)
                for title_id, file in approval.files
            )
        )

    def _is_held(self, kind: ApprovalKind, title: TheTitle, *, done: Stage | None = None) -> bool:
        """Whether nobody has approved this file of this title, and somebody must."""
        if kind not in self.item.requires or title.file is None:
            return False
        if kind is ApprovalKind.REMUX_REVIEW and Stage.REMUX in self.item.skips:
            return False
        return not any(
            each.kind is kind and each.state is ApprovalState.APPROVED and (title.id, title.file) in each.files
            for each in self.approvals
        )

    def _rejection(self, kind: ApprovalKind, title: TheTitle) -> TheApproval | None:
        for each in reversed(self.approvals):
            if each.kind is kind and (title.id, title.file) in each.files:
                return each if each.state is ApprovalState.REJECTED else None
        return None

    def _is_at_gate(self, kind: ApprovalKind, title: TheTitle) -> bool:
        return self._done(title) is _in_front_of(kind)

    def _is_past(self, kind: ApprovalKind, title: TheTitle) -> bool:
        done = self._done(title)
        return done is not None and done is not _in_front_of(kind) and is_behind(done, _in_front_of(kind))

    def _state(self) -> ItemState:
        """Where all of it is: the least of its titles; nothing, as long as a disc is not ripped."""
        if not self.wanted:
            return ItemState.NEW
        chosen = {title.disc_id for title in self.wanted}
        if any(disc.id not in chosen and disc.state is not DiscState.RIPPED for disc in self.discs):
            return ItemState.NEW
        return min((state_after(self._done(title)) for title in self.wanted), key=STATES.index)


def _gate(stage: Stage) -> ApprovalKind | None:
    return {Stage.TRANSCODE: ApprovalKind.REMUX_REVIEW, Stage.ORGANIZE: ApprovalKind.ORGANIZE_CONFIRM}.get(stage)


def _in_front_of(kind: ApprovalKind) -> Stage:
    return Stage.REMUX if kind is ApprovalKind.REMUX_REVIEW else Stage.TRANSCODE

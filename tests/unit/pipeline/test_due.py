"""What is due for an item, from what is known of it."""

from typing import Any

from mediastead.pipeline.approvals.models import ApprovalKind, ApprovalState
from mediastead.pipeline.discs.models import DiscKind, DiscState, TitleRole
from mediastead.pipeline.due import Due, Question, Work, due
from mediastead.pipeline.facts import TheApproval, TheDisc, TheItem, TheJob, TheTitle
from mediastead.pipeline.items.models import ItemState, ItemType
from mediastead.pipeline.jobs.models import JobState, Stage

ITEM = {
    "id": 1,
    "type": ItemType.SERIES,
    "state": ItemState.NEW,
    "automatic": False,
    "skips": frozenset[Stage](),
    "requires": frozenset[ApprovalKind](),
    "library_id": 1,
    "media_item_id": 1,
}
FILE = b"/staging/x.mkv"


def an_item(**other: Any) -> TheItem:
    return TheItem(**(ITEM | other))


def a_disc(**other: Any) -> TheDisc:
    usual = {"id": 1, "number": 1, "kind": DiscKind.DVD, "state": DiscState.PENDING, "known": True, "inserted": True}
    return TheDisc(**(usual | other))


def a_title(number: int = 1, done: Stage | None = None, **other: Any) -> TheTitle:
    usual = {
        "id": number,
        "disc_id": 1,
        "number": number,
        "selected": True,
        "done": done,
        "file": FILE if done else None,
        "role": TitleRole.EPISODE,
        "episodes": (number,),
    }
    return TheTitle(**(usual | other))


def a_job(stage: Stage, state: JobState, title_id: int | None = None, **other: Any) -> TheJob:
    usual = {"id": 9, "stage": stage, "disc_id": 1, "title_id": title_id, "state": state, "input": FILE}
    return TheJob(**(usual | other))


def of(
    item: TheItem,
    titles: list[TheTitle],
    *,
    discs: list[TheDisc] | None = None,
    jobs: list[TheJob] | None = None,
    approvals: list[TheApproval] | None = None,
) -> Due:
    return due(item, discs if discs is not None else [a_disc()], titles, jobs or [], approvals or [])


def review(
    state: ApprovalState, kind: ApprovalKind = ApprovalKind.REMUX_REVIEW, *titles: int, **other: Any
) -> TheApproval:
    files = frozenset((title, FILE) for title in titles or (1,))
    return TheApproval(**({"id": 5, "kind": kind, "state": state, "files": files} | other))


RIPPED = [a_disc(state=DiscState.RIPPED)]


def test_a_disc_is_ripped_when_its_titles_are_chosen() -> None:
    found = of(an_item(), [a_title(1), a_title(2, selected=False)])
    assert (found.state, found.ready, found.blocked) == (ItemState.NEW, (Work(Stage.RIP, 1),), None)


def test_a_disc_waits_for_its_preview_where_that_is_required() -> None:
    item = an_item(requires=frozenset({ApprovalKind.DISC_PREVIEW}))
    found = of(item, [a_title()])
    assert (found.ready, found.ask) == ((), (Question(ApprovalKind.DISC_PREVIEW, 1),))
    approved = TheApproval(id=5, kind=ApprovalKind.DISC_PREVIEW, state=ApprovalState.APPROVED, disc_id=1)
    assert of(item, [a_title()], approvals=[approved]).ready == (Work(Stage.RIP, 1),)


def test_nothing_is_started_twice() -> None:
    for state in (JobState.PENDING, JobState.QUEUED, JobState.RUNNING):
        found = of(an_item(), [a_title()], jobs=[a_job(Stage.RIP, state)])
        assert (found.ready, found.stopped, found.blocked) == ((), (), None)


def test_an_ended_job_is_looked_at_before_anything_follows_from_it() -> None:
    found = of(an_item(), [a_title()], jobs=[a_job(Stage.RIP, JobState.FAILED, settled=False)])
    assert (found.ready, found.stopped, found.blocked) == ((), (), None)


def test_what_failed_or_was_cancelled_is_tried_again_only_by_a_person() -> None:
    for state, how in ((JobState.FAILED, "failed: no room"), (JobState.CANCELLED, "was cancelled: no room")):
        found = of(an_item(), [a_title()], jobs=[a_job(Stage.RIP, state, why="no room")])
        assert (found.ready, found.stopped) == ((), (Work(Stage.RIP, 1, None, 9),))
        assert found.blocked == f"the rip of disc 1 {how}"
        found = of(
            an_item(),
            [a_title(done=Stage.RIP)],
            discs=RIPPED,
            jobs=[a_job(Stage.REMUX, state, title_id=1, why="no room")],
        )
        assert (found.ready, found.stopped) == ((), (Work(Stage.REMUX, 1, 1, 9),))
        assert found.blocked == f"the remux of title 1 of disc 1 {how}"


def test_that_a_job_was_cancelled_is_said_once() -> None:
    found = of(an_item(), [a_title()], jobs=[a_job(Stage.RIP, JobState.CANCELLED, why="cancelled by anna")])
    assert found.blocked == "the rip of disc 1 was cancelled by anna"


def test_what_was_cancelled_for_another_file_holds_nothing() -> None:
    cancelled = [a_job(Stage.REMUX, JobState.CANCELLED, title_id=1, input=b"/staging/former.mkv")]
    found = of(an_item(), [a_title(done=Stage.RIP)], discs=RIPPED, jobs=cancelled)
    assert (found.ready, found.stopped) == ((Work(Stage.REMUX, 1, 1),), ())


def test_titles_go_on_one_by_one_and_the_item_with_the_last_of_them() -> None:
    found = of(an_item(), [a_title(1, Stage.RIP), a_title(2, Stage.TRANSCODE)], discs=RIPPED)
    assert found.state is ItemState.RIPPED
    assert found.ready == (Work(Stage.REMUX, 1, 1), Work(Stage.ORGANIZE, 1, 2))


def test_a_declared_disc_holds_the_item_and_not_the_titles_of_the_others() -> None:
    discs = [*RIPPED, a_disc(id=2, number=2, known=False, inserted=False)]
    found = of(an_item(), [a_title(done=Stage.RIP)], discs=discs)
    assert (found.state, found.ready) == (ItemState.NEW, (Work(Stage.REMUX, 1, 1),))
    assert found.waits == "disc 2 is to be inserted"
    rejected = [*RIPPED, a_disc(id=2, number=2, known=False, state=DiscState.REJECTED)]
    assert of(an_item(), [a_title(done=Stage.RIP)], discs=rejected).state is ItemState.RIPPED


def test_a_skipped_stage_is_passed_by_with_the_file_as_it_is() -> None:
    found = of(an_item(skips=frozenset({Stage.REMUX, Stage.TRANSCODE})), [a_title(done=Stage.RIP)], discs=RIPPED)
    assert found.skip == ((1, Stage.REMUX), (1, Stage.TRANSCODE))
    assert (found.state, found.ready) == (ItemState.TRANSCODED, (Work(Stage.ORGANIZE, 1, 1),))


def test_a_review_is_asked_when_all_that_was_begun_has_come_so_far() -> None:
    item = an_item(requires=frozenset({ApprovalKind.REMUX_REVIEW}))
    found = of(item, [a_title(1, Stage.REMUX), a_title(2, Stage.RIP)], discs=RIPPED)
    assert (found.ask, found.ready) == ((), (Work(Stage.REMUX, 1, 2),))
    found = of(item, [a_title(1, Stage.REMUX), a_title(2, Stage.REMUX)], discs=RIPPED)
    assert (found.ask, found.ready) == ((Question(ApprovalKind.REMUX_REVIEW, None, (1, 2)),), ())


def test_a_review_holds_for_the_very_files_that_it_was_for() -> None:
    item = an_item(requires=frozenset({ApprovalKind.REMUX_REVIEW}))
    approved = [review(ApprovalState.APPROVED)]
    assert of(item, [a_title(done=Stage.REMUX)], discs=RIPPED, approvals=approved).ready == (
        Work(Stage.TRANSCODE, 1, 1),
    )
    made_anew = of(item, [a_title(done=Stage.REMUX, file=b"/staging/again.mkv")], discs=RIPPED, approvals=approved)
    assert (made_anew.ready, made_anew.ask) == ((), (Question(ApprovalKind.REMUX_REVIEW, None, (1,)),))


def test_a_question_that_waits_stays_when_a_further_title_comes_and_goes_when_what_it_asks_about_changed() -> None:
    item = an_item(requires=frozenset({ApprovalKind.REMUX_REVIEW}))
    waiting = [review(ApprovalState.PENDING)]
    found = of(item, [a_title(1, Stage.REMUX), a_title(2, Stage.REMUX)], discs=RIPPED, approvals=waiting)
    assert (found.ask, found.withdraw) == ((), ())
    found = of(item, [a_title(1, Stage.RIP)], discs=RIPPED, approvals=waiting)
    assert (found.ask, found.withdraw) == ((), (5,))
    found = of(an_item(), [a_title(1, Stage.REMUX)], discs=RIPPED, approvals=waiting)
    assert (found.withdraw, found.ready) == ((5,), (Work(Stage.TRANSCODE, 1, 1),))


def test_a_rejection_holds_the_item_and_says_why() -> None:
    item = an_item(requires=frozenset({ApprovalKind.REMUX_REVIEW}))
    rejected = [review(ApprovalState.REJECTED, words="no subtitles", actor="local")]
    found = of(item, [a_title(done=Stage.REMUX)], discs=RIPPED, approvals=rejected)
    assert (found.ready, found.ask) == ((), ())
    assert found.blocked is not None and found.blocked.startswith("local rejected it (no subtitles)")
    assert f"`mediastead pipeline start {item.id} --stage remux --again`" in found.blocked


def test_the_review_of_a_remux_holds_also_where_the_transcode_is_skipped() -> None:
    item = an_item(requires=frozenset({ApprovalKind.REMUX_REVIEW}), skips=frozenset({Stage.TRANSCODE}))
    found = of(item, [a_title(done=Stage.REMUX)], discs=RIPPED)
    assert (found.skip, found.ready, found.state) == ((), (), ItemState.REMUXED)
    found = of(item, [a_title(done=Stage.REMUX)], discs=RIPPED, approvals=[review(ApprovalState.APPROVED)])
    assert (found.skip, found.ready) == (((1, Stage.TRANSCODE),), (Work(Stage.ORGANIZE, 1, 1),))


def test_what_the_library_must_know_is_asked_for_before_anything_goes_there() -> None:
    for lacking, words in (
        ({"library_id": None}, "mediastead pipeline set 1 --library NAME"),
        ({"media_item_id": None}, "mediastead pipeline set 1 --tmdb-id ID"),
    ):
        found = of(an_item(**lacking), [a_title(done=Stage.TRANSCODE)], discs=RIPPED)
        assert found.ready == () and found.blocked is not None and words in found.blocked
    found = of(an_item(), [a_title(done=Stage.TRANSCODE, episodes=())], discs=RIPPED)
    assert found.blocked == "nobody said which episode title 1 of disc 1 is: correct the disc's titles"
    assert (
        of(an_item(), [a_title(done=Stage.TRANSCODE, role=TitleRole.EXTRA, episodes=())], discs=RIPPED).blocked is None
    )


def test_an_item_is_in_its_library_when_all_its_titles_are() -> None:
    titles = [a_title(1, Stage.ORGANIZE), a_title(2, Stage.ORGANIZE), a_title(3, selected=False)]
    found = of(an_item(), titles, discs=RIPPED)
    assert (found.state, found.ready, found.blocked, found.waits) == (ItemState.IN_LIBRARY, (), None, None)


def test_an_item_without_discs_is_new_and_waits() -> None:
    assert of(an_item(), [], discs=[]).state is ItemState.NEW


def test_a_disc_of_which_nothing_is_chosen_or_that_failed_says_so() -> None:
    assert "choose titles" in (of(an_item(), [a_title(selected=False)]).blocked or "")
    failed = of(an_item(), [a_title()], discs=[a_disc(state=DiscState.FAILED, error="scratched")])
    assert (failed.blocked, failed.ready) == ("disc 1 failed: scratched", ())
    short = of(an_item(), [a_title(1, Stage.RIP), a_title(2)], discs=RIPPED)
    assert "title 2 of disc 1 was not ripped" in (short.blocked or "")


def test_of_many_that_wait_only_some_are_named() -> None:
    titles = [a_title(number, Stage.RIP) for number in range(1, 9)]
    jobs = [a_job(Stage.REMUX, JobState.RUNNING, title_id=title.id) for title in titles]
    found = of(an_item(), titles, discs=RIPPED, jobs=jobs)
    assert found.waits is None
    assert found.at_work is not None and found.at_work.endswith("; 5 more")

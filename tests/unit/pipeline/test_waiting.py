"""Why jobs wait."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs

from mediastead.pipeline.jobs.models import JobState, Stage
from mediastead.pipeline.jobs.waiting import HostStanding, OpenJob, Standing, reason_of

NOON = datetime(2026, 3, 1, 12, 0)
NIGHT = "transcode 22:00-06:00"


def host(number: int = 1, name: str = "attic", *able: str, **values: Any) -> HostStanding:
    usual: dict[str, Any] = {"now": "ready", "why": None, "limits": {}, "hours": "", "unable": {}}
    return HostStanding(id=number, name=name, able=frozenset(able or ("transcode",)), **(usual | values))


def job(**values: Any) -> OpenJob:
    usual: dict[str, Any] = {
        "id": 7,
        "stage": Stage.TRANSCODE,
        "state": JobState.QUEUED,
        "held": False,
        "why": None,
        "attempt": 0,
        "not_before": None,
        "capability": "transcode",
        "resource": None,
        "only_host_id": None,
    }
    return OpenJob(**(usual | values))


def why(of: OpenJob, *hosts: HostStanding, **values: Any) -> str | None:
    return told(of, *hosts, **values)[0]


def told(of: OpenJob, *hosts: HostStanding, **values: Any) -> tuple[str | None, datetime | None]:
    usual: dict[str, Any] = {"wall": NOON, "stage_hours": "", "at_work": {}, "taken": {}, "untrue": ()}
    found = reason_of(of, Standing(hosts=hosts, **(usual | values)))
    return found.words, found.until


def utc(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour).astimezone(UTC)


def test_a_job_that_waits_for_hours_says_until_when_and_on_which_host() -> None:
    words = "until 22:00 on attic (the setting stage_hours for transcode)"
    assert told(job(), host(), stage_hours=NIGHT) == (words, utc(1, 22))
    words = "until 08:00 on attic (its hours for transcode)"
    assert told(job(), host(hours="transcode 08:00-11:00"), stage_hours=NIGHT) == (words, utc(2, 8))
    words = (
        "until 18:00 on cellar (its hours for transcode); until 22:00 on attic (the setting stage_hours for transcode)"
    )
    both = host(), host(2, "cellar", hours="transcode 18:00-20:00")
    assert told(job(), *both, stage_hours=NIGHT) == (words, utc(1, 18))


def test_hours_are_not_all_that_is_in_the_way_where_another_host_is_open_and_at_work() -> None:
    both = host(), host(2, "cellar", hours="transcode always", limits={"transcode": 2})
    words, until = told(job(), *both, stage_hours=NIGHT, at_work={(2, Stage.TRANSCODE): 2})
    assert until is None
    assert words is not None
    assert words.endswith("; for cellar, which is at 2 of 2 transcode jobs that it may do at once")


def test_a_job_that_failed_on_a_host_waits_for_one_that_is_busy_and_not_for_one_that_may_not() -> None:
    failed, busy = host(), host(2, "cellar")
    said = why(job(attempt=1), failed, busy, failed={(7, 1)}, at_work={(2, Stage.TRANSCODE): 1})
    assert said == (
        "for cellar, which is at 1 of 1 transcode jobs that it may do at once; "
        "attic failed at it lately: where another one can do it, that one gets it"
    )
    idle = host(2, "cellar", limits={"transcode": 0})
    assert why(job(attempt=1), failed, idle, failed={(7, 1)}) == "for attic, which gets it within seconds"


def test_a_disc_that_only_a_server_without_a_host_sees_says_what_to_start_there() -> None:
    start = "With PostgreSQL a server makes no files itself: start `mediastead host run` on its machine as well."
    server = structs.replace(host(now="serves only", why=start), able=frozenset(), unable={})
    said = why(job(stage=Stage.RIP, capability="rip:dvd", only_host_id=1), server, host(2, "cellar", "rip:dvd"))
    assert said == f"for attic, where its disc is, and which only serves: {start}"


def test_what_stopped_a_job_and_still_holds_is_said_once() -> None:
    full = host(now="refuses", why="The disk is full: make room there.")
    assert why(job(why="The disk is full: make room there."), full) == (
        "attic takes no jobs: The disk is full: make room there."
    )


def test_the_server_does_what_is_to_be_organized_in_its_own_hours() -> None:
    organize = job(stage=Stage.ORGANIZE, capability="organize")
    assert why(organize) == "for the server, which takes it up within seconds"
    words = "until 03:00 (the setting stage_hours)"
    assert told(organize, stage_hours="organize 03:00-04:00") == (words, utc(2, 3))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"now": "draining"}, "attic is draining (`mediastead host set attic --state enabled` lets it have jobs)"),
        ({"now": "disabled"}, "attic is disabled (`mediastead host set attic --state enabled` lets it have jobs)"),
        ({"now": "refuses", "why": "Only 3 MB are free."}, "attic takes no jobs: Only 3 MB are free."),
        ({"now": "not heard of", "why": "Start it."}, "attic is not heard of: Start it."),
        ({"now": "set aside", "why": "It failed thrice."}, "attic is set aside: It failed thrice."),
        (
            {"limits": {"transcode": 0}},
            "attic is to do no transcode (`mediastead host set attic --limit transcode 1` lets it do one at a time)",
        ),
        (
            {"unable": {"transcode": "ffmpeg ends with 127"}, "able": frozenset({"remux"})},
            "attic: ffmpeg ends with 127",
        ),
        ({"able": frozenset({"remux"})}, "`mediastead host show NAME` says what each one lacks, and what to install"),
        ({"able": frozenset[str]()}, "for a host that can do transcode: what they can do is known within a minute"),
    ],
)
def test_what_is_in_the_way_of_a_host_is_said_with_what_to_do(values: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"now": "ready", "why": None, "limits": {}, "hours": "", "unable": {}}
    usual = {"id": 1, "name": "attic", "able": frozenset({"transcode"})}
    found = why(job(), HostStanding(**(given | usual | values)))
    assert found is not None and found.endswith(words)


def test_a_job_that_is_bound_to_a_host_says_what_is_in_the_way_there_and_nothing_of_others() -> None:
    rip = job(stage=Stage.RIP, capability="rip:dvd", only_host_id=1, resource="host 1 drive:/dev/sr0")
    other = host(2, "cellar", "rip:dvd")
    assert why(rip, host(1, "attic", "rip:dvd"), other, taken={"host 1 drive:/dev/sr0": "job 3 rips in it"}) == (
        "for its drive: job 3 rips in it"
    )
    assert why(rip, host(1, "attic", "rip:dvd", now="draining"), other) == (
        "attic is draining (`mediastead host set attic --state enabled` lets it have jobs)"
    )
    assert (
        why(rip, other)
        == "for a host that was removed, and had its disc: cancel it, and put the disc into another drive"
    )


def test_a_host_whose_word_was_untrue_is_named() -> None:
    said = "attic said of it lately, and untruly, that it was done: it gets it again within half an hour"
    assert why(job(attempt=1), host(), untrue={(7, 1)}) == said
    assert why(job(attempt=1), host(), untrue={(8, 1), (7, 2)}) == "for attic, which gets it within seconds"


def test_without_hosts_a_job_says_how_to_get_one() -> None:
    assert why(job()) == "for a host, and there is none: `mediastead host invite` admits one"


def test_of_many_hosts_some_are_named_and_the_others_counted() -> None:
    many = [host(number, f"host-{number}", now="not heard of", why="Start it.") for number in range(7)]
    found = why(job(), *many)
    assert found is not None
    assert found.endswith("; host-3 is not heard of: Start it.; 3 more hosts")


def test_how_the_last_attempt_ended_is_said_as_well() -> None:
    assert (
        why(job(attempt=1, why="attic was lost"), host())
        == "for attic, which gets it within seconds (before: attic was lost)"
    )


def test_what_is_pending_says_what_holds_it_or_when_it_is_tried_again() -> None:
    pending = job(
        state=JobState.PENDING, why="read error", attempt=1, not_before=datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
    )
    assert told(pending) == (
        "until 2026-03-01 12:05 UTC to be tried again (`mediastead jobs retry 7` does it now): read error",
        pending.not_before,
    )
    assert told(job(state=JobState.PENDING, held=True, why="waits for a person")) == ("waits for a person", None)


def test_what_a_host_has_not_begun_and_what_a_library_is_not_free_for_says_so() -> None:
    running = job(state=JobState.RUNNING, attempt=1, given_to="attic")
    assert why(running) == "for attic to begin"
    organize = job(state=JobState.RUNNING, stage=Stage.ORGANIZE, attempt=1, library="until the scan of Films is done")
    assert why(organize) == "until the scan of Films is done"
    assert why(job(state=JobState.RUNNING, attempt=1)) is None

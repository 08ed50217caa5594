"""Floods are looked at once."""

from mediastead.scanning.scope import ScopeFolder
from mediastead.watching.gathering import LONGEST_SECONDS, QUIET_SECONDS, Gathered

A, B = ScopeFolder(b"a", False), ScopeFolder(b"b", True)


def test_nothing_is_due_while_nothing_changed() -> None:
    assert not Gathered().is_due(1e9)


def test_what_changed_is_due_once_there_was_quiet() -> None:
    gathered = Gathered()
    gathered.add(A, 100.0)
    gathered.add(B, 101.0)
    assert not gathered.is_due(101.0 + QUIET_SECONDS - 0.1)
    assert gathered.is_due(101.0 + QUIET_SECONDS)
    assert gathered.take().folders == [A, B]
    assert not gathered.is_due(1e9)


def test_a_flood_that_does_not_end_is_looked_at_all_the_same() -> None:
    gathered = Gathered()
    now = 100.0
    while not gathered.is_due(now):
        gathered.add(A, now)
        now += 0.5
    assert now - 100.0 == LONGEST_SECONDS
    gathered.take()
    gathered.add(A, now)
    assert not gathered.is_due(now + 0.5)


def test_what_could_not_be_asked_for_is_kept() -> None:
    gathered = Gathered()
    gathered.add(A, 100.0)
    scope = gathered.take()
    gathered.add(B, 200.0)
    gathered.put_back(scope, 201.0)
    assert gathered.take().folders == [A, B]

"""How fast and how long a provider is asked: a rate that all threads share, waits between tries, and when to give up."""

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

REQUESTS_A_SECOND = 40
"""TMDB asks for about 40 a second at most: https://developer.themoviedb.org/docs/rate-limiting."""
PATIENCE = 30.0
"""Seconds that one question may take, all tries and waits together."""
FIRST_WAIT = 0.5
"""Seconds before the second try; doubled for each further one, half more or less by chance."""
LONGEST_WAIT = 8.0


class Pace:
    """The times at which requests may be sent; one for all threads of a provider.

    `monotonic`, `sleep` and `chance` (0 to 1) are given by tests.
    """

    def __init__(
        self,
        *,
        rate: float = REQUESTS_A_SECOND,
        patience: float = PATIENCE,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._gap = 1 / rate
        self._patience = patience
        self._monotonic = monotonic
        self._closed = threading.Event()
        self._sleep = sleep or self._closed.wait
        self._chance = chance
        self._next = float("-inf")
        self._lock = threading.Lock()

    def begin(self) -> "Deadline":
        """The time by which a question that is asked now must be answered."""
        return Deadline(self._monotonic, self._patience)

    def await_turn(self, deadline: "Deadline") -> bool:
        """Wait until the next request may be sent; False, at once, where that would be too late or nobody waits any more."""
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next)
            if turn - now > deadline.left() or self._closed.is_set():
                return False
            self._next = turn + self._gap
        return self._wait(turn - now)

    def hold(self, seconds: float) -> None:
        """Let no thread send anything for so long: the provider said that there were too many."""
        with self._lock:
            self._next = max(self._next, self._monotonic() + seconds)

    def back_off(self, tries: int, asked_for: float | None, deadline: "Deadline") -> bool:
        """Wait before the next try after `tries` failed ones, at least the seconds that the provider asked for.

        False, at once, where the answer would then come too late.
        """
        wait = max(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1)) * (0.5 + self._chance()), asked_for or 0)
        return wait < deadline.left() and self._wait(wait)

    def close(self) -> None:
        """End all waits; nothing more is sent."""
        self._closed.set()

    def _wait(self, seconds: float) -> bool:
        if seconds > 0:
            self._sleep(seconds)
        return not self._closed.is_set()


class Deadline:
    """The end of one question's patience."""

    def __init__(self, monotonic: Callable[[], float], seconds: float) -> None:
        self._monotonic = monotonic
        self._at = monotonic() + seconds

    def left(self) -> float:
        """Seconds; 0 or less when it has passed."""
        return self._at - self._monotonic()


def seconds_asked_for(retry_after: str | None, now: datetime) -> float | None:
    """What `Retry-After` says, in seconds from `now`: a number, or an HTTP date (RFC 9110, 10.2.3). None for nonsense."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds())
